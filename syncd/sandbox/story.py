"""What happens in the live demo: departments finish, sign, and now and then somebody finds a bug. For ever.

Called by ``syncd demo``. A plan, not chance: who watches for two minutes sees the verdict change and READY at least
once. It works through the worlds' own verbs, as people would.
"""

from __future__ import annotations

import json
from itertools import chain, cycle
from typing import TYPE_CHECKING, Any

from config import tree
from config.catalogue import known

if TYPE_CHECKING:
    from collections.abc import Iterator

    from syncd.sandbox.jira import JiraWorld
    from syncd.sandbox.linear import LinearWorld

_SIGNERS = {
    "qa": ("eng", "QA", "Quinn Berg"),
    "support": ("eng", "SUP", "Uma Reyes"),
    "docs": ("gtm", "DOC", "Lee Park"),
    "training": ("gtm", "TRN", "Tess Moreau"),
    "product_marketing": ("gtm", "PMM", "Pia Novak"),
    "marketing": ("gtm", "MKT", "Ana Lima"),
    "sales": ("gtm", "SAL", "Gus Ferreira"),
}
"""Gate → the tracker and department of its sign-off ticket, and who signs."""

_THEIRS = {"docs": "DOC-1", "product_marketing": "PMM-1"}
"""Sign-off tickets that are there already."""

_WORDS = ("signs", "takes back the word")

Step = tuple[str, ...]
"""(who, what, which ticket …): what is "finishes", "begins" or "reopens" with keys, one of ``_WORDS`` with gates, or
"names".
"""

_OPENING: tuple[Step, ...] = (
    ("Tom Becker", "finishes", "QA-3", "QA-4"),
    ("Ana Lima", "finishes", "MKT-4"),
    ("Bo Lindqvist", "begins", "MKT-2"),
    ("Uma Reyes", "signs", "support"),
    ("Quinn Berg", "signs", "qa"),
    ("Yuki Mori", "finishes", "ENG-3", "ENG-4"),
    ("Ona Petit", "finishes", "DOC-3", "DOC-4"),
    ("Lee Park", "signs", "docs"),
    ("Maya Ortiz", "names", "sales"),
    ("Tess Moreau", "finishes", "TRN-1", "TRN-2", "TRN-3"),
    ("Tess Moreau", "signs", "training"),
    ("Ana Lima", "finishes", "MKT-1", "MKT-2"),
    ("Ana Lima", "signs", "marketing"),
    ("Ravi Shah", "finishes", "ENG-9", "ENG-1"),
    ("Gus Ferreira", "finishes", "SAL-1", "SAL-2"),
    ("Gus Ferreira", "signs", "sales"),
)
_PAUSE: tuple[Step, ...] = ((),) * 8
_TRAINING_AGAIN: tuple[Step, ...] = (
    ("Tess Moreau", "takes back the word", "training"),
    ("Tess Moreau", "signs", "training"),
)
_TROUBLES: tuple[tuple[Step, ...], ...] = tuple(
    (
        (finder, "reopens", key),
        (signer, "takes back the word", gate),
        (),
        (finder, "finishes", key),
        (signer, "signs", gate),
        *(_TRAINING_AGAIN if gate == "docs" else ()),  # it was signed on what Docs had done then
    )
    for finder, key, signer, gate in (
        ("Tom Becker", "QA-3", "Quinn Berg", "qa"),
        ("Bo Lindqvist", "MKT-2", "Ana Lima", "marketing"),
        ("Ona Petit", "DOC-3", "Lee Park", "docs"),
    )
)


class Story:
    """Give it both worlds, furnished; ``configure`` makes a configuration that knows where everybody signs."""

    def __init__(self, jira: JiraWorld, linear: LinearWorld) -> None:
        self._worlds: dict[str, JiraWorld | LinearWorld] = {"eng": jira, "gtm": linear}
        self._tickets = {gate: _THEIRS.get(gate) or self._ticket(gate) for gate in _SIGNERS}
        self._steps: Iterator[Step] = chain(
            _OPENING, _PAUSE, chain.from_iterable(cycle(it + _PAUSE for it in _TROUBLES))
        )
        self.sales_named = False

    def configure(self, text: str) -> str:
        """The demo's configuration with these sign-off tickets; and an owner of Sales once one is named."""
        said: Any = tree.plant(text).plain
        gates = said["releases"]["atlas-2"]["gates"]
        for gate, key in self._tickets.items():
            gates[gate].setdefault("sign_off", {"item": f"{_SIGNERS[gate][0]}/{key}"})
        if self.sales_named:
            gates["sales"]["owner"] = "gus@acme.example"
        return json.dumps(said, indent=2, default=str)

    def step(self) -> str:
        """Somebody does something, or nobody does: a sentence about it, or ""."""
        who, what, *which = next(self._steps) or ("", "")
        if what == "names":
            self.sales_named = True
            return f"{who} names Gus Ferreira for Sales, in syncd.yaml."
        for it in which:
            self._act(who, what, it)
        if not what:
            return ""
        if what in _WORDS:
            return f"{who} {what} for {', '.join(known(gate).name for gate in which)}."
        return f"{who} {what} {', '.join(which)}."

    def _act(self, who: str, what: str, it: str) -> None:
        if what in _WORDS:
            signed = "Ready for launch" if it == "docs" else "Done"
            self._move(_SIGNERS[it][0], self._tickets[it], signed if what == "signs" else "In Progress", who)
            return
        tracker = "eng" if it.partition("-")[0] in ("ENG", "QA", "SUP") else "gtm"
        self._move(tracker, it, "Done" if what == "finishes" else "In Progress", who)

    def _move(self, tracker: str, key: str, state: str, who: str) -> None:
        world = self._worlds[tracker]
        with world.lock:
            world.move(key, state, by=who)

    def _ticket(self, gate: str) -> str:
        tracker, department, who = _SIGNERS[gate]
        return self._worlds[tracker].add(department, "Signs off Atlas 2.0", assignee=who)
