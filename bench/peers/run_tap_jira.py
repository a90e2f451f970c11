"""tap-jira's stream of issues, read to its end. Runs in tap-jira's own environment: ``... URL EMAIL TOKEN``.

It makes every address begin with https and takes no certificate but those of the public authorities; the sandbox
speaks http. So its one method that writes addresses is replaced here, and nothing else.
"""

from __future__ import annotations

import json
import sys
from contextlib import redirect_stdout
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import tap_jira
from tap_jira.http import Client

from bench.stopwatch import timed


def issues_only(stream: dict[str, Any]) -> dict[str, Any]:
    """A stream of the catalogue, chosen when it is that of the issues."""
    for row in stream["metadata"]:
        row["metadata"]["selected"] = stream["tap_stream_id"] == "issues"
    return stream


def main() -> None:
    url, email, token = sys.argv[1:]
    Client.url = lambda _, path: f"{url}/{path.lstrip('/')}"
    said = {"username": email, "password": token, "base_url": url, "user_agent": "bench"}
    said |= {"start_date": "2020-01-01T00:00:00Z"}
    with TemporaryDirectory(prefix="bench-") as folder:
        config, catalog, told = (Path(folder, name) for name in ("config.json", "catalog.json", "told.jsonl"))
        config.write_text(json.dumps(said), "utf-8")
        tap_jira.Context.client = Client(said)
        streams = [issues_only(stream) for stream in tap_jira.discover().to_dict()["streams"]]
        catalog.write_text(json.dumps({"streams": streams}), "utf-8")
        sys.argv = ["tap-jira", "--config", str(config), "--properties", str(catalog)]
        with told.open("w", encoding="utf-8") as out, redirect_stdout(out), timed() as lap:
            tap_jira.main()
        with told.open(encoding="utf-8") as lines:
            count = sum('"type": "RECORD"' in line for line in lines)
    print(json.dumps({"wall_s": lap.wall_s, "items": count}))


if __name__ == "__main__":
    main()
