"""Linear's JSON to items, accounts and times. Pure and total: nothing in a payload can make it raise.

Called by the source. What cannot be understood is kept with a ``problem``, which makes its gate CAN'T TELL.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

from mapping.item import Account, Item, Move, Progress

if TYPE_CHECKING:
    from collections.abc import Mapping

AHEAD = timedelta(minutes=5)
"""How far a stamp may be ahead of Linear's own clock (readiness.md §4)."""

_PROGRESS = {
    "triage": Progress.TODO,
    "backlog": Progress.TODO,
    "unstarted": Progress.TODO,
    "started": Progress.DOING,
    "completed": Progress.DONE,
    "canceled": Progress.DROPPED,
    "duplicate": Progress.DROPPED,
}
"""``WorkflowState.type``, as Linear's schema lists it, to our progress (readiness.md §1)."""

_PRIORITIES = (1, 2, 3, 4)
_DONE_WORDS = frozenset({"done", "closed", "resolved", "complete", "completed", "finished", "released", "shipped"})
_LONGEST = 1000


def item(raw: object, *, tracker: str, statuses: Mapping[str, str], now: datetime | None) -> Item:
    """One issue as the fragment ``Item`` asks for it. ``id`` is "" when not even that can be read.

    ``statuses`` overrides states by id or name. ``now`` is Linear's own clock, None when it has not told.
    """
    issue, state = _object(raw), _object(_object(raw).get("state"))
    progress, remark = _progress(state, statuses)
    created, updated = moment(issue.get("createdAt")), moment(issue.get("updatedAt"))
    moved_at = _moved_at(issue, state)
    labels = label_names(issue.get("labels"))
    return Item(
        tracker=tracker,
        id=text(issue.get("id")),
        key=text(issue.get("identifier")) or text(issue.get("id")),
        url=text(issue.get("url")),
        title=text(issue.get("title")),
        status=text(state.get("name")),
        status_id=text(state.get("id")),
        progress=progress,
        type="Issue",
        problem=_problem(issue, state, progress, labels, updated) or _ahead((created, updated, moved_at), now),
        remark=remark,
        priority=_priority(issue.get("priority")),
        labels=labels or (),
        assignee=name(issue.get("assignee")) or None,
        parent=text(_object(issue.get("parent")).get("id")) or None,
        created=created,
        updated=updated,
        moved_at=moved_at,
        restricted=text(_object(issue.get("team")).get("visibility")) != "public",
        creator=name(issue.get("creator")) or None,
    )


def is_trashed(raw: object) -> bool:
    """Whether an issue lies in the trash: for us it is not there."""
    return _object(raw).get("trashed") is True


def has_more(raw: object) -> bool:
    """Whether an issue has more labels, releases or initiatives than its pages show."""
    issue = _object(raw)
    lists = (issue.get("labels"), issue.get("releases"), _object(issue.get("project")).get("initiatives"))
    return any(_object(_object(one).get("pageInfo")).get("hasNextPage") is True for one in lists)


def things(raw: object, key: str) -> list[Mapping[str, object]]:
    """What an issue has of what a selector of this key names: its team, its labels, its project's initiatives, ..."""
    issue = _object(raw)
    if key in ("label", "release"):
        return nodes(issue.get(f"{key}s"))
    if key == "initiative":
        return nodes(_object(issue.get("project")).get("initiatives"))
    return [_object(issue.get({"milestone": "projectMilestone"}.get(key, key)))]


def label_names(raw: object) -> tuple[str, ...] | None:
    """The names of a connection of labels, sorted; None when it cannot be read whole."""
    if _object(_object(raw).get("pageInfo")).get("hasNextPage") is True:
        return None
    nodes = _object(raw).get("nodes")
    names = [text(_object(node).get("name")) for node in nodes] if isinstance(nodes, list) else [""]
    return tuple(sorted(set(names))) if all(names) else None


def account(raw: object, tracker: str) -> Account | None:
    """A user, None where there is none or it has no id."""
    user = _object(raw)
    if not (found := text(user.get("id"))):
        return None
    email, active = text(user.get("email")) or None, user.get("active") is not False
    return Account(tracker=tracker, id=found, name=_name(user) or found, email=email, active=active)


def move(raw: object, tracker: str) -> Move | None:
    """A change of state out of an issue's history, None for any other entry or one without a time."""
    entry = _object(raw)
    state, at = _object(entry.get("toState")), moment(entry.get("createdAt"))
    status_id = text(entry.get("toStateId")) or text(state.get("id"))
    if at is None or not status_id:
        return None
    by, status = account(entry.get("actor"), tracker), text(state.get("name"))
    return Move(id=text(entry.get("id")), at=at, by=by, status=status, status_id=status_id)


def identity(raw: object) -> str:
    """The id of an issue, "" when it has none."""
    return text(_object(raw).get("id"))


def part(raw: object) -> Mapping[str, object]:
    """An object, an empty one for anything else."""
    return _object(raw)


def name(raw: object) -> str:
    """What a person, a bot or a project is called, "" when it has no name."""
    return _name(_object(raw))


def display_name(raw: object) -> str:
    """The name by which a user is mentioned, "" when there is none."""
    return text(_object(raw).get("displayName"))


def stamp(raw: object) -> str:
    """When an issue or a comment last changed, as Linear wrote it, "" when it does not tell."""
    return text(_object(raw).get("updatedAt"))


def title(raw: object) -> str:
    """The title of an issue, "" when it has none."""
    return text(_object(raw).get("title"))


def identifier(raw: object) -> str:
    """The key of an issue, "" when it has none."""
    return text(_object(raw).get("identifier"))


def has_children(raw: object) -> bool:
    """Whether issues stand below an issue; also where that cannot be read."""
    return _object(_object(raw).get("children")).get("nodes") != []


def linked(raw: object, end: str) -> str:
    """The id of the issue at one end of a relation, "" when there is none."""
    return text(_object(_object(raw).get(end)).get("id"))


def key(raw: object) -> str:
    """A team's key, "" when it has none."""
    return text(_object(raw).get("key"))


def team_id(raw: object) -> str:
    """The id of an issue's team."""
    return text(_object(_object(raw).get("team")).get("id"))


def state_id(raw: object) -> str:
    """The id of an issue's state."""
    return text(_object(_object(raw).get("state")).get("id"))


def state_name(raw: object) -> str:
    """The name of an issue's state."""
    return text(_object(_object(raw).get("state")).get("name"))


def state(raw: object) -> tuple[str, str, str]:
    """A workflow state's id, name and type."""
    found = _object(raw)
    return text(found.get("id")), text(found.get("name")), text(found.get("type"))


def state_words(raw: object) -> frozenset[str]:
    """How people may call a state: its name and its id, case-folded."""
    state = _object(raw)
    return frozenset({text(state.get("name")).casefold(), text(state.get("id")).casefold()} - {""})


def blocks(raw: object, other: str) -> bool:
    """Whether a relation of an issue says that it blocks the other."""
    return _object(raw).get("type") == "blocks" and linked(raw, "relatedIssue") == other


def blocked_keys(raw: object) -> frozenset[str]:
    """The keys of the issues that an issue blocks, of its 250 newest relations: of more, one may not be told."""
    found = [link for link in nodes(_object(raw).get("relations")) if link.get("type") == "blocks"]
    return frozenset(text(_object(link.get("relatedIssue")).get("identifier")) for link in found) - {""}


def nodes(raw: object) -> list[Mapping[str, object]]:
    """The objects of a connection that is read without paging."""
    found = _object(raw).get("nodes")
    return [_object(node) for node in found] if isinstance(found, list) else []


def all_nodes(raw: object, name: str) -> list[Mapping[str, object]] | None:
    """The objects of this list of an issue, None when there may be more of them."""
    found = _object(_object(raw).get(name))
    return nodes(found) if _object(found.get("pageInfo")).get("hasNextPage") is False else None


def number(value: object) -> float:
    """A number, 0 for anything else."""
    return value if isinstance(value, int | float) and not isinstance(value, bool) else 0.0


def moment(value: object) -> datetime | None:
    """An ISO instant as an aware time in UTC, None for anything else."""
    try:
        found = datetime.fromisoformat(value) if isinstance(value, str) else None
        return found.astimezone(UTC) if found is not None and found.tzinfo is not None else None
    except (ValueError, OverflowError):
        return None


def day(value: object) -> date | None:
    """A date without zone, None for anything else."""
    try:
        return date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None


def text(value: object) -> str:
    """A string that can be stored and shown: bounded, without NUL and lone surrogates. "" for anything else."""
    if not isinstance(value, str):
        return ""
    if len(value) <= _LONGEST and value.isascii() and "\0" not in value:
        return value
    return value[:_LONGEST].replace("\0", "\ufffd").encode("utf-8", "replace").decode("utf-8")


def _object(value: object) -> Mapping[str, object]:
    return value if isinstance(value, dict) else {}


def _name(user: Mapping[str, object]) -> str:
    return text(user.get("name")) or text(user.get("displayName"))


def _progress(state: Mapping[str, object], statuses: Mapping[str, str]) -> tuple[Progress | None, str]:
    """The progress of a state: the file's word by id or name first, then its type, never its name; and a remark."""
    name, kind = text(state.get("name")), text(state.get("type"))
    if statuses:
        named = {key.casefold(): word for key, word in statuses.items()}
        word = named.get(text(state.get("id")).casefold()) or named.get(name.casefold())
        if word in list(Progress):
            return Progress(word), ""
    progress = _PROGRESS.get(kind)
    if name.strip().casefold() not in _DONE_WORDS or progress in {None, Progress.DONE}:
        return progress, ""
    decided = f"it counts as {progress}; to decide otherwise, name the status under `statuses:` of this tracker"
    return progress, f'Status "{name}" sounds finished and is of the type "{kind}": {decided}.'


def _moved_at(issue: Mapping[str, object], state: Mapping[str, object]) -> datetime | None:
    """When the state last changed its type. Linear keeps no stamp of a move back to todo, so then it is unknown."""
    if _PROGRESS.get(text(state.get("type")), Progress.TODO) is Progress.TODO:
        return None
    stamps = [moment(issue.get(name)) for name in ("startedAt", "completedAt", "canceledAt")]
    return max((stamp for stamp in stamps if stamp is not None), default=None)


def _priority(value: object) -> int | None:
    """1 urgent to 4 low; Linear's 0 is "no priority", which is not known to be harmless."""
    if isinstance(value, int | float) and not isinstance(value, bool) and value in _PRIORITIES:
        return int(value)
    return None


def _problem(
    issue: Mapping[str, object],
    state: Mapping[str, object],
    progress: Progress | None,
    labels: tuple[str, ...] | None,
    updated: datetime | None,
) -> str:
    if progress is None:
        shown = text(state.get("name")) or "without a name"
        said = f'its status "{shown}" is of no type that syncd knows ("{text(state.get("type"))}")'
        return f"{said}; say what it means with `statuses:`"
    asked = ("id", "identifier", "url", "title")
    missing = [name for name in asked if not text(issue.get(name))]
    missing += ["updatedAt"] * (updated is None)
    missing += ["labels"] * (labels is None)
    return f"Linear sent no readable {' or '.join(missing)} for it" if missing else ""


def _ahead(stamps: tuple[datetime | None, ...], now: datetime | None) -> str:
    latest = max((stamp for stamp in stamps if stamp is not None), default=None)
    if now is None or latest is None or latest - now <= AHEAD:
        return ""
    return f"its time {latest:%Y-%m-%d %H:%M} UTC is ahead of Linear's own clock"
