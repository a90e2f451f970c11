"""Jira's webhooks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connectors.errors import MalformedError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from connectors.base import Hint


def hint(headers: Mapping[str, str], body: bytes, secret: str) -> Hint:
    raise MalformedError("jira", "webhooks are not read yet")
