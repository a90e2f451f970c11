"""A file written for one test, and what the machine around it holds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import pytest

import config

if TYPE_CHECKING:
    from pathlib import Path

ENVIRON = {"JIRA_TOKEN": "j1ra-s3cret", "LINEAR_TOKEN": "l1near-s3cret"}


class Load(Protocol):
    def __call__(self, text: str | bytes) -> config.Config: ...


class Told(Protocol):
    def __call__(self, text: str | bytes) -> str: ...


@pytest.fixture
def load(tmp_path: Path) -> Load:
    """Loads a text as syncd.yaml."""

    def loaded(text: str | bytes) -> config.Config:
        path = tmp_path / "syncd.yaml"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return config.load(path, ENVIRON)

    return loaded


@pytest.fixture
def told(load: Load, tmp_path: Path) -> Told:
    """What a person is told about a text that is wrong, with the folder left out."""

    def said(text: str | bytes) -> str:
        with pytest.raises(config.ConfigError) as caught:
            load(text)
        return str(caught.value).replace(f"{tmp_path}/", "")

    return said
