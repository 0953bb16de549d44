"""The shop as its files tell it: both logs, the inventory, the customers, kept up to date in memory.

The state is what a replay of the logs gives. `inventory.txt` is compared with what the logs say of the entry
it counts up to; where it differs, a person edited it, and the difference becomes a `hand-edit` entry.
Nothing here is safe for threads: the service has the one lock.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from datetime import date, datetime
from typing import Final

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
)
from tracker_tui.model.state import apply_change, difference, replay
from tracker_tui.storage.backups import BACKUPS, keep_copies, read_copy
from tracker_tui.storage.book import Base, Book
from tracker_tui.storage.codec import CHANGES, PURCHASES
from tracker_tui.storage.folder import Folder, Held, owner_of, read_file, signature_of
from tracker_tui.storage.formats import CUSTOMERS, INVENTORY
from tracker_tui.storage.log import FARTHEST_JUMP, Rewritten
from tracker_tui.storage.merge import hand_edit_lines, question_of
from tracker_tui.storage.settings import SETTINGS_FILE, read_settings
from tracker_tui.storage.surroundings import open_elsewhere
from tracker_tui.storage.table import Table, read_table, write_table
from tracker_tui.storage.takeover import keep_old, read_original, take_over

FILES: Final = (INVENTORY.file, PURCHASES.file, CHANGES.file, CUSTOMERS.file, SETTINGS_FILE)
_RACE_TRIES: Final = 3
_LATER_VERSION: Final = (
    "inventory.txt was written by a later version of this program;"
    " look at it here, change it with that version"
)


class Store(Book):
    """The files of one shop and what they say.

    Attributes:
        customers: Customers by id, from their file and from the sales.
        open_elsewhere: Files that an editor seems to have open now.
        unlogged: Whether the files hold something that is counted here but not logged yet, for want of the
            lock: a hand edit, or the original script's purchases.
        next_number: The number that the next entry gets.
        held_edit: A large change of the inventory by hand that is neither taken over nor refused yet.
    """

    def __init__(self, folder: Folder, clock: Callable[[], datetime], *, read_only: bool) -> None:
        self._settings_problems: tuple[Problem, ...] = ()
        self.open_elsewhere: list[Problem] = []
        self._answered = ""
        self._copied: date | None = None
        super().__init__(folder, clock, read_only=read_only)

    def _reset(self) -> None:
        super()._reset()
        self._inventory: Table[Product] = Table(INVENTORY.columns)
        self._customers_file: Table[Customer] = Table(CUSTOMERS.columns)
        self._original: tuple[Problem, ...] = ()
        self._inventory_notes: list[Problem] = []
        self.unlogged = False
        self.held_edit: HeldEdit | None = None

    @property
    def _counted(self) -> int:
        """The number that the inventory shall count up to: also one that is gone from the logs stays used."""
        return max(self._highest, self.entry)

    @property
    def unsaved(self) -> bool:
        """Whether `inventory.txt` or `customers.txt` is behind what the logs say."""
        table = self._inventory
        if not self.entries and not self.products and not table.rows:
            return False
        if self.held_edit is not None:
            return self.customers_unsaved
        return (
            table.as_of != self._counted
            or not (table.plain and table.whole)
            or self._signatures.get(INVENTORY.file) is None
            or self.customers_unsaved
        )

    @property
    def customers_unsaved(self) -> bool:
        """Whether `customers.txt` lacks a customer whom a sale names."""
        return any(key not in self._customers_file.rows for key in self.customers)

    def problems(self) -> tuple[Problem, ...]:
        """Return everything that is wrong in the files, in the order of the files."""
        return (
            *self._settings_problems,
            *self._inventory.problems,
            *self._inventory_notes,
            *self._original,
            *self.log_problems(),
            *self._customers_file.problems,
        )

    # Reading

    def refresh(self, held: Held | None = None) -> bool:
        """Catch up with the files; tell whether anything changed.

        Args:
            held: The lock, where it is held: then torn tails are set aside and hand edits logged.

        Raises:
            StorageError: A file cannot be read.
        """
        try:
            if held is not None:
                return self._refresh(held.fd, held)
            with self.folder.opened() as fd:
                return self._refresh(fd, None)
        except StorageError:
            self._signatures = {}
            raise

    def _refresh(self, fd: int, held: Held | None) -> bool:
        now = {name: signature_of(fd, name) for name in FILES}
        changed = {
            name for name in FILES if name not in self._signatures or now[name] != self._signatures[name]
        }
        if held is not None and (self.unlogged or self._tail_unread(now)):
            changed.add(PURCHASES.file)
        before, self.open_elsewhere = self.open_elsewhere, open_elsewhere(fd, FILES)
        if not changed:
            return before != self.open_elsewhere
        if not self._signatures or SETTINGS_FILE in changed or self.unlogged or self.held_edit is not None:
            self._load(fd, held)
            return True
        try:
            inventory = self._read_inventory(fd) if INVENTORY.file in changed else None
            held = self._writing(held)
            self._read_logs(fd, held)
            if CUSTOMERS.file in changed:
                self._read_customers(fd)
            if inventory is not None:
                self._take_inventory(fd, held, *inventory)
        except Rewritten:
            self._load(fd, held)
        return True

    def _load(self, fd: int, held: Held | None) -> None:
        """Read everything from the beginning; where that fails, what was known before stays."""
        before = dict(vars(self))
        try:
            self._load_all(fd, held)
        except StorageError:
            vars(self).update(before)
            raise

    def _load_all(self, fd: int, held: Held | None) -> None:
        highest = max(self._highest, self.entry)
        self._reset()
        self._highest = highest
        self._read_settings(fd)
        for attempt in range(_RACE_TRIES):
            try:
                inventory = self._read_inventory(fd)
                held = self._writing(held)
                self._take_over_original(fd, held, inventory[1])
                self._read_logs(fd, held)
                break
            except Rewritten:
                self._read_again()
                if attempt == _RACE_TRIES - 1:
                    raise StorageError("the logs are being rewritten by another program; try again") from None
        if held is not None and not self._read_only:
            self.folder.sweep(held)
        self._miss_entries()
        self._read_customers(fd)
        self._take_inventory(fd, held, *inventory)

    def _writing(self, held: Held | None) -> Held | None:
        """Return the lock, unless nothing may be written because a later version wrote the inventory."""
        return None if self.later_version else held

    def _read_settings(self, fd: int) -> None:
        self._signatures[SETTINGS_FILE] = signature_of(fd, SETTINGS_FILE)
        try:
            data, self._signatures[SETTINGS_FILE] = read_file(fd, SETTINGS_FILE)
        except FileNotFoundError:
            data = b""
        self.settings, self._settings_problems = read_settings(data)

    def _read_customers(self, fd: int) -> None:
        try:
            data, signature = read_file(fd, CUSTOMERS.file)
            self._signatures[CUSTOMERS.file] = signature
        except FileNotFoundError:
            data = b""
            self._signatures[CUSTOMERS.file] = None
        self._customers_file = read_table(CUSTOMERS, data, self.settings.decimals)
        self._mix_customers()

    def _mix_customers(self) -> None:
        """Take the customers of the file, and those whom only the sales name."""
        customers = dict(self._customers_file.rows)
        for sale in self.sales.values():
            if sale.customer_id and sale.customer_id not in customers:
                customers[sale.customer_id] = Customer(sale.customer_id, sale.customer)
        self.customers = customers

    def _read_inventory(self, fd: int) -> tuple[bytes | None, Table[Product]]:
        try:
            data, self._signatures[INVENTORY.file] = read_file(fd, INVENTORY.file)
        except FileNotFoundError:
            self._signatures[INVENTORY.file] = None
            self.later_version = ""
            return None, Table(INVENTORY.columns)
        table = read_table(INVENTORY, data, self.settings.decimals)
        self.later_version = _LATER_VERSION if table.newer else ""
        return data, table

    # What the inventory says

    def _take_inventory(self, fd: int, held: Held | None, data: bytes | None, table: Table[Product]) -> None:
        """Compare the inventory with the logs; log what a person changed in it."""
        notes: list[Problem] = []
        lines: list[ChangeLine] = []
        self.held_edit = None
        if data is not None:
            if table.as_of is not None and table.as_of > self.next_number + FARTHEST_JUMP:
                reason = f"entry {table.as_of} was never reached; the quantities are taken as they stand"
                notes.append(Problem(INVENTORY.file, 1, reason))
                table.as_of = None
            if table.as_of is not None and table.as_of > self.entry:
                self._highest = max(self._highest, table.as_of)
                reason = f"counts up to entry {table.as_of}, but the logs end at {self.entry}; the file is believed"
                notes.append(Problem(INVENTORY.file, 1, reason))
            if not self._is_merged(data, table):
                base = self._products_at(table.as_of)
                short = self._logs_short(table)
                lines, notes_of_merge = hand_edit_lines(base if short else self.products, base, table)
                notes += notes_of_merge
                if short:
                    lines = self._as_if_since(table.as_of, base, lines)
            if lines:
                first = table.as_of is None and not any(isinstance(entry, Change) for entry in self.entries)
                mark = self._merge_mark(data, table)
                if not first and mark != self._answered:
                    self.held_edit = question_of(
                        lines, base, mark, owner_of(fd, INVENTORY.file), logs_short=short
                    )
                if self.held_edit is not None:
                    notes.append(Problem(INVENTORY.file, 0, f"{self.held_edit}. It waits for an answer."))
                    self._count_held(lines)
                else:
                    notes += self._log_hand_edit(fd, held, lines, mark, data, first=first)
        self._inventory, self._inventory_notes = table, notes
        if not lines and table.as_of is not None and table.as_of <= self.entry:
            self._base = Base(table.as_of, dict(self._products_at(table.as_of)))
        self._order_products()

    def _as_if_since(
        self, number: int | None, base: dict[str, Product], lines: list[ChangeLine]
    ) -> list[ChangeLine]:
        """Return what makes the products those that there were, had `lines` stood before the later entries."""
        believed = dict(base)
        for line in lines:
            apply_change(believed, line)
        believed = replay((entry for entry in self.entries if entry.entry > (number or 0)), believed)
        return [
            difference(self.products.get(key), believed.get(key), key)
            for key in {**self.products, **believed}
            if self.products.get(key) != believed.get(key)
        ]

    def _logs_short(self, table: Table[Product]) -> bool:
        """Tell whether entries that the file counts are in no log any more, gone or damaged.

        Entries before the last merge are made up for by it.
        """
        if table.as_of is None:
            return False
        marked = (entry.entry for entry in reversed(self.entries) if _is_merge(entry))
        since = next(marked, 0)
        there = sum(since < number <= table.as_of for number in self._numbers)
        return there < table.as_of - since

    def _count_held(self, lines: list[ChangeLine]) -> None:
        """Where the logs are short the file is believed meanwhile, else the logs are."""
        if self.held_edit is not None and self.held_edit.logs_short:
            for line in lines:
                apply_change(self.products, line)

    def _is_merged(self, data: bytes, table: Table[Product]) -> bool:
        """Tell whether exactly this file was merged before, by a session that died before it saved."""
        mark = self._merge_mark(data, table)
        for entry in reversed(self.entries):
            if table.as_of is not None and entry.entry <= table.as_of:
                return False
            if isinstance(entry, Change) and entry.note == mark:
                return True
        return False

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

    def _products_at(self, number: int | None) -> dict[str, Product]:
        """Return the products as they were after the entry `number`; None or a later one = as they are."""
        if number is None or number >= self.entry:
            return self.products
        start = self._base if self._base.entry <= number else Base(0, {})
        return replay((e for e in self.entries if start.entry < e.entry <= number), start.products)

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

    def _order_products(self) -> None:
        """Bring the products into the order of the file."""
        rows = self._inventory.rows
        if rows and list(rows) != list(self.products):
            ordered = {key: self.products[key] for key in rows if key in self.products}
            self.products = {**ordered, **self.products}

    def _take_over_original(self, fd: int, held: Held | None, inventory: Table[Product]) -> None:
        """Make entries of the original script's purchases; keep the old file beside the new one."""
        after = max(self._highest, inventory.as_of or 0)
        original = read_original(fd, inventory.rows, self.settings.decimals, after)
        if original is None:
            return
        self._original = original.problems
        if held is None or self._read_only:
            self._original_taken = self.unlogged = True
            self._add_all(list(original.sales))
            return
        kept = take_over(self.folder, held, original, self.settings.decimals)
        self.notices += [kept] if kept is not None else []

    def _keep_inventory(self, held: Held, data: bytes, what: str = "original") -> None:
        kept = keep_old(self.folder, held, INVENTORY.file, data, what)
        self.notices += [kept] if kept is not None else []

    # Writing

    def save(self, held: Held) -> bool:
        """Write the inventory, and the customers where they lack one, as of the last entry; tell if it was due."""
        self.refresh(held)
        self._check_version()
        if not self.unsaved:
            return False
        if self.customers_unsaved:
            self.save_customers(held)
        if self.held_edit is not None:
            return True
        self._save_inventory(held)
        return True

    def _save_inventory(self, held: Held) -> None:
        table = self._inventory
        data, saved = write_table(INVENTORY, table, self.products, self._counted)
        before = self._signatures.get(INVENTORY.file)
        self._signatures[INVENTORY.file] = self.folder.replace(held, INVENTORY.file, data, over=before)
        self._inventory = saved
        self.notices += self._inventory_notes
        self._inventory_notes = []
        self._base = Base(self.entry, dict(self.products))
        self._keep_copies(held, data)

    def _keep_copies(self, held: Held, inventory: bytes) -> None:
        """Leave the day's copies of the tables; that this fails is told, and keeps nothing else from being done."""
        today = self._clock().date()
        if self._copied == today:
            return
        files = {INVENTORY.file: inventory}
        try:
            with contextlib.suppress(FileNotFoundError):
                files[CUSTOMERS.file] = read_file(held.fd, CUSTOMERS.file)[0]
            keep_copies(self.folder, held, today, files)
        except StorageError as error:
            self.notices.append(Problem(BACKUPS, 0, f"the copies of today could not be made: {error}"))
        self._copied = today

    def copy_of(self, held: Held, day: date) -> dict[str, Product]:
        """Return the products as a day's copy of the inventory has them, by id.

        Raises:
            NotFound: There is no copy of that day.
            StorageError: It cannot be read, or is not whole.
        """
        table = read_table(INVENTORY, read_copy(held.fd, INVENTORY.file, day), self.settings.decimals)
        if table.problems or not table.whole:
            reason = str(table.problems[0]) if table.problems else "its end is missing"
            raise StorageError(f"the copy of {day} is damaged: {reason}; nothing was changed")
        return table.rows

    def answer_edit(self, held: Held, *, take: bool) -> bool:
        """Take the large edit over as a `hand-edit` entry, or put the rows back as they were; tell if there was one.

        What is refused is kept beside the file.
        """
        question = self.held_edit
        if question is None:
            return False
        if take:
            self._answered = question.mark
            self._load(held.fd, held)
        else:
            data, _ = self._read_inventory(held.fd)
            if data is not None:
                self._keep_inventory(held, data, "refused")
            self.held_edit = None
            self.products = replay(self.entries)
            self._inventory_notes = []
        self._save_inventory(held)
        return True

    def give_up_lost(self, held: Held) -> None:
        """Count the entries that are gone from their logs no more."""
        self._given_up.update(entry.entry for entry in self.lost)
        self._load(held.fd, held)

    def save_customers(self, held: Held) -> None:
        """Write the customers' file anew, with everything of it that is the shop's own."""
        self._check_version()
        data, table = write_table(CUSTOMERS, self._customers_file, self.customers, None)
        before = self._signatures.get(CUSTOMERS.file)
        self._signatures[CUSTOMERS.file] = self.folder.replace(held, CUSTOMERS.file, data, over=before)
        self._customers_file = table


def _is_merge(entry: Entry) -> bool:
    return isinstance(entry, Change) and entry.note.startswith(f"{INVENTORY.file} ")
