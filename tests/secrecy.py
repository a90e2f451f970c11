"""After each test: no secret that it configured stands in what was logged or printed, in a traceback, or in a database.

A pytest plugin, taken in by ``conftest``. What a test reads back itself (``capsys``) is that test's own matter. Secrets
that are too short to be told from ordinary text are not looked for.
"""

from __future__ import annotations

import base64
from pathlib import Path
from typing import TYPE_CHECKING
from unittest import mock

import pytest

from config.secret import Secret
from syncd.sandbox.jira import JiraWorld
from syncd.sandbox.linear import LinearWorld

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator, Mapping

SHORTEST = 8
SANDBOXES = frozenset({JiraWorld(lambda: None).token, LinearWorld().token})  # type: ignore[arg-type,return-value]  # no clock is read
"""Known without a configuration: processes that a test starts read their own."""
_configured: set[str] = set()


def found_in(secrets: Iterable[str], texts: Mapping[str, bytes]) -> list[str]:
    """The names of the texts that hold one of the secrets, as it is or in base64."""
    forms = {form for secret in secrets if len(secret) >= SHORTEST for form in _forms(secret.encode())}
    return sorted(name for name, text in texts.items() if any(form in text for form in forms))


def _forms(secret: bytes) -> Iterator[bytes]:
    """In base64 a text looks in three ways, by what stands before it; its first and last letter may be others."""
    yield secret
    for shift in range(3):
        whole = base64.b64encode(b"\0" * shift + secret)
        yield whole[-(-shift * 8 // 6) : (shift + len(secret)) * 8 // 6]


def databases(folder: Path) -> dict[str, bytes]:
    """Every SQLite file below the folder, with what is not yet written back into it."""
    names = (path for pattern in ("*.db", "*.db-wal", "*.db-journal") for path in folder.rglob(pattern))
    return {str(path): path.read_bytes() for path in names if path.is_file()}


def pytest_configure() -> None:
    resolve = Secret.resolve

    def resolved(self: Secret, environ: Mapping[str, str], folder: Path) -> tuple[str, str] | None:
        failure = resolve(self, environ, folder)
        if failure is None:
            _configured.add(self.value)
        return failure

    mock.patch.object(Secret, "resolve", resolved).start()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Function, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if call.when == "teardown":
        texts = {name: text.encode(errors="replace") for name, text in report.sections}
        folder = item.funcargs.get("tmp_path")
        if isinstance(folder, Path):
            texts |= databases(folder)
        leaks = found_in(SANDBOXES | _configured, texts)
        _configured.clear()
        if leaks:
            report.outcome = "failed"
            report.longrepr = f"a configured secret stands in: {', '.join(leaks)}"
    return report
