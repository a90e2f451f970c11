"""Errors as api.linear.app words them: the shape, the codes and the HTTP status of each.

Raised by resolvers and mutations, rendered by ``app``. The shapes were measured against the service by third parties.
"""

from __future__ import annotations

from typing import Any

from graphql import GraphQLError

INVALID = ("INVALID_INPUT", "invalid input")
INPUT = ("INPUT_ERROR", "invalid input")


class RefusedError(GraphQLError):
    """An answer that says no. ``status`` is the HTTP status it goes out with when nothing else was answered."""

    def __init__(self, message: str, kind: tuple[str, str], said: str = "", status: int = 200, **more: Any) -> None:  # noqa: ANN401 - any JSON
        extensions = {"code": kind[0], "type": kind[1], "userError": True, **more}
        if said:
            extensions["userPresentableMessage"] = said
        super().__init__(message, extensions=extensions)
        self.status = status


def too_large_page(name: str) -> RefusedError:
    return bad_argument(f"{name} must not be greater than 250.")


def bad_argument(said: str) -> RefusedError:
    return RefusedError("Argument Validation Error", INVALID, said)


def not_found(kind: str) -> RefusedError:
    said = f"Could not find referenced {kind}."
    return RefusedError(f"Entity not found: {kind}", INPUT, said, statusCode=400)


def taken(kind: str, row_id: str) -> RefusedError:
    said = f"Entity {kind} with id {row_id} already exists."
    return RefusedError(f"conflict on insert of {kind}", INPUT, said, statusCode=400)


def too_complex(points: float, limit: int) -> RefusedError:
    said = f"The query is too complex. Complexity: {points:.0f}. Maximum allowed complexity: {limit}."
    return RefusedError("Query too complex", INPUT, said, status=400)


def missing_scope(scope: str) -> RefusedError:
    return RefusedError(f"Invalid scope: `{scope}` required", ("FORBIDDEN", "forbidden"), status=400)


def not_allowed(said: str) -> RefusedError:
    return RefusedError("Forbidden", ("FORBIDDEN", "forbidden"), said)


def rate_limited() -> RefusedError:
    return RefusedError("Rate limit exceeded", ("RATELIMITED", "ratelimited"), status=400)


def not_authenticated() -> RefusedError:
    said = "You need to authenticate to access this operation."
    kind = ("AUTHENTICATION_ERROR", "authentication error")
    return RefusedError("Authentication required, not authenticated", kind, said, status=401, statusCode=401)
