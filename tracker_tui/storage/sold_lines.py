"""The sales of any days as columns: of the past out of `.tracker/lines`, which is made where it does not fit.

Of a large shop it is made in a process of its own. That runs `main` with FOLDER HOW MARK, and leaves what it counted in
`.tracker/`; where it may or can not write there, it sends it.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from datetime import date
from typing import Any, Final, Self

from tracker_tui.errors import StorageError
from tracker_tui.model.ledger import Ledger
from tracker_tui.model.sale_columns import SaleColumns
from tracker_tui.storage.aside import Aside, Telling, Told, run_aside, send
from tracker_tui.storage.codec import CHANGES, PURCHASES
from tracker_tui.storage.derived import DerivedFiles, write_small
from tracker_tui.storage.history_file import ReadAt, Unfit, crc_of
from tracker_tui.storage.line_count import LineCount, mixed_up
from tracker_tui.storage.line_file import LineFile, empty_columns, write_lines
from tracker_tui.storage.past import IndexedPast
from tracker_tui.storage.plain import AnyPath, close_quietly
from tracker_tui.tuples import NamedTuple

LARGE_BYTES: Final = 4 << 20
"""Logs of more bytes than this are counted in a process of their own."""
_LINES: Final = "lines"
_LAST_DAY: Final = date.max.toordinal()

_CHANGED: Final = "the logs were changed by another program; try again"


class Mark(NamedTuple):
    """Which stretch of which logs is counted.

    Attributes:
        decimals: The shop's decimals.
        last: Number of the last entry.
        logs: By log, `PURCHASES` first, its bytes, and the CRC-32 of each stretch of them: where it ends, and it.
    """

    decimals: int
    last: int
    logs: tuple[tuple[int, tuple[tuple[int, int], ...]], ...]

    @classmethod
    def of(cls, past: IndexedPast) -> Self:
        """Return the mark of a past."""
        states = [past.log_state(format_.file) for format_ in (PURCHASES, CHANGES)]
        logs = ((state["size"], tuple((end, crc) for end, crc in state["checks"])) for state in states)
        return cls(past.decimals, past.last, tuple(logs))

    @classmethod
    def read(cls, said: Sequence[Any]) -> Self:
        """Read what `json.dumps` made of a mark; LookupError, TypeError or ValueError where it is none."""
        decimals, last, logs = said
        states = ((int(size), tuple((int(end), int(crc)) for end, crc in checks)) for size, checks in logs)
        return cls(int(decimals), int(last), tuple(states))

    def fits(self, read_logs: Sequence[ReadAt]) -> bool:
        """Tell whether these are the logs."""
        return all(_fits(read_at, checks) for read_at, (_, checks) in zip(read_logs, self.logs, strict=True))

    @property
    def bytes(self) -> int:
        """How many bytes of the logs are counted."""
        return sum(size for size, _ in self.logs)


def _fits(read_at: ReadAt, checks: Sequence[tuple[int, int]]) -> bool:
    start = 0
    for end, crc in checks:
        if crc_of(read_at, start, end) != crc:
            return False
        start = end
    return True


class SoldLines:
    """The sales of a shop, day by day.

    Args:
        path: The shop's folder.
        may_write: Whether what is counted may be kept in it.
    """

    def __init__(self, path: AnyPath, *, may_write: bool) -> None:
        self._path = path
        self._may_write = may_write
        self._open: tuple[Mark, LineFile] | None = None

    def columns(
        self, ledger: Ledger, decimals: int, since: date | None, until: date | None, told: Told
    ) -> SaleColumns:
        """Return the sales and returns of some days that count.

        Args:
            ledger: All entries.
            decimals: The shop's decimals.
            since: First day, None = from the beginning.
            until: Last day, None = to the end.
            told: Told, where the logs must be counted, how many bytes of how many are done; what it raises ends
                the counting.

        Raises:
            StorageError: The logs were changed by another program, or cannot be read.
        """
        first = since.toordinal() if since is not None else 0
        last = until.toordinal() if until is not None else _LAST_DAY
        dead = ledger.undone

        def sold_as(sale: str, text: str) -> str:
            purchase = ledger.find_sale(sale) if sale else None
            lines = purchase.lines if purchase is not None else ()
            return next(
                (line.product_id for line in lines if f"{line.product_id} {line.product}" == text), ""
            )

        if isinstance(ledger.past, IndexedPast):
            columns = self._file(ledger.past, told).columns(first, last)
            columns.without(dead)
            columns.sold_as = sold_as
            columns.take_entries(ledger.recent(), dead, first, last)
        else:
            columns = SaleColumns(decimals)
            columns.sold_as = sold_as
            columns.take_entries(ledger, dead, first, last)
        return columns

    def _file(self, past: IndexedPast, told: Told) -> LineFile:
        """Return the lines of a past, counted now where they are not there."""
        mark = Mark.of(past)
        if self._open is None or self._open[0] != mark:
            self._open = mark, self._opened(mark) or self._counted(mark, told)
        return self._open[1]

    def _opened(self, mark: Mark, data: bytes = b"") -> LineFile | None:
        """Open the lines, where they are those of the mark."""
        fd = os.open(self._path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            file = _line_file(fd, data)
        finally:
            close_quietly(fd)
        return file if file is not None and _mark_in(file) == mark else None

    def _counted(self, mark: Mark, told: Told) -> LineFile:
        if mark.bytes > LARGE_BYTES:
            data = _counted_aside(self._path, mark, told, may_write=self._may_write)
        else:
            data = _Counting(str(self._path), mark, may_write=self._may_write).result(told)
        file = self._opened(mark, data)
        if file is None:
            raise StorageError(_CHANGED)
        return file


def _line_file(fd: int, data: bytes = b"") -> LineFile | None:
    """Open what was counted, or the file of it; None where there is none that can be read."""
    try:
        if data:
            return LineFile(lambda at, size: data[at : at + size], len(data))
        files = DerivedFiles()
        size = files.open_derived(fd, _LINES).st_size
        return LineFile(lambda at, length: files.read(_LINES, at, length), size)
    except (OSError, StorageError, Unfit):
        return None


def _mark_in(file: LineFile) -> Mark | None:
    try:
        return Mark.read(file.about["mark"])
    except (LookupError, TypeError, ValueError):
        return None


class _Counting:
    """Counts the lines of both logs, going on with what was counted before where that is of them.

    Args:
        path: The shop's folder.
        mark: What shall be counted.
        may_write: Whether it may be kept in the folder.
    """

    def __init__(self, path: str, mark: Mark, *, may_write: bool) -> None:
        self._fd = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        self._mark = mark
        self._may_write = may_write
        self._files = DerivedFiles()
        self._logs = [self._log(format_.file) for format_ in (PURCHASES, CHANGES)]

    def __del__(self) -> None:
        close_quietly(self._fd)

    def _log(self, name: str) -> ReadAt:
        try:
            self._files.open(self._fd, name)
        except FileNotFoundError:
            return lambda _at, _size: b""
        except OSError as error:
            raise StorageError(f"{name}: {error.strerror}") from error
        return lambda at, size: self._files.read(name, at, size)

    def result(self, told: Told) -> bytes:
        """Count; return the file, or nothing where it is in its place.

        Raises:
            StorageError: The logs are others, or cannot be counted.
        """
        mark = self._mark
        if not mark.fits(self._logs):
            raise StorageError(_CHANGED)
        try:
            columns = self._grown(told) or self._of_all(told)
            data = write_lines(columns, {"mark": mark})
        except (Unfit, OverflowError, ValueError) as error:
            raise StorageError(
                "the lines of the sales cannot be added up: an amount is out of range"
            ) from error
        mode = os.fstat(self._fd).st_mode & 0o666
        if self._may_write and write_small(self._fd, mode, _LINES, data, durable=False):
            return b""
        return data

    def _of_all(self, told: Told) -> SaleColumns:
        """Count both logs whole."""
        columns = empty_columns(self._mark.decimals)
        count = LineCount(columns, self._mark.decimals, self._mark.last)
        self._count_changes(count, 0, told)
        self._count_sales(count, 0, told)
        return columns

    def _grown(self, told: Told) -> SaleColumns | None:
        """Go on with what was counted before of these very logs; None where there is none to go on with."""
        file, mark = _line_file(self._fd), self._mark
        known = _mark_in(file) if file is not None else None
        if file is None or known is None or known.decimals != mark.decimals:
            return None
        (sold, _), (changed, _) = known.logs
        if sold > mark.logs[0][0] or changed > mark.logs[1][0] or not known.fits(self._logs):
            return None
        columns = file.columns(0, _LAST_DAY)
        count = LineCount(columns, mark.decimals, mark.last)
        self._count_changes(count, changed, told)
        if mixed_up(columns):
            return None  # What was sold as what must be known of all sales.
        self._count_sales(count, sold, told)
        return columns

    def _count_changes(self, count: LineCount, start: int, told: Told) -> None:
        whole, size = self._mark.bytes, self._mark.logs[1][0]
        count.count_changes(self._logs[1], start, size, lambda done: told(done, whole))

    def _count_sales(self, count: LineCount, start: int, told: Told) -> None:
        whole, before = self._mark.bytes, self._mark.logs[1][0]
        count.count_sales(
            self._logs[0], start, self._mark.logs[0][0], lambda done: told(before + done, whole)
        )


# In a process of its own


def _counted_aside(path: AnyPath, mark: Mark, told: Told, *, may_write: bool) -> bytes:
    """Count in another process; return the file, or nothing where it is in its place.

    Raises:
        StorageError: The logs are others, or cannot be counted.
    """
    found = Aside(__name__, str(path), "write" if may_write else "", json.dumps(mark)).result(told)
    if found.code:
        raise StorageError(found.said or "the lines of the sales could not be counted")
    return found.data


def main(path: str, how: str, mark: str) -> int:
    """Count as a process of its own; return its exit code."""

    def count(tell: Telling) -> int:
        send(_Counting(path, Mark.read(json.loads(mark)), may_write=bool(how)).result(tell))
        return 0

    return run_aside(count)
