"""What the watcher of the live demo sees. A terminal is drawn anew at each change and never scrolls; a pipe gets the
whole page once, then what changed.

Called by ``demo``. It reads the store and decides nothing.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Final

from rich.cells import cell_len, set_cell_size
from rich.console import Group
from rich.text import Text

from config import resolve
from mapping.document import Tone
from mapping.gate_table import open_asks
from mapping.headline import decided
from mapping.plain import clean
from mapping.wording import STATE_TONES, VERDICT_TONES, moment
from syncd.commands.output import console, say
from syncd.commands.status import short_state
from syncd.draft import draft_of
from syncd.terminal import INKS, render
from syncd.told import known

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import tzinfo

    from rich.console import Console

    from config.schema import Config
    from mapping.document import Report
    from mapping.readiness import GateReadiness, Readiness
    from mapping.record import Decision
    from syncd.outside import Outside
    from syncd.sandbox.story import Step

KEPT: Final = 5
"""So many events are remembered."""
_WHERE: Final = (
    "Ten days of a launch in two minutes, on sandbox trackers of this machine. The demo has a clock of its own: it\n"
    "leaps from one thing that happens to the next, and syncd and both trackers go by it."
)
_LEAPS: Final = "by a clock that leaps: ten days in two minutes"
_ENDED: Final = "That was the story; the demo stays up"
_REFUSAL: Final = "this was not taken"
"""So an answer to a command says."""
_STATE_CELLS: Final = 12
_ROOM: Final = ((5, 5, True), (4, 4, True), (4, 3, True), (3, 3, True), (3, 3, False), (2, 2, False), (1, 1, False))
"""(asks, events, lines between the sections?): the first that the terminal's height takes is shown."""


class Screen:
    def __init__(self, config: Config, outside: Outside, address: str) -> None:
        (self._release,) = config.releases
        self._config = config
        self._outside = outside
        self._address = f"{address}/releases/{self._release}.json"
        self._events: deque[str] = deque(maxlen=KEPT)
        self._console = console()
        self._shown: Readiness | None = None
        self._drawn: object = None
        self._standing = ""
        self._comments = 0
        say(_WHERE)
        say(f"As JSON: {self._address}. Ctrl-C ends it.")

    def happened(self, step: Step) -> None:
        self._standing = _LEAPS
        self._event(f"{step.when}: {step.said}")

    def _event(self, said: str) -> None:
        self._events.append(said)
        if not self._console.is_terminal:
            say(f"\n> {said}")

    def ended(self) -> None:
        """The story is over. A pipe gets the whole page once more, as it stands now."""
        self._standing = _ENDED
        if self._shown is not None and not self._console.is_terminal:
            say("")
            render(self._report(self._shown), self._console)
            say(f"\n{_ENDED}: {self._address}. Ctrl-C ends it.")

    def look(self, comments: Sequence[str] = ()) -> None:
        """``comments`` are all that syncd has written so far. Of what else they say the screen itself tells."""
        for said in comments[self._comments :]:
            if _REFUSAL in said:
                self._event(said)
        self._comments = len(comments)
        found = known(self._config, self._release, self._outside.store)
        if found is None:
            return
        before, self._shown = self._shown, found.readiness
        if self._console.is_terminal:
            self._draw(found.readiness, before, found.digest)
        elif before is None:
            render(self._report(found.readiness), self._console)
        else:
            zone = self._config.releases[self._release].timezone
            for line in changed(before, found.readiness, self._report(found.readiness).title, zone):
                say(line)

    def _draw(self, now: Readiness, before: Readiness | None, digest: str) -> None:
        if before is not None and before.shown != now.shown:
            self._events.append(f"So the verdict is {now.shown}; it was {before.shown}.")
        foot = f"{self._clock()} · {self._standing} · Ctrl-C ends it · {self._address}"
        seen = digest, tuple(self._events), foot, self._console.size
        if seen != self._drawn:
            self._drawn = seen
            lines = view(now, self._report(now).title, tuple(self._events), foot, self._console)
            with self._console:  # both at once, so that nothing flickers
                self._console.clear()
                self._console.print(Group(*lines))

    def _clock(self) -> str:
        """The time that it is in the demo, where the release is at home."""
        now = self._outside.now()
        return moment(now, self._config.releases[self._release].timezone, now)

    def _report(self, readiness: Readiness) -> Report:
        release = resolve.release(self._config, self._release, launch=None, leads={}, accounts={}, years=())
        return draft_of(self._config, release, readiness, "").reports[0]


def changed(before: Readiness, now: Readiness, title: str, zone: tzinfo) -> list[str]:
    """What a pipe is told of a new judgement, and when it was made: nothing when nobody would read it differently."""
    old = {gate.id: gate for gate in before.gates}
    told = [_move(old.get(gate.id), gate) for gate in now.gates]
    lines = [f"  {said}" for said in told if said]
    asked = {(ask.who, ask.what) for ask in open_asks(before)}
    lines += [f"  Act now: {it.who}: {it.what}" for it in open_asks(now) if (it.who, it.what) not in asked]
    lines += [f"  {_decided(it)}" for it in now.decisions[len(before.decisions) :]]
    if not lines and (before.shown, before.reason) == (now.shown, now.reason):
        return []
    return [f"{moment(now.computed_at, zone, now.computed_at)}: {title}", f"  {now.reason}", *lines]


def _decided(decision: Decision) -> str:
    return f"Decided: {decided(decision).text} by {decision.by}"


def _move(old: GateReadiness | None, gate: GateReadiness) -> str:
    if old is not None and (old.shown, old.reason) == (gate.shown, gate.reason):
        return ""
    was = f"{old.shown} → " if old is not None and old.shown != gate.shown else ""
    return f"{gate.name}: {was}{gate.shown}, {gate.reason}"


def view(readiness: Readiness, title: str, events: Sequence[str], foot: str, where: Console) -> list[Text]:
    """Lines that fit the terminal, with one left free for the cursor. The verdict is never cut off. ``foot`` is the
    end of the page, ``events`` are the newest last.
    """
    width, room = where.size.width, max(2, where.size.height - 1)
    gates = [gate for gate in readiness.gates if not gate.asked]
    names = min(max((cell_len(gate.name) for gate in gates), default=0), width * 3 // 10)
    lines: list[Text] = []
    for asks, recent, airy in _ROOM:
        sections = (
            _head(readiness, title, where),
            _asks(readiness, asks),
            [_gate(gate, names) for gate in gates],
            [line for said in events[-recent:] for line in Text(f"> {clean(said)}").wrap(where, width)[:2]],
            Text(clean(foot)).wrap(where, width)[:2],
        )
        lines = [line for section in sections for line in (*section, *([Text()] if airy and section else []))]
        if len(lines) <= room:
            break
    for line in lines:
        line.truncate(width, overflow="ellipsis")
    return lines[:room]


def _head(readiness: Readiness, title: str, where: Console) -> list[Text]:
    verdict = Text(clean(title), style=INKS[VERDICT_TONES[readiness.verdict]])
    decided = [Text(clean(_decided(readiness.decisions[-1])), style="bold")] if readiness.decisions else []
    return [verdict, *Text(clean(readiness.reason)).wrap(where, where.size.width)[:2], *decided]


def _asks(readiness: Readiness, most: int) -> list[Text]:
    asks = open_asks(readiness)
    if not asks:
        return []
    more = f" ({most} of {len(asks)})" if len(asks) > most else ""
    return [Text(f"Act now{more}", style="bold"), *(Text(clean(f"• {it.who}: {it.what}")) for it in asks[:most])]


def _gate(gate: GateReadiness, name_cells: int) -> Text:
    state = set_cell_size(short_state(gate), _STATE_CELLS)
    rest = f" {set_cell_size(clean(gate.name), name_cells)} {gate.done} of {gate.total}  {clean(gate.reason)}"
    return Text.assemble((state, INKS.get(STATE_TONES.get(gate.state, Tone.NEUTRAL), "")), rest)
