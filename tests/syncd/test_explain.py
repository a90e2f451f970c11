"""``explain``, ``history`` and ``diff``: why, over time, and what moved, for people and for scripts."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa

from mapping.item import Progress
from mapping.record import Hold
from syncd.evidence import take
from syncd.store.engine import engine_of
from syncd.store.store import open_store
from tests.command_line import Commands, commands, ready
from tests.golden import situations
from tests.golden.situations import SITUATIONS, exhibit_of
from tests.store.readings import closing_engine
from tests.worlds import NOW, World, item

if TYPE_CHECKING:
    from tests.trial import Trial


def database(live: Trial) -> str:
    return f"sqlite:///{live.folder}/syncd.db"


def kept(live: Trial, *worlds: World) -> list[str]:
    """The names of the evidence of these worlds, one after the other."""
    with open_store(database(live)) as store:
        for number, world in enumerate(worlds):
            it = exhibit_of(world)
            outcome = it.readiness, it.remembered, it.wake_at
            assert take(store, it.given, outcome, "file", asked=bool(number)) is not None
        return [it.sha for it in store.evidences("atlas-2")]


def spoil(live: Trial, statement: str) -> None:
    engine, _ = engine_of(database(live), 1.0)
    with closing_engine(engine) as conn, conn.begin():
        conn.execute(sa.text(statement))


def told(run: Commands, *words: str, code: int = 0) -> Any:
    """The one document on standard output."""
    ran = run(*words, "--json")
    assert (ran.code, bool(ran.err)) == (code, bool(code))
    return json.loads(ran.out)


# explain


def test_each_gate_says_why_with_its_items_sources_and_who_acts(live: Trial) -> None:
    run = commands(live)
    live.jira.add("ENG", "Merge edits", fix_versions=["Atlas 2.0"], assignee="Dana")
    run("once")
    ran = run("explain", "atlas-2")
    assert (ran.code, ran.err) == (0, "")
    lines = ran.out.splitlines()
    assert lines[0].startswith("Atlas 2.0: ")
    assert ", evidence " in lines[1]
    assert [line for line in lines if line.startswith("Engineering (engineering): ON TRACK since ")]
    assert "  done: 0 of 1, as read " in ran.out
    assert "    ENG-1 To Do, Dana: Merge edits" in lines
    assert [line for line in lines if line.startswith("  source: eng, true ")]
    assert "  signature: none is needed" in lines
    assert "Nobody speaks yet for: " in lines[-1]


def test_one_gate_is_explained_alone(live: Trial) -> None:
    run = commands(live)
    run("once")
    out = run("explain", "atlas-2", "marketing").out
    assert "Marketing (marketing): " in out
    assert "Engineering (" not in out
    assert "Nobody speaks yet for" not in out
    ran = run("explain", "atlas-2", "docs")
    assert "(docs, advisory): NOT STARTED" in ran.out


def test_good_news_past_its_lease_is_not_explained_as_good_news(live: Trial) -> None:
    live.clock.pass_by(days=-3)
    run = ready(live)
    assert run("explain", "atlas-2").out.startswith("Atlas 2.0: CAN'T TELL. It could be trusted until ")


def test_a_release_that_was_never_judged_and_names_that_there_are_not_are_said(live: Trial) -> None:
    run = commands(live)
    ran = run("explain", "atlas-2")
    assert (ran.code, ran.out) == (1, "")
    assert "CAN'T TELL. It was never read" in ran.err
    assert run("explain", "atlas-3").code == 2
    run("once")
    ran = run("explain", "atlas-2", "enginering")
    assert ran.code == 2
    assert "no gate 'enginering'; there are: docs, engineering, " in ran.err
    for name in ("abcd", "7f", "no-name", "%%%%"):
        ran = run("explain", "atlas-2", "--at", name)
        assert (ran.code, ran.out) == (2, "")
        assert "no evidence whose name begins with" in ran.err


@pytest.mark.parametrize("situation", SITUATIONS)
def test_old_evidence_is_explained_and_judged_again_to_the_same_bytes(live: Trial, situation: str) -> None:
    run = commands(live)
    world = SITUATIONS[situation]()
    (sha,) = kept(live, world)
    ran = run("explain", "atlas-2", "--at", sha[:6])
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.splitlines()[-1] == (
        f"Judged again, the evidence {sha[:8]} that syncd 0.1.0 wrote gives the same bytes."
    )
    document = told(run, "explain", "atlas-2", "--at", sha)
    assert document["evidence"] == sha
    assert document["replay"] == {"same": True, "version": "0.1.0", "moved": {}}
    assert sum(len(gate["records"]) for gate in document["gates"]) + len(document["records"]) >= len(world.records)


def test_rules_that_are_others_now_are_said_loudly_with_what_they_see(
    live: Trial, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = commands(live)
    (sha,) = kept(live, situations.at_risk())
    monkeypatch.setattr("mapping.state._UNTOUCHED_DAYS", 99)
    ran = run("explain", "atlas-2", "--at", sha)
    assert ran.code == 1
    assert "does NOT give the same bytes" in ran.err
    assert "Engineering (engineering): AT RISK since" in ran.out
    assert "  Engineering: AT RISK → ON TRACK: 1 of 1 open: ENG-7" in ran.out
    assert told(run, "explain", "atlas-2", "--at", sha, code=1)["replay"]["same"] is False


def test_evidence_that_was_tampered_with_is_refused(live: Trial) -> None:
    run = commands(live)
    (sha,) = kept(live, situations.ready())
    spoil(live, "UPDATE evidence SET content = substr(content, 1, 99)")
    ran = run("explain", "atlas-2", "--at", sha)
    assert (ran.code, ran.out) == (1, "")
    assert "was changed since it was taken" in ran.err


def test_signatures_waivers_and_words_are_told_with_who_when_and_what(live: Trial) -> None:
    run = commands(live)
    signed, waived, decided = kept(live, situations.ready(), situations.waived(), situations.decided())
    (gate,) = told(run, "explain", "atlas-2", "--at", signed)["gates"]
    assert (gate["signature"]["by"], gate["signature"]["void"]) == ("Dana", False)
    assert len(gate["signature"]["facts"]) == 64
    (gate,) = told(run, "explain", "atlas-2", "--at", waived)["gates"]
    assert {it["label"]: it["state"] for it in gate["waivers"]} == {"W1": "approved", "W2": "denied", "W3": "pending"}
    assert "Maya denied W2: customers would see it" in {f"{it['by']} {it['what']}" for it in gate["records"]}
    said = [it["what"] for it in told(run, "explain", "atlas-2", "--at", decided)["records"]]
    assert "asked Lee: is the price list final?" in said
    assert "decided GO, overriding the verdict: the fix is a minute" in said


def test_a_word_that_was_taken_back_is_told_as_such_and_what_stands_is_not(live: Trial) -> None:
    run = commands(live)
    (sha,) = kept(live, situations.taken_back())
    (gate,) = told(run, "explain", "atlas-2", "--at", sha)["gates"]
    when = NOW.isoformat()
    assert {it["kind"]: it["taken_back_at"] for it in gate["records"]} == {
        "Signature": when,
        "Hold": None,
        "Withdrawal": None,
    }
    lines = run("explain", "atlas-2", "--at", sha).out.splitlines()
    assert [line for line in lines if "Dana signed" in line and line.endswith(" (taken back Tue 8 Dec, 12:00 UTC)")]
    assert [line for line in lines if "Dana " in line and line.endswith(": but wait")]


def test_what_came_after_the_freeze_is_told_with_who_brought_it_and_who_let_it_in(live: Trial) -> None:
    run = commands(live)
    (sha,) = kept(live, situations.after_the_freeze())
    (gate,) = told(run, "explain", "atlas-2", "--at", sha)["gates"]
    assert {it["key"]: (it["kind"], it["admitted_by"]) for it in gate["scope"]} == {
        "ENG-11": ("found", None),
        "ENG-12": ("added", None),
        "ENG-13": ("added", "Maya"),
    }
    out = run("explain", "atlas-2", "--at", sha).out
    assert "  scope: ENG-12 added by Ada, " in out
    assert [line for line in out.splitlines() if "scope: ENG-13 added" in line and line.endswith("admitted by Maya")]


SECRET = "Initech"


def test_what_is_confidential_or_restricted_shows_key_state_and_owner_only(live: Trial) -> None:
    run = commands(live)
    world = situations.elsewhere()
    open_one = replace(item("ENG-8", Progress.TODO), title=SECRET)
    world.items = {"engineering": (*world.items["engineering"], open_one)}
    world.records = (Hold(id="c1.1", by="Dana", at=NOW, reason=SECRET, gate="engineering"),)
    bare = situations.waived()
    bare.items = {"engineering": tuple(replace(it, title=SECRET, restricted=True) for it in bare.items["engineering"])}
    said: list[Any] = list(bare.records)
    bare.records = tuple(replace(it, reason=SECRET) if getattr(it, "reason", "") else it for it in said)
    one, other = kept(live, world, bare)
    for words in (["explain", "atlas-2", "--at", one], ["explain", "atlas-2", "--at", other], ["diff", one, other],
                  ["diff", other, one], ["explain", "atlas-2", "--at", one, "--json"],
                  ["explain", "atlas-2", "--at", other, "--json"]):  # fmt: skip
        ran = run(*words)
        assert ran.code == 0
        assert SECRET not in ran.out
        assert "acquisition" not in ran.out
        assert "ENG-8" in ran.out


def test_text_of_a_tracker_is_text_and_no_markup(live: Trial) -> None:
    run = commands(live)
    world = situations.blocked()
    odd = item(
        "ENG-7", Progress.DOING, title="[bold red]x[/] \x1b[31m :smile: \u202egnp", status="[link=http://e]d[/link]"
    )
    world.items = {"engineering": (odd,)}
    one, other = kept(live, situations.ready(), world)
    for words in (["explain", "atlas-2", "--at", other], ["diff", one, other], ["history", "atlas-2"]):
        out = run(*words).out
        assert "\x1b" not in out
        assert "\u202e" not in out
    assert "[bold red]x[/]" in run("explain", "atlas-2", "--at", other).out


# history


def test_the_verdicts_over_time_with_why_and_by_whom(live: Trial) -> None:
    run = commands(live)
    shas = kept(live, situations.ready(), situations.blocked(), situations.decided())
    ran = run("history", "atlas-2")
    assert (ran.code, ran.err) == (0, "")
    lines = ran.out.splitlines()
    assert lines[0].split("  ")[0] == "At"
    assert [line.split()[-1] for line in lines[1:4]] == [sha[:8] for sha in shas]
    assert "GO BY OVERRIDE by Maya" in lines[3]
    assert "first judgement" in lines[1]
    for words in ("the verdict changed", "the manager decided", "somebody was about to decide"):
        assert words in lines[3]
    assert "somebody said something or took it back" in lines[2]
    assert lines[-1] == "The chain is whole: 3 in a row, oldest first."
    document = told(run, "history", "atlas-2")
    assert (document["release"], document["whole"], document["faults"]) == ("atlas-2", True, [])
    assert [it["shown"] for it in document["evidence"]] == ["READY", "BLOCKED", "NOT READY, on track"]
    assert [it["previous"] for it in document["evidence"]] == [None, *shas[:2]]
    assert [it["decided"] for it in document["evidence"]] == [None, None, "GO BY OVERRIDE by Maya"]


def test_a_chain_that_is_broken_is_said_and_fails(live: Trial) -> None:
    run = commands(live)
    shas = kept(live, situations.ready(), situations.blocked(), situations.decided())
    spoil(live, f"DELETE FROM evidence WHERE sha = '{shas[1]}'")  # noqa: S608 - our own words
    ran = run("history", "atlas-2")
    assert ran.code == 1
    assert "The chain is broken" in ran.out
    assert f"the evidence {shas[1][:8]} is missing" in ran.err
    assert told(run, "history", "atlas-2", code=1)["whole"] is False


def test_where_nothing_was_judged_history_says_so(live: Trial) -> None:
    run = commands(live)
    ran = run("history", "atlas-2")
    assert (ran.code, ran.out) == (1, "")
    assert "nothing was judged yet" in ran.err
    assert run("history", "atlas-9").code == 2


# diff


def test_what_moved_is_told_from_verdict_to_item(live: Trial) -> None:
    run = commands(live)
    after = situations.blocked()
    after.items = {"engineering": (item("ENG-1", Progress.TODO), item("ENG-7", Progress.DOING))}
    one, other = kept(live, situations.ready(), after)
    ran = run("diff", one[:8], other[:8])
    assert (ran.code, ran.err) == (0, "")
    for line in (
        "  READY → BLOCKED: Engineering: Dana says it is not ready: it crashes at midnight",
        "  Engineering: READY → BLOCKED: Dana says it is not ready: it crashes at midnight",
        "  Engineering: ENG-1 was opened again: Done → To Do",
        "  Engineering: ENG-7 was added: In Progress",
        "  Tue 8 Dec, 10:00 UTC: Dana said it is not ready: it crashes at midnight (Engineering)",
        "  taken back: Dana signed (Engineering)",
        "  Engineering: the signature of Dana no longer stands",
    ):
        assert line in ran.out.splitlines()
    back = run("diff", other, one).out
    assert "  Engineering: ENG-1 was finished: To Do → Done" in back
    assert "  Engineering: ENG-7 left; it was In Progress" in back


def test_between_two_that_say_the_same_nothing_moved(live: Trial) -> None:
    run = commands(live)
    one, other = kept(live, situations.ready(), situations.ready())
    assert run("diff", one, other).out.endswith("Nothing moved that the verdict rests on.\n")
    assert run("diff", one, one).code == 0


def test_two_of_different_releases_are_no_two(live: Trial) -> None:
    run = commands(live)
    other = situations.ready()
    other.release = replace(other.release, id="borealis")
    (one,) = kept(live, situations.ready())
    kept(live, other)
    with open_store(database(live)) as store:
        (theirs,) = store.evidences("borealis")
    ran = run("diff", one, theirs.sha)
    assert (ran.code, ran.out) == (2, "")
    assert "name two pieces of evidence of one release" in ran.err
