"""What the image promises. There is no engine in the tests, so the Dockerfile is read, not built."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

from config.schema import Http

ROOT = Path(__file__).parent.parent


def instructions() -> list[tuple[str, str]]:
    """(instruction, the rest) in order; comments dropped, continued lines joined."""
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    lines = "\n".join(line for line in text.splitlines() if not line.startswith("#"))
    joined = lines.replace("\\\n", " ").splitlines()
    return [(word, rest.strip()) for word, _, rest in (line.partition(" ") for line in joined if line.strip())]


def stages() -> list[list[tuple[str, str]]]:
    found: list[list[tuple[str, str]]] = []
    for instruction in instructions():
        if instruction[0] == "FROM":
            found.append([])
        found[-1].append(instruction)
    return found


def of(stage: list[tuple[str, str]], word: str) -> list[str]:
    return [rest for it, rest in stage if it == word]


def copied() -> list[str]:
    """The paths of the checkout that the build stage copies."""
    return [path for rest in of(stages()[0], "COPY") for path in rest.split()[:-1]]


def test_both_stages_stand_on_one_public_slim_python_that_we_support() -> None:
    bases = {of(stage, "FROM")[0].split()[0] for stage in stages()}
    assert len(stages()) == 2
    [base] = bases
    version = re.fullmatch(r"python:3\.(\d+)-slim", base)
    assert version
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert int(version[1]) >= int(project["requires-python"].removeprefix(">=3."))


def test_everything_is_installed_by_hash_or_from_the_checkout() -> None:
    installs = [rest for stage in stages() for rest in of(stage, "RUN") if "install -" in rest and "pip" in rest]
    assert len(installs) == 2
    assert installs[0].endswith("--require-hashes -r requirements.lock")
    assert installs[1].endswith("--no-deps --no-build-isolation .")
    assert not [rest for _, rest in instructions() if re.search(r"curl|wget|apt|://|index|ADD ", rest)]


def test_it_does_not_run_as_root() -> None:
    users = of(stages()[-1], "USER")
    assert len(users) == 1
    assert int(users[0]) > 0
    order = [word for word, _ in stages()[-1]]
    assert "RUN" not in order[order.index("USER") :]


def test_the_command_is_syncd_with_its_configuration_and_its_database_in_their_places() -> None:
    last = stages()[-1]
    assert json.loads(of(last, "ENTRYPOINT")[0]) == ["syncd"]
    assert json.loads(of(last, "CMD")[0]) == ["run"]
    assert "SYNCD_CONFIG=/etc/syncd/syncd.yaml" in of(last, "ENV")[0].split()
    assert of(last, "VOLUME") == of(last, "WORKDIR") == ["/var/lib/syncd"]


def test_its_health_is_asked_at_the_default_address_with_what_the_image_holds() -> None:
    [check] = of(stages()[-1], "HEALTHCHECK")
    called = json.loads(check.partition(" CMD ")[2])
    assert called[:2] == ["python", "-c"]
    compile(called[2], "health check", "exec")
    assert f"'{Http().bind}'" in called[2]
    assert "'/healthz'" in called[2]


def test_what_it_copies_is_there_and_let_through() -> None:
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    assert [path for path in copied() if not (ROOT / path).exists()] == []
    assert "*" in ignored
    assert {line[1:] for line in ignored if line.startswith("!")} == set(copied())


def test_it_copies_every_package_of_the_project() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    packages = {name.rstrip("*") for name in project["tool"]["setuptools"]["packages"]["find"]["include"]}
    assert packages <= set(copied())
    assert project["project"]["readme"] in copied()
