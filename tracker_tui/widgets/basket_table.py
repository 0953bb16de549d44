"""The basket as a table: what, how many, at what price, and whether there is enough of it."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar, Final

from textual.binding import Binding, BindingType
from textual.message import Message

from tracker_tui.model.basket import Basket
from tracker_tui.model.records import Settings
from tracker_tui.model.state import Snapshot
from tracker_tui.tuples import NamedTuple
from tracker_tui.widgets.cell_table import CellTable
from tracker_tui.widgets.record_table import Column
from tracker_tui.widgets.shown import money
from tracker_tui.widgets.table_columns import MOST_NAME, MOST_SHORT

EMPTY = """\
Nothing in the basket yet.

Scan a code, or type an id or part of a name
above and press Enter. 3*milk puts in three.
"""


class BasketRow(NamedTuple):
    """One line of the basket as it is shown.

    Attributes:
        product_id: Which product.
        name: Its name; the id where it is gone.
        quantity: Pieces wanted.
        price: Price of one piece.
        total: What the line comes to.
        stock: Pieces there are; None where the product is gone.
        discount: What was taken off the line, as it was typed; empty = nothing.
        own_price: Whether the price was typed, and is not the product's.
    """

    product_id: str
    name: str
    quantity: int
    price: Decimal
    total: Decimal
    stock: int | None
    discount: str = ""
    own_price: bool = False

    @property
    def is_short(self) -> bool:
        """Whether more is wanted than there is."""
        return self.stock is None or self.stock < self.quantity

    @property
    def left(self) -> str:
        """What there is, as a word where it is too little."""
        if self.stock is None:
            return "gone"
        if self.is_short:
            return f"only {self.stock:,}" if self.stock > 0 else "none left"
        return f"{self.stock:,}"


def basket_rows(basket: Basket, shop: Snapshot) -> list[BasketRow]:
    """Return the lines of a basket at the prices and with the stock of now."""
    rows: list[BasketRow] = []
    for priced in basket.priced(shop):
        line, product = priced.line, shop.products.get(priced.line.product_id)
        name, stock = (product.name, product.quantity) if product is not None else (line.product_id, None)
        rows.append(
            BasketRow(
                line.product_id,
                name,
                line.quantity,
                priced.price,
                priced.total,
                stock,
                line.discount.text,
                line.price is not None,
            )
        )
    return rows


def basket_columns(settings: Settings) -> list[Column[BasketRow]]:
    """Return the columns of the basket."""

    def warn(row: BasketRow) -> str:
        return "basket-table--short" if row.is_short else ""

    def own(row: BasketRow) -> str:
        return "basket-table--own" if row.own_price else ""

    return [
        Column("id", "Id", 5, lambda r: r.product_id, flex=1, most=MOST_SHORT, drop=1),
        Column("name", "Product", 12, lambda r: r.name, flex=5, most=MOST_NAME),
        Column(
            "quantity",
            "Qty",
            5,
            lambda r: f"{r.quantity:,}",
            "right",
            style=warn,
            plain=lambda r: r.quantity,
        ),
        Column(
            "price",
            "Price",
            10,
            lambda r: money(r.price, settings),
            "right",
            style=own,
            plain=lambda r: r.price,
        ),
        Column("discount", "Discount", 8, lambda r: r.discount, "right", style=lambda _: "basket-table--own"),
        Column("total", "Total", 11, lambda r: money(r.total, settings), "right", plain=lambda r: r.total),
        Column("stock", "In stock", 9, lambda r: r.left, "right", style=warn, plain=lambda r: r.stock),
    ]


EDITABLE: Final = ("quantity", "price", "discount")
"""The columns whose cells can be typed, from left to right."""


class BasketTable(CellTable[BasketRow]):
    """The lines of the basket, with the keys that change them."""

    EDITABLE = EDITABLE
    COMPONENT_CLASSES: ClassVar[set[str]] = {"basket-table--short", "basket-table--own"}
    BINDING_GROUP_TITLE = "Basket"
    HELP = """\
## Basket

`+` and `-` change the quantity by one. Type digits for another quantity, `p` for another price, `%` for a discount of
the line (`10%`, or an amount): Enter takes it, Tab goes on to the next cell, Escape leaves it. A click on a cell of the
line does the same. `b` takes something off the whole basket. `d` takes the line out and `u` puts it back.
"""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("plus", "change('more')", "More", id="basket.more", key_display="+"),
        Binding("minus", "change('fewer')", "Fewer", id="basket.fewer", key_display="-"),
        Binding("e,enter", "edit('quantity')", "Quantity", id="basket.set", tooltip="Type the quantity"),
        Binding("p", "edit('price')", "Price", id="basket.price", tooltip="Type another price"),
        Binding(
            "percent_sign",
            "edit('discount')",
            "Discount",
            id="basket.discount",
            key_display="%",
            tooltip="Take something off the line",
        ),
        Binding("d", "change('remove')", "Remove", id="basket.remove", tooltip="Take the line out"),
        Binding("up,k", "up_or_leave", "Up", id="basket.up", show=False),
        Binding("s", "sort_next", "Sort", id="table.sort", tooltip="Sort by the next column", show=False),
    ]

    @dataclass
    class ChangeWanted(Message):
        """The clerk wants a line changed: `more`, `fewer` or `remove`."""

        product_id: str
        kind: str

    @dataclass
    class LeftUpwards(Message):
        """The clerk went up from the first line."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name for it
        super().__init__(basket_columns(Settings()), lambda row: row.product_id, empty=EMPTY, id=id)

    def action_change(self, kind: str) -> None:
        """Ask for a change of the line under the cursor."""
        key = self.cursor_key
        if key is not None:
            self.post_message(self.ChangeWanted(key, kind))

    def action_up_or_leave(self) -> None:
        """Go up a line, or from the first one back to the field."""
        if self.row_count == 0 or self.row is self.rows[0]:
            self.post_message(self.LeftUpwards())
        else:
            self.action_cursor_up()
