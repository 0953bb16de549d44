"""Acts on the stock: deliveries, counts and corrections, of one product or of many in one entry."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from decimal import Decimal
from functools import cached_property

from tracker_tui.errors import Conflict, FieldProblem, NotFound, OutOfStock, StorageError, check
from tracker_tui.model.records import Action, ChangeLine, Product, with_own_id
from tracker_tui.model.rules import count_problem, text_problem
from tracker_tui.model.sales import new_sale_id
from tracker_tui.model.state import difference
from tracker_tui.model.text import normal
from tracker_tui.shop.session import ShopSession
from tracker_tui.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from tracker_tui.model.drafts import Draft, Kind
    from tracker_tui.model.goods import Goods
    from tracker_tui.model.records import Problem
    from tracker_tui.storage.drafts import DraftFiles
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

    # Lists that are not booked yet

    def drafts(self, kind: Kind) -> tuple[tuple[Draft, ...], tuple[Problem, ...]]:
        """Return all counts or all deliveries, the latest first, and what cannot be read of them."""
        with self._mutex:
            return self._draft_files(kind).read_all()

    def draft(self, kind: Kind, draft_id: str) -> Draft:
        """Return one list as it is now.

        Raises:
            NotFound: There is no such list.
            StorageError: It cannot be read.
        """
        with self._mutex:
            return self._draft_files(kind).read(draft_id)

    def begin_draft(
        self, kind: Kind, name: str = "", note: str = "", category: str = "", search: str = ""
    ) -> Draft:
        """Begin a count or a delivery; it is on disk at once.

        Args:
            kind: Which of both.
            name: What the count is called; who sent the delivery.
            note: Free text.
            category: Of a count, the only category that is counted.
            search: Of a count, words that all have which are counted.

        Raises:
            Invalid: A text cannot be taken.
            StorageError: It could not be kept.
        """
        about = self._about(name, note, category, search)
        with self._changing():
            return self._draft_files(kind).begin(new_sale_id(self._clock()), (*about, *self._signed()))

    def rename_draft(self, kind: Kind, draft_id: str, name: str, note: str) -> Draft:
        """Give a list another name and note."""
        with self._changing():
            draft = self._open_draft(kind, draft_id)
            about = self._about(name, note, draft.category, draft.search)
            return self._draft_files(kind).add(draft_id, [("about", *about, *self._signed())])

    def put(
        self,
        kind: Kind,
        draft_id: str,
        product_id: str,
        pieces: int,
        *,
        more: bool = False,
        cost: Decimal | None = None,
    ) -> Draft:
        """Say how many pieces of a product were counted or came; it is on disk when this returns.

        A count keeps what the stock should have been at this very moment.

        Args:
            kind: A count or a delivery.
            draft_id: Which one.
            product_id: Which product.
            pieces: How many in all; with `more` how many more.
            more: Whether they come to those that were said before.
            cost: Of a delivery, what a piece costs; None = as it was said before.

        Raises:
            NotFound: There is no such list or product.
            Invalid: The number or the cost cannot be taken.
            Conflict: The list is booked or thrown away by now.
        """
        from tracker_tui.model import stock_acts  # noqa: PLC0415 - as above

        with self._changing():
            draft, product = self._open_draft(kind, draft_id), self._product(product_id)
            fact = stock_acts.draft_fact(draft, product, pieces, self._decimals, more=more, cost=cost)
            return self._draft_files(kind).add(draft_id, [(*fact, *self._signed())])

    def drop_draft(self, kind: Kind, draft_id: str) -> Draft:
        """Throw a list away; its file stays, and says so."""
        with self._changing():
            self._open_draft(kind, draft_id)
            return self._draft_files(kind).add(draft_id, [("dropped", *self._signed())])

    def book_draft(self, kind: Kind, draft_id: str) -> int:
        """Make a list one entry; one that is booked already, by whomever, stays as it is.

        Products that were removed meanwhile are left out.

        Returns:
            The number of the entry.

        Raises:
            NotFound: There is no such list.
            Invalid: Nothing is on it, or a product of it cannot be taken; the fields name the products.
            Conflict: It was thrown away.
        """
        with self._changing() as held:
            draft = self._draft_files(kind).read(draft_id)
            if draft.entry is not None:
                return draft.entry
            if draft.dropped:
                raise Conflict(f"this {kind} was thrown away")
            entry = self._book_draft(held, draft)
            # What was booked is told by the entry, which has the list's id, should this not be kept.
            with suppress(StorageError, NotFound):
                self._draft_files(kind).add(draft_id, [("booked", str(entry), *self._signed())])
            return entry

    def _book_draft(self, held: Held, draft: Draft) -> int:
        from tracker_tui.model import stock_acts  # noqa: PLC0415 - as above

        action, lines = stock_acts.booked_lines(draft, self._store.products, self._decimals)
        return self._log_once(held, action, lines, stock_acts.note_of(draft), draft.id)

    def _open_draft(self, kind: Kind, draft_id: str) -> Draft:
        """Return a list that is neither booked nor thrown away."""
        draft = self._draft_files(kind).read(draft_id)
        booked = draft.entry
        if booked is None and (change := self._store.ledger.find_named(draft.id)) is not None:
            booked = change.entry
        if booked is not None:
            raise Conflict(f"this {kind} is booked already: entry {booked}", entry=booked)
        if draft.dropped:
            raise Conflict(f"this {kind} was thrown away")
        return draft

    def _about(self, *texts: str) -> tuple[str, ...]:
        names = ("name", "note", "category", "search")
        check(FieldProblem(field, text_problem(text)) for field, text in zip(names, texts, strict=True))
        return tuple(map(normal, texts))

    def _signed(self) -> tuple[str, str]:
        """Return who and when, as the end of a line."""
        return self.clerk, self._clock().isoformat(timespec="seconds")

    def _draft_files(self, kind: Kind) -> DraftFiles:
        files = self._drafts.get(kind)
        if files is None:
            from tracker_tui.storage.drafts import DraftFiles  # noqa: PLC0415 - as above

            files = self._drafts[kind] = DraftFiles(self._folder, kind)
        return files

    @cached_property
    def _drafts(self) -> dict[Kind, DraftFiles]:
        return {}

    # Help for the above

    @property
    def _decimals(self) -> int:
        return self._store.settings.decimals

    @property
    def _goods(self) -> Goods:
        from tracker_tui.model.goods import Goods  # noqa: PLC0415 - as in the snapshot

        return Goods(self._store.products.frozen())

    def _product(self, product_id: str) -> Product:
        product = self._store.products.get(product_id)
        if product is None:
            raise NotFound(f"there is no product {product_id}")
        return product
