"""The HTTP side on trial: a real store and configuration behind it, and whoever sends webhooks."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from werkzeug.test import Client

import config as configuration
from config.schema import Config
from connectors.base import Hint
from connectors.pace import Pace
from syncd import app
from syncd.meter import Meter
from syncd.store.store import Store
from syncd.web.app import create_app
from syncd.web.ports import Ports

if TYPE_CHECKING:
    from collections.abc import Callable

    from werkzeug.test import TestResponse

    from syncd.outside import Outside


NOW = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)
ROOT = Path(__file__).resolve().parents[2]
PAYLOADS = Path(os.environ.get("SYNCD_PAYLOADS", ROOT.parent / "shared" / "payloads"))
SECRETS = {"JIRA_TOKEN": "jira-t0ken", "LINEAR_TOKEN": "linear-t0ken", "ENG_HOOK": "eng-h00k", "GTM_HOOK": "gtm-h00k"}
TOKEN = "http-t0ken"
ISSUE = "4ceeeecb-3442-4972-b27a-4ac7198d4eac"
TEXT = """
database: sqlite:///{folder}/syncd.db
http: {{bind: "127.0.0.1:0"{http}}}
trackers:
  eng: {{kind: jira, url: "http://127.0.0.1:9", token: {{env: JIRA_TOKEN}}, webhook_secret: {{env: ENG_HOOK}}}}
  gtm: {{kind: linear, token: {{env: LINEAR_TOKEN}}, webhook_secret: {{env: GTM_HOOK}}}}
  mute: {{kind: linear, token: {{env: LINEAR_TOKEN}}}}
releases:
  atlas-2: {{launch: eng/REL-1, gates: {{engineering: eng/ENG}}}}
"""


def configured(folder: Path, *, token: bool = False) -> Config:
    path = folder / "syncd.yaml"
    path.write_text(TEXT.format(folder=folder, http=", token: {env: HTTP_TOKEN}" if token else ""), "utf-8")
    return configuration.load(path, {**SECRETS, "HTTP_TOKEN": TOKEN})


@dataclass
class Site:
    """The application with all that it is given; ``hints`` is what it passed on."""

    config: Config
    store: Store
    now: datetime = NOW
    hints: list[tuple[str, Hint]] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    paces: dict[str, Pace] = field(default_factory=dict)
    meter: Meter = field(default_factory=Meter)

    def ports(self) -> Ports:
        return Ports(
            outside=app.outside(self.config, self.store, now=lambda: self.now),
            config=lambda: self.config,
            hinted=lambda tracker, hint: self.hints.append((tracker, hint)),
            meter=self.meter,
            paces=lambda: self.paces,
            problems=lambda: self.problems,
        )

    def client(self, ports: Ports | None = None) -> Client:
        return Client(create_app(ports or self.ports()))


def reader(outside: Outside, config: Callable[[], Config]) -> Client:
    """Who reads what a trial has brought about."""
    return Client(create_app(Ports(outside=outside, config=config, hinted=lambda _, __: None)))


def ms(at: datetime) -> int:
    return int(at.timestamp() * 1000)


def jira_event(at: datetime = NOW, **more: Any) -> bytes:
    event = {"webhookEvent": "jira:issue_updated", "timestamp": ms(at), "issue": {"id": "10001"}}
    return json.dumps(event | more).encode()


def linear_event(at: datetime = NOW, **more: Any) -> bytes:
    event = {"type": "Issue", "action": "update", "data": {"id": ISSUE}, "webhookTimestamp": ms(at)}
    return json.dumps(event | more).encode()


def jira_signed(body: bytes, delivery: str = "") -> dict[str, str]:
    digest = hmac.new(SECRETS["ENG_HOOK"].encode(), body, hashlib.sha256).hexdigest()
    named = {"X-Atlassian-Webhook-Identifier": delivery} if delivery else {}
    return {"X-Hub-Signature": f"sha256={digest}", "Content-Type": "application/json", **named}


def linear_signed(body: bytes, delivery: str = "") -> dict[str, str]:
    digest = hmac.new(SECRETS["GTM_HOOK"].encode(), body, hashlib.sha256).hexdigest()
    named = {"Linear-Delivery": delivery} if delivery else {}
    return {"Linear-Signature": digest, "Content-Type": "application/json; charset=utf-8", **named}


def from_jira(client: Client, body: bytes, delivery: str = "", tracker: str = "eng") -> TestResponse:
    return client.post(f"/hooks/{tracker}", data=body, headers=jira_signed(body, delivery))


def from_linear(client: Client, body: bytes, delivery: str = "", tracker: str = "gtm") -> TestResponse:
    return client.post(f"/hooks/{tracker}", data=body, headers=linear_signed(body, delivery))


def ago(**span: float) -> datetime:
    return NOW - timedelta(**span)
