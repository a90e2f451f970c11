"""A confidential gate's reasons are told to nobody: no page, no JSON, no explanation, no notice, no answer, no log."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
import structlog

from syncd.commands.named import read
from syncd.explanation import basis_of, explanation
from tests.living import near
from tests.spoken import PLACES, Spoken

if TYPE_CHECKING:
    from pathlib import Path

SECRET = "acquisition-7f3a"
SAID = {
    "hold": ("Dana", f"/hold engineering because of the {SECRET}"),
    "not ready": ("Dana", f"/not-ready engineering because of the {SECRET}"),
    "waiver": ("Dana", f"/waive ENG-2 until 2026-12-08 because of the {SECRET}"),
    "not needed": ("Dana", f"/not-needed engineering because of the {SECRET}"),
    "attestation": ("Dana", f"/attest engineering 12h because of the {SECRET}"),
    "admission": ("Maya", f"/admit engineering because of the {SECRET}"),
}


@pytest.mark.parametrize("kind", SAID)
@pytest.mark.parametrize("where", PLACES)
def test_the_reason_of_a_confidential_gate_shows_nowhere(tmp_path: Path, where: str, kind: str) -> None:
    with near(tmp_path) as town, structlog.testing.capture_logs() as logged:
        release = Spoken(town, where, "confidential: true")
        town.jira.add("ENG", "Flaky import")
        release.passes()
        release.says(*SAID[kind])
        assert len(release.records()) == 1
        release.says("Maya", "/go", "/approve W1", "/approve engineering")
        release.says("Maya", "/go override because we must")
        release.passes()
        told = {
            "the page": release.page(),
            "what we say": " ".join(release.said()),
            "the status": json.dumps(release.status),
            "the explanation": json.dumps(explained(release)),
            "the log": str(logged),
        }
        assert [name for name, text in told.items() if SECRET in text] == []


def explained(release: Spoken) -> list[dict[str, Any]]:
    """What ``syncd explain`` tells of the newest evidence, of the release and of the gate."""
    with release.trial.outside(release.config) as outside:
        last = outside.store.last_evidence("atlas-2")
        assert last is not None
        basis = basis_of(read(outside.store, last.sha, "atlas-2").exhibit)
    return [explanation(basis), explanation(basis, "engineering")]
