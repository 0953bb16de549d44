"""The fields of many sound products as a line of CSV has them, column by column.

A line that is put together of them is the one that `format_line` writes: a sound product holds nothing that is
quoted for any other reason than a comma or a quote.
"""

from __future__ import annotations

from collections.abc import Sequence

from tracker_tui.model.many_products import ProductColumns, columns_of
from tracker_tui.model.records import Product
from tracker_tui.model.rules import PRODUCT_COLUMNS, join_set
from tracker_tui.model.soundness import Soundness


class ManyFields:
    """Writes products of which each is sound."""

    def __init__(self) -> None:
        self._sets = _Sets()

    def of(self, columns: ProductColumns) -> dict[str, Sequence[str]]:
        """Return the fields of products, quoted where they must be, by column of `inventory.txt`."""
        return {
            "id": quoted_all(columns.ids),
            "name": quoted_all(columns.names),
            "price": list(map(str, columns.prices)),
            "quantity": list(map(str, columns.quantities)),
            "categories": list(map(self._sets.__getitem__, columns.categories)),
            "reorder_level": [str(level) if level else "" for level in columns.reorder_levels],
            "barcodes": [_code(codes) if codes else "" for codes in columns.barcodes],
            "cost": [str(cost) if cost is not None else "" for cost in columns.costs],
        }


class ManyLines:
    """Writes lines of `inventory.txt` in the program's own order of columns.

    Args:
        decimals: The shop's decimals.
    """

    def __init__(self, decimals: int) -> None:
        self._is_sound = Soundness({}, decimals)
        self._fields = ManyFields()

    def of(self, products: Sequence[Product]) -> list[bytes]:
        """Return the line of each of some products, without its newline; none if one of them may not be sound."""
        columns = columns_of(products)
        if not self._is_sound.of_all(columns):
            return []
        fields = self._fields.of(columns)
        rows = zip(*[fields[column] for column in PRODUCT_COLUMNS], strict=True)
        return "\n".join(map(",".join, rows)).encode().split(b"\n")


class _Sets(dict[frozenset[str], str]):
    """The text of each set that was met."""

    def __missing__(self, parts: frozenset[str]) -> str:
        text = self[parts] = quoted(join_set(parts))
        return text


def _code(codes: frozenset[str]) -> str:
    return "".join(codes) if len(codes) == 1 else join_set(codes)


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
