"""`NamedTuple` as the program uses it: what `typing` makes, in a fifth of the time.

`typing.NamedTuple` compiles a constructor for each class while its module is loaded; for the fifty classes that a sale
on the command line loads, that took more than half as long as the start of the interpreter. Here a class gets the
same constructor when its first value is made, and shares its other methods. To the type checker it is the usual one.
"""

from __future__ import annotations

from tracker_tui.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from inspect import Signature
    from typing import Any, Self
    from typing import NamedTuple as NamedTuple  # noqa: PLC0414 - asked for here by others
else:
    from collections import namedtuple

    _Field = type(namedtuple("_Any", "item").item)  # noqa: PYI024 - made for this attribute alone
    """Reads one item of a tuple; quicker than a `property`."""

    class _Kind(type):
        """Makes the classes: a field for each annotation; what stands beside it is its default."""

        def __new__(cls, name: str, bases: tuple[type, ...], space: dict[str, Any]) -> _Kind:
            fields = tuple(space.get("__annotations__", ()))
            defaults = {field: space[field] for field in fields if field in space}
            if tuple(defaults) != fields[len(fields) - len(defaults) :]:
                raise TypeError(f"{name}: a field without a default follows one that has one")
            getters = {field: _Field(place, field) for place, field in enumerate(fields)}
            known = {
                "__slots__": (),
                "__match_args__": fields,
                "_fields": fields,
                "_field_defaults": defaults,
            }
            return super().__new__(cls, name, bases, {**space, **getters, **known})

        @property
        def __signature__(cls) -> Signature:
            """What the constructor takes, also while it is not made yet."""
            from inspect import Parameter, Signature  # noqa: PLC0415 - slow to load, and for people alone

            kind, missing = Parameter.POSITIONAL_OR_KEYWORD, Parameter.empty
            types, defaults = cls.__annotations__, cls._field_defaults
            return Signature(
                [
                    Parameter(name, kind, default=defaults.get(name, missing), annotation=types[name])
                    for name in cls._fields
                ]
            )

    class NamedTuple(tuple, metaclass=_Kind):  # noqa: SLOT001 - its kind says that it has none
        """A tuple whose items have names."""

        def __new__(cls, /, *items: object, **named: object) -> Self:
            """Give the class its own constructor, and make its first value with it."""
            names = "".join(f"{field}, " for field in cls._fields)
            scope = {"__builtins__": {}, "_new": tuple.__new__}
            # As `collections` does it: nothing else is as quick where there are 100,000 values to make.
            make = eval(f"lambda _cls, {names}: _new(_cls, ({names}))", scope)
            make.__defaults__ = tuple(cls._field_defaults.values())
            cls.__new__ = make
            return make(cls, *items, **named)

        @classmethod
        def _make(cls, items: Iterable[Any]) -> Self:
            return cls(*items)

        def _replace(self, /, **changes: object) -> Self:
            made = tuple.__new__(type(self), map(changes.pop, self._fields, self))
            if changes:
                raise TypeError(f"{type(self).__name__} has no {', '.join(changes)}")
            return made

        def _asdict(self) -> dict[str, Any]:
            return dict(zip(self._fields, self, strict=True))

        def __repr__(self) -> str:
            """Write it as it would be made."""
            items = ", ".join(f"{name}={item!r}" for name, item in self._asdict().items())
            return f"{type(self).__name__}({items})"

        def __getnewargs__(self) -> tuple[Any, ...]:
            """Give `copy` and `pickle` the items."""
            return tuple(self)
