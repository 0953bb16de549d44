"""What an import of products would do: the rows of somebody's table against the shop as it stands.

The table comes from a spreadsheet or another program: columns in any order, under the names that people use.
A product that the shop has becomes as given by the columns that are there; the others are added.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final

from tracker_tui.errors import FieldProblem, Invalid
from tracker_tui.model.import_tables import ImportRow, guess_columns
from tracker_tui.model.many_products import SoundProducts, pieces_of
from tracker_tui.model.money import shown
from tracker_tui.model.quick_imports import BLANK_LEAVES, QuickRows, Sorted
from tracker_tui.model.records import Product
from tracker_tui.model.rules import (
    PRODUCT_COLUMNS,
    is_rounded_code,
    join_set,
    parse_product,
    product_problems,
    split_set,
)
from tracker_tui.model.soundness import Soundness
from tracker_tui.model.state import Snapshot
from tracker_tui.model.text import folded, normal
from tracker_tui.tuples import NamedTuple

_NEEDED: Final = ("name", "price")
_TOGETHER: Final = 200
"""Rows that are looked at together, where they are plain."""
_EACH: Final = 16
_DEFUSED: Final = re.compile(r"'(?=[=+@\t\r-])")


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
        lines: Number of its line by product id, of all that are not refused.
        taken_in: What is new, and then what is changed.
    """

    new: tuple[Product, ...]
    changed: tuple[Product, ...]
    unchanged: tuple[str, ...]
    refused: tuple[RefusedRow, ...]
    left_out: tuple[str, ...]
    lines: Mapping[str, int] = MappingProxyType({})
    taken_in: tuple[Product, ...] = ()


class PlanRow(NamedTuple):
    """What an import does with one row of the table.

    Attributes:
        line: Number of its line, from 1.
        kind: One of `KINDS`.
        id: The product's id.
        name: Its name.
        text: The fields, old and new, or why it is refused.
        found: All of it as a filter looks at it.
    """

    line: int
    kind: str
    id: str
    name: str
    text: str
    found: str


KINDS: Final = ("new", "changed", "unchanged", "refused")
"""What becomes of a row."""


def plan_rows(plan: ImportPlan, shop: Snapshot) -> list[PlanRow]:
    """Return what an import does with each row, in the order of the table.

    Args:
        plan: The import.
        shop: The shop that it was planned for.
    """
    rows: list[PlanRow] = []

    def tell(line: int, kind: str, product_id: str, name: str, text: str) -> None:
        found = folded(f"{line} {kind} {product_id} {name} {text}")
        rows.append(PlanRow(line, kind, product_id, name, text, found))

    for product in plan.new:
        tell(plan.lines[product.id], "new", product.id, product.name, _differences(None, product, shop))
    for product in plan.changed:
        text = _differences(shop.products.get(product.id), product, shop)
        tell(plan.lines[product.id], "changed", product.id, product.name, text)
    for product_id in plan.unchanged:
        known = shop.products.get(product_id)
        tell(plan.lines[product_id], "unchanged", product_id, known.name if known is not None else "", "")
    for row in plan.refused:
        tell(row.line, "refused", row.id, "", row.reason)
    rows.sort(key=lambda row: row.line)
    return rows


def _differences(before: Product | None, after: Product, shop: Snapshot) -> str:
    """Say field by field what a product was and is."""
    was = _texts(before, shop) if before is not None else {}
    now = _texts(after, shop)
    told = [
        f"{field} {was.get(field) or 'none'} -> {now.get(field) or 'none'}"
        if before is not None
        else f"{field} {text}"
        for field, text in {**dict.fromkeys(was, ""), **now}.items()
        if was.get(field, "") != now.get(field, "") and (before is not None or field != "name")
    ]
    return "; ".join(told)


def _texts(product: Product, shop: Snapshot) -> dict[str, str]:
    decimals = shop.settings.decimals
    return {
        "name": product.name,
        "price": shown(product.price, "", decimals),
        "quantity": f"{product.quantity:,}",
        "categories": join_set(product.categories, ", "),
        "reorder level": f"{product.reorder_level:,}" if product.reorder_level else "",
        "barcodes": join_set(product.barcodes, ", "),
        "cost": shown(product.cost, "", decimals) if product.cost is not None else "",
        **product.extra,
    }


def plan_import(
    header: Sequence[str], rows: Iterable[ImportRow], shop: Snapshot, columns: Mapping[str, int] | None = None
) -> ImportPlan:
    """Say what an import of a table would do.

    Args:
        header: Names of the columns.
        rows: The rows under it.
        shop: The shop as it stands.
        columns: Where each field of a product stands, and each of the shop's own columns; None = as guessed,
            and own columns where they have their names.

    Raises:
        Invalid: No column of ids is named.
    """
    if columns is None:
        columns = {**own_columns(header, shop), **guess_columns(header)}
    if "id" not in columns:
        reason = f"the first line must name the columns, “id” among them; it is: {', '.join(header)}"
        raise Invalid([FieldProblem("", reason)])
    fields = {field: place for field, place in columns.items() if field in PRODUCT_COLUMNS}
    own = {field: place for field, place in columns.items() if field not in PRODUCT_COLUMNS}
    taken = {*fields.values(), *own.values()}
    left_out = tuple(name.strip() for place, name in enumerate(header) if name.strip() and place not in taken)
    return _Planning(fields, own, len(header), shop).plan(rows, left_out)


def own_columns(header: Sequence[str], shop: Snapshot) -> dict[str, int]:
    """Return where columns of the shop's own stand that a table has under their names."""
    known = {name for product in shop.products.values() for name in product.extra}
    taken = guess_columns(header).values()
    return {
        name: place
        for place, name in enumerate(map(str.strip, header))
        if name in known and place not in taken and name not in PRODUCT_COLUMNS
    }


class _Planning:
    """One pass over the rows."""

    def __init__(
        self, columns: Mapping[str, int], own: Mapping[str, int], width: int, shop: Snapshot
    ) -> None:
        self.columns = columns
        self.own = own
        self.width = width
        self.shop = shop
        self.found = Sorted(dict(shop.barcodes.items()))
        self.is_sound = Soundness(self.found.owners, shop.settings.decimals)
        self.quick = QuickRows(columns, width, shop, self.found)
        self.parsed: dict[tuple[str, str], object] = {}
        self.refused: list[RefusedRow] = []
        self.all_sound = True

    def plan(self, rows: Iterable[ImportRow], left_out: tuple[str, ...]) -> ImportPlan:
        """Sort the rows into what they do."""
        for piece in pieces_of(rows, _TOGETHER):
            self._take_piece(piece)
        found, shop = self.found, self.shop
        taken_in: tuple[Product, ...] = (*found.new, *found.changed)
        if self.all_sound:
            taken_in = SoundProducts(taken_in, shop.goods.shelf, shop.settings.decimals)
        return ImportPlan(
            tuple(found.new),
            tuple(found.changed),
            tuple(found.unchanged),
            tuple(self.refused),
            left_out,
            found.lines,
            taken_in,
        )

    def _take_piece(self, rows: Sequence[ImportRow]) -> None:
        """Take some rows together; where that does not go, in two halves."""
        if not self.own and self.quick.take(rows):
            return
        if self.own or len(rows) <= _EACH:
            for row in rows:
                self._take_or_refuse(row)
            return
        middle = len(rows) // 2
        self._take_piece(rows[:middle])
        self._take_piece(rows[middle:])

    def _take_or_refuse(self, row: ImportRow) -> None:
        try:
            if row.fault:
                raise ValueError(row.fault)
            self._take(row)
        except ValueError as error:
            self.refused.append(RefusedRow(row.line, self._id(row), str(error)))

    def _id(self, row: ImportRow) -> str:
        place = self.columns["id"]
        return normal(_DEFUSED.sub("", row.cells[place], count=1)) if place < len(row.cells) else ""

    def _take(self, row: ImportRow) -> None:
        cells, found = self._cells(row), self.found
        product_id = self._id(row)
        if product_id in found.lines:
            raise ValueError(f"{product_id} is in the file twice, first in line {found.lines[product_id]}")
        before = self.shop.products.get(product_id)
        wanted = self._product(cells, product_id, before)
        if wanted == before:
            found.unchanged.append(product_id)
        else:
            if not self.is_sound(wanted):
                self.all_sound = False
                problems = product_problems(wanted, (), found.owners, self.shop.settings.decimals)
                if problems:
                    raise ValueError(_joined(problems))
            (found.changed if before is not None else found.new).append(wanted)
            for code in wanted.barcodes:
                found.owners[code] = product_id
        found.lines[product_id] = row.line

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
        for field in BLANK_LEAVES:
            if field in texts and not texts[field].strip() and (before is not None or field == "quantity"):
                del texts[field]
        codes = texts.get("barcodes", "")
        if "+" in codes and is_rounded_code(codes.strip()):
            raise ValueError("barcodes: a spreadsheet made a rounded number of the code; format it as text")
        parsed, problems = self._parse(texts)
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

    def _parse(self, texts: Mapping[str, str]) -> tuple[dict[str, object], tuple[FieldProblem, ...]]:
        """Read the fields of a row; a price or a set that was read before is not read again."""
        fields: dict[str, object] = {}
        known = self.parsed
        for field, typed in texts.items():
            if field == "name":
                fields[field] = normal(typed)
            elif field == "barcodes":
                plain = typed.isalnum() and typed.isascii()
                fields[field] = frozenset((typed,)) if plain else split_set(typed)
            elif (field, typed) in known:
                fields[field] = known[(field, typed)]
            else:
                found, problems = parse_product({field: typed}, self.shop.settings)
                if problems:
                    return parse_product(texts, self.shop.settings)
                fields[field] = known[(field, typed)] = found[field]
        return fields, ()


def _new_product(product_id: str, fields: Mapping[str, Any]) -> Product:
    return Product(**{"id": product_id, "quantity": 0, **fields})


def _joined(problems: Iterable[FieldProblem]) -> str:
    return "; ".join(f"{problem.field}: {problem.reason}" for problem in problems)
