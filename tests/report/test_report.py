"""What the report says, whatever the dialect."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.jira import adf, wiki
from connectors.linear import markdown
from mapping.document import NOTES_HEADING, Bullets, Heading, Link, Panel, Table
from mapping.layout import STEPS
from mapping.readiness import Ask, Readiness, Source, State, Verdict
from mapping.report import report, reports
from mapping.wording import deadline, moment, state_words
from tests.report import situations
from tests.report.situations import SITUATIONS
from tests.report.situations_extreme import SECRET, said
from tests.report.world import EDITION, LATE_DOCS, NOW, TARGET, gate, item, release

PARTS = [pytest.param(build, id=name) for name, build in SITUATIONS.items()]


def words(value: Any) -> str:
    """Everything that a report says, title and machine copy included."""
    return json.dumps(asdict(value), default=str, ensure_ascii=False)


def section(readiness: Readiness, title: str) -> str:
    """What stands below the heading that begins so; "" when there is none."""
    blocks = report(readiness, EDITION).blocks
    places = [n for n, block in enumerate(blocks) if isinstance(block, Heading) and block.text.startswith(title)]
    return str(blocks[places[0] + 1]) if places else ""


@pytest.mark.parametrize("build", PARTS)
def test_nothing_of_ours_stands_below_the_notes_heading(build: Any) -> None:
    for written in reports(build(), EDITION):
        assert written.blocks[-1] == Heading(NOTES_HEADING)
        assert written.blocks.count(Heading(NOTES_HEADING)) == 1


def test_a_gate_that_waits_shows_no_day_of_its_own_beside_the_name_of_another_gates_owner() -> None:
    waits = gate("Training", State.WAITING, shown="WAITING FOR Docs", actor="Ana", due=TARGET)
    written = report(release(Verdict.ON_TRACK, "NOT READY, on track", "", waits), EDITION)
    (table,) = [block for block in written.blocks if isinstance(block, Table)]
    assert "Thu 17 Dec" not in str(table.rows)


@pytest.mark.parametrize(("lasts_h", "launchable"), [(1, "yes"), (0, "no"), (-1, "no")])
def test_a_verdict_that_may_not_be_trusted_at_all_is_never_launchable(lasts_h: int, launchable: str) -> None:
    ready = replace(situations.all_ready(), valid_until=NOW + timedelta(hours=lasts_h))
    assert report(ready, EDITION).facts["launchable"] == launchable


@pytest.mark.parametrize("build", PARTS)
def test_nobody_is_mentioned_in_the_body_for_each_write_would_tell_them_again(build: Any) -> None:
    for written in reports(build(), EDITION):
        assert "Mention(" not in str(written.blocks)


@pytest.mark.parametrize("build", PARTS)
def test_words_of_the_trade_are_never_shown(build: Any) -> None:
    told = str(report(build(), EDITION).blocks).lower().replace("soak test", "")
    assert not [word for word in ("lease", "soak", "digest", "census") if word in told.replace("release", "")]


@pytest.mark.parametrize("build", PARTS)
def test_the_same_input_gives_the_same_report(build: Any) -> None:
    assert reports(build(), EDITION) == reports(build(), EDITION)


def test_the_title_says_verdict_who_acts_and_when() -> None:
    assert report(situations.blocked(), EDITION).title == "Atlas 2.0: BLOCKED, 2 to act · Thu 17 Dec (9 days)"
    assert report(situations.all_ready(), EDITION).title == "Atlas 2.0: READY · Thu 17 Dec (9 days)"
    assert report(situations.nothing_started(), EDITION).title == "Atlas 2.0: NOT READY, on track, 1 to act"


@pytest.mark.parametrize(
    ("computed_at", "told"),
    [
        (TARGET - timedelta(hours=3), "(today)"),
        (TARGET - timedelta(hours=30), "(tomorrow)"),
        (TARGET + timedelta(hours=3), "(yesterday)"),
        (TARGET + timedelta(days=3), "(3 days ago)"),
    ],
)
def test_the_title_counts_days_of_the_managers_calendar(computed_at: datetime, told: str) -> None:
    assert told in report(replace(situations.all_ready(), computed_at=computed_at), EDITION).title


@pytest.mark.parametrize("build", PARTS)
def test_a_title_fits_one_line_of_any_tracker(build: Any) -> None:
    title = report(build(), EDITION).title
    assert 0 < len(title) <= 255
    assert title.isprintable()


def test_times_are_those_of_the_managers_zone() -> None:
    told = words(report(situations.all_ready(), EDITION))
    assert "Trust this until Tue 8 Dec, 22:02 EST" in told
    assert "computed Tue 8 Dec, 10:02 EST" in told


def test_a_time_that_ends_a_day_is_told_as_that_day() -> None:
    midnight = datetime(2026, 12, 18, 5, 0, tzinfo=UTC)
    assert deadline(TARGET, EDITION.zone, NOW) == deadline(midnight, EDITION.zone, NOW) == "Thu 17 Dec"
    assert deadline(midnight + timedelta(hours=12), EDITION.zone, NOW) == "Fri 18 Dec, 12:00 EST"


def test_another_year_is_told() -> None:
    assert moment(NOW + timedelta(days=30), EDITION.zone, NOW) == "Thu 7 Jan 2027, 10:02 EST"


def test_the_ends_of_the_calendar_are_no_trouble() -> None:
    far = datetime.max.replace(tzinfo=UTC)
    early = datetime.min.replace(tzinfo=UTC)
    assert report(replace(situations.blocked(), target=far, valid_until=far), EDITION).title
    assert report(replace(situations.blocked(), target=early, valid_until=early), EDITION).title


def test_gates_stand_worst_first_and_their_order_does_not_matter() -> None:
    gates = [gate(f"Gate {state}", state) for state in State]
    expected = "on_hold blocked unknown at_risk not_started waiting sign_off_due on_track exception ready not_needed"
    shown = []
    for order in (gates, gates[::-1]):
        written = report(release(Verdict.BLOCKED, "BLOCKED", "", *order), EDITION)
        table = next(block for block in written.blocks if isinstance(block, Table))
        shown.append([str(getattr(row[0][0], "text", "")).removeprefix("Gate ") for row in table.rows])
    assert shown == [expected.split()] * 2


def test_at_most_five_act_now_in_the_order_of_the_rules() -> None:
    asks = tuple(Ask(who=f"P{n}", what="act", unblocks=("a",) * n) for n in range(8))
    told = section(release(Verdict.BLOCKED, "BLOCKED", "", asks=asks), "Act now")
    assert [f"P{n}" in told for n in range(8)] == [True] * 5 + [False] * 3
    assert told.index("P0") < told.index("P4")


def test_the_reason_ends_before_it_is_said_who_decides() -> None:
    told = words(report(situations.exceptions(), EDITION))
    assert "a week after the launch. Maya Ortiz decides: GO or NO-GO." in told


def test_that_the_scope_is_fixed_is_said_until_it_moves_or_all_is_ready() -> None:
    assert "55 items" in section(situations.frozen(), "Scope since the freeze (Tue 1 Dec)")
    ready = replace(situations.all_ready(), scope=situations.frozen().scope)
    moved = replace(situations.frozen().scope, changes=situations.scope_added().scope.changes)
    for other in (ready, replace(situations.frozen(), scope=moved)):
        assert "55 items" not in str(report(other, EDITION).blocks)


def test_a_gate_that_nobody_mentioned_takes_one_line_and_no_row() -> None:
    told = words(report(situations.blocked(), EDITION))
    assert "Nobody speaks yet for: Sales Playbook, Support." in told
    assert told.count("Sales Playbook") == 1
    assert "name an owner for Sales" not in told


def test_a_blocked_gate_that_cannot_be_read_shows_both() -> None:
    told = section(situations.unknown(), "Gates")
    assert "BLOCKED" in told.split("Marketing")[0]
    assert "CAN'T TELL" in told.split("Marketing")[0]


def test_the_items_that_are_the_reason_are_links_in_the_first_panel() -> None:
    panel = report(situations.blocked(), EDITION).blocks[0]
    assert isinstance(panel, Panel)
    links = [span.text for span in panel.lines[0] if isinstance(span, Link)]
    assert links == ["DOC-31", "DOC-40"]


def test_what_waits_for_its_signature_now_is_no_setback() -> None:
    told = section(situations.sign_off_due(), "Since the last working day")
    assert "Changed: " in told
    assert "Setback" not in told


def test_setbacks_stand_before_what_got_better() -> None:
    told = section(situations.blocked(), "Since the last working day")
    assert told.index("Setback") < told.index("Better")


def test_what_changed_before_the_last_working_day_is_no_news() -> None:
    later = replace(EDITION, since_day=NOW)
    written = report(situations.blocked(), later)
    assert "Since the last working day" not in words(written)


def test_a_source_that_was_not_read_is_told_with_its_problem() -> None:
    told = section(situations.unknown(), "Can this be trusted")
    assert "the token was refused" in told
    assert "never read completely" in told
    assert "ENG-7" in told


def test_every_key_in_an_ask_leads_to_its_ticket() -> None:
    docs = gate("Docs", State.BLOCKED, open_items=(item("DOC-1"), item("DOC-2")))
    asks = (Ask(who="Lee", what="finish DOC-1, DOC-2", key="DOC-1"), Ask(who="Ana", what="say so", key="DOC-3"))
    told = section(release(Verdict.BLOCKED, "BLOCKED", "", docs, asks=asks), "Act now")
    assert told.count("Link(") == 3


def test_an_item_that_cannot_be_judged_is_not_said_to_block_nothing() -> None:
    blind = gate("Docs", State.UNKNOWN, done=0, total=1)
    ready = gate("Docs", State.READY, done=0, total=1)
    assert "blocks" not in section(release(Verdict.UNKNOWN, "CAN'T TELL", "", blind), "Gates")
    assert "none of them blocks" in section(release(Verdict.READY, "READY", "", ready), "Gates")


def test_an_all_ready_release_has_no_section_without_content() -> None:
    headings = [b.text for b in report(situations.all_ready(), EDITION).blocks if isinstance(b, Heading)]
    assert headings == ["Gates", "Can this be trusted", NOTES_HEADING]


def lines_of(block: Any) -> int:
    """How many lines a reader sees before they open anything; headings are none."""
    match block:
        case Panel(lines=lines) | Bullets(lines=lines):
            return len(lines)
        case Table(rows=rows):
            return len(rows)
        case _:
            return not isinstance(block, Heading)


def test_an_all_ready_release_is_ten_lines() -> None:
    assert sum(map(lines_of, report(situations.all_ready(), EDITION).blocks)) == 10


def test_the_sections_stand_in_their_order_when_there_is_everything() -> None:
    headings = [b.text for b in report(situations.everything(), EDITION).blocks if isinstance(b, Heading)]
    assert headings == [
        "Act now",
        "Decisions",
        "Gates",
        "Since the last working day (Mon 7 Dec)",
        "Hand-offs in flight",
        "Scope since the freeze (Tue 1 Dec)",
        "Can this be trusted",
        NOTES_HEADING,
    ]


@pytest.mark.parametrize("place", range(len(STEPS)))
def test_however_little_room_there_is_verdict_trust_who_acts_and_the_decision_are_told(place: int) -> None:
    told = words(report(situations.huge(), EDITION, STEPS[place]))
    for sentence in ("100 gates are blocked", "Trust this until", "Act now", "finish ", "GO BY OVERRIDE"):
        assert sentence in told


@pytest.mark.parametrize("dialect", [adf, wiki, markdown])
def test_titles_of_confidential_gates_and_restricted_items_are_shown_nowhere(dialect: Any) -> None:
    for written in reports(situations.confidential(), EDITION):
        assert SECRET not in words(written)
        assert SECRET not in str(dialect.render(written))
        assert "MKT-1" in words(report(situations.confidential(), EDITION))
        assert "ENG-9" in words(report(situations.confidential(), EDITION))


@pytest.mark.parametrize("build", PARTS)
def test_a_label_never_says_ready(build: Any) -> None:
    known = {"readiness-blocked", "readiness-unknown", "readiness-at-risk", "readiness-on-hold"}
    assert set(report(build(), EDITION).labels) <= known


def test_labels_name_all_that_is_wrong() -> None:
    blocked_and_blind = replace(situations.blocked(), gates=(replace(LATE_DOCS, unknown=True),))
    assert report(blocked_and_blind, EDITION).labels == ("readiness-blocked", "readiness-unknown")
    assert report(situations.all_ready(), EDITION).labels == ()
    assert report(situations.at_risk(), EDITION).labels == ("readiness-at-risk",)


def test_the_machine_copy_is_flat_and_carries_the_verdict_with_its_end() -> None:
    facts = report(situations.blocked(), EDITION).facts
    assert facts["verdict"] == "blocked"
    assert facts["launchable"] == "no"
    assert facts["valid_until"] == "2026-12-09T03:02:00+00:00"
    assert facts["digest"] == EDITION.digest
    assert all(isinstance(value, str | int) for value in facts.values())


def test_every_state_has_its_words() -> None:
    assert {state_words(state) for state in State} >= {"CAN'T TELL", "SIGN-OFF DUE", "ON TRACK"}


WILD = st.text(alphabet=st.sampled_from(" aé|{}[]*_&<@:/\\\n\u202e🚀漢\x00-h1.#"), max_size=40).map(lambda t: t * 20)


@st.composite
def wild(draw: st.DrawFn) -> Readiness:
    """Hundreds of gates and asks, all with names and titles that nobody would write."""
    name, title, count = draw(WILD), draw(WILD), draw(st.integers(0, 300))
    url = draw(st.sampled_from(["", "https://x.example/" + "漢" * 60, "https://x.example/" + "a" * 480]))
    items = tuple(
        item(f"{name}{n}", title, status=name, assignee=name, url=url, restricted=n % 2 == 0)
        for n in range(draw(st.integers(0, 12)))
    )
    gates = [
        gate(
            f"{name} {n}",
            draw(st.sampled_from(State)) if n < 3 else State.BLOCKED,
            shown=name,
            reason=title,
            actor=name,
            owner=name,
            open_items=items,
            done=0,
            total=n,
            asked=n % 7 == 6,
            previous=State.READY,
            since=NOW,
            due=TARGET,
            id=str(n),
        )
        for n in range(count)
    ]
    asks = tuple(Ask(who=f"{name}{n}", what=title, unblocks=("1", "2", "3", "4"), key=name, url=url) for n in range(9))
    sources = tuple(Source(tracker=name, last_complete=None, items=n, error=title) for n in range(40))
    return release(
        Verdict.BLOCKED,
        name,
        title,
        *gates,
        name=name,
        asks=asks,
        sources=sources,
        remarks=(title,) * 40,
        launch_key=name,
        launch_url=url,
        **said(name + title, url, draw(st.sampled_from([0, 1, 200]))),
    )


@settings(max_examples=25, deadline=None)
@given(wild())
def test_the_smallest_report_fits_the_budget_of_every_dialect(readiness: Readiness) -> None:
    smallest = report(readiness, EDITION, STEPS[-1])
    sizes = [dialect.size(dialect.render(smallest)) for dialect in (adf, wiki, markdown)]
    assert max(sizes) <= 25_000


@pytest.mark.parametrize("dialect", [adf, wiki, markdown])
@pytest.mark.parametrize("build", PARTS)
def test_a_report_that_shrinks_stays_within_the_budget_and_keeps_verdict_and_trust(build: Any, dialect: Any) -> None:
    written = reports(build(), EDITION)
    body, place = dialect.fitted(written)
    assert dialect.size(body) <= 25_000
    assert ("This is the last report" if build().closed else "Trust this until") in str(body)
    assert place == 0 or dialect.size(dialect.render(written[place - 1])) > 25_000


def test_a_report_in_fewer_words_says_how_many_gates_it_leaves_out() -> None:
    assert "and 97 more gates, 97 of them not ready." in words(reports(situations.huge(), EDITION)[-1])
