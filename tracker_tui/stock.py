"""Acts on the stock: deliveries, counts and corrections, of one product or of many in one entry."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import TYPE_CHECKING

from tracker_tui.errors import Conflict, FieldProblem, NotFound, OutOfStock
from tracker_tui.model.edits import check
from tracker_tui.model.goods import Goods
from tracker_tui.model.records import Action, ChangeLine, Product, with_own_id
from tracker_tui.model.rules import count_problem, text_problem
from tracker_tui.model.state import difference
from tracker_tui.session import ShopSession

if TYPE_CHECKING:
    from tracker_tui.storage.folder import Held


class StockSession(ShopSession):
    """A session that can change the stock."""

    # One product

    def receive(self, product_id: str, n: int, note: str = "") -> int:
        """Take a delivery of `n` pieces, 1 or more, into the stock."""
        check([FieldProblem("pieces", count_problem(n, least=1)), FieldProblem("note", text_problem(note))])
        return self._change_stock(product_id, Action.RECEIVE, lambda now: now.quantity + n, note)

    def count(self, product_id: str, n: int, note: str = "") -> int:
        """Set the stock to the `n` pieces, 0 or more, that were counted; logged also where it was right."""
        check([FieldProblem("pieces", count_problem(n)), FieldProblem("note", text_problem(note))])
        return self._change_stock(product_id, Action.COUNT, lambda _: n, note)

    def adjust(self, product_id: str, change: int, note: str) -> int:
        """Add to or take from the stock, for the reason in `note`."""
        size = count_problem(abs(change) if isinstance(change, int) else change, least=1)
        check([FieldProblem("change", size), FieldProblem("note", text_problem(note, required=True))])
        return self._change_stock(product_id, Action.ADJUST, lambda now: now.quantity + change, note)

    def _change_stock(
        self, product_id: str, action: Action, quantity: Callable[[Product], int], note: str
    ) -> int:
        with self._changing() as held:
            now = self._product(product_id)
            wanted = quantity(now)
            if wanted < 0 and wanted < now.quantity:
                raise OutOfStock(now, now.quantity - wanted, now.quantity)
            check([FieldProblem("pieces", count_problem(max(wanted, 0)))])
            return self._log(held, action, [difference(now, now._replace(quantity=wanted), now.id)], note)

    # Many products at once

    def receive_many(
        self,
        items: Iterable[tuple[str, int] | tuple[str, int, Decimal | None]],
        note: str = "",
        *,
        own_id: str = "",
    ) -> int:
        """Take a delivery of several products into the stock: one entry.

        Args:
            items: Product id and pieces, 1 or more, and what a piece cost, which becomes the product's cost; each
                product once.
            note: Who sent it, the invoice and so on; it ends with the id, where there is one.
            own_id: Id of the delivery, of small letters, digits and `-`; one booked already is booked no more.

        Returns:
            The number of the entry; where it was booked already, of that one.

        Raises:
            Invalid: Something cannot be taken, so that nothing is; the fields name the products.
            Conflict: The id is that of an entry of another kind.
        """
        from tracker_tui.model.stock_acts import Received, check_lines, received_lines  # noqa: PLC0415 - no sale needs it

        lines = [Received(*item) for item in items]
        check_lines(lines, note, own_id, self._decimals)
        return self._log_many(
            Action.RECEIVE, lambda: received_lines(self._store.products, lines, self._decimals), note, own_id
        )

    def count_many(
        self,
        items: Iterable[tuple[str, int] | tuple[str, int, int | None]],
        note: str = "",
        *,
        own_id: str = "",
    ) -> int:
        """Correct the stock of several products by what was counted: one entry.

        Args:
            items: Product id, pieces counted, 0 or more, and the stock at the moment of the count, so that sales
                since then are not counted twice; without it the stock of now. Each product once.
            note: Free text; it ends with the id, where there is one.
            own_id: Id of the count; one booked already is booked no more.

        Returns:
            The number of the entry; where it was booked already, of that one.

        Raises:
            Invalid: Something cannot be taken, so that nothing is; the fields name the products.
            Conflict: The id is that of an entry of another kind.
        """
        from tracker_tui.model.stock_acts import Counted, check_lines, counted_lines  # noqa: PLC0415 - as above

        lines = [Counted(*item) for item in items]
        check_lines(lines, note, own_id, self._decimals)
        return self._log_many(Action.COUNT, lambda: counted_lines(self._store.products, lines), note, own_id)

    def _log_many(self, action: Action, lines: Callable[[], list[ChangeLine]], note: str, own_id: str) -> int:
        with self._changing() as held:
            return self._log_once(held, action, lines, note, own_id)

    def _log_once(
        self, held: Held, action: Action, lines: Callable[[], list[ChangeLine]], note: str, own_id: str
    ) -> int:
        """Book a change unless one with its id is booked; return the number of the entry."""
        booked = self._store.ledger.find_named(own_id) if own_id else None
        if booked is None:
            return self._log(held, action, lines(), with_own_id(note, own_id))
        if booked.action is not action:
            reason = f"the id {own_id} is that of entry {booked.entry}, which is no {action}"
            raise Conflict(reason, entry=booked.entry)
        return booked.entry

    # Help for the above

    @property
    def _decimals(self) -> int:
        return self._store.settings.decimals

    @property
    def _goods(self) -> Goods:
        return Goods(self._store.products.frozen())

    def _product(self, product_id: str) -> Product:
        product = self._store.products.get(product_id)
        if product is None:
            raise NotFound(f"there is no product {product_id}")
        return product
