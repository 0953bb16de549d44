"""InventoryService: the one shared inventory service, and the only way to change anything.

Every change takes the folder's lock, catches up with the files, is checked against the state of that moment,
is appended to its log and made durable, and only then acknowledged. A service may be used by several threads.
"""

from __future__ import annotations

import os
import re
import secrets
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import Any, Final, Self, TypeAlias, TypeVar

from tracker_tui.errors import (
    Busy,
    Clash,
    Conflict,
    FieldProblem,
    Invalid,
    NotFound,
    OutOfStock,
    ReadOnly,
    StorageError,
)
from tracker_tui.model import queries
from tracker_tui.model.acts import (
    Act,
    AddCustomer,
    AddProduct,
    Adjust,
    Count,
    EditCustomer,
    EditProduct,
    GiveBack,
    Outcome,
    Receive,
    RemoveProduct,
    Sell,
    Undo,
)
from tracker_tui.model.money import line_total, rounded, shown
from tracker_tui.model.records import (
    UNDO_NOTE,
    UNDO_SALE,
    Action,
    Change,
    ChangeLine,
    Customer,
    Entry,
    Problem,
    Product,
    Purchase,
    SaleItem,
    SaleLine,
)
from tracker_tui.model.rules import (
    amount_problem,
    count_problem,
    customer_problems,
    product_problems,
    text_problem,
)
from tracker_tui.model.state import EntryView, Snapshot, difference
from tracker_tui.model.text import normal
from tracker_tui.model.undo import entry_to_undo, undo_change, undo_purchase
from tracker_tui.storage.codec import CHANGES, PURCHASES
from tracker_tui.storage.folder import LOCK_TIMEOUT_S, Folder, Held, login_of
from tracker_tui.storage.handedit import Editor, HandEdit, hand_edit
from tracker_tui.storage.store import Store

Item: TypeAlias = SaleItem | tuple[str, int]
"""What is sold or comes back: a product's id and pieces, or a `SaleItem` that says more."""

Row = TypeVar("Row", Product, Customer)

_EDITABLE: Final = ("name", "price", "categories", "reorder_level", "barcodes", "cost", "extra")
_CUSTOMER_ID: Final = re.compile(r"C(\d{1,9})", re.ASCII)


class InventoryService:
    """One shop, open.

    Attributes:
        clerk: Who acts in this session; every entry carries it.
        directory: The shop's folder.
    """

    def __init__(
        self, directory: Path, clerk: str, *, read_only: str, clock: Callable[[], datetime] | None = None
    ) -> None:
        """Do not call this: `open` makes a service that is ready."""
        self.clerk = clerk
        self.directory = directory
        self._read_only = read_only
        self._clock = _to_the_second(clock) if clock else _now
        self._folder = Folder(directory)
        self._store = Store(self._folder, self._clock, read_only=bool(read_only))
        self._mutex = threading.RLock()
        self._revision = 0
        self._snapshot: Snapshot | None = None

    @classmethod
    def open(
        cls,
        directory: Path | str,
        clerk: str | None = None,
        *,
        read_only: bool = False,
        clock: Callable[[], datetime] | None = None,
    ) -> Self:
        """Open the shop in a folder; one that is missing is made, for its owner alone.

        Args:
            directory: The shop's folder.
            clerk: Who acts; None = the login of this process.
            read_only: Whether to look only. A folder that cannot be written is opened so by itself.
            clock: Tells the time, aware; None = the system's.

        Raises:
            Invalid: The clerk's name cannot be written into the files.
            StorageError: The folder or a file in it cannot be used.
        """
        path = Path(directory).absolute()
        name = normal(clerk) if clerk is not None else login_of(os.getuid())
        problem = text_problem(name, required=True, longest=64)
        if problem:
            raise Invalid([FieldProblem("clerk", problem)])
        unwritable = Folder(path).ready()
        reason = "this session was opened to look only" if read_only else unwritable
        service = cls(path, name, read_only=reason, clock=clock)
        service._catch_up_at_start()
        return service

    def _catch_up_at_start(self) -> None:
        with self._mutex:
            try:
                if not self._read_only:
                    with self._folder.locked(1.0) as held:
                        self._store.refresh(None if self._folder.stopped(held.fd) else held)
                    return
            except Busy:
                pass
            except StorageError as error:
                self._store.refresh()
                self._store.notices.append(Problem("", 0, str(error)))
                return
            self._store.refresh()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    # Looking

    @property
    def snapshot(self) -> Snapshot:
        """The whole shop as of the last `refresh` or act of this session; never changes itself."""
        with self._mutex:
            if self._snapshot is None:
                store = self._store
                self._revision += 1
                self._snapshot = Snapshot(
                    revision=self._revision,
                    entry=store.entry,
                    products=MappingProxyType(dict(store.products)),
                    customers=MappingProxyType(dict(store.customers)),
                    entries=EntryView(store.entries),
                    problems=store.problems(),
                    notices=tuple(store.notices),
                    settings=store.settings,
                    read_only=self.read_only,
                )
            return self._snapshot

    @property
    def read_only(self) -> str:
        """Why nothing can be changed in this session; empty where it can."""
        return self._read_only

    def report(self, since: date | None = None, until: date | None = None) -> queries.Report:
        """Total what a span of days brought; None = no bound."""
        return queries.report(self.snapshot, since, until)

    # Keeping up

    def refresh(self) -> bool:
        """Catch up with what other sessions and people did; tell whether anything changed.

        Raises:
            StorageError: A file cannot be read.
        """
        with self._mutex:
            changed = self._store.refresh()
            if self._store.unlogged and not self._read_only:
                try:
                    with self._folder.locked(0.05) as held:
                        if not self._folder.stopped(held.fd):
                            changed = self._store.refresh(held) or changed
                except Busy:
                    pass
            if changed:
                self._snapshot = None
            return changed

    @property
    def unsaved(self) -> bool:
        """Whether `inventory.txt` is behind the logs; nothing is lost by that."""
        with self._mutex:
            return not self._read_only and self._store.unsaved

    def save(self) -> bool:
        """Bring `inventory.txt` up to the last entry; tell whether that was due.

        Raises:
            Busy: Another session holds the folder; the logs have everything, so try later.
            StorageError: The file is as it was.
        """
        if self._read_only or not self.unsaved:
            return False
        with self._changing() as held:
            return self._store.save(held)

    def close(self) -> None:
        """Leave the shop with `inventory.txt` up to date.

        Where it cannot be written now, nothing is lost: the logs have every act, and the next session writes it.
        """
        try:
            self.save()
        except (Busy, ReadOnly, StorageError):
            return

    @contextmanager
    def _changing(self) -> Iterator[Held]:
        """Hold the lock, caught up with the files."""
        if self._read_only:
            raise ReadOnly(f"nothing can be changed: {self._read_only}")
        with self._mutex, self._folder.locked(LOCK_TIMEOUT_S) as held:
            stopped = self._folder.stopped(held.fd)
            if stopped:
                raise ReadOnly(f"nothing can be changed until “tracker-tui check” was run: {stopped}")
            if self._store.refresh(held):
                self._snapshot = None
            yield held
            self._snapshot = None

    # Products

    def add(self, product: Product) -> int:
        """Take a new product into the shop, with its stock.

        Returns:
            The number of the entry.

        Raises:
            Invalid: Something is wrong with it; every field's problem is in `problems`.
        """
        with self._changing() as held:
            products = self._store.products
            _check(product_problems(product, products, self._barcode_owners(product), self._decimals))
            clean = self._clean(product)
            _check(product_problems(clean, products, {}, self._decimals))
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
        unknown = [name for name in fields if name not in _EDITABLE]
        if unknown:
            raise Invalid([FieldProblem(name, _not_editable(name)) for name in unknown])
        with self._changing() as held:
            now = self._product(product_id)
            if was is not None:
                _check_clashes(was, now, fields, ("id", "quantity"))
            wanted = _replaced(now, fields)
            _check(p for p in product_problems(wanted, (), {}, self._decimals) if _concerns(p, fields))
            wanted = self._clean(wanted)
            problems = product_problems(wanted, (), self._barcode_owners(wanted), self._decimals)
            _check(p for p in problems if _concerns(p, fields))
            if wanted == now:
                return None
            return self._log(held, Action.EDIT, [difference(now, wanted, now.id)])

    def remove(self, product_id: str) -> int:
        """Take a product out of the shop; its sales stay in the log."""
        with self._changing() as held:
            now = self._product(product_id)
            extra = dict(now.extra) if now.extra else None
            return self._log(held, Action.REMOVE, [difference(now, None, now.id)._replace(extra=extra)])

    def receive(self, product_id: str, n: int, note: str = "") -> int:
        """Take a delivery of `n` pieces, 1 or more, into the stock."""
        _check([FieldProblem("pieces", count_problem(n, least=1)), FieldProblem("note", text_problem(note))])
        return self._change_stock(product_id, Action.RECEIVE, lambda now: now.quantity + n, note)

    def count(self, product_id: str, n: int, note: str = "") -> int:
        """Set the stock to the `n` pieces, 0 or more, that were counted; logged also where it was right."""
        _check([FieldProblem("pieces", count_problem(n)), FieldProblem("note", text_problem(note))])
        return self._change_stock(product_id, Action.COUNT, lambda _: n, note)

    def adjust(self, product_id: str, change: int, note: str) -> int:
        """Add to or take from the stock, for the reason in `note`."""
        size = count_problem(abs(change) if isinstance(change, int) else change, least=1)
        _check([FieldProblem("change", size), FieldProblem("note", text_problem(note, required=True))])
        return self._change_stock(product_id, Action.ADJUST, lambda now: now.quantity + change, note)

    def _change_stock(
        self, product_id: str, action: Action, quantity: Callable[[Product], int], note: str
    ) -> int:
        with self._changing() as held:
            now = self._product(product_id)
            wanted = quantity(now)
            if wanted < 0 and wanted < now.quantity:
                raise OutOfStock(now, now.quantity - wanted, now.quantity)
            _check([FieldProblem("pieces", count_problem(max(wanted, 0)))])
            return self._log(held, action, [difference(now, now._replace(quantity=wanted), now.id)], note)

    def import_products(self, products: Iterable[Product], note: str = "") -> int | None:
        """Take in many products as one entry: new ones are added, known ones become as given.

        Returns:
            The number of the entry; None where nothing differs from what is.

        Raises:
            Invalid: One of them cannot be taken, so that none is; the reason names it.
        """
        with self._changing() as held:
            lines = self.import_lines(list(products))
            return self._log(held, Action.IMPORT, lines, note) if lines else None

    def import_lines(self, products: Sequence[Product]) -> list[ChangeLine]:
        """Return what an import of these products would change.

        Raises:
            Invalid: One of them cannot be taken; the field names it.
        """
        with self._mutex:
            now = self._store.products
            owners = {code: p.id for p in now.values() for code in p.barcodes}
            problems: list[FieldProblem] = []
            lines: list[ChangeLine] = []
            met: set[str] = set()
            for product in products:
                found = product_problems(product, (), owners, self._decimals)
                problems += [FieldProblem(f"{product.id} {p.field}", p.reason) for p in found]
                if found:
                    continue
                owners.update(dict.fromkeys(product.barcodes, product.id))
                wanted = self._clean(product)
                if wanted.id in met:
                    problems.append(FieldProblem(f"{product.id} id", "stands there twice"))
                met.add(wanted.id)
                if wanted != now.get(wanted.id):
                    lines.append(difference(now.get(wanted.id), wanted, wanted.id))
            _check(problems)
            return lines

    # Sales

    def new_sale_id(self) -> str:
        """Make an id for a basket: its day and time, and enough chance that no two are alike."""
        return f"{self._clock():%y%m%d-%H%M%S}-{secrets.token_hex(4)}"

    def sell(
        self,
        items: Iterable[Item],
        customer: str | None = None,
        sale: str | None = None,
        payment: str = "cash",
        note: str = "",
    ) -> Purchase:
        """Book a sale: all its lines in one entry.

        Args:
            items: Products and pieces, 1 or more of each.
            customer: Id or name of the customer; a name nobody has becomes a new customer; None = a walk-in.
            sale: The basket's own id; a sale booked already is returned and nothing is booked.
            payment: How it is paid.
            note: Free text.

        Raises:
            Invalid: The basket is empty, or a number or a text cannot be taken.
            NotFound: There is no such product.
            OutOfStock: More is wanted of a product than there is now.
            Conflict: The customer's name belongs to several customers; the text has their ids.
        """
        wanted = [_sale_item(item) for item in items]
        _check(_sale_problems(wanted, customer or "", sale, payment, note, self._decimals))
        with self._changing() as held:
            booked = self._store.sales.get(sale) if sale else None
            if booked is not None:
                return booked
            lines = [self._sale_line(item) for item in wanted]
            self._check_stock(lines)
            buyer = self._buyer(customer or "")
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
    ) -> Purchase:
        """Take goods back, at the price that was paid, and put them into the stock.

        Args:
            sale: Id of the sale; None = without a receipt, at today's price or the one in the item.
            lines: Products and pieces; None = all that is left of the sale.
            note: The reason.
            own_id: Id of the return itself; one booked already is returned and nothing is booked.
            customer: Id or name of the customer, where there is no receipt.

        Raises:
            NotFound: There is no such sale, or the product is not in it.
            Invalid: More comes back than is left of the sale, or nothing.
        """
        items = None if lines is None else [_sale_item(item) for item in lines]
        whole = items is None and bool(sale)
        _check(_sale_problems(items or [], customer or "", own_id, "cash", note, self._decimals, whole=whole))
        with self._changing() as held:
            booked = self._store.sales.get(own_id) if own_id else None
            if booked is not None:
                return booked
            if sale:
                original = self._original_sale(sale)
                back = self._lines_back(original, items)
                buyer = Customer(original.customer_id, original.customer)
                payment = original.payment
            else:
                back = [_negative(self._sale_line(item)) for item in items or ()]
                buyer = self._buyer(customer or "")
                payment = "cash"
            fresh = self._purchase(
                back, own_id or self.new_sale_id(), buyer, payment, note, returns=sale or ""
            )
            self._book(held, fresh)
            return fresh

    def _original_sale(self, sale: str) -> Purchase:
        original = self._store.sales.get(sale)
        if original is None:
            raise NotFound(f"there is no sale {sale}")
        if queries.is_return(original):
            raise Invalid([FieldProblem("sale", f"{sale} is itself a return")])
        if original.entry in self.snapshot.undone:
            raise Conflict(f"sale {sale} was undone, so nothing can come back", entry=original.entry)
        return original

    def _lines_back(self, original: Purchase, items: Sequence[SaleItem] | None) -> list[SaleLine]:
        left = queries.still_with_customer(self.snapshot, original)
        if items is None:
            if not left:
                raise Invalid([FieldProblem("", "all of this sale came back already")])
            return [_negative(line) for line in left]
        back: list[SaleLine] = []
        for item in items:
            if not any(line.product_id == item.product_id for line in original.lines):
                raise NotFound(f"product {item.product_id} is not in sale {original.sale}")
            missing = item.quantity
            for place, line in enumerate(left):
                taken = min(missing, line.quantity) if line.product_id == item.product_id else 0
                if taken:
                    decimals = self._decimals
                    part = queries.part_of_line(line, taken, decimals)
                    back.append(_negative(part))
                    left[place] = queries.less_of_line(line, taken, part.discount)
                    missing -= taken
            if missing:
                there = item.quantity - missing
                reason = f"only {there} of product {item.product_id} are left of this sale, {item.quantity} came back"
                raise Invalid([FieldProblem("quantity", reason)])
        return back

    def _sale_line(self, item: SaleItem) -> SaleLine:
        product = self._product(item.product_id)
        price = product.price if item.price is None else rounded(item.price, self._decimals)
        discount = rounded(item.discount, self._decimals)
        total = line_total(item.quantity, price, discount, self._decimals)
        if total < 0:
            raise Invalid([FieldProblem(f"{item.product_id} discount", "is more than the line costs")])
        return SaleLine(product.id, product.name, item.quantity, price, discount, total)

    def _check_stock(self, lines: Iterable[SaleLine]) -> None:
        wanted: dict[str, int] = {}
        for line in lines:
            wanted[line.product_id] = wanted.get(line.product_id, 0) + line.quantity
        for product_id, quantity in wanted.items():
            product = self._store.products[product_id]
            if quantity > product.quantity:
                raise OutOfStock(product, quantity, product.quantity)

    def _buyer(self, customer: str) -> Customer:
        """Return who buys: by id, by name, or new; one without an id for a walk-in."""
        name = normal(customer)
        if not name:
            return Customer("", "")
        if name in self._store.customers:
            return self._store.customers[name]
        namesakes = queries.customers_named(self._store.customers, name)
        if len(namesakes) > 1:
            ids = ", ".join(who.id for who in namesakes)
            raise Conflict(f"{len(namesakes)} customers are called {name}: {ids}; give the id")
        return namesakes[0] if namesakes else Customer(self._next_customer_id(), name)

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

    def _book(self, held: Held, entry: Entry) -> None:
        try:
            self._store.commit(held, entry)
        except ValueError as error:
            raise Invalid([FieldProblem("", str(error))]) from error

    # Undo

    def undo(self, entry: int) -> int:
        """Take an entry back by a further entry, though others have acted since.

        Returns:
            The number of the entry that undoes it.

        Raises:
            NotFound: There is no such entry.
            Conflict: It is undone already, or a later entry stands in the way; `entry` of the error names it.
        """
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
            _check(customer_problems(customer))
            fresh = _clean_customer(customer)._replace(id=self._next_customer_id())
            return self._put_customer(held, fresh)

    def edit_customer(self, customer_id: str, *, was: Customer | None = None, **fields: object) -> Customer:
        """Change some fields of a customer, as `edit` does for a product."""
        with self._changing() as held:
            now = self._store.customers.get(customer_id)
            if now is None:
                raise NotFound(f"there is no customer {customer_id}")
            if was is not None:
                _check_clashes(was, now, fields, ("id",))
            wanted = _clean_customer(_replaced(now, fields))
            _check([p for p in customer_problems(wanted) if p.field in fields])
            return self._put_customer(held, wanted) if wanted != now else now

    def _put_customer(self, held: Held, customer: Customer) -> Customer:
        before = dict(self._store.customers)
        self._store.customers[customer.id] = customer
        try:
            self._store.save_customers(held)
        except StorageError:
            self._store.customers = before
            raise
        return customer

    def _next_customer_id(self) -> str:
        found = map(_CUSTOMER_ID.fullmatch, self._store.customers)
        highest = max((int(number[1]) for number in found if number), default=0)
        return f"C{highest + 1:04d}"

    # Any of these, as a value

    def perform(self, act: Act) -> Outcome:
        """Do what an act says; see the method of its name for what can be refused."""
        match act:
            case AddProduct(product):
                return Outcome(act, f"{product.name} was added", self.add(product))
            case EditProduct(product_id, fields, was):
                entry = self.edit(product_id, was=was, **fields)
                return Outcome(
                    act, f"{self._name(product_id)} was changed" if entry else "Nothing to change", entry
                )
            case RemoveProduct(product_id):
                name = self._name(product_id)
                return Outcome(act, f"{name} was removed", self.remove(product_id))
            case Receive(product_id, pieces, note):
                entry = self.receive(product_id, pieces, note)
                return Outcome(act, f"{self._name(product_id)}: {pieces} received", entry)
            case Count(product_id, pieces, note):
                entry = self.count(product_id, pieces, note)
                return Outcome(act, f"{self._name(product_id)}: {pieces} counted", entry)
            case Adjust(product_id, change, note):
                entry = self.adjust(product_id, change, note)
                return Outcome(act, f"{self._name(product_id)}: stock changed by {change:+}", entry)
            case Undo(number):
                return Outcome(act, f"Entry {number} was undone", self.undo(number))
            case Sell() | GiveBack():
                return self._perform_sale(act)
            case AddCustomer(customer):
                made = self.add_customer(customer)
                return Outcome(act, f"{made.name} is customer {made.id}", customer=made)
            case EditCustomer(customer_id, fields, was_customer):
                kept = self.edit_customer(customer_id, was=was_customer, **fields)
                return Outcome(act, f"{kept.name} was changed", customer=kept)

    def _perform_sale(self, act: Sell | GiveBack) -> Outcome:
        if isinstance(act, Sell):
            purchase = self.sell(act.items, act.customer, act.sale or None, act.payment, act.note)
            done = "Sold for"
        else:
            purchase = self.give_back(
                act.sale or None,
                act.items or None,
                act.note,
                own_id=act.own_id or None,
                customer=act.customer,
            )
            done = "Taken back for"
        settings = self._store.settings
        amount = shown(abs(purchase.total), settings.currency, settings.decimals)
        return Outcome(act, f"{done} {amount}", purchase.entry, purchase)

    def _name(self, product_id: str) -> str:
        product = self._store.products.get(product_id)
        return product.name if product is not None else product_id

    # Help for the above

    @property
    def _decimals(self) -> int:
        return self._store.settings.decimals

    def _product(self, product_id: str) -> Product:
        product = self._store.products.get(product_id)
        if product is None:
            raise NotFound(f"there is no product {product_id}")
        return product

    def _clean(self, product: Product) -> Product:
        """Return a product as the files hold it, so that what is read back is what was written."""
        decimals = self._decimals
        return product._replace(
            id=normal(product.id),
            name=normal(product.name),
            price=_in_decimals(product.price, decimals),
            cost=_in_decimals(product.cost, decimals) if product.cost is not None else None,
            categories=frozenset(map(normal, product.categories)),
            barcodes=frozenset(product.barcodes),
            extra=MappingProxyType(
                {key: text for key, value in product.extra.items() if (text := value.strip())}
            ),
        )

    def _barcode_owners(self, product: Product) -> Mapping[str, str]:
        """Return who has the barcodes of a product, other than itself."""
        if not product.barcodes or not isinstance(product.barcodes, frozenset | set):
            return {}
        return {
            code: other.id
            for other in self._store.products.values()
            if other.id != product.id
            for code in other.barcodes & product.barcodes
        }

    def _log(self, held: Held, action: Action, lines: Sequence[ChangeLine], note: str = "") -> int:
        change = Change(self._store.next_number, self.clerk, action, tuple(lines), note, self._clock())
        self._book(held, change)
        return change.entry

    # By hand

    def hand_edit(self, name: str, editor: Editor) -> HandEdit:
        """Let a person edit one of the shop's files in an editor, while nobody else can write.

        Args:
            name: `inventory.txt`, `customers.txt`, `purchases.txt` or `changes.txt`.
            editor: Edits the copy at the path it is given; returns 0 when done.

        Raises:
            NotFound: The name is another.
            Invalid: A line that was fine is broken now, or an entry is gone; nothing was changed, and the text
                says where the edited copy is.
        """
        with self._changing() as held:
            return hand_edit(self._folder, self._store, held, name, editor)

    def resume(self) -> str:
        """Let the shop be changed again that a failing disk made read-only, where its logs are sound.

        Returns:
            Why it was read-only; empty where it was not.

        Raises:
            Conflict: A log holds lines that cannot be understood; they come first.
        """
        if self._read_only:
            return ""
        with self._mutex, self._folder.locked(LOCK_TIMEOUT_S) as held:
            reason = self._folder.stopped(held.fd)
            if reason:
                if self._store.refresh(held):
                    self._snapshot = None
                logs = (PURCHASES.file, CHANGES.file)
                if any(problem.file in logs for problem in self._store.problems()):
                    raise Conflict(f"nothing can be changed before the logs are mended: {reason}")
                self._folder.release(held)
            return reason


def _to_the_second(clock: Callable[[], datetime]) -> Callable[[], datetime]:
    return lambda: clock().replace(microsecond=0)


def _now() -> datetime:
    return datetime.now().astimezone().replace(microsecond=0)


def _check(problems: Iterable[FieldProblem]) -> None:
    found = [problem for problem in problems if problem.reason]
    if found:
        raise Invalid(found)


def _concerns(problem: FieldProblem, fields: Mapping[str, object]) -> bool:
    """Tell whether a problem is of what an edit brings, not of what the file held before."""
    extra = fields.get("extra")
    return problem.field in fields or (isinstance(extra, Mapping) and problem.field in extra)


def _not_editable(name: str) -> str:
    if name == "quantity":
        return "is changed by receiving, counting or selling, not by an edit"
    if name == "id":
        return "never changes; add a product with the new id and remove this one"
    return "is no field of a product"


def _replaced(row: Row, fields: Mapping[str, Any]) -> Row:
    return row._replace(**fields)


def _check_clashes(
    was: Product | Customer, now: Product | Customer, fields: Mapping[str, object], skipped: Sequence[str]
) -> None:
    """Refuse where somebody changed a field since `was` that this edit changes too, to another value."""
    clashes = [
        Clash(name, _as_text(getattr(was, name)), _as_text(getattr(now, name)), _as_text(value))
        for name, value in fields.items()
        if name not in skipped and getattr(now, name) not in (getattr(was, name), value)
    ]
    if clashes:
        listed = "; ".join(f"{c.field} was {c.was}, is now {c.theirs}, you want {c.yours}" for c in clashes)
        raise Conflict(f"somebody else changed {was.name} meanwhile: {listed}", clashes=clashes)


def _as_text(value: object) -> str:
    return ", ".join(sorted(value)) if isinstance(value, frozenset | set) else str(value)


def _sale_item(item: Item) -> SaleItem:
    return item if isinstance(item, SaleItem) else SaleItem(*item)


def _sale_problems(
    items: Sequence[SaleItem],
    customer: str,
    sale: str | None,
    payment: str,
    note: str,
    decimals: int,
    *,
    whole: bool = False,
) -> list[FieldProblem]:
    """Say what is wrong with a basket; `whole` = all of a sale comes back, so that no items are named."""
    problems = [
        FieldProblem("customer", text_problem(customer)),
        FieldProblem("sale", text_problem(sale, longest=100) if sale else ""),
        FieldProblem("payment", text_problem(payment, required=True, longest=100)),
        FieldProblem("note", text_problem(note)),
    ]
    if sale and sale.startswith(UNDO_SALE):
        problems.append(FieldProblem("sale", f"must not begin with {UNDO_SALE}"))
    if not items and not whole:
        problems.append(FieldProblem("", "there is nothing in the basket"))
    for item in items:
        field = f"{item.product_id} quantity"
        problems.append(FieldProblem(field, count_problem(item.quantity, least=1)))
        if item.price is not None:
            problems.append(FieldProblem(f"{item.product_id} price", amount_problem(item.price, decimals)))
        problems.append(FieldProblem(f"{item.product_id} discount", amount_problem(item.discount, decimals)))
    return problems


def _negative(line: SaleLine) -> SaleLine:
    return line._replace(quantity=-line.quantity, discount=-line.discount, total=-line.total)


def _clean_customer(customer: Customer) -> Customer:
    return customer._replace(
        name=normal(customer.name),
        phone=normal(customer.phone),
        email=normal(customer.email),
        note=normal(customer.note),
    )


def _in_decimals(amount: Decimal, decimals: int) -> Decimal:
    """Return an amount with the shop's decimals, or as it is where that would change it."""
    if amount_problem(amount, decimals):
        return amount
    return rounded(amount, decimals)
