"""Linear's webhooks: who signed them, and which issues they name."""

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
from connectors.linear.hooks import hint

if TYPE_CHECKING:
    from connectors.base import Hint

ROOT = Path(__file__).resolve().parents[3]
PAYLOADS = Path(os.environ.get("SYNCD_PAYLOADS", ROOT.parent / "shared" / "payloads")) / "trigger.dev-linear"
RECORDED = sorted(PAYLOADS.glob("*.json"))
SECRET = "between-us"
ID, OTHER = "4ceeeecb-3442-4972-b27a-4ac7198d4eac", "ee4d5612-0752-441a-95cd-2a0de56689d3"
SENT_MS = 1694948218564
SENT = datetime(2023, 9, 17, 10, 56, 58, 564000, tzinfo=UTC)
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


def signed(body: bytes, secret: str = SECRET) -> dict[str, str]:
    return {"Linear-Signature": hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()}


def read(kind: str, action: str, data: Any, sent: Any = SENT_MS, **headers: str) -> Hint:
    body = json.dumps({"type": kind, "action": action, "data": data, "webhookTimestamp": sent}).encode()
    more = {name.replace("_", "-"): value for name, value in headers.items()}
    return hint(signed(body) | more, body, SECRET)


@pytest.mark.skipif(not RECORDED, reason=f"recorded payloads are not at {PAYLOADS}")
def test_every_recorded_webhook_is_read_and_names_its_issue() -> None:
    assert len(RECORDED) > 20
    for path in RECORDED:
        body = path.read_bytes()
        found, event = hint(signed(body), body, SECRET), json.loads(body)
        named = event["data"].get("id") if event["type"] == "Issue" else event["data"].get("issueId")
        assert found.ids == ({named} if named else set()), path.name
        assert bool(found.deleted) == (path.stem == "IssueRemoved"), path.name
        assert found.at is not None, path.name


def test_a_comment_names_its_issue_in_either_place() -> None:
    assert read("Comment", "create", {"id": ID, "issueId": OTHER}).ids == {OTHER}
    assert read("Comment", "create", {"id": ID, "issue": {"id": OTHER}}).ids == {OTHER}


@pytest.mark.parametrize("action", ["create", "update", "remove"])
def test_whatever_happens_to_a_comment_its_issue_is_looked_at_and_not_gone(action: str) -> None:
    answer = {"id": ID, "issueId": OTHER, "parentId": ID, "userId": None, "body": "/go", "archivedAt": "2026-12-01"}
    found = read("Comment", action, answer)
    assert found.ids == {OTHER}
    assert not found.deleted


def test_both_ends_of_a_relation_are_looked_at() -> None:
    assert read("IssueRelation", "create", {"id": ID, "issueId": ID, "relatedIssueId": OTHER}).ids == {ID, OTHER}


@pytest.mark.parametrize("kind", ["IssueLabel", "Project", "ProjectUpdate", "Cycle", "Reaction", "SomethingNew"])
def test_what_names_no_issue_calls_for_a_look_at_all_that_changed(kind: str) -> None:
    found = read(kind, "remove", {"id": ID})
    assert not found.ids
    assert not found.deleted


def test_an_issue_in_the_trash_is_deleted_and_an_archived_one_is_looked_at() -> None:
    archived = {"id": ID, "archivedAt": "2026-12-01T09:00:00Z"}
    assert read("Issue", "remove", {"id": ID}).deleted == {ID}
    assert read("Issue", "remove", archived | {"trashed": True}).deleted == {ID}
    assert read("Issue", "update", archived | {"trashed": True}).deleted == {ID}
    for action in ("remove", "update"):
        found = read("Issue", action, archived)
        assert found.ids == {ID}
        assert not found.deleted
    assert read("Issue", "update", {"id": ID, "trashed": None}).deleted == frozenset()
    assert read("Comment", "remove", {"id": ID, "issueId": OTHER, "trashed": True}).deleted == frozenset()


def test_when_it_was_sent_is_told_by_the_body_and_else_by_the_header() -> None:
    assert read("Issue", "update", {"id": ID}, Linear_Timestamp="1").at == SENT
    assert read("Issue", "update", {"id": ID}, "2023-09-17T10:56:58.564Z").at == SENT
    assert read("Issue", "update", {"id": ID}, None, Linear_Timestamp=str(SENT_MS)).at == SENT
    assert read("Issue", "update", {"id": ID}, None).at is None


def test_the_delivery_is_named_by_its_header_whatever_its_case() -> None:
    assert read("Issue", "update", {"id": ID}, linear_delivery=OTHER).delivery == OTHER
    assert read("Issue", "update", {"id": ID}, Linear_Delivery="x" * 10_000).delivery == ""


def test_what_does_not_look_like_an_id_is_none() -> None:
    for odd in ("ENG-1", ID + '"', f"{ID}\n", 7, {"id": ID}, ""):
        assert read("Issue", "update", {"id": odd}).ids == frozenset()


@pytest.mark.parametrize("told", ["", "00", "0" * 64, "é"])
def test_a_wrong_or_missing_signature_is_refused_before_the_body_is_looked_at(told: str) -> None:
    for body in (b"", b"not JSON", b"[" * 100_000):
        with pytest.raises(DeniedError):
            hint({"Linear-Signature": told} if told else {}, body, SECRET)


def test_no_secret_signs_nothing_and_another_one_something_else() -> None:
    body = b'{"type": "Issue", "action": "update"}'
    for secret, ours in (("", ""), ("another", SECRET)):
        with pytest.raises(DeniedError):
            hint(signed(body, secret), body, ours)


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b"\xff", b'{"type": "Issue"}', b"[" * 100_000])
def test_a_body_that_is_no_event_is_malformed(body: bytes) -> None:
    with pytest.raises(MalformedError):
        hint(signed(body), body, SECRET)


@given(st.sampled_from(["Issue", "Comment", "Project"]), st.text(), ANYTHING, ANYTHING, st.text())
def test_any_signed_body_is_a_hint_or_malformed(kind: str, action: str, data: Any, sent: Any, header: str) -> None:
    for event in ({"type": kind, "action": action, "data": data, "webhookTimestamp": sent}, {"type": sent}, data):
        body = json.dumps(event).encode()
        try:
            found = hint(signed(body) | {"Linear-Timestamp": header, "Linear-Delivery": header}, body, SECRET)
        except MalformedError:
            continue
        assert found.deleted <= found.ids


@given(st.binary(), st.text(max_size=80))
def test_what_nobody_signed_is_refused(body: bytes, told: str) -> None:
    for signature in (told, hashlib.sha256(body).hexdigest()):
        with pytest.raises(DeniedError):
            hint({"Linear-Signature": signature}, body, SECRET)
