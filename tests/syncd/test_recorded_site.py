"""The answers of a real Jira site, recorded: Chinese words, one status told with two categories."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import config as configuration
from syncd.sandbox.load import load

if TYPE_CHECKING:
    from tests.trial import Trial

ROOT = Path(__file__).parents[2]
SITE = Path(os.environ.get("SYNCD_PAYLOADS", ROOT.parent / "shared" / "payloads")) / "devlake" / "jira"
EXAMPLE = ROOT / "docs" / "examples" / "recorded-site.yaml"

pytestmark = pytest.mark.skipif(not SITE.is_dir(), reason=f"no recorded answers at {SITE}")


@pytest.fixture
def site(whole: Trial) -> Trial:
    names = ("projects", "status", "issue_types", "users", "issues")
    load([SITE / f"_raw_jira_api_{name}.csv" for name in names], whole.jira)
    text = EXAMPLE.read_text("utf-8").replace("http://127.0.0.1:8801", whole.jira_url).replace("REL-12", "REL-1")
    (whole.folder / "syncd.yaml").write_text(f"database: sqlite:///{whole.folder}/syncd.db\n{text}", "utf-8")
    return whole


def test_the_gates_count_by_category_keys_and_resolutions_whatever_the_words(site: Trial) -> None:
    config = configuration.load(site.folder / "syncd.yaml", site.environ)
    assert not site.once(config).problems
    gates = {gate["id"]: gate for gate in site.status(config)["gates"]}
    assert {name: (gate["done"], gate["total"]) for name, gate in gates.items()} == {
        "engineering": (14, 17),
        "qa": (1, 2),
        "docs": (0, 1),
    }
    assert {it["key"] for it in gates["engineering"]["blockers"]} == {"EE-1", "EE-10", "EE-37"}
    assert site.status(config)["launchable"] is False


def test_the_page_says_what_was_decided_about_the_status_that_contradicts_itself(site: Trial) -> None:
    config = configuration.load(site.folder / "syncd.yaml", site.environ)
    text = site.once(config).draft.text
    assert "已完成" in text
    assert 'has the key "new" and the id of "done"' in " ".join(text.split())
