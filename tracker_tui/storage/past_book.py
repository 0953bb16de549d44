"""The logs with most of their entries left on the disk: what was counted of them before, or is counted now.

A large shop's entries are not all in memory; an index of them is kept in `.tracker/`, and made anew where it does
not fit. Nothing here is safe for threads: the service has the one lock.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from tracker_tui.errors import StorageError
from tracker_tui.model.records import Product
from tracker_tui.storage.beside import CountingBeside
from tracker_tui.storage.book import Book
from tracker_tui.storage.compare import Known, differing
from tracker_tui.storage.derived import Saved, full_state, has_history, read_saved, write_history
from tracker_tui.storage.folder import Folder, Held, signature_of
from tracker_tui.storage.formats import INVENTORY
from tracker_tui.storage.history_file import Unfit
from tracker_tui.storage.history_open import LOGS, OpenHistory
from tracker_tui.storage.log import Rewritten
from tracker_tui.storage.table import Table
from tracker_tui.typed import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from tracker_tui.storage.recount import Counter

SMALL_BYTES: Final = 1 << 16
"""Logs of no more bytes than this are read whole at each start."""
LONGEST_TAIL: Final = 8 << 20
"""Where the logs have more bytes behind their history, they are counted anew at the start."""


class Uncounted(StorageError):
    """The logs must be counted anew, which takes long, and the folder's lock is held."""

    def __init__(self) -> None:
        super().__init__("the logs were changed by another program and must be counted anew; try again")


class PastBook(Book):
    """The two logs of one shop, of which the long past stays on the disk.

    Attributes:
        told: Told, where the logs must be counted anew, how many bytes of how many are done.
        patient: Whether they may be counted anew also while the lock is held.
    """

    def __init__(self, folder: Folder, clock: Callable[[], datetime], *, read_only: bool) -> None:
        self._whole = False
        self._known: Known | None = None
        self._loading = False
        self._beside = CountingBeside(folder.path)
        self._counter: Counter | None = None
        self.told: Callable[[int, int], None] = lambda _done, _size: None
        self.patient = False
        super().__init__(folder, clock, read_only=read_only)

    def _reset(self) -> None:
        super()._reset()
        self._history: OpenHistory | None = None

    def _begin_past(self, fd: int, held: Held | None) -> None:
        """Let long logs that nobody has counted be counted while the tables are read.

        The process is waited for by `_open_past`, or ended by `_end_counting`.
        """
        if self._whole or held is not None or _log_bytes(fd) <= SMALL_BYTES or has_history(fd):
            return
        from tracker_tui.storage import recount  # noqa: PLC0415 - as in `_count_anew`

        if _log_bytes(fd) > recount.LARGE_BYTES:
            self._counter = self._new_counter()

    def _end_counting(self) -> None:
        """End a counting for which nobody has waited."""
        if self._counter is not None:
            self._counter.leave()
            self._counter = None

    def _new_counter(self) -> Counter:
        from tracker_tui.storage import recount  # noqa: PLC0415 - as in `_count_anew`

        how = recount.LOOK_ONLY if self._read_only else recount.WRITE
        return recount.Counter(self.folder.path, self.settings.decimals, LONGEST_TAIL, how)

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
            counter, self._counter = self._counter or self._new_counter(), None
            data = counter.history(self.told)
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

    def count_beside(self) -> None:
        """Have the logs counted anew in the background where much was booked since."""
        if self._history is not None and not self._read_only:
            read = self._purchases.size + self._changes.size
            self._beside.look(self._history.counted_bytes, read, self.settings.decimals)

    def close(self) -> None:
        """End what goes on in the background."""
        self._beside.end()


def _log_bytes(fd: int) -> int:
    """Return how many bytes both logs have."""
    return sum(found.size for name in LOGS if (found := signature_of(fd, name)) is not None)
