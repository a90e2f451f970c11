"""Whether each promise was kept, once the faults have stopped: the measure is the worlds' truth and a fresh database.

Called by the soak. Reading afresh asks the same trackers, and writes to none.
"""

from __future__ import annotations

from itertools import pairwise
from statistics import linear_regression
from typing import TYPE_CHECKING, Any, Final

from bench.soak.people import text_of
from bench.soak.town import RELEASES
from mapping.digest import digest, material
from mapping.item import Progress
from syncd import app
from syncd.reconcile import complete_pass
from syncd.store.store import open_store

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from bench.soak.people import People
    from bench.soak.town import Town
    from config.schema import Config
    from mapping.readiness import Readiness
    from syncd.store.store import Store

DONE: Final = (Progress.DONE, Progress.DROPPED)
FLAT_MIB_A_MINUTE: Final = 0.5
"""Memory counts as flat below this slope. The items that people add are part of it."""
_MIB: Final = 2**20


def members(town: Town, store: Store) -> Iterator[str]:
    """Every gate has just its items, each as far as it is."""
    for gate in town.gates:
        truth = town.truth(gate)
        known = {it.id: it.progress in DONE for it in store.items(gate.release).get(gate.id, ())}
        if truth != known:
            differ = sorted(id_ for id_ in truth.keys() | known.keys() if truth.get(id_) != known.get(id_))
            shown = ", ".join(f"{id_} is {truth.get(id_)} and known as {known.get(id_)}" for id_ in differ[:3])
            yield f"{gate.id} of {gate.release}: {shown}"


def summaries(town: Town, store: Store) -> Iterator[str]:
    """Each release has one, which says what was judged last."""
    for release in RELEASES:
        found = town.summaries(release)
        if len(found) != 1:
            yield f"{release} has {len(found)} summary issues"
            continue
        judged, known = store.judgement(release), store.summary(release)
        if judged is None or judged.readiness is None or known is None or known.accepted is None:
            yield f"{release} was never judged and written"
            continue
        if known.accepted.digest != digest(judged.readiness):
            yield f"the summary of {release} is not what was judged"
        if known.ref is None or known.ref.id != found[0][1]["id"]:
            yield f"{release} knows another summary issue"
        if known.accepted.digest not in _carried(town, *found[0]):
            yield f"the summary issue of {release} carries another digest"


def _carried(town: Town, tracker: str, row: Any) -> str:  # noqa: ANN401 - a raw ticket
    return str(town.jira.shelves[row["id"]].properties.values()) if tracker == "eng" else str(row["description"])


def fresh(config: Config, folder: Path) -> dict[str, Readiness]:
    """What a new database comes to, read whole and judged. What is done must hold a while, over several readings,
    before it counts: whoever asks again gets the next reading into the same database.
    """
    afresh = config.model_copy(update={"database": f"sqlite:///{folder}/fresh.db"})
    with app.opened(afresh) as outside:
        passed = complete_pass(afresh, list(afresh.releases), outside, write=False)
    return {it.release: it.draft.readiness for it in passed}


def equal(theirs: dict[str, Readiness], store: Store) -> Iterator[str]:
    """What the daemon's summary says is what a fresh reading says."""
    for release, readiness in theirs.items():
        judged = store.judgement(release)
        ours = judged.readiness if judged else None
        if parted := "never judged" if ours is None else _difference(ours, readiness):
            yield f"{release}: {parted}"


def _difference(ours: Readiness, theirs: Readiness) -> str:
    """Where two judgements part, "" where they do not. Until when a gate was good, only who saw it knows."""
    here, there = material(ours), material(theirs)
    parts = [name for name in here if name != "gates" and here[name] != there[name]]
    found = [f"{name} is {here[name]} and afresh {there[name]}" for name in parts]
    for mine, yours in zip(here["gates"], there["gates"], strict=True):
        names = [name for name in mine if mine[name] != yours[name] and name != "good_until"]
        found += [f"{mine['id']}: {name} is {mine[name]} and afresh {yours[name]}" for name in names]
    return "; ".join(found)


def notes(town: Town, people: People) -> Iterator[str]:
    """All that Maya wrote stands there, once and in her order; but for what was written between a look and the write
    that followed it, which nobody can promise (docs/reliability.md).
    """
    for release, lines in people.notes.items():
        found = town.summaries(release)
        text = text_of(*found[0]) if found else ""
        places = [text.find(f"{line}.") for line in lines]
        lost = [line for line, at in zip(lines, places, strict=True) if at < 0 or text.count(f"{line}.") != 1]
        crossed = town.crossed.count(found[0][1]["id"]) if found else 0
        if len(lost) > crossed or (not lost and any(a > b for a, b in pairwise(places))):
            yield f"{release}: {len(lost)} of {len(lines)} notes are lost or doubled: {lost[:3]}"


def slope_mib_a_minute(samples: Sequence[tuple[float, int]]) -> float | None:
    """Of the second half; None when there are too few samples."""
    half = samples[len(samples) // 2 :]
    if len(half) < 5:
        return None
    return linear_regression([at / 60 for at, _ in half], [held / _MIB for _, held in half]).slope


def opened(config: Config) -> Store:
    """The daemon's own database, beside it."""
    return open_store(config.database_url)


def first(found: Iterable[str]) -> str:
    """All that is wrong, in a line; "" for nothing."""
    return "; ".join(found)[:2000]


def growth(samples: Sequence[tuple[float, int]]) -> str:
    slope = slope_mib_a_minute(samples)
    return f"it grows by {slope:.2f} MiB a minute" if slope is not None and slope > FLAT_MIB_A_MINUTE else ""


def told_secrets(folder: Path, secrets: Iterable[str]) -> str:
    kept = {path.name: path.read_bytes() for path in folder.iterdir() if path.name != "syncd.yaml"}
    return ", ".join(name for name, content in kept.items() if any(it.encode() in content for it in secrets))
