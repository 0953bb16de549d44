"""Tuples with names are what `typing` makes, only sooner."""

from __future__ import annotations

import copy
import inspect
import pickle
import typing
from typing import Any, Generic, TypeVar

import pytest

from tracker_tui.model.records import Problem
from tracker_tui.tuples import NamedTuple

T = TypeVar("T")


class Point(NamedTuple):
    """A point."""

    across: int
    down: int = 2

    def far(self) -> int:
        """Return how far it is."""
        return self.across + self.down


class Pair(NamedTuple, Generic[T]):
    one: T
    other: T


class Nothing(NamedTuple):
    pass


class Usual(typing.NamedTuple):
    across: int
    down: int = 2


def test_items_are_given_by_place_by_name_or_not_at_all() -> None:
    assert Point(1) == Point(across=1) == Point(down=2, across=1) == (1, 2)
    assert (Point(3, 4).across, Point(3, 4).down, Point(3, 4).far()) == (3, 4, 7)
    assert Nothing() == ()


def _made(name: str, space: dict[str, object]) -> Any:  # noqa: ANN401 - a class that no checker knows
    kind: Any = type(Point)
    return kind(name, (NamedTuple,), space)


@pytest.mark.parametrize(
    ("items", "named"), [((), {}), ((1, 2, 3), {}), ((1,), {"across": 1}), ((1,), {"up": 1})]
)
def test_too_few_too_many_and_unknown_items_are_refused(
    items: tuple[int, ...], named: dict[str, int]
) -> None:
    fresh = _made("Point", {"__annotations__": {"across": int, "down": int}, "down": 2})
    for _ in range(2):  # By the first constructor, and by the one that it leaves.
        with pytest.raises(TypeError):
            fresh(*items, **named)


def test_it_tells_of_itself_what_the_usual_one_tells() -> None:
    ours, usual = Point(1), Usual(1)
    assert ours._asdict() == usual._asdict()
    assert tuple(ours._replace(down=5)) == tuple(usual._replace(down=5))
    assert repr(ours) == repr(usual).replace("Usual", "Point")
    for name in ("_fields", "_field_defaults", "__match_args__", "__slots__"):
        assert getattr(Point, name) == getattr(Usual, name), name
    assert (Point.__module__, Point.__qualname__, Point.__doc__) == (__name__, "Point", "A point.")
    assert not hasattr(ours, "__dict__")


def test_its_signature_is_known_before_its_first_value() -> None:
    fresh = _made("Point", {"__annotations__": {"across": "int", "down": "int"}, "down": 2})
    before = inspect.signature(fresh)
    assert fresh(1) == (1, 2)
    assert str(before) == str(inspect.signature(fresh)) == "(across: 'int', down: 'int' = 2)"


def test_it_is_taken_apart_copied_and_pickled() -> None:
    match Point(3, 4):
        case Point(across, down):
            assert (across, down) == (3, 4)
    problem = Problem("inventory.txt", 3, "wrong")
    for made in (copy.copy(problem), copy.deepcopy(problem), pickle.loads(pickle.dumps(problem))):
        assert type(made) is Problem
        assert made == problem


def test_what_is_replaced_must_be_there() -> None:
    with pytest.raises(TypeError, match="Point has no up"):
        Point(1)._replace(up=1)  # type: ignore[call-arg]  # that is what is tried


def test_it_may_be_of_several_types() -> None:
    pair: Pair[str] = Pair("a", "b")
    assert Pair[str] is not Pair
    assert pair == ("a", "b")


def test_a_field_without_a_default_behind_one_with_is_refused() -> None:
    with pytest.raises(TypeError, match="a field without a default"):
        _made("Wrong", {"__annotations__": {"one": int, "two": int}, "one": 1})
