"""Reading: which rows answer which field. Binds the schema's fields, once for all worlds, by way of ``schema``.

A field that is bound to nothing is read from its row by its own name, which keeps big pages quick.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from graphql import GraphQLNamedType, GraphQLObjectType, get_named_type

from syncd.sandbox.linear.errors import not_found
from syncd.sandbox.linear.paging import Lists, cursor
from syncd.sandbox.linear.rows import Row
from syncd.sandbox.linear.world import LinearWorld

if TYPE_CHECKING:
    from graphql import GraphQLResolveInfo, GraphQLSchema

_PRIORITIES = ("No priority", "Urgent", "High", "Medium", "Low")

RowsOf = Callable[[LinearWorld, Row], Iterable[Row]]


@dataclass(frozen=True, slots=True)
class Call:
    """What one request runs with."""

    world: LinearWorld
    lists: Lists
    now: datetime
    rate: Row


def read(source: Row | None, info: GraphQLResolveInfo[Call], **_args: Any) -> Any:  # noqa: ANN401 - any field's value
    """A field that is bound to nothing else."""
    return source.get(info.field_name) if source is not None else None


def bind(schema: GraphQLSchema) -> None:
    """Tells the schema's fields where their answers come from."""
    _bind_single(_fields(schema.query_type))
    _bind_lists(_fields(schema.query_type))
    for kind, names in _IN_ROWS.items():
        for name in names:
            field = _fields(schema.type_map[kind])[name]
            field.resolve = _short(_in_row(name), _filter_of(field))
    for (kind, name), rows_of in _FOUND.items():
        field = _fields(schema.type_map[kind])[name]
        field.resolve = _short(rows_of, _filter_of(field))
    for (kind, name), holds in _ISSUES.items():
        _fields(schema.type_map[kind])[name].resolve = _issues_of(holds)
    _bind_computed(schema)
    for name, kind_ in schema.type_map.items():
        if name.endswith("Connection"):
            _fields(kind_)["edges"].resolve = _edges
            _fields(kind_)["pageInfo"].resolve = _page_info


def _bind_single(query: Any) -> None:  # noqa: ANN401 - a dict of fields
    query["viewer"].resolve = lambda _root, info: info.context.world.viewer
    query["organization"].resolve = lambda _root, info: info.context.world.organization
    query["rateLimitStatus"].resolve = lambda _root, info: info.context.rate
    query["issue"].resolve = lambda _root, info, id: seen_issue(info.context.world, id)  # noqa: A006 - the schema's name
    query["team"].resolve = lambda _root, info, id: _team(info.context.world, id)  # noqa: A006 - the schema's name
    for name, where in _BY_ID.items():
        query[name].resolve = _one_of(where, name[0].upper() + name[1:])


def _bind_lists(query: Any) -> None:  # noqa: ANN401 - a dict of fields
    for name, every in _ALL.items():
        query[name].resolve = _all_of(name, every, _filter_of(query[name]))
    query["attachmentsForURL"].resolve = _attachments_for_url


def _bind_computed(schema: GraphQLSchema) -> None:
    issue = _fields(schema.type_map["Issue"])
    issue["labelIds"].resolve = lambda row, _info: [label["id"] for label in row["labels"]]
    issue["priorityLabel"].resolve = lambda row, _info: _PRIORITIES[int(row["priority"])]
    issue["parent"].resolve = lambda row, info: _if_seen(info.context.world, row["parent"])
    history = _fields(schema.type_map["IssueHistory"])
    comment = _fields(schema.type_map["Comment"])
    for fields, names in ((history, ("actor", "fromState", "toState")), (comment, ("issue", "parent"))):
        for name in names:
            fields[f"{name}Id"].resolve = _id_of(name)
    for kind in ("User", "Team"):
        _fields(schema.type_map[kind])["organization"].resolve = lambda _row, info: info.context.world.organization
    team = _fields(schema.type_map["Team"])
    team["defaultIssueState"].resolve = lambda row, _info: _state_of(row, "backlog")
    team["triageIssueState"].resolve = lambda row, _info: _state_of(row, "triage") if row["triageEnabled"] else None


def seen_issue(world: LinearWorld, key: str) -> Row:
    """The issue of this id or identifier, if the key may see it; what it may not see does not exist."""
    try:
        issue = world.find_issue(key)
    except KeyError:
        raise not_found("Issue") from None
    if not world.is_seen(issue):
        raise not_found("Issue")
    return issue


_BY_ID: dict[str, Callable[[LinearWorld], dict[str, Row]]] = {
    "user": lambda world: world.users,
    "project": lambda world: world.projects,
    "projectMilestone": lambda world: world.milestones,
    "initiative": lambda world: world.initiatives,
    "release": lambda world: world.releases,
    "issueLabel": lambda world: world.labels,
    "workflowState": lambda world: world.states,
    "attachment": lambda world: world.attachments,
}
"""What is found by its id alone."""

_ALL: dict[str, Callable[[LinearWorld], Iterable[Row]]] = {
    "issues": lambda world: filter(world.is_seen, world.issues.values()),
    "teams": lambda world: _seen_teams(world, world.teams.values()),
    "comments": lambda world: (row for row in world.comments.values() if world.is_seen(row["issue"])),
    "users": lambda world: world.users.values(),
    "projects": lambda world: world.projects.values(),
    "projectMilestones": lambda world: world.milestones.values(),
    "initiatives": lambda world: world.initiatives.values(),
    "releases": lambda world: world.releases.values(),
    "issueLabels": lambda world: _of_seen_teams(world, world.labels.values()),
    "workflowStates": lambda world: _of_seen_teams(world, world.states.values()),
}
"""The lists of the whole workspace."""

_IN_ROWS = {
    "Issue": ("labels", "releases", "attachments", "comments", "history"),
    "Team": ("states", "memberships"),
    "Project": ("projectMilestones", "initiatives"),
    "Initiative": ("projects",),
}
"""Lists that stand in the row of their owner."""

_FOUND: dict[tuple[str, str], RowsOf] = {
    ("Issue", "children"): lambda world, row: filter(world.is_seen, row["children"]),
    ("Issue", "relations"): lambda world, row: _seen_relations(world, row["relations"], "relatedIssue"),
    ("Issue", "inverseRelations"): lambda world, row: _seen_relations(world, row["inverseRelations"], "issue"),
    ("Project", "teams"): lambda world, row: _seen_teams(world, row["teams"]),
    ("Team", "members"): lambda _world, row: (one["user"] for one in row["memberships"]),
    ("Team", "labels"): lambda world, row: (one for one in world.labels.values() if one["team"] is row),
    ("User", "teams"): lambda world, row: _seen_teams(world, _teams_of(world, row)),
    ("Organization", "teams"): lambda world, _row: _seen_teams(world, world.teams.values()),
    ("Organization", "users"): lambda world, _row: world.users.values(),
}
"""Short lists that depend on what the key may see, or stand nowhere."""

_ISSUES: dict[tuple[str, str], Callable[[Row, Row], bool]] = {
    ("Team", "issues"): lambda row, issue: issue["team"] is row,
    ("Project", "issues"): lambda row, issue: issue["project"] is row,
    ("ProjectMilestone", "issues"): lambda row, issue: issue["projectMilestone"] is row,
    ("User", "assignedIssues"): lambda row, issue: issue["assignee"] is row,
    ("IssueLabel", "issues"): lambda row, issue: any(label is row for label in issue["labels"]),
    ("Release", "issues"): lambda row, issue: any(release is row for release in issue["releases"]),
}
"""The issues of something: found by looking at all, and kept like any long list."""


def _fields(kind: GraphQLNamedType | None) -> Any:  # noqa: ANN401 - a dict of fields
    if not isinstance(kind, GraphQLObjectType):
        raise TypeError(kind)
    return kind.fields


def _filter_of(field: Any) -> str | None:  # noqa: ANN401 - a field of the schema
    return get_named_type(field.args["filter"].type).name if "filter" in field.args else None


def _team(world: LinearWorld, key: str) -> Row:
    try:
        team = world.find_team(key)
    except KeyError:
        raise not_found("Team") from None
    if team["key"] in world.hidden_teams:
        raise not_found("Team")
    return team


def _one_of(where: Callable[[LinearWorld], dict[str, Row]], kind: str) -> Any:  # noqa: ANN401 - a resolver
    def resolve(_root: None, info: GraphQLResolveInfo[Call], id: str) -> Row:  # noqa: A002 - the schema's name
        row = where(info.context.world).get(id)
        if row is None:
            raise not_found(kind)
        return row

    return resolve


def _all_of(name: str, every: Callable[[LinearWorld], Iterable[Row]], kind: str | None) -> Any:  # noqa: ANN401 - a resolver
    def resolve(_root: None, info: GraphQLResolveInfo[Call], **args: Any) -> Row:  # noqa: ANN401 - the field's own
        call = info.context
        return call.lists.page(name, every(call.world), kind, args, call.now)

    return resolve


def _short(rows_of: RowsOf, kind: str | None) -> Any:  # noqa: ANN401 - a resolver
    def resolve(row: Row, info: GraphQLResolveInfo[Call], **args: Any) -> Row:  # noqa: ANN401 - the field's own
        call = info.context
        return call.lists.short_page(rows_of(call.world, row), kind, args, call.now)

    return resolve


def _issues_of(holds: Callable[[Row, Row], bool]) -> Any:  # noqa: ANN401 - a resolver
    def resolve(row: Row, info: GraphQLResolveInfo[Call], **args: Any) -> Row:  # noqa: ANN401 - the field's own
        call = info.context
        issues = (one for one in call.world.issues.values() if holds(row, one) and call.world.is_seen(one))
        return call.lists.page(f"issues of {row['id']}", issues, "IssueFilter", args, call.now)

    return resolve


def _attachments_for_url(_root: None, info: GraphQLResolveInfo[Call], url: str, **args: Any) -> Row:  # noqa: ANN401 - the field's own
    call = info.context
    found = [row for row in call.world.attachments.values() if row["url"] == url and call.world.is_seen(row["issue"])]
    return call.lists.short_page(found, None, args, call.now)


def _in_row(name: str) -> RowsOf:
    rows_of = operator.itemgetter(name)
    return lambda _world, row: rows_of(row)


def _seen_relations(world: LinearWorld, relations: list[Row], other: str) -> Iterable[Row]:
    return (relation for relation in relations if world.is_seen(relation[other]))


def _seen_teams(world: LinearWorld, teams: Iterable[Row]) -> Iterable[Row]:
    return (team for team in teams if team["key"] not in world.hidden_teams)


def _of_seen_teams(world: LinearWorld, rows: Iterable[Row]) -> Iterable[Row]:
    return (row for row in rows if not row["team"] or row["team"]["key"] not in world.hidden_teams)


def _teams_of(world: LinearWorld, user: Row) -> Iterable[Row]:
    return (team for team in world.teams.values() if any(one["user"] is user for one in team["memberships"]))


def _if_seen(world: LinearWorld, issue: Row | None) -> Row | None:
    return issue if issue is not None and world.is_seen(issue) else None


def _state_of(team: Row, kind: str) -> Row | None:
    return next((state for state in team["states"] if state["type"] == kind), None)


def _id_of(name: str) -> Any:  # noqa: ANN401 - a resolver
    return lambda row, _info: row.get(name) and row[name]["id"]


def _edges(page: Row, _info: GraphQLResolveInfo[Call]) -> list[Row]:
    return [{"cursor": cursor(page["order"], row), "node": row} for row in page["nodes"]]


def _page_info(page: Row, _info: GraphQLResolveInfo[Call]) -> Row:
    nodes, order = page["nodes"], page["order"]
    ends = {"startCursor": cursor(order, nodes[0]), "endCursor": cursor(order, nodes[-1])} if nodes else {}
    return {"hasNextPage": page["after"], "hasPreviousPage": page["before"], **ends}
