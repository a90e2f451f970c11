"""Who works while the soak runs: departments, a manager who keeps notes in the summaries, and the trackers' webhooks.

Called by the soak, on a thread of its own.
"""

from __future__ import annotations

import hashlib
import hmac
import http.client
import json
import random
import uuid
from collections import Counter
from dataclasses import dataclass, field
from threading import Event, Thread
from typing import Any, Final

from bench.soak.town import HOOK_SECRET, RELEASES, Town
from syncd import clock
from syncd.sandbox.departments import Departments

STEP_S: Final = 1.5
"""How long between two things that people do, on average."""
HOOKED: Final = 0.5
"""So many of the changes are told by a webhook."""
NOTED: Final = 0.06
"""So often somebody writes a note in a summary instead of working."""
_TRACKERS: Final = {"jira": "eng", "linear": "gtm"}
_PATIENCE_S: Final = 2


@dataclass
class People:
    """``notes``: release → what stands below its heading, in order; ``hooks``: how each webhook was answered."""

    town: Town
    port: int
    chance: random.Random
    steps: int = 0
    notes: dict[str, list[str]] = field(default_factory=lambda: {release: [] for release in RELEASES})
    hooks: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self._over = Event()
        signs = [("linear", self.town.sign_off, "Lee")]
        self._departments = Departments(self.town.jira, self.town.linear, self.chance.randrange(10**6), sign_offs=signs)
        self._thread = Thread(target=self._work, name="people", daemon=True)

    def begin(self) -> None:
        self._thread.start()

    def go_home(self) -> None:
        self._over.set()
        self._thread.join()

    def _work(self) -> None:
        while not self._over.wait(self.chance.uniform(0, 2 * STEP_S)):
            if self.chance.random() < NOTED:
                self._note()
                continue
            self._departments.step()
            self.steps += 1
            for tracker, id_ in self._departments.last:
                if self.chance.random() < HOOKED:
                    self._tell(_TRACKERS[tracker], id_)

    def _note(self) -> None:
        """Maya writes a line below the last one, or has second thoughts about one of hers."""
        release = self.chance.choice(list(RELEASES))
        with self.town.jira.lock, self.town.linear.lock:
            found = self.town.summaries(release)
            if len(found) != 1:
                return
            self.town.noted[found[0][1]["id"]] = clock.now()
            notes = self.notes[release]
            if notes and self.chance.random() < 0.3:
                at = self.chance.randrange(len(notes))
                notes[at], before = f"{notes[at]} Indeed", notes[at]
                _reword(self.town, *found[0], f"{before}.", f"{notes[at]}.")
                return
            notes.append(f"Note {len(notes) + 1} of Maya")
            _append(self.town, *found[0], f"{notes[-1]}.")

    def _tell(self, tracker: str, id_: str) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=_PATIENCE_S)
        body = json.dumps(_event(tracker, id_)).encode()
        try:
            connection.request("POST", f"/hooks/{tracker}", body, _headers(tracker, body))
            self.hooks[str(connection.getresponse().status)] += 1
        except (OSError, http.client.HTTPException):
            self.hooks["nobody there"] += 1
        finally:
            connection.close()


def text_of(tracker: str, row: Any) -> str:  # noqa: ANN401 - a raw ticket
    """The body of a summary, as JSON where it is a document."""
    body = row["fields"]["description"] if tracker == "eng" else row["description"]
    return body if isinstance(body, str) else json.dumps(body)


def _append(town: Town, tracker: str, row: Any, line: str) -> None:  # noqa: ANN401 - a raw ticket
    if tracker == "gtm":
        town.linear.edit(row["identifier"], description=f"{row['description']}\n\n{line}")
        return
    said = {"type": "paragraph", "content": [{"type": "text", "text": line}]}
    held = row["fields"]["description"]
    town.jira.edit(row["key"], description={**held, "content": [*held["content"], said]})


def _reword(town: Town, tracker: str, row: Any, before: str, after: str) -> None:  # noqa: ANN401 - a raw ticket
    if tracker == "gtm":
        town.linear.edit(row["identifier"], description=row["description"].replace(before, after))
        return
    text = json.dumps(row["fields"]["description"]).replace(before, after)
    town.jira.edit(row["key"], description=json.loads(text))


def _event(tracker: str, id_: str) -> dict[str, Any]:
    now_ms = int(clock.now().timestamp() * 1000)
    if tracker == "eng":
        return {"timestamp": now_ms, "webhookEvent": "jira:issue_updated", "issue": {"id": id_}}
    return {"action": "update", "type": "Issue", "data": {"id": id_}, "webhookTimestamp": now_ms}


def _headers(tracker: str, body: bytes) -> dict[str, str]:
    signed, delivery = hmac.new(HOOK_SECRET.encode(), body, hashlib.sha256).hexdigest(), str(uuid.uuid4())
    if tracker == "eng":
        named = {"X-Hub-Signature": f"sha256={signed}", "X-Atlassian-Webhook-Identifier": delivery}
    else:
        named = {"Linear-Signature": signed, "Linear-Delivery": delivery}
    return {"Content-Type": "application/json", **named}
