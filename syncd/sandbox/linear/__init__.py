"""Linear's GraphQL API on loopback, with a workspace that changes as one writes to it."""

from syncd.sandbox.linear.app import LinearSandbox
from syncd.sandbox.linear.world import LinearWorld

__all__ = ["LinearSandbox", "LinearWorld"]
