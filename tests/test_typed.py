"""What stands for `typing` while the program runs."""

from __future__ import annotations

import copy
import pickle
import typing

from tracker_tui import typed
from tracker_tui.model.tally import Ranked
from tracker_tui.tuples import NamedTuple

Thing = typed.TypeVar("Thing", int, str)


class Box(typed.Generic[Thing]):
    """A class of something."""


class Pair(NamedTuple, typed.Generic[Thing]):
    """A tuple of something."""

    one: Thing
    other: Thing


def test_every_word_is_one_of_typing() -> None:
    words = {name for name, kind in vars(typed).items() if isinstance(kind, type) and name[0] != "_"}
    assert {"Final", "Generic", "Protocol", "TypeVar"} <= words
    assert words - {"GenericAlias"} <= set(typing.__all__)


def test_generic_classes_are_made_as_usual() -> None:
    assert isinstance(Box[int](), Box)
    assert Pair[int](1, 2) == Pair(1, 2) == copy.copy(Pair(1, 2)) == (1, 2)
    assert pickle.loads(pickle.dumps(Pair(1, other=2))).other == 2


def test_values_of_a_literal_are_told() -> None:
    assert typing.get_args(Ranked) == ("purchases", "total", "last")
