"""Orders that products and customers share: by id, as people do, and by a text."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from tracker_tui.model.chosen import Sort
from tracker_tui.model.shelf import Shelf
from tracker_tui.model.table_rows import TEXT_END, Row
from tracker_tui.model.text import folded
from tracker_tui.typed import Final

_LONGEST_NUMBER: Final = 16
_BEHIND_NUMBERS: Final[int] = 10**_LONGEST_NUMBER
"""Larger than any id that counts as a number."""


def natural(text: str) -> tuple[int, int, str]:
    """Order ids as people do: numbers by value, before the others."""
    return (0, int(text), "") if _is_number(text) else (1, 0, folded(text))


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < _LONGEST_NUMBER


def by_text(field: int, of: Callable[[Row], str]) -> Sort[Row]:
    """Return the order by one of the fields that a search looks at, in any case.

    Args:
        field: Which of them, from 0.
        of: The field of a row.
    """

    def folded_of(row: Row) -> str:
        return folded(of(row))

    return Sort(folded_of, lambda shelf: texts_of(shelf, field, folded_of))


def by_name(of: Callable[[Row], str]) -> Sort[Row]:
    """Return the order by the name, which is the second field that a search looks at, in any case.

    Args:
        of: The name of a row.
    """

    def ranks_of(shelf: Shelf[Row]) -> Sequence[int] | None:
        rows = shelf.rows
        known = rows.name_ranks()
        if known is None:
            return None
        found = [*known, *[-1] * len(shelf.new)]
        for place, row in shelf.changed.items():
            if row is not None and not (
                place < rows.length and folded(rows.named([place])[0][1]) == folded(of(row))
            ):
                found[place] = -1
        return found

    return by_text(1, of)._replace(ranks=ranks_of)


def by_id() -> Sort[Row]:
    """Return the order by the id, which is the first field that a search looks at."""

    def all_of(shelf: Shelf[Row]) -> Sequence[int]:
        texts = texts_of(shelf, 0, lambda row: folded(row.id))
        together = "".join(texts)
        if together.isascii() and together.isdecimal() and max(map(len, texts)) < _LONGEST_NUMBER:
            return [int(text or 0) for text in texts]
        rank = ranks(text for text in texts if not _is_number(text))
        return [int(text) if _is_number(text) else _BEHIND_NUMBERS + rank[text] for text in texts]

    return Sort(lambda row: natural(row.id), all_of)


def texts_of(shelf: Shelf[Row], field: int, of: Callable[[Row], str]) -> list[str]:
    """Return one field of the texts of all rows, by place; what is no row has any text.

    Args:
        shelf: The shelf.
        field: Which of the fields that a search looks at, from 0.
        of: The same field, folded, of a row that has changed.
    """
    found: list[str] = []
    for stretch in shelf.rows.texts:
        parts = stretch.text.split(TEXT_END)
        try:
            found += [part.split("\n", field + 1)[field] for part in parts]
        except IndexError:
            found += [[*part.split("\n", field + 1), *[""] * field][field] for part in parts]
    found += [""] * (shelf.rows.length + len(shelf.new) - len(found))
    for place, row in shelf.changed.items():
        if row is not None:
            found[place] = of(row)
    return found


def some_texts(
    shelf: Shelf[Row], field: int, of: Callable[[Row], str], places: Sequence[int]
) -> dict[int, str]:
    """Return one field of the texts of some rows by place, as `texts_of` has them.

    Args:
        shelf: The shelf.
        field: Which of the fields that a search looks at, from 0.
        of: The same field, folded, of a row that has changed.
        places: Places of rows, ascending.
    """
    found: dict[int, str] = {}
    changed, at = shelf.changed, 0
    for stretch in [*shelf.rows.texts, None]:
        parts = stretch.text.split(TEXT_END) if stretch is not None else []
        end = stretch.start + len(parts) if stretch is not None else None
        while at < len(places) and (end is None or places[at] < end):
            place = places[at]
            row = changed.get(place)
            if row is not None:
                found[place] = of(row)
            elif stretch is not None:
                found[place] = parts[place - stretch.start].split("\n", field + 1)[field]
            at += 1
    return found


def ranks(texts: Iterable[str]) -> dict[str, int]:
    """Return the rank of each of some texts among them."""
    return {text: rank for rank, text in enumerate(sorted(set(texts)))}
