"""The simulation's own tools: a mistake that does not fit is told at once, and the shelf knows all of the store."""

from __future__ import annotations

from collections import Counter
from types import SimpleNamespace

import pytest

from syncd.store.store import Store
from tests.simulation import planting, shelf
from tests.simulation.planting import UnfitError, replaced


class Right:
    def told(self, name: str, *, loud: bool = False) -> str:
        return name.upper() if loud else name


def test_a_mistake_takes_the_place_of_what_is_right_and_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(planting, "calls", Counter())

    def wrong(_: Right, name: str, *, loud: bool = False) -> str:
        return f"{name} {loud}"

    with replaced(Right, "told", wrong):
        assert "Right.told" in planting.unused()
        assert Right().told("a", loud=True) == "a True"
        assert "Right.told" not in planting.unused()
    assert Right().told("a", loud=True) == "A"


def test_a_mistake_with_other_parameters_than_the_right_one_does_not_fit() -> None:
    def wrong(_: Right, name: str) -> str:
        return name

    with pytest.raises(UnfitError, match=r"Right\.told"), replaced(Right, "told", wrong):
        pass


def test_a_mistake_in_the_place_of_what_is_gone_does_not_fit() -> None:
    with pytest.raises(UnfitError, match=r"Right\.heard is gone"), replaced(Right, "heard", Right.told):
        pass


def test_a_mistake_that_stumbles_over_what_it_is_given_is_no_fault_of_a_tracker() -> None:
    def wrong(_: Right, name: str, *, loud: bool = False) -> str:
        return str(SimpleNamespace(name=name, loud=loud).absent)

    with replaced(Right, "told", wrong), pytest.raises(UnfitError, match="AttributeError"):
        Right().told("a")


def test_the_shelf_knows_what_each_method_of_the_store_may_change() -> None:
    methods = {name for name in dir(Store) if not name.startswith("_")} - {"close"}
    assert shelf.READS | shelf.SPOILS.keys() | shelf.RIGHTS == methods
