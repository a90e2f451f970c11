"""Jira's JSON → items. Pure and total: whatever the payload, nothing here raises.

What is not understood stays an ``Item`` with a ``problem``, which makes its gate CAN'T TELL. Called by ``read`` and
the tests only. It must not send anything, nor read a clock: the tracker's own comes in with ``Terms``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TypeGuard
from urllib.parse import quote

from mapping.item import Account, Item, Move, Progress

FIELDS = (
    "summary",
    "status",
    "issuetype",
    "priority",
    "labels",
    "assignee",
    "creator",
    "reporter",
    "parent",
    "created",
    "updated",
    "resolution",
    "security",
    "issuerestriction",
    "statuscategorychangedate",
    "archiveddate",
)
"""The fields that the rules use, and nothing else: asking for everything is what makes readers slow."""

DROPPED_RESOLUTIONS = frozenset({"won't do", "won't fix", "duplicate", "cannot reproduce", "declined", "2", "3", "5"})
"""Resolutions that mean "not doing it"; 2, 3 and 5 are the ids that every Jira was born with for Won't Fix, Duplicate
and Cannot Reproduce, whatever they are called in its language."""

_BY_CATEGORY = {
    "undefined": Progress.TODO,
    "new": Progress.TODO,
    "indeterminate": Progress.DOING,
    "done": Progress.DONE,
}
_CATEGORY_IDS = {"1": "undefined", "2": "new", "3": "done", "4": "indeterminate"}
_DONE_WORDS = frozenset({"done", "closed", "resolved", "complete", "completed", "finished", "已完成", "完成", "已关闭"})
_PRIORITIES = {
    **dict.fromkeys(("highest", "blocker", "urgent", "p1"), 1),
    **dict.fromkeys(("high", "critical", "p2"), 2),
    **dict.fromkeys(("medium", "major", "normal", "p3"), 3),
    **dict.fromkeys(("low", "minor", "p4"), 4),
    **dict.fromkeys(("lowest", "trivial", "p5"), 5),
}
_AHEAD = timedelta(minutes=5)
_LONGEST = 1000
_MOST_LABELS = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What an item is read with: whose it is, where it is browsed, and the file's own words.

    ``statuses``: case-folded status name or id → progress. ``dropped``: case-folded names or ids of resolutions.
    ``now``: the tracker's clock, None where it did not tell.
    """

    tracker: str
    browse: str
    statuses: Mapping[str, Progress] = field(default_factory=dict)
    dropped: frozenset[str] = DROPPED_RESOLUTIONS
    now: datetime | None = None


def parse(raw: object, terms: Terms) -> Item:
    """One issue of the REST API (v2 or v3) → one item. Never raises; ``id`` is "" where the payload has none."""
    issue, fields = mapping(raw), mapping(mapping(raw).get("fields"))
    problems = _shape_problems(issue, fields)
    status, kind = mapping(fields.get("status")), mapping(fields.get("issuetype"))
    progress, problem, remark = _progress(status, fields, terms)
    times = {
        name: _time(fields.get(name), name, terms.now) for name in ("created", "updated", "statuscategorychangedate")
    }
    labels = fields.get("labels")
    if labels is not None and not _is_readable(labels):
        problems.append("its labels could not be read")
    problems += [problem, *(said for _, said in times.values())]
    key = text(issue.get("key"))
    parent = mapping(fields.get("parent"))
    return Item(
        tracker=terms.tracker,
        id=identity(issue.get("id")),
        key=key,
        url=f"{terms.browse}/browse/{quote(key, safe='')}" if key else terms.browse,
        title=text(fields.get("summary")),
        status=text(status.get("name")),
        status_id=identity(status.get("id")),
        progress=progress,
        type=text(kind.get("name")),
        problem="; ".join(said for said in problems if said),
        remark=remark,
        priority=_priority(mapping(fields.get("priority"))),
        labels=tuple(text(label) for label in labels) if _is_readable(labels) else None,
        assignee=_name(fields.get("assignee")),
        parent=(identity(parent.get("id")) or text(parent.get("key")) or None) if _is_part(kind) else None,
        created=times["created"][0],
        updated=times["updated"][0],
        # the category's date: where the file decides, a move within the category counts, and Jira dates no such move
        moved_at=None if _overridden(status, terms) else times["statuscategorychangedate"][0],
        restricted=_restricted(fields),
        creator=_name(fields.get("creator")) or _name(fields.get("reporter")),
    )


def account(raw: object, tracker: str) -> Account | None:
    """A user of the API → an account: by accountId (Cloud), else key, else name (Data Center). None without any."""
    user = mapping(raw)
    found = _account_id(user)
    if not found:
        return None
    email = text(user.get("emailAddress"))
    return Account(
        tracker=tracker,
        id=found,
        name=_called(user) or found,
        email=email if "@" in email else None,
        active=user.get("active") is not False,
    )


def is_epic(kind: object, epic_name: object = None) -> bool:
    """By its type's level in the hierarchy (Cloud). Data Center tells none: there it is who has an Epic Name, for the
    type's own name is translated and may be changed.
    """
    level = mapping(kind).get("hierarchyLevel")
    return (
        level >= 1
        if isinstance(level, int)
        else bool(epic_name) or text(mapping(kind).get("name")).casefold() == "epic"
    )


def _is_part(kind: Mapping[str, object]) -> bool:
    """Whether it is a sub-task, a part of its parent. What stands below an epic is work of its own, and so is what Jira
    does not tell: somebody has to be asked about it when it comes late.
    """
    level = kind.get("hierarchyLevel")
    return kind.get("subtask") is True or (isinstance(level, int) and level < 0)


def moves(histories: object, tracker: str) -> tuple[Move, ...]:
    """The changes of status in a changelog (``values`` or ``histories``), oldest first; what has no time is no move."""
    found: list[Move] = []
    for history in map(mapping, sequence(histories)):
        at, _ = _time(history.get("created"), "created", None)
        changes = [change for change in map(mapping, sequence(history.get("items"))) if _changes_status(change)]
        if at is None or not changes:
            continue
        found.append(
            Move(
                id=identity(history.get("id")),
                at=at,
                by=account(history.get("author"), tracker),
                status=text(changes[-1].get("toString")),
                status_id=identity(changes[-1].get("to")),
            )
        )
    return tuple(sorted(found, key=lambda move: (move.at, len(move.id), move.id)))


def mapping(value: object) -> Mapping[str, object]:
    """The value where it is a JSON object, else an empty one."""
    return value if isinstance(value, dict) else {}


def sequence(value: object) -> list[object]:
    """The value where it is a JSON list, else an empty one."""
    return value if isinstance(value, list) else []


def text(value: object, longest: int = _LONGEST) -> str:
    """A string fit to be stored and shown: bounded, without NUL and lone surrogates. "" for anything else."""
    if not isinstance(value, str):
        return ""
    if len(value) <= longest and value.isascii() and "\0" not in value:
        return value
    return value[:longest].replace("\0", "\ufffd").encode("utf-8", "replace").decode()


def identity(value: object) -> str:
    """An id as text; Jira writes it as a string, some of its resources as a number."""
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**18:
        return str(value)
    return text(value, 255)


def time(value: object) -> datetime | None:
    """``2024-07-31T14:34:31.027-0300`` → the same instant in UTC; None for anything that is no instant."""
    if not isinstance(value, str) or len(value) > 64:  # noqa: PLR2004  # no time stamp is that long
        return None
    try:
        parsed = datetime.fromisoformat(value)
        return None if parsed.tzinfo is None else parsed.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _shape_problems(issue: Mapping[str, object], fields: Mapping[str, object]) -> list[str]:
    missing = [name for name in ("id", "key") if not identity(issue.get(name))]
    missing += [] if isinstance(fields.get("summary"), str) else ["summary"]
    missing += [name for name in ("status", "issuetype") if not text(mapping(fields.get(name)).get("name"))]
    return [f"Jira told no {' and no '.join(missing)} of it"] if missing else []


def _progress(
    status: Mapping[str, object], fields: Mapping[str, object], terms: Terms
) -> tuple[Progress | None, str, str]:
    """(progress, problem, remark) of a status: the file's word first, then the category's key, never a name."""
    decided = _overridden(status, terms)
    if decided is not None:
        return decided, "", ""
    name = text(status.get("name"))
    category = mapping(status.get("statusCategory"))
    key, category_id = text(category.get("key")), identity(category.get("id"))
    if key not in _BY_CATEGORY:
        said = f'its status "{name}" is in no category that syncd knows ("{key}"); say what it means with `statuses:`'
        return None, said, ""
    progress = _BY_CATEGORY[key]
    if progress is Progress.DONE and "resolution" not in fields:
        said = f'Jira told no resolution, so "{name}" counts as done, dropped or not; `statuses:` can say which it is.'
        return progress, "", said
    if progress is Progress.DONE and _is_dropped(mapping(fields.get("resolution")), terms.dropped):
        progress = Progress.DROPPED
    return progress, "", _remark(name, key, category_id, progress)


def _overridden(status: Mapping[str, object], terms: Terms) -> Progress | None:
    """What the file says of this status, by id or by name."""
    if not terms.statuses:
        return None
    words = (identity(status.get("id")), text(status.get("name")).casefold())
    return next((terms.statuses[word] for word in words if word and word in terms.statuses), None)


def _remark(name: str, key: str, category_id: str, progress: Progress) -> str:
    told = _CATEGORY_IDS.get(category_id, key)
    if told != key:
        odd = f'The category of status "{name}" has the key "{key}" and the id of "{told}"'
    elif key != "done" and name.strip().casefold() in _DONE_WORDS:
        odd = f'Status "{name}" sounds finished and is in the category "{key}"'
    else:
        return ""
    otherwise = "to decide otherwise, name the status under `statuses:` of this tracker"
    return f"{odd}: it counts as {progress.value}; {otherwise}."


def _is_dropped(resolution: Mapping[str, object], dropped: frozenset[str]) -> bool:
    name = text(resolution.get("name")).strip().casefold().replace("\u2019", "'")
    return name in dropped or identity(resolution.get("id")) in dropped


def _priority(priority: Mapping[str, object]) -> int | None:
    """1 to 5 by name, else by the ids 1 to 5 that every Jira was born with; None for a site's own words."""
    ranked = _PRIORITIES.get(text(priority.get("name")).strip().casefold())
    if ranked:
        return ranked
    number = identity(priority.get("id"))
    return int(number) if number in {"1", "2", "3", "4", "5"} else None


def _time(value: object, name: str, now: datetime | None) -> tuple[datetime | None, str]:
    if value is None:
        return None, ""
    told = time(value)
    if told is None:
        return None, f'its time "{name}" could not be read'
    if now is not None and told - now > _AHEAD:
        return told, f'its time "{name}" is ahead of the tracker\'s own clock'
    return told, ""


def _restricted(fields: Mapping[str, object]) -> bool:
    """Whether not everybody who sees the project sees it: a security level, or roles of a team-managed project."""
    roles = mapping(fields.get("issuerestriction")).get("issuerestrictions")
    return bool(fields.get("security")) or bool(roles)


def _name(raw: object) -> str | None:
    """What ``account`` calls them."""
    user = mapping(raw)
    found = _account_id(user)
    return (_called(user) or found) if found else None


def _account_id(user: Mapping[str, object]) -> str:
    return identity(user.get("accountId")) or identity(user.get("key")) or identity(user.get("name"))


def _called(user: Mapping[str, object]) -> str:
    return text(user.get("displayName")) or text(user.get("name"))


def _changes_status(change: Mapping[str, object]) -> bool:
    return change.get("field") == "status" or change.get("fieldId") == "status"


def _is_readable(labels: object) -> TypeGuard[list[str]]:
    """Whether these are all labels: of a list that is cut, the one that blocks may be missing."""
    if not isinstance(labels, list) or len(labels) > _MOST_LABELS:
        return False
    return all(isinstance(label, str) for label in labels)
