"""Writing: what clients may change over GraphQL. Binds the schema's mutations once, for all worlds.

Each mutation holds the world's lock for as long as it runs. Nothing is changed by one that is refused.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from graphql import GraphQLObjectType

from syncd.sandbox.linear import talking
from syncd.sandbox.linear.changes import change
from syncd.sandbox.linear.errors import bad_argument, missing_scope, not_allowed, not_found, taken
from syncd.sandbox.linear.resolvers import Call, seen_issue
from syncd.sandbox.linear.rows import Row, iso

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from graphql import GraphQLResolveInfo, GraphQLSchema

    from syncd.sandbox.linear.world import LinearWorld

_UUID4 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")

Given = dict[str, Any]


def bind(schema: GraphQLSchema) -> None:
    """Tells the schema's mutations what they do to a request's world."""
    kind = schema.mutation_type
    if not isinstance(kind, GraphQLObjectType):
        raise TypeError(kind)
    writes: dict[str, Callable[..., Row]] = {
        "issueCreate": _issue_create,
        "issueUpdate": _issue_update,
        "issueArchive": _issue_archive,
        "issueUnarchive": _issue_unarchive,
        "issueDelete": _issue_delete,
        "attachmentCreate": _attachment_create,
        "attachmentUpdate": _attachment_update,
        "issueRelationCreate": _relation_create,
        "commentCreate": _comment_create,
        "commentUpdate": _comment_update,
        "commentDelete": _comment_delete,
        "issueLabelCreate": _label_create,
    }
    for name, write in writes.items():
        kind.fields[name].resolve = _locked(write)


def _locked(write: Callable[..., Row]) -> Any:  # noqa: ANN401 - a resolver
    def resolve(_root: None, info: GraphQLResolveInfo[Call], **args: Any) -> Row:  # noqa: ANN401 - the field's own
        world = info.context.world
        if world.read_only:
            raise missing_scope("write")
        with world.lock:
            return {"success": True, **write(world, **args), "lastSyncId": world.version}

    return resolve


def _issue_create(world: LinearWorld, input: Given) -> Row:  # noqa: A002 - the argument's name in the schema
    team = _found(world.teams, input["teamId"], "Team")
    if not input.get("title"):
        raise bad_argument("title should not be empty.")
    row_id = _fresh_id(input, world.issues, "Issue")
    fields = _meant(world, team, input)
    if team["triageEnabled"] and "state" not in fields:
        fields["state"] = next(state for state in team["states"] if state["type"] == "triage")
    issue = world.begin(team, input["title"], row_id)
    issue["creator"] = world.viewer
    change(issue, fields, world.entry(None, issue["createdAt"]))
    issue["history"].clear()
    return {"issue": issue}


def _issue_update(world: LinearWorld, id: str, input: Given) -> Row:  # noqa: A002 - the arguments' names in the schema
    issue = seen_issue(world, id)
    team = _found(world.teams, input["teamId"], "Team") if input.get("teamId") else issue["team"]
    fields = _meant(world, team, input)
    for name, rows, kind in (("Label", "labels", world.labels), ("Release", "releases", world.releases)):
        added, removed = (input.get(f"{verb}{name}Ids") or () for verb in ("added", "removed"))
        if added or removed:
            kept = [row for row in issue[rows] if row["id"] not in removed and row["id"] not in added]
            fields[rows] = kept + [_found(kind, one, name) for one in added]
    if team is not issue["team"]:
        world.transfer(issue["id"], team["id"])
    if change(issue, fields, world.entry(world.viewer, iso(world.clock()))):
        world.version += 1
    if "trashed" in input and bool(input["trashed"]) != bool(issue["trashed"]):
        (world.trash if input["trashed"] else world.restore)(issue["id"])
    return {"issue": issue}


def _issue_archive(world: LinearWorld, id: str, trash: bool | None = None) -> Row:  # noqa: A002, FBT001 - the schema's
    issue = seen_issue(world, id)
    (world.trash if trash else world.archive)(issue["id"])
    return {"entity": issue}


def _issue_unarchive(world: LinearWorld, id: str) -> Row:  # noqa: A002 - the argument's name in the schema
    world.restore(seen_issue(world, id)["id"])
    return {"entity": seen_issue(world, id)}


def _issue_delete(world: LinearWorld, id: str, permanentlyDelete: bool | None = None) -> Row:  # noqa: A002, FBT001, N803 - the schema's
    issue = seen_issue(world, id)
    (world.delete if permanentlyDelete else world.trash)(issue["id"])
    return {"entity": issue}


def _attachment_create(world: LinearWorld, input: Given) -> Row:  # noqa: A002 - the argument's name in the schema
    issue = seen_issue(world, input["issueId"])
    same = next((row for row in issue["attachments"] if row["url"] == input["url"]), None)
    if same:
        return _attachment_update(world, same["id"], input)
    row_id = _fresh_id(input, world.attachments, "Attachment")
    attachment = world.attach(issue, input["url"], input["title"], row_id)
    attachment.update(subtitle=input.get("subtitle"), metadata=_metadata(input))
    return {"attachment": attachment}


def _attachment_update(world: LinearWorld, id: str, input: Given) -> Row:  # noqa: A002 - the arguments' names
    attachment = _found(world.attachments, id, "Attachment")
    attachment.update(title=input["title"], updatedAt=iso(world.clock()))
    if "subtitle" in input:
        attachment["subtitle"] = input["subtitle"]
    if "metadata" in input:
        attachment["metadata"] = _metadata(input)
    world.version += 1
    return {"attachment": attachment}


def _relation_create(world: LinearWorld, input: Given) -> Row:  # noqa: A002 - the argument's name in the schema
    row_id = _fresh_id(input, world.relations, "IssueRelation")
    issue, related = seen_issue(world, input["issueId"]), seen_issue(world, input["relatedIssueId"])
    return {"issueRelation": world.relate(issue["id"], related["id"], input["type"], row_id)}


def _comment_create(world: LinearWorld, input: Given) -> Row:  # noqa: A002 - the argument's name in the schema
    row_id = _fresh_id(input, world.comments, "Comment")
    issue = seen_issue(world, input.get("issueId") or "")
    parent = _found(world.comments, input["parentId"], "Comment") if input.get("parentId") else None
    comment = talking.add(world, issue, input.get("body") or "", None, at=None, row_id=row_id)
    comment["parent"] = parent
    return {"comment": comment}


def _comment_update(world: LinearWorld, id: str, input: Given) -> Row:  # noqa: A002 - the arguments' names in the schema
    comment = _own_comment(world, id)
    if input.get("body") is not None:
        talking.edit(world, comment, input["body"])
    return {"comment": comment}


def _comment_delete(world: LinearWorld, id: str) -> Row:  # noqa: A002 - the argument's name in the schema
    talking.remove(world, _own_comment(world, id))
    return {"entityId": id}


def _own_comment(world: LinearWorld, row_id: str) -> Row:
    comment = _found(world.comments, row_id, "Comment")
    seen_issue(world, comment["issue"]["id"])
    if comment["user"] is not world.viewer:
        raise not_allowed("Only its author may change a comment.")
    return comment


def _label_create(world: LinearWorld, input: Given) -> Row:  # noqa: A002 - the argument's name in the schema
    team = _found(world.teams, input["teamId"], "Team") if input.get("teamId") else None
    row_id = _fresh_id(input, world.labels, "IssueLabel")
    label = world.labels[world.label(input["name"], team["id"] if team else None, row_id=row_id)]
    label.update({name: input[name] for name in ("color", "description") if input.get(name)})
    return {"issueLabel": label}


def _meant(world: LinearWorld, team: Row, input: Given) -> Row:  # noqa: A002 - as the mutations call it
    """The fields of a row for an input that names everything by id."""
    fields: Row = {name: input[name] for name in ("title", "description", "estimate", "dueDate") if name in input}
    if "priority" in input:
        fields["priority"] = input["priority"] or 0
    fields |= _pointed(world, input)
    if "labelIds" in input:
        fields["labels"] = [_found(world.labels, one, "IssueLabel") for one in input["labelIds"] or ()]
    if "releaseIds" in input:
        fields["releases"] = [_found(world.releases, one, "Release") for one in input["releaseIds"] or ()]
    for row, said in ((fields.get("state"), "stateId"), *((label, "labelIds") for label in fields.get("labels", ()))):
        if row and row["team"] and row["team"] is not team:
            raise bad_argument(f"{said} must belong to the issue's team.")
    return fields


def _pointed(world: LinearWorld, input: Given) -> Row:  # noqa: A002 - as the mutations call it
    fields: Row = {}
    pointers: tuple[tuple[str, str, Mapping[str, Row]], ...] = (
        ("stateId", "state", world.states),
        ("assigneeId", "assignee", world.users),
        ("projectId", "project", world.projects),
        ("projectMilestoneId", "projectMilestone", world.milestones),
    )
    for name, field, rows in pointers:
        if name in input and (input[name] or name != "stateId"):
            fields[field] = _found(rows, input[name], field[0].upper() + field[1:]) if input[name] else None
    if "parentId" in input:
        fields["parent"] = seen_issue(world, input["parentId"]) if input["parentId"] else None
    return fields


def _found(rows: Mapping[str, Row], row_id: str, kind: str) -> Row:
    if row_id not in rows:
        raise not_found(kind)
    return rows[row_id]


def _fresh_id(input: Given, rows: Mapping[str, Row], kind: str) -> str | None:  # noqa: A002 - as the mutations call it
    """The client's own id, None when it made none. Raises when it is no version 4 UUID, or taken."""
    row_id: str | None = input.get("id")
    if row_id is not None and not _UUID4.fullmatch(row_id):
        raise bad_argument("id must be a UUID.")
    if row_id in rows:
        raise taken(kind, str(row_id))
    return row_id


def _metadata(input: Given) -> Row:  # noqa: A002 - as the mutations call it
    metadata = input.get("metadata") or {}
    if not all(isinstance(value, str | int | float) for value in metadata.values()):
        raise bad_argument("metadata must hold strings and numbers.")
    return dict(metadata)
