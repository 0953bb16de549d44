"""The part of the till that changes the basket: lines, quantities, prices, discounts, and one step back."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from textual import on, work
from textual.getters import query_one

from tracker_tui.messages import BasketChanged
from tracker_tui.model.basket import Basket, BasketLine, below_cost, parse_discount
from tracker_tui.model.money import parse_amount, parse_count, written
from tracker_tui.screens.confirm_dialog import ConfirmDialog
from tracker_tui.screens.discount_dialog import DiscountDialog
from tracker_tui.screens.shop_screen import ShopScreen
from tracker_tui.widgets.basket_table import EDITABLE, BasketTable
from tracker_tui.widgets.cell_editor import LIKE_A_CODE, CellEditor, is_like_a_code
from tracker_tui.widgets.shown import money

MOST_STEPS: Final = 200
"""Changes of one basket that can be taken back."""


class BasketScreen(ShopScreen):
    """A screen that shows the app's basket and changes it, line by line.

    A child lays out a `BasketTable` that fills a container, and behind it in the same container a `CellEditor`.
    """

    table = query_one(BasketTable)
    editor = query_one(CellEditor)

    def __init__(self) -> None:
        super().__init__()
        self._basket = Basket("")
        self._sent: list[Basket] = []
        self._steps: list[Basket] = []
        self._below_cost: frozenset[str] = frozenset()

    def on_mount(self) -> None:
        """Follow the basket."""
        super().on_mount()
        self.watch(self.app, "basket", self._take_basket)

    def show_basket(self) -> None:
        """Show the basket as it is now."""

    # The basket as a whole

    def _take_basket(self, basket: Basket) -> None:
        """Take the app's basket over, unless it is only what this screen made of it a moment ago."""
        for place, sent in enumerate(self._sent):
            if sent is basket:
                del self._sent[: place + 1]
                return
        self._sent.clear()
        if basket.sale != self._basket.sale:
            self._forget()
        elif basket != self._basket:
            self._steps.append(self._basket)
        self._basket = basket
        self.show_basket()
        self.table.go_to(basket.last)

    def _forget(self) -> None:
        """Begin with another basket, of which nothing was asked and nothing can be taken back."""
        self._steps.clear()
        self._below_cost = frozenset()
        self.editor.close()

    def _change(self, basket: Basket) -> None:
        """Make the basket another one, and remember the one there was."""
        if basket != self._basket:
            self._steps = [*self._steps[-MOST_STEPS:], self._basket]
            self._put(basket)

    def _put(self, basket: Basket) -> None:
        self._basket = basket
        self._sent.append(basket)
        self.post_message(BasketChanged(basket))
        self.show_basket()

    def action_undo_last(self) -> None:
        """Take back the last step of this basket; where there is none, the last change of this session."""
        if self._steps:
            self._put(self._steps.pop())
        else:
            super().action_undo_last()

    def name_of(self, product_id: str) -> str:
        """Return what people call a product; its id where it is gone."""
        product = self.snapshot.products.get(product_id)
        return product.name if product is not None else product_id

    # Lines

    @on(BasketTable.ChangeWanted)
    def _change_line(self, event: BasketTable.ChangeWanted) -> None:
        self._change_by(event.kind, event.product_id)

    def action_line(self, kind: str) -> None:
        """Change the line under the cursor: `more`, `fewer` or `remove`."""
        key = self.table.cursor_key
        if key is not None:
            self._change_by(kind, key)

    def _change_by(self, kind: str, product_id: str) -> None:
        quantity = self._basket.quantity_of(product_id)
        if kind == "more":
            self._change(self._basket.add(product_id))
        elif kind == "fewer" and quantity > 1:
            self._change(self._basket.add(product_id, -1))
        elif kind == "fewer":
            self.tell("One is the least; d takes the line out")
        elif kind == "remove" and quantity:
            self._change(self._basket.put(product_id, 0))
            self.tell(f"{self.name_of(product_id)} is out of the basket; u puts it back")

    # Cells

    @on(BasketTable.EditWanted)
    def _open_cell(self, event: BasketTable.EditWanted) -> None:
        self._edit(event.product_id, event.column, event.typed)

    def _edit(self, product_id: str, column: str, typed: str = "") -> None:
        line = self._basket.find(product_id)
        region = self.table.cell_region(product_id, column)
        if line is not None and region is not None:
            self.editor.open(product_id, column, region, self._text_of(line, column), typed)

    def _text_of(self, line: BasketLine, column: str) -> str:
        if column == "quantity":
            return str(line.quantity)
        if column == "discount":
            return line.discount.text
        product = self.snapshot.products.get(line.product_id)
        price = (
            line.price if line.price is not None else (product.price if product is not None else Decimal(0))
        )
        return written(price)

    @on(CellEditor.Left)
    def _leave_cell(self) -> None:
        had_focus = self.editor.has_focus
        self.editor.close()
        if had_focus:
            self.set_focus(self.table)

    @on(CellEditor.Typed)
    def _take_cell(self, event: CellEditor.Typed) -> None:
        """Take what was typed for a cell, and go on to the next one where that is wanted."""
        if not self._take_typed(event.key, event.column, event.text, by=event.by):
            return
        if event.move:
            column = EDITABLE[(EDITABLE.index(event.column) + event.move) % len(EDITABLE)]
            self._edit(event.key, column)
        else:
            self.editor.close()
            self.set_focus(self.table)

    @on(CellEditor.Passed)
    def settle_cell(self) -> None:
        """Take what stands in a cell that is being typed; what cannot be taken leaves it as it was."""
        if not self.take_open_cell():
            self._leave_cell()

    def take_open_cell(self) -> bool:
        """Take what stands in a cell that is being typed; False where it cannot be taken, which is said."""
        editor = self.editor
        if not editor.is_open:
            return True
        taken = self._take_typed(editor.row, editor.column, editor.value, by="")
        if taken:
            self._leave_cell()
        return taken

    def _take_typed(self, product_id: str, column: str, text: str, *, by: str) -> bool:
        line = self._basket.find(product_id)
        if line is None:
            return True
        try:
            fresh = self._read_cell(line, column, text, by)
        except ValueError as error:
            self.editor.refuse()
            self.tell(str(error), error=True)
            return False
        before = self._basket
        self._change(self._basket.with_line(fresh))
        if column != "quantity":
            self._ask_below_cost(before)
        return True

    def _read_cell(self, line: BasketLine, column: str, text: str, by: str) -> BasketLine:
        """Return the line with what was typed for one of its cells.

        Raises:
            ValueError: It cannot be taken; the text says why.
        """
        settings = self.snapshot.settings
        typed = text.strip()
        if column == "discount":
            return line._replace(discount=parse_discount(typed, settings))
        if column == "price":
            product = self.snapshot.products.get(line.product_id)
            price = parse_amount(typed, settings.decimals, currency=settings.currency) if typed else None
            return line._replace(price=None if product is not None and price == product.price else price)
        if is_like_a_code(typed) and by != "ctrl+s":
            raise ValueError(LIKE_A_CODE)
        try:
            return line._replace(quantity=parse_count(typed, least=1))
        except ValueError as error:
            hint = "; d takes the line out" if typed == "0" else ""
            raise ValueError(f"Quantity: {error}{hint}") from error

    # Discounts and costs

    @work(exclusive=True, group="dialog")
    async def action_discount(self) -> None:
        """Take something off the whole basket."""
        if not self._basket.lines:
            self.tell("There is nothing in the basket yet")
            return
        dialog = DiscountDialog(self._basket.discount, self.snapshot.settings)
        discount = await self.app.push_screen_wait(dialog)
        if discount is not None:
            before = self._basket
            self._change(self._basket._replace(discount=discount))
            self._ask_below_cost(before)

    def lines_below_cost(self) -> list[str]:
        """Return the products that a typed price or a discount brings below their cost, and nobody agreed to."""
        shop = self.snapshot
        found: list[str] = []
        for priced in self._basket.priced(shop):
            line, product = priced.line, shop.products.get(priced.line.product_id)
            changed = line.price is not None or priced.discount or priced.share
            if product is not None and changed and below_cost(priced, product.cost):
                found.append(line.product_id)
        return [product_id for product_id in found if product_id not in self._below_cost]

    def _ask_below_cost(self, before: Basket) -> None:
        """Ask where a change brought lines below their cost; a no takes the prices and discounts back."""
        below = self.lines_below_cost()
        if not below:
            return

        def answer(yes: bool | None) -> None:  # noqa: FBT001 - a dialog's answer
            if yes:
                self._below_cost |= frozenset(below)
            else:
                self._change(self._basket.priced_as(before))

        self.open_dialog(ConfirmDialog(self.below_cost_question(below), "Sell it so"), answer)

    def below_cost_question(self, below: list[str]) -> str:
        """Return the question whether some products may be sold below their cost."""
        shop = self.snapshot
        told: list[str] = []
        for product_id in below:
            cost = shop.products[product_id].cost
            amount = "" if cost is None or self.clerk_mode else f" of {money(cost, shop.settings)}"
            told.append(f"{self.name_of(product_id)} is below its cost{amount}")
        return f"{'; '.join(told)}. Sell it so?"

    @work(exclusive=True, group="dialog")
    async def action_empty(self) -> None:
        """Take everything out of the basket, after a question."""
        lines = len(self._basket.lines)
        if not lines and not self._basket.customer:
            self.tell("The basket is empty already")
            return
        what = f"Take {'the line' if lines == 1 else f'all {lines} lines'} out of the basket?"
        question = f"{what} Ctrl+Z puts them back." if lines else "Forget the customer?"
        if await self.app.push_screen_wait(ConfirmDialog(question, "Empty it")):
            self._change(Basket(self._basket.sale))
            self.emptied()

    def emptied(self) -> None:
        """Go on with an empty basket."""
