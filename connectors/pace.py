"""The pace: one rate gate a tracker, shared by all of its requests.

Made by the composition root, one a tracker; handed to the connectors in their settings and asked by ``wire``.
"""

from __future__ import annotations


class Pace:
    """How many requests may be under way at a time, and whether the tracker wants to be left alone. Thread-safe."""

    def __init__(self, *, most: int = 1) -> None:
        self.most = most
