"""One request on its way through the sandbox: what a route gets, what it may refuse, and the table of routes.

Called by the application and the route modules.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from werkzeug.datastructures import MultiDict

from syncd.sandbox.jira.search import Tokens
from syncd.sandbox.jira.world import JiraWorld

if TYPE_CHECKING:
    from syncd.sandbox.jira.shapes import Json

NOT_FOUND = "Issue does not exist or you do not have permission to see it."


class Refusal(Exception):  # noqa: N818 - it is an answer, not a fault of ours
    """An answer in Jira's error shape."""

    def __init__(self, status: int, /, *messages: str, **errors: str) -> None:
        super().__init__(status, messages, errors)
        self.status = status
        self.body: Json = {"errorMessages": list(messages), "errors": errors}


@dataclass(frozen=True)
class Reply:
    """An answer with another status than 200. ``value`` None means no body."""

    status: int
    value: Any = None


@dataclass
class Call:
    """What a route gets. ``body`` is the JSON object sent, {} where none was; ``anonymous`` only on Data Center."""

    world: JiraWorld
    tokens: Tokens
    lag_s: float
    version: str
    query: MultiDict[str, str]
    body: Any
    base: str
    anonymous: bool = False

    @property
    def adf(self) -> bool:
        """Whether texts travel as ADF (REST v3) and not as wiki text (v2)."""
        return self.version == "3"

    def issue(self, word: str) -> str:
        """The id of a visible issue, by id or (present or former) key. Refused with 404."""
        ident = self.world.find(word)
        if ident is None or not self.world.visible(ident) or not self.allowed(ident):
            raise Refusal(404, NOT_FOUND)
        return ident

    def allowed(self, ident: str) -> bool:
        """Anonymous callers see public projects only."""
        return not self.anonymous or self.world.issues[ident]["key"].rpartition("-")[0] in self.world.public

    def project(self, word: str) -> str:
        """The key of a visible project, by key or id. Refused with 404."""
        for key, row in self.world.projects.items():
            if word.upper() == key.upper() or word == row["id"]:
                if key not in self.world.private and (not self.anonymous or key in self.world.public):
                    return key
                break
        kind = "id" if word.isdigit() else "key"
        raise Refusal(404, f"No project could be found with {kind} '{word}'.")

    def number(self, name: str, default: int, most: int) -> int:
        """A whole number from the body or the query, cut to ``most``. Refused with 400."""
        raw = self.body.get(name) if isinstance(self.body, dict) and name in self.body else self.query.get(name)
        if raw is None or raw == "":
            return default
        try:
            number = int(raw)
        except (TypeError, ValueError, OverflowError):
            raise Refusal(400, f"The value '{raw}' of '{name}' is not a whole number.") from None
        if number < 0:
            raise Refusal(400, f"The value '{raw}' of '{name}' must not be negative.")
        return min(number, most)

    def words(self, name: str) -> list[str] | None:
        """A list from the body (an array) or the query (repeated, or parted by commas); None where not said."""
        if isinstance(self.body, dict) and name in self.body:
            given = self.body[name]
            if isinstance(given, str):
                given = given.split(",")
            if not isinstance(given, list) or not all(isinstance(one, str | int) for one in given):
                raise Refusal(400, f"'{name}' must be an array of strings.")
            return [str(one) for one in given]
        if name not in self.query:
            return None
        return [word.strip() for raw in self.query.getlist(name) for word in raw.split(",") if word.strip()]


Act = Callable[..., Any]


@dataclass(frozen=True)
class Route:
    """``query`` and ``body`` name everything that may be said; anything else is refused with 400."""

    method: str
    rule: str
    act: Act
    query: frozenset[str]
    body: frozenset[str] | None
    where: str


ROUTES: list[Route] = []


def route(
    method: str, rule: str, *, query: str = "", body: str | None = "", where: str = "both"
) -> Callable[[Act], Act]:
    """Enters a route. ``query``, ``body``: names parted by blanks, ``body`` None for any JSON value;
    ``where``: both, cloud or dc.
    """

    def enter(act: Act) -> Act:
        known = None if body is None else frozenset(body.split())
        ROUTES.append(Route(method, rule, act, frozenset(query.split()), known, where))
        return act

    return enter
