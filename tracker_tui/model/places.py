"""Places of very many rows, as the bits of one number: 12 kB where 100,000 rows are looked at."""

from __future__ import annotations

from array import array
from collections.abc import Collection, Iterator, Sequence
from functools import cached_property
from itertools import compress
from typing import Final, overload

_FIRST: Final = (1 << 4096) - 1
"""So many of the first places are looked at before all are: a screen shows no more."""
_ONES: Final = bytes(digit == ord("1") for digit in range(256))


def bits_of(places: Collection[int]) -> int:
    """Return places as the bits of one number."""
    held = bytearray((max(places, default=0) >> 3) + 1)
    for place in places:
        held[place >> 3] |= 1 << (place & 7)
    return int.from_bytes(held, "little")


def places_of(bits: int) -> array[int]:
    """Return the places of the bits that are set, ascending."""
    digits = bin(bits)[:1:-1].encode()
    return array("I", compress(range(len(digits)), digits.translate(_ONES)))


class BitPlaces(Sequence[int]):
    """Places, ascending; how many they are and which come first is told without making a number of each.

    Attributes:
        bits: The bits that are set are the places.
    """

    __slots__ = ("__dict__", "bits")

    def __init__(self, bits: int) -> None:
        self.bits = bits

    @cached_property
    def _length(self) -> int:
        return self.bits.bit_count()

    @cached_property
    def _first(self) -> array[int]:
        return places_of(self.bits & _FIRST)

    @cached_property
    def _all(self) -> array[int]:
        return places_of(self.bits)

    def __len__(self) -> int:
        return self._length

    @overload
    def __getitem__(self, index: int) -> int: ...
    @overload
    def __getitem__(self, index: slice) -> array[int]: ...
    def __getitem__(self, index: int | slice) -> int | array[int]:
        """Return one of the places, or those of a slice."""
        if isinstance(index, int) and 0 <= index < len(self._first):
            return self._first[index]
        return self._all[index]

    def __iter__(self) -> Iterator[int]:
        return iter(self._all)

    def __contains__(self, place: object) -> bool:
        return isinstance(place, int) and place >= 0 and bool(self.bits >> place & 1)

    def changed(self, out: Collection[int], into: Collection[int]) -> BitPlaces:
        """Return these places without some, and then with some others."""
        return BitPlaces(self.bits & ~bits_of(out) | bits_of(into))
