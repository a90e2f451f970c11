"""The source and the summary against recorded traffic: what syncd understands, without a tracker at hand.

A cassette's name and metadata say where it was recorded: those here come from the sandbox. docs/recording.md tells how
to record a real site, which needs SYNCD_JIRA_URL, SYNCD_JIRA_TOKEN, SYNCD_JIRA_EMAIL (Cloud), SYNCD_JIRA_PROJECT (a key
whose summary may be created), SYNCD_JIRA_TICKET (a moved ticket of it) and SYNCD_JIRA_LAUNCH (an issue that may be
blocked).
"""

from __future__ import annotations

import json
import os
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from connectors.base import Convention, Selector, Settings, SummarySettings
from connectors.jira import connector
from connectors.pace import Pace
from mapping.document import Text
from mapping.item import Progress
from tests.connectors.cassettes import PLAYED_AT, RECORDING, cassette
from tests.connectors.contract import read, report
from tests.connectors.jira.site import running

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.connectors.jira.site import JiraSite

FOLDER = Path(__file__).parent / "cassettes"
FILES = sorted(FOLDER.glob("*.json"))
SITE_IS = "cloud" if os.environ.get("SYNCD_JIRA_EMAIL") else "data-center"
NAMES = {
    "": sorted({file.stem.rpartition("-")[0] for file in FILES}),
    "sandbox": ["sandbox-cloud", "sandbox-data-center"],
    "site": [f"site-{SITE_IS}"],
}[RECORDING]
"""What is played or recorded: all that is there, or what SYNCD_RECORD asks for."""


@contextmanager
def site(name: str) -> Iterator[tuple[Settings, dict[str, str]]]:
    """Where the tracker is, and what is there."""
    email = None if name.endswith("data-center") else "syncd@acme.example"
    if RECORDING == "site":
        names = ("project", "ticket", "launch")
        about = {each: os.environ[f"SYNCD_JIRA_{each.upper()}"] for each in names}
        email = os.environ.get("SYNCD_JIRA_EMAIL")
        yield settings(os.environ["SYNCD_JIRA_URL"], os.environ["SYNCD_JIRA_TOKEN"], email), about
    elif RECORDING:
        with running(data_center=name.endswith("data-center")) as sandbox:
            yield sandbox.settings(pace=Pace(most=1)), launch(sandbox)
    else:
        yield settings(PLAYED_AT, "played-back", email), {}


def settings(url: str, token: str, email: str | None) -> Settings:
    """One request at a time: a cassette knows one thread."""
    return Settings(name="eng", kind="jira", url=url, email=email, token=token, pace=Pace(most=1))


def launch(sandbox: JiraSite) -> dict[str, str]:
    """A small believable site."""
    launched = sandbox.add("Atlas 2.0", assignee="Dana")
    epic = sandbox.add("Atlas 2.0", epic=True)
    for progress in Progress:
        sandbox.add(f"A ticket that is {progress.value}", progress=progress, under=epic, labels=["atlas-2"])
    ticket = sandbox.add("Sign-off", under=launched)
    sandbox.move(ticket, Progress.DOING, by="Dana")
    sandbox.move(ticket, Progress.DONE, by="Dana")
    sandbox.say(ticket, "/ready eng", by="Dana")
    return {"project": "HOME", "ticket": ticket, "launch": launched}


@pytest.mark.parametrize("name", NAMES)
def test_a_recorded_site_is_read_whole_and_understood(name: str) -> None:
    with site(name) as (at, there), cassette(FOLDER / f"{name}-read.json", at.url, there) as about:
        source = connector.open_source(at)
        launched = source.launch(about["launch"])
        convention = Convention(
            project=about["project"], release_id="atlas-2", release_name=launched.title, launch_key=launched.key
        )
        identity = source.identify()
        reading = read(source, {"bare": convention, "all": Selector(terms={"project": about["project"]})})
        ticket = source.ticket(about["ticket"])
        talk = source.comments(about["ticket"])
        changed = set(source.changed(ticket.item.updated or identity.now, identity.now))
        again = source.matching({"bare": convention}, reading.members["all"])
        source.close()
    assert reading.failed == {}
    assert ticket.item.id in reading.members["all"] >= reading.members["bare"] == again.members["bare"]
    assert [item.key for item in reading.items.values() if item.problem or item.progress is None] == []
    assert ticket.item.id in changed
    assert ticket.moves[-1].status == ticket.item.status
    assert talk.issue == ticket.item.id
    assert [one for one in talk.comments if not one.by.id or not one.lines] == []
    assert identity.account.id


@pytest.mark.parametrize("name", NAMES)
def test_a_recorded_site_takes_a_summary_and_gives_it_back(name: str) -> None:
    with site(name) as (at, there), cassette(FOLDER / f"{name}-write.json", at.url, there) as about:
        place = SummarySettings(release="atlas-2", mark="syncd-cassette", project=about["project"])
        summary = connector.open_summary(at, place)
        assert summary.obstacles() == ()
        first = summary.create([report("BLOCKED | not [a] *link*", "a")])
        updated = summary.update(summary.read(first.ref), [report("READY", "b")])
        summary.block(first.ref, about["launch"])
        for tried in (None, timedelta(days=2000)):
            summary.comment(first.ref, [(Text("Is it true?"),)], "cassette", tried=tried)
        held = summary.read(first.ref)
        summary.close()
    assert first.remarks == updated.remarks == ()
    assert held.digest == "b"
    assert not held.notes
    assert held.notes is not None
    assert held.blocks == {about["launch"]}


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_cassette_says_where_it_was_recorded_and_holds_no_token_nor_address(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    told = json.loads(text)
    origin = "syncd sandbox, no real site" if file.stem.startswith("sandbox-") else "a real site"
    assert told["metadata"]["recorded_from"] == origin
    for secret in ("uthorization", "127.0.0.1", "sandbox-token", "@acme", "@syncd", "Dana", "Cookie"):
        assert secret not in text
    assert all(one["request"]["uri"].startswith(PLAYED_AT) for one in told["interactions"])


def test_there_are_cassettes_of_both_kinds_of_jira() -> None:
    assert {"sandbox-cloud-read", "sandbox-data-center-write"} <= {file.stem for file in FILES}
