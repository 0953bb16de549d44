"""What modules take from `typing` while they run, in a tenth of the time that `typing` takes to load.

A sale on the command line lasts four times as long as the start of the interpreter; to load `typing` took a third
of one start. Nothing asks at run time what these stand for. To the type checker they are the usual ones; what is made
of Textual's own generic classes takes them from `typing`.
"""

from __future__ import annotations

TYPE_CHECKING = False

if TYPE_CHECKING:
    from typing import Any as Any  # noqa: PLC0414 - this one and the others are asked for here by all
    from typing import Final as Final  # noqa: PLC0414
    from typing import Generic as Generic  # noqa: PLC0414
    from typing import Literal as Literal  # noqa: PLC0414
    from typing import Protocol as Protocol  # noqa: PLC0414
    from typing import Self as Self  # noqa: PLC0414
    from typing import TypeAlias as TypeAlias  # noqa: PLC0414
    from typing import TypeVar as TypeVar  # noqa: PLC0414
    from typing import overload as overload  # noqa: PLC0414
else:
    from types import GenericAlias

    class _Word:
        """A word of type hints, alone or with others in brackets."""

        __slots__ = ()

        def __class_getitem__(cls, _items: object) -> type[_Word]:
            return cls

    class Any(_Word):
        """Of any type."""

    class Final(_Word):
        """Never set again."""

    class Generic(_Word):
        """A class of something."""

        __slots__ = ()

    class Literal:
        """One of some values; `typing.get_args` tells which."""

        __class_getitem__ = classmethod(GenericAlias)

    class Protocol(_Word):
        """What others must be able to do."""

        __slots__ = ()

    class Self(_Word):
        """Of the same class."""

    class TypeAlias(_Word):
        """Another name."""

    class TypeVar:
        """Something, in a class or function of it."""

        def __init__(self, name: str, *_choices: object, **_options: object) -> None:
            self.__name__ = name

    def overload(function: object) -> object:
        """Tell the type checker one of several ways to call a function."""
        return function
