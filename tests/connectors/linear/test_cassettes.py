"""The source and the summary against recorded traffic: what syncd understands, without a tracker at hand.

The cassettes here were recorded from the sandbox (their metadata says so); docs/recording.md tells how to record a
real workspace. Recording one needs SYNCD_LINEAR_TOKEN, SYNCD_LINEAR_TEAM (a team key), SYNCD_LINEAR_TICKET (a moved
ticket of it) and SYNCD_LINEAR_LAUNCH (an issue that a new summary may block).
"""

from __future__ import annotations

import json
import os
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from connectors.base import Convention, Selector, Settings, SummarySettings
from connectors.linear import connector
from mapping.document import NOTES_HEADING, Heading, Paragraph, Report, Text
from syncd.sandbox.linear import LinearSandbox, LinearWorld
from syncd.sandbox.server import serving
from tests.connectors.cassettes import PLAYED_AT, RECORDING, cassette
from tests.connectors.linear.whole import whole

if TYPE_CHECKING:
    from collections.abc import Iterator

FOLDER = Path(__file__).parent / "cassettes"
FILES = sorted(FOLDER.glob("*.json"))


@contextmanager
def site() -> Iterator[tuple[str, str, dict[str, str]]]:
    """(address, token, what is there) of what is played or recorded."""
    if RECORDING == "site":
        names = ("team", "ticket", "launch")
        about = {name: os.environ[f"SYNCD_LINEAR_{name.upper()}"] for name in names}
        yield "https://api.linear.app", os.environ["SYNCD_LINEAR_TOKEN"], about
    elif RECORDING:
        world, about = launch()
        with serving(LinearSandbox(world)) as base:
            yield base, world.token, about
    else:
        yield PLAYED_AT, "played-back", {}


def launch() -> tuple[LinearWorld, dict[str, str]]:
    """A small believable workspace."""
    world = LinearWorld(clock=lambda: datetime(2026, 11, 22, 12, tzinfo=UTC))
    world.user("Lee Wong", "lee@acme.example")
    world.team("REL", "Releases")
    world.team("DOC", "Docs", lead="lee@acme.example")
    launched = world.add("REL", "Atlas 2.0")
    world.project("Atlas 2.0", "DOC")
    for number in range(3):
        world.add("DOC", f"Chapter {number}", project="Atlas 2.0", labels=["atlas-2"], state="In Progress", priority=2)
    world.archive(world.add("DOC", "Old chapter", project="Atlas 2.0", state="Done"))
    ticket = world.add("DOC", "Docs sign-off", parent=launched, assignee="lee@acme.example")
    for state in ("In Progress", "Done"):
        world.move(ticket, state, by="lee@acme.example")
    return world, {"team": "DOC", "ticket": ticket, "launch": launched}


def test_a_recorded_workspace_is_read_whole_and_understood() -> None:
    with site() as (base, token, there), cassette(FOLDER / "read.json", base, there) as about:
        source = connector.open_source(Settings(name="gtm", kind="linear", url=f"{base}/graphql", token=token))
        launched = source.launch(about["launch"])
        convention = Convention(
            project=about["team"], release_id="atlas-2", release_name=launched.title, launch_key=launched.key
        )
        identity = source.identify()
        reading = whole(source, {"bare": convention, "team": Selector(terms={"team": about["team"]})})
        ticket = source.ticket(about["ticket"])
        changed = set(source.changed(ticket.item.updated or identity.now, identity.now))
        again = source.matching({"bare": convention}, reading.members["team"])
        source.close()
    assert reading.failed == {}
    assert ticket.item.id in reading.members["team"] >= reading.members["bare"] == again.members["bare"]
    assert [item.key for item in reading.items.values() if item.problem or item.progress is None] == []
    assert ticket.item.id in changed
    assert ticket.moves
    assert ticket.moves[-1].status == ticket.item.status
    assert identity.account.id


def report(words: str, digest: str) -> Report:
    blocks = (Paragraph((Text(words),)), Heading(NOTES_HEADING))
    return Report(title=f"Atlas 2.0: {words}", blocks=blocks, digest=digest * 64, facts={"verdict": "blocked"})


def test_a_recorded_workspace_takes_a_summary_once_and_gives_it_back() -> None:
    with site() as (base, token, there), cassette(FOLDER / "write.json", base, there) as about:
        settings = Settings(name="gtm", kind="linear", url=f"{base}/graphql", token=token)
        place = SummarySettings(
            release="atlas-2", mark="syncd-cassette", project=about["team"], launch_key=about["launch"]
        )
        summary = connector.open_summary(settings, place)
        assert summary.obstacles() == ()
        first = summary.create([report("BLOCKED | not [a] *link*", "a")])
        repeated = summary.create([report("BLOCKED | not [a] *link*", "a")])
        updated = summary.update(summary.read(first.ref), [report("READY", "b")])
        summary.block(first.ref, about["launch"])
        held = summary.read(first.ref)
        summary.close()
    assert first.ref == repeated.ref
    assert first.remarks == updated.remarks == ()
    assert (held.digest, held.notes) == ("b" * 64, "")
    assert held.blocks == {about["launch"]}


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_cassette_says_where_it_was_recorded_and_holds_no_token_nor_address(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    told = json.loads(text)
    assert told["metadata"]["recorded_from"] in {"syncd sandbox, no real site", "a real site"}
    assert "uthorization" not in text
    assert "127.0.0.1" not in text
    assert "lin_api_" not in text
    assert "@acme" not in text
    assert all(one["request"]["uri"].startswith(PLAYED_AT) for one in told["interactions"])


def test_there_are_cassettes() -> None:
    assert {file.stem for file in FILES} == {"read", "write"}
