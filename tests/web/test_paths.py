"""The paths of interface.md §3: what each answers, to whom, and what no answer may hold."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa
from structlog.testing import capture_logs

from syncd.store.engine import engine_of
from syncd.web.app import _PATHS, READERS
from tests.web.site import SECRETS, TOKEN, configured, from_jira, jira_event, reader

if TYPE_CHECKING:
    from pathlib import Path
    from typing import NoReturn

    from tests.trial import Trial
    from tests.web.site import Site

RELEASE = "  atlas-2: {launch: eng/REL-1, gates: {engineering: {owner: dana, items: [{tracker: eng, project: ENG}]}}}"
AWAY = 'away: {kind: jira, url: "http://127.0.0.1:9", email: me@acme.example, token: {env: JIRA_TOKEN}}'
PATHS = ["/healthz", "/readyz", "/metrics", "/releases/atlas-2.json"]


def test_healthz_is_well_while_the_process_works(site: Site) -> None:
    answer = site.client().get("/healthz")
    assert (answer.status_code, answer.mimetype) == (200, "text/plain")


def test_readyz_lists_trackers_which_change_nothing(whole: Trial) -> None:
    gate = "gates: {legal: {owner: dana, items: [{tracker: away, project: LAW}]}, "
    config = whole.configure(RELEASE.replace("gates: {", gate), more=AWAY)
    whole.jira.add("ENG", "Write it")
    whole.once(config)
    with whole.outside(config) as outside:
        answer = reader(outside, lambda: config).get("/readyz")
    assert answer.status_code == 200
    assert answer.json is not None
    eng, gtm, away = answer.json["trackers"]
    assert (eng["tracker"], bool(eng["last_complete"]), eng["error"]) == ("eng", True, None)
    assert gtm == {"tracker": "gtm", "last_complete": None, "error": None}
    assert (away["tracker"], away["last_complete"]) == ("away", None)
    assert "127.0.0.1" in away["error"]


def test_a_refused_file_is_told_and_the_old_one_stays_in_force(site: Site) -> None:
    site.problems.append("syncd.yaml: line 3: releases: nothing here")
    answer = site.client().get("/readyz")
    assert answer.status_code == 200
    assert answer.json is not None
    assert (answer.json["ready"], answer.json["problems"]) == (True, site.problems)


@pytest.mark.parametrize("path", ["/readyz", "/metrics", "/releases/atlas-2.json"])
def test_a_database_out_of_order_is_503_with_the_reason_and_no_traceback(site: Site, path: str) -> None:
    damage(site.config.database_url)
    answer = site.client().get(path)
    assert answer.status_code == 503
    assert "the database" in answer.text
    assert "Traceback" not in answer.text
    assert "SELECT" not in answer.text
    if path == "/readyz":
        assert answer.json is not None
        assert not answer.json["ready"]
        assert answer.json["reasons"]


def test_webhooks_are_taken_while_the_database_is_out_of_order(site: Site) -> None:
    damage(site.config.database_url)
    assert from_jira(site.client(), jira_event()).status_code == 202


def damage(url: str) -> None:
    engine, _ = engine_of(url, 1.0)
    with engine.begin() as conn:
        conn.execute(sa.text("PRAGMA foreign_keys = OFF"))
        for table in ("tracker", "judgement"):
            conn.execute(sa.text(f"ALTER TABLE {table} RENAME TO lost_{table}"))
    engine.dispose()


def test_a_releases_document_is_the_one_that_status_prints(whole: Trial) -> None:
    config = whole.configure(RELEASE)
    whole.jira.add("ENG", "Write it")
    whole.once(config)
    with whole.outside(config) as outside:
        client = reader(outside, lambda: config)
        answer = client.get("/releases/atlas-2.json")
        assert (answer.status_code, answer.mimetype) == (200, "application/json")
        assert answer.json == whole.status(config)
        assert answer.json["verdict"] != "unknown"
        whole.clock.pass_by(days=30)
        later = client.get("/releases/atlas-2.json").json
    assert later is not None
    assert (later["verdict"], later["shown"]) == ("unknown", "CAN'T TELL")


def test_a_release_that_is_unknown_or_never_read_is_not_found(site: Site) -> None:
    client = site.client()
    assert client.get("/releases/other.json").status_code == 404
    assert client.get("/releases/atlas-2.json").status_code == 404
    assert "CAN'T TELL" in client.get("/releases/atlas-2.json").text


def test_the_root_lists_every_path(site: Site) -> None:
    answer = site.client().get("/")
    assert (answer.status_code, answer.mimetype) == (200, "text/plain")
    listed = {line.split()[1] for line in answer.text.splitlines() if line.startswith(("GET", "POST"))}
    rules = {re.sub("<.*>", "ID", rule.rule) for rule in _PATHS.iter_rules()} - {"/"}
    assert {path.replace("TRACKER", "ID") for path in listed} == rules


@pytest.mark.parametrize("path", ["/releases", "/releases/atlas-2", "/hooks/", "/healthz/", "/healthz//x"])
def test_what_is_no_path_is_not_found(site: Site, path: str) -> None:
    answer = site.client().get(path)
    assert (answer.status_code, answer.text) == (404, "There is nothing at this path. GET / lists those that answer.\n")


@pytest.mark.parametrize("path", PATHS)
def test_only_get_and_head_are_allowed(site: Site, path: str) -> None:
    client = site.client()
    for method in ("POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "NONSENSE"):
        answer = client.open(path, method=method)
        assert answer.status_code == 405
        assert set(answer.headers["Allow"].split(", ")) == {"GET", "HEAD"}


def test_a_hook_can_only_be_posted(site: Site) -> None:
    answer = site.client().get("/hooks/eng")
    assert (answer.status_code, answer.headers["Allow"]) == (405, "POST")


@pytest.mark.parametrize("path", PATHS[:3])
def test_head_answers_as_get_does_without_a_body(site: Site, path: str) -> None:
    client = site.client()
    head = client.head(path)
    assert (head.status_code, head.data) == (200, b"")
    assert int(head.headers["Content-Length"]) == len(client.get(path).data)


def test_with_a_token_only_its_bearer_reads_metrics_and_releases(site: Site, tmp_path: Path) -> None:
    site.config = configured(tmp_path, token=True)
    client = site.client()
    for path in ("/metrics", "/releases/atlas-2.json", "/releases/other.json"):
        for given in ("", "Bearer", "Bearer wrong", f"Basic {TOKEN}", TOKEN, f"Bearer {TOKEN}x", "Bearer é"):
            answer = client.get(path, headers={"Authorization": given} if given else {})
            assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, 'Bearer realm="syncd"')
        assert client.get(path, headers={"Authorization": f"Bearer {TOKEN}"}).status_code != 401
    assert client.get("/metrics", headers={"Authorization": f"bearer {TOKEN}"}).status_code == 200


def test_with_a_token_health_and_webhooks_stay_open(site: Site, tmp_path: Path) -> None:
    site.config = configured(tmp_path, token=True)
    client = site.client()
    assert [client.get(path).status_code for path in ("/healthz", "/readyz")] == [200, 200]
    assert from_jira(client, jira_event()).status_code == 202


def test_every_answer_is_safe_to_show(site: Site, tmp_path: Path) -> None:
    site.config = configured(tmp_path, token=True)
    client = site.client()
    bearer = {"Authorization": f"Bearer {TOKEN}"}
    answers = [client.get(path, headers=bearer) for path in (*PATHS, "/<script>alert(1)</script>", "/hooks/eng")]
    answers += [client.get("/metrics"), client.post("/hooks/<b>"), client.post("/hooks/eng", data=b"<i>")]
    for answer in answers:
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.mimetype in ("text/plain", "application/json")
        assert "<" not in answer.text
        assert not any(secret in answer.text + str(answer.headers) for secret in (*SECRETS.values(), TOKEN))


def test_a_fault_of_ours_is_told_without_its_traceback(site: Site) -> None:
    def broken() -> NoReturn:
        raise RuntimeError("t0p-s3cret")

    client = site.client(replace(site.ports(), problems=broken))
    with capture_logs() as logged:
        answer = client.get("/readyz")
    assert (answer.status_code, answer.mimetype) == (500, "text/plain")
    assert "t0p" not in answer.text
    assert [it["event"] for it in logged] == ["request_failed"]


def test_a_database_that_hangs_leaves_threads_for_webhooks(site: Site) -> None:
    asked: list[int] = []

    def nested() -> list[str]:  # asked for within a request: each is one more that waits for the database
        asked.append(client.get("/readyz").status_code)
        return []

    client = site.client(replace(site.ports(), problems=nested))
    assert client.get("/readyz").status_code == 200
    assert asked == [503] + [200] * (READERS - 1)
