"""The floor: what fetching alone costs. It only fetches with requests, parses the JSON and inserts into SQLite.

``python -m bench.floor HOW TOLD COUNT``: HOW is one of ``WAYS``, TOLD the trackers' addresses as JSON. It prints the
seconds of each of COUNT pulls.
"""

from __future__ import annotations

import json
import sqlite3
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import requests

from bench.stopwatch import timed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Rows = list[dict[str, Any]]

FIELDS = (
    "summary", "status", "issuetype", "priority", "labels", "assignee", "creator", "reporter", "parent", "created",
    "updated", "resolution", "security", "issuerestriction", "statuscategorychangedate", "archiveddate",
)  # fmt: skip
"""Those that syncd asks for."""

_JQL = "project in (JIRAA, JIRAB, JIRAC, JIRAD, JIRAE, JIRAF, JIRAG, JIRAH) ORDER BY key ASC"
_IDS, _BULK, _LINEAR_PAGE = 5000, 100, 250
_TIMEOUT_S = 60
_LINEAR = """
query Floor($after: String) { issues(first: 250, after: $after, includeArchived: true) { nodes {
  id identifier url title priority createdAt updatedAt archivedAt trashed startedAt completedAt canceledAt
  state { id name type } team { key visibility } labels(first: 20) { nodes { name } pageInfo { hasNextPage } }
  assignee { name } creator { name } parent { id }
} pageInfo { hasNextPage endCursor } } }
"""


def jira_bulk(told: dict[str, Any]) -> Iterator[Rows]:
    """The ids by token, then their contents a hundred at a time."""
    with _session(told) as session:
        ids = [row["id"] for page in _tokens(session, told, ["id"], _IDS) for row in page]
        for start in range(0, len(ids), _BULK):
            body = {"issueIdsOrKeys": ids[start : start + _BULK], "fields": FIELDS}
            yield _asked(session, f"{told['jira']['url']}/rest/api/3/issue/bulkfetch", body)["issues"]


def jira_tokens(told: dict[str, Any]) -> Iterator[Rows]:
    """Token pages of a hundred, one after the other."""
    with _session(told) as session:
        yield from _tokens(session, told, FIELDS, _BULK)


def linear(told: dict[str, Any]) -> Iterator[Rows]:
    """Pages of 250, one after the other."""
    with requests.Session() as session:
        session.headers["Authorization"] = told["linear"]["token"]
        after = None
        while True:
            body = {"query": _LINEAR, "variables": {"after": after}}
            issues = _asked(session, told["linear"]["url"], body)["data"]["issues"]
            yield issues["nodes"]
            if not issues["pageInfo"]["hasNextPage"]:
                return
            after = issues["pageInfo"]["endCursor"]


WAYS: dict[str, Callable[[dict[str, Any]], Iterator[Rows]]] = {
    "jira-bulk": jira_bulk,
    "jira-tokens": jira_tokens,
    "linear": linear,
}


def pull(how: str, told: dict[str, Any], database: Path) -> int:
    """Everything into a table of its own; how many items there were."""
    with sqlite3.connect(database) as connection:
        connection.execute("CREATE TABLE item (id TEXT PRIMARY KEY, content TEXT NOT NULL) WITHOUT ROWID")
        for rows in WAYS[how](told):
            values = [(row["id"], json.dumps(row)) for row in rows]
            connection.executemany("INSERT INTO item VALUES (?, ?)", values)
        (count,) = connection.execute("SELECT count(*) FROM item").fetchone()
    connection.close()
    return int(count)


def _session(told: dict[str, Any]) -> requests.Session:
    session = requests.Session()
    session.auth = (told["jira"]["email"], told["jira"]["token"])
    return session


def _tokens(session: requests.Session, told: dict[str, Any], fields: object, size: int) -> Iterator[Rows]:
    body = {"jql": _JQL, "maxResults": size, "fields": fields}
    while True:
        page = _asked(session, f"{told['jira']['url']}/rest/api/3/search/jql", body)
        yield page["issues"]
        if "nextPageToken" not in page:
            return
        body["nextPageToken"] = page["nextPageToken"]


def _asked(session: requests.Session, url: str, body: object) -> Any:  # noqa: ANN401 - any JSON
    answer = session.post(url, json=body, timeout=_TIMEOUT_S)
    answer.raise_for_status()
    return answer.json()


def main() -> None:
    how, told, count = sys.argv[1], json.loads(sys.argv[2]), int(sys.argv[3])
    laps = []
    for _ in range(count):
        with TemporaryDirectory(prefix="bench-") as folder, timed() as lap:
            items = pull(how, told, Path(folder) / "floor.db")
        laps.append(lap)
    print(json.dumps({"items": items, "wall_s": [lap.wall_s for lap in laps], "own_s": [lap.own_s for lap in laps]}))


if __name__ == "__main__":
    main()
