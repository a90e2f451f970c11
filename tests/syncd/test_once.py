"""The main job, end to end: one pass reads both trackers and keeps one summary issue true."""

from __future__ import annotations

import json
from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from werkzeug.wrappers import Response

if TYPE_CHECKING:
    from werkzeug.wrappers import Request

    from tests.trial import Trial

FULL = """
  atlas-2:
    launch: eng/REL-1
    timing: {soak: 0s}
    gates:
      engineering: {owner: dana, items: eng/ENG, sign_off: false}
      marketing: {owner: maya, items: [{tracker: gtm, team: MKT, label: atlas-2}], sign_off: false}
"""
ENG_ONLY = """
  atlas-2:
    launch: eng/REL-1
    timing: {soak: 0s}
    gates: {engineering: {owner: dana, items: eng/ENG, sign_off: false}}
"""


def _done_everywhere(whole: Trial) -> None:
    whole.jira.add("ENG", "Merge edits", status="Done", fix_versions=["Atlas 2.0"])
    label = whole.linear.label("atlas-2")
    assert label
    whole.linear.add("MKT", "Launch post", state="Done", labels=["atlas-2"])


def _body(issue: dict[str, Any]) -> str:
    return json.dumps(issue["fields"]["description"], ensure_ascii=False)


def test_a_pass_creates_one_summary_that_blocks_the_launch_issue(whole: Trial) -> None:
    whole.jira.add("ENG", "Merge edits", fix_versions=["Atlas 2.0"])
    passed = whole.once(whole.configure(ENG_ONLY))
    assert not passed.problems
    (summary,) = whole.summaries()
    assert passed.outcome is not None
    assert passed.outcome.ref.key == summary["key"]
    assert summary["fields"]["summary"].startswith("Atlas 2.0: ")
    assert "ENG-1" in _body(summary)
    (link,) = summary["fields"]["issuelinks"]
    assert link["type"]["outward"] == "blocks"
    assert link["outwardIssue"]["key"] == "REL-1"


def test_f18_a_second_pass_writes_nothing_and_asks_no_more_than_it_must(whole: Trial) -> None:
    for n in range(3):
        whole.jira.add("ENG", f"Part {n}", fix_versions=["Atlas 2.0"])
    config = whole.configure(FULL)
    whole.once(config)
    whole.jira_site.requests.clear()
    whole.linear_site.requests.clear()
    passed = whole.once(config)
    assert passed.outcome is not None
    assert passed.outcome.kind == "unchanged"
    assert not whole.writes()
    asked = Counter((seen.method, seen.path) for seen in whole.jira_site.requests)
    assert asked["POST", "/rest/api/3/search/jql"] <= 3  # the selector's one page, the epics so named, strays
    assert asked["POST", "/rest/api/3/issue/bulkfetch"] == 2  # the launch issue's number, and the items
    assert sum(asked.values()) <= 15
    assert len(whole.linear_site.requests) <= 5


def test_ready_takes_two_complete_readings(whole: Trial) -> None:
    _done_everywhere(whole)
    config = whole.configure(FULL)
    assert not whole.once(config).draft.readiness.verdict.launchable
    whole.clock.pass_by(minutes=5)
    assert whole.once(config).draft.readiness.verdict.launchable
    assert whole.status(config)["verdict"] == "ready"
    assert whole.states(config) == {"engineering": "ready", "marketing": "ready"}


def test_ready_runs_out_when_nobody_confirms_it(whole: Trial) -> None:
    _done_everywhere(whole)
    config = whole.configure(FULL)
    whole.once(config)
    whole.clock.pass_by(minutes=5)
    whole.once(config)
    whole.clock.pass_by(hours=13)
    told = whole.status(config)
    assert (told["verdict"], told["launchable"]) == ("unknown", False)
    assert "ready" not in {gate["state"] for gate in told["gates"]}


def test_a_reopened_item_takes_ready_back_at_once(whole: Trial) -> None:
    _done_everywhere(whole)
    config = whole.configure(FULL)
    whole.once(config)
    whole.clock.pass_by(minutes=5)
    whole.once(config)
    whole.jira.move("ENG-1", "In Progress", by="Dana")
    whole.clock.pass_by(minutes=1)
    whole.once(config)
    assert whole.states(config)["engineering"] == "blocked"
    (summary,) = whole.summaries()
    assert "BLOCKED" in summary["fields"]["summary"]


@pytest.mark.parametrize("status", [400, 401, 403, 404, 429, 500, 502])
def test_a_tracker_that_refuses_makes_its_gates_cant_tell_and_no_other(whole: Trial, status: int) -> None:
    _done_everywhere(whole)
    config = whole.configure(FULL)
    whole.once(config)
    whole.clock.pass_by(minutes=5)
    whole.once(config)
    whole.linear_site.before = lambda _: Response("<html>no</html>", status)
    whole.clock.pass_by(hours=7)
    passed = whole.once(config)
    assert passed.problems
    assert whole.states(config) == {"engineering": "ready", "marketing": "unknown"}
    assert whole.status(config)["launchable"] is False
    (summary,) = whole.summaries()
    assert "CAN'T TELL" in summary["fields"]["summary"]


def test_f10_a_refused_query_blinds_its_gate_with_the_trackers_words(whole: Trial) -> None:
    whole.jira.add("SUP", "Rota", status="Done")
    config = whole.configure("""
  atlas-2:
    launch: eng/REL-1
    gates:
      engineering: {owner: dana, items: [{tracker: eng, jql: 'project = NOPE AND x ='}], sign_off: false}
      support: {owner: maya, items: [{tracker: eng, project: SUP}], sign_off: false}
""")
    passed = whole.once(config)
    assert passed.problems
    assert whole.states(config) == {"engineering": "unknown", "support": "on_track"}
    (gate,) = [gate for gate in passed.draft.readiness.gates if gate.id == "engineering"]
    assert "eng" in gate.reason


def test_an_account_that_changed_stops_the_pass(whole: Trial) -> None:
    _done_everywhere(whole)
    config = whole.configure(FULL)
    whole.once(config)
    sam = next(id_ for id_, user in whole.jira.users.items() if user["displayName"] == "Sam")

    def someone_else(request: Request) -> Response | None:
        if not request.path.endswith("/myself"):
            return None
        return Response(
            json.dumps({"accountId": sam, "displayName": "Sam", "active": True}), mimetype="application/json"
        )

    whole.jira_site.before = someone_else
    passed = whole.once(config)
    assert "another account" in str(passed.problems[0])
    assert whole.states(config)["engineering"] == "unknown"


def test_f8_an_unfinished_item_that_vanished_keeps_its_gate_at_cant_tell(whole: Trial) -> None:
    whole.jira.add("ENG", "Merge edits", status="Done", fix_versions=["Atlas 2.0"])
    lost = whole.jira.add("ENG", "Show which edits won", fix_versions=["Atlas 2.0"])
    config = whole.configure(ENG_ONLY)
    whole.once(config)
    whole.jira.delete(lost)
    for _ in range(3):
        whole.clock.pass_by(minutes=10)
        whole.once(config)
        assert whole.states(config)["engineering"] == "unknown"
    assert lost in whole.status(config)["reason"]


def test_an_item_that_no_longer_matches_has_left(whole: Trial) -> None:
    whole.jira.add("ENG", "Merge edits", status="Done", fix_versions=["Atlas 2.0"])
    moved = whole.jira.add("ENG", "Show which edits won", fix_versions=["Atlas 2.0"])
    config = whole.configure(ENG_ONLY)
    whole.once(config)
    whole.jira.edit(moved, fix_versions=[])
    for _ in range(2):
        whole.clock.pass_by(minutes=1)
        whole.once(config)
    assert whole.states(config)["engineering"] == "ready"


def test_f8_a_finished_item_that_vanished_leaves_at_the_second_look(whole: Trial) -> None:
    whole.jira.add("ENG", "Merge edits", status="Done", fix_versions=["Atlas 2.0"])
    lost = whole.jira.add("ENG", "Show which edits won", status="Done", fix_versions=["Atlas 2.0"])
    config = whole.configure(ENG_ONLY)
    whole.once(config)
    whole.jira.delete(lost)
    whole.once(config)
    whole.clock.pass_by(minutes=6)
    whole.once(config)
    (gate,) = [gate for gate in whole.status(config)["gates"] if gate["id"] == "engineering"]
    assert (gate["done"], gate["total"]) == (1, 1)


def test_nothing_but_the_summary_is_written_in_either_tracker(whole: Trial) -> None:
    _done_everywhere(whole)
    whole.jira.add("ENG", "Open", fix_versions=["Atlas 2.0"])
    before = {key: json.dumps(issue, default=str) for key, issue in whole.jira.issues.items()}
    config = whole.configure(FULL)
    for _ in range(3):
        whole.once(config)
        whole.clock.pass_by(hours=7)
    (summary,) = whole.summaries()
    launch = whole.jira.keys["REL-1"]
    for id_, text in before.items():
        if id_ != launch:
            assert json.dumps(whole.jira.issues[id_], default=str) == text
    paths = {path for _, path in whole.writes()}
    assert all(summary["id"] in path or path.endswith(("/issue", "/issueLink")) for path in paths)
    assert not any("mutation" in str(seen.body) for seen in whole.linear_site.requests)


def test_the_incremental_pass_sees_what_changed_and_reads_nothing_else(whole: Trial) -> None:
    for n in range(5):
        whole.jira.add("ENG", f"Part {n}", fix_versions=["Atlas 2.0"])
    config = whole.configure(ENG_ONLY)
    whole.once(config)
    whole.clock.pass_by(hours=1)
    whole.jira.move("ENG-2", "Done", by="Dana")
    whole.jira.edit("ENG-3", fix_versions=[])
    whole.jira.add("ENG", "New part", status="Done", fix_versions=["Atlas 2.0"])
    whole.clock.pass_by(minutes=2)
    whole.increment(config)
    (gate,) = [gate for gate in whole.status(config)["gates"] if gate["id"] == "engineering"]
    assert (gate["done"], gate["total"]) == (2, 5)
    assert {it["key"] for it in gate["blockers"]} == {"ENG-1", "ENG-4", "ENG-5"}


def test_increments_alone_never_make_a_gate_ready(whole: Trial) -> None:
    whole.jira.add("ENG", "Merge edits", fix_versions=["Atlas 2.0"])
    config = whole.configure(ENG_ONLY)
    whole.once(config)
    whole.jira.move("ENG-1", "Done", by="Dana")
    for _ in range(4):
        whole.clock.pass_by(minutes=20)
        whole.increment(config)
        assert whole.states(config)["engineering"] == "on_track"


def test_data_center_is_found_out_and_gets_wiki_markup(data_center: Trial) -> None:
    data_center.jira.add("ENG", "Merge {edits} [now]", fix_versions=["Atlas 2.0"])
    passed = data_center.once(data_center.configure(ENG_ONLY))
    assert not passed.problems
    (summary,) = data_center.summaries()
    assert isinstance(summary["fields"]["description"], str)
    assert "||Gate||" in summary["fields"]["description"].replace(" ", "")
    assert data_center.once(data_center.configure(ENG_ONLY)).outcome is not None
    assert len(data_center.summaries()) == 1


def test_the_summary_can_live_in_linear(whole: Trial) -> None:
    launch = whole.linear.add("MKT", "Atlas 2.0", assignee="Maya")
    whole.linear.label("atlas-2")
    whole.linear.add("MKT", "Launch post", labels=["atlas-2"])
    config = whole.configure(f"""
  atlas-2:
    launch: gtm/{launch}
    target: 2026-12-15
    gates: {{marketing: {{owner: maya, items: gtm/MKT, sign_off: false}}}}
""")
    first = whole.once(config)
    assert not first.problems
    assert first.outcome is not None
    whole.clock.pass_by(minutes=1)
    again = whole.once(config)
    assert again.outcome is not None
    assert again.outcome.kind == "unchanged"
    issue = whole.linear.find_issue(first.outcome.ref.key)
    assert "Launch post" in issue["description"]
    assert whole.states(config)["marketing"] == "on_track"


def test_a_sign_off_ticket_signs_by_its_owner_and_moving_it_back_takes_it_back(whole: Trial) -> None:
    whole.jira.add("ENG", "Merge edits", status="Done", fix_versions=["Atlas 2.0"])
    ticket = whole.jira.add("SUP", "Engineering signs Atlas 2.0")
    config = whole.configure(f"""
  atlas-2:
    launch: eng/REL-1
    timing: {{soak: 0s}}
    gates: {{engineering: {{owner: dana, items: eng/ENG, sign_off: {{item: eng/{ticket}}}}}}}
""")
    whole.once(config)
    whole.clock.pass_by(minutes=1)
    whole.once(config)
    assert whole.states(config)["engineering"] == "sign_off_due"
    whole.jira.move(ticket, "Done", by="Sam")
    whole.once(config)
    assert whole.states(config)["engineering"] == "sign_off_due"
    whole.jira.move(ticket, "To Do", by="Dana")
    whole.clock.pass_by(minutes=1)
    whole.jira.move(ticket, "Done", by="Dana")
    whole.once(config)
    whole.clock.pass_by(minutes=1)
    whole.once(config)
    assert whole.states(config)["engineering"] == "ready"
    whole.jira.move(ticket, "To Do", by="Dana")
    whole.clock.pass_by(minutes=1)
    whole.once(config)
    assert whole.states(config)["engineering"] == "sign_off_due"


def test_an_issue_named_in_the_configuration_is_used_and_its_text_kept(whole: Trial) -> None:
    whole.jira.add("ENG", "Merge edits", fix_versions=["Atlas 2.0"])
    key = whole.jira.add("REL", "Readiness of Atlas 2.0")
    text = {"type": "text", "text": "What we agreed on Monday"}
    body = {"version": 1, "type": "doc", "content": [{"type": "paragraph", "content": [text]}]}
    whole.jira.edit(key, description=body)
    config = whole.configure(f"{ENG_ONLY}    summary: {{issue: eng/{key}}}\n")
    for _ in range(2):
        passed = whole.once(config)
        assert not passed.problems
    (summary,) = whole.summaries()
    assert summary["key"] == key
    told = _body(summary)
    assert told.count("What we agreed on Monday") == 1
    assert told.index("ENG-1") < told.index("What we agreed on Monday")


def test_what_the_manager_writes_below_the_last_heading_survives_ten_rewrites(whole: Trial) -> None:
    whole.jira.add("ENG", "Merge edits", fix_versions=["Atlas 2.0"])
    config = whole.configure(ENG_ONLY)
    whole.once(config)
    (summary,) = whole.summaries()
    text = {"type": "text", "text": "Ask legal about the export", "marks": [{"type": "strong"}]}
    note = {"type": "panel", "attrs": {"panelType": "info"}, "content": [{"type": "paragraph", "content": [text]}]}
    summary["fields"]["description"]["content"].append(note)
    for n in range(10):
        whole.jira.add("ENG", f"Part {n}", fix_versions=["Atlas 2.0"])
        whole.clock.pass_by(minutes=5)
        passed = whole.once(config)
        assert passed.outcome is not None
        assert passed.outcome.kind == "updated"
    (summary,) = whole.summaries()
    assert summary["fields"]["description"]["content"][-1] == note
    assert "11 of 11 open" in _body(summary)


def test_a_heading_edited_out_of_the_body_leaves_the_body_alone_and_says_so_once(whole: Trial) -> None:
    whole.jira.add("ENG", "Merge edits", fix_versions=["Atlas 2.0"])
    config = whole.configure(ENG_ONLY)
    whole.once(config)
    (summary,) = whole.summaries()
    paragraph = {"type": "paragraph", "content": [{"type": "text", "text": "Mine alone"}]}
    summary["fields"]["description"]["content"] = [paragraph]
    for n in range(3):
        whole.jira.add("ENG", f"Part {n}", fix_versions=["Atlas 2.0"])
        whole.clock.pass_by(minutes=5)
        assert whole.once(config).problems
    (summary,) = whole.summaries()
    assert summary["fields"]["description"]["content"] == [paragraph]
    comments = [seen for seen in whole.jira_site.requests if seen.method == "POST" and seen.path.endswith("/comment")]
    assert sum("cannot tell the notes" in json.dumps(seen.body) for seen in comments) == 1


def test_a_property_that_jira_refuses_is_said_and_does_not_cause_writes_for_ever(whole: Trial) -> None:
    whole.jira.add("ENG", "Merge edits", fix_versions=["Atlas 2.0"])
    config = whole.configure(ENG_ONLY)

    def refuse(request: Request) -> Response | None:
        told = request.get_json(silent=True) if request.method in ("POST", "PUT") else None
        if isinstance(told, dict) and told.get("properties") and "jql" not in told:
            text = json.dumps({"errorMessages": ["You cannot set properties."], "errors": {}})
            return Response(text, 400, mimetype="application/json")
        return None

    whole.jira_site.before = refuse
    first = whole.once(config)
    assert first.outcome is not None
    assert "You cannot set properties" in first.outcome.remarks[0]
    second = whole.once(config)
    assert second.outcome is not None
    assert second.outcome.kind == "unchanged"


def test_where_every_renewal_tells_the_watchers_the_page_is_trusted_for_longer(whole: Trial) -> None:
    launch = whole.linear.add("MKT", "Atlas 2.0", assignee="Maya")
    config = whole.configure(f"""
  atlas-2:
    launch: gtm/{launch}
    target: 2026-12-15
    gates: {{marketing: {{owner: maya, items: gtm/MKT, sign_off: false}}}}
""")
    whole.once(config)
    whole.clock.pass_by(hours=7)
    whole.once(config)
    until = whole.status(config)["valid_until"]
    assert until == (whole.clock() + timedelta(hours=24)).isoformat()


def test_the_five_line_configuration_asks_once_for_each_gate_and_no_more(whole: Trial) -> None:
    whole.jira.add("ENG", "Merge edits", fix_versions=["Atlas 2.0"])
    whole.jira.add("SUP", "Rota", labels=["atlas-2"])
    config = whole.configure("""
  atlas-2:
    launch: eng/REL-1
    gates: {engineering: eng/ENG, support: eng/SUP}
""")
    whole.once(config)
    whole.jira_site.requests.clear()
    whole.once(config)
    asked = Counter((seen.method, seen.path) for seen in whole.jira_site.requests)
    summary = whole.summaries()[0]["id"]
    assert asked == {
        ("GET", "/rest/api/2/serverInfo"): 1,
        ("GET", "/rest/api/3/myself"): 1,
        ("GET", "/rest/api/3/issue/REL-1"): 1,
        ("GET", "/rest/api/3/project/ENG"): 2,  # its lead, and what it has
        ("GET", "/rest/api/3/project/SUP"): 2,
        ("GET", "/rest/api/3/status"): 1,
        ("POST", "/rest/api/3/search/jql"): 4,  # the epics so named, each gate's one page, and what is in no gate
        ("POST", "/rest/api/3/issue/bulkfetch"): 2,  # the launch issue's number, and the items
        ("GET", f"/rest/api/3/issue/{summary}"): 2,  # as it stands, and its key for the comments
        ("GET", f"/rest/api/3/issue/{summary}/comment"): 1,
    }
    assert not whole.linear_site.requests


def test_one_ticket_can_sign_two_gates(whole: Trial) -> None:
    whole.jira.add("ENG", "Merge edits", status="Done", fix_versions=["Atlas 2.0"])
    whole.jira.add("SUP", "Rota", status="Done", labels=["atlas-2"])
    ticket = whole.jira.add("REL", "Dana signs")
    config = whole.configure(f"""
  atlas-2:
    launch: eng/REL-1
    timing: {{soak: 0s}}
    gates:
      engineering: {{owner: dana, items: eng/ENG, sign_off: {{item: eng/{ticket}}}}}
      support: {{owner: dana, items: eng/SUP, sign_off: {{item: eng/{ticket}}}}}
""")
    whole.once(config)
    whole.clock.pass_by(minutes=1)
    whole.jira.move(ticket, "Done", by="Dana")
    for _ in range(3):
        whole.clock.pass_by(minutes=1)
        whole.once(config)
    assert whole.states(config) == {"engineering": "ready", "support": "ready"}


def test_a_tracker_that_asks_for_a_second_of_patience_gets_it(whole: Trial) -> None:
    whole.jira.add("ENG", "Merge edits", fix_versions=["Atlas 2.0"])
    busy = [Response("{}", 429, headers={"Retry-After": "1"})]

    def once_too_many(request: Request) -> Response | None:
        return busy.pop() if busy and request.path.endswith("/bulkfetch") else None

    whole.jira_site.before = once_too_many
    passed = whole.once(whole.configure(ENG_ONLY))
    assert not passed.problems
    assert whole.states(whole.configure(ENG_ONLY)) == {"engineering": "on_track"}
    assert whole.clock.waited >= 1


def test_a_tracker_that_asks_for_an_hour_does_not_hold_up_the_pass(whole: Trial) -> None:
    whole.jira.add("ENG", "Merge edits", fix_versions=["Atlas 2.0"])
    patience = {"Retry-After": "9223372036854775807"}
    whole.jira_site.before = lambda request: (
        Response("{}", 429, headers=patience) if request.path.endswith("/bulkfetch") else None
    )
    assert whole.once(whole.configure(ENG_ONLY)).problems
    assert whole.clock.waited == 0


def test_a_project_that_cannot_be_read_is_not_told_to_have_no_owner(whole: Trial) -> None:
    whole.jira_site.before = lambda request: Response("{}", 503) if "/project/ENG" in request.path else None
    config = whole.configure("""
  atlas-2: {launch: eng/REL-1, target: 2026-12-10, gates: {engineering: eng/ENG}}
""")
    passed = whole.once(config)
    assert whole.states(config) == {"engineering": "unknown"}
    assert "no owner" not in passed.draft.text
    assert "Nobody owns" not in passed.draft.text
    assert "create the items" not in passed.draft.text


def test_a_page_that_is_too_long_is_shortened_and_the_operator_is_told(whole: Trial) -> None:
    gates = ""
    for n in range(50):
        for _ in range(3):
            whole.jira.add("ENG", f"{n} " + "very long indeed " * 14, labels=[f"g{n}"])
        gates += f"      g{n}: {{owner: dana, items: [{{tracker: eng, label: g{n}}}], sign_off: false}}\n"
    passed = whole.once(whole.configure(f"\n  atlas-2:\n    launch: eng/REL-1\n    gates:\n{gates}"))
    assert passed.outcome is not None
    assert not passed.problems
    assert "shortened page" in passed.outcome.remarks[-1]
    (summary,) = whole.summaries()
    assert len(_body(summary)) < 32_767
    assert "more gates" in _body(summary)
