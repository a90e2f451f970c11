"""What the documentation names exists, and what exists is documented."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import typer.main

import config
from syncd import app
from syncd.cli import cli
from syncd.store.store import open_store
from syncd.web.hooks import ANSWERS
from syncd.web.metrics import Collected
from syncd.web.ports import Ports
from tests.web.site import configured

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[1]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
OPERATING = ROOT / "docs" / "operating.md"
COMMANDS: Any = typer.main.get_command(cli)
_FENCE = re.compile(r"^```[a-z]*\n(.*?)^```", re.MULTILINE | re.DOTALL)
_SPAN = re.compile(r"`([^`\n]+)`")
_CALL = re.compile(r"^syncd (.+)|bin/syncd (.+)")
_LINK = re.compile(r"\[[^\]]*\]\(([^)#\s]+)(?:#[^)]*)?\)")
_EXAMPLES = {"JIRA_TOKEN", "LINEAR_TOKEN", "SECRET", "SIG"}  # a reader's own configuration or shell names these
_FOREIGN = {
    "COLUMNS",
    "NO_COLOR",
    "MAINPID",
    "NF",
}  # read by the library that writes to terminals; set by systemd; awk's

pages = pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))


def _options(command: Any) -> set[str]:
    return {word for parameter in command.params for word in parameter.opts if word.startswith("-")} | {"-h", "--help"}


ALL = {name: _options(command) for name, command in COMMANDS.commands.items()}
COMMON = _options(COMMANDS)


def _code(page: Path) -> list[str]:
    """Every line of a block of code, and what stands between backticks elsewhere."""
    text = page.read_text("utf-8")
    lines = [line for block in _FENCE.findall(text) for line in block.splitlines()]
    return lines + _SPAN.findall(_FENCE.sub("", text))


def _calls(page: Path) -> Iterator[list[str]]:
    """The words behind each ``syncd`` that is called as a command."""
    for code in _code(page):
        found = _CALL.search(code)
        if found:
            yield re.split(r" 2>| +#", found[1] or found[2])[0].split()


@pages
def test_every_command_and_option_that_a_page_names_exists(page: Path) -> None:
    for words in _calls(page):
        named = [word for word in words if word in ALL]
        assert named or not re.fullmatch("[a-z]+", words[0]), f"there is no command in {words}"
        known = COMMON.union(*(ALL[name] for name in named))
        assert {word for word in words if re.match("--?[a-z]", word)} <= known, words
    every = COMMON.union(*ALL.values())
    loose = {word for code in _code(page) if code.startswith("--") for word in re.findall(r"--[a-z-]+", code)}
    assert loose <= every


def test_every_command_and_option_is_documented_in_its_row() -> None:
    rows: dict[str, str] = {}
    name = ""
    for line in OPERATING.read_text("utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")] if line.startswith("|") else []
        found = re.fullmatch(r"`syncd (\w+)`", cells[0]) if cells else None
        name = found[1] if found else name if cells and not cells[0] else ""
        if name:
            rows[name] = rows.get(name, "") + line
    assert rows.keys() == ALL.keys()
    for command, options in ALL.items():
        named = set(re.findall(r"(?<=`)--[a-z-]+", rows[command]))
        assert options - {"-h", "--help"} <= named, command
        assert named <= options, command
    text = OPERATING.read_text("utf-8")
    assert {option for option in COMMON if f"`{option}" not in text} == set()


def test_the_first_lines_that_the_readme_shows_are_those_of_the_story() -> None:
    (shown,) = re.findall(r"```text\n(.*?)```", (ROOT / "README.md").read_text("utf-8"), re.DOTALL)
    story = {line.strip("│ ") for line in (ROOT / "docs" / "story.md").read_text("utf-8").splitlines()}
    assert [line for line in shown.splitlines() if line not in story] == []


def test_the_configuration_of_the_readme_is_whole(tmp_path: Path) -> None:
    (shown,) = re.findall(r"```yaml\n(.*?)```", (ROOT / "README.md").read_text("utf-8"), re.DOTALL)
    path = tmp_path / "syncd.yaml"
    path.write_text(shown, "utf-8")
    loaded = config.load(path, {"JIRA_TOKEN": "a-token"})
    assert list(loaded.releases) == ["atlas-2"]
    assert shown in (ROOT / "docs" / "configuration.md").read_text("utf-8")


@pages
def test_every_make_target_that_a_page_names_exists(page: Path) -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    named = {found[1] for code in _code(page) for found in re.finditer(r"^make ([a-z]+)", code)}
    assert named <= targets


@pages
def test_every_relative_link_leads_somewhere(page: Path) -> None:
    links = [link for link in _LINK.findall(page.read_text("utf-8")) if "://" not in link]
    assert [link for link in links if not (page.parent / link).exists()] == []


@pages
def test_every_environment_variable_that_a_page_names_is_read_somewhere(page: Path) -> None:
    sources = [*ROOT.glob("syncd/**/*.py"), *ROOT.glob("c*/**/*.py"), *ROOT.glob("tests/**/*.py")]
    code = "".join(path.read_text("utf-8") for path in sources if path != Path(__file__))
    text = page.read_text("utf-8")
    named = set(re.findall(r"\b[A-Z]+(?:_[A-Z]+)+(?==)|(?<=\$)[A-Z]+(?:_[A-Z]+)*|\bSYNCD_[A-Z_]+", text))
    assert {name for name in named - _EXAMPLES - _FOREIGN if not _is_read(name, code)} == set()


def _is_read(name: str, code: str) -> bool:
    """Some names are put together: SYNCD_JIRA_URL is SYNCD_JIRA_ and URL."""
    parts = [name[:cut] for cut, letter in enumerate(name) if letter == "_"]
    return f'"{name}"' in code or any(f'"{part}_' in code for part in parts if part.count("_"))


@pytest.fixture
def metrics(tmp_path: Path) -> dict[str, set[str]]:
    """Metric → its labels, as a scrape tells them."""
    site = configured(tmp_path)
    with open_store(site.database_url) as store:
        ports = Ports(outside=app.outside(site, store), config=lambda: site, hinted=lambda _, __: None)
        families = list(Collected(ports).collect())
    return {it.name + "_total" * (it.type == "counter"): set(it._labelnames) for it in families}  # type: ignore[attr-defined]  # noqa: SLF001 - nothing else tells a family's labels


def test_every_metric_is_documented_with_its_labels_and_every_documented_one_exists(
    metrics: dict[str, set[str]],
) -> None:
    text = (ROOT / "docs" / "http.md").read_text("utf-8")
    rows = re.findall(r"^\| `(syncd_\w+)` \| (.+?) \|", text, re.MULTILINE)
    assert {name: set(re.findall(r"`(\w+)`", labels)) for name, labels in rows} == metrics
    named = {name for page in PAGES for name in re.findall(r"\bsyncd_[a-z_]+\b", page.read_text("utf-8"))}
    assert named <= metrics.keys()


def test_every_outcome_of_a_webhook_is_documented_with_its_status() -> None:
    text = (ROOT / "docs" / "http.md").read_text("utf-8")
    rows = dict(re.findall(r"^\| `([a-z]+)` \| (\d{3}) \|", text, re.MULTILINE))
    assert rows == {outcome: str(int(status)) for outcome, (status, _) in ANSWERS.items()}


def test_the_pages_are_looked_at_at_all() -> None:
    assert {"README.md", "operating.md", "configuration.md"} <= {page.name for page in PAGES}
    assert ["status", "atlas-2", "--require-ready"] in [words[:3] for words in _calls(OPERATING)]
    assert ["init"] in [words[:1] for words in _calls(ROOT / "README.md")]


def test_each_test_that_the_page_on_reliability_names_exists() -> None:
    named = re.findall(r"`(tests/[\w/]+\.py)(?:::(test_\w+))?`", (ROOT / "docs" / "reliability.md").read_text("utf-8"))
    assert len(named) > 50
    texts = {path: (ROOT / path).read_text("utf-8") for path, _ in named if (ROOT / path).is_file()}
    assert [path for path, _ in named if path not in texts] == []
    missing = [(path, test) for path, test in named if test and f"def {test}(" not in texts[path]]
    assert missing == []
