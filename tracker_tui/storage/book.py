"""Both logs as one ledger of entries, and the products that they give.

Whatever reads or appends to a log is here; what lies in the past is in `past_book`, what the two tables say in
`tables_book`, and when what is read and saved in `store`.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import pairwise

from tracker_tui.errors import ReadOnly, StorageError
from tracker_tui.model.ledger import Ledger
from tracker_tui.model.past import NO_PAST, NoPast
from tracker_tui.model.records import Change, Customer, Entry, Problem, Product, Purchase, Settings
from tracker_tui.model.shelf import OpenShelf
from tracker_tui.model.state import apply, replay
from tracker_tui.storage.codec import CHANGES, PURCHASES
from tracker_tui.storage.folder import Folder, Held, Signature, signature_of
from tracker_tui.storage.log import LogReader
from tracker_tui.storage.past import IndexedPast
from tracker_tui.storage.quick_lines import QuickLines
from tracker_tui.typed import Any, Final

SURELY_BOOKED_S: Final = 1.0
"""An entry that was read for this long without being taken back by a failing disk was booked."""

_MOST_LOOKS: Final = 1000
_MANY: Final = 100
"""Lines of a change from which it is worth while to load the quick way of writing them."""
_CLOCK_SLACK: Final = timedelta(seconds=60)


class OutOfOrder(Exception):
    """An entry has a number below those of the history: all entries must be read, and put in order."""


class Book:
    """The two logs of one shop and what they say.

    Attributes:
        products: Products by id, after all entries.
        customers: Customers by id, here those whom the sales name.
        past: The entries that are not in memory.
        recent: The entries after the past, in the order of their numbers; a new list where older ones change.
        settings: What `tracker.toml` says.
        notices: What was set aside or put right, for the person at the screen.
        clock_jumps: Entries that are dated before the one before them.
        later_version: Why nothing may be written, where a later version of the program wrote a file; else empty.
        lost: Entries that this session saw and that are gone from their log; they still count here.
    """

    def __init__(self, folder: Folder, clock: Callable[[], datetime], *, read_only: bool) -> None:
        self.folder = folder
        self._clock = clock
        self._read_only = read_only
        self.settings = Settings()
        self.notices: list[Problem] = []
        self.later_version = ""
        self._seen: dict[int, tuple[Entry, float]] = {}
        self._given_up: set[int] = set()
        self._quick = QuickLines(self.settings.decimals)
        self._reset()

    def _reset(self) -> None:
        """Forget what the logs said, but not what was seen in them."""
        self.products: OpenShelf[Product] = OpenShelf()
        self.customers: OpenShelf[Customer] = OpenShelf()
        self._signatures: dict[str, Signature | None] = {}
        self.lost: list[Entry] = []
        self._highest = 0
        self._original_taken = False
        self._read_again()

    def _read_again(self) -> None:
        """Begin with the logs anew."""
        self.past: IndexedPast | NoPast = NO_PAST
        self.recent: list[Entry] = []
        self.products = OpenShelf()
        self._sales: dict[str, Purchase] = {}
        self._numbers: dict[int, Entry] = {}
        self._purchases = LogReader(PURCHASES)
        self._changes = LogReader(CHANGES)
        self._double: list[Problem] = []
        self.clock_jumps: list[Problem] = []

    @property
    def ledger(self) -> Ledger:
        """All entries as they are now."""
        return Ledger(self.recent, self.past)

    def find_sale(self, sale: str) -> Purchase | None:
        """Return the first purchase with this sale id."""
        return self.past.find_sale(sale) or self._sales.get(sale)

    @property
    def entry(self) -> int:
        """Number of the last entry that is counted in."""
        return self.recent[-1].entry if self.recent else self.past.last

    @property
    def next_number(self) -> int:
        """The number that the next entry gets: above all that were ever seen, also in damaged lines."""
        return 1 + max(self._highest, self.entry, self._purchases.highest, self._changes.highest)

    def log_problems(self) -> tuple[Problem, ...]:
        """Return everything that is wrong in the logs."""
        return (
            *self._purchases.problems,
            *self._changes.problems,
            *self._double,
            *self._missing_numbers(),
            *self._lost_entries(),
        )

    def _lost_entries(self) -> list[Problem]:
        """Report the entries that were there and are gone, for each log."""
        found: list[Problem] = []
        for name, kind in ((PURCHASES.file, Purchase), (CHANGES.file, Change)):
            numbers = [str(entry.entry) for entry in self.lost if isinstance(entry, kind)]
            if numbers:
                listed = ", ".join(numbers[:20]) + ("…" if len(numbers) > 20 else "")
                reason = (
                    f"{len(numbers)} booked entries are gone from the file: {listed}; they can be put back"
                )
                found.append(Problem(name, 0, reason))
        return found

    def _missing_numbers(self) -> list[Problem]:
        """Report the numbers that no entry has, unless a damaged line explains the gap."""
        if self._purchases.problems or self._changes.problems:
            return []
        gaps = self._gaps(max(self._highest, self.entry))
        if not gaps:
            return []
        named = [f"{first}" if first == last else f"{first} to {last}" for first, last in gaps[:20]]
        missing = sum(last - first + 1 for first, last in gaps)
        reason = f"{missing} entries are in neither purchases.txt nor changes.txt: {', '.join(named)}"
        return [Problem(PURCHASES.file, 0, reason)]

    def _gaps(self, top: int) -> list[tuple[int, int]]:
        """Return the first and the last number of each run of numbers up to `top` that no entry has."""
        gaps = list(self.past.gaps)
        before = self.past.last
        if top - before == len(self._numbers):
            return gaps
        for number in [*sorted(self._numbers), top + 1]:
            if number - before > 1:
                gaps.append((before + 1, number - 1))
            before = max(before, number)
        return gaps

    def _tail_unread(self, now: dict[str, Signature | None]) -> bool:
        """Tell whether a log has bytes that no whole entry accounts for."""
        sales, changes = now[PURCHASES.file], now[CHANGES.file]
        return (sales is not None and sales.size > self._purchases.size) or (
            changes is not None and changes.size > self._changes.size
        )

    def _miss_entries(self) -> None:
        """Find the entries that this session saw and that are gone; they go on counting until it is answered."""
        now = time.monotonic()
        lost = [
            entry
            for number, (entry, seen) in sorted(self._seen.items())
            if not self._is_there(number) and number not in self._given_up and now - seen > SURELY_BOOKED_S
        ]
        missing = {entry.entry for entry in lost}
        for number in [number for number in self._seen if not self._is_there(number)]:
            if number not in missing:
                del self._seen[number]
        if lost:
            if self.past.last:
                raise OutOfOrder
            self._add_all(lost)
            self.lost = lost

    def _is_there(self, number: int) -> bool:
        return number in self._numbers or self.past.find(number) is not None

    def _read_logs(self, fd: int, held: Held | None) -> None:
        """Read what both logs gained.

        Without the lock another session may write between the looks at the two, so that a number is missing
        below one that was read. Both are looked at again until no such gap is new: one that a further look at
        both does not fill is a number that is gone.
        """
        decimals = self.settings.decimals
        gained: list[Entry] = []
        settled = self.entry
        for _ in range(_MOST_LOOKS):
            for reader in (self._purchases, self._changes):
                name = reader.format.file
                self._signatures[name] = signature_of(fd, name)
                if reader is self._purchases and self._original_taken:
                    continue
                final = held is not None or self._read_only
                gained += reader.read(fd, self._signatures[name], locked=final, decimals=decimals)
                if reader.torn is not None and held is not None and not self._read_only:
                    self._set_aside(held, reader)
            new = {entry.entry for entry in gained if entry.entry > settled}
            if held is not None or not new or max(new) - settled == len(new):
                break
            settled = max(new)
        self._add_all(gained)

    def _set_aside(self, held: Held, reader: LogReader[Purchase] | LogReader[Change]) -> None:
        """Copy a torn tail to a file of its own and cut it off the log."""
        torn = reader.torn
        if torn is None:
            return
        name = reader.format.file
        line = reader.lines + 1
        for turn in range(1000):
            copy = f"{name}.{torn.offset}{f'-{turn}' if turn else ''}.torn"
            try:
                self.folder.create(held, copy, torn.data)
            except FileExistsError:
                continue
            break
        else:
            raise StorageError(f"{name}: too many torn tails lie in the folder; move the .torn files away")
        self.folder.truncate(held, name, torn.offset)
        self._signatures[name] = signature_of(held.fd, name)
        reader.cut(self._signatures[name])
        reason = f"{torn.reason} ({len(torn.data)} bytes); it was never booked and is now in {copy}"
        self.notices.append(Problem(name, line, reason))

    def _add_all(self, gained: list[Entry]) -> None:
        gained = [entry for entry in sorted(gained, key=lambda entry: entry.entry) if self._is_new(entry)]
        if not gained:
            return
        if gained[0].entry <= self.past.last:
            raise OutOfOrder
        if gained[0].entry > self.entry:
            for entry in gained:
                self._add_next(entry)
        else:
            if self.past.last:
                raise OutOfOrder
            self.recent = sorted([*self.recent, *gained], key=lambda entry: entry.entry)
            self.products = OpenShelf(changes=replay(self.recent))
            self.clock_jumps = []
            for before, entry in pairwise(self.recent):
                self._look_at_clock(before, entry)
            for entry in gained:
                self._remember(entry)

    def _add_next(self, entry: Entry) -> None:
        """Count in a new entry that follows all others."""
        apply(self.products, entry)
        if self.recent and entry.time < self.recent[-1].time:
            self._look_at_clock(self.recent[-1], entry)
        self.recent.append(entry)
        self._remember(entry)

    def _remember(self, entry: Entry) -> None:
        self._seen.setdefault(entry.entry, (entry, time.monotonic()))
        if isinstance(entry, Purchase):
            self._sales.setdefault(entry.sale, entry)
            if entry.customer_id:
                self._know(entry.customer_id, entry.customer)

    def _know(self, customer_id: str, name: str) -> None:
        """Take in a customer whom a sale names."""
        if customer_id and customer_id not in self.customers:
            self.customers[customer_id] = Customer(customer_id, name)

    def _look_at_clock(self, before: Entry, entry: Entry) -> None:
        """Report where the clock went back; the order of the entries is that of their numbers."""
        if entry.time < before.time - _CLOCK_SLACK:
            name = PURCHASES.file if isinstance(entry, Purchase) else CHANGES.file
            reason = (
                f"entry {entry.entry} is dated {entry.time}, before entry {before.entry} of {before.time}: the"
                " clock went back; the numbers have the order"
            )
            self.clock_jumps.append(Problem(name, 0, reason))

    def _is_new(self, entry: Entry) -> bool:
        """Register an entry by its number; one whose number is taken is reported and not counted."""
        if entry.entry <= self.past.last:
            raise OutOfOrder
        other = self._numbers.setdefault(entry.entry, entry)
        if other is entry:
            return True
        if other == entry and entry in self.lost:
            self.lost = [missing for missing in self.lost if missing != entry]
            return False
        name = PURCHASES.file if isinstance(entry, Purchase) else CHANGES.file
        same = "the same entry twice" if other == entry else "another entry of the same number"
        self._double.append(Problem(name, 0, f"entry {entry.entry}: there is {same}; it is counted once"))
        return False

    def commit(self, held: Held, entry: Entry) -> None:
        """Append an entry to its log, durably, and count it in.

        Raises:
            StorageError: Nothing was booked.
            ValueError: The entry could not be read back; nothing was booked.
        """
        if self.later_version:
            self._check_version()
        if isinstance(entry, Purchase):
            data = self._purchases.prefix() + self._lines_of(entry)
            signature = self.folder.append(held, PURCHASES.file, data, self._purchases.size)
            self._purchases.written(data, signature)
            self._signatures[PURCHASES.file] = signature
        else:
            data = self._changes.prefix() + self._lines_of_change(entry)
            signature = self.folder.append(held, CHANGES.file, data, self._changes.size)
            self._changes.written(data, signature)
            self._signatures[CHANGES.file] = signature
        number = entry.entry
        if number > self.entry and number not in self._numbers:
            self._numbers[number] = entry
            self._add_next(entry)
        else:
            self._add_all([entry])

    def _lines_of(self, sale: Purchase) -> bytes:
        """Return the lines of a sale, by the quick way where it can be gone."""
        if self._purchases.columns is PURCHASES.columns:
            if self._quick.decimals != self.settings.decimals:
                self._quick = QuickLines(self.settings.decimals)
            data = self._quick.of(sale)
            if data is not None:
                return data
        return self._purchases.encode(sale, self.settings.decimals)

    def _lines_of_change(self, change: Change) -> bytes:
        """Return the lines of a change; of a large one by the quick way where it can be gone."""
        if len(change.lines) >= _MANY and self._changes.columns is CHANGES.columns:
            from tracker_tui.storage.quick_changes import quick_lines_of  # noqa: PLC0415 - few changes are large

            data = quick_lines_of(change, self.settings.decimals)
            if data is not None:
                return data
        return self._changes.encode(change, self.settings.decimals)

    def _check_version(self) -> None:
        if self.later_version:
            raise ReadOnly(f"nothing can be changed: {self.later_version}")

    def put_back(self, held: Held) -> int:
        """Write the entries that are gone from their logs to them again; return how many."""
        missing, self.lost = self.lost, []
        readers: tuple[tuple[LogReader[Any], list[Entry]], ...] = (
            (self._purchases, [entry for entry in missing if isinstance(entry, Purchase)]),
            (self._changes, [entry for entry in missing if isinstance(entry, Change)]),
        )
        for reader, entries in readers:
            if entries:
                lines = (reader.encode(entry, self.settings.decimals) for entry in entries)
                data = reader.prefix() + b"".join(lines)
                try:
                    signature = self.folder.append(held, reader.format.file, data, reader.size)
                except StorageError:
                    self.lost = missing
                    raise
                reader.written(data, signature)
                self._signatures[reader.format.file] = signature
        return len(missing)
