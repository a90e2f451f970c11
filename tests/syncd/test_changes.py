"""Between two passes somebody changes the file, the launch issue, a name, a clock: what was known of the old is not
taken for the new.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from werkzeug.wrappers import Response

from connectors.errors import TemporaryError
from syncd import claim

if TYPE_CHECKING:
    from collections.abc import Callable

    from werkzeug.wrappers import Request

    from config.schema import Config
    from tests.trial import Trial


def _gate(items: str, more: str = "") -> str:
    return f"""
  atlas-2:
    launch: eng/REL-1
    timing: {{soak: 0s}}
    gates: {{engineering: {{owner: dana, items: {items}, sign_off: false{more}}}}}
"""


def _asked(whole: Trial, config: Config) -> str:
    """What syncd asks people for."""
    return " | ".join(ask.what for ask in whole.told(config).readiness.asks)


LABELLED = _gate("[{tracker: eng, label: x}]")
WHOLE_PROJECT = _gate("[{tracker: eng, project: ENG}]")


def _ready(whole: Trial, releases: str) -> None:
    config = whole.configure(releases)
    for _ in range(2):
        whole.clock.pass_by(minutes=1)
        whole.once(config)
    assert whole.status(config)["launchable"]


def _refusing(path: str, status: int = 503) -> Callable[[Request], Response | None]:
    return lambda request: Response("{}", status) if path in request.path else None


def test_a_changed_query_that_cannot_be_read_yet_is_not_answered_by_the_old_one(whole: Trial) -> None:
    whole.jira.add("ENG", "Marked", status="Done", labels=["x"])
    whole.jira.add("ENG", "Open")
    _ready(whole, LABELLED)
    whole.jira_site.before = _refusing("/search/jql")
    config = whole.configure(WHOLE_PROJECT)
    whole.once(config)
    assert whole.states(config) == {"engineering": "unknown"}


def test_a_changed_query_is_read_whole_even_by_an_incremental_pass(whole: Trial) -> None:
    whole.jira.add("ENG", "Marked", status="Done", labels=["x"])
    whole.jira.add("ENG", "Open")
    _ready(whole, LABELLED)
    config = whole.configure(WHOLE_PROJECT)
    whole.clock.pass_by(hours=1)
    whole.increment(config)
    (gate,) = [gate for gate in whole.status(config)["gates"] if gate["id"] == "engineering"]
    assert [it["key"] for it in gate["blockers"]] == ["ENG-2"]


def test_a_changed_query_begins_to_settle_anew(whole: Trial) -> None:
    whole.jira.add("ENG", "Marked", status="Done", labels=["x"])
    _ready(whole, LABELLED)
    config = whole.configure(WHOLE_PROJECT)
    whole.clock.pass_by(minutes=1)
    whole.once(config)
    assert whole.states(config) == {"engineering": "on_track"}


def test_a_file_with_another_gate_than_was_judged_is_not_launchable(whole: Trial) -> None:
    whole.jira.add("ENG", "Marked", status="Done", labels=["x"])
    _ready(whole, LABELLED)
    config = whole.configure(LABELLED.replace("gates: {", "gates: {support: {owner: maya, items: eng/SUP}, "))
    told = whole.status(config)
    assert (told["verdict"], told["launchable"]) == ("unknown", False)
    assert "configuration has changed" in told["reason"]


def test_a_renamed_launch_issue_does_not_lose_the_work_that_carries_the_old_name(whole: Trial) -> None:
    whole.jira.add("ENG", "Marked", status="Done", labels=["atlas-2"])
    for n in range(9):
        whole.jira.add("ENG", f"Part {n}", fix_versions=["Atlas 2.0"])
    config = whole.configure(_gate("eng/ENG"))
    whole.once(config)
    whole.jira.edit("REL-1", summary="Atlas 2.0 GA")
    for _ in range(3):
        whole.clock.pass_by(minutes=6)
        whole.once(config)
        assert whole.states(config) == {"engineering": "unknown"}
    assert 'the launch issue "Atlas 2.0" is called "Atlas 2.0 GA" now' in _asked(whole, config)


def test_a_renamed_fix_version_does_not_lose_the_work_that_carries_it(whole: Trial) -> None:
    whole.jira.add("ENG", "Marked", status="Done", labels=["atlas-2"])
    for n in range(9):
        whole.jira.add("ENG", f"Part {n}", fix_versions=["Atlas 2.0"])
    config = whole.configure(_gate("eng/ENG"))
    whole.once(config)
    for version in whole.jira.project_versions["ENG"]:
        version["name"] = "Atlas 2.0 (old)"
    for _ in range(3):
        whole.clock.pass_by(minutes=6)
        whole.once(config)
        assert whole.states(config) == {"engineering": "unknown"}
    assert "fix version" in _asked(whole, config)


TWO = """
  atlas-2: {launch: eng/REL-1, timing: {soak: 0s}, gates: {engineering: {owner: dana, sign_off: false, items: eng/ENG}}}
  beta-1:
    launch: eng/REL-1
    timing: {soak: 0s}
    gates: {support: {owner: maya, items: [{tracker: eng, project: SUP}], sign_off: false}}
"""


def test_a_pass_over_one_release_does_not_hide_a_change_from_the_other(whole: Trial) -> None:
    whole.jira.add("ENG", "Done", status="Done", fix_versions=["Atlas 2.0"])
    whole.jira.add("SUP", "Rota", status="Done")
    _ready(whole, TWO)
    config = whole.configure(TWO)
    whole.clock.pass_by(minutes=15)
    whole.jira.move("SUP-1", "In Progress", by="Maya")
    whole.clock.pass_by(minutes=15)
    whole.once(config, "atlas-2")
    whole.clock.pass_by(minutes=1)
    whole.increment(config)
    assert whole.states(config, "beta-1") == {"support": "blocked"}


def test_two_releases_of_one_launch_issue_have_a_summary_each_and_neither_is_an_item(whole: Trial) -> None:
    whole.jira.add("REL", "Announce", status="Done", labels=["atlas-2", "beta-1"])
    config = whole.configure(TWO.replace("eng/ENG", "eng/REL").replace("project: SUP", "project: REL"))
    for _ in range(3):
        whole.clock.pass_by(minutes=1)
        assert not whole.once(config).problems
    assert len(whole.summaries()) == 2
    for release, name in (("atlas-2", "engineering"), ("beta-1", "support")):
        (gate,) = [gate for gate in whole.status(config, release)["gates"] if gate["id"] == name]
        assert (gate["state"], gate["total"]) == ("ready", 1)


def test_a_lost_store_does_not_take_its_own_summary_for_an_item(whole: Trial) -> None:
    whole.jira.add("REL", "Announce", status="Done", labels=["atlas-2"])
    config = whole.configure(_gate("eng/REL"))
    whole.once(config)
    (whole.folder / "syncd.db").unlink()
    whole.once(config)
    (gate,) = [gate for gate in whole.status(config)["gates"] if gate["id"] == "engineering"]
    assert (gate["done"], gate["total"]) == (1, 1)


def test_another_launch_issue_that_cannot_be_read_does_not_speak_with_the_old_ones_words(whole: Trial) -> None:
    whole.jira.add("ENG", "Marked", status="Done", labels=["x"])
    _ready(whole, LABELLED)
    whole.jira.add("REL", "Borealis")
    whole.jira_site.before = _refusing("/issue/REL-2")
    config = whole.configure(LABELLED.replace("REL-1", "REL-2"))
    passed = whole.once(config)
    assert passed.outcome is None
    assert whole.states(config) == {"engineering": "unknown"}


def test_another_sign_off_ticket_that_cannot_be_read_is_not_signed_by_the_old_one(whole: Trial) -> None:
    whole.jira.add("ENG", "Marked", status="Done", labels=["x"])
    for _ in range(2):
        whole.jira.add("SUP", "Sign")
    releases = LABELLED.replace("sign_off: false", "sign_off: {item: eng/SUP-1}")
    config = whole.configure(releases)
    whole.once(config)
    whole.clock.pass_by(minutes=1)
    whole.jira.move("SUP-1", "Done", by="Dana")
    _ready(whole, releases)
    whole.jira_site.before = _refusing("/issue/SUP-2")
    config = whole.configure(releases.replace("SUP-1", "SUP-2"))
    for _ in range(3):
        whole.clock.pass_by(minutes=1)
        whole.once(config)
        assert not whole.status(config)["launchable"]


def test_a_lead_who_is_gone_owns_nothing_any_more(whole: Trial) -> None:
    whole.jira.add("ENG", "Merge edits", fix_versions=["Atlas 2.0"])
    config = whole.configure("""
  atlas-2: {launch: eng/REL-1, gates: {engineering: eng/ENG}}
""")
    for lead in ("Dana", ""):
        whole.once(config)
        (gate,) = [gate for gate in whole.told(config).readiness.gates if gate.id == "engineering"]
        assert gate.owner == lead
        whole.jira.projects["ENG"]["lead"] = None


def test_a_clock_that_was_ahead_does_not_lend_its_days(whole: Trial) -> None:
    whole.jira.add("ENG", "Marked", status="Done", labels=["x"])
    whole.clock.pass_by(days=10)
    _ready(whole, LABELLED)
    whole.clock.pass_by(days=-10)
    told = whole.status(whole.configure(LABELLED))
    assert (told["verdict"], told["launchable"]) == ("unknown", False)


def test_a_clock_set_back_does_not_make_a_lost_creation_wait_for_hours(whole: Trial) -> None:
    config = whole.configure(WHOLE_PROJECT)

    def lose(request: Request) -> None:
        if request.method == "POST" and request.path.endswith("/issue"):
            raise ConnectionError

    whole.jira_site.before = lose
    whole.once(config)
    whole.jira_site.before = None
    whole.clock.pass_by(hours=-2)
    assert whole.once(config).outcome is not None
    assert 0 < whole.clock.waited <= 120


def _stranger(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(claim, "_OURS", "elsewhere 1 ffff")


def test_f20_of_two_passes_at_once_one_waits_and_says_so(whole: Trial, monkeypatch: pytest.MonkeyPatch) -> None:
    config = whole.configure(WHOLE_PROJECT)
    with whole.outside(config) as outside:
        _stranger(monkeypatch)
        with claim.Claim("read eng", outside.store, whole.clock, whole.clock.wait):
            monkeypatch.undo()
            with pytest.raises(TemporaryError, match=r"another syncd \(elsewhere 1\)"):
                whole.once(config)
    assert whole.once(config).outcome is not None


def test_a_right_that_was_taken_by_a_clock_far_ahead_locks_nobody_out(
    whole: Trial, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = whole.configure(WHOLE_PROJECT)
    with whole.outside(config) as outside:
        _stranger(monkeypatch)
        whole.clock.pass_by(days=400)
        with claim.Claim("read eng", outside.store, whole.clock, whole.clock.wait):
            whole.clock.pass_by(days=-400)
            monkeypatch.undo()
            assert whole.once(config).outcome is not None


def test_a_slow_tracker_does_not_lose_the_right_while_nobody_else_wants_it(whole: Trial) -> None:
    whole.jira.add("ENG", "Merge edits")

    def slowly(request: Request) -> None:
        if request.path.endswith("/bulkfetch"):
            whole.clock.pass_by(minutes=20)

    whole.jira_site.before = slowly
    assert whole.once(whole.configure(WHOLE_PROJECT)).outcome is not None


def test_f20_a_pass_that_was_overtaken_saves_and_writes_nothing(whole: Trial, monkeypatch: pytest.MonkeyPatch) -> None:
    whole.jira.add("ENG", "Merge edits", status="Done")
    config = whole.configure(WHOLE_PROJECT)
    whole.once(config)
    whole.clock.pass_by(minutes=1)

    def overtake(request: Request) -> None:
        if request.path.endswith("/bulkfetch"):
            whole.jira_site.before = None
            whole.jira_site.after = reopen

    def reopen(request: Request, response: Response) -> Response:  # noqa: ARG001 - the sandbox's hook
        whole.jira_site.after = None
        whole.jira.move("ENG-1", "In Progress", by="Dana")
        whole.clock.pass_by(minutes=6)
        ours = claim._OURS  # noqa: SLF001 - another process would have another
        _stranger(monkeypatch)
        whole.once(config)
        monkeypatch.setattr(claim, "_OURS", ours)
        return response

    whole.jira_site.before = overtake
    with pytest.raises(TemporaryError, match="overtaken"):
        whole.once(config)
    (gate,) = [gate for gate in whole.status(config)["gates"] if gate["id"] == "engineering"]
    assert [it["key"] for it in gate["blockers"]] == ["ENG-1"]
    assert json.dumps(whole.summaries()[0]["fields"]["description"]).count("ENG-1") > 0
