"""The files that ``syncd init`` writes: a commented minimal configuration for each kind of tracker."""

from __future__ import annotations

from importlib.resources import files


def init_text(tracker: str = "jira") -> str:
    """The starting configuration, for ``jira`` or ``linear``. Raises KeyError for another kind."""
    name = {"jira": "init_jira.yaml", "linear": "init_linear.yaml"}[tracker]
    return files("config").joinpath(name).read_text(encoding="utf-8")
