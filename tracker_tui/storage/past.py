"""The entries up to some number, looked up in the logs through their history file."""

from __future__ import annotations

import re
from array import array
from bisect import bisect_left, bisect_right
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from functools import partial
from heapq import merge
from itertools import accumulate, groupby, islice

from tracker_tui.errors import StorageError
from tracker_tui.model.records import Change, Entry, Purchase
from tracker_tui.model.shelf import positions_of
from tracker_tui.model.tally import Bought, DayTally, Ranked, SomePeople, Tally
from tracker_tui.storage.codec import CHANGES, PURCHASES, LogFormat, LogRow, decoded_row
from tracker_tui.storage.history_file import NAMED_ONLY, HistoryFile
from tracker_tui.storage.log import LogReader
from tracker_tui.tuples import NamedTuple
from tracker_tui.typed import TYPE_CHECKING, Any, Final, TypeVar

if TYPE_CHECKING:
    from tracker_tui.model.later import Later
    from tracker_tui.model.past import Told

E = TypeVar("E", bound=Entry)

_PIECE_BYTES: Final = 1 << 18
_MANY: Final = 50
"""From so many products on each line is looked at; fewer are searched for."""


class IndexedPast:
    """What `tracker_tui.model.past.Past` says, out of the files.

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
        self.closes: list[int] = about["closes"]
        self.named: Mapping[str, int] = about["named"]
        self.odd: Mapping[str, Any] = about["odd"]
        self._days = _days_of(file.take("days"))
        self.sold = file.length("sold_numbers")
        self.changed = file.length("changed_numbers")

    def log_state(self, name: str) -> dict[str, Any]:
        """Return where the reader of a log stood, and what the log was then."""
        state: dict[str, Any] = self._file.about["logs"][name]
        return state

    def stock(self) -> bytes:
        """Return the products after the last entry as a table; `odd` has those that no table can hold."""
        return self._file.stock()

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

    def position(self, number: int) -> int:
        """Return how many of them have a smaller number."""
        return self._file.search("sold_numbers", number) + self._file.search("changed_numbers", number)

    def find(self, number: int) -> Entry | None:
        """Return the entry with this number."""
        return self._find(PURCHASES, number) or self._find(CHANGES, number)

    def _find(self, format_: LogFormat[E], number: int) -> E | None:
        """Return the entry with this number, where it is in this log."""
        numbers, places = _COLUMNS[format_.file]
        position = self._file.search(numbers, number)
        if position == self._file.length(numbers) or self._file.at(numbers, position) != number:
            return None
        return next(self._stream(format_, places, position, position + 1))

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
        person = self._person(customer_id)
        if person is None:
            return []
        positions = deque(positions_of(self._file.column("sold_to"), person + 1), most)
        return list(self._purchases(positions))

    # Products

    def changes_of(self, ids: frozenset[str]) -> Iterator[Change]:
        """Yield the changes of some products, oldest first, with only the lines of these."""
        return self._of_products(CHANGES, ids, 0)

    def touching(self, product_id: str, after: int) -> Iterator[Entry]:
        """Yield what touched a product after an entry, oldest first, with only its lines."""
        ids = frozenset([product_id])
        sales, changes = self._of_products(PURCHASES, ids, after), self._of_products(CHANGES, ids, after)
        both: Iterable[Entry] = merge(sales, changes, key=lambda entry: entry.entry)
        return iter(both)

    def _of_products(self, format_: LogFormat[E], ids: frozenset[str], after: int) -> Iterator[E]:
        """Yield the entries of one log after a number that have lines of some products, with only these lines."""
        numbers, places = _COLUMNS[format_.file]
        position = self._file.search(numbers, after + 1)
        if position == self._file.length(numbers):
            return
        rows = self._rows_of(format_, ids, self._file.at(places, position))
        if not self.log_state(format_.file)["problems"]:
            for _, of_one in groupby(rows, lambda row: row.entry):
                yield format_.join(list(of_one))
            return
        # Among damaged lines lie others that are whole and do not count, so each entry is looked up.
        for number in sorted({row.entry for row in rows if row.entry > after}):
            entry = self._find(format_, number)
            if entry is not None:
                yield _only(entry, ids)

    def _rows_of(self, format_: LogFormat[E], ids: frozenset[str], start: int) -> Iterator[LogRow]:
        """Yield the lines of a log that are of some products."""
        columns = self.log_state(format_.file)["columns"]
        for line in self._lines_of(format_, ids, start):
            try:
                row = decoded_row(format_, columns, line, self.decimals)
            except ValueError:
                continue
            if row.part.product_id in ids:
                yield row

    def _lines_of(self, format_: LogFormat[E], ids: frozenset[str], start: int) -> Iterator[bytes]:
        """Yield the lines of a log that may be of some products, none of another passed over."""
        size = self.log_state(format_.file)["size"]
        wanted = None
        if len(ids) < _MANY:
            texts = {text for key in ids for text in (key, key.replace('"', '""'))}
            wanted = re.compile(b"|".join(re.escape(text.encode()) for text in sorted(texts)))
        length = _PIECE_BYTES
        while start < size:
            piece = self._read_log(format_.file, start, min(length, size - start))
            piece = piece[: piece.rfind(b"\n") + 1]
            start += len(piece)
            if not piece:
                if length >= size - start:
                    return
                length *= 2
            elif wanted is None or wanted.search(piece):
                for line in piece.removesuffix(b"\n").split(b"\n"):
                    if wanted is None or wanted.search(line):
                        yield line

    def count_changes(self, number: int, later: Later, told: Told) -> None:
        """Count the changes after a number in, in ascending order; see `tracker_tui.model.past.Past`."""
        from tracker_tui.storage.later_lines import LaterLines  # noqa: PLC0415 - only who looks back needs it

        LaterLines(later, number).count_changes(*self._after(CHANGES, number), self.decimals, told)

    def count_sales(self, number: int, later: Later, told: Told) -> None:
        """Count the sales after a number in, as `count_changes` does."""
        from tracker_tui.storage.later_lines import LaterLines  # noqa: PLC0415 - as above

        LaterLines(later, number).count_sales(*self._after(PURCHASES, number), self.decimals, told)

    def _after(self, format_: LogFormat[E], number: int) -> tuple[Callable[[int, int], bytes], int, int]:
        """Return how a log is read, and from where to where its entries after a number stand."""
        numbers, places = _COLUMNS[format_.file]
        position = self._file.search(numbers, number + 1)
        size: int = self.log_state(format_.file)["size"]
        start = size if position == self._file.length(numbers) else self._file.at(places, position)
        return partial(self._read_log, format_.file), start, size

    # Totals

    def tally(self, since: date | None, until: date | None) -> Tally:
        """Return what a span of days brought; the caller may change it."""
        tally = Tally()
        first, last = self._span(since, until)
        _, *counts, money, _ = (sum(column[first:last]) for column in self._days)
        tally.sales, tally.returns, tally.units = counts
        tally.money = Decimal(money).scaleb(-self.decimals)
        start, end = since.toordinal() if since else 0, until.toordinal() if until else date.max.toordinal()
        for day, rate, net, tax in self._file.about["taxes"]:
            if start <= day <= end:
                amounts = (Decimal(coins).scaleb(-self.decimals) for coins in (net, tax))
                tally.count_tax(Decimal(rate.removesuffix("%")), *amounts)
        if since is None and until is None:
            tally.earlier = self._buyers
        else:
            tally.earlier = partial(self._buyers_of, first, last)
        tally.earlier_names = self._names
        return tally

    def _buyers(self) -> Iterator[SomePeople]:
        """Yield everybody who bought."""
        start = 0
        for keys, _ in self._file.people_parts():
            yield _without_mark(keys), self._file.slice("people_sales", start, start + len(keys))
            start += len(keys)

    def _buyers_of(self, first: int, last: int) -> Iterator[SomePeople]:
        """Yield those who bought from one of the days to before another."""
        starts = [0, *accumulate(self._days.people)]
        sales = Counter(self._file.slice("day_people", starts[first], starts[max(first, last)]))
        texts = [text for keys, _ in self._file.people_parts() for text in _without_mark(keys)]
        yield list(map(texts.__getitem__, sales)), list(sales.values())

    def _names(self) -> dict[str, str]:
        """Return what everybody was called at their last sale, by id, or by name where there is no id."""
        called: dict[str, str] = {}
        for keys, names in self._file.people_parts():
            called.update(zip(_without_mark(keys), names, strict=True))
        return called

    def _span(self, since: date | None, until: date | None) -> tuple[int, int]:
        """Return which of the days are in a span."""
        days = self._days.days
        first = bisect_left(days, since.toordinal()) if since else 0
        return first, bisect_right(days, until.toordinal()) if until else len(days)

    def days(self, since: date | None, until: date | None) -> dict[date, DayTally]:
        """Return what each day of a span brought, days in their order; the caller may change it."""
        first, last = self._span(since, until)
        return {
            date.fromordinal(day): DayTally(sales, returns, units, Decimal(money).scaleb(-self.decimals))
            for day, sales, returns, units, money, _ in islice(zip(*self._days, strict=True), first, last)
        }

    def people(self) -> Iterator[tuple[str, str]]:
        """Yield id and name of everybody whom the sales name by an id."""
        both = zip(*self._file.people(), strict=True)
        return (pair for pair in both if not pair[0].startswith(NAMED_ONLY))

    def _person(self, customer_id: str) -> int | None:
        """Return the place of a person among all, by their id."""
        alike = self._file.numbers_of("people_ids", customer_id)
        return next((person for person in alike if self._file.person(person) == customer_id), None)

    def bought(self, customer_id: str) -> Bought:
        """Return what a customer bought in all."""
        person = self._person(customer_id)
        if person is None:
            return Bought()
        sales = self._file.at("people_sales", person)
        zone = timezone(timedelta(minutes=self._file.at("people_zone", person)))
        seconds = self._file.at("people_last", person)
        last = datetime.fromtimestamp(seconds, UTC).replace(tzinfo=zone) if sales else None
        units = self._file.at("people_units", person)
        return Bought(
            sales, units, Decimal(self._file.at("people_money", person)).scaleb(-self.decimals), last
        )

    def ranking(self, by: Ranked) -> dict[str, float]:
        """Return a number to order customers by, by id; the caller may change it."""
        columns = {"purchases": "people_sales", "total": "people_money", "last": "people_last"}
        unit = 10**self.decimals if by == "total" else 1
        numbers: Iterable[int] = self._file.column(columns[by])
        if by == "last":
            zones = self._file.column("people_zone")
            numbers = (seconds - 60 * zone for seconds, zone in zip(numbers, zones, strict=True))
        return {key: number / unit for key, number in zip(self._file.people()[0], numbers, strict=True)}


_COLUMNS: Final = {
    PURCHASES.file: ("sold_numbers", "sold_at"),
    CHANGES.file: ("changed_numbers", "changed_at"),
}
"""The columns of numbers and of places, by log."""


class _Days(NamedTuple):
    """What each day brought, days in their order, column by column.

    Attributes:
        days: Their numbers.
        sales: Sales of each.
        returns: Returns.
        units: Pieces, those that came back taken off.
        money: Money in the smallest coin, returns taken off.
        people: How many sales have a person.
    """

    days: Sequence[int]
    sales: Sequence[int]
    returns: Sequence[int]
    units: Sequence[int]
    money: Sequence[int]
    people: Sequence[int]


def _days_of(rows: Sequence[Sequence[int]]) -> _Days:
    """Return what stands in a history of its days, in a fifth of the memory."""
    columns: list[Sequence[int]] = list(zip(*rows, strict=True)) or [()] * len(_Days._fields)
    try:
        return _Days(*(array("q", column) for column in columns))
    except OverflowError:  # more than a column of numbers can hold
        return _Days(*columns)


def _only(entry: E, ids: frozenset[str]) -> E:
    """Return an entry with only its lines of some products."""
    lines = tuple(line for line in entry.lines if line.product_id in ids)
    return entry._replace(lines=lines)  # type: ignore[arg-type,return-value]


def _without_mark(keys: list[str]) -> list[str]:
    """Return the keys of people without the mark of those who have no id."""
    return [key.removeprefix(NAMED_ONLY) for key in keys] if NAMED_ONLY in "".join(keys) else keys
