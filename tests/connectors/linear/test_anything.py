"""Whatever stands in Linear's answers, a connector's errors are ours."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from werkzeug.wrappers import Response

from connectors.base import Convention, Ref, Selector
from connectors.errors import TrackerError
from connectors.linear.whose import client_id
from mapping.document import Mention, Report
from tests.connectors.linear.whole import whole

if TYPE_CHECKING:
    from collections.abc import Callable

    from connectors.base import Source, Summary
    from syncd.sandbox.linear import LinearSandbox
    from tests.connectors.linear.conftest import Clock

OWN = client_id("syncd-atlas-2:0")
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-1, 3)
    | st.sampled_from(["", "a", OWN, "DOC-1", "blocks", "started", "2026-11-22T12:00:00Z"])
)
PAGE = st.fixed_dictionaries({"hasNextPage": st.just(value=False)}) | st.fixed_dictionaries(
    {"hasNextPage": st.booleans(), "endCursor": SCALARS}
)
FIELDS = [
    "id",
    "identifier",
    "key",
    "name",
    "type",
    "state",
    "team",
    "labels",
    "user",
    "owner",
    "toState",
    "relatedIssue",
    "parent",
    "project",
    "children",
    "relations",
    "body",
    "createdAt",
    "updatedAt",
    "issue",
    "botActor",
    "creator",
    "lastUpdate",
]
THING = st.recursive(
    SCALARS,
    lambda inner: st.dictionaries(st.sampled_from(FIELDS), inner, max_size=5) | st.lists(inner, max_size=2),
    max_leaves=10,
)
CONNECTION = st.fixed_dictionaries({"nodes": st.lists(THING, max_size=3) | SCALARS, "pageInfo": PAGE | SCALARS})
NAMES = [
    "history",
    "relations",
    "inverseRelations",
    "labels",
    "states",
    "memberships",
    "id",
    "state",
    "team",
    "description",
    "comments",
]
HOLDER = st.dictionaries(st.sampled_from(NAMES), CONNECTION | THING, max_size=6)
ROOTS = [
    "issue",
    "issues",
    "viewer",
    "users",
    "teams",
    "team",
    "workflowStates",
    "q0",
    "q1",
    "issueUpdate",
    "issueCreate",
    "comments",
    "commentCreate",
    "projects",
]
ANSWER = st.dictionaries(st.sampled_from(ROOTS), CONNECTION | HOLDER | THING, max_size=4)


def acts(source: Source, summary: Summary, clock: Clock) -> list[Callable[[], object]]:
    convention = Convention(project="DOC", release_id="a", release_name="b", launch_key="REL-1")
    report, ref = Report(title="t", blocks=(), digest="a" * 64), Ref(id=OWN, key="REL-2", url="")
    return [
        source.identify,
        lambda: source.launch("DOC-1"),
        lambda: source.lead("DOC"),
        lambda: source.person("a@b.example"),
        lambda: whole(source, {"q": Selector(terms={"label": "x"}), "c": convention}),
        lambda: source.changed(clock(), clock()),
        lambda: source.changed(clock(), clock(), [OWN]),
        lambda: source.comments("DOC-1"),
        lambda: source.healths(["a"]),
        lambda: source.census({"q": Selector(terms={"label": "x"}), "c": convention}),
        source.words,
        lambda: source.matching(
            {"q": Selector(terms={"team": "x"}), "c": convention, "f": Selector(terms={"filter": {}})}, ["a"]
        ),
        lambda: source.ticket("DOC-1"),
        lambda: source.explain(convention),
        summary.find,
        lambda: summary.create([report]),
        lambda: summary.update(summary.read(ref), [report]),
        lambda: summary.block(ref, "REL-1"),
        lambda: summary.move(ref, "a"),
        lambda: summary.comment(ref, [(Mention("a", OWN),)], "a"),
        summary.obstacles,
    ]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(answer=ANSWER)
def test_any_answer_is_either_understood_or_one_of_our_errors(
    answer: dict[str, Any], source: Source, summary: Summary, sandbox: LinearSandbox, clock: Clock
) -> None:
    sandbox.before = lambda _: Response(json.dumps({"data": answer}), content_type="application/json")
    said = [words(act) for act in acts(source, summary, clock)]
    assert all(sentence is None or len(sentence) > 15 for sentence in said)


def words(act: Callable[[], object]) -> str | None:
    """The sentence of the error that is raised, None when there is none."""
    try:
        act()
    except TrackerError as error:
        return error.message
    return None
