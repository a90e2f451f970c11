"""The table of gate states, readiness.md §2: eleven rows in order, and the first that matches is shown.

Each row is a small function from the case to its findings; no finding, no match. Called by ``judge``.
"""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

from mapping.calendar import shift_working_days
from mapping.criteria import item_name
from mapping.finding import Finding, contact_of, keys, named, owner_of, told, told_by, was
from mapping.item import Progress
from mapping.readiness import State
from mapping.said import attested_until
from mapping.soak import last_complete
from mapping.timing import last_week
from mapping.two_people import waived_until
from mapping.wording import counted, state_words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from mapping.case import Case
    from mapping.item import Item

_UNTOUCHED_DAYS = 10
_NEARLY_DUE_DAYS = 2


def on_hold(case: Case) -> Iterator[Finding]:
    for hold in case.view.said.holds:
        todo = f"lift the hold on {case.view.gate.name}, or say what it waits for"
        said = f"held by {hold.by}{case.view.quoted(hold.reason)}"
        yield Finding(reason=said, actor=hold.by, todo=todo, kind="hold")


def not_needed(case: Case) -> Iterator[Finding]:
    said = case.view.said.not_needed
    if said:
        yield Finding(reason=f"{said.by} says so{case.view.quoted(said.reason)}; confirmed by {said.confirmed_by}")


def not_started(case: Case) -> Iterator[Finding]:
    view = case.view
    if view.gate.asked:
        yield Finding(reason="nobody was named who speaks for it", actor=view.manager)
        return
    if view.started or case.unseen or any(blocked(case)):
        return
    if view.is_ownerless:
        todo = f"name an owner for {view.gate.name}"
        yield Finding(reason="it has no owner yet", actor=view.manager, todo=todo, kind="owner")
    if not view.gate.ticketless and not view.had_item and last_complete(view.sights):
        todo = f"see that {view.gate.name} gets its first item"
        yield Finding(reason="it has no item yet", actor=view.manager, todo=todo, kind="first item")


def waiting(case: Case) -> Iterator[Finding]:
    """Lateness is forgiven while a gate before it is known to be unready. One that cannot be told forgives nothing."""
    absent = [baton for baton in case.batons if baton.offered is None]
    known = any(baton.excuses for baton in absent)
    if not all(finding.late and known for finding in blocked(case)) or not all(f.late for f in case.unseen):
        return
    for baton in absent:
        upstream, why = baton.upstream, "cannot be told" if baton.untold else "is not ready yet"
        if baton.returned:
            words = "" if upstream.confidential else case.view.quoted(baton.returned.reason)
            why = f"got its hand-off back{words}"
        owner = contact_of(upstream, case.view.release) if baton.untold else owner_of(upstream)
        yield Finding(reason=f"{upstream.name} {why}; {progress_of(case)}", actor=owner or case.view.manager)


def blocked(case: Case) -> Iterator[Finding]:
    return chain(_votes(case), _reopened(case), _added_late(case), _overdue(case), _ownerless(case))


def _votes(case: Case) -> Iterator[Finding]:
    view = case.view
    for vote in view.said.against:
        todo = f"settle why {view.gate.name} is not ready{view.quoted(vote.reason)}, then sign"
        yield Finding(
            reason=f"{vote.by} says it is not ready{view.quoted(vote.reason)}",
            actor=vote.by if any(p.name == vote.by for p in view.gate.owners) else view.owner or vote.by,
            todo=todo,
            kind=f"vote {vote.by}",
            key=vote.key,
            url=vote.url,
        )


def _opened_again(case: Case) -> list[Item]:
    done = case.view.past.done_when_ready if case.view.past else frozenset()
    return [item for item in case.view.criteria.open if item.ref in done]


def _reopened(case: Case) -> Iterator[Finding]:
    again = _opened_again(case)
    if again:
        at = _reopened_at(case, again)
        said = f"{keys(again)} {was(again)} reopened{at and f' {at},'} after the gate was ready"
        yield _about(case, again, said, f"finish {keys(again)}{at and f', reopened {at}'}", kind="reopened")


def _reopened_at(case: Case, again: Sequence[Item]) -> str:
    """When the last of them was, since the freeze; "" where that is not known."""
    known = case.scope.baseline.reopened if case.scope.baseline else {}
    times = [known[name] for item in again if (name := item_name(item)) in known]
    return told(max(times), case.view.release) if len(times) == len(again) else ""


def _added_late(case: Case) -> Iterator[Finding]:
    """What came after the freeze and is known to be open a week before the target, unless the manager admitted it."""
    late = [item for item in case.scope.added if item.progress is not None and not item.finished]
    if late and last_week(case.view.timeline, case.view.release):
        yield about_added(case, late)


def _overdue(case: Case) -> Iterator[Finding]:
    view, due = case.view, case.view.due
    if due is None or not view.criteria.open or not view.timeline.passed(due):
        return
    again = _opened_again(case)
    late = [item for item in view.criteria.open if item not in again]
    if late:
        said = f"{progress_of(case)}; due since {told_by(due, view.release)}"
        yield _about(case, late, said, f"finish {keys(late)}", kind="finish", late=True)


def _ownerless(case: Case) -> Iterator[Finding]:
    view = case.view
    if view.started and view.is_ownerless:
        todo = f"name an owner for {view.gate.name}"
        yield Finding(reason="it has no owner", actor=view.manager, todo=todo, kind="owner")


def unknown(case: Case) -> Iterator[Finding]:
    return iter(case.unseen)


def at_risk(case: Case) -> Iterator[Finding]:
    """What was added puts a gate at risk even where all of it is met."""
    unmet = () if case.met else chain(_untouched(case), _dropped(case), _nearly_due(case))
    return chain(unmet, _added(case))


def _untouched(case: Case) -> Iterator[Finding]:
    old = [item for item in case.open_items if _is_untouched(case, item)]
    if old:
        said = f"nobody touched {keys(old)} for {_UNTOUCHED_DAYS} working days"
        them = "it" if len(old) == 1 else "them"
        yield _about(case, old, said, f"take up {keys(old)}, or drop {them}", kind="untouched")


def _is_untouched(case: Case, item: Item) -> bool:
    release, last = case.view.release, item.updated or item.moved_at or item.created
    if last is None:
        return False
    limit = shift_working_days(last, _UNTOUCHED_DAYS, release.zone, release.holidays)
    return case.view.timeline.passed(limit)


def _dropped(case: Case) -> Iterator[Finding]:
    view = case.view
    for baton in case.batons:
        if baton.dropped and baton.offered:
            since = told(baton.offered, view.release)
            yield Finding(
                reason=f"nobody has taken over from {baton.upstream.name}, which handed over {since}",
                actor=view.owner_or_manager,
                todo=f"take over from {baton.upstream.name}",
                kind=f"take over {baton.upstream.id}",
            )


def _nearly_due(case: Case) -> Iterator[Finding]:
    view, due = case.view, case.view.due
    if due is None:
        return
    near = shift_working_days(due, -_NEARLY_DUE_DAYS, view.release.zone, view.release.holidays)
    if view.timeline.passed(near):
        said = f"{progress_of(case)}; due {told_by(due, view.release)}"
        first = case.open_items
        todo = f"finish {keys(first)}" if first else f"complete {view.gate.name}"
        yield _about(case, first, said, todo, kind="finish")


def _added(case: Case) -> Iterator[Finding]:
    if case.scope.added:
        yield about_added(case, case.scope.added)


def on_track(case: Case) -> Iterator[Finding]:
    if not case.met:
        yield Finding(reason=progress_of(case))
    elif case.sign_off.given and not case.risen:
        yield Finding(reason=case.waits)


def sign_off_due(case: Case) -> Iterator[Finding]:
    view = case.view
    if case.sign_off.given:
        return
    if case.sign_off.too_late:
        todo = f"set a new target for {view.release.name}"
        yield Finding(reason=case.sign_off.lapse, actor=view.manager, todo=todo)
        return
    asked = f" ({' '.join(view.gate.questions)})" if view.gate.questions else ""
    yield Finding(
        reason=case.sign_off.lapse,
        actor=view.owner_or_manager,
        todo=f"say whether {view.gate.name} is ready{asked}",
        key=view.gate.sign_off_key or "",
    )


def exception(case: Case) -> Iterator[Finding]:
    view = case.view
    if not case.met or not case.sign_off.given or not case.risen or (case.clean and not case.waits):
        return
    items = {item.ref: item for item in view.criteria.items}
    for waiver in view.criteria.waivers:
        about, by = items[waiver.item], waived_until(waiver)
        key, words = about.key, "" if about.restricted else view.quoted(waiver.reason)
        reason = f"{key} is waived until {told_by(by, view.release)}{words}"
        yield Finding(reason=reason, actor=waiver.follow_up or view.owner_or_manager)
    vouched = view.said.attestation
    if vouched and case.vouched:
        over = attested_until(vouched)
        why, todo = (case.blind[0].reason, case.blind[0].todo) if case.blind else (case.waits, "")
        reason = f"{vouched.by} vouches for it until {told_by(over, view.release)}: {why}"
        yield Finding(reason=reason, actor=view.contact, todo=todo, by=over)


def ready(case: Case) -> Iterator[Finding]:
    """The only way to READY. It asks for everything again, whatever the rows before it let through."""
    if case.clean and case.sign_off.given and not case.waits and not blocked_at_all(case):
        yield Finding(reason=_grounds(case))


def _grounds(case: Case) -> str:
    signed = case.sign_off.standing
    if signed:
        return f"on {signed[0].by}'s word" if case.view.gate.ticketless else f"signed by {signed[0].by}"
    unfinished = any(not item.finished for item in case.view.criteria.items)
    return ("nothing that blocks is open" if unfinished else "its tickets say so") + "; nobody had to sign"


def blocked_at_all(case: Case) -> bool:
    return any(True for _ in blocked(case))


ROWS: tuple[tuple[State, Callable[[Case], Iterator[Finding]]], ...] = (
    (State.ON_HOLD, on_hold),
    (State.NOT_NEEDED, not_needed),
    (State.NOT_STARTED, not_started),
    (State.WAITING, waiting),
    (State.BLOCKED, blocked),
    (State.UNKNOWN, unknown),
    (State.AT_RISK, at_risk),
    (State.ON_TRACK, on_track),
    (State.SIGN_OFF_DUE, sign_off_due),
    (State.EXCEPTION, exception),
    (State.READY, ready),
)


def state_of(case: Case) -> tuple[State, tuple[Finding, ...]]:
    """The first row that matches, with all its findings. Where no row does we do not know: never good news."""
    for state, row in ROWS:
        findings = tuple(row(case))
        if findings:
            return state, findings
    return State.UNKNOWN, (Finding(reason="no rule fits it", actor=case.view.manager),)


def shown(state: State, case: Case) -> str:
    """The state in words."""
    if state is not State.WAITING:
        return state_words(state)
    return "WAITING FOR " + named([baton.upstream.name for baton in case.batons if baton.offered is None])


def progress_of(case: Case) -> str:
    """What a gate lacks, in numbers with denominators: ``2 of 9 open: DOC-31, DOC-40``."""
    criteria = case.view.criteria
    open_items = case.open_items
    if open_items:
        return f"{len(open_items)} of {_blocking(criteria.blockers)} open: {keys(open_items)}"
    if case.view.gate.ticketless:
        return "it waits for a hand-off"
    if criteria.missing > 0:
        expected = max(case.view.gate.expect, 1)
        return f"{expected - criteria.missing} of {counted(expected, 'expected item')}"
    pending = [baton.upstream.name for baton in case.batons if baton.offered and not baton.arrived]
    return f"to be taken over from {named(pending)}" if pending else "nothing of its own is open"


def _blocking(blockers: Sequence[Item]) -> int:
    return sum(item.progress is not Progress.DROPPED for item in blockers)


def about_added(case: Case, items: Sequence[Item]) -> Finding:
    """One question to the manager for all that was added, who settles one item by its key and several by the gate."""
    view, added = case.view, case.scope.added
    is_one = len(added) == 1
    what, command = ("belongs", added[0].key) if is_one else ("belong", view.gate.id)
    return Finding(
        reason=f"{keys(items)} came after the freeze and {was(items)} not admitted",
        actor=view.manager,
        todo=f"say whether {keys(added)} {what} to {view.release.name}: /admit {command} REASON",
        by=view.due,
        kind="added",
        key=added[0].key,
        url=added[0].url,
    )


def _about(case: Case, items: Sequence[Item], reason: str, todo: str, *, kind: str, late: bool = False) -> Finding:
    first = items[0] if items else None
    return Finding(
        reason=reason,
        actor=case.view.owner_or_manager,
        todo=todo,
        by=case.view.due,
        kind=kind,
        key=first.key if first else "",
        url=first.url if first else "",
        late=late,
    )
