"""What a stranger on minute three reads about a wrong file: word for word."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import config
from tests.config.texts import FIVE_LINES, TRACKERS, gates

if TYPE_CHECKING:
    from pathlib import Path

    from tests.config.conftest import Told


def test_a_bare_token_is_refused_and_not_shown(told: Told) -> None:
    text = FIVE_LINES.replace("{env: JIRA_TOKEN}", "hunter2hunter2")
    assert told(text) == (
        "syncd.yaml: 1 problem\n"
        "  line 2, column 86: trackers.jira.token\n"
        "    the token stands in the file\n"
        "    -> put it in an environment variable and write {env: JIRA_TOKEN}"
    )


def test_a_missing_variable_is_named_with_the_remedy(told: Told) -> None:
    assert told(FIVE_LINES.replace("JIRA_TOKEN", "MY_TOKEN")) == (
        "syncd.yaml: 1 problem\n"
        "  line 2, column 79: trackers.jira.token\n"
        "    the environment variable MY_TOKEN is not set\n"
        "    -> export MY_TOKEN=… before syncd starts"
    )


def test_unknown_keys_are_told_with_what_was_meant(told: Told) -> None:
    text = FIVE_LINES.replace("launch:", "lauch:") + "databse: x\n"
    assert told(text) == (
        "syncd.yaml: 2 problems\n"
        "  line 5, column 5: releases.atlas-2.lauch\n"
        "    unknown key 'lauch'\n"
        "    -> did you mean 'launch'?\n"
        "  line 7, column 1: databse\n"
        "    unknown key 'databse'\n"
        "    -> did you mean 'database'?"
    )


def test_a_selector_key_is_held_against_its_tracker(told: Told) -> None:
    text = gates(
        'engineering: {items: [{tracker: eng, fixVersion: "2.0"}], sign_off: false}',
        "docs: {items: [{tracker: gtm, jql: x}, {tracker: eng, jql: a, label: b}, {tracker: gtm}], sign_off: false}",
    )
    assert told(text) == (
        "syncd.yaml: 4 problems\n"
        "  line 8, column 56: releases.atlas-2.gates.engineering.items.0.fixVersion\n"
        "    'fixVersion' is no selector of eng, which is jira\n"
        "    -> did you mean 'fix_version'?\n"
        "  line 9, column 42: releases.atlas-2.gates.docs.items.0.jql\n"
        "    'jql' is no selector of gtm, which is linear\n"
        "    -> there are: filter, initiative, label, milestone, project, release, team\n"
        "  line 9, column 66: releases.atlas-2.gates.docs.items.1.jql\n"
        "    jql stands alone in its selector\n"
        "    -> say all of it there, or write two selectors\n"
        "  line 9, column 80: releases.atlas-2.gates.docs.items.2\n"
        "    the selector asks for everything\n"
        "    -> narrow it by filter, initiative, label, milestone, project, release, team"
    )


def test_a_version_that_yaml_reads_as_a_number_wants_quotes(told: Told) -> None:
    assert told(gates("engineering: {items: [{tracker: eng, fix_version: 2.0}], sign_off: false}")) == (
        "syncd.yaml: 1 problem\n"
        "  line 8, column 57: releases.atlas-2.gates.engineering.items.0.fix_version\n"
        "    got the number 2.0\n"
        "    -> put it in quotes, so that it is a text"
    )


def test_a_cycle_of_hand_offs_is_spelled_out(told: Told) -> None:
    text = gates(
        "docs: {items: gtm/DOC, after: [training, docz]}",
        "training: {items: gtm/TRN, after: [docs]}",
        "qa: {items: eng/QA, after: [sales]}",
        "sales: null",
    )
    assert told(text) == (
        "syncd.yaml: 3 problems\n"
        "  line 8, column 30: releases.atlas-2.gates.docs.after\n"
        "    the gates wait for one another: docs after training after docs\n"
        "    -> take one of these out\n"
        "  line 8, column 48: releases.atlas-2.gates.docs.after.1\n"
        "    there is no gate 'docz' in this release\n"
        "    -> did you mean 'docs'?\n"
        "  line 10, column 35: releases.atlas-2.gates.qa.after.0\n"
        "    the gate 'sales' is null, so not in this release\n"
        "    -> take it out of after"
    )


def test_who_must_sign_must_be_somebody(told: Told) -> None:
    text = "people: {maya: {name: Maya}}\n" + gates(
        "docs: {items: gtm/DOC, owner: [maia, lee@acme.example]}",
        "qa: {items: eng/QA, owner: maya}",
        "support: {items: eng/SUP, owner: Kim}",
        "training: {items: gtm/TRN, owner: Kim, mode: advisory}",
        "marketing: {items: gtm/MKT, owner: Kim, sign_off: false}",
    )
    assert told(text) == (
        "syncd.yaml: 3 problems\n"
        "  line 9, column 38: releases.atlas-2.gates.docs.owner.0\n"
        "    'maia' is neither in people nor an e-mail, and a signature is needed\n"
        "    -> did you mean 'maya'?\n"
        "  line 10, column 34: releases.atlas-2.gates.qa.owner\n"
        "    'maya' has neither an e-mail nor an account in people, and a signature is needed\n"
        "    -> add email to people.maya\n"
        "  line 11, column 40: releases.atlas-2.gates.support.owner\n"
        "    'Kim' is neither in people nor an e-mail, and a signature is needed\n"
        "    -> write an e-mail, or add this person to people"
    )


def test_a_release_needs_a_required_gate(told: Told) -> None:
    assert told(gates("docs: {items: gtm/DOC, mode: advisory}", "sales: null")) == (
        "syncd.yaml: 1 problem\n"
        "  line 7, column 5: releases.atlas-2.gates\n"
        "    no gate is required, so nothing would ever hold the launch\n"
        "    -> make a gate required"
    )


def test_trackers_that_do_not_exist_or_are_not_said(told: Told) -> None:
    text = gates("docs: gtn/DOC", "qa: QA").replace("launch: eng/REL-12", "launch: jira/REL-12")
    assert told(text) == (
        "syncd.yaml: 3 problems\n"
        "  line 6, column 13: releases.atlas-2.launch\n"
        "    there is no tracker 'jira'\n"
        "    -> there are: eng, gtm\n"
        "  line 8, column 13: releases.atlas-2.gates.docs\n"
        "    there is no tracker 'gtn'\n"
        "    -> did you mean 'gtm'?\n"
        "  line 9, column 11: releases.atlas-2.gates.qa\n"
        "    'QA' does not say which tracker it is in\n"
        "    -> write eng/QA or gtm/QA"
    )


def test_a_wrong_tracker_is_not_taken_for_an_unknown_one_by_its_users(told: Told) -> None:
    text = FIVE_LINES.replace("kind: jira", "kind: jria").replace("https://", "acme//")
    assert told(text) == (
        "syncd.yaml: 2 problems\n"
        "  line 2, column 16: trackers.jira.kind\n"
        "    got 'jria', which is no kind of tracker\n"
        "    -> did you mean 'jira'?\n"
        "  line 2, column 27: trackers.jira.url\n"
        "    got 'acme//acme.atlassian.net', which is no web address\n"
        "    -> write one that begins with https://"
    )


def test_wrong_values_are_told_with_the_form_that_is_wanted(told: Told) -> None:
    text = gates(
        "docs: {items: [], expect: -1, mode: requird, due: 8 Dec, blockers: {priority: hgh}, confidential: yes}"
    )
    assert told(text + "    timezone: America/New_Yrk\nholidays: US-ZZ\nmin_write_interval: 30\n") == (
        "syncd.yaml: 9 problems\n"
        "  line 8, column 14: releases.atlas-2.gates.docs.items\n"
        "    got an empty list\n"
        "    -> for a gate without tickets write none\n"
        "  line 8, column 33: releases.atlas-2.gates.docs.expect\n"
        "    got the number -1\n"
        "    -> write 0 or more\n"
        "  line 8, column 43: releases.atlas-2.gates.docs.mode\n"
        "    got 'requird'\n"
        "    -> did you mean 'required'?\n"
        "  line 8, column 57: releases.atlas-2.gates.docs.due\n"
        "    got '8 Dec', which is no day\n"
        "    -> write 2026-12-15, or 2026-12-15T10:00 for a time of that day\n"
        "  line 8, column 85: releases.atlas-2.gates.docs.blockers.priority\n"
        "    got 'hgh'\n"
        "    -> did you mean 'high'?\n"
        "  line 8, column 105: releases.atlas-2.gates.docs.confidential\n"
        "    got 'yes'\n"
        "    -> write true or false\n"
        "  line 9, column 15: releases.atlas-2.timezone\n"
        "    got 'America/New_Yrk', which is no time zone\n"
        "    -> did you mean 'America/New_York'?\n"
        "  line 10, column 11: holidays\n"
        "    US has no state or region 'ZZ' in the holiday calendars\n"
        "    -> there are, among others: AK, AL, AR, AS, AZ, CA, CO, CT, DC, DE, FL, GA, GU, HI, IA\n"
        "  line 11, column 21: min_write_interval\n"
        "    got the number 30, which is no duration\n"
        "    -> write a number and one of s m h d w y: 30s, 12h, 14d"
    )


def test_rules_between_keys_are_told(told: Told) -> None:
    text = gates("legal: {items: none, sign_off: false, expect: 2, owner: kim@acme.example}", "docs: gtm/DOC")
    text += "    target: 2026-12-15\n    freeze: 2026-12-16\n    summary: {tracker: gtm, project: REL}\n"
    statuses = "statuses: {done: [Parked], dropped: [parked]}, token: {env: LINEAR_TOKEN}"
    assert told(text.replace("token: {env: LINEAR_TOKEN}", statuses)) == (
        "syncd.yaml: 5 problems\n"
        "  line 3, column 60: trackers.gtm.statuses.dropped.0\n"
        "    'parked' stands under done too\n"
        "    -> keep it in one of the lists\n"
        "  line 8, column 38: releases.atlas-2.gates.legal.sign_off\n"
        "    a gate without items and without a signature would ask for nothing\n"
        "    -> name items, or take sign_off out\n"
        "  line 8, column 53: releases.atlas-2.gates.legal.expect\n"
        "    expect is about items, and items is none\n"
        "    -> take expect out, or name items\n"
        "  line 11, column 13: releases.atlas-2.freeze\n"
        "    freeze comes after the target\n"
        "    -> write an earlier day, or mend the target\n"
        "  line 12, column 38: releases.atlas-2.summary.project\n"
        "    a summary in gtm (linear) has no project\n"
        "    -> write team"
    )


@pytest.mark.parametrize(
    ("text", "place", "message"),
    [
        ("", "the file", "the file is empty"),
        ("# only a comment\n", "the file", "the file is empty"),
        ("- a\n- b\n", "line 1, column 1", "got a list"),
        ("trackers:\n\tjira: x\n", "line 2, column 1", "a tab stands here, and YAML indents with spaces"),
        ("trackers: [a, b\n", "line 2, column 1", "a list in [ ] is not closed, or lacks a comma"),
        ("trackers: *jira\n", "line 1, column 11", "a value begins with *, which YAML takes as an alias"),
        ("a: 1\n---\nb: 2\n", "line 2, column 1", "a second document begins here"),
        (
            "releases: {}\nreleases: {}\n",
            "line 2, column 1: releases",
            "a key stands here for the second time",
        ),
        ("trackers: !!python/object x\n", "line 1, column 11: trackers", "the value begins with !"),
        ("<<: {a: 1}\n", "line 1, column 1", "merge keys (<<) are not read"),
        (b"trackers:\n  \xff: 1\n", "line 2, column 3", "a character here is not UTF-8"),
        (FIVE_LINES.replace("{env: JIRA", "${JIRA"), "line 2, column 87", "a value is written ${…}"),
        (b"a: \x00", "line 1, column 1", "this cannot be read as YAML"),
        (b"#" * (1024 * 1024 + 1), "the file", "the file is larger than 1 MiB"),
        ("a: " + "[" * 3000, "line 1, column 1", "lists or mappings are nested too deep"),
        ("%YAML 1.1\n---\ntrackers: yes\n", "line 3, column 11: trackers", "got 'yes'"),
    ],
)
def test_what_is_no_configuration_at_all_is_said_in_one_sentence(
    told: Told, text: str | bytes, place: str, message: str
) -> None:
    said = told(text)
    assert f"\n  {place}" in said
    assert f"\n    {message}" in said


def test_a_bomb_of_aliases_is_refused(told: Told) -> None:
    bomb = "a0: &a0 [x, x]\n" + "".join(f"a{n + 1}: &a{n + 1} [*a{n}, *a{n}, *a{n}]\n" for n in range(30))
    assert "more than 50000 values, aliases counted" in told(bomb)


def test_an_alias_of_itself_is_refused(told: Told) -> None:
    assert "nested too deep" in told("trackers: &a {b: *a}\n")


def test_a_file_that_cannot_be_read_is_said_plainly(tmp_path: Path) -> None:
    with pytest.raises(config.ConfigError, match="there is no such file"):
        config.load(tmp_path / "none.yaml", {})
    with pytest.raises(config.ConfigError, match="this is a folder"):
        config.load(tmp_path, {})
    with pytest.raises(config.ConfigError, match="the file cannot be read"):
        config.load(tmp_path / "\0", {})


def test_problems_come_in_the_order_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "syncd.yaml"
    path.write_text("zzz: 1\n" + TRACKERS.replace("env: ", "env: NO_") + "aaa: 1\nreleases: {r: {}}\n")
    with pytest.raises(config.ConfigError) as caught:
        config.load(path, {})
    lines = [problem.line for problem in caught.value.problems]
    assert lines == sorted(lines)
    assert len(lines) == 6


def test_a_key_glued_to_its_value_is_not_shown(told: Told) -> None:
    said = told(FIVE_LINES.replace("token: {env: JIRA_TOKEN}", "tokn:hunter2, url2: hunter2"))
    assert "trackers.jira.tokn\n    a space is missing after the colon" in said
    assert "hunter2" not in said
