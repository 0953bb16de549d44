"""What is known of who buys: the last visits, and the usual products, which go into the basket from here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.getters import query_one
from textual.message import Message
from textual.widgets import Static

from tracker_tui.model.habits import Habits, Usual
from tracker_tui.model.records import Customer
from tracker_tui.model.state import Snapshot
from tracker_tui.widgets.picker import MatchList
from tracker_tui.widgets.record_table import Column, RecordTable
from tracker_tui.widgets.shown import content, content_lines, money


class UsualTable(MatchList[Usual], can_focus=True):
    """The products that a customer takes again and again; one click or Enter puts one into the basket."""

    BINDING_GROUP_TITLE = "Usual products"
    HELP = """\
## Usual products

What this customer took at most of the last visits. Enter or `+` puts one into the basket, so does a click; Escape goes
back to the product field.
"""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,plus", "choose", "Put one in", id="usual.add", tooltip="One more into the basket"),
    ]


class CustomerPanel(Vertical):
    """Stands beside the basket where there is room; elsewhere it is folded away until somebody wants it."""

    DEFAULT_CSS = """
    CustomerPanel { width: 36; display: none; }
    CustomerPanel.-known.-unfolded { display: block; }
    CustomerPanel > Static { height: auto; padding: 0 1; }
    CustomerPanel > UsualTable { height: 1fr; min-height: 3; }
    """

    @dataclass
    class Wanted(Message):
        """The clerk wants one of a product."""

        product_id: str

    table = query_one(UsualTable)

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name for it
        super().__init__(id=id)
        self._shop = Snapshot()
        self._habits = Habits()

    def compose(self) -> ComposeResult:
        """Lay out who it is, the visits and the products."""
        yield Static("", id="panel-name", markup=False)
        yield Static("", id="panel-visits", markup=False)
        yield UsualTable(
            self._columns(), lambda usual: usual.product_id, empty="Nothing is usual yet.", id="usual"
        )

    def _columns(self) -> list[Column[Usual]]:
        def name(row: Usual) -> str:
            product = self._shop.products.get(row.product_id)
            return product.name if product is not None else row.name

        def left(row: Usual) -> str:
            product = self._shop.products.get(row.product_id)
            quantity = product.quantity if product is not None else 0
            return f"{quantity:,}" if quantity > 0 else "none"

        return [
            Column("name", "Usual product", 12, name, flex=1),
            Column("visits", "Times", 5, lambda row: str(row.visits), "right", plain=lambda row: row.visits),
            Column("stock", "There", 5, left, "right"),
        ]

    @property
    def is_known(self) -> bool:
        """Whether there is anything to show."""
        return self.has_class("-known")

    def show_habits(self, customer: Customer | None, habits: Habits, shop: Snapshot) -> None:
        """Show what is known of a customer.

        Args:
            customer: Who; None = nobody in particular.
            habits: What they do.
            shop: For the names, the stock and the currency of now; products that are gone are left out.
        """
        self._shop = shop
        self._habits = habits
        usual = [one for one in habits.usual if one.product_id in shop.products]
        self.set_class(customer is not None and bool(habits.visits), "-known")
        if customer is None or not habits.visits:
            self.remove_class("-unfolded")
        else:
            self.query_one("#panel-name", Static).update(content(f"{customer.name}  {customer.id}"))
            self.query_one("#panel-visits", Static).update(content_lines("\n".join(self._visits())))
        self.table.show(usual)

    def _visits(self) -> list[str]:
        settings = self._shop.settings
        amounts = [money(visit.total, settings) for visit in self._habits.visits]
        width = max(map(len, amounts), default=0)
        visits = zip(self._habits.visits, amounts, strict=True)
        return [
            f"{visit.time:%Y-%m-%d}  {amount:>{width}}  {visit.units:>4,} pcs" for visit, amount in visits
        ]

    @property
    def summary(self) -> str:
        """The same in one line; empty where nothing is known."""
        if not self.is_known:
            return ""
        last = self._habits.visits[0]
        names = ", ".join(self._shop.products[row.product_id].name for row in self.table.rows)
        usual = f"; usual: {names}" if names else ""
        return f"Last here {last.time:%Y-%m-%d}, {money(last.total, self._shop.settings)}{usual}"

    def unfold(self) -> None:
        """Come in sight, and take the focus."""
        self.add_class("-unfolded")
        self.table.focus()

    @on(RecordTable.Chosen)
    def _take(self, event: RecordTable.Chosen) -> None:
        event.stop()
        self.post_message(self.Wanted(event.key))

    @on(RecordTable.Highlighted)
    def _keep_quiet(self, event: RecordTable.Highlighted) -> None:
        event.stop()

    def on_descendant_blur(self) -> None:
        """Fold away again when it is left."""
        self.remove_class("-unfolded")


class CustomerLine(Static):
    """The panel in one line, where there is no room for it; a click unfolds it."""

    DEFAULT_CSS = """
    CustomerLine { height: 1; padding: 0 1; display: none; text-wrap: nowrap; text-overflow: ellipsis; }
    """

    @dataclass
    class Clicked(Message):
        """The clerk wants to see it all."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name for it
        super().__init__("", id=id, markup=False)

    def say(self, text: str) -> None:
        """Show a line; an empty one takes no room."""
        self.set_class(bool(text), "-known")
        self.update(content(f"^L {text}"), layout=False)

    def on_click(self, event: events.Click) -> None:
        """Ask for the panel."""
        event.stop()
        self.post_message(self.Clicked())
