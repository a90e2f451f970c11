"""Routes that search: search/jql and its kin on Cloud, search on Data Center. Entered in the table by import."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from syncd.sandbox.jira import jql as language
from syncd.sandbox.jira import render, search
from syncd.sandbox.jira.call import Call, Refusal, Reply, route
from syncd.sandbox.jira.jql import JqlError

if TYPE_CHECKING:
    from syncd.sandbox.jira.shapes import Json

_PAGE = 50
_IDS_AT_MOST = 5000
_ISSUES_AT_MOST = 100
_SERVER_AT_MOST = 1000
_BULK_AT_MOST = 100
_HISTORIES_AT_MOST = 10_000
_SEARCH = "jql nextPageToken maxResults fields expand properties fieldsByKeys failFast reconcileIssues"
_OLD = "jql startAt maxResults validateQuery fields expand properties fieldsByKeys"
_GONE = (
    "The requested API has been removed. Please migrate to the /rest/api/3/search/jql API. A full migration guideline "
    "is available at https://developer.atlassian.com/changelog/#CHANGE-2046"
)


@route("GET", "search/jql", query=_SEARCH, where="cloud")
@route("POST", "search/jql", body=_SEARCH, where="cloud")
def by_token(call: Call) -> Json:
    """One page of a frozen query; no total, and no token on the last page."""
    fields = call.words("fields") or ["id"]
    most = _IDS_AT_MOST if render.only_identity(fields) else _ISSUES_AT_MOST
    size = call.number("maxResults", _PAGE, most) or _PAGE
    name, at = _place(call, json.dumps([_jql(call), fields]))
    idents, token = call.tokens.page(name, at, size)
    shown = [raw for ident in idents if (raw := _indexed(call, ident))]
    more = (call.words("expand") or [], call.words("properties") or [])
    answer: Json = {"issues": [render.issue(call, raw, fields, *more) for raw in shown], "isLast": token is None}
    if "names" in more[0]:
        answer["names"] = {row["id"]: row["name"] for row in call.world.fields}
    return answer if token is None else {**answer, "nextPageToken": token}


def _place(call: Call, question: str) -> tuple[str, int]:
    token = _said(call, "nextPageToken")
    if token:
        return call.tokens.resume(str(token), question)
    found = search.find(call.world, _jql(call), call.lag_s, bounded=True)
    return call.tokens.start(question, [issue["id"] for issue in found]), 0


def _indexed(call: Call, ident: str) -> Json | None:
    if not call.lag_s and ident not in call.world.issues:
        return None
    return search.as_indexed(call.world, ident, call.lag_s)


def _said(call: Call, name: str) -> object:
    return call.body[name] if name in call.body else call.query.get(name)


def _jql(call: Call) -> str:
    said = _said(call, "jql")
    if said is not None and not isinstance(said, str):
        raise Refusal(400, "The JQL query must be a string.")
    return said or ""


@route("GET", "search", query=_OLD, where="cloud")
@route("POST", "search", body=_OLD, where="cloud")
def removed(_call: Call) -> Reply:
    return Reply(410, {"errorMessages": [_GONE], "errors": {}})


@route("GET", "search", query=_OLD, where="dc")
@route("POST", "search", body=_OLD, where="dc")
def by_offset(call: Call) -> Json:
    """Data Center: a page by its offset, silently cut to 1,000."""
    size = call.number("maxResults", _PAGE, _SERVER_AT_MOST)
    start = call.number("startAt", 0, 1 << 40)
    found = [raw for raw in search.find(call.world, _jql(call), call.lag_s) if call.allowed(raw["id"])]
    fields = call.words("fields") or ["*navigable"]
    more = (call.words("expand") or [], call.words("properties") or [])
    shown = [render.issue(call, raw, fields, *more) for raw in found[start : start + size]]
    return {"expand": "schema,names", "startAt": start, "maxResults": size, "total": len(found), "issues": shown}


@route("POST", "search/approximate-count", body="jql", where="cloud")
def count(call: Call) -> Json:
    return {"count": len(search.find(call.world, _jql(call), call.lag_s, bounded=True))}


@route("POST", "jql/match", body="issueIds jqls", where="cloud")
def match(call: Call) -> Json:
    """Which of the issues match which query; a query that is refused says why in its own place."""
    idents = [str(ident) for ident in call.words("issueIds") or []]
    shown = [raw for ident in idents if ident in call.world.shelves and (raw := _indexed(call, ident))]
    return {"matches": [_match(call, str(jql), shown) for jql in call.words("jqls") or []]}


def _match(call: Call, jql: str, shown: list[Json]) -> Json:
    try:
        found = search.matching(call.world, jql, shown)
    except JqlError as error:
        return {"matchedIssues": [], "errors": error.messages}
    return {"matchedIssues": [int(ident) for ident in found if ident.isdigit()], "errors": []}


@route("POST", "jql/parse", query="validation", body="queries", where="cloud")
def parse(call: Call) -> Json:
    return {"queries": [_parse(call, str(jql)) for jql in call.words("queries") or []]}


def _parse(call: Call, jql: str) -> Json:
    try:
        language.parse(jql)
        if call.query.get("validation", "strict") == "strict":
            search.matching(call.world, jql, [])
    except JqlError as error:
        return {"query": jql, "errors": error.messages}
    return {"query": jql, "structure": {}}


@route("POST", "issue/bulkfetch", body="issueIdsOrKeys fields expand properties fieldsByKeys", where="cloud")
def bulk_fetch(call: Call) -> Json:
    """At most 100 issues, in ascending order of their ids; what cannot be found or seen is absent."""
    asked = call.words("issueIdsOrKeys") or []
    if not asked:
        raise Refusal(400, "At least one issue ID or key must be provided.")
    if len(asked) > _BULK_AT_MOST:
        raise Refusal(400, f"The number of issues requested must be at most {_BULK_AT_MOST}.")
    idents = {ident for word in asked if (ident := call.world.find(word)) and call.world.visible(ident)}
    fields = call.words("fields") or ["*navigable"]
    more = (call.words("expand") or [], call.words("properties") or [])
    ordered = sorted(idents, key=lambda ident: (len(ident), ident))
    issues = [render.issue(call, call.world.issues[ident], [*fields, "key"], *more) for ident in ordered]
    return {"expand": "schema,names", "issues": issues, "issueErrors": []}


@route("POST", "changelog/bulkfetch", body="issueIdsOrKeys fieldIds maxResults nextPageToken", where="cloud")
def bulk_changelogs(call: Call) -> Json:
    """Histories of up to 1,000 issues, oldest first, in one page as far as it goes."""
    asked = call.words("issueIdsOrKeys") or []
    if not asked or len(asked) > _SERVER_AT_MOST:
        raise Refusal(400, "Between 1 and 1000 issue IDs or keys must be provided.")
    size = call.number("maxResults", _SERVER_AT_MOST, _HISTORIES_AT_MOST)
    wanted = set(call.words("fieldIds") or [])
    idents = [ident for word in asked if (ident := call.world.find(word)) and call.world.visible(ident)]
    rows = [(ident, row) for ident in dict.fromkeys(idents) for row in _histories(call, ident, wanted)]
    start = _offset(call)
    page = rows[start : start + size]
    logs: dict[str, list[Any]] = {}
    for ident, row in page:
        logs.setdefault(ident, []).append(row)
    answer: Json = {"issueChangeLogs": [{"issueId": i, "changeHistories": found} for i, found in logs.items()]}
    return answer if start + size >= len(rows) else {**answer, "nextPageToken": str(start + size)}


def _histories(call: Call, ident: str, wanted: set[str]) -> list[Json]:
    rows = call.world.shelves[ident].histories
    if not wanted:
        return rows
    kept = ({**row, "items": [one for one in row["items"] if one.get("fieldId") in wanted]} for row in rows)
    return [row for row in kept if row["items"]]


def _offset(call: Call) -> int:
    token = str(_said(call, "nextPageToken") or "0")
    if not token.isdigit():
        raise Refusal(400, "The provided next page token is invalid or expired.")
    return int(token)
