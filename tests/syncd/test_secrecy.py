"""No secret leaves: the check that follows every test finds one wherever it is put, and the product puts none."""

from __future__ import annotations

import base64
import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from tests.secrecy import SANDBOXES, databases, found_in

ROOT = Path(__file__).resolve().parents[2]
TOKEN = "lin_api_planted_7f3a"
CONFIGURED = f"""
    import logging, sqlite3, sys
    from config.secret import Secret

    def test_it(tmp_path):
        secret = Secret(env="TOKEN")
        assert secret.resolve({{"TOKEN": "{TOKEN}"}}, tmp_path) is None
"""
PLANTED = {
    "nothing": "pass",
    "a log line": "logging.getLogger('syncd').warning('asked with %s', secret.value)",
    "a traceback": """
        try:
            raise ValueError(secret.value)
        except ValueError:
            logging.getLogger("syncd").exception("it failed")
    """,
    "standard output": "print(secret.value)",
    "a stored row": """
        with sqlite3.connect(tmp_path / "syncd.db") as conn:
            conn.execute("CREATE TABLE item AS SELECT ? AS content", [secret.value])
        conn.close()
    """,
    "a row that is not written back": """
        sys.leaked = conn = sqlite3.connect(tmp_path / "syncd.db", isolation_level=None)
        conn.execute("PRAGMA journal_mode = WAL")
        conn.execute("CREATE TABLE item AS SELECT ? AS content", [secret.value])
    """,
}


@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_secret_fails_the_test_that_leaks_it(tmp_path: Path, name: str) -> None:
    body = textwrap.indent(textwrap.dedent(PLANTED[name]).strip(), " " * 4)
    (tmp_path / "test_planted.py").write_text(f"{textwrap.dedent(CONFIGURED)}{body}\n", "utf-8")
    ended = subprocess.run(  # noqa: S603 - our own interpreter
        [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-p",
            "tests.secrecy",
            "-c",
            os.devnull,
            "--rootdir",
            tmp_path,
            tmp_path,
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    leaks = "a configured secret stands in: " in ended.stdout
    assert (ended.returncode == 0, leaks) == (name == "nothing", name != "nothing"), ended.stdout


@pytest.mark.parametrize("user", ["a@b.example", "me@b.example", "you@b.example"])
def test_a_secret_is_found_inside_base64_wherever_it_begins(user: str) -> None:
    header = base64.b64encode(f"{user}:{TOKEN}:more".encode())
    assert found_in([TOKEN], {"it": b"Authorization: Basic " + header}) == ["it"]


def test_words_that_are_no_secret_are_not_found() -> None:
    assert found_in([TOKEN, "short"], {"it": b"lin_api_ short"}) == []


def test_the_sandboxes_tokens_are_long_enough_to_be_looked_for() -> None:
    assert all(found_in(SANDBOXES, {"it": token.encode()}) for token in SANDBOXES)


def test_every_database_below_a_folder_is_read(tmp_path: Path) -> None:
    for name in ("a.db", "deep/b.db", "deep/b.db-wal", "c.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(TOKEN)
    assert len(databases(tmp_path)) == 3
