"""What the tables of a shop say beside its logs: the inventory, the customers, the settings.

`inventory.txt` is compared with what the logs say of the entry it counts up to; where it differs, a person edited
it, and the difference becomes a `hand-edit` entry.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime

from tracker_tui.errors import StorageError
from tracker_tui.model.records import (
    Action,
    Change,
    ChangeLine,
    Customer,
    Entry,
    HeldEdit,
    Problem,
    Product,
    Settings,
)
from tracker_tui.model.shelf import OpenShelf
from tracker_tui.model.state import apply, apply_change, difference, replay
from tracker_tui.storage.codec import PURCHASES
from tracker_tui.storage.compare import Known
from tracker_tui.storage.derived import full_state
from tracker_tui.storage.folder import Folder, Held, Signature, owner_of, read_file, signature_of
from tracker_tui.storage.formats import CUSTOMERS, INVENTORY
from tracker_tui.storage.log import FARTHEST_JUMP
from tracker_tui.storage.merge import hand_edit_lines, question_of
from tracker_tui.storage.past_book import PastBook
from tracker_tui.storage.settings import SETTINGS_FILE, checked_command, read_settings
from tracker_tui.storage.table import Row, Table, TableFormat, read_table
from tracker_tui.typed import Final

LARGE_ROWS: Final = 500
"""A table of fewer rows is read more quickly than it is worth while to keep what reading it gave."""
_LOG_START: Final = b"entry,"
_LATER_VERSION: Final = (
    "inventory.txt was written by a later version of this program;"
    " look at it here, change it with that version"
)


class TablesBook(PastBook):
    """The logs of one shop, and its tables as they were read last.

    Attributes:
        customers: Customers by id, from their file and from the sales.
        customers_unsaved: Whether `customers.txt` lacks a customer whom a sale names.
        unlogged: Whether the files hold something that is counted here but not logged yet, for want of the
            lock: a hand edit, or the original script's purchases.
        held_edit: A large change of the inventory by hand that is neither taken over nor refused yet.
    """

    def __init__(self, folder: Folder, clock: Callable[[], datetime], *, read_only: bool) -> None:
        self._settings_problems: tuple[Problem, ...] = ()
        self._settings_known: Settings | None = None
        self._answered = ""
        super().__init__(folder, clock, read_only=read_only)

    def _reset(self) -> None:
        super()._reset()
        self._inventory: Table[Product] = Table(INVENTORY)
        self._as_of: int | None = None
        self._customers_file: Table[Customer] = Table(CUSTOMERS)
        self._read_ahead: tuple[Signature | None, Table[Customer]] | None = None
        self.customers_unsaved = False
        self._original: tuple[Problem, ...] = ()
        self._inventory_notes: list[Problem] = []
        self.unlogged = False
        self.held_edit: HeldEdit | None = None

    def _writing(self, held: Held | None) -> Held | None:
        """Return the lock, unless nothing may be written because a later version wrote the inventory."""
        return None if self.later_version else held

    def _read_settings(self, fd: int) -> None:
        self._signatures[SETTINGS_FILE] = signature_of(fd, SETTINGS_FILE)
        try:
            data, self._signatures[SETTINGS_FILE] = read_file(fd, SETTINGS_FILE)
        except FileNotFoundError:
            data = b""
        read = read_settings(data, self._settings_known)
        self.settings, self._settings_problems = checked_command(fd, *read)
        self._settings_known = self.settings

    def _read_customers(self, fd: int) -> None:
        ahead, self._read_ahead = self._read_ahead, None
        if ahead is None or ahead[0] != signature_of(fd, CUSTOMERS.file):
            ahead = self._read_customers_file(fd)
        self._signatures[CUSTOMERS.file], self._customers_file = ahead
        self._mix_customers(fd)

    def _read_customers_file(self, fd: int) -> tuple[Signature | None, Table[Customer]]:
        try:
            data, signature = read_file(fd, CUSTOMERS.file)
        except FileNotFoundError:
            data, signature = b"", None
        return signature, _read(fd, CUSTOMERS, data, self.settings.decimals)

    def _read_customers_ahead(self, fd: int) -> None:
        """Read the customers while the logs are counted; where their file changes meanwhile it is read again."""
        if self._counter is not None:
            self._read_ahead = self._read_customers_file(fd)
            self._read_ahead[1].rows.place("")  # to look for one lays out where each id stands

    def _mix_customers(self, fd: int) -> None:
        """Take the customers of the file, and those whom only the sales name."""
        self.customers = OpenShelf(self._customers_file.rows)
        if self._history is not None:
            saved = self._saved(fd)
            if saved is None or saved.customers != full_state(fd, CUSTOMERS.file):
                for key, name in self._history.past.people():
                    self._know(key, name)
        for sale in self._sales.values():
            self._know(sale.customer_id, sale.customer)
        self.customers_unsaved = bool(self.customers.changed)

    def _know(self, customer_id: str, name: str) -> None:
        if customer_id and customer_id not in self.customers:
            self.customers[customer_id] = Customer(customer_id, name)
            self.customers_unsaved = True

    def _read_inventory(self, fd: int) -> tuple[bytes | None, Table[Product]]:
        try:
            data, self._signatures[INVENTORY.file] = read_file(fd, INVENTORY.file)
        except FileNotFoundError:
            self._signatures[INVENTORY.file] = None
            self.later_version = ""
            return None, Table(INVENTORY)
        table = _read(fd, INVENTORY, data, self.settings.decimals)
        self.later_version = _LATER_VERSION if table.newer else ""
        return data, table

    def keep_readings(self) -> None:
        """Keep what reading the tables found out, where they are large, so that the next start need not read them."""
        looked_at = max(self._inventory.rows.looked_at, self._customers_file.rows.looked_at)
        if looked_at < LARGE_ROWS or self._read_only:
            return
        from tracker_tui.storage.knowledge import keep_reading  # noqa: PLC0415 - small shops have no need of it

        with contextlib.suppress(StorageError), self.folder.opened() as fd:
            mode = self.folder.mode(fd)
            keep_reading(fd, mode, INVENTORY, self._inventory)
            keep_reading(fd, mode, CUSTOMERS, self._customers_file)

    # What the inventory says

    def _take_inventory(self, fd: int, held: Held | None, data: bytes | None, table: Table[Product]) -> None:
        """Compare the inventory with the logs; log what a person changed in it."""
        notes: list[Problem] = []
        lines: list[ChangeLine] = []
        self.held_edit = None
        base: Mapping[str, Product] = {}
        if data is not None:
            if table.as_of is not None and table.as_of > self.next_number + FARTHEST_JUMP:
                reason = f"entry {table.as_of} was never reached; the quantities are taken as they stand"
                notes.append(Problem(INVENTORY.file, 1, reason))
                table.as_of = None
            if table.as_of is not None and table.as_of > self.entry:
                self._highest = max(self._highest, table.as_of)
                reason = f"counts up to entry {table.as_of}, but the logs end at {self.entry}; the file is believed"
                notes.append(Problem(INVENTORY.file, 1, reason))
            base, ids = self._lay_out(fd, table)
            short = self._logs_short(table)
            lines, notes_of_merge = hand_edit_lines(base if short else self.products, base, table, ids)
            if lines and self._is_merged(data, table):
                lines, short = [], False
            else:
                notes += notes_of_merge
            if short:
                lines = self._as_if_since(table.as_of, base, lines)
            if lines:
                first = table.as_of is None and not any(isinstance(entry, Change) for entry in self.recent)
                first = first and not self.past.changed
                mark = self._merge_mark(data, table)
                if not first and mark != self._answered:
                    self.held_edit = question_of(
                        lines,
                        base,
                        self._count_of(base),
                        mark,
                        owner_of(fd, INVENTORY.file),
                        logs_short=short,
                    )
                if self.held_edit is not None:
                    notes.append(Problem(INVENTORY.file, 0, f"{self.held_edit}. It waits for an answer."))
                    self._count_held(lines)
                else:
                    notes += self._log_hand_edit(fd, held, lines, mark, data, first=first)
        elif self._history is not None:
            self._lay_out(fd, table)
        self._inventory, self._inventory_notes, self._as_of = table, notes, table.as_of

    def _lay_out(self, fd: int, table: Table[Product]) -> tuple[Mapping[str, Product], Iterable[str]]:
        """Lay the products of now over the rows of the file.

        Returns:
            The products as of the entry that the file counts up to, and the ids in which it may differ from
            them; where there is a past, only these products.
        """
        if self._history is None:
            products = replay(self.recent)
            base = self._replayed_to(table.as_of, products)
            self.products = laid_over(table, products)
            return base, table.rows.keys() | base.keys()
        found, number = self._differing(fd, self._history, table)
        self._known = Known(table, number, found)
        shelf: OpenShelf[Product] = OpenShelf(table.rows)
        for key, product in found.items():
            if product is not None:
                shelf[key] = product
            else:
                shelf.pop(key, None)
        for entry in self.ledger.since(number):
            apply(shelf, entry)
        self.products = shelf
        return {key: product for key, product in found.items() if product is not None}, found

    def _replayed_to(self, number: int | None, now: dict[str, Product]) -> dict[str, Product]:
        """Return the products after the entry `number`; None or a later one = as they are."""
        if number is None or number >= self.entry:
            return now
        return replay(entry for entry in self.recent if entry.entry <= number)

    def _count_of(self, base: Mapping[str, Product]) -> int:
        """Return how many products there were."""
        return len(base) if self._history is None else len(self.products)

    def _as_if_since(
        self, number: int | None, base: Mapping[str, Product], lines: list[ChangeLine]
    ) -> list[ChangeLine]:
        """Return what makes the products those that there were, had `lines` stood before the later entries."""
        believed = dict(base)
        for line in lines:
            apply_change(believed, line)
        ids = {line.product_id for line in lines} | base.keys()
        for entry in self.ledger.since(number or 0):
            apply(believed, entry)
        return [
            difference(self.products.get(key), believed.get(key), key)
            for key in dict.fromkeys([*self.products, *believed] if self._history is None else sorted(ids))
            if self.products.get(key) != believed.get(key)
        ]

    def _logs_short(self, table: Table[Product]) -> bool:
        """Tell whether entries that the file counts are in no log any more, gone or damaged.

        Entries before the last merge are made up for by it.
        """
        if table.as_of is None:
            return False
        marked = (entry.entry for entry in reversed(self.recent) if _is_merge(entry))
        since = next(marked, self.past.merges[-1][0] if self.past.merges else 0)
        gaps = self._gaps(max(table.as_of, self.entry))
        return any(first <= table.as_of and last > since for first, last in gaps)

    def _count_held(self, lines: list[ChangeLine]) -> None:
        """Where the logs are short the file is believed meanwhile, else the logs are."""
        if self.held_edit is not None and self.held_edit.logs_short:
            for line in lines:
                apply_change(self.products, line)

    def _is_merged(self, data: bytes, table: Table[Product]) -> bool:
        """Tell whether exactly this file was merged before, by a session that died before it saved."""
        mark = self._merge_mark(data, table)
        marks = [*self.past.merges, *((entry.entry, entry.note) for entry in self.recent if _is_merge(entry))]
        return any(note == mark and (table.as_of is None or number > table.as_of) for number, note in marks)

    def _merge_mark(self, data: bytes, table: Table[Product]) -> str:
        """Return the note of the entry that merges exactly this file, so that it is never merged twice.

        A file that says up to which entry it counts may be saved again word for word: it says nothing new. One
        that does not say it is new each time that it is saved.
        """
        import hashlib  # noqa: PLC0415 - it loads OpenSSL, and most runs meet no edit by hand

        digest = hashlib.sha256(data)
        signature = self._signatures.get(INVENTORY.file)
        if table.as_of is None and signature is not None:
            digest.update(b"%d" % signature.mtime_ns)
        return f"{INVENTORY.file} {digest.hexdigest()[:12]}"

    def _log_hand_edit(
        self, fd: int, held: Held | None, lines: list[ChangeLine], mark: str, data: bytes, *, first: bool
    ) -> list[Problem]:
        """Book a person's edits; without the lock they only count here, until it is to be had.

        Returns:
            Why they cannot be booked at all; the file is kept beside the new one then.
        """
        if held is None or self._read_only:
            for line in lines:
                apply_change(self.products, line)
            self.unlogged = True
            return []
        action = Action.IMPORT if first else Action.HAND_EDIT
        who = owner_of(fd, INVENTORY.file)
        change = Change(self.next_number, who, action, tuple(lines), mark, self._clock())
        if first:
            self._keep_inventory(held, data)
        try:
            self.commit(held, change)
        except ValueError as error:
            self._keep_inventory(held, data)
            return [Problem(INVENTORY.file, 0, f"the changes made by hand cannot be booked: {error}")]
        return []

    def _take_over_original(self, fd: int, held: Held | None, inventory: Table[Product]) -> None:
        """Make entries of the original script's purchases; keep the old file beside the new one."""
        if _begins_as_a_log(fd):
            return
        from tracker_tui.storage.takeover import read_original, take_over  # noqa: PLC0415 - once in a shop's life

        after = max(self._highest, inventory.as_of or 0)
        original = read_original(fd, inventory.rows, self.settings.decimals, after)
        if original is None:
            return
        self._original = original.problems
        if held is None or self._read_only:
            self._original_taken = self.unlogged = True
            self._add_all(list(original.sales))
            for sale in original.sales:  # they get their numbers when they are booked
                self._seen.pop(sale.entry, None)
            return
        kept = take_over(self.folder, held, original, self.settings.decimals)
        self.notices += [kept] if kept is not None else []

    def _keep_inventory(self, held: Held, data: bytes, what: str = "original") -> None:
        from tracker_tui.storage.takeover import keep_old  # noqa: PLC0415 - hardly ever

        kept = keep_old(self.folder, held, INVENTORY.file, data, what)
        self.notices += [kept] if kept is not None else []


def _read(fd: int, format_: TableFormat[Row], data: bytes, decimals: int) -> Table[Row]:
    """Read a table; a large one with what is known of it from an earlier reading."""
    if data.count(b"\n") < LARGE_ROWS:
        return read_table(format_, data, decimals)
    from tracker_tui.storage.known_rows import earlier_reading  # noqa: PLC0415 - as above

    return read_table(format_, data, decimals, earlier_reading(fd, format_))


def _begins_as_a_log(fd: int) -> bool:
    """Tell whether the purchases are surely not the original script's."""
    try:
        return read_file(fd, PURCHASES.file, most=len(_LOG_START))[0] == _LOG_START
    except FileNotFoundError:
        return False


def laid_over(table: Table[Product], products: Mapping[str, Product]) -> OpenShelf[Product]:
    """Return some products as what is other than in a table."""
    shelf: OpenShelf[Product] = OpenShelf(table.rows)
    left = dict(products.items())
    for place in table.rows.places:
        row = table.rows.row(place)
        if row is not None:
            product = left.pop(row.id, None)
            if product is None:
                del shelf[row.id]
            elif product != row:
                shelf[row.id] = product
    for key, product in left.items():
        shelf[key] = product
    return shelf


def _is_merge(entry: Entry) -> bool:
    return isinstance(entry, Change) and entry.note.startswith(f"{INVENTORY.file} ")
