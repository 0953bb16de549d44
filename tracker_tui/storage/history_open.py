"""Opening the history of a shop, where it is of the logs that lie there.

A log may have been put back from a copy, cut off, or edited in the middle since it was counted. One that has the
very state in which a session left it is the one that was counted, grown; of any other all bytes that were counted are
summed up once and compared.
"""

from __future__ import annotations

from tracker_tui.errors import StorageError
from tracker_tui.model.records import Product
from tracker_tui.storage.codec import CHANGES, PURCHASES, logged_product
from tracker_tui.storage.compare import Known
from tracker_tui.storage.derived import DerivedFiles, LogMark, Saved, full_state, state_of
from tracker_tui.storage.formats import INVENTORY
from tracker_tui.storage.history_file import HistoryFile, Unfit, crc_of
from tracker_tui.storage.log import TAIL_BYTES
from tracker_tui.storage.past import IndexedPast
from tracker_tui.storage.table import read_table
from tracker_tui.typed import Final

LOGS: Final = (PURCHASES.file, CHANGES.file)


class OpenHistory:
    """A history in a file or in memory, and the logs it is of.

    Attributes:
        past: What it tells.
        tails: The last bytes of each log that were counted, by its name.
        saved: Which state of the tables says what these logs say; None where nothing says so.
    """

    def __init__(self, fd: int, decimals: int, saved: Saved | None, data: bytes | None = None) -> None:
        """Open the history.

        Args:
            fd: The shop's folder.
            decimals: The shop's decimals.
            saved: Which state of the tables said what the logs said when they were saved.
            data: The history itself; None = read the file.

        Raises:
            Unfit: There is none, or not of these logs.
        """
        files = DerivedFiles()
        try:
            if data is None:
                self._size = files.open_history(fd).st_size
                file = HistoryFile(files.read_history, self._size)
            else:
                self._size = 0
                file = HistoryFile(lambda at, size: data[at : at + size], len(data))
            self._files = files
            self.past = IndexedPast(file, files.read)
            if self.past.decimals != decimals:
                raise Unfit
            marks = saved.logs if saved is not None else {}
            intact = [self._check(fd, name, marks.get(name)) for name in LOGS]
            self.tails = {name: self._tail(name) for name in LOGS}
        except (OSError, StorageError, LookupError, TypeError, ValueError, AttributeError) as error:
            raise Unfit from error
        self.saved = saved if all(intact) else None

    def _check(self, fd: int, name: str, mark: LogMark | None) -> bool:
        """Check that a log is the one that was counted, grown; tell whether it is the one of the mark as well."""
        counted = self.past.log_state(name)
        size: int = counted["size"]
        if not full_state(fd, name):
            if size:
                raise Unfit
            return mark is not None and not mark.state
        now = state_of(self._files.open(fd, name))
        if now[2] < size:
            raise Unfit
        unchanged = mark is not None and now == mark.state
        if not unchanged and now != tuple(counted["log"]):
            self._compare(name, counted["checks"])
        if mark is None or unchanged:
            return unchanged
        return mark.start == size and self._sum(name, mark.start, mark.end) == mark.crc

    def _compare(self, name: str, checks: list[tuple[int, int]]) -> None:
        start = 0
        for end, crc in checks:
            if self._sum(name, start, end) != crc:
                raise Unfit
            start = end

    def _sum(self, name: str, start: int, end: int) -> int:
        return crc_of(lambda at, size: self._files.read(name, at, size), start, end)

    def _tail(self, name: str) -> bytes:
        size: int = self.past.log_state(name)["size"]
        return self._files.read(name, max(0, size - TAIL_BYTES), min(size, TAIL_BYTES))

    def mark(self, name: str, state: tuple[int, ...], end: int) -> LogMark:
        """Return a log's mark.

        Args:
            name: Which log.
            state: Its state now.
            end: Up to which byte it was read.
        """
        start: int = self.past.log_state(name)["size"]
        return LogMark(state, start, end, self._sum(name, start, end))

    def tail_bytes(self, fd: int) -> int:
        """Return how many bytes the logs have behind what was counted."""
        states = (full_state(fd, name) for name in LOGS)
        return sum(state[2] for state in states if state) - self.counted_bytes

    @property
    def counted_bytes(self) -> int:
        """How many bytes of the logs were counted."""
        return sum(self.past.log_state(name)["size"] for name in LOGS)

    @property
    def spoilt(self) -> bool:
        """Whether somebody wrote into the file since."""
        return self._files.size_of_history() != self._size

    def stock(self, table: bytes | None = None) -> Known:
        """Return the products after the last entry of the history, to compare a table with.

        Args:
            table: Those of the rows that are to be compared; None = all.
        """
        table = self.past.stock() if table is None else table
        decimals = self.past.decimals
        odd: dict[str, Product | None] = {}
        for key, said in self.past.odd.items():
            product = logged_product(said["line"], decimals)
            odd[key] = product._replace(quantity=said["quantity"], extra=said["extra"])
        return Known(read_table(INVENTORY, table, decimals), self.past.last, odd)
