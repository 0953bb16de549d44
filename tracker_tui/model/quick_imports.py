"""The plain rows of a table that is imported, many at a time.

What is not plain is left to `imports`, which looks at each row by itself and says what is wrong with it. Both ways
must agree on a plain row: what it becomes here is looked at once more by `Soundness`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final
from unicodedata import is_normalized

from tracker_tui.model.import_tables import ImportRow
from tracker_tui.model.many_products import ProductColumns, columns_of, products_of
from tracker_tui.model.records import Product, Settings
from tracker_tui.model.rules import PRODUCT_COLUMNS, parse_product
from tracker_tui.model.soundness import Soundness, codes_of
from tracker_tui.model.state import Snapshot
from tracker_tui.model.text import normal

BLANK_LEAVES: Final = ("name", "price", "quantity")
"""Fields that an empty cell leaves as they are: a product cannot be without."""
_NO_CODES: Final[frozenset[str]] = frozenset()

# Neither of the two can be in a sound product: a new one must have a name and a price.
_NONE: Final = Product(id="", name="", price=None, quantity=0)  # type: ignore[arg-type]
"""Stands where a product is new."""


class Sorted:
    """What the rows so far become.

    Attributes:
        owners: Product id by barcode, for the codes that are taken.
        lines: Number of its line by product id.
        new: Products that the shop does not have.
        changed: Products that it has, as they shall be.
        unchanged: Ids of those that are so already.
    """

    def __init__(self, owners: dict[str, str]) -> None:
        self.owners = owners
        self.lines: dict[str, int] = {}
        self.new: list[Product] = []
        self.changed: list[Product] = []
        self.unchanged: list[str] = []


class _Read(dict[str, Any]):
    """What the cells of one column mean; each text is read once, as many rows share a price or a category."""

    def __init__(self, read: Callable[[str], object]) -> None:
        super().__init__()
        self._read = read

    def __missing__(self, text: str) -> object:
        value = self[text] = self._read(text)
        return value


class QuickRows:
    """Takes rows that are plain.

    Args:
        columns: Where each field of a product stands, `id` among them.
        width: How many cells a row has.
        shop: The shop as it stands.
        found: Where to put what they become.
    """

    def __init__(self, columns: Mapping[str, int], width: int, shop: Snapshot, found: Sorted) -> None:
        self._width = width
        self._shelf = shop.goods.shelf
        self._found = found
        self._is_sound = Soundness(found.owners, shop.settings.decimals)
        self._id = columns["id"]
        self._places = [columns.get(field) for field in PRODUCT_COLUMNS]
        self._read: dict[str, Callable[[str], object]] = {
            field: _Read(_reader(field, shop.settings)).__getitem__ for field in PRODUCT_COLUMNS[2:]
        }

    def take(self, rows: Sequence[ImportRow]) -> bool:
        """Take rows all at once; False = nothing was taken, and each must be looked at by itself."""
        lines, cells, faults = zip(*rows, strict=True)
        if any(faults) or {*map(len, cells)} != {self._width}:
            return False
        table = list(zip(*cells, strict=True))
        found = self._found
        try:
            ids = _texts(table[self._id])
            if len({*ids}) < len(ids) or not found.lines.keys().isdisjoint(ids):
                return False
            before = self._shelf.some(ids)
            columns = self._columns(ids, table, before)
        except ValueError:
            return False
        if not self._take(columns, before):
            return False
        found.lines.update(zip(ids, lines, strict=True))
        return True

    def _columns(
        self, ids: Sequence[str], table: Sequence[Sequence[str]], before: Sequence[Product | None]
    ) -> ProductColumns:
        """Read all fields.

        Raises:
            ValueError: One of the cells cannot be read, or is not plain.
        """
        was = columns_of([_NONE if product is None else product for product in before])
        columns: list[Sequence[Any]] = [ids]
        for field, place, old in zip(PRODUCT_COLUMNS[1:], self._places[1:], was[1:-1], strict=True):
            if place is None:
                columns.append(old)
                continue
            texts = table[place]
            read = self._values(field, texts)
            if field in BLANK_LEAVES and not all(map(str.strip, texts)):
                read = [
                    value if text.strip() else kept
                    for text, value, kept in zip(texts, read, old, strict=True)
                ]
            columns.append(read)
        return ProductColumns._make([*columns, was.extras])

    def _values(self, field: str, texts: Sequence[str]) -> Sequence[Any]:
        """Read the cells of one field; what an empty one becomes that leaves the field means nothing.

        Raises:
            ValueError: One of them cannot be read, or is not plain.
        """
        if field == "name":
            return _texts(texts)
        if field == "barcodes":
            joined = "".join(texts)
            if joined.isalnum() and joined.isascii():
                return [frozenset((text,)) if text else _NO_CODES for text in texts]
        return list(map(self._read[field], texts))

    def _take_new(self, columns: ProductColumns, products: list[Product]) -> bool:
        """Take products that the shop does not have, if they are sound."""
        codes = codes_of(columns)
        if codes is None or not self._is_sound.of_all(columns):
            return False
        self._found.owners.update(codes)
        self._found.new += products
        return True

    def _take(self, columns: ProductColumns, before: Sequence[Product | None]) -> bool:
        """Sort products into what they are, if they are sound."""
        products = products_of(columns)
        if not any(before):
            return self._take_new(columns, products)
        both = list(zip(products, before, strict=True))
        touched = [product for product, was in both if product != was]
        if len(touched) < len(products):
            columns = columns_of(touched) if touched else columns
        found, codes = self._found, codes_of(columns) if touched else {}
        if codes is None or (touched and not self._is_sound.of_all(columns)):
            return False
        found.owners.update(codes)
        found.new += [product for product, was in both if was is None]
        found.changed += [product for product, was in both if was is not None and product != was]
        found.unchanged += [product.id for product, was in both if product == was]
        return True


def _texts(cells: Sequence[str]) -> Sequence[str]:
    """Return cells as texts are stored.

    Raises:
        ValueError: One of them may have been defused for a spreadsheet.
    """
    joined = "\n".join(cells)
    if "\n'" in joined or joined.startswith("'"):
        raise ValueError("look at each")
    composed = joined.isascii() or is_normalized("NFC", joined)
    return list(map(str.strip if composed else normal, cells))


def _reader(field: str, settings: Settings) -> Callable[[str], object]:
    """Return what reads a cell of a field; ValueError where it must be looked at by itself."""

    def read(cell: str) -> object:
        if cell.startswith("'") or (field == "barcodes" and "+" in cell):
            raise ValueError("look at each")
        if field in BLANK_LEAVES and not cell.strip():
            return None
        found, problems = parse_product({field: cell}, settings)
        if problems:
            raise ValueError("look at each")
        return found[field]

    return read
