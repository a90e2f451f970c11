"""The files that people copy from, and the page where they look things up."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import config
from config.tree import plant
from tests.config.keys import NAMED, sections

if TYPE_CHECKING:
    from tests.config.conftest import Load

ROOT = Path(config.__file__).parent.parent
EXAMPLE = ROOT / "config" / "example.yaml"
PAGE = ROOT / "docs" / "configuration.md"


def used(plain: Any, path: str = "") -> dict[str, set[str]]:
    """The keys that a file uses, by the mapping they stand in."""
    found: dict[str, set[str]] = {}
    named = NAMED.get(path.rpartition(".")[2])
    children: dict[str, Any] = plain if isinstance(plain, dict) else {}
    if isinstance(plain, list):
        children = {str(index): entry for index, entry in enumerate(plain)}
    for key, child in children.items():
        if isinstance(plain, list):
            below = f"{path}[]"
        elif named:
            below = f"{path}.{named}"
        else:
            found.setdefault(path, set()).add(key)
            below = f"{path}.{key}".lstrip(".")
        for section, keys in used(child, below).items():
            found.setdefault(section, set()).update(keys)
    return found


def documented() -> dict[str, set[str]]:
    """The keys in the page's tables, by the heading above them."""
    found: dict[str, set[str]] = {}
    heading = ""
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        if line.startswith("## "):
            heading = line.removeprefix("## ").strip("`").replace("The file", "")
        row = re.match(r"\| `([a-z_]+)` \|.*\|.*\|$", line)
        if row:
            found.setdefault(heading, set()).add(row[1])
    return found


def test_the_example_loads() -> None:
    loaded = config.load(EXAMPLE, {}, secrets=False)
    assert set(loaded.releases) == {"atlas-2", "atlas-2-eu"}


def test_every_key_stands_in_the_example() -> None:
    shown = used(plant(EXAMPLE.read_text(encoding="utf-8")).plain)
    for section, keys in sections().items():
        if section != "Secrets":
            assert keys <= shown.get(section, set()), f"config/example.yaml lacks keys of {section or 'the file'}"


def test_every_key_has_its_row_in_the_page_and_every_row_its_key() -> None:
    assert documented() == sections()


def test_what_the_page_shows_loads(load: Load) -> None:
    (shown,) = re.findall(r"```yaml\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert set(load(shown).releases["atlas-2"].gates) == {"engineering", "support"}


@pytest.mark.parametrize("tracker", ["jira", "linear"])
def test_what_init_writes_loads_once_the_token_is_set(load: Load, tracker: str) -> None:
    loaded = load(config.init_text(tracker))
    assert loaded.trackers[tracker].kind == tracker
    assert loaded.trackers[tracker].token.value
