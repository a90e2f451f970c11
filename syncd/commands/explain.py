"""``explain``: why a release stands where it stands, from the newest judgement or from old evidence, judged again."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from syncd import app
from syncd.commands.diff import say_sections
from syncd.commands.explained import say_explanation
from syncd.commands.named import SHOWN, read
from syncd.commands.output import Exit, UnknownNameError, chosen, say, warn
from syncd.explanation import Basis, basis_of, explanation
from syncd.kept import kept_from
from syncd.moved import Sections, moved
from syncd.replay import exhibit_from, replay
from syncd.told import told

if TYPE_CHECKING:
    from config.schema import Config
    from syncd.outside import Outside
    from syncd.store.store import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class _Replayed:
    """Whether judging again gave the same bytes; where not, ``moved`` is what today's rules see otherwise."""

    same: bool
    version: str
    moved: Sections = field(default_factory=dict)


def explain(config: Config, release: str, gate: str | None, *, at: str | None, as_json: bool) -> Exit:
    chosen(release, config.releases)
    with app.opened(config) as outside:
        if at is None:
            basis, sha, replayed = _now(config, release, outside), _newest(outside.store, release), None
        else:
            basis, sha, replayed = _then(release, at, outside.store)
    if basis is None:
        warn(f"{release}: CAN'T TELL. It was never read: run `syncd once {release}`.")
        return Exit.FAILED
    if gate is not None and basis.gate(gate) is None:
        known = ", ".join(sorted(it.id for it in basis.readiness.gates))
        raise UnknownNameError(f"{release} has no gate {gate!r}; there are: {known}")
    document = explanation(basis, gate) | {"evidence": sha or None, "replay": _document(replayed)}
    _tell(document, basis, replayed, as_json=as_json)
    return Exit.DONE if replayed is None or replayed.same else Exit.FAILED


def _now(config: Config, release: str, outside: Outside) -> Basis | None:
    """As a reader may take it now, the lease applied. None when it was never judged."""
    known, kept = told(config, release, outside, outside.now()), outside.store.judgement(release)
    if known is None or kept is None:
        return None
    return Basis(
        readiness=known.readiness,
        zone=config.releases[release].timezone,
        records=outside.store.records(release),
        health=outside.store.sights(release),
        memory=kept_from(kept.memory).memory,
    )


def _newest(store: Store, release: str) -> str:
    last = store.last_evidence(release)
    return last.sha if last else ""


def _then(release: str, at: str, store: Store) -> tuple[Basis, str, _Replayed]:
    it = read(store, at, release)
    again = replay(it.text)
    same = again == it.text
    seen = {} if same else moved(it.exhibit, exhibit_from(again))
    return basis_of(it.exhibit), it.evidence.sha, _Replayed(same=same, version=it.exhibit.version, moved=seen)


def _document(replayed: _Replayed | None) -> dict[str, Any] | None:
    if replayed is None:
        return None
    return {"same": replayed.same, "version": replayed.version, "moved": replayed.moved}


def _tell(document: dict[str, Any], basis: Basis, replayed: _Replayed | None, *, as_json: bool) -> None:
    if as_json:
        print(json.dumps(document, indent=2, ensure_ascii=False))  # noqa: T201 - the one document on standard output
    else:
        say_explanation(document, basis.zone)
    if replayed is not None:
        _tell_replay(replayed, document["evidence"][:SHOWN], as_json=as_json)


def _tell_replay(it: _Replayed, name: str, *, as_json: bool) -> None:
    if it.same:
        if not as_json:
            say(f"\nJudged again, the evidence {name} that syncd {it.version} wrote gives the same bytes.")
        return
    warn(
        f"problem: judged again, the evidence {name} does NOT give the same bytes: "
        f"the rules of this version are others than those of syncd {it.version}, which wrote it"
    )
    if not as_json:
        say("\nWith the rules of this version:")
        say_sections(it.moved)
