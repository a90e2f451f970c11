"""Jira's webhooks: who signed them, and which issues they name."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.errors import DeniedError, MalformedError
from connectors.hook import MOST_IDS
from connectors.jira.hooks import hint

if TYPE_CHECKING:
    from connectors.base import Hint

ROOT = Path(__file__).resolve().parents[3]
PAYLOADS = Path(os.environ.get("SYNCD_PAYLOADS", ROOT.parent / "shared" / "payloads")) / "mattermost-plugin-jira"
RECORDED = sorted(PAYLOADS.glob("webhook-*.json"))
SECRET = "between-us"
KEYS = ["webhookEvent", "timestamp", "issue", "worklog", "issueLink"]
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


def signed(body: bytes, method: str = "sha256", secret: str = SECRET) -> dict[str, str]:
    return {"X-Hub-Signature": f"{method}={hmac.new(secret.encode(), body, method).hexdigest()}"}


def read(event: dict[str, Any], **headers: str) -> Hint:
    body = json.dumps({"webhookEvent": "jira:issue_updated", "timestamp": 1550286678321} | event).encode()
    more = {name.replace("_", "-"): value for name, value in headers.items()}
    return hint(signed(body) | more, body, SECRET)


@pytest.mark.skipif(not RECORDED, reason=f"recorded payloads are not at {PAYLOADS}")
def test_every_recorded_webhook_is_read_and_names_its_issue() -> None:
    assert len(RECORDED) > 50
    for path in RECORDED:
        body = path.read_bytes()
        found, event = hint(signed(body), body, SECRET), json.loads(body)
        named = {event["issue"]["id"]} if "issue" in event else set()
        assert found.ids == named, path.name
        assert found.deleted == (named if event["webhookEvent"] == "jira:issue_deleted" else set()), path.name
        assert found.at is not None, path.name


def test_a_comment_of_a_server_names_no_issue_so_all_that_changed_is_looked_at() -> None:
    assert read({"webhookEvent": "comment_created", "comment": {"id": "1"}}).ids == frozenset()


def test_both_ends_of_a_link_and_the_issue_of_a_worklog_are_looked_at() -> None:
    link = {"id": 5, "sourceIssueId": 10001, "destinationIssueId": 10002}
    assert read({"webhookEvent": "issuelink_created", "issueLink": link}).ids == {"10001", "10002"}
    assert read({"webhookEvent": "worklog_updated", "worklog": {"issueId": "10003"}}).ids == {"10003"}


def test_only_a_deleted_issue_is_gone_for_good() -> None:
    issue = {"issue": {"id": "10001"}}
    assert read({"webhookEvent": "jira:issue_deleted", **issue}).deleted == {"10001"}
    assert read({"webhookEvent": "comment_deleted", **issue}).deleted == frozenset()


def test_when_it_was_and_which_delivery_it_is_are_told() -> None:
    found = read({}, X_Atlassian_Webhook_Identifier="a-delivery")
    assert found.delivery == "a-delivery"
    assert found.at == datetime(2019, 2, 16, 3, 11, 18, 321000, tzinfo=UTC)
    assert read({"timestamp": "soon"}).at is None
    assert read({"timestamp": 10**30}).at is None


def test_what_does_not_look_like_an_id_is_none() -> None:
    for odd in ("../1", "1 OR 1=1", "9" * 20, True, 1.5, {"id": 1}, ""):
        assert read({"issue": {"id": odd}}).ids == frozenset()


@pytest.mark.parametrize("method", ["sha256", "sha384", "sha512"])
def test_every_strong_method_that_the_prefix_names_is_taken(method: str) -> None:
    body = b'{"webhookEvent": "jira:issue_updated"}'
    assert hint(signed(body, method), body, SECRET).ids == frozenset()


@pytest.mark.parametrize("method", ["md5", "sha1"])
def test_a_weak_method_is_refused_though_the_sum_is_right(method: str) -> None:
    body = b'{"webhookEvent": "jira:issue_updated"}'
    with pytest.raises(DeniedError):
        hint(signed(body, method), body, SECRET)


@pytest.mark.parametrize("told", ["", "sha256", "sha256=", "=", "sha256=00", "sha256=" + "0" * 64, "new=1", "sha256=é"])
def test_a_wrong_or_missing_signature_is_refused_before_the_body_is_looked_at(told: str) -> None:
    for body in (b"", b"not JSON", b"[" * 100_000):
        with pytest.raises(DeniedError):
            hint({"X-Hub-Signature": told} if told else {}, body, SECRET)


def test_no_secret_signs_nothing_and_another_one_something_else() -> None:
    body = b'{"webhookEvent": "jira:issue_updated"}'
    for secret, ours in (("", ""), ("another", SECRET)):
        with pytest.raises(DeniedError):
            hint(signed(body, secret=secret), body, ours)


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{}", b"\xff", b'{"webhookEvent": 1}', b"[" * 100_000, b'{"a": ' + b"9" * 5000]
)
def test_a_body_that_is_no_event_is_malformed(body: bytes) -> None:
    with pytest.raises(MalformedError):
        hint(signed(body), body, SECRET)


@given(
    st.dictionaries(st.sampled_from(["webhookEvent", "timestamp", "issue", "worklog", "issueLink"]), ANYTHING),
    st.text(),
)
def test_any_signed_body_is_a_hint_or_malformed(event: dict[str, Any], delivery: str) -> None:
    body = json.dumps(event).encode()
    try:
        found = hint(signed(body) | {"X-Atlassian-Webhook-Identifier": delivery}, body, SECRET)
    except MalformedError:
        return
    assert found.deleted <= found.ids
    assert len(found.ids) <= MOST_IDS


@given(st.binary(), st.text(max_size=80))
def test_what_nobody_signed_is_refused(body: bytes, told: str) -> None:
    digest = hashlib.sha256(body).hexdigest()
    for given_ in (told, f"sha256={digest}"):
        with pytest.raises(DeniedError):
            hint({"X-Hub-Signature": given_}, body, SECRET)
