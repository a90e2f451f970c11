"""What Linear answers when it does not answer, over real HTTP."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
from werkzeug.wrappers import Request, Response

from connectors.base import Settings
from connectors.errors import (
    DeniedError,
    LostAnswerError,
    MalformedError,
    MissingError,
    PermanentError,
    TemporaryError,
    TrackerError,
)
from connectors.linear import connector
from connectors.linear.pen import Pen
from connectors.linear.refusal import ConflictError, TooComplexError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from connectors.base import Source
    from syncd.sandbox.linear import LinearSandbox

ID = "4a84eb03-8d1f-49b7-8d2b-9deb1beb3711"
SHAPES: dict[str, tuple[type[TrackerError], str]] = {
    "ratelimited": (TemporaryError, "rate limit"),
    "payload_too_large": (PermanentError, "too large"),
    "duplicate_client_id": (ConflictError, "already exists"),
    "first_too_large": (PermanentError, "first must not be greater than 250."),
    "graphql_validation_failed": (PermanentError, 'Unknown argument "sort"'),
    "missing_scope": (DeniedError, "initiative:read"),
}


def answering(body: Any, status: int = 200, headers: dict[str, str] | None = None) -> Callable[[Request], Response]:
    text = body if isinstance(body, str | bytes) else json.dumps(body)
    return lambda _: Response(text, status, headers or {}, content_type="application/json")


def told(code: str, message: str, **more: Any) -> dict[str, Any]:
    return {"errors": [{"message": message, "extensions": {"code": code, **more}}], "data": None}


@pytest.mark.parametrize("shape", sorted(SHAPES))
def test_a_measured_refusal_is_the_right_error_in_linears_words(
    shape: str, payloads: Path, source: Source, sandbox: LinearSandbox
) -> None:
    recorded = json.loads((payloads / "linear-error-shapes" / "shapes.json").read_text(encoding="utf-8"))
    sandbox.before = answering(recorded[shape]["body"], recorded[shape]["status"])
    kind, words = SHAPES[shape]
    with pytest.raises(kind) as caught:
        source.identify()
    assert type(caught.value) is kind
    assert words in str(caught.value)
    assert str(caught.value).startswith("gtm: ")


def test_each_measured_refusal_is_tried(payloads: Path) -> None:
    recorded = json.loads((payloads / "linear-error-shapes" / "shapes.json").read_text(encoding="utf-8"))
    assert {name for name, shape in recorded.items() if isinstance(shape, dict) and "body" in shape} == set(SHAPES)


@pytest.mark.parametrize(
    ("body", "status", "kind"),
    [
        (told("AUTHENTICATION_ERROR", "Authentication required"), 401, DeniedError),
        (told("AUTHENTICATION_ERROR", "Authentication required"), 200, DeniedError),
        (told("FORBIDDEN", "You may not"), 200, DeniedError),
        (told("INPUT_ERROR", "Entity not found: Issue"), 200, MissingError),
        (told("INPUT_ERROR", "Query too complex"), 400, TooComplexError),
        (told("INTERNAL_SERVER_ERROR", "Oops"), 500, TemporaryError),
        (told("RATELIMITED", "Rate limit exceeded"), 429, TemporaryError),
        (told("USAGE_LIMIT_EXCEEDED", "You reached the free plan's 250 issues"), 200, PermanentError),
        ({"errors": ["no object"]}, 200, PermanentError),
        ({"errors": {"message": "no list"}}, 200, PermanentError),
        ({"errors": [{"extensions": None}]}, 200, PermanentError),
        ({"errors": [None], "data": {"viewer": None}}, 200, PermanentError),
        ({"data": None}, 200, MalformedError),
        ({"data": []}, 200, MalformedError),
        ({"data": {"viewer": None}}, 200, DeniedError),
        ({"data": {"viewer": 7}}, 200, DeniedError),
        ({}, 200, MalformedError),
        ([], 200, MalformedError),
        ("data", 200, MalformedError),
        ('"data and errors"', 200, MalformedError),
        ("null", 200, MalformedError),
        ("7", 200, MalformedError),
        ("[" * 100_000, 200, MalformedError),
        ("", 200, MalformedError),
        (b"\xff\xfe\x00", 200, MalformedError),
        ("<html>Sign in</html>", 200, MalformedError),
        ("<html>Bad gateway</html>", 502, TemporaryError),
        ("<html>Slow down</html>", 429, TemporaryError),
        ("<html>Not here</html>", 404, PermanentError),
        ("<html>Who are you?</html>", 401, DeniedError),
        ("<html>Go away</html>", 403, DeniedError),
    ],
)
def test_whatever_is_answered_is_one_of_our_errors(
    body: Any, status: int, kind: type[TrackerError], source: Source, sandbox: LinearSandbox
) -> None:
    sandbox.before = answering(body, status)
    with pytest.raises(TrackerError) as caught:
        source.identify()
    assert type(caught.value) is kind
    assert caught.value.hint


THEIRS: list[dict[str, Any]] = [
    {"code": "INTERNAL_SERVER_ERROR", "type": "internal error", "userError": False},
    {"code": "LOCK_TIMEOUT", "type": "lock timeout", "userError": False},
    {"type": "lock timeout"},
    {"type": "Network Error"},
    {"code": "SERVICE_UNAVAILABLE"},
]


@pytest.mark.parametrize("status", [200, 400, 500])
@pytest.mark.parametrize("extensions", THEIRS)
def test_what_failed_inside_linear_is_tried_again_whatever_the_status_and_a_change_may_be_carried_out(
    extensions: dict[str, Any], status: int, source: Source, settings: Settings, sandbox: LinearSandbox
) -> None:
    sandbox.before = answering({"errors": [{"message": "not found", "extensions": extensions}], "data": None}, status)
    with pytest.raises(TemporaryError, match="Linear failed"):
        source.identify()
    with Pen(settings, ID) as pen, pytest.raises(LostAnswerError):
        pen.update({"title": "x"})


def test_f12_a_rate_limit_without_a_code_is_a_rate_limit(
    source: Source, settings: Settings, sandbox: LinearSandbox
) -> None:
    body = {"errors": [{"message": "x", "extensions": {"type": "ratelimited"}}]}
    sandbox.before = answering(body, 400, {"X-RateLimit-Requests-Reset": "1795349400000"})
    with pytest.raises(TemporaryError, match="rate limit") as caught:
        source.identify()
    assert caught.value.retry_after_s == 600
    with Pen(settings, ID) as pen, pytest.raises(TemporaryError, match="rate limit") as caught:
        pen.update({"title": "x"})
    assert not isinstance(caught.value, LostAnswerError)


def test_a_change_that_was_answered_with_data_and_errors_may_be_carried_out(
    settings: Settings, sandbox: LinearSandbox
) -> None:
    done = {"issueUpdate": {"success": True}}
    sandbox.before = answering({"data": done, "errors": [{"message": "Feature not accessible"}]})
    with Pen(settings, ID) as pen, pytest.raises(LostAnswerError):
        pen.update({"title": "x"})


def test_a_foreign_page_is_not_quoted_and_linears_words_are_one_bounded_line(
    source: Source, sandbox: LinearSandbox
) -> None:
    sandbox.before = answering("<html>secret of the proxy</html>")
    with pytest.raises(MalformedError) as page:
        source.identify()
    sandbox.before = answering(told("INPUT_ERROR", "a\n\x1b[31m\u202e" + "b" * 50_000))
    with pytest.raises(PermanentError) as words:
        source.identify()
    assert "secret" not in str(page.value)
    assert str(words.value).isprintable()
    assert len(str(words.value)) < 700


@pytest.mark.parametrize(
    ("headers", "wait_s"),
    [
        ({"X-RateLimit-Requests-Reset": "1795349400000"}, 600),
        (
            {
                "X-RateLimit-Requests-Reset": "1795349400000",
                "X-RateLimit-Complexity-Remaining": "0",
                "X-RateLimit-Complexity-Reset": "1795348860000",
            },
            60,
        ),
        ({"X-RateLimit-Requests-Reset": "9223372036854775807"}, 3600),
        ({"X-RateLimit-Requests-Reset": "-5"}, None),
        ({"X-RateLimit-Requests-Reset": "1" * 400}, None),
        ({"X-RateLimit-Requests-Reset": "1"}, 0),
        ({"Retry-After": "90"}, 90),
        ({}, None),
    ],
)
def test_f12_the_rate_limit_says_when_it_is_over(
    headers: dict[str, str], wait_s: float | None, source: Source, sandbox: LinearSandbox
) -> None:
    sandbox.before = answering(told("RATELIMITED", "Rate limit exceeded"), 400, headers)
    with pytest.raises(TemporaryError) as caught:
        source.identify()
    assert caught.value.retry_after_s == wait_s


@pytest.mark.parametrize(
    ("code", "message", "status"),
    [
        ("INTERNAL_SERVER_ERROR", "Timeout after {number} ms, request {id}", 500),
        ("INTERNAL_SERVER_ERROR", "Something went wrong: {id}", 200),
        ("INTERNAL_SERVER_ERROR", "Something went wrong, trace {trace}", 200),
        ("INPUT_ERROR", "Conflict on insert of DocumentContent {id}", 200),
        ("RATELIMITED", "Slow down", 400),
    ],
)
def test_the_same_trouble_is_told_in_the_same_words_each_time(
    code: str, message: str, status: int, source: Source, sandbox: LinearSandbox
) -> None:
    said = []
    for number in range(3):
        words = message.format(number=90 + number, id=str(uuid4()), trace=uuid4().hex)
        headers = {"X-RateLimit-Requests-Reset": str(1795349400000 + 60_000 * number), "X-Request-Id": str(number)}
        sandbox.before = answering(told(code, words), status, headers)
        with pytest.raises(TrackerError) as caught:
            source.identify()
        said.append(str(caught.value))
    assert len(set(said)) == 1, said


def test_a_partial_answer_is_a_refusal_and_never_a_short_list(source: Source, sandbox: LinearSandbox) -> None:
    page = {"nodes": [], "pageInfo": {"hasNextPage": False, "endCursor": None}}
    sandbox.before = answering({"data": {"issues": page}, "errors": [{"message": "Feature not accessible"}]})
    with pytest.raises(PermanentError, match="only in part: Feature not accessible"):
        source.lookup([ID])


@pytest.mark.parametrize("status", [500, 200])
def test_a_write_whose_answer_is_no_answer_may_have_been_carried_out(
    status: int, settings: Settings, sandbox: LinearSandbox
) -> None:
    sandbox.before = answering("<html>?</html>", status)
    with Pen(settings, ID) as pen, pytest.raises(LostAnswerError):
        pen.update({"title": "x"})


def test_f12_a_write_that_the_rate_limit_stopped_was_not_carried_out(
    settings: Settings, sandbox: LinearSandbox
) -> None:
    sandbox.before = answering(told("RATELIMITED", "Slow down"), 400, {"X-RateLimit-Requests-Reset": "1795349400000"})
    with Pen(settings, ID) as pen, pytest.raises(TemporaryError) as caught:
        pen.update({"title": "x"})
    assert not isinstance(caught.value, LostAnswerError)


@pytest.mark.parametrize("body", [{"data": {"issueUpdate": {"success": False}}}, {"data": {"issueUpdate": None}}])
def test_a_write_without_success_is_an_error(body: Any, settings: Settings, sandbox: LinearSandbox) -> None:
    sandbox.before = answering(body)
    with Pen(settings, ID) as pen, pytest.raises(PermanentError, match="no success"):
        pen.update({"title": "x"})


def test_a_description_that_linear_stumbles_over_may_be_tried_again(settings: Settings, sandbox: LinearSandbox) -> None:
    sandbox.before = answering(told("INPUT_ERROR", "Conflict on insert of DocumentContent"))
    with Pen(settings, ID) as pen, pytest.raises(TemporaryError):
        pen.update({"title": "x"})


def test_nobody_at_the_address_is_temporary_and_said_so() -> None:
    unreachable = Settings(name="gtm", kind="linear", url="http://127.0.0.1:9/graphql", token="t", timeout_s=2)
    source = connector.open_source(unreachable)
    with pytest.raises(TemporaryError, match="cannot reach"):
        source.identify()
    source.close()


@pytest.mark.parametrize("token", ["", "two\nlines", "sécret"])
def test_a_token_that_cannot_be_sent_is_refused_without_being_told(token: str) -> None:
    settings = Settings(name="gtm", kind="linear", url="http://127.0.0.1:9/graphql", token=token)
    with pytest.raises(DeniedError) as caught:
        connector.open_source(settings)
    assert not token or token not in str(caught.value)


@pytest.mark.parametrize(("token", "sent"), [("lin_api_x", "lin_api_x"), ("lin_oauth_x", "Bearer lin_oauth_x")])
def test_a_personal_key_goes_bare_and_an_oauth_token_as_a_bearer(
    token: str, sent: str, settings: Settings, sandbox: LinearSandbox, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login other password other\n", encoding="utf-8")
    monkeypatch.setenv("NETRC", str(netrc))
    heard: list[str] = []

    def before(request: Request) -> Response | None:
        heard.append(request.headers["Authorization"])
        return None

    sandbox.before = before
    source = connector.open_source(Settings(name="gtm", kind="linear", url=settings.url, token=token))
    with pytest.raises(DeniedError):
        source.identify()
    source.close()
    assert heard == [sent]
