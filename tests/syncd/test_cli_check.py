"""``syncd check``: what it proves, what it says of each gate, and what it accepts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.command_line import commands

if TYPE_CHECKING:
    from tests.trial import Trial

BARE = """
  atlas-2:
    launch: eng/REL-1
    gates:
      engineering: eng/ENG
      marketing:
        owner: kim@acme.example
        items: [{tracker: gtm, team: MKT, label: atlas-2}]
        sign_off: {item: gtm/MKT-1}
      legal: {name: Legal, owner: dana, items: none, mode: advisory}
      sales: null
"""


def _writes(live: Trial) -> list[str]:
    mutations = [str(seen.body) for seen in live.linear_site.requests if "mutation" in str(seen.body)]
    return [*map(str, live.writes()), *mutations]


def _world(live: Trial) -> None:
    live.linear.user("Kim", "kim@acme.example")
    live.jira.add("ENG", "Merge edits", status="Done", fix_versions=["Atlas 2.0"])
    live.jira.add("ENG", "Keep drafts", labels=["atlas-2"])
    live.linear.add("MKT", "Launch post", labels=["atlas-2"])


def test_it_tells_a_stranger_all_they_must_know_and_writes_nothing(live: Trial) -> None:
    run = commands(live, BARE)
    _world(live)
    ran = run("check")
    assert (ran.code, ran.err) == (0, "")
    for line in (
        "The file is in order: 2 trackers, 1 release.",
        f"eng (jira) at {live.jira_url}",
        f"gtm (linear) at {live.linear_url}/graphql",
        "atlas-2: Atlas 2.0",
        f"  launch issue REL-1 {live.jira_url}/browse/REL-1",
        "  manager Maya",
        "  Engineering (required), owner: Dana",
        "    eng: 2 items",
        "      1 by fix version = Atlas 2.0",
        "      1 by label = atlas-2",
        "      ENG-1 [Done] Merge edits",
        "      status Done counts as done: 1",
        "      status To Do counts as todo: 1",
        "    gtm: 1 item",
        "    signed by moving MKT-1 [Todo] to done",
        "  Legal (advisory), owner: Dana",
        "    no items: signature only",
        "  summary: eng REL",
        "    it can be written",
        "    nothing else is ever written there but its link to REL-1",
        "    whoever can read REL will see keys, titles, states and assignees of items of gtm",
        "    not known in eng, so the summary cannot reach them there: kim@acme.example",
        "All is in order. What the summary would say: syncd plan",
    ):
        assert line in ran.out.splitlines(), line
    assert "Sales" not in ran.out
    assert "  not mentioned, so the summary asks who speaks for: Quality Assurance, " in ran.out
    assert not _writes(live)


def test_a_status_that_means_nothing_to_us_is_told(live: Trial) -> None:
    run = commands(live, BARE)
    _world(live)
    ident = live.jira.status("Odd", "undefined")
    live.jira.status_rows[ident]["statusCategory"] = {"id": 99, "key": "odd", "name": "Odd", "colorName": "brown"}
    live.jira.move("ENG-2", "Odd")
    ran = run("check")
    assert "      status Odd counts as nothing we know: 1" in ran.out.splitlines()


def test_each_thing_in_the_way_is_said_where_it_stands_and_why_at_the_end(live: Trial) -> None:
    run = commands(
        live,
        BARE.replace("eng/ENG", "eng/ENGX").replace("gtm/MKT-1", "gtm/MKT-99") + "    summary: {type: Tasker}\n",
    )
    _world(live)
    ran = run("check")
    assert ran.code == 1
    assert "    eng: cannot be read; the problem is told at the end" in ran.out.splitlines()
    assert "    signed by moving MKT-99, which cannot be read; the problem is told at the end" in ran.out.splitlines()
    assert "    it cannot be written yet; the problem is told at the end" in ran.out.splitlines()
    assert "All is in order" not in ran.out
    project, ticket, kind = ran.err.splitlines()
    assert project.startswith("problem: eng: there is no project 'ENGX'")
    assert ticket.startswith('problem: gtm: Linear shows this token no issue "MKT-99"')
    assert kind.startswith('problem: eng: REL has no issue type "Tasker"; there are: ')


def test_a_summary_issue_that_is_gone_is_a_problem(live: Trial) -> None:
    run = commands(live, BARE)
    _world(live)
    run("once")
    assert run("check").code == 0
    (summary,) = live.summaries()
    live.jira.delete(summary["key"])
    ran = run("check")
    assert ran.code == 1
    assert "    it can be written" not in ran.out.splitlines()
    assert "    its place cannot be read; the problem is told at the end" in ran.out.splitlines()
    assert ran.err.startswith(f"problem: eng: the summary issue {summary['key']} is gone or hidden")


def test_an_owner_whom_the_sign_off_tickets_tracker_does_not_know_is_in_the_way(live: Trial) -> None:
    run = commands(live, BARE.replace("kim@", "nobody@"))
    _world(live)
    said = "problem: nobody@acme.example is not known in gtm, so no move of MKT-1 can sign Marketing\n"
    ran = run("check")
    assert (ran.code, ran.err) == (1, said)
    two = commands(live, BARE.replace("owner: kim@acme.example", "owner: [kim@acme.example, nobody@acme.example]"))
    ran = two("check")
    assert (ran.code, ran.err) == (1, said.replace("no move of", "no move of theirs of"))


def test_an_owner_is_known_by_an_account_id_too(live: Trial) -> None:
    run = commands(live, BARE.replace("kim@acme.example", "dana"))
    _world(live)
    text = run.config.read_text("utf-8")
    account = live.linear.user("D", "d@acme.example")
    told = f'email: d@other.example, gtm: "{account}"'
    run.config.write_text(text.replace("email: dana@acme.example", told), "utf-8")
    ran = run("check")
    assert (ran.code, ran.err) == (0, "")


def test_a_status_that_nobody_ever_moved_the_sign_off_ticket_to_is_asked_about(live: Trial) -> None:
    asked = "    nobody has moved MKT-1 to {} yet: is that a status of its workflow?"
    _world(live)
    live.linear.move("MKT-1", "Done")
    live.linear.move("MKT-1", "Todo")
    for status, is_asked in (("Nonsense", True), ("Done", False), ("todo", False)):
        ran = commands(live, BARE.replace("gtm/MKT-1", f"gtm/MKT-1, status: {status}"))("check")
        assert (ran.code, asked.format(status) in ran.out.splitlines()) == (0, is_asked), status


def test_titles_of_a_confidential_gate_are_not_shown(live: Trial) -> None:
    run = commands(
        live,
        BARE.replace("mode: advisory", "mode: advisory, confidential: true").replace("items: none", "items: eng/ENG"),
    )
    live.jira.add("ENG", "Secret plan", fix_versions=["Atlas 2.0"])
    shown = run("check").out.split("Legal (advisory)")[1]
    assert "ENG-1 [To Do] (confidential)" in shown
    assert "Secret plan" not in shown


def test_a_changed_account_is_accepted_here_and_nowhere_else(live: Trial) -> None:
    run = commands(live, BARE)
    _world(live)
    assert run("once").code == 0
    sam = next(id_ for id_, user in live.jira.users.items() if user["displayName"] == "Sam")
    live.jira.me = sam
    ran = run("once")
    assert ran.code == 1
    assert "it answers as Sam, another account than before" in ran.err
    assert "run `syncd check`, which accepts the new account" in ran.err
    checked = run("check")
    assert "is accepted from now on" in checked.out
    assert "is accepted from now on" not in run("check").out
    assert "another account" not in run("once").err


def test_offline_asks_nobody(live: Trial) -> None:
    ran = commands(live, BARE)("check", "--offline")
    assert (ran.code, ran.out, ran.err) == (0, "The file is in order: 2 trackers, 1 release.\n", "")
    assert not live.jira_site.requests
    assert not live.linear_site.requests


def test_a_gate_without_items_is_in_the_way(live: Trial) -> None:
    run = commands(live, BARE)
    _world(live)
    run("once")
    for key in ("ENG-1", "ENG-2"):
        live.jira.delete(key)
    ran = run("check")
    assert ran.code == 1
    said = "0 items: this gate will read CAN'T TELL; narrow it otherwise, or write items: none"
    assert f"    {said}" in ran.out.splitlines()
    assert ran.err == f"problem: Engineering has {said}\n"


def test_a_launch_issue_that_is_not_there_is_one_problem(live: Trial) -> None:
    run = commands(live, BARE.replace("REL-1\n", "REL-77\n"))
    _world(live)
    ran = run("check")
    assert (ran.code, len(ran.err.splitlines())) == (1, 1)
    assert "REL-77" in ran.err
