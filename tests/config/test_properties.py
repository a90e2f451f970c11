"""Whatever stands in the file: a configuration comes of it, or a ConfigError that tells no secret."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import config
from tests.config.texts import FIVE_LINES, gates

SECRET = "Zq8Lw3Rt9Xv2Bn5Km7Pd4"
TEXTS = (
    FIVE_LINES.replace("{env: JIRA_TOKEN}", SECRET),
    gates("docs: {items: gtm/DOC, sign_off: {item: gtm/DOC-3}}", "qa: {items: none, owner: a@b.example}").replace(
        "{env: LINEAR_TOKEN}", SECRET
    )
    + f"http: {{token: {SECRET}}}\nnotify: [{{url: https://hooks.example/{SECRET}, on: [ask]}}]\n"
    + f"database: postgresql://syncd:{SECRET}@db/syncd\n",
)
WORDS = st.sampled_from(
    [
        "trackers",
        "releases",
        "gates",
        "kind",
        "token",
        "env",
        "jira",
        "linear",
        "none",
        "null",
        "2026-12-15",
        "9h",
        "a/B",
        "",
    ]
)
VALUES = st.recursive(
    WORDS | st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=4),
    max_leaves=20,
)


def problems(text: str) -> str:
    """What is told about a text, "" when nothing is."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "syncd.yaml"
        path.write_text(text, encoding="utf-8", errors="replace")
        try:
            config.load(path, {})
        except config.ConfigError as error:
            told = error
        else:
            return ""
    assert told.problems
    assert all(problem.message and problem.remedy for problem in told.problems)
    return str(told) + repr(told)


@settings(deadline=None)
@given(st.text(max_size=80))
def test_any_text_is_a_configuration_or_has_problems(text: str) -> None:
    assert problems(text)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(TEXTS), st.data())
def test_any_change_of_a_file_keeps_its_secret_untold(text: str, data: st.DataObject) -> None:
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(text)))
        end = min(len(text), at + data.draw(st.integers(0, 12)))
        put = data.draw(
            st.sampled_from(["", "\n", "{", "}", "[", "]", ":", ": ", "*", "&", "!", "'", '"', "\t", "#", "- "])
        )
        if SECRET in text[:at] + put + text[end:]:
            text = text[:at] + put + text[end:]
    assert SECRET not in problems(text)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    VALUES,
    st.sampled_from(["trackers", "releases", "http", "people", "notify", "digest", "database", "gates", "atlas-2"]),
)
def test_any_value_at_any_key_is_judged_and_not_stumbled_over(value: object, key: str) -> None:
    text = gates("docs: gtm/DOC") + "http: null\npeople: {}\nnotify: []\ndigest: null\ndatabase: sqlite:///x.db\n"
    lines = [
        f"{line.partition(':')[0]}: {flow(value)}" if line.strip().startswith(f"{key}:") else line
        for line in text.splitlines()
    ]
    problems("\n".join(lines))


def flow(value: object) -> str:
    """A value in YAML's flow style."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{flow(key)}: {flow(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(flow(inner) for inner in value) + "]"
    if isinstance(value, str):
        return "'" + value.replace("'", "''") + "'"
    return (
        {None: "null", True: "true", False: "false"}.get(value, str(value))
        if isinstance(value, bool | None)
        else str(value)
    )
