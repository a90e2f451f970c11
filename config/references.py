"""What one part of a configuration says of another: trackers, people, gates. Also the rules that span several keys.

Called by ``config.loading`` with whatever could be validated, so the names that exist are taken from the file itself:
a tracker whose token is wrong is no unknown tracker. Yields findings; raises nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from config.gate_references import Names, gate_findings, tracker_findings
from config.values import instant
from config.wording import meant, named
from connectors import registry

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from config.release import ReleaseSettings
    from config.schema import Config, PersonSettings, TrackerSettings
    from config.tree import Path


def findings(config: Config, plain: Mapping[str, Any]) -> Iterator[tuple[Path, str, str]]:
    names = Names.of(config, plain)
    for key, remedy in (("trackers", "add trackers, each with kind, url and token"), ("releases", "add a release")):
        if plain.get(key) == {}:
            yield (key,), "nothing stands here", remedy
    for name, tracker in config.trackers.items():
        yield from _tracker(("trackers", name), name, tracker)
    for name, person in config.people.items():
        yield from _person(("people", name), person, names)
    issues: dict[tuple[str | None, str], str] = {}
    for name, release in config.releases.items():
        yield from _release(("releases", name), release, plain["releases"][name], names)
        issue = release.summary.issue
        if issue and (other := issues.setdefault(_summary_address(release, names), name)) != name:
            path = ("releases", name, "summary", "issue")
            yield path, f"{issue} is the summary of {other} already", "give each release an issue of its own"


def _tracker(path: Path, name: str, tracker: TrackerSettings) -> Iterator[tuple[Path, str, str]]:
    if name in ("name", "email", "tracker"):
        yield path, f"a tracker cannot be called {name}", "choose another name: this word has a meaning in the file"
    if tracker.url is None and registry.kind(tracker.kind).default_url is None:
        yield path, "url is missing", f"add url: the {tracker.kind} site's address, such as https://acme.atlassian.net"
    seen: dict[str, str] = {}
    for progress, words in tracker.statuses:
        for index, word in enumerate(words):
            if seen.setdefault(word.lower(), progress) != progress:
                message = f"{named(word)} stands under {seen[word.lower()]} too"
                yield (*path, "statuses", progress, index), message, "keep it in one of the lists"


def _person(path: Path, person: PersonSettings, names: Names) -> Iterator[tuple[Path, str, str]]:
    for key in person.accounts.keys() - names.trackers:
        remedy = meant(key, {"name", "email", *names.trackers}, "")
        yield (*path, key), f"{named(key)} is neither a tracker nor name nor email", remedy


def _release(
    path: Path, release: ReleaseSettings, plain: Mapping[str, Any], names: Names
) -> Iterator[tuple[Path, str, str]]:
    yield from tracker_findings((*path, "launch"), release.launch, names)
    yield from _summary((*path, "summary"), release, names)
    yield from _days(path, release)
    if not any(isinstance(gate, str) or (gate and gate.get("mode") != "advisory") for gate in _gates(plain)):
        yield (*path, "gates"), "no gate is required, so nothing would ever hold the launch", "make a gate required"
    yield from gate_findings((*path, "gates"), release.gates, plain["gates"], names)


def _gates(plain: Mapping[str, Any]) -> list[Any]:
    return [gate for gate in plain["gates"].values() if isinstance(gate, str | dict)]


def _summary(path: Path, release: ReleaseSettings, names: Names) -> Iterator[tuple[Path, str, str]]:
    summary = release.summary
    launch_tracker = names.split(release.launch)[0]
    tracker = summary.tracker or launch_tracker
    if summary.tracker:
        yield from tracker_findings((*path, "tracker"), f"{summary.tracker}/", names)
    kind = names.kinds.get(tracker or "")
    wanted, other = ("team", "project") if kind == "linear" else ("project", "team")
    if kind in ("jira", "linear") and getattr(summary, other) is not None:
        yield (*path, other), f"a summary in {tracker} ({kind}) has no {other}", f"write {wanted}"
    elif tracker != launch_tracker and not (summary.project or summary.team or summary.issue):
        yield path, f"the launch issue is not in {tracker}, so it cannot say where the summary goes", f"add {wanted}"
    if summary.issue and "/" in summary.issue and summary.issue.partition("/")[0] != tracker:
        yield (*path, "issue"), f"the summary lives in {tracker}, and this issue does not", "write its key there"
    whose = _whose(release, names, tracker, (summary.issue or "").rpartition("/")[2])
    if whose:
        yield (*path, "issue"), f"{summary.issue} is {whose}, which is never written", "name another issue, or none"


def _summary_address(release: ReleaseSettings, names: Names) -> tuple[str | None, str]:
    tracker = release.summary.tracker or names.split(release.launch)[0]
    return tracker, (release.summary.issue or "").rpartition("/")[2]


def _whose(release: ReleaseSettings, names: Names, tracker: str | None, key: str) -> str:
    if key and (tracker, key) == names.split(release.launch):
        return "the launch issue"
    for name, gate in release.gates.items():
        roots = [entry.epic for entry in gate.items if not isinstance(entry, str)] if gate else []
        if key and key in roots:
            return f"the epic of {name}"
        if key and gate and not isinstance(gate.sign_off, bool) and (tracker, key) == names.split(gate.sign_off.item):
            return f"the sign-off ticket of {name}"
    return ""


def _days(path: Path, release: ReleaseSettings) -> Iterator[tuple[Path, str, str]]:
    target = instant(release.target, release.timezone)
    for key, end_of_day in (("freeze", False), ("expect_by", True)):
        day = instant(getattr(release, key), release.timezone, end_of_day=end_of_day)
        if target and day and day > target:
            yield (*path, key), f"{key} comes after the target", "write an earlier day, or mend the target"
