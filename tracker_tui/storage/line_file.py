"""The file `.tracker/lines`: the lines of the sales up to some entry, as columns of numbers.

All of it is derived, as `.tracker/history` is, and made anew from the logs where it does not fit. A first line of
JSON says what it was made of and where each section stands; of the columns only the days that are asked for are read.
"""

from __future__ import annotations

import json
from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import accumulate, pairwise
from typing import Any, Final
from zlib import crc32

from tracker_tui.errors import StorageError
from tracker_tui.model.sale_columns import ENTRY_COLUMNS, LINE_COLUMNS, Numbers, SaleColumns
from tracker_tui.storage.history_file import Unfit

FORM: Final = 1
"""Another form of this file is made anew."""

CODES: Final[Mapping[str, str]] = {
    "numbers": "Q",
    "days": "I",
    "seconds": "I",
    "clerks": "I",
    "people": "I",
    "payments": "I",
    "kinds": "B",
    "units": "q",
    "money": "q",
    "counts": "I",
    "products": "I",
    "quantities": "q",
    "totals": "q",
}
"""The kind of number in each column of `SaleColumns`."""

_SPARSE: Final[Mapping[str, str]] = {
    "tax_at": "I",
    "tax": "q",
    "off_shelf": "I",
    "cost_of": "I",
    "cost_from": "Q",
    "cost": "q",
    "category_set": "I",
}
_NUMBERED: Final = ("clerk", "person", "payment", "product")
_NAMES: Final = ("person_names", "product_names")
_SETS: Final = "category_sets"
_TEXTS: Final = (*_NUMBERED, *_NAMES, _SETS)
_END: Final = "\0"
_HEAD_BYTES: Final = 64


def empty_columns(places: int) -> SaleColumns:
    """Return columns that are filled with many lines, and written."""
    columns = SaleColumns(places)
    for name, code in CODES.items():
        setattr(columns, name, array(code))
    return columns


def write_lines(columns: SaleColumns, about: Mapping[str, Any]) -> bytes:
    """Return the file.

    Args:
        columns: All lines; made by `empty_columns`.
        about: What they were made of; anything that JSON can say.
    """
    taxes = sorted(columns.taxes.items())
    costs = [
        (product, number, cost)
        for product, (numbers, amounts) in sorted(columns.costs.items())
        for number, cost in zip(numbers, amounts, strict=True)
    ]
    sparse = {
        "tax_at": [at for at, _ in taxes],
        "tax": [tax for _, tax in taxes],
        "off_shelf": sorted(columns.off_shelf),
        "cost_of": [product for product, _, _ in costs],
        "cost_from": [number for _, number, _ in costs],
        "cost": [cost for _, _, cost in costs],
    }
    sets = Numbers()
    sparse["category_set"] = [
        sets["|".join(sorted(columns.categories.get(product, ())))]
        for product in range(len(columns.product_of))
    ]
    blobs = {name: array(code, getattr(columns, name)).tobytes() for name, code in CODES.items()}
    blobs |= {name: array(code, sparse[name]).tobytes() for name, code in _SPARSE.items()}
    for name in _NUMBERED:
        blobs[name] = _blob(getattr(columns, f"{name}_of"))
    for name in _NAMES:
        names: dict[int, str] = getattr(columns, name)
        of: Numbers = getattr(columns, f"{name.removesuffix('_names')}_of")
        blobs[name] = _blob(names.get(number, "") for number in range(len(of)))
    blobs[_SETS] = _blob(sets)
    ends = accumulate(map(len, blobs.values()), initial=0)
    sections = {name: (start, end - start) for name, (start, end) in zip(blobs, pairwise(ends), strict=True)}
    in_order = all(a <= b for a, b in pairwise(columns.days))
    said = {**about, "form": FORM, "places": columns.places, "in_order": in_order, "sections": sections}
    body = json.dumps(said).encode("ascii")
    return b"".join([b"%08x %d " % (crc32(body), len(body)), body, b"\n", *blobs.values()])


def _blob(texts: Iterable[str]) -> bytes:
    return "".join(f"{text}{_END}" for text in texts).encode("utf-8", "surrogatepass")


class LineFile:
    """An open file of lines.

    Attributes:
        about: What `write_lines` was told, and more.

    Args:
        read_at: Reads so many bytes of it from a place on.
        size: Its bytes.
    """

    def __init__(self, read_at: Callable[[int, int], bytes], size: int) -> None:
        """Read the first line.

        Raises:
            Unfit: It is no such file, of another form, or not whole.
        """
        self._read_at = read_at
        try:
            crc, length = read_at(0, _HEAD_BYTES).split(b" ", 2)[:2]
            begin = len(crc) + len(length) + 2
            body = read_at(begin, min(int(length), size))
            if crc32(body) != int(crc, 16):
                raise Unfit
            self.about: dict[str, Any] = json.loads(body)
            self._begin = begin + int(length) + 1
            sections = {name: (int(at), int(of)) for name, (at, of) in self.about["sections"].items()}
            if self.about["form"] != FORM or {*sections} != {*CODES, *_SPARSE, *_TEXTS}:
                raise Unfit
        except (ValueError, IndexError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise Unfit from error
        self._sections = sections
        if self._begin + sum(of for _, of in sections.values()) != size:
            raise Unfit

    def _section(self, name: str, code: str, start: int = 0, stop: int | None = None) -> array[Any]:
        part = array(code)
        at, length = self._sections[name]
        first = start * part.itemsize
        last = length if stop is None else stop * part.itemsize
        data = self._read_at(self._begin + at + first, last - first)
        if len(data) != last - first:
            raise StorageError(".tracker/lines: was changed by another program just now; try again")
        part.frombytes(data)
        return part

    def _texts(self, name: str) -> list[str]:
        at, length = self._sections[name]
        return self._read_at(self._begin + at, length).decode("utf-8", "surrogatepass").split(_END)[:-1]

    def columns(self, since: int, until: int) -> SaleColumns:
        """Return the sales of some days.

        Args:
            since: First day, counted from the year 1.
            until: Last day.

        Raises:
            StorageError: The file was changed meanwhile.
        """
        columns = SaleColumns(int(self.about["places"]))
        days = self._section("days", CODES["days"])
        in_order = bool(self.about["in_order"])
        first = bisect_left(days, since) if in_order else 0
        last = max(first, bisect_left(days, until + 1)) if in_order else len(days)
        counts = self._section("counts", CODES["counts"], 0, last)
        first_line = sum(counts[:first])
        last_line = first_line + sum(counts[first:last])
        for name in ENTRY_COLUMNS:
            setattr(columns, name, self._section(name, CODES[name], first, last))
        for name in LINE_COLUMNS:
            setattr(columns, name, self._section(name, CODES[name], first_line, last_line))
        self._fill_sparse(columns, first_line, last_line)
        self._fill_texts(columns)
        if not in_order:
            outside = {
                n for n, d in zip(columns.numbers, columns.days, strict=True) if not since <= d <= until
            }
            columns.without(outside)
        return columns

    def _fill_sparse(self, columns: SaleColumns, first: int, last: int) -> None:
        sparse = {name: self._section(name, code) for name, code in _SPARSE.items()}
        places: Sequence[int] = sparse["tax_at"]
        start, stop = bisect_left(places, first), bisect_left(places, last)
        at = (place - first for place in places[start:stop])
        columns.taxes = dict(zip(at, sparse["tax"][start:stop], strict=True))
        columns.off_shelf = {place - first for place in sparse["off_shelf"] if first <= place < last}
        for product, number, cost in zip(sparse["cost_of"], sparse["cost_from"], sparse["cost"], strict=True):
            columns.note_cost(product, number, cost)

    def _fill_texts(self, columns: SaleColumns) -> None:
        for name in _NUMBERED:
            setattr(columns, f"{name}_of", Numbers(self._texts(name)))
        for name in _NAMES:
            setattr(columns, name, {at: text for at, text in enumerate(self._texts(name)) if text})
        sets = [frozenset(text.split("|")) if text else frozenset[str]() for text in self._texts(_SETS)]
        of = self._section("category_set", _SPARSE["category_set"])
        columns.categories = {product: sets[number] for product, number in enumerate(of) if number}
