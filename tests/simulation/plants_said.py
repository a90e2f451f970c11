"""Known mistakes with what people say, planted into the product one at a time; see ``plants``, which lists them.

In all of these seeds people speak.
"""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from dataclasses import replace
from random import Random
from typing import TYPE_CHECKING, Any
from unittest import mock

from connectors.errors import TrackerError
from connectors.jira.saying import Voice
from mapping.command import may_speak
from mapping.talk import Talk
from syncd import facts, hearing
from syncd.store.store import Store
from tests.simulation import run, speech, town
from tests.simulation.planting import replaced
from tests.simulation.trouble import calm, severely, weather

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@contextmanager
def _spoken(*patches: Any) -> Iterator[None]:
    with ExitStack() as stack:
        stack.enter_context(mock.patch.object(run, "SPEAK", 1.0))
        for each in patches:
            stack.enter_context(each)
        yield


def answer_without_a_noted_try() -> Any:
    """Whether an answer got through before is not asked."""

    say = Voice.say

    def wrong(voice: Any, lines: Any, name: str, tried: object) -> None:  # noqa: ARG001 - as the right one
        say(voice, lines, name, None)

    rates = weather(lost_after=0.2)
    return _spoken(severely(weather=True), rates, replaced(Voice, "say", wrong))


def heard_before_it_is_kept() -> Any:
    """That a comment was heard in one transaction, its records and answers in another, and death between them."""
    hear, chance = Store.hear, Random(1)  # noqa: S311 - when to die

    def wrong(store: Store, release: str, what: Any) -> None:
        hear(store, release, replace(what, records=(), notices=()))
        if "fresh.db" not in store._shown and chance.random() < 0.3:  # noqa: SLF001 - who looks at the end stays alive
            raise run.Death
        hear(store, release, what)

    return _spoken(calm(), replaced(Store, "hear", wrong))


def an_edit_takes_nothing_back() -> Any:
    """What a comment said once stands, whatever became of it."""
    return _spoken(calm(), mock.patch.object(hearing._Hearing, "_take_back"))  # noqa: SLF001 - the one place where that is done


def unreadable_comments_taken_for_none() -> Any:
    """Where comments cannot be read there are none, and all that was said is taken back."""
    ask = facts._ask  # noqa: SLF001 - the one place where they are asked for

    def wrong(source: Any, kind: str, name: str) -> Any:
        try:
            return ask(source, kind, name)
        except TrackerError:
            if kind == "talk":
                return Talk(issue=name)
            raise

    return _spoken(severely(weather=True, mishaps=0.0), replaced(facts, "_ask", wrong))


def own_comments_heard() -> Any:
    """What syncd says itself counts as the word of the person whose account it uses."""

    def wrong(comment: Any, _: object) -> Any:
        return replace(comment, lines=tuple(line for line in comment.lines if may_speak(line)))

    let = town._let_speak  # noqa: SLF001 - the plants are part of the simulation

    def borrowed(tracker: Any, words: Any) -> None:
        let(tracker, words)
        if tracker.kind == "jira":
            town.use_account_of("Maya", tracker)

    said = mock.patch.object(speech, "OF_THE_RELEASE", ("ask", "close"))
    let_speak = mock.patch.object(town, "_let_speak", borrowed)
    return _spoken(calm(), said, let_speak, replaced(facts, "_spoken", wrong))


PLANTS_SAID: dict[str, Callable[[], Any]] = {
    it.__name__: it
    for it in (
        answer_without_a_noted_try,
        heard_before_it_is_kept,
        an_edit_takes_nothing_back,
        unreadable_comments_taken_for_none,
        own_comments_heard,
    )
}
