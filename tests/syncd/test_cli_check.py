"""``syncd check``: what it proves, what it says of each gate, and what it accepts."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from werkzeug import Response

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

UNHEARD = "not known in eng, so what they comment on the summary does not count"
OPEN = "key, title, state and assignee of its items, and what is said about them"
PAGE = "shows the same of all releases at 127.0.0.1:8321 to whoever"


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
        "    nothing else is ever written there but comments and its link to REL-1",
        "  who can be reached where (the summary is in eng):",
        "    Maya, manager: known in eng, gtm",
        "    Dana, owner of Engineering, Legal: known in eng, gtm",
        f"    Kim, owner of Marketing: known in gtm; {UNHEARD}",
        "    whoever can read REL will see, beside the names of gates and people:",
        f"      Engineering (eng): {OPEN}",
        f"The daemon {PAGE} reaches that address, for http.token is not set.",
        "All is in order. What the summary would say: syncd plan",
    ):
        assert line in ran.out.splitlines(), line
    assert "Sales" not in ran.out
    assert "  not mentioned, so the summary asks who speaks for: Quality Assurance, " in ran.out
    assert not _writes(live)


WAIVERS = "waivers cannot be approved"
ALONE = """
  atlas-2:
    launch: eng/REL-1
    manager: {manager}
    gates:
      engineering: {{owner: {owner}, items: eng/ENG}}
      support: {{owner: dana, items: none}}
"""


@pytest.mark.parametrize(
    ("manager", "owner", "said"),
    [
        ("dana", "dana", "  one person owns everything: waivers cannot be approved, for that takes a second one"),
        ("dana", "maya", "  waivers of Support cannot be approved: that takes two people, and only Dana may"),
        ("[dana, maya]", "dana", ""),
        ("maya", "dana", ""),
    ],
)
def test_where_nobody_could_approve_a_waiver_is_said(live: Trial, manager: str, owner: str, said: str) -> None:
    _world(live)
    told = commands(live, ALONE.format(manager=manager, owner=owner))("check").out.splitlines()
    assert [line for line in told if "waivers" in line] == ([said] if said else [])


def test_one_person_under_two_names_is_one(live: Trial) -> None:
    _world(live)
    run = commands(live, ALONE.format(manager="dana@acme.example", owner="dana"))
    assert "  one person owns everything: " in run("check").out


def test_without_a_manager_nobody_approves_waivers(live: Trial) -> None:
    live.jira.edit("REL-1", assignee=None)
    _world(live)
    told = commands(live, BARE)("check").out.splitlines()
    said = "that takes two people, the manager among them, and there is no manager"
    assert f"  waivers cannot be approved: {said}" in told


def test_a_gate_that_nobody_can_sign_is_in_the_way(live: Trial) -> None:
    _world(live)
    releases = BARE.replace("        sign_off: {item: gtm/MKT-1}\n", "")
    ran = commands(live, releases)("check")
    assert ran.code == 1
    assert ran.err == (
        "problem: eng, where the summary is, knows no owner of Marketing (Kim), so nobody can sign it; name them by an"
        " e-mail that eng knows, or write their account there under people:, or name their ticket, sign_off: {item:"
        " KEY}\n"
    )
    for more in ("        sign_off: false\n", "        mode: advisory\n"):
        assert commands(live, releases.replace("label: atlas-2}]\n", "label: atlas-2}]\n" + more))("check").code == 0
    two = commands(live, releases.replace("owner: kim@acme.example", "owner: [kim@acme.example, dana]"))
    assert two("check").code == 0


def test_a_manager_whom_the_summarys_tracker_does_not_know_is_in_the_way(live: Trial) -> None:
    _world(live)
    releases = BARE.replace("    gates:", "    manager: [WHO]\n    gates:")
    ran = commands(live, releases.replace("WHO", "kim@acme.example"))("check")
    assert ran.code == 1
    assert ran.err.startswith(
        "problem: eng, where the summary is, knows no manager (Kim), so nobody can decide there; name them by"
    )
    assert commands(live, releases.replace("WHO", "kim@acme.example, maya"))("check").code == 0


def test_who_cannot_be_asked_for_is_not_called_unknown(live: Trial) -> None:
    run = commands(live, BARE)
    _world(live)
    live.jira_site.before = lambda request: Response("{}", 403) if request.path.endswith("/user/search") else None
    ran = run("check")
    assert "    Dana, owner of Engineering, Legal: known in eng, gtm" in ran.out.splitlines()  # as the project's lead
    assert "    Kim, owner of Marketing: known in gtm; eng does not say" in ran.out.splitlines()
    assert ran.code == 0


def test_of_a_gate_whose_project_cannot_be_read_check_and_once_both_say_that_its_owner_cannot_be_told(
    live: Trial,
) -> None:
    run = commands(live, BARE)
    _world(live)
    live.jira_site.before = lambda request: Response("{}", 403) if request.path.endswith("/project/ENG") else None
    told = run("check").out.splitlines()
    assert "  Engineering (required), owner: it cannot be told" in told
    run("once")
    gate = run("explain", "atlas-2", "engineering").out.splitlines()
    assert [line for line in gate if line.startswith("  owner: nobody is known; ")]
    live.jira_site.before = None
    assert "  Engineering (required), owner: Dana" in run("check").out.splitlines()


def test_a_switched_off_account_is_told(live: Trial) -> None:
    run = commands(live, BARE)
    live.linear.user("Kim", "kim@acme.example", active=False)
    said = f"known in gtm; an account of theirs is switched off; {UNHEARD}"
    assert f"    Kim, owner of Marketing: {said}" in run("check").out


def test_what_is_confidential_or_restricted_is_said_to_be_hidden(live: Trial) -> None:
    _world(live)
    live.jira.edit("ENG-1", security="Core only")
    told = commands(live, BARE.replace("sign_off: {item", "confidential: true\n        sign_off: {item"))("check").out
    assert (
        f"      Engineering (eng): {OPEN}; of the 1 that is restricted key, state and assignee only\n"
        "      Marketing (gtm): key, state and assignee of its items and nothing else, for it is confidential\n"
    ) in told
    assert "ENG-1 [Done] (confidential)" in told
    assert "Merge edits" not in told


def test_what_could_not_be_read_is_not_said_to_be_shown_whole(live: Trial) -> None:
    _world(live)
    told = commands(live, BARE.replace("eng/ENG", "eng/ENGX"))("check").out
    assert (
        "Engineering (eng): key, title, state and assignee of its items, and what is said about them; not all" in told
    )


def test_a_summary_in_another_tracker_than_the_launch_issue_is_not_said_to_link_to_it(live: Trial) -> None:
    _world(live)
    told = commands(live, BARE + "    summary: {tracker: gtm, team: MKT}\n")("check").out.splitlines()
    assert "    nothing else is ever written there but comments" in told
    assert "  who can be reached where (the summary is in gtm):" in told
    assert "    gtm tells the watchers of every renewal, so the page is trusted for 24 h, at the end 4 h" in told


def test_where_the_page_is_not_served_nothing_is_said_of_it(live: Trial) -> None:
    run = commands(live, BARE)
    text = run.config.read_text("utf-8")
    run.config.write_text(f"http: null\n{text}", "utf-8")
    assert PAGE not in run("check").out
    run.config.write_text(f"http: {{token: {{env: LINEAR_TOKEN}}}}\n{text}", "utf-8")
    assert f"The daemon {PAGE} presents http.token." in run("check").out


def test_a_status_for_the_summary_that_there_is_not_is_in_the_way(live: Trial) -> None:
    _world(live)
    releases = BARE + "    summary: {statuses: {blocked: In Progress, ready: Lift-off}}\n"
    ran = commands(live, releases)("check")
    assert ran.code == 1
    said = 'problem: eng: REL has no status "Lift-off" for the summary; there are: Backlog, Blocked, '
    assert ran.err.startswith(said)
    assert commands(live, releases.replace("Lift-off", "done"))("check").code == 0


def test_a_status_to_which_no_move_leads_from_where_the_summary_stands_is_in_the_way(live: Trial) -> None:
    _world(live)
    run = commands(live, BARE + "    summary: {statuses: {blocked: Blocked, ready: Done}}\n")
    run("once")
    assert run("check").code == 0
    only = {"transitions": [{"id": "7", "name": "Begin", "to": {"id": "3", "name": "In Progress"}}]}
    live.jira_site.before = lambda request: (
        Response(json.dumps(only)) if (request.method, request.path[-12:]) == ("GET", "/transitions") else None
    )
    ran = run("check")
    assert ran.code == 1
    (summary,) = live.summaries()
    said = (
        f'problem: eng: no transition leads from where {summary["key"]} stands to "Done"; from there lead: In Progress'
    )
    assert ran.err.startswith(said)
    assert "    it can be written" not in ran.out.splitlines()


@pytest.mark.parametrize("timing", ["", "    timing: {lease: 6h}\n"])
def test_renewals_that_everybody_hears_of_are_told_before_the_first(live: Trial, timing: str) -> None:
    _world(live)
    run = commands(live, BARE + timing)
    said = "    eng tells the watchers of every renewal" + (
        "" if timing else ", so the page is trusted for 24 h, at the end 4 h"
    )
    assert said not in run("check").out.splitlines()
    live.jira.denied |= {"ADMINISTER", "ADMINISTER_PROJECTS"}
    assert said in run("check").out.splitlines()


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


@pytest.mark.parametrize(
    ("timing", "poll", "trusted"),
    [
        ("", "9m", ""),
        ("", "10m", "10 min in the last day"),
        ("timing: {freshness: 5m}", "5m", "5 min"),
        ("timing: {freshness: 1h}", "20m", ""),
    ],
)
@pytest.mark.parametrize("offline", [["--offline"], []], ids=["offline", "online"])
def test_a_tracker_that_is_polled_too_seldom_for_what_its_answers_are_trusted_is_told(
    live: Trial, timing: str, poll: str, trusted: str, offline: list[str]
) -> None:
    file = BARE.replace("    launch: eng/REL-1\n", f"    launch: eng/REL-1\n    {timing}\n")
    _world(live)
    ran = commands(live, file, poll=poll)("check", *offline)
    said = [line for line in ran.err.splitlines() if "polled every" in line]
    if not trusted:
        assert (ran.code, said) == (0, [])
        return
    assert ran.code == 1
    assert [line.split()[1] for line in said] == ["eng", "gtm"]
    assert all(f"and atlas-2 trusts an answer for {trusted}: " in line for line in said)


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
