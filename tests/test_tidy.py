"""What the linters cannot check, over every file that git tracks. Each complaint says what to do.

The rules are plain functions from a file to its faults; each is also shown a file that it must find fault with.
"""

from __future__ import annotations

import ast
import functools
import io
import re
import shutil
import subprocess
import sys
import tokenize
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT = Path(__file__).parent.parent
PACKAGES = ("syncd", "connectors", "mapping", "config")

VALUE_MODULES = {
    "__future__", "bisect", "calendar", "collections", "dataclasses", "datetime", "decimal", "difflib", "enum",
    "fractions", "functools", "hashlib", "heapq", "itertools", "json", "mapping", "math", "operator", "re", "string",
    "textwrap", "typing", "unicodedata", "zoneinfo",
}  # fmt: skip
EFFECTS = {"open", "print", "input", "exec", "eval", "__import__", "breakpoint"}

CLOCKS = {
    "datetime": {"now", "utcnow", "today"},
    "date": {"today"},
    "time": {"time", "time_ns", "sleep", "monotonic", "monotonic_ns", "perf_counter", "localtime", "gmtime"},
}
READS_THE_CLOCK = {
    "bench/stopwatch.py",  # measures
    "syncd/clock.py",
    "syncd/sandbox/server.py",  # plays a slow tracker on a thread of its own
    "tests/connectors/test_wire.py",  # measures that a deadline is kept
}

BANNED = {"util", "utils", "helper", "helpers", "handler", "handlers", "manager", "managers", "misc"}
BANNED_ALONE = {"data", "process", "stuff"}

MODULE_LINES, TEST_LINES, FUNCTION_LINES = 400, 600, 50

# in pieces, so that this file does not find fault with itself
MACHINE = re.compile(r"(?<![\w.:/~$}-])/(?:home|root|Users|work)/\w|[A-Z]:\\Users\\")
INDEX = re.compile(
    "|".join(
        (r"pypi\." + "org", "python" + "hosted", "(?<!emit-)index" + "-url", "(?<!emit-)find" + "-links",
         "trusted" + "-host", "arti" + "factory", "dev" + "pi", "registry" + r"\.npmjs", "docker" + r"\.io/")
    ),
    re.IGNORECASE,
)  # fmt: skip


@functools.cache
def tracked() -> tuple[str, ...]:
    """Paths of the files that git tracks and that are there, relative to the checkout."""
    git = shutil.which("git")
    if git is None or not (ROOT / ".git").exists():
        pytest.skip("not a git checkout")
    listed = subprocess.run([git, "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, timeout=60)  # noqa: S603 - git itself
    return tuple(name for name in listed.stdout.decode().split("\0") if name and (ROOT / name).is_file())


@functools.cache
def text_of(path: str) -> str:
    return (ROOT / path).read_text(encoding="utf-8", errors="ignore")


@functools.lru_cache(maxsize=512)
def tree_of(source: str) -> ast.Module:
    return ast.parse(source)


def python(*places: str) -> list[str]:
    return [path for path in tracked() if path.endswith(".py") and path.startswith(places or ("",))]


def assert_tidy(rule: Callable[[str, str], Iterator[str]], paths: list[str]) -> None:
    """No file has a fault; all faults of all files are said at once."""
    found = [f"{path}: {fault}" for path in paths for fault in rule(path, text_of(path))]
    assert paths, "the rule must have something to look at"
    assert not found, "\n" + "\n".join(found)


def impure(_: str, source: str) -> Iterator[str]:
    for node in ast.walk(tree_of(source)):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [node.module or ""]
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in EFFECTS:
            yield f"line {node.lineno} calls {node.func.id}(): rules have no effect; do it in syncd, pass the value in"
            continue
        else:
            continue
        for name in names:
            if name.split(".", maxsplit=1)[0] not in VALUE_MODULES:
                yield f"line {node.lineno} imports {name}: rules know values only; do it in syncd, pass the value in"


def clock(path: str, source: str) -> Iterator[str]:
    if path in READS_THE_CLOCK:
        return
    remedy = "take the time as an argument; syncd/clock.py alone reads the clock and waits"
    for node in ast.walk(tree_of(source)):
        if isinstance(node, ast.ImportFrom) and node.module == "time":
            for alias in node.names:
                if alias.name in CLOCKS["time"]:
                    yield f"line {node.lineno} imports time.{alias.name}: {remedy}"
        if isinstance(node, ast.Attribute):
            owner = getattr(node.value, "attr", getattr(node.value, "id", ""))
            if node.attr in CLOCKS.get(owner, ()):
                yield f"line {node.lineno} uses {owner}.{node.attr}: {remedy}"


def long(path: str, source: str) -> Iterator[str]:
    lines, most = source.count("\n"), TEST_LINES if path.startswith("tests/") else MODULE_LINES
    if lines > most:
        yield f"{lines} lines, {most} are the most: split it where its docstring needs an 'and'"
    for node in ast.walk(tree_of(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            if length > FUNCTION_LINES:
                yield f"{node.name} has {length} lines, {FUNCTION_LINES} are the most: give its steps names"


def words(name: str) -> list[str]:
    return [word.lower() for word in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+", name)]


def vague(path: str, source: str) -> Iterator[str]:
    names = [Path(path).stem, *Path(path).parent.parts]
    kinds = (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    names += [node.name for node in ast.walk(tree_of(source)) if isinstance(node, kinds)]
    for name in names:
        said = set(words(name))
        if said & (BANNED - {"manager", "managers"}) or name in BANNED_ALONE or name.startswith("do_"):
            yield f"{name!r} says nothing: name it by what it knows or makes"
        if said & {"manager", "managers"} and (name[:1].isupper() or name == Path(path).stem):
            yield f"{name!r}: a manager is a person here; name the class or module by what it knows or makes"


def reasonless(_: str, source: str) -> Iterator[str]:
    if "noqa" not in source and "type:" not in source:
        return
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        exception = re.compile(r"#\s*(noqa(:\s*[A-Z]+\d+(,\s*[A-Z]+\d+)*)?|type:\s*ignore(\[[\w, -]+\])?)")
        if token.type == tokenize.COMMENT and exception.search(token.string):
            reason = exception.sub("", token.string)
            if not re.search(r"[A-Za-z]{2,}", reason):
                yield f"line {token.start[0]}: {token.string!r} gives no reason; mend the cause, or write why beside it"


def machine(_: str, source: str) -> Iterator[str]:
    for number, line in enumerate(source.splitlines(), 1):
        if MACHINE.search(line):
            yield f"line {number} names a path of somebody's machine: make it relative, or a setting"
        if INDEX.search(line):
            yield f"line {number} names a package index: leave that to the machine that installs"


def unlocked(_: str, source: str) -> Iterator[str]:
    for entry in source.replace("\\\n", " ").splitlines():
        if not entry.strip() or entry.lstrip().startswith("#"):
            continue
        if not re.match(r"[a-z0-9][a-z0-9._-]*==\S+( ;[^-]*)? +--hash=sha256:[0-9a-f]{64}( |$)", entry):
            yield f"{entry[:60]!r} is not one version with its hashes: run `make lock`"
        if "://" in entry or " @ " in entry:
            yield f"{entry[:60]!r} names an address: run `make lock`"


def silent(_: str, source: str) -> Iterator[str]:
    suite = any(isinstance(node, ast.ClassDef) and node.bases for node in ast.walk(tree_of(source)))
    if not suite and not any(isinstance(node, ast.Assert) for node in ast.walk(tree_of(source))):
        yield "no assert and no shared suite: a test that cannot fail proves nothing; say what must be true"


def undescribed(_: str, source: str) -> Iterator[str]:
    if not ast.get_docstring(tree_of(source)):
        yield "no docstring: say in a sentence what the package owns and what it must not do"


def test_the_rules_are_pure() -> None:
    assert_tidy(impure, python("mapping/"))


def test_the_clock_is_read_in_one_place() -> None:
    assert_tidy(clock, python())
    assert set(tracked()) >= READS_THE_CLOCK, "a file that is gone needs no exception: take it off the list"


def test_modules_and_functions_are_short() -> None:
    assert_tidy(long, python())


def test_names_say_what_things_are() -> None:
    assert_tidy(vague, python())


def test_each_exception_from_a_linter_gives_its_reason() -> None:
    assert_tidy(reasonless, python())


def test_no_tracked_file_names_a_machine_or_a_package_index() -> None:
    assert_tidy(machine, list(tracked()))


def test_the_lock_files_hold_hashes_for_everything_and_no_address() -> None:
    locks = [path for path in tracked() if path.endswith(".lock")]
    assert locks == ["requirements-dev.lock", "requirements.lock"]
    assert_tidy(unlocked, locks)


def test_every_test_file_can_fail() -> None:
    assert_tidy(silent, [path for path in python("tests/") if Path(path).name.startswith("test_")])


def test_every_package_says_what_it_owns() -> None:
    places = {str(Path(path).parent) for path in python(*(f"{package}/" for package in PACKAGES))}
    missing = [place for place in sorted(places) if f"{place}/__init__.py" not in tracked()]
    assert missing == [], "add an __init__.py with a docstring that says what the package owns"
    assert_tidy(undescribed, [f"{place}/__init__.py" for place in sorted(places)])


BAD = [
    (impure, "import os.path\n"),
    (impure, "from sqlalchemy import select\n"),
    (impure, "print('x')\n"),
    (clock, "from datetime import datetime\nNOW = datetime.now()\n"),
    (clock, "import datetime\nNOW = datetime.datetime.utcnow()\n"),
    (clock, "import time\ntime.sleep(1)\n"),
    (clock, "from time import sleep\n"),
    (long, "x = 1\n" * (MODULE_LINES + 1)),
    (long, "def f():\n" + "    x = 1\n" * FUNCTION_LINES),
    (vague, "class ItemManager: ...\n"),
    (vague, "def do_it(): ...\n"),
    (vague, "class HTTPHandler: ...\n"),
    (vague, "def process(): ...\n"),
    (reasonless, "x = 1  # noqa: E501\n"),
    (reasonless, "x = 1  # type: ignore[misc]\n"),
    (machine, "see /" + "home/dana/notes\n"),
    (machine, "pip install --index" + "-url x\n"),
    (unlocked, "rich==15.0.0\n"),
    (unlocked, "rich @ https://x/rich.whl --hash=sha256:" + "0" * 64 + "\n"),
    (silent, "def test_nothing() -> None: ...\n"),
    (undescribed, "x = 1\n"),
]


@pytest.mark.parametrize(("rule", "source"), BAD)
def test_each_rule_finds_what_it_is_for(rule: Callable[[str, str], Iterator[str]], source: str) -> None:
    assert list(rule("mapping/some.py", source)) != []


def test_a_module_is_found_vague_by_its_own_name() -> None:
    assert list(vague("syncd/utils.py", "")) != []
    assert list(vague("syncd/write_manager.py", "")) != []
    assert list(vague("mapping/gate.py", "def managers(): ...\n")) == []


def test_the_allowed_modules_are_the_standard_library_s() -> None:
    assert VALUE_MODULES - {"mapping"} <= sys.stdlib_module_names
