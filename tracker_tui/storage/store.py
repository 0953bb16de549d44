"""The shop as its files tell it: both logs, the inventory, the customers, kept up to date in memory.

The state is what a replay of the logs gives. `inventory.txt` is compared with what the logs say of the entry
it counts up to; where it differs, a person edited it, and the difference becomes a `hand-edit` entry.
Nothing here is safe for threads: the service has the one lock.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from typing import Final

from tracker_tui.errors import StorageError
from tracker_tui.model.collector import resting_collector
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
from tracker_tui.storage.backups import BACKUPS, keep_copies, read_copy
from tracker_tui.storage.beside import CountingBeside
from tracker_tui.storage.book import Book, OutOfOrder
from tracker_tui.storage.codec import CHANGES, PURCHASES
from tracker_tui.storage.compare import Known, differing
from tracker_tui.storage.derived import LogMark, Saved, full_state, read_saved, write_history, write_saved
from tracker_tui.storage.folder import Folder, Held, as_they_were, owner_of, read_file, signature_of
from tracker_tui.storage.formats import CUSTOMERS, INVENTORY
from tracker_tui.storage.history_file import Unfit
from tracker_tui.storage.history_open import LOGS, OpenHistory
from tracker_tui.storage.lock import Names
from tracker_tui.storage.log import FARTHEST_JUMP, Rewritten
from tracker_tui.storage.merge import hand_edit_lines, question_of
from tracker_tui.storage.settings import SETTINGS_FILE, checked_command, read_settings
from tracker_tui.storage.surroundings import open_elsewhere
from tracker_tui.storage.table import Row, Table, TableFormat, read_table
from tracker_tui.storage.table_write import splice_table, write_table

FILES: Final = (INVENTORY.file, PURCHASES.file, CHANGES.file, CUSTOMERS.file, SETTINGS_FILE)
SMALL_BYTES: Final = 1 << 16
"""Logs of no more bytes than this are read whole at each start."""
LONGEST_TAIL: Final = 8 << 20
"""Where the logs have more bytes behind their history, they are counted anew at the start."""
LARGE_ROWS: Final = 4_000
"""A table of fewer rows is read more quickly than it is worth while to keep what reading it gave."""
_MOST_CHANGED: Final = 5_000
"""Rows that may lie over the inventory as it was read before it is read anew."""
_RACE_TRIES: Final = 3
_LOG_START: Final = b"entry,"
_LATER_VERSION: Final = (
    "inventory.txt was written by a later version of this program;"
    " look at it here, change it with that version"
)


class Uncounted(StorageError):
    """The logs must be counted anew, which takes long, and the folder's lock is held."""

    def __init__(self) -> None:
        super().__init__("the logs were changed by another program and must be counted anew; try again")


class Store(Book):
    """The files of one shop and what they say.

    Attributes:
        customers: Customers by id, from their file and from the sales.
        open_elsewhere: Files that an editor seems to have open now.
        customers_unsaved: Whether `customers.txt` lacks a customer whom a sale names.
        told: Told, where the logs must be counted anew, how many bytes of how many are done.
        patient: Whether they may be counted anew also while the lock is held.
        unlogged: Whether the files hold something that is counted here but not logged yet, for want of the
            lock: a hand edit, or the original script's purchases.
        next_number: The number that the next entry gets.
        held_edit: A large change of the inventory by hand that is neither taken over nor refused yet.
    """

    def __init__(self, folder: Folder, clock: Callable[[], datetime], *, read_only: bool) -> None:
        self._settings_problems: tuple[Problem, ...] = ()
        self._settings_known: Settings | None = None
        self.open_elsewhere: list[Problem] = []
        self._answered = ""
        self._copied: date | None = None
        self._whole = False
        self._known: Known | None = None
        self._names_as_of: Names | None = None
        self._loading = False
        self._beside = CountingBeside(folder.path)
        self.told: Callable[[int, int], None] = lambda _done, _size: None
        self.patient = False
        super().__init__(folder, clock, read_only=read_only)

    def _reset(self) -> None:
        super()._reset()
        self._inventory: Table[Product] = Table(INVENTORY)
        self._as_of: int | None = None
        self._customers_file: Table[Customer] = Table(CUSTOMERS)
        self.customers_unsaved = False
        self._original: tuple[Problem, ...] = ()
        self._inventory_notes: list[Problem] = []
        self._history: OpenHistory | None = None
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
        if not len(self.ledger) and not self.products and not table.rows:
            return False
        if self.held_edit is not None:
            return self.customers_unsaved
        return (
            self._as_of != self._counted
            or not (table.house_form and table.whole)
            or self._signatures.get(INVENTORY.file) is None
            or self.customers_unsaved
        )

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
            Uncounted: The lock is held, and to go on would take long; without the lock it does.
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
        if self._is_as_it_was(fd):
            return False
        changed = self._take_in(fd, held)
        self._names_as_of = self.folder.names_as_of
        return changed

    def _is_as_it_was(self, fd: int) -> bool:
        """Tell, as cheaply as can be, that there is nothing new since the last look at everything.

        While no name in the folder was made, renamed or taken away, only the files that are there can have
        changed: no editor has come, no settings, no flag.
        """
        names = self.folder.names_as_of
        return (
            names is not None
            and names == self._names_as_of
            and len(self._signatures) == len(FILES)
            and not self.unlogged
            and not self._tail_unread(self._signatures)
            and not (self._history is not None and self._history.spoilt)
            and as_they_were(fd, self._signatures)
        )

    def _take_in(self, fd: int, held: Held | None) -> bool:
        """Look at everything, and read what is new; tell whether there was anything."""
        if self._history is not None and self._history.spoilt:
            self._signatures = {}
        now = {name: signature_of(fd, name) for name in FILES}
        changed = {
            name for name in FILES if name not in self._signatures or now[name] != self._signatures[name]
        }
        if held is not None and (self.unlogged or self._tail_unread(now)):
            changed.add(PURCHASES.file)
        before, self.open_elsewhere = self.open_elsewhere, open_elsewhere(fd, FILES)
        if not changed:
            return before != self.open_elsewhere
        if SETTINGS_FILE in changed:
            self._known = None
        if not self._signatures or SETTINGS_FILE in changed or self.unlogged or self.held_edit is not None:
            self._load(fd, held)
            return True
        adopted, entry = False, self.entry
        try:
            adopted = INVENTORY.file in changed and self._adopt(fd, held)
            inventory = self._read_inventory(fd) if INVENTORY.file in changed and not adopted else None
            held = self._writing(held)
            self._read_logs(fd, held)
            if CUSTOMERS.file in changed:
                self._read_customers(fd)
            if inventory is not None:
                self._take_inventory(fd, held, *inventory)
        except (Rewritten, OutOfOrder):
            self._known = None
            self._load(fd, held)
            return True
        nothing_new = adopted and len(changed) == 1 and entry == self.entry
        return not nothing_new or before != self.open_elsewhere

    def _adopt(self, fd: int, held: Held | None) -> bool:
        """Take note that another session wrote the inventory, which then says nothing new; False = look at it."""
        saved = read_saved(fd)
        known = self._signatures.get(INVENTORY.file)
        if saved is None or self._history is None or known is None or saved.over != tuple(known):
            return False
        if saved.inventory != full_state(fd, INVENTORY.file):
            return False
        self._read_logs(fd, self._writing(held))
        if saved.as_of > self.entry or self.lost or self.held_edit is not None:
            return False
        self._signatures[INVENTORY.file] = signature_of(fd, INVENTORY.file)
        self._as_of = saved.as_of
        return saved.inventory == full_state(fd, INVENTORY.file)

    def _load(self, fd: int, held: Held | None) -> None:
        """Read everything from the beginning; where that fails, what was known before stays."""
        before = dict(vars(self))
        try:
            self._load_all(fd, held)
        except StorageError:
            vars(self).update(before)
            raise

    def _load_all(self, fd: int, held: Held | None) -> None:
        highest = self._highest if self._original_taken else max(self._highest, self.entry)
        locked = held
        self._loading = True
        for attempt in range(_RACE_TRIES):
            self._reset()
            self._highest = highest
            self._read_settings(fd)
            try:
                inventory = self._read_inventory(fd)
                held = self._writing(locked)
                self._take_over_original(fd, held, inventory[1])
                self._open_past(fd, locked)
                self._read_logs(fd, held)
                self._miss_entries()
                break
            except OutOfOrder:
                self._whole = True
            except Rewritten:
                self._known = None
                if attempt == _RACE_TRIES - 1:
                    raise StorageError("the logs are being rewritten by another program; try again") from None
        else:
            raise StorageError("the logs are being rewritten by another program; try again")
        self._read_customers(fd)
        self._take_inventory(fd, held, *inventory)
        self._loading = False

    # The past

    def _open_past(self, fd: int, held: Held | None) -> None:
        """Begin with what was counted before, or count it now, where the logs are long."""
        if self._whole or self._original_taken or _log_bytes(fd) <= SMALL_BYTES:
            return
        decimals = self.settings.decimals
        try:
            history = OpenHistory(fd, decimals, read_saved(fd))
            if history.tail_bytes(fd) > LONGEST_TAIL:
                raise Unfit
        except Unfit:
            counted = self._count_anew(fd, held)
            if counted is None:
                self._whole = True
                return
            history = counted
        self._history, self.past = history, history.past
        for reader in (self._purchases, self._changes):
            name = reader.format.file
            reader.resume(history.past.log_state(name), history.tails[name])

    def _count_anew(self, fd: int, held: Held | None) -> OpenHistory | None:
        """Count both logs; None where they can only be read whole.

        Raises:
            Uncounted: It would take long, and others wait for the lock.
        """
        # Most sessions find them counted.
        from tracker_tui.storage import recount  # noqa: PLC0415

        decimals = self.settings.decimals
        if _log_bytes(fd) > recount.LARGE_BYTES:
            if held is not None and not self.patient:
                raise Uncounted
            how = recount.LOOK_ONLY if self._read_only else recount.WRITE
            data = recount.Counter(self.folder.path, decimals, LONGEST_TAIL, how).result(self.told)
            if data is None:
                return None
        else:
            data = recount.recount(fd, decimals, self.told)
            if not data:
                return None
            if not self._read_only and write_history(fd, self.folder.mode(fd), data):
                data = b""
        try:
            return OpenHistory(fd, decimals, read_saved(fd), data or None)
        except Unfit:
            raise Rewritten from None

    def _differing(
        self, fd: int, history: OpenHistory, table: Table[Product]
    ) -> tuple[dict[str, Product | None], int]:
        """Return the products in which the inventory may differ from the logs, as the logs have them.

        They are as of the entry that the inventory counts up to, or where it does not say, or says one that is
        not there, as of the last one: the second value.
        """
        number = self.entry if table.as_of is None else min(table.as_of, self.entry)
        saved = self._saved(fd)
        state = full_state(fd, INVENTORY.file)
        if saved is not None and saved.inventory == state and saved.as_of == table.as_of:
            return {}, number
        known = self._known or history.stock()
        return differing(known, self.ledger, table, number), number

    def _saved(self, fd: int) -> Saved | None:
        """Return which state of the tables says what the logs say; None where nothing says so.

        What another session says is to be believed only by one that has read the same logs: what lay there
        at the start was compared with them then.
        """
        if self._loading:
            return self._history.saved if self._history is not None else None
        return read_saved(fd)

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
        try:
            data, signature = read_file(fd, CUSTOMERS.file)
            self._signatures[CUSTOMERS.file] = signature
        except FileNotFoundError:
            data = b""
            self._signatures[CUSTOMERS.file] = None
        self._customers_file = _read(fd, CUSTOMERS, data, self.settings.decimals)
        self._mix_customers(fd)

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
        data = splice_table(INVENTORY, table, self.products, self._counted)
        # What is wrong in a line is told with the line's number, which rows that come and go change.
        anew = data is None or bool(table.problems) or len(self.products.changed) > _MOST_CHANGED
        written: Table[Product] | None = None
        if data is None:
            decimals = self.settings.decimals
            with resting_collector():
                data, written = write_table(INVENTORY, table, self.products, self._counted, decimals)
        before = self._signatures.get(INVENTORY.file)
        self._signatures[INVENTORY.file] = self.folder.replace(held, INVENTORY.file, data, over=before)
        self._as_of = self._counted
        if anew:
            written = written or read_table(INVENTORY, data, self.settings.decimals)
            with resting_collector():
                self.products = laid_over(written, self.products)
            self._inventory = written
            if self._history is not None:
                self._known = Known(written, self._counted, {})
        self.notices += self._inventory_notes
        self._inventory_notes = []
        self._say_saved(held, () if before is None else tuple(before))
        self._keep_copies(held, data)

    def remember_clean(self, held: Held) -> None:
        """Leave word that the tables were found to say what the logs say, where nobody had said so."""
        history = self._history
        if history is not None and history.saved is None and self.held_edit is None and not self.unsaved:
            self._say_saved(held, ())

    def keep_readings(self) -> None:
        """Keep what reading the tables found out, where they are large, so that the next start need not read them."""
        if max(self._inventory.rows.looked_at, self._customers_file.rows.looked_at) < LARGE_ROWS:
            return
        from tracker_tui.storage.known_rows import keep_reading  # noqa: PLC0415 - small shops have no need of it

        with self.folder.opened() as fd:
            mode = self.folder.mode(fd)
            keep_reading(fd, mode, INVENTORY, self._inventory)
            keep_reading(fd, mode, CUSTOMERS, self._customers_file)

    def count_beside(self) -> None:
        """Have the logs counted anew in the background where much was booked since."""
        if self._history is not None and not self._read_only:
            read = self._purchases.size + self._changes.size
            self._beside.look(self._history.counted_bytes, read, self.settings.decimals)

    def close(self) -> None:
        """End what goes on in the background."""
        self._beside.end()

    def _say_saved(self, held: Held, over: tuple[int, ...]) -> None:
        """Leave word for the other sessions that the tables say what the logs say."""
        history = self._history
        if history is None or self.lost or self.unlogged or self._as_of != self.entry:
            return
        states = {name: full_state(held.fd, name) for name in (INVENTORY.file, *LOGS)}
        if any(state[:4] != tuple(self._signatures.get(name) or ()) for name, state in states.items()):
            return
        logs: dict[str, LogMark] = {}
        for reader in (self._purchases, self._changes):
            name = reader.format.file
            logs[name] = history.mark(name, states[name], reader.size)
        customers = () if self.customers_unsaved else full_state(held.fd, CUSTOMERS.file)
        saved = Saved(states[INVENTORY.file], customers, self.entry, over, logs)
        write_saved(held.fd, held.mode, saved)

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

    def copy_of(self, held: Held, day: date) -> Mapping[str, Product]:
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
            self._inventory_notes = []
            self._lay_out(held.fd, self._inventory)
        self._save_inventory(held)
        return True

    def give_up_lost(self, held: Held) -> None:
        """Count the entries that are gone from their logs no more."""
        self._given_up.update(entry.entry for entry in self.lost)
        self._load(held.fd, held)

    def save_customers(self, held: Held) -> None:
        """Write the customers' file anew, with everything of it that is the shop's own."""
        self._check_version()
        decimals = self.settings.decimals
        data = splice_table(CUSTOMERS, self._customers_file, self.customers, None)
        if data is None:
            data, table = write_table(CUSTOMERS, self._customers_file, self.customers, None, decimals)
        else:
            table = read_table(CUSTOMERS, data, decimals)
        before = self._signatures.get(CUSTOMERS.file)
        self._signatures[CUSTOMERS.file] = self.folder.replace(held, CUSTOMERS.file, data, over=before)
        self._customers_file = table
        self.customers = OpenShelf(table.rows)
        self.customers_unsaved = False


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


def _log_bytes(fd: int) -> int:
    """Return how many bytes both logs have."""
    return sum(found.size for name in LOGS if (found := signature_of(fd, name)) is not None)


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
