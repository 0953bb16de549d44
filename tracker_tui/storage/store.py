"""The files of one shop, kept up to date in memory: when what is read, and the tables saved.

The state is what a replay of the logs gives; what was changed since the last look is found by the files' state, and
only that is read. Nothing here is safe for threads: the service has the one lock.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping
from datetime import date, datetime

from tracker_tui.errors import StorageError
from tracker_tui.model.collector import resting_collector
from tracker_tui.model.records import (
    Problem,
    Product,
)
from tracker_tui.model.shelf import OpenShelf
from tracker_tui.storage.backups import BACKUPS, keep_copies, read_copy
from tracker_tui.storage.book import OutOfOrder
from tracker_tui.storage.codec import CHANGES, PURCHASES
from tracker_tui.storage.compare import Known
from tracker_tui.storage.derived import LogMark, Saved, full_state, read_saved, write_saved
from tracker_tui.storage.folder import Folder, Held, as_they_were, read_file, signature_of
from tracker_tui.storage.formats import CUSTOMERS, INVENTORY
from tracker_tui.storage.history_open import LOGS
from tracker_tui.storage.lock import Names
from tracker_tui.storage.log import Rewritten
from tracker_tui.storage.past_book import Uncounted as Uncounted  # noqa: PLC0414 - what refresh raises
from tracker_tui.storage.settings import SETTINGS_FILE
from tracker_tui.storage.surroundings import open_elsewhere
from tracker_tui.storage.table import Table, read_table
from tracker_tui.storage.table_write import splice_table, write_table
from tracker_tui.storage.tables_book import TablesBook, laid_over
from tracker_tui.typed import Final

FILES: Final = (INVENTORY.file, PURCHASES.file, CHANGES.file, CUSTOMERS.file, SETTINGS_FILE)
_MOST_CHANGED: Final = 5_000
"""Rows that may lie over the inventory as it was read before it is read anew."""
_RACE_TRIES: Final = 3


class Store(TablesBook):
    """The files of one shop and what they say.

    Attributes:
        open_elsewhere: Files that an editor seems to have open now.
        next_number: The number that the next entry gets.
    """

    def __init__(self, folder: Folder, clock: Callable[[], datetime], *, read_only: bool) -> None:
        self.open_elsewhere: list[Problem] = []
        self._copied: date | None = None
        self._names_as_of: Names | None = None
        super().__init__(folder, clock, read_only=read_only)

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

    @property
    def own_columns(self) -> tuple[str, ...]:
        """The columns of `inventory.txt` that are the shop's own, in its order."""
        columns = self._inventory.columns
        if columns is INVENTORY.columns:
            return ()
        return tuple(column for column in columns if column not in INVENTORY.columns)

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
                return not self._is_as_it_was(held.fd, held) and self._refresh(held.fd, held)
            with self.folder.opened() as fd:
                return not self._is_as_it_was(fd, None) and self._refresh(fd, None)
        except StorageError:
            self._signatures = {}
            raise

    def _refresh(self, fd: int, held: Held | None) -> bool:
        if held is not None:
            held.looked_up.clear()
        changed = self._take_in(fd, held)
        self._names_as_of = self.folder.names_as_of
        return changed

    def _is_as_it_was(self, fd: int, held: Held | None) -> bool:
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
            and as_they_were(fd, self._signatures, held.looked_up if held is not None else None)
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
            self._begin_past(fd, locked)
            try:
                inventory = self._read_inventory(fd)
                held = self._writing(locked)
                self._read_customers_ahead(fd)
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
            finally:
                self._end_counting()
        else:
            raise StorageError("the logs are being rewritten by another program; try again")
        self._read_customers(fd)
        self._take_inventory(fd, held, *inventory)
        self._loading = False

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
        anew = data is None or bool(table.problems) or not table.whole
        anew = anew or len(self.products.changed) > _MOST_CHANGED
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
            if len(written.rows) == len(self.products) and not written.problems:
                self.products = OpenShelf(written.rows)
            else:
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
