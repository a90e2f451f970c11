"""What syncd says by itself: once, to the right person, in working hours, and never more than is new."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from mapping.calendar import at_work, working_hours
from mapping.command import may_speak
from mapping.document import Mention
from mapping.gate import Person
from mapping.item import Progress
from mapping.notices import LONGEST, MOST_PEOPLE, Notices, changed_verdict, notices, people_of
from mapping.readiness import Verdict
from mapping.record import Closing, Question
from mapping.reminder import OURS, Page, Reminder
from mapping.timing import Timeline
from tests.mapping.test_properties import FEW, MANY
from tests.worlds import DANA, NOW, World, gate, item, ready_world, release, sight, waiver, worlds

if TYPE_CHECKING:
    from mapping.document import Line
    from mapping.gate import Gate, Release
    from mapping.item import Item
    from mapping.readiness import Readiness

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
TODO = Progress.TODO
ANA = Person(name="Ana", email="ana@acme.example", accounts=frozenset({("eng", "acc-ana"), ("gtm", "other")}))
ATLAS = release(gate(owners=(ANA,), due=NOW - HOUR))
WAIVED = waiver(
    item("ENG-9", TODO), label="W1", key="ENG-9", by="Ana", at=NOW - 5 * DAY, until=NOW + 3 * DAY, follow_up="Ana"
)


def text(line: Line) -> str:
    return "".join(f"@{it.account}" if isinstance(it, Mention) else it.text for it in line)


@dataclass
class Speaker:
    """Judges and speaks as the pass does; what was said is kept."""

    reminders: dict[tuple[str, str, str, str], Reminder] = field(default_factory=dict)
    wake_at: datetime | None = None

    def speaks(self, world: World, now: datetime, **more: Any) -> list[str]:
        """What is new; ``more`` as for a page."""
        readiness = world.read(now)
        found = self.about(readiness, world.release, world.memory.asked, now, **more)
        return ["\n".join(text(line) for line in lines) for _, lines in found.comments]

    def about(
        self, readiness: Readiness, to: Release, asked: dict[str, datetime], now: datetime, **more: Any
    ) -> Notices:
        page = Page(readiness=readiness, release=to, tracker="eng", asked=asked, **more)
        people, timeline = people_of(page), Timeline(now)
        said = [it for it in self.reminders.values() if it.release == to.id or it.person in people]
        found = notices(page, said, timeline)
        self.wake_at = timeline.wake_at
        self.reminders |= {(it.release, it.person, it.gate, it.name): it for it in found.reminders}
        return found


def late(*built: Gate, **fields: Any) -> World:
    """Gates with an overdue item each; Ana owns the only one by default."""
    to = release(*(built or ATLAS.gates), **fields)
    found: dict[str, tuple[Item, ...]] = {each.id: (item(f"{each.id.upper()}-2", TODO),) for each in to.gates}
    return World(release=to, items=found, health={each.id: (sight(),) for each in to.gates})


def test_a_person_is_mentioned_by_the_account_of_the_summary_s_tracker_and_told_what_to_do() -> None:
    assert Speaker().speaks(late(), NOW) == [
        "syncd: for @acc-ana: finish ENGINEERING-2 (Engineering), due Tue 8 Dec, 11:00 UTC."
    ]


def test_who_has_no_account_there_is_named() -> None:
    world = late(gate(owners=(DANA,), due=NOW - HOUR))
    (said,) = Speaker().speaks(world, NOW)
    assert said.startswith("syncd: for Dana: finish")


def test_nobody_is_asked_who_cannot_be_reached_or_whose_account_is_off() -> None:
    for gone in (replace(ANA, reachable=False), replace(ANA, active=False)):
        world = late(gate(owners=(gone,), due=NOW - HOUR), managers=())
        speaker = Speaker()
        assert speaker.speaks(world, NOW) == []


def test_who_is_no_person_of_the_release_is_not_asked() -> None:
    world = late()
    world.health = {"engineering": (sight(problem="the tracker is down", refused=True),)}
    readiness = world.judge(NOW)
    assert {ask.who for ask in readiness.asks} == {"Ana", "Sam"}, "the owner, and the tracker's contact"
    ((_, lines),) = Speaker().about(readiness, world.release, world.memory.asked, NOW).comments
    assert [text(line)[:20] for line in lines] == ["syncd: for @acc-ana:"]


def test_the_same_is_said_once_however_often_it_is_judged() -> None:
    world, speaker = late(), Speaker()
    speaker.speaks(world, NOW)
    for hours in range(1, 24 * 20):
        world.items["engineering"] = tuple(item(f"ENG-{number}", TODO) for number in range(2, 4 + hours % 3))
        assert speaker.speaks(world, NOW + hours * HOUR) == []


def test_asks_wait_for_working_hours_of_the_release_s_zone_and_call_for_a_look_then() -> None:
    world, speaker = late(zone=ZoneInfo("Pacific/Auckland")), Speaker()
    one_in_the_night, nine_there = NOW, NOW + 8 * HOUR
    assert speaker.speaks(world, one_in_the_night) == []
    assert speaker.wake_at == nine_there
    assert speaker.speaks(world, nine_there - MINUTE) == []
    assert len(speaker.speaks(world, nine_there)) == 1
    assert speaker.wake_at is None, "nothing waits any more"


def test_a_weekend_and_a_holiday_are_no_working_hours() -> None:
    world, speaker = late(holidays=frozenset({(NOW + 6 * DAY).date()})), Speaker()
    saturday, tuesday = NOW + 4 * DAY, NOW + 7 * DAY
    assert speaker.speaks(world, saturday) == []
    assert speaker.speaks(world, NOW + 6 * DAY) == []
    assert speaker.wake_at == tuesday - 3 * HOUR
    assert len(speaker.speaks(world, tuesday)) == 1


def test_another_ask_about_the_same_gate_comes_after_a_working_day_at_the_earliest() -> None:
    world, speaker = late(), Speaker()
    speaker.speaks(world, NOW)
    world.items["engineering"] = (item("ENG-2"),)
    assert [ask.what for ask in world.read(NOW + HOUR).asks] == ["say whether Engineering is ready"]
    assert speaker.speaks(world, NOW + HOUR) == []
    assert speaker.wake_at == NOW + DAY
    assert speaker.speaks(world, NOW + DAY - MINUTE) == []
    (said,) = speaker.speaks(world, NOW + DAY)
    assert "say whether Engineering is ready" in said


def test_what_flips_to_and_fro_asks_no_more_than_once_in_a_working_day() -> None:
    world, speaker = late(), Speaker()
    said = 0
    for minutes in range(0, 60 * 24 * 3, 20):
        world.items["engineering"] = (item("ENG-2", TODO if minutes % 40 else Progress.DONE),)
        said += len(speaker.speaks(world, NOW + minutes * MINUTE))
    assert said == 3, "on three days, at noon"


def test_the_next_owner_is_asked_when_it_is_passed_on() -> None:
    world, speaker = late(gate(owners=(ANA, DANA), due=NOW - HOUR)), Speaker()
    speaker.speaks(world, NOW)
    (said,) = speaker.speaks(world, NOW + DAY)
    assert said.startswith("syncd: for Dana: finish")
    assert said.endswith("(Ana was asked Tue 8 Dec).")
    assert speaker.speaks(world, NOW + 2 * DAY) == []


def test_one_person_is_asked_about_a_gate_in_one_release_at_a_time() -> None:
    speaker, atlas, borealis = Speaker(), late(), late(id="borealis", name="Borealis")
    assert len(speaker.speaks(atlas, NOW)) == 1
    for hours in (0, 1, 24, 49):
        assert speaker.speaks(borealis, NOW + hours * HOUR) == []
    atlas.items["engineering"] = (item("ENG-2"),)
    atlas.release = replace(atlas.release, gates=(gate(owners=(DANA,)),))
    speaker.speaks(atlas, NOW + 3 * DAY)
    (said,) = speaker.speaks(borealis, NOW + 3 * DAY)
    assert said.startswith("syncd: for @acc-ana: finish")


def test_another_gate_and_another_person_are_asked_in_the_other_release() -> None:
    speaker = Speaker()
    speaker.speaks(late(), NOW)
    other = late(gate("legal", owners=(ANA,), due=NOW - HOUR), gate(owners=(DANA,), due=NOW - HOUR), id="borealis")
    (said,) = speaker.speaks(other, NOW)
    assert "For Dana" in said or "for Dana" in said
    assert "LEGAL-2" in said


def test_a_closed_release_holds_up_no_other() -> None:
    speaker, atlas, borealis = Speaker(), late(), late(id="borealis")
    speaker.speaks(atlas, NOW)
    atlas.records = (Closing(id="c", by="Maya", at=NOW, launched=True),)
    assert speaker.speaks(atlas, NOW + DAY) == []
    assert len(speaker.speaks(borealis, NOW + DAY)) == 1


def test_several_asks_of_one_moment_are_one_comment_with_a_paragraph_for_each_person() -> None:
    built = [gate(f"g{n}", owners=(ANA if n % 2 else DANA,), due=NOW - HOUR) for n in range(6)]
    (said,) = Speaker().speaks(late(*built), NOW)
    assert [line.split(":")[0] for line in said.removeprefix(OURS).split("\n")] == ["for Dana", "For @acc-ana"]
    assert said.count("finish") == 6


def test_a_big_release_asks_ten_people_an_hour() -> None:
    built = [gate(f"g{n}", owners=(Person(name=f"P{n}"),), due=NOW - HOUR) for n in range(23)]
    world, speaker, found = late(*built), Speaker(), []
    for minutes in range(0, 180, 5):
        found += [(minutes, len(said.split("\n"))) for said in speaker.speaks(world, NOW + minutes * MINUTE)]
    assert found == [(0, MOST_PEOPLE), (60, MOST_PEOPLE), (120, 3)]
    assert len({it.person for it in speaker.reminders.values()}) == 23


def test_who_waits_for_a_turn_calls_for_a_look_in_an_hour() -> None:
    built = [gate(f"g{n}", owners=(Person(name=f"P{n}"),), due=NOW - HOUR) for n in range(11)]
    world, speaker = late(*built), Speaker()
    speaker.speaks(world, NOW)
    assert speaker.wake_at == NOW + HOUR


def test_a_question_names_whom_it_asks_and_not_its_words() -> None:
    world, speaker = late(gate(owners=(DANA,), sign_off=False)), Speaker()
    world.items = {"engineering": (item(),)}
    asked = Question(id="q", by="Maya", at=NOW, whom="Dana", text="is <b>it</b> true?", label="Q1")
    world.records = (asked,)
    (said,) = speaker.speaks(world, NOW)
    assert said == "syncd: for Dana: Maya asks you something; whatever you comment here answers it."
    assert speaker.speaks(world, NOW + DAY) == []
    world.records = (asked, replace(asked, id="q2", label="Q2"))
    assert len(speaker.speaks(world, NOW + DAY)) == 1, "another question is asked, though the first stands"


def waived(*, approved: bool = True) -> World:
    world = late(gate(owners=(ANA,), sign_off=False, due=NOW + 20 * DAY), target=NOW + 20 * DAY)
    world.items = {"engineering": (item(), item("ENG-9", TODO))}
    world.records = (WAIVED if approved else replace(WAIVED, approved_by=None),)
    return world


def test_a_waiver_is_warned_of_two_days_before_it_ends_and_told_when_it_has() -> None:
    world, speaker, found = waived(), Speaker(), []
    for hours in range(24 * 5):
        found += [(hours, said) for said in speaker.speaks(world, NOW + hours * HOUR) if "waiver" in said]
    ends, ended = "ends Fri 11 Dec, 12:00 UTC, for @acc-ana", "ended Fri 11 Dec, 12:00 UTC, for @acc-ana"
    assert found == [
        (24, f"syncd: the waiver W1 on ENG-9 {ends}: finish it before, or ask for another waiver."),
        (72, f"syncd: the waiver W1 on ENG-9 {ended}: what it set aside counts again."),
    ]


def test_an_end_that_nobody_saw_is_told_late_and_one_from_before_the_first_page_never() -> None:
    speaker = Speaker()
    world = waived()
    speaker.speaks(world, NOW)
    assert any("ended" in said for said in speaker.speaks(world, NOW + 30 * DAY))
    first = Speaker()
    world = waived()
    assert not any("ended" in said for said in first.speaks(world, NOW + 30 * DAY, first=True))
    assert not any("ended" in said for said in first.speaks(world, NOW + 31 * DAY))


def test_a_waiver_that_nobody_agreed_to_ends_unnoticed() -> None:
    world, speaker = waived(approved=False), Speaker()
    said = [said for hours in range(24 * 5) for said in speaker.speaks(world, NOW + hours * HOUR)]
    assert not any(each.startswith("syncd: the waiver") for each in said)
    assert any("approve or deny the waiver W1" in each for each in said)


def test_a_changed_verdict_is_one_sentence_from_what_to_what_and_why() -> None:
    found = changed_verdict("ready", late().judge(NOW))
    assert found is not None
    assert [text(line) for line in found[1]] == [
        "syncd: the verdict of Atlas 2.0 went from READY to BLOCKED: Engineering: "
        + late().judge(NOW).gates[0].reason
        + "."
    ]


def test_the_first_verdict_the_same_one_and_one_of_another_version_are_no_news() -> None:
    readiness = ready_world().judge(NOW)
    assert readiness.verdict is Verdict.READY
    assert [changed_verdict(before, readiness) for before in ("", "ready", "splendid")] == [None, None, None]


@MANY
@given(worlds(), st.sampled_from([*Verdict]), st.integers(0, 60 * 24 * 7))
def test_no_line_is_a_command_and_no_comment_is_long(world: World, before: Verdict, minutes: int) -> None:
    now = NOW + minutes * MINUTE
    readiness = world.judge(now)
    page = Page(readiness=readiness, release=world.release, tracker="eng", asked=world.memory.asked)
    news = changed_verdict(before.value, readiness)
    for name, lines in (*notices(page, (), Timeline(now)).comments, *([news] if news else [])):
        said = [text(line) for line in lines]
        assert said[0].startswith(OURS)
        assert not [line for line in said if may_speak(line)]
        assert sum(map(len, said)) <= LONGEST
        assert name
        assert not {"lease", "soak", "digest", "census"} & {
            word.strip(".,:;") for line in said for word in line.split()
        }


@FEW
@given(worlds(), st.lists(st.integers(0, 60 * 24 * 2), min_size=1, max_size=4))
def test_judged_twice_nothing_more_is_said_and_nobody_is_asked_out_of_hours(world: World, minutes: list[int]) -> None:
    speaker, now = Speaker(), NOW
    for span in minutes:
        now += span * MINUTE
        readiness = world.judge(now)
        found = speaker.about(readiness, world.release, world.memory.asked, now)
        to = world.release
        if any(name.startswith("asks") for name, _ in found.comments):
            assert working_hours(now - HOUR, now + HOUR, to.zone, to.holidays) > timedelta(0)
            assert at_work(now, to.zone, to.holidays) == now
        again = speaker.about(world.judge(now), world.release, world.memory.asked, now)
        assert again == Notices()


@FEW
@given(worlds())
def test_until_it_is_due_again_nothing_is_due(world: World) -> None:
    speaker = Speaker()
    readiness, asked = world.judge(NOW), world.memory.asked
    speaker.about(readiness, world.release, asked, NOW)
    wake_at = speaker.wake_at or NOW + 30 * DAY
    last = wake_at - timedelta(microseconds=1)
    assert last < NOW or speaker.about(readiness, world.release, asked, last).comments == ()


def test_work_begins_again_at_nine() -> None:
    friday_evening = datetime(2026, 12, 11, 17, 0, tzinfo=UTC)
    assert at_work(friday_evening, UTC, frozenset()) == datetime(2026, 12, 14, 9, 0, tzinfo=UTC)
    assert at_work(friday_evening - MINUTE, UTC, frozenset()) == friday_evening - MINUTE
