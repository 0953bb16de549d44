"""Many products as lines of CSV, put together column by column.

Such a line is the one that `format_line` writes: a field is quoted where it holds a comma or a quote, and what holds a
line break is left to it, which refuses that.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from tracker_tui.model.many_products import ProductColumns, columns_of
from tracker_tui.model.money import written
from tracker_tui.model.records import Product
from tracker_tui.model.rules import PRODUCT_COLUMNS, join_set
from tracker_tui.storage.codec import LONGEST_LINE


class ManyFields:
    """Writes products as the fields of lines."""

    def __init__(self) -> None:
        self._sets = _Sets()

    def of(self, columns: ProductColumns) -> dict[str, Sequence[str]]:
        """Return the fields of products, quoted where they must be, by column of `inventory.txt`."""
        return {
            "id": quoted_all(columns.ids),
            "name": quoted_all(columns.names),
            "price": _amounts(columns.prices),
            "quantity": list(map(str, columns.quantities)),
            "categories": list(map(self._sets.__getitem__, columns.categories)),
            "reorder_level": [str(level) if level else "" for level in columns.reorder_levels],
            "barcodes": quoted_all(
                ["".join(codes) if len(codes) < 2 else join_set(codes) for codes in columns.barcodes]
            ),
            "cost": _amounts(columns.costs),
        }


def many_lines(products: Sequence[Product]) -> list[bytes]:
    """Return the line of each of some products in `inventory.txt`, in the program's own order of columns.

    They come without newlines; none if one of the products must be written by itself.
    """
    columns = columns_of(products)
    if any(columns.extras):
        return []
    fields = ManyFields().of(columns)
    text = "\n".join(map(",".join, zip(*[fields[column] for column in PRODUCT_COLUMNS], strict=True)))
    if "\r" in text or "\0" in text:
        return []
    lines = text.encode().split(b"\n")
    return lines if len(lines) == len(products) and max(map(len, lines)) < LONGEST_LINE else []


class _Sets(dict[frozenset[str], str]):
    """The text of each set that was met."""

    def __missing__(self, parts: frozenset[str]) -> str:
        text = self[parts] = quoted(join_set(parts))
        return text


def _amounts(amounts: Sequence[Decimal | None]) -> Sequence[str]:
    """Write amounts as the files hold them, empty where there is none; few would be written with an exponent."""
    texts = ["" if amount is None else str(amount) for amount in amounts]
    if "E" in "".join(texts):
        return ["" if amount is None else written(amount) for amount in amounts]
    return texts


def quoted_all(texts: Sequence[str]) -> Sequence[str]:
    """Return fields, quoted where they must be."""
    joined = "".join(texts)
    return list(map(quoted, texts)) if "," in joined or '"' in joined else texts


def quoted(text: str) -> str:
    """Return a field, quoted where it holds a comma or a quote."""
    if "," in text or '"' in text:
        doubled = text.replace('"', '""')
        return f'"{doubled}"'
    return text
