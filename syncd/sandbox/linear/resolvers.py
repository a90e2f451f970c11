"""Reading: which rows answer which field. Binds the schema to a world; called once by ``app``.

A field that is bound to nothing is read from its row by its own name, which keeps big pages quick.
"""

from __future__ import annotations

import operator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from graphql import GraphQLNamedType, GraphQLObjectType, get_named_type

from syncd.sandbox.linear.errors import bad_argument, not_found
from syncd.sandbox.linear.paging import Lists, cursor
from syncd.sandbox.linear.rows import Row

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from graphql import GraphQLResolveInfo, GraphQLSchema

    from syncd.sandbox.linear.world import LinearWorld

_PRIORITIES = ("No priority", "Urgent", "High", "Medium", "Low")


@dataclass(frozen=True, slots=True)
class Call:
    """What one request runs with."""

    now: datetime
    rate: Row


def read(source: Row | None, info: GraphQLResolveInfo[Call], **_args: Any) -> Any:  # noqa: ANN401 - whatever the schema says
    """A field that is bound to nothing else."""
    return source.get(info.field_name) if source is not None else None


def bind(schema: GraphQLSchema, world: LinearWorld) -> None:
    """Tells the schema's fields where their answers come from."""
    lists = Lists(schema, world)
    _bind_queries(schema, world, lists)
    _bind_short_lists(schema, world, lists)
    _bind_issue_lists(schema, world, lists)
    _bind_computed(schema, world)
    for name, kind in schema.type_map.items():
        if name.endswith("Connection"):
            _fields(kind)["edges"].resolve = _edges
            _fields(kind)["pageInfo"].resolve = _page_info


def _bind_queries(schema: GraphQLSchema, world: LinearWorld, lists: Lists) -> None:
    query = _fields(schema.query_type)
    query["viewer"].resolve = lambda _root, _info: world.viewer
    query["organization"].resolve = lambda _root, _info: world.organization
    query["rateLimitStatus"].resolve = lambda _root, info: info.context.rate
    query["issue"].resolve = lambda _root, _info, id: _issue(world, id)  # noqa: A006 - the argument's name in the schema
    query["team"].resolve = lambda _root, _info, id: _team(world, id)  # noqa: A006 - the same
    query["attachmentsForURL"].resolve = _attachments_for_url(world, lists)
    one = {"user": world.users, "project": world.projects, "projectMilestone": world.milestones}
    one |= {"initiative": world.initiatives, "release": world.releases, "issueLabel": world.labels}
    one |= {"workflowState": world.states, "attachment": world.attachments}
    for name, rows in one.items():
        query[name].resolve = _one_of(rows, name[0].upper() + name[1:])
    many: dict[str, Callable[[], Iterable[Row]]] = {
        "issues": lambda: filter(world.is_seen, world.issues.values()),
        "teams": lambda: (team for team in world.teams.values() if team["key"] not in world.hidden_teams),
        "comments": lambda: (row for row in world.comments.values() if world.is_seen(row["issue"])),
        "users": world.users.values,
        "projects": world.projects.values,
        "projectMilestones": world.milestones.values,
        "initiatives": world.initiatives.values,
        "releases": world.releases.values,
        "issueLabels": lambda: _of_seen_teams(world, world.labels.values()),
        "workflowStates": lambda: _of_seen_teams(world, world.states.values()),
    }
    for name, every in many.items():
        query[name].resolve = _all_of(lists, name, every, _filter_of(query[name]))


def _bind_short_lists(schema: GraphQLSchema, world: LinearWorld, lists: Lists) -> None:
    """Lists that stand in the row of their owner."""
    owned = {
        "Issue": ("labels", "releases", "attachments", "comments", "history"),
        "Team": ("states", "memberships"),
        "Project": ("teams", "projectMilestones", "initiatives"),
        "Initiative": ("projects",),
    }
    for kind, names in owned.items():
        fields = _fields(schema.type_map[kind])
        for name in names:
            fields[name].resolve = _short(lists, operator.itemgetter(name), _filter_of(fields[name]))
    issue = _fields(schema.type_map["Issue"])
    issue["children"].resolve = _short(lists, lambda row: list(filter(world.is_seen, row["children"])), "IssueFilter")
    for name, other in (("relations", "relatedIssue"), ("inverseRelations", "issue")):
        issue[name].resolve = _short(lists, _seen_relations(world, name, other), None)
    team = _fields(schema.type_map["Team"])
    team["members"].resolve = _short(lists, lambda row: [one["user"] for one in row["memberships"]], "UserFilter")
    team["labels"].resolve = _short(lists, lambda row: [one for one in world.labels.values() if one["team"] is row],
                                    "IssueLabelFilter")  # fmt: skip
    user = _fields(schema.type_map["User"])
    user["teams"].resolve = _short(lists, lambda row: _teams_of(world, row), "TeamFilter")
    organization = _fields(schema.type_map["Organization"])
    organization["teams"].resolve = _short(lists, lambda _row: list(world.teams.values()), "TeamFilter")
    organization["users"].resolve = _short(lists, lambda _row: list(world.users.values()), None)


def _bind_issue_lists(schema: GraphQLSchema, world: LinearWorld, lists: Lists) -> None:
    """The issues of something: found by looking at all, and kept like any long list."""
    belongs: dict[tuple[str, str], Callable[[Row, Row], bool]] = {
        ("Team", "issues"): lambda row, issue: issue["team"] is row,
        ("Project", "issues"): lambda row, issue: issue["project"] is row,
        ("ProjectMilestone", "issues"): lambda row, issue: issue["projectMilestone"] is row,
        ("User", "assignedIssues"): lambda row, issue: issue["assignee"] is row,
        ("IssueLabel", "issues"): lambda row, issue: any(label is row for label in issue["labels"]),
        ("Release", "issues"): lambda row, issue: any(release is row for release in issue["releases"]),
    }
    for (kind, name), holds in belongs.items():
        _fields(schema.type_map[kind])[name].resolve = _issues_of(lists, world, holds)


def _bind_computed(schema: GraphQLSchema, world: LinearWorld) -> None:
    issue = _fields(schema.type_map["Issue"])
    issue["labelIds"].resolve = lambda row, _info: [label["id"] for label in row["labels"]]
    issue["priorityLabel"].resolve = lambda row, _info: _PRIORITIES[int(row["priority"])]
    issue["parent"].resolve = lambda row, _info: (
        row["parent"] if row["parent"] and world.is_seen(row["parent"]) else None
    )
    history = _fields(schema.type_map["IssueHistory"])
    history["actorId"].resolve = lambda row, _info: row["actor"] and row["actor"]["id"]
    for end in ("from", "to"):
        history[f"{end}StateId"].resolve = _id_of(f"{end}State")
    comment = _fields(schema.type_map["Comment"])
    comment["issueId"].resolve, comment["parentId"].resolve = _id_of("issue"), _id_of("parent")
    for name in ("User", "Team"):
        _fields(schema.type_map[name])["organization"].resolve = lambda _row, _info: world.organization
    team = _fields(schema.type_map["Team"])
    team["defaultIssueState"].resolve = lambda row, _info: _state_of(row, "backlog")
    team["triageIssueState"].resolve = lambda row, _info: _state_of(row, "triage") if row["triageEnabled"] else None


def _fields(kind: GraphQLNamedType | None) -> Any:  # noqa: ANN401 - a dict of fields
    if not isinstance(kind, GraphQLObjectType):
        raise TypeError(kind)
    return kind.fields


def _filter_of(field: Any) -> str | None:  # noqa: ANN401 - a field of the schema
    return get_named_type(field.args["filter"].type).name if "filter" in field.args else None


def _issue(world: LinearWorld, key: str) -> Row:
    try:
        issue = world.find_issue(key)
    except KeyError:
        raise not_found("Issue") from None
    if not world.is_seen(issue):
        raise not_found("Issue")
    return issue


def _team(world: LinearWorld, key: str) -> Row:
    try:
        team = world.find_team(key)
    except KeyError:
        raise not_found("Team") from None
    if team["key"] in world.hidden_teams:
        raise not_found("Team")
    return team


def _one_of(rows: dict[str, Row], kind: str) -> Any:  # noqa: ANN401 - a resolver
    def resolve(_root: None, _info: GraphQLResolveInfo[Call], id: str) -> Row:  # noqa: A002 - the argument's name in the schema
        if id not in rows:
            raise not_found(kind)
        return rows[id]

    return resolve


def _all_of(lists: Lists, name: str, every: Callable[[], Iterable[Row]], kind: str | None) -> Any:  # noqa: ANN401
    def resolve(_root: None, info: GraphQLResolveInfo[Call], **args: Any) -> Row:  # noqa: ANN401
        if len(args.get("sort") or ()) > 1:
            raise bad_argument("sort: this sandbox sorts by one field at a time.")
        return lists.page(name, every(), kind, args, info.context.now)

    return resolve


def _short(lists: Lists, rows_of: Callable[[Row], list[Row]], kind: str | None) -> Any:  # noqa: ANN401 - a resolver
    def resolve(row: Row, info: GraphQLResolveInfo[Call], **args: Any) -> Row:  # noqa: ANN401
        return lists.short_page(rows_of(row), kind, args, info.context.now)

    return resolve


def _issues_of(lists: Lists, world: LinearWorld, holds: Callable[[Row, Row], bool]) -> Any:  # noqa: ANN401 - a resolver
    def resolve(row: Row, info: GraphQLResolveInfo[Call], **args: Any) -> Row:  # noqa: ANN401
        issues = (issue for issue in world.issues.values() if holds(row, issue) and world.is_seen(issue))
        return lists.page(f"issues of {row['id']}", issues, "IssueFilter", args, info.context.now)

    return resolve


def _attachments_for_url(world: LinearWorld, lists: Lists) -> Any:  # noqa: ANN401 - a resolver
    def resolve(_root: None, info: GraphQLResolveInfo[Call], url: str, **args: Any) -> Row:  # noqa: ANN401
        found = [row for row in world.attachments.values() if row["url"] == url and world.is_seen(row["issue"])]
        return lists.short_page(found, None, args, info.context.now)

    return resolve


def _seen_relations(world: LinearWorld, name: str, other: str) -> Callable[[Row], list[Row]]:
    return lambda row: [relation for relation in row[name] if world.is_seen(relation[other])]


def _of_seen_teams(world: LinearWorld, rows: Iterable[Row]) -> Iterable[Row]:
    return (row for row in rows if not row["team"] or row["team"]["key"] not in world.hidden_teams)


def _teams_of(world: LinearWorld, user: Row) -> list[Row]:
    return [team for team in world.teams.values() if any(one["user"] is user for one in team["memberships"])]


def _seen(world: LinearWorld, issue: Row | None) -> Row | None:
    return issue if issue is not None and world.is_seen(issue) else None


def _state_of(team: Row, kind: str) -> Row:
    return next(state for state in team["states"] if state["type"] == kind)


def _id_of(name: str) -> Any:  # noqa: ANN401 - a resolver
    return lambda row, _info: row.get(name) and row[name]["id"]


def _edges(page: Row, _info: GraphQLResolveInfo[Call]) -> list[Row]:
    return [{"cursor": cursor(page["order"], row), "node": row} for row in page["nodes"]]


def _page_info(page: Row, _info: GraphQLResolveInfo[Call]) -> Row:
    nodes, order = page["nodes"], page["order"]
    ends = {"startCursor": cursor(order, nodes[0]), "endCursor": cursor(order, nodes[-1])} if nodes else {}
    return {"hasNextPage": page["after"], "hasPreviousPage": page["before"], **ends}
