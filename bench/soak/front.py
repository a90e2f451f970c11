"""What stands before the sandbox trackers in the soak: bad weather, and a guard that sees every request that arrives.

Called by the soak. The guard holds the world still while a request that may change it is carried out, so that what it
changed is told apart from what people do.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime
from io import BytesIO
from typing import TYPE_CHECKING, Any, Final

from bench.soak.town import Town
from syncd import clock
from syncd.sandbox.faults import Weather
from syncd.sandbox.jira import JiraSandbox
from syncd.sandbox.linear import LinearSandbox

if TYPE_CHECKING:
    import random
    from collections.abc import Iterable
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment


FAULTY: Final = 0.02
"""So many of the answers are faulty, all kinds together."""
_FAULTS: Final = {
    "eng": ("broken", "busy", "limited", "lost before", "lost after", "page", "half"),
    "gtm": ("broken", "busy", "limited", "limited by Linear", "lost before", "lost after", "page", "half"),
}
_ISSUE: Final = re.compile(r"/issue/([^/]+)/?")
_ASKING: Final = ("/search/jql", "/issue/bulkfetch", "/jql/match", "/jql/parse", "/search/approximate-count")


@dataclass
class Guard:
    """The tracker as it is. ``asked`` holds when each request came, ``written`` what was written to summaries, and
    ``trespasses`` what was changed that is not syncd's to change.
    """

    tracker: str
    town: Town
    asked: list[datetime] = field(default_factory=list)
    written: list[str] = field(default_factory=list)
    made: list[str] = field(default_factory=list)
    trespasses: list[str] = field(default_factory=list)
    _looked: dict[str, datetime] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._world: Any = self.town.jira if self.tracker == "eng" else self.town.linear
        self._site: WSGIApplication = (
            JiraSandbox(self.town.jira) if self.tracker == "eng" else LinearSandbox(self.town.linear)
        )

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        environ["wsgi.input"] = BytesIO(body)
        self.asked.append(clock.now())
        if not self._may_write(environ, body):
            self._note_look(environ["PATH_INFO"], body)
            return self._site(environ, start_response)
        with self._world.lock:
            before = self._content()
            answer = list(self._site(environ, start_response))
            self._compare(before, f"{environ['REQUEST_METHOD']} {environ['PATH_INFO']}")
        return answer

    def _may_write(self, environ: WSGIEnvironment, body: bytes) -> bool:
        if self.tracker == "gtm":
            return b"mutation" in body
        return environ["REQUEST_METHOD"] != "GET" and not environ["PATH_INFO"].endswith(_ASKING)

    def _note_look(self, path: str, body: bytes) -> None:
        """When a summary that has notes was last looked at by itself, and not in a list."""
        for id_ in list(self.town.noted):
            row = self._world.issues.get(id_)
            key = row and (row.get("key") or row["identifier"])
            if row and (path.rsplit("/", 1)[-1] in (id_, key) or f'"{id_}"'.encode() in body):
                self._looked[id_] = clock.now()

    def _content(self) -> dict[str, Any]:
        """Each ticket's own fields, what they point to by its id."""
        rows = {id_: row["fields"] if self.tracker == "eng" else row for id_, row in self._world.issues.items()}
        return {id_: {name: _short(value) for name, value in row.items()} for id_, row in rows.items()}

    def _compare(self, before: dict[str, Any], what: str) -> None:
        after = self._content()
        self.trespasses += [f"{what} removed {id_}" for id_ in before.keys() - after.keys()]
        changed = [id_ for id_, row in after.items() if before.get(id_) != row]
        if not changed:
            self._judge_path(what)
        for id_ in changed:
            self._judge(id_, before.get(id_), after[id_], what)

    def _judge_path(self, what: str) -> None:
        """A property belongs to no ticket's fields; what is refused changes nothing and is none of our business."""
        named = _ISSUE.search(what)
        row = self._world.issues.get(self.town.jira.find(named[1])) if named and self.tracker == "eng" else None
        if row is not None and not self.town.is_summary(self.tracker, row):
            self.trespasses.append(f"{what} is none of syncd's business")
        else:
            self.written.append(what)

    def _judge(self, id_: str, before: Any, after: Any, what: str) -> None:  # noqa: ANN401 - fields as they come
        row = self._world.issues[id_]
        if self.town.is_summary(self.tracker, row):
            self.written.append(what)
            if before is None:
                self.made.append(id_)
            if id_ in self.town.noted and self._looked.get(id_, self.town.noted[id_]) < self.town.noted[id_]:
                self.town.crossed.append(id_)
        elif before is None or not _only_linked(before, after):
            self.trespasses.append(f"{what} changed {row.get('key') or row['identifier']}")


def _short(value: Any) -> Any:  # noqa: ANN401 - any JSON
    if isinstance(value, dict):
        return value.get("id") or repr(value)
    return [_short(it) for it in value] if isinstance(value, list) else value


def _only_linked(before: dict[str, Any], after: dict[str, Any]) -> bool:
    """The launch issue shows its link to the summary; that is no change of its own."""
    changed = {name for name in after if before.get(name) != after[name]}
    return changed <= {"issuelinks", "updated", "inverseRelations", "relations", "updatedAt"}


def weather(guard: Guard, chance: random.Random) -> Weather:
    """Every fault equally likely. A wait that is asked for is short, for the whole soak is; and it is always told: a
    quota without it is waited for until the full hour.
    """
    kind = "jira" if guard.tracker == "eng" else "linear"
    names = _FAULTS[guard.tracker]
    rates = {name: FAULTY / len(names) for name in names}
    waits = ("1", "5", "20")
    return Weather(kind, guard, clock.now, chance, rates, retry_after=waits, resets_s=(1, 10, 30))
