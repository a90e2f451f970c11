"""The story of the live demo: the last ten days of a launch, step by step, as people play it in their own trackers.

Called by ``syncd demo`` and by the tests that write docs/story.md. A plan, not chance. It works through the worlds' own
verbs, as people would, and knows nothing of the rules: what becomes of a step is syncd's to say.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

from werkzeug.wrappers import Response

from syncd.sandbox.jira import JiraWorld
from syncd.sandbox.linear import LinearSandbox, LinearWorld

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


ZONE: Final = ZoneInfo("America/New_York")
BEGIN: Final = datetime(2026, 12, 7, 9, tzinfo=ZONE).astimezone(UTC)
"""A Monday. Working days and holidays are a part of the story, so it is the same Monday always."""
TRACKERS: Final = ("eng", "gtm")
SUMMARY: Final = "REL-13"
"""The next free key where the launch issue is, so that of the summary issue."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """Where it is played."""

    jira: JiraWorld
    linear: LinearWorld
    linear_site: LinearSandbox
    wait: Callable[[float], None]

    def world(self, key: str) -> JiraWorld | LinearWorld:
        return self.jira if key.partition("-")[0] in ("REL", "ENG", "QA", "SUP") else self.linear


@dataclass(frozen=True, slots=True)
class Act:
    """What one person does in a tracker. ``told`` says who, what and where."""

    told: str
    play: Callable[[Stage], object]


@dataclass(frozen=True, slots=True)
class Step:
    """``day`` 1 is the first; ``at`` is the time of that day where the release is at home. ``said`` is a sentence."""

    day: int
    at: str
    said: str
    acts: tuple[Act, ...] = ()

    @property
    def when(self) -> str:
        """``Mon 7 Dec, 09:00``."""
        there = self.time.astimezone(ZONE)
        return f"{there:%a} {there.day} {there:%b, %H:%M}"

    @property
    def time(self) -> datetime:
        day = BEGIN.astimezone(ZONE).date() + timedelta(days=self.day - 1)
        return datetime.combine(day, time.fromisoformat(self.at), ZONE).astimezone(UTC)

    def play(self, stage: Stage) -> None:
        """A minute goes by after each thing that somebody does: what is signed was there before."""
        for act in self.acts:
            act.play(stage)
            stage.wait(60)


def _moves(who: str, state: str, *keys: str) -> Act:
    def play(stage: Stage) -> None:
        for key in keys:
            world = stage.world(key)
            with world.lock:
                world.move(key, state, by=who)

    return Act(f"{who} moves {', '.join(keys)} to {state}", play)


def _begins(who: str, *keys: str) -> Act:
    """In Linear: it is theirs from then on."""

    def play(stage: Stage) -> None:
        for key in keys:
            stage.linear.edit(key, by=who, assignee=who, state="In Progress")

    them = "it" if len(keys) == 1 else "them"
    return Act(f"{who} takes {', '.join(keys)} and moves {them} to In Progress", play)


def _says(who: str, key: str, words: str) -> Act:
    def play(stage: Stage) -> None:
        world = stage.world(key)
        with world.lock:
            world.say(key, words, by=who)

    return Act(f"{who} comments on {key}: {words}", play)


def _adds(project: str, title: str, kind: str, who: str) -> Act:
    def play(stage: Stage) -> None:
        with stage.jira.lock:
            stage.jira.add(project, title, by=who, type=kind, fix_versions=["Atlas 2.0"])

    return Act(f"{who} makes the {kind} “{title}” in {project}, with the fix version Atlas 2.0", play)


def _linear_answers(status: int | None) -> Act:
    def play(stage: Stage) -> None:
        stage.linear_site.before = None if status is None else lambda _: Response("upstream connect error", status)

    return Act("Linear answers again" if status is None else f"Linear answers HTTP {status}", play)


STEPS: Final = (
    Step(1, "09:00", "Ten days to the launch. Eight departments work on it, in Jira and in Linear."),
    Step(
        1,
        "10:00",
        "Maya Ortiz, who manages the release, names an owner for Sales, in a comment on the summary issue.",
        (_says("Maya Ortiz", SUMMARY, "Gus has agreed to speak for Sales.\n/owner sales Gus Ferreira"),),
    ),
    Step(
        1,
        "14:00",
        "Engineering finishes its last stories.",
        (
            _moves("Yuki Mori", "Done", "ENG-3", "ENG-4"),
            _moves("Ravi Shah", "Done", "ENG-9"),
            _moves("Dana Whitfield", "Done", "ENG-1"),
        ),
    ),
    Step(
        1,
        "16:30",
        "Tom Becker fixes the bug that loses edits, and finishes QA's last test: both were late.",
        (_moves("Tom Becker", "Done", "QA-3", "QA-4"),),
    ),
    Step(
        2,
        "10:00",
        "Documentation is done. Lee Park signs by moving its own ticket in Linear, and so hands over to Training.",
        (
            _moves("Ona Petit", "Done", "DOC-3"),
            _moves("Lee Park", "Done", "DOC-4"),
            _moves("Lee Park", "Ready for launch", "DOC-1"),
        ),
    ),
    Step(
        2,
        "15:00",
        "Bo Lindqvist begins the interview that nobody had touched for weeks, Gus Ferreira the answers for Sales.",
        (_begins("Bo Lindqvist", "MKT-2"), _begins("Gus Ferreira", "SAL-1", "SAL-2")),
    ),
    Step(
        3,
        "16:00",
        "Marketing finishes its post, its interview and its mail.",
        (
            _moves("Ana Lima", "Done", "MKT-1", "MKT-4"),
            _moves("Bo Lindqvist", "Done", "MKT-2"),
        ),
    ),
    Step(4, "08:00", "The freeze: what is in scope this morning is the baseline."),
    Step(
        4, "10:00", "For two working days nobody in Training has taken what Documentation hands over: a dropped baton."
    ),
    Step(
        4,
        "14:00",
        "Tess Moreau picks it up with a comment on the summary issue.",
        (_says("Tess Moreau", SUMMARY, "Sorry, I was away.\n/accept docs>training"),),
    ),
    Step(
        5,
        "10:00",
        "After the freeze Elif Kaya adds a story to the release.",
        (_adds("ENG", "Offline editing for guests", "Story", "Elif Kaya"),),
    ),
    Step(
        5,
        "13:00",
        "Maya admits it, with a reason.",
        (_says("Maya Ortiz", SUMMARY, "/admit ENG-11 our largest customer works with guests"),),
    ),
    Step(
        5,
        "17:00",
        "Elif has built it. Tess has begun all three courses.",
        (_moves("Elif Kaya", "Done", "ENG-11"), _begins("Tess Moreau", "TRN-1", "TRN-2", "TRN-3")),
    ),
    Step(6, "11:00", "Saturday: Linear answers nothing but errors any more.", (_linear_answers(503),)),
    Step(7, "18:00", "Sunday evening: Linear is back.", (_linear_answers(None),)),
    Step(
        8,
        "09:30",
        "Quinn Berg finds a bug in Engineering's part.",
        (_adds("ENG", "The cursor jumps in right-to-left text", "Bug", "Quinn Berg"),),
    ),
    Step(
        8,
        "11:00",
        "Dana Whitfield, who owns Engineering, asks to launch without the fix.",
        (
            _says(
                "Dana Whitfield", SUMMARY, "/waive ENG-12 until 31 Dec because only beta users see it; 2.0.1 fixes it"
            ),
        ),
    ),
    Step(8, "13:00", "Maya is the second person to agree.", (_says("Maya Ortiz", SUMMARY, "/approve W1"),)),
    Step(
        8,
        "15:00",
        "Maya holds the release: the press may not write of it before Tuesday noon.",
        (_says("Maya Ortiz", SUMMARY, "/hold press embargo until Tuesday noon"),),
    ),
    Step(
        9,
        "10:00",
        "Meanwhile Training and Sales finish their work.",
        (
            _moves("Tess Moreau", "Done", "TRN-1", "TRN-2", "TRN-3"),
            _moves("Gus Ferreira", "Done", "SAL-1", "SAL-2"),
        ),
    ),
    Step(9, "12:00", "The embargo is over.", (_says("Maya Ortiz", SUMMARY, "/unhold"),)),
    Step(
        9,
        "14:00",
        "QA signs by moving its ticket in Jira, Support and Training by a comment on theirs.",
        (
            _moves("Quinn Berg", "Done", "QA-6"),
            _says("Uma Reyes", "SUP-5", "/ready"),
            _says("Tess Moreau", "TRN-4", "/ready"),
        ),
    ),
    Step(
        9,
        "16:00",
        "Marketing signs in Linear, Sales on the summary issue. All have signed.",
        (_moves("Ana Lima", "Done", "MKT-6"), _says("Gus Ferreira", SUMMARY, "/ready sales")),
    ),
    Step(
        10,
        "19:30",
        "The night before: the bug that loses edits is back. Tom Becker reopens it.",
        (_moves("Tom Becker", "In Progress", "QA-3"),),
    ),
    Step(10, "20:30", "Maya has not seen it and says go.", (_says("Maya Ortiz", SUMMARY, "/go"),)),
    Step(11, "07:30", "Tom has fixed it overnight.", (_moves("Tom Becker", "Done", "QA-3"),)),
    Step(
        11,
        "08:30",
        "Quinn Berg has tested it and signs again.",
        (_says("Quinn Berg", "QA-6", "Tested on three devices.\n/ready"),),
    ),
    Step(11, "10:00", "Maya says go.", (_says("Maya Ortiz", SUMMARY, "/go"),)),
    Step(11, "12:00", "Atlas 2.0 is out.", (_says("Maya Ortiz", SUMMARY, "/launched"),)),
)


def lasts(steps: Sequence[Step]) -> Iterator[tuple[Step, datetime]]:
    """Each step, and until when: the next one, and for the last one two hours more."""
    ends = [*(it.time for it in steps[1:]), steps[-1].time + timedelta(hours=2)]
    yield from zip(steps, ends, strict=True)


def comments(stage: Stage) -> list[str]:
    """What syncd has said in comments on the summary issue so far."""
    ident = stage.jira.keys.get(SUMMARY)
    said = stage.jira.shelves[ident].comments if ident else []
    return [_text(it["body"]) for it in said if it["author"]["accountId"] == stage.jira.me]


def _text(node: Any) -> str:  # noqa: ANN401 - a document as Jira keeps it
    """Its words, a paragraph after the other."""
    if node["type"] in ("text", "mention"):
        return str(node.get("text") or node["attrs"]["text"])
    return ("" if node["type"] == "paragraph" else " ").join(_text(it) for it in node.get("content", ()))
