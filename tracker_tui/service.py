"""InventoryService: the one shared inventory service, and the only way to change anything."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from decimal import Decimal

from tracker_tui.errors import FieldProblem, Invalid, NotFound, StorageError, check
from tracker_tui.model import edits, queries, sales
from tracker_tui.model.account import TO_ACCOUNT, account_line
from tracker_tui.model.collector import resting_collector
from tracker_tui.model.money import rounded
from tracker_tui.model.records import (
    UNDO_NOTE,
    UNDO_SALE,
    Action,
    BelowZero,
    Change,
    ChangeLine,
    Customer,
    Entry,
    Product,
    Purchase,
    SaleItem,
    SaleLine,
)
from tracker_tui.model.rules import customer_problems, text_problem
from tracker_tui.model.sales import Item, new_sale_id
from tracker_tui.model.state import difference
from tracker_tui.model.tax import with_taxes
from tracker_tui.shop.closing import ClosingSession
from tracker_tui.storage.folder import Held


class InventoryService(ClosingSession):
    """One shop, open, and everything that can be done in it.

    Attributes:
        clerk: Who acts in this session; every entry carries it.
        directory: The shop's folder.
    """

    def report(self, since: date | None = None, until: date | None = None) -> queries.Report:
        """Total what a span of days brought; None = no bound."""
        return queries.report(self.snapshot, since, until)

    # Products

    def add(self, product: Product) -> int:
        """Take a new product into the shop, with its stock.

        Returns:
            The number of the entry.

        Raises:
            Invalid: Something is wrong with it; every field's problem is in `problems`.
        """
        with self._changing() as held:
            clean = edits.new_product(product, self._goods, self._decimals)
            return self._log(held, Action.ADD, [difference(None, clean, clean.id)])

    def edit(self, product_id: str, *, was: Product | None = None, **fields: object) -> int | None:
        """Change some fields of a product; what is not named stays as others may have made it.

        Args:
            product_id: Which product.
            was: The product as the editor saw it; a field that somebody changed since is a conflict.
            fields: New values of `name`, `price`, `categories`, `reorder_level`, `barcodes`, `cost`, `extra`.

        Returns:
            The number of the entry; None where nothing differs from what is.

        Raises:
            NotFound: There is no such product.
            Invalid: A value cannot be taken.
            Conflict: Somebody changed the same field since `was`; `clashes` has them.
        """
        with self._changing() as held:
            now = self._product(product_id)
            wanted = edits.edited_product(now, was, fields, self._goods, self._decimals)
            if wanted == now:
                return None
            return self._log(held, Action.EDIT, [difference(now, wanted, now.id)])

    def remove(self, product_id: str) -> int:
        """Take a product out of the shop; its sales stay in the log."""
        with self._changing() as held:
            now = self._product(product_id)
            extra = dict(now.extra) if now.extra else None
            return self._log(held, Action.REMOVE, [difference(now, None, now.id)._replace(extra=extra)])

    def import_products(self, products: Iterable[Product], note: str = "") -> int | None:
        """Take in many products as one entry: new ones are added, known ones become as given.

        Returns:
            The number of the entry; None where nothing differs from what is.

        Raises:
            Invalid: One of them cannot be taken, so that none is; the reason names it.
        """
        return self.import_planned(lambda: list(products), note)

    def import_planned(self, planned: Callable[[], Sequence[Product]], note: str = "") -> int | None:
        """Take in many products as one entry, which are asked for when the shop cannot change any more.

        Args:
            planned: Gives the products; is called under the lock.
            note: Stands in the entry.

        Returns:
            As `import_products`.

        Raises:
            Invalid: As `import_products`.
        """
        with self._changing() as held, resting_collector():
            check([FieldProblem("note", text_problem(note))])
            lines = self.import_lines(planned())
            return self._log(held, Action.IMPORT, lines, note) if lines else None

    def import_lines(self, products: Sequence[Product]) -> Sequence[ChangeLine]:
        """Return what an import of these products would change.

        Raises:
            Invalid: One of them cannot be taken; the field names it.
        """
        from tracker_tui.model.import_lines import import_lines  # noqa: PLC0415 - no sale needs it

        with self._mutex:
            return import_lines(self._goods, products, self._decimals)

    def restore(self, day: date, *, dry_run: bool = False) -> tuple[int | None, list[ChangeLine]]:
        """Make the products what the copy of a day has: one entry, which can be undone.

        Args:
            day: The day of the copy in `backups/`.
            dry_run: Whether to say only what would be.

        Returns:
            The number of the entry, None where nothing was changed, and the lines that were or would be.

        Raises:
            NotFound: There is no copy of that day; the text names those there are.
            StorageError: The copy is damaged.
        """
        with self._changing() as held:
            now, then = self._store.products, self._store.copy_of(held, day)
            keys = [key for key in {**now, **then} if now.get(key) != then.get(key)]
            lines = [difference(now.get(key), then.get(key), key) for key in keys]
            if dry_run or not lines:
                return None, lines
            return self._log(held, Action.IMPORT, lines, f"restored from the copy of {day}"), lines

    # Sales

    def new_sale_id(self) -> str:
        """Make an id for a basket: its day and time, and enough chance that no two are alike."""
        return new_sale_id(self._clock())

    def sell(
        self,
        items: Iterable[Item],
        customer: str | None = None,
        sale: str | None = None,
        payment: str = "cash",
        note: str = "",
        *,
        below_zero: BelowZero | None = None,
    ) -> Purchase:
        """Book a sale: all its lines in one entry.

        Args:
            items: Products and pieces, 1 or more of each.
            customer: Id or name of the customer; a name nobody has becomes a new customer; None = a walk-in.
            sale: The basket's own id; a sale booked already is returned and nothing is booked.
            payment: How it is paid.
            note: Free text.
            below_zero: The owner's word for selling more of some products than there is, where the shop lets them.

        Raises:
            Invalid: The basket is empty, or a number or a text cannot be taken.
            NotFound: There is no such product.
            OutOfStock: More is wanted of a product than there is now.
            Conflict: The customer's name belongs to several customers; the text has their ids.
        """
        store = self._store
        wanted = [sales.sale_item(item) for item in items]
        problems = sales.sale_problems(wanted, customer or "", sale, payment, note, store.settings.decimals)
        if problems:
            raise Invalid(problems)
        with self._changing() as held:
            booked = self._store.find_sale(sale) if sale else None
            if booked is not None:
                return booked
            settings = store.settings
            products = sales.goods_of(store.products, wanted)
            lines = [sales.sale_line(products, item, settings.decimals) for item in wanted]
            note = sales.checked_stock(products, lines, note, below_zero, settings)
            lines = with_taxes(lines, products, settings.tax, settings.decimals)
            buyer = sales.buyer(store.customers, customer) if customer else sales.WALK_IN
            purchase = self._purchase(lines, sale or self.new_sale_id(), buyer, payment, note)
            self._book(held, purchase)
            return purchase

    def give_back(
        self,
        sale: str | None,
        lines: Iterable[Item] | None = None,
        note: str = "",
        *,
        own_id: str | None = None,
        customer: str | None = None,
        to_shelf: bool = True,
    ) -> Purchase:
        """Take goods back, at the price that was paid, taxes and discounts as they were then.

        Args:
            sale: Id of the sale; None = without a receipt, at today's price or the one in the item.
            lines: Products and pieces; None = all that is left of the sale.
            note: The reason.
            own_id: Id of the return itself; one booked already is returned and nothing is booked.
            customer: Id or name of the customer, where there is no receipt.
            to_shelf: Whether they go into the stock again; else they are paid for, but not for sale any more.

        Raises:
            NotFound: There is no such sale, or the product is not in it.
            Invalid: More comes back than is left of the sale, or nothing.
        """
        items = None if lines is None else [sales.sale_item(item) for item in lines]
        whole = items is None and bool(sale)
        who = customer or ""
        check(sales.sale_problems(items or [], who, own_id, "cash", note, self._decimals, whole=whole))
        with self._changing() as held:
            booked = self._store.find_sale(own_id) if own_id else None
            if booked is not None:
                return booked
            if sale:
                original = sales.original_sale(self.snapshot, self._store.find_sale(sale), sale)
                back = sales.taxed_lines_back(self.snapshot, original, items)
                buyer = Customer(original.customer_id, original.customer)
                payment = original.payment
            else:
                back = self._back_without_receipt(items or [])
                buyer = sales.buyer(self._store.customers, who)
                payment = "cash"
            back = back if to_shelf else sales.off_shelf(back)
            fresh = self._purchase(
                back, own_id or self.new_sale_id(), buyer, payment, note, returns=sale or ""
            )
            self._book(held, fresh)
            return fresh

    def _back_without_receipt(self, items: Iterable[SaleItem]) -> list[SaleLine]:
        """Return the lines that take goods back at today's price and tax, or at the price in the item."""
        products, tax = self._store.products, self._store.settings.tax
        given = [sales.sale_line(products, item, self._decimals) for item in items]
        return [sales.negative(line) for line in with_taxes(given, products, tax, self._decimals)]

    def pay_account(
        self,
        customer: str,
        amount: Decimal,
        payment: str = "cash",
        note: str = "",
        *,
        own_id: str | None = None,
    ) -> Purchase:
        """Take money for what a customer owes: an entry of its own, which is in no total; see `model.account`.

        Args:
            customer: Id or name of a customer there is.
            amount: What is paid, above 0; it may be more than is owed.
            payment: How it comes in.
            note: Free text.
            own_id: Id of the payment itself; one booked already is returned and nothing is booked.

        Raises:
            Invalid: A number or a text cannot be taken.
            NotFound: There is no such customer.
            Conflict: The name belongs to several customers; the text has their ids.
        """
        check(sales.account_problems(customer, amount, payment, note, own_id, self._decimals))
        with self._changing() as held:
            booked = self._store.find_sale(own_id) if own_id else None
            if booked is not None:
                return booked
            buyer = sales.buyer(self._store.customers, customer)
            if buyer.id not in self._store.customers:
                raise NotFound(f"there is no customer {customer}")
            lines = [account_line(rounded(amount, self._decimals))]
            sale = own_id or self.new_sale_id()
            paid = self._purchase(lines, sale, buyer, f"{payment}{TO_ACCOUNT}", note)
            self._book(held, paid)
            return paid

    def _purchase(
        self,
        lines: Sequence[SaleLine],
        sale: str,
        buyer: Customer,
        payment: str,
        note: str,
        returns: str = "",
    ) -> Purchase:
        return Purchase(
            entry=self._store.next_number,
            clerk=self.clerk,
            sale=sale,
            customer_id=buyer.id,
            customer=buyer.name,
            lines=tuple(lines),
            payment=payment,
            returns=returns,
            note=note,
            time=self._clock(),
        )

    # Undo

    def undo(self, entry: int) -> int:
        """Take an entry back by a further entry, though others have acted since.

        Returns:
            The number of the entry that undoes it.

        Raises:
            NotFound: There is no such entry.
            Conflict: It is undone already, or a later entry stands in the way; `entry` of the error names it.
        """
        from tracker_tui.model.undo import entry_to_undo, undo_change, undo_purchase  # noqa: PLC0415 - no sale needs it

        with self._changing() as held:
            shop = self.snapshot
            old = entry_to_undo(shop, entry)
            if isinstance(old, Purchase):
                returns = "" if queries.is_return(old) else old.sale
                undo: Entry = self._purchase(
                    undo_purchase(shop, old),
                    f"{UNDO_SALE}{old.entry}",
                    Customer(old.customer_id, old.customer),
                    old.payment,
                    "",
                    returns=returns,
                )
            else:
                lines = undo_change(shop, old)
                note = f"{UNDO_NOTE}{old.entry}"
                undo = Change(self._store.next_number, self.clerk, Action.UNDO, lines, note, self._clock())
            self._book(held, undo)
            return undo.entry

    # Customers

    def add_customer(self, customer: Customer) -> Customer:
        """Take in a new customer; the shop gives the id, and two of one name stay two."""
        with self._changing() as held:
            check(customer_problems(customer))
            fresh = edits.clean_customer(customer)._replace(id=sales.next_customer_id(self._store.customers))
            return self._put_customer(held, fresh)

    def edit_customer(self, customer_id: str, *, was: Customer | None = None, **fields: object) -> Customer:
        """Change some fields of a customer, as `edit` does for a product."""
        with self._changing() as held:
            now = self._store.customers.get(customer_id)
            if now is None:
                raise NotFound(f"there is no customer {customer_id}")
            wanted = edits.edited_customer(now, was, fields)
            return self._put_customer(held, wanted) if wanted != now else now

    def _put_customer(self, held: Held, customer: Customer) -> Customer:
        before = self._store.customers.frozen()
        self._store.customers[customer.id] = customer
        try:
            self._store.save_customers(held)
        except StorageError:
            self._store.customers = before.opened()
            raise
        return customer
