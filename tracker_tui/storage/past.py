"""The entries up to some number, looked up in the logs through their history file."""

from __future__ import annotations

import re
from array import array
from bisect import bisect_left, bisect_right
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from functools import cached_property
from heapq import merge
from itertools import accumulate, groupby
from typing import Any, Final, TypeVar

from tracker_tui.errors import StorageError
from tracker_tui.model.records import Change, ChangeLine, Entry, Purchase
from tracker_tui.model.tally import Bought, Ranked, Tally
from tracker_tui.storage.codec import CHANGES, PURCHASES, LogFormat, decoded_row
from tracker_tui.storage.history_file import NAMED_ONLY, HistoryFile
from tracker_tui.storage.log import LogReader

E = TypeVar("E", bound=Entry)

_PIECE_BYTES: Final = 1 << 18
_MANY: Final = 50
"""From so many products on each line is looked at; fewer are searched for."""


class IndexedPast:
    """What `tracker_tui.model.ledger.Past` says, out of the files.

    Args:
        file: The history.
        read_log: Reads so many bytes of one of the logs from a place on.
    """

    def __init__(self, file: HistoryFile, read_log: Callable[[str, int, int], bytes]) -> None:
        self._file = file
        self._read_log = read_log
        about = file.about
        self.last: int = about["last"]
        self.decimals: int = about["decimals"]
        self.taken_back_by: Mapping[int, int] = dict(about["taken_back_by"])
        self.gaps: list[tuple[int, int]] = [(first, last) for first, last in about["gaps"]]
        self.merges: list[tuple[int, str]] = [(number, note) for number, note in about["merges"]]
        self.sold = file.length("sold_numbers")
        self.changed = file.length("changed_numbers")

    def log_state(self, name: str) -> dict[str, Any]:
        """Return where the reader of a log stood, and what the log was then."""
        state: dict[str, Any] = self._file.about["logs"][name]
        return state

    def __len__(self) -> int:
        return self.sold + self.changed

    # Entries

    def at(self, position: int) -> Entry:
        """Return the entry at a position, counted from the oldest."""
        return next(self.entries(position, position + 1))

    def entries(self, start: int, stop: int) -> Iterator[Entry]:
        """Yield the entries from one position to before another, oldest first."""
        changes, until_change = self._changes_before(start), self._changes_before(stop)
        sales = self._stream(PURCHASES, "sold_at", start - changes, stop - until_change)
        edits = self._stream(CHANGES, "changed_at", changes, until_change)
        both: Iterable[Entry] = merge(sales, edits, key=lambda entry: entry.entry)
        return iter(both)

    def _changes_before(self, position: int) -> int:
        """Return how many of the entries before a position are changes."""
        low, high = 0, self.changed
        while low < high:
            middle = (low + high) // 2
            number = self._file.at("changed_numbers", middle)
            if middle + self._file.search("sold_numbers", number) < position:
                low = middle + 1
            else:
                high = middle
        return low

    def _stream(self, format_: LogFormat[E], column: str, start: int, stop: int) -> Iterator[E]:
        """Yield entries of one log, from one position in it to before another."""
        left = stop - start
        if left <= 0:
            return
        state = self.log_state(format_.file)
        reader = self._reader(format_, self._file.at(column, start))
        end = state["size"] if stop == self._file.length(column) else self._file.at(column, stop)
        wanted = min(_PIECE_BYTES, end - reader.size)
        while reader.size < end:
            before = reader.size
            piece = self._read_log(format_.file, before, min(wanted, end - before))
            for entry in reader.take(piece[: piece.rfind(b"\n") + 1], self.decimals):
                yield entry
                left -= 1
            if reader.size == before:
                if before + wanted >= end:
                    break
                wanted *= 2
        if left > 0:
            raise StorageError(f"{format_.file}: was changed by another program just now; try again")

    def _reader(self, format_: LogFormat[E], at: int) -> LogReader[E]:
        reader = LogReader(format_)
        reader.resume({**self.log_state(format_.file), "size": at, "lines": 1}, b"")
        return reader

    def find(self, number: int) -> Entry | None:
        """Return the entry with this number."""
        for column, places, format_ in (
            ("sold_numbers", "sold_at", PURCHASES),
            ("changed_numbers", "changed_at", CHANGES),
        ):
            position = self._file.search(column, number)
            if position < self._file.length(column) and self._file.at(column, position) == number:
                stream: Iterator[Entry] = self._stream(format_, places, position, position + 1)  # type: ignore[arg-type]
                return next(stream)
        return None

    def _purchases(self, positions: Iterable[int]) -> Iterator[Purchase]:
        for position in positions:
            yield from self._stream(PURCHASES, "sold_at", position, position + 1)

    def find_sale(self, sale: str) -> Purchase | None:
        """Return the first purchase with this sale id."""
        found = self._purchases(sorted(self._file.numbers_of("sale_ids", sale)))
        return next((purchase for purchase in found if purchase.sale == sale), None)

    def returns_of(self, sale: str) -> list[Purchase]:
        """Return the returns of a sale, oldest first, those that were undone too."""
        found = self._purchases(sorted(self._file.numbers_of("return_ids", sale)))
        return [purchase for purchase in found if purchase.returns == sale]

    def purchases_of(self, customer_id: str, most: int | None = None) -> list[Purchase]:
        """Return the sales and returns of a customer, oldest first, those that were undone too.

        Args:
            customer_id: Id of the customer.
            most: How many of the latest; None = all.
        """
        found: list[Purchase] = []
        for person in self._file.numbers_of("people_ids", customer_id):
            sold_to = self._file.column("sold_to")
            positions = deque(_all_of(sold_to, person + 1), most)
            found += (p for p in self._purchases(positions) if p.customer_id == customer_id)
        return found

    # Products

    def changes_of(self, ids: frozenset[str]) -> Iterator[Change]:
        """Yield the changes of some products, oldest first, with only the lines of these."""
        for line in self._lines_of(CHANGES, ids, 0):
            row = decoded_row(CHANGES, self.log_state(CHANGES.file)["columns"], line, self.decimals)
            if isinstance(row.part, ChangeLine) and row.part.product_id in ids and row.entry <= self.last:
                yield CHANGES.join([row])

    def touching(self, product_id: str, after: int) -> Iterator[Entry]:
        """Yield what touched a product after an entry, oldest first, with only its lines."""
        ids = frozenset([product_id])
        found: list[Entry] = []
        formats: tuple[tuple[LogFormat[Any], str, str], ...] = (
            (PURCHASES, "sold_numbers", "sold_at"),
            (CHANGES, "changed_numbers", "changed_at"),
        )
        for format_, numbers, places in formats:
            position = self._file.search(numbers, after + 1)
            if position == self._file.length(numbers):
                continue
            columns = self.log_state(format_.file)["columns"]
            lines = self._lines_of(format_, ids, self._file.at(places, position))
            rows = (decoded_row(format_, columns, line, self.decimals) for line in lines)
            its_own = (row for row in rows if row.part.product_id == product_id)
            found += (format_.join(list(of_one)) for _, of_one in groupby(its_own, lambda row: row.entry))
        return iter(sorted(found, key=lambda entry: entry.entry))

    def _lines_of(self, format_: LogFormat[Any], ids: frozenset[str], start: int) -> Iterator[bytes]:
        """Yield the lines of a log that may be of some products, none of another passed over."""
        size = self.log_state(format_.file)["size"]
        wanted = None
        if len(ids) < _MANY:
            texts = {text for key in ids for text in (key, key.replace('"', '""'))}
            wanted = re.compile(b"|".join(re.escape(text.encode()) for text in sorted(texts)))
        first = start == 0
        while start < size:
            piece = self._read_log(format_.file, start, min(_PIECE_BYTES, size - start))
            piece = piece[: piece.rfind(b"\n") + 1]
            if not piece:
                return
            start += len(piece)
            if wanted is not None and not wanted.search(piece):
                first = False
                continue
            lines = piece.removesuffix(b"\n").split(b"\n")
            for line in lines[1:] if first else lines:
                if (wanted is None or wanted.search(line)) and self._is_whole(format_, line):
                    yield line
            first = False

    def _is_whole(self, format_: LogFormat[Any], line: bytes) -> bool:
        try:
            decoded_row(format_, self.log_state(format_.file)["columns"], line, self.decimals)
        except ValueError:
            return False
        return True

    # Totals

    def tally(self, since: date | None, until: date | None) -> Tally:
        """Return what a span of days brought; the caller may change it."""
        tally = Tally()
        days = self._days
        first = bisect_left(days, since.toordinal(), key=lambda day: day[0]) if since else 0
        last = bisect_right(days, until.toordinal(), key=lambda day: day[0]) if until else len(days)
        money = 0
        for _, sales, returns, units, amount, _ in days[first:last]:
            tally.sales += sales
            tally.returns += returns
            tally.units += units
            money += amount
        tally.money = Decimal(money).scaleb(-self.decimals)
        names = self._file.names()
        keys = [key.removeprefix(NAMED_ONLY) for key in names[::2]]
        if since is None and until is None:
            sales_of = self._file.column("people_sales")
            tally.people = {key: count for key, count in zip(keys, sales_of, strict=True) if count}
        else:
            starts = [0, *accumulate(day[5] for day in days)]
            people: dict[str, int] = {}
            for person in self._file.slice("day_people", starts[first], starts[max(first, last)]):
                key = keys[person]
                people[key] = people.get(key, 0) + 1
            tally.people = people
        tally.names = dict(zip(keys, names[1::2], strict=True))
        return tally

    @cached_property
    def _days(self) -> list[list[int]]:
        days: list[list[int]] = self._file.about["days"]
        return days

    def people(self) -> Iterator[tuple[str, str]]:
        """Yield id and name of everybody whom the sales name by an id."""
        names = self._file.names()
        return (
            pair for pair in zip(names[::2], names[1::2], strict=True) if not pair[0].startswith(NAMED_ONLY)
        )

    def bought(self, customer_id: str) -> Bought:
        """Return what a customer bought in all."""
        for person in self._file.numbers_of("people_ids", customer_id):
            last = self._file.at("people_last", person)
            zone = timezone(timedelta(minutes=self._file.at("people_zone", person)))
            return Bought(
                self._file.at("people_sales", person),
                self._file.at("people_units", person),
                Decimal(self._file.at("people_money", person)).scaleb(-self.decimals),
                datetime.fromtimestamp(last, zone) if last else None,
            )
        return Bought()

    def ranking(self, by: Ranked) -> dict[str, float]:
        """Return a number to order customers by, by id; the caller may change it."""
        columns = {"purchases": "people_sales", "total": "people_money", "last": "people_last"}
        unit = 10**self.decimals if by == "total" else 1
        numbers = self._file.column(columns[by])
        return {key: number / unit for key, number in zip(self._file.names()[::2], numbers, strict=True)}


def _all_of(column: array[int], wanted: int) -> Iterator[int]:
    position = -1
    while True:
        try:
            position = column.index(wanted, position + 1)
        except ValueError:
            return
        yield position
