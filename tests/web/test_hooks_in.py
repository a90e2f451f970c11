"""Webhooks in: which are taken, which are refused, and what is passed on."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from connectors import registry
from connectors.hook import moment
from syncd.web.hooks import REMEMBERED, Seen
from tests.web.site import (
    ISSUE,
    PAYLOADS,
    ago,
    from_jira,
    from_linear,
    jira_event,
    jira_signed,
    linear_event,
    linear_signed,
)

if TYPE_CHECKING:
    from datetime import datetime

    from connectors.base import Hint
    from tests.web.site import Site

JIRA = sorted(PAYLOADS.glob("mattermost-plugin-jira/webhook-*.json"))
LINEAR = sorted(PAYLOADS.glob("trigger.dev-linear/*.json"))
needs_payloads = pytest.mark.skipif(not JIRA or not LINEAR, reason=f"recorded payloads are not at {PAYLOADS}")


@needs_payloads
def test_every_recorded_webhook_is_taken_when_it_is_fresh(site: Site) -> None:
    client = site.client()
    for path in (*JIRA, *LINEAR):
        body = path.read_bytes()
        event = json.loads(body)
        site.now = at(event.get("timestamp") or event.get("webhookTimestamp"))
        answer = (from_jira if path in JIRA else from_linear)(client, body)
        assert answer.status_code == 202, path.name
    bodies = {path.read_bytes() for path in (*JIRA, *LINEAR)}
    assert len(site.hints) == len(bodies)


def at(told: Any) -> datetime:
    found = moment(told)
    assert found is not None
    return found


def test_f22_a_webhook_is_answered_202_and_passed_on_as_a_hint(site: Site) -> None:
    client = site.client()
    assert from_jira(client, jira_event()).status_code == 202
    assert from_linear(client, linear_event()).status_code == 202
    assert [(tracker, set(hint.ids)) for tracker, hint in site.hints] == [("eng", {"10001"}), ("gtm", {ISSUE})]


def test_the_first_webhook_waits_for_no_library_to_be_loaded(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    client = site.client()
    monkeypatch.setattr(registry, "connector", lambda _: pytest.fail("it should have been loaded at the start"))
    assert from_jira(client, jira_event()).status_code == 202


def test_a_deletion_is_passed_on_as_one(site: Site) -> None:
    from_jira(site.client(), jira_event(webhookEvent="jira:issue_deleted"))
    assert site.hints[0][1].deleted == {"10001"}


def test_who_cannot_sign_is_refused_and_nothing_happens(site: Site) -> None:
    client, body = site.client(), jira_event()
    for headers in ({}, {"X-Hub-Signature": "sha256=" + "0" * 64}, jira_signed(body + b" "), linear_signed(body)):
        assert client.post("/hooks/eng", data=body, headers=headers).status_code == 401
    assert site.hints == []


def test_a_tracker_without_a_secret_takes_no_webhooks_and_an_unknown_one_is_not_found(site: Site) -> None:
    client, body = site.client(), linear_event()
    answer = from_linear(client, body, tracker="mute")
    assert (answer.status_code, "webhook_secret" in answer.text) == (403, True)
    assert from_linear(client, body, tracker="nobody").status_code == 404
    assert site.hints == []


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b"<html>", b"\xff", b"[" * 5000])
def test_a_signed_body_that_is_no_webhook_is_a_bad_request(site: Site, body: bytes) -> None:
    client = site.client()
    assert from_jira(client, body).status_code == 400
    assert from_linear(client, body).status_code == 400
    assert site.hints == []


@pytest.mark.parametrize(
    ("seconds", "status"), [(0, 202), (60, 202), (61, 400), (7 * 3600, 400), (-60, 202), (-61, 400)]
)
def test_linears_webhooks_are_fresh_for_a_minute(site: Site, seconds: float, status: int) -> None:
    assert from_linear(site.client(), linear_event(ago(seconds=seconds))).status_code == status


@pytest.mark.parametrize(("minutes", "status"), [(0, 202), (75, 202), (120, 202), (-1, 202), (-2, 400)])
def test_what_jira_sends_again_is_fresh_as_long_as_jira_tries(site: Site, minutes: float, status: int) -> None:
    assert from_jira(site.client(), jira_event(ago(minutes=minutes))).status_code == status
    assert [bool(hint.ids) for _, hint in site.hints] == [True] * (status == 202)


def test_what_jira_delivers_later_than_that_is_a_hint_to_look_and_no_more(site: Site) -> None:
    old = jira_event(ago(days=900), webhookEvent="jira:issue_deleted")
    client = site.client()
    assert [from_jira(client, old).status_code for _ in range(2)] == [202, 202]
    [(tracker, hint)] = site.hints
    assert (tracker, hint.ids, hint.deleted) == ("eng", frozenset(), frozenset())


def test_a_webhook_that_does_not_say_when_it_was_sent_is_refused(site: Site) -> None:
    client = site.client()
    assert from_jira(client, jira_event(timestamp=None)).status_code == 400
    assert from_linear(client, linear_event(webhookTimestamp="lately")).status_code == 400
    assert site.hints == []


def test_a_replay_is_accepted_without_effect(site: Site) -> None:
    client = site.client()
    for _ in range(3):
        assert from_jira(client, jira_event(), "a-delivery").status_code == 202
    assert len(site.hints) == 1


def test_a_replay_under_another_name_or_with_another_body_is_one_too(site: Site) -> None:
    client = site.client()
    from_linear(client, linear_event(), "a-delivery")
    assert from_linear(client, linear_event(), "another").status_code == 202
    assert from_linear(client, linear_event(ago(seconds=-5)), "a-delivery").status_code == 202
    assert len(site.hints) == 1


def test_two_deliveries_and_two_trackers_are_not_taken_for_one(site: Site) -> None:
    client = site.client()
    from_jira(client, jira_event(), "one")
    from_jira(client, jira_event(ago(seconds=1)), "two")
    from_linear(client, linear_event(), "one")
    assert len(site.hints) == 3


def test_f22_what_could_not_be_passed_on_is_taken_when_it_comes_again(site: Site) -> None:
    taken: list[Hint] = []

    def hinted(_: str, hint: Hint) -> None:
        taken.append(hint)
        if len(taken) == 1:
            raise RuntimeError

    client = site.client(replace(site.ports(), hinted=hinted))
    assert [from_jira(client, jira_event()).status_code for _ in range(3)] == [500, 202, 202]
    assert len(taken) == 2


def test_only_so_many_deliveries_are_remembered() -> None:
    seen = Seen(most=3)
    for name in (b"a", b"b", b"c", b"d"):
        seen.add(name)
    assert [seen.knows(name) for name in (b"a", b"b", b"d")] == [False, True, True]
    assert REMEMBERED > 2 * 500 * 30


def test_what_came_of_each_webhook_is_counted(site: Site) -> None:
    client = site.client()
    from_jira(client, jira_event())
    from_jira(client, jira_event())
    from_jira(client, jira_event(ago(days=1)))
    from_jira(client, b"{}")
    client.post("/hooks/eng", data=b"{}")
    from_linear(client, linear_event(), tracker="mute")
    from_linear(client, linear_event(), tracker="nobody")
    outcomes = ["accepted", "replayed", "late", "malformed", "unsigned"]
    assert site.meter.measured().hooks == {**{("eng", it): 1 for it in outcomes}, ("mute", "unconfigured"): 1}


def test_a_secret_that_changed_with_the_configuration_holds_from_then_on(site: Site) -> None:
    client = site.client()
    muted = site.config.trackers["gtm"].model_copy(update={"webhook_secret": None})
    site.config = site.config.model_copy(update={"trackers": {**site.config.trackers, "gtm": muted}})
    assert from_linear(client, linear_event()).status_code == 403
