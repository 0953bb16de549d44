"""What an import of products would do: the rows of somebody's table against the shop as it stands.

The table comes from a spreadsheet or another program: columns in any order, under the names that people use.
A product that the shop has becomes as given by the columns that are there; the others are added.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple

from tracker_tui.errors import FieldProblem, Invalid
from tracker_tui.model.records import Product
from tracker_tui.model.rules import PRODUCT_COLUMNS, is_rounded_code, parse_product, product_problems
from tracker_tui.model.state import Snapshot
from tracker_tui.model.text import folded, normal

# fmt: off
_ALIASES: Final[Mapping[str, tuple[str, ...]]] = {
    "id": ("sku", "code", "product id", "product code", "stock code", "stockcode", "item", "article", "ref"),
    "name": ("product", "product name", "item name", "title", "description"),
    "price": ("unit price", "unitprice", "sale price", "selling price", "retail price"),
    "quantity": ("qty", "stock", "in stock", "on hand", "pieces", "count"),
    "categories": ("category", "group", "groups", "department"),
    "reorder_level": ("reorder", "reorder level", "reorder at", "min stock", "minimum"),
    "barcodes": ("barcode", "ean", "ean13", "upc", "gtin"),
    "cost": ("cost price", "unit cost", "purchase price", "buying price"),
}
# fmt: on
_DELIMITERS: Final = (",", ";", "\t")
_BLANK_LEAVES: Final = ("name", "price", "quantity")
"""Fields that an empty cell leaves as they are: a product cannot be without."""
_NEEDED: Final = ("name", "price")
_DEFUSED: Final = re.compile(r"'(?=[=+@\t\r-])")


class ImportRow(NamedTuple):
    """One row of the table.

    Attributes:
        line: Number of the line where it begins, from 1.
        cells: Its cells, in the order of the header.
    """

    line: int
    cells: tuple[str, ...]


class RefusedRow(NamedTuple):
    """A row that cannot be taken.

    Attributes:
        line: Number of its line, from 1.
        id: The product's id, as far as it could be read.
        reason: What is wrong with it.
    """

    line: int
    id: str
    reason: str


class ImportPlan(NamedTuple):
    """What an import does.

    Attributes:
        new: Products that the shop does not have.
        changed: Products that it has, as they shall be.
        unchanged: Ids of those that are so already.
        refused: Rows that cannot be taken.
        left_out: Columns of the table that nothing is made of.
    """

    new: tuple[Product, ...]
    changed: tuple[Product, ...]
    unchanged: tuple[str, ...]
    refused: tuple[RefusedRow, ...]
    left_out: tuple[str, ...]


def read_rows(text: str) -> tuple[tuple[str, ...], list[ImportRow]]:
    """Read a table whose fields are parted by commas, semicolons or tabs.

    Lines that begin with `#` and empty lines are passed over.

    Returns:
        The header and the rows under it.

    Raises:
        Invalid: It is no such table; the text says in which line.
    """
    header: tuple[str, ...] = ()
    rows: list[ImportRow] = []
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    line = 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells) and not cells[0].startswith("#"):
                if header:
                    rows.append(ImportRow(line, tuple(cells)))
                else:
                    header = tuple(cells)
            line = reader.line_num + 1
    except csv.Error as error:
        raise Invalid([FieldProblem(f"line {line}", f"not readable as a table: {error}")]) from error
    if not header:
        raise Invalid([FieldProblem("", "there is no table in the file")])
    return header, rows


def _delimiter(text: str) -> str:
    """Return what parts the header's fields: what makes most of them columns that are known."""
    lines = (line for line in text.split("\n") if line.strip() and not line.startswith(("#", '"#')))
    header = next(lines, "")
    return max(_DELIMITERS, key=lambda mark: len(_columns(header.replace('"', "").split(mark))))


def _columns(header: Sequence[str]) -> dict[str, int]:
    """Return where each field of a product stands; the contract's own name goes before others."""
    names = [re.sub(r"[\s_.-]+", " ", folded(name)).strip() for name in header]
    found: dict[str, int] = {}
    for field in PRODUCT_COLUMNS:
        for name in (field.replace("_", " "), *_ALIASES[field]):
            if name in names:
                found[field] = names.index(name)
                break
    return found


def plan_import(header: Sequence[str], rows: Iterable[ImportRow], shop: Snapshot) -> ImportPlan:
    """Say what an import of a table would do.

    Args:
        header: Names of the columns.
        rows: The rows under it.
        shop: The shop as it stands.

    Raises:
        Invalid: The header names no column of ids.
    """
    columns = _columns(header)
    if "id" not in columns:
        reason = f"the first line must name the columns, “id” among them; it is: {', '.join(header)}"
        raise Invalid([FieldProblem("", reason)])
    known = {name for product in shop.products.values() for name in product.extra}
    own = {
        name: place
        for place, name in enumerate(map(str.strip, header))
        if name in known and place not in columns.values()
    }
    taken = {*columns.values(), *own.values()}
    left_out = tuple(name.strip() for place, name in enumerate(header) if name.strip() and place not in taken)
    return _Planning(columns, own, len(header), shop).plan(rows, left_out)


class _Planning:
    """One pass over the rows."""

    def __init__(
        self, columns: Mapping[str, int], own: Mapping[str, int], width: int, shop: Snapshot
    ) -> None:
        self.columns = columns
        self.own = own
        self.width = width
        self.shop = shop
        self.owners = dict(shop.barcodes)
        self.lines: dict[str, int] = {}
        self.new: list[Product] = []
        self.changed: list[Product] = []
        self.unchanged: list[str] = []

    def plan(self, rows: Iterable[ImportRow], left_out: tuple[str, ...]) -> ImportPlan:
        """Sort the rows into what they do."""
        refused: list[RefusedRow] = []
        for row in rows:
            try:
                self._take(row)
            except ValueError as error:
                refused.append(RefusedRow(row.line, self._id(row), str(error)))
        return ImportPlan(
            tuple(self.new), tuple(self.changed), tuple(self.unchanged), tuple(refused), left_out
        )

    def _id(self, row: ImportRow) -> str:
        place = self.columns["id"]
        return normal(_DEFUSED.sub("", row.cells[place], count=1)) if place < len(row.cells) else ""

    def _take(self, row: ImportRow) -> None:
        cells = self._cells(row)
        product_id = self._id(row)
        if product_id in self.lines:
            raise ValueError(f"{product_id} is in the file twice, first in line {self.lines[product_id]}")
        before = self.shop.products.get(product_id)
        wanted = self._product(cells, product_id, before)
        if wanted == before:
            self.unchanged.append(product_id)
        else:
            problems = product_problems(wanted, (), self.owners, self.shop.settings.decimals)
            if problems:
                raise ValueError(_joined(problems))
            (self.changed if before is not None else self.new).append(wanted)
            self.owners.update(dict.fromkeys(wanted.barcodes, product_id))
        self.lines[product_id] = row.line

    def _cells(self, row: ImportRow) -> list[str]:
        cells = list(row.cells)
        while len(cells) > self.width and not cells[-1].strip():
            cells.pop()
        if len(cells) > self.width:
            raise ValueError(f"has {len(cells)} fields, the header has {self.width}")
        cells += [""] * (self.width - len(cells))
        return [_DEFUSED.sub("", cell, count=1) if cell.startswith("'") else cell for cell in cells]

    def _product(self, cells: Sequence[str], product_id: str, before: Product | None) -> Product:
        texts = {field: cells[place] for field, place in self.columns.items() if field != "id"}
        for field in _BLANK_LEAVES:
            if field in texts and not texts[field].strip() and (before is not None or field == "quantity"):
                del texts[field]
        if is_rounded_code(texts.get("barcodes", "").strip()):
            raise ValueError("barcodes: a spreadsheet made a rounded number of the code; format it as text")
        parsed, problems = parse_product(texts, self.shop.settings)
        if before is None:
            missing = [
                FieldProblem(name, "is needed for a new product") for name in _NEEDED if name not in texts
            ]
            problems = (*problems, *missing)
        if problems:
            raise ValueError(_joined(problems))
        fields: dict[str, Any] = parsed
        product = before._replace(**fields) if before is not None else _new_product(product_id, fields)
        own = {name: normal(cells[place]) for name, place in self.own.items()}
        if any(product.extra.get(name, "") != value for name, value in own.items()):
            extra = {**product.extra, **own}
            product = product._replace(extra={name: value for name, value in extra.items() if value})
        return product


def _new_product(product_id: str, fields: Mapping[str, Any]) -> Product:
    return Product(**{"id": product_id, "quantity": 0, **fields})


def _joined(problems: Iterable[FieldProblem]) -> str:
    return "; ".join(f"{problem.field}: {problem.reason}" for problem in problems)
