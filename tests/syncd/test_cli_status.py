"""``syncd status``: the document of interface.md §3 for scripts, a table for people, a gate for pipelines."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tests.command_line import FULL, commands, ready

if TYPE_CHECKING:
    from tests.trial import Trial

DOCUMENT = {
    *("release", "name", "verdict", "shown", "launchable", "reason", "computed_at", "valid_until", "target"),
    *("decision", "gates", "asks", "changes", "waivers", "scope", "sources", "evidence", "summary"),
    *("handoffs", "targets", "closed"),
}
GATE = {
    *("id", "name", "state", "shown", "unknown", "required", "actor", "done", "total", "blockers", "since", "due"),
    *("signed", "reason"),
}
BLOCKER = {"tracker", "key", "url", "title", "status", "assignee"}
SOURCE = {"tracker", "last_complete", "age_seconds", "items", "error"}
NEVER = "atlas-2: CAN'T TELL. It was never read: run `syncd once atlas-2`.\n"


def _json(out: str) -> Any:
    """The one document on standard output."""
    return json.loads(out)


def test_the_document_has_the_keys_that_scripts_rely_on(live: Trial) -> None:
    run = commands(live)
    live.jira.add("ENG", "Merge edits", fix_versions=["Atlas 2.0"], assignee="Dana")
    assert run("once").code == 0
    ran = run("status", "atlas-2", "--json")
    assert (ran.code, ran.err) == (0, "")
    document = _json(ran.out)
    assert document.keys() == DOCUMENT
    assert all(gate.keys() == GATE for gate in document["gates"])
    (blocker,) = [it for gate in document["gates"] for it in gate["blockers"]]
    assert blocker.keys() == BLOCKER
    assert blocker["key"] == "ENG-1"
    assert {source["tracker"]: source.keys() == SOURCE for source in document["sources"]} == {"eng": True, "gtm": True}
    (summary,) = live.summaries()
    assert document["summary"] == {
        "tracker": "eng",
        "key": summary["key"],
        "url": f"{live.jira_url}/browse/{summary['key']}",
    }


def test_without_a_release_it_is_a_list(live: Trial) -> None:
    run = commands(live, FULL + FULL.replace("atlas-2:", "atlas-3:"))
    run("once", "atlas-2")
    ran = run("status", "--json")
    assert ran.code == 0
    assert [it["release"] for it in _json(ran.out)] == ["atlas-2"]
    assert ran.err == NEVER.replace("atlas-2", "atlas-3")


def test_a_release_that_was_never_read_is_null_and_not_launchable(live: Trial) -> None:
    run = commands(live)
    ran = run("status", "atlas-2", "--json")
    assert (ran.code, ran.out, ran.err) == (1, "null\n", NEVER)
    assert run("status", "--json").out == "[]\n"
    assert run("status", "--require-ready").code == 3
    assert run("status", "atlas-2").code == 1


def test_require_ready_is_for_the_last_step_of_a_pipeline(live: Trial) -> None:
    run = ready(live)
    ran = run("status", "--require-ready")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith("Atlas 2.0: READY. ")
    live.jira.move("ENG-1", "In Progress", by="Dana")
    run("once")
    ran = run("status", "atlas-2", "--require-ready", "--json")
    assert ran.code == 3
    assert _json(ran.out)["launchable"] is False


def test_ready_that_nobody_confirmed_in_time_is_not_ready(live: Trial) -> None:
    live.clock.pass_by(days=-3)
    run = ready(live)
    ran = run("status", "--require-ready")
    assert ran.code == 3
    assert ran.out.startswith("Atlas 2.0: CAN'T TELL. It could be trusted until ")
    assert "READY" not in {line.split("  ")[0] for line in ran.out.splitlines()}


def test_people_read_one_line_a_gate_where_a_pipe_has_no_width(live: Trial) -> None:
    first = "engineering: {owner: dana, items: eng/ENG, sign_off: false}\n"
    gates = FULL.replace(f"      {first}", "").replace("owner: maya, items", "owner: maya, mode: advisory, items")
    run = commands(live, f"{gates}      {first}")
    for n in range(12):
        live.jira.add("ENG", f"Part {n}", fix_versions=["Atlas 2.0"])
    run("once")
    lines = run("status", COLUMNS=None).out.splitlines()
    assert lines[0].startswith("Atlas 2.0: ")
    assert lines[1].endswith(f"/browse/{live.summaries()[0]['key']}")
    assert lines[2].startswith("  computed ")
    assert " UTC, trust it until " in lines[2]
    assert lines[3].split() == ["State", "Gate", "Done", "Why", "Who", "acts"]
    document = _json(run("status", "atlas-2", "--json").out)
    named = [gate for gate in document["gates"] if gate["name"] in ("Engineering", "Marketing")]
    assert len(lines) == 4 + len(named) + 1
    assert "Engineering" in lines[4]
    assert "Marketing (advisory)" in lines[5]
    assert lines[6].startswith("Nobody speaks yet for: ")
    assert all(gate["name"] in lines[6] for gate in document["gates"] if gate not in named)
    assert not [line for line in lines if line != line.rstrip()]
    assert sum("Engineering" in line and "0 of 12" in line for line in lines) == 1


def test_text_of_a_tracker_is_text_and_no_markup(live: Trial) -> None:
    live.jira.edit("REL-1", summary="[bold red]Atlas[/] :smile: \x1b[31m")
    run = commands(live)
    live.jira.add("ENG", "[link=https://evil.example]x[/link]", fix_versions=["[bold red]Atlas[/]"])
    for words in (["once"], ["status"], ["plan"], ["check"]):
        ran = run(*words)
        assert "\x1b" not in ran.out
    assert "[bold red]Atlas[/] :smile:" in run("status").out
