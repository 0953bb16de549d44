"""A session in one shop's folder: opening, keeping up with the files, saving, and the way to a change.

Every change takes the folder's lock, catches up with the files, is checked against the state of that moment,
is appended to its log and made durable, and only then acknowledged. A session may be used by several threads.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import date, datetime
from functools import cached_property
from types import TracebackType

from tracker_tui.errors import Busy, Conflict, FieldProblem, Invalid, ReadOnly, StorageError
from tracker_tui.model.records import Action, Change, ChangeLine, Entry, Problem, Purchase
from tracker_tui.model.state import Snapshot
from tracker_tui.shop.clock import SystemClock, to_the_second
from tracker_tui.storage.clerk import clerk_called
from tracker_tui.storage.codec import CHANGES, PURCHASES
from tracker_tui.storage.folder import LOCK_TIMEOUT_S, Folder, Held
from tracker_tui.storage.lock import Lock
from tracker_tui.storage.plain import AnyPath
from tracker_tui.storage.store import Store, Uncounted
from tracker_tui.storage.surroundings import network_warning
from tracker_tui.typed import TYPE_CHECKING, Final, Self

if TYPE_CHECKING:
    from pathlib import Path

    from tracker_tui.model.sale_columns import SaleColumns
    from tracker_tui.storage.baskets import BasketFiles
    from tracker_tui.storage.handedit import Editor, HandEdit
    from tracker_tui.storage.sold_lines import SoldLines

_RACE_TRIES: Final = 3
_KEPT_EACH: Final = 15
"""Only one of so many looks at the files keeps what reading them found out: who waits for a report goes first."""
_MOST_JUMPS: Final = 5
"""How many jumps of the clock are told of, the latest ones."""


class ShopSession:
    """One shop, open: everything but the acts themselves.

    Attributes:
        clerk: Who acts in this session; every entry carries it.
        directory: The shop's folder.
    """

    def __init__(
        self, directory: str, clerk: str, *, read_only: str, clock: Callable[[], datetime] | None = None
    ) -> None:
        """Do not call this: `open` makes a service that is ready."""
        self.clerk = clerk
        self._read_only = read_only
        self._clock = to_the_second(clock) if clock else SystemClock()
        self._folder = Folder(directory)
        self._store = Store(self._folder, self._clock, read_only=bool(read_only))
        self._mutex = threading.RLock()
        self._revision = 0
        self._looks = 0
        self._snapshot: Snapshot | None = None

    @classmethod
    def open(
        cls,
        directory: AnyPath,
        clerk: str | None = None,
        *,
        read_only: bool = False,
        clock: Callable[[], datetime] | None = None,
        told: Callable[[int, int], None] | None = None,
    ) -> Self:
        """Open the shop in a folder; one that is missing is made, for its owner alone.

        Args:
            directory: The shop's folder.
            clerk: Who acts; None = the login of this process.
            read_only: Whether to look only. A folder that cannot be written is opened so by itself.
            clock: Tells the time, aware; None = the system's.
            told: Told, where the logs must be counted anew, how many bytes of how many are done; what it
                raises ends the opening.

        Raises:
            Invalid: The clerk's name cannot be written into the files.
            StorageError: The folder or a file in it cannot be used.
        """
        path = os.path.join(os.getcwd(), directory).rstrip("/") or "/"
        name = clerk_called(clerk)
        unwritable = Folder(path).ready()
        reason = "this session was opened to look only" if read_only else unwritable
        service = cls(path, name, read_only=reason, clock=clock)
        if told is not None:
            service._store.told = told
        service._catch_up_at_start()
        warning = network_warning(path)
        if warning:
            service._store.notices.append(Problem("", 0, warning))
        return service

    def _catch_up_at_start(self) -> None:
        """Read all that there is, and only then take the lock, for what is to be put right."""
        with self._mutex:
            self._store.refresh()
            if self._read_only:
                return
            try:
                with self._folder.locked(1.0) as held:
                    if not self._folder.stopped(held.fd):
                        self._folder.sweep(held)
                        self._store.refresh(held)
                        self._store.remember_clean(held)
            except Busy:
                return
            except StorageError as error:
                self._store.notices.append(Problem("", 0, str(error)))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    # Looking

    @cached_property
    def directory(self) -> Path:
        """The shop's folder."""
        from pathlib import Path  # noqa: PLC0415 - a sale on the command line does not ask for it

        return Path(self._folder.path)

    @property
    def snapshot(self) -> Snapshot:
        """The whole shop as of the last `refresh` or act of this session; never changes itself."""
        with self._mutex:
            if self._snapshot is None:
                store = self._store
                self._revision += 1
                self._snapshot = Snapshot(
                    revision=self._revision,
                    entry=store.entry,
                    products=store.products.frozen(),
                    customers=store.customers.frozen(),
                    entries=store.ledger,
                    problems=store.problems(),
                    notices=(*store.notices, *store.clock_jumps[-_MOST_JUMPS:], *store.open_elsewhere),
                    held_edit=store.held_edit,
                    lost=tuple(store.lost),
                    settings=store.settings,
                    read_only=self.read_only,
                    own_columns=store.own_columns,
                )
            return self._snapshot

    @property
    def read_only(self) -> str:
        """Why nothing can be changed in this session; empty where it can."""
        return self._read_only or self._store.later_version

    def sale_columns(
        self,
        since: date | None = None,
        until: date | None = None,
        told: Callable[[int, int], None] = lambda _done, _size: None,
    ) -> SaleColumns:
        """Return the sales and returns of some days that count, as columns; may take long in a large shop.

        Args:
            since: First day, None = from the beginning.
            until: Last day, None = to the end.
            told: Told, where the logs must be counted for it, how many bytes of how many are done; what it raises
                ends the counting.

        Raises:
            StorageError: A log was changed by another program meanwhile, or cannot be read.
        """
        shop = self.snapshot
        return self._sold_lines.columns(shop.ledger, shop.settings.decimals, since, until, told)

    @cached_property
    def _sold_lines(self) -> SoldLines:
        from tracker_tui.storage.sold_lines import SoldLines  # noqa: PLC0415 - no sale needs it

        return SoldLines(self._folder.path, may_write=not self._read_only)

    # Keeping up

    def refresh(self) -> bool:
        """Catch up with what other sessions and people did; tell whether anything changed.

        Raises:
            StorageError: A file cannot be read.
        """
        with self._mutex:
            changed = self._store.refresh()
            if self._store.unlogged and not self.read_only:
                with suppress(Busy), self._folder.locked(0.05) as held:
                    if not self._folder.stopped(held.fd):
                        changed = self._store.refresh(held) or changed
            if changed:
                self._snapshot = None
            self._store.count_beside()
            self._looks += 1
            if self._looks % _KEPT_EACH == 0:
                self._store.keep_readings()
            return changed

    @property
    def unsaved(self) -> bool:
        """Whether `inventory.txt` is behind the logs; nothing is lost by that."""
        with self._mutex:
            return not self.read_only and self._store.unsaved

    def save(self) -> bool:
        """Bring `inventory.txt` up to the last entry; tell whether that was due.

        Raises:
            Busy: Another session holds the folder; the logs have everything, so try later.
            StorageError: The file is as it was.
        """
        if self._read_only or not self.unsaved:
            return False
        with self._changing() as held:
            return self._store.save(held)

    def close(self) -> None:
        """Leave the shop with `inventory.txt` up to date.

        Where it cannot be written now, nothing is lost: the logs have every act, and the next session writes it.
        """
        try:
            self.save()
        except (Busy, ReadOnly, StorageError):
            pass
        finally:
            with self._mutex:
                self._store.keep_readings()
                self._store.close()
                self._folder.close()

    def _changing(self) -> _Changing:
        """Hold the lock, caught up with the files, for a `with`."""
        if self._read_only:
            raise ReadOnly(f"nothing can be changed: {self._read_only}")
        return _Changing(self._mutex, self._caught_up, self._forget_snapshot)

    def _caught_up(self) -> Lock:
        """Take the lock and catch up with the files."""
        for _ in range(_RACE_TRIES):
            held = self._folder.locked(LOCK_TIMEOUT_S)
            try:
                if self._is_caught_up(held):
                    return held
            except BaseException:
                held.release()
                raise
            held.release()
            self._store.refresh()
            self._snapshot = None
        raise Busy("the logs are being rewritten by another program; try again")

    def _forget_snapshot(self) -> None:
        self._snapshot = None

    def _is_caught_up(self, held: Held) -> bool:
        """Catch up with the files; False = that takes so long that nobody must be kept from the lock meanwhile."""
        stopped = self._folder.stopped(held.fd)
        if stopped:
            raise ReadOnly(f"nothing can be changed until “tracker-tui check” was run: {stopped}")
        try:
            if self._store.refresh(held):
                self._snapshot = None
        except Uncounted:
            return False
        if self._store.later_version:
            raise ReadOnly(f"nothing can be changed: {self._store.later_version}")
        return True

    def _log(self, held: Held, action: Action, lines: Sequence[ChangeLine], note: str = "") -> int:
        lines = lines if isinstance(lines, tuple) else tuple(lines)
        change = Change(self._store.next_number, self.clerk, action, lines, note, self._clock())
        self._book(held, change)
        return change.entry

    def _book(self, held: Held, entry: Entry) -> None:
        try:
            self._store.commit(held, entry)
        except ValueError as error:
            raise Invalid([FieldProblem("", str(error))]) from error

    @cached_property
    def baskets(self) -> BasketFiles:
        """The open and parked baskets of all sessions."""
        from tracker_tui.storage.baskets import BasketFiles  # noqa: PLC0415 - a command has no baskets

        return BasketFiles(self._folder)

    def booked(self, sale: str) -> Purchase | None:
        """Return the purchase with this sale id; None if it is not booked."""
        with self._mutex:
            return self._store.find_sale(sale)

    # What waits for an answer

    def answer_edit(self, *, take: bool) -> bool:
        """Take a large hand edit over, or put the rows back as they were; tell whether one waited."""
        with self._changing() as held:
            return self._store.answer_edit(held, take=take)

    def put_back(self) -> int:
        """Write entries that are gone from their logs to them again; return how many."""
        with self._changing() as held:
            return self._store.put_back(held)

    def give_up_lost(self) -> None:
        """Count the entries that are gone from their logs no more."""
        with self._changing() as held:
            self._store.give_up_lost(held)

    # By hand

    def hand_edit(self, name: str, editor: Editor) -> HandEdit:
        """Let a person edit one of the shop's files in an editor, while nobody else can write.

        Args:
            name: `inventory.txt`, `customers.txt`, `purchases.txt` or `changes.txt`.
            editor: Edits the copy at the path it is given; returns 0 when done.

        Raises:
            NotFound: The name is another.
            Invalid: A line that was fine is broken now, or an entry is gone; nothing was changed, and the text
                says where the edited copy is.
        """
        with self._changing() as held:
            from tracker_tui.storage.handedit import hand_edit  # noqa: PLC0415 - few sessions do so

            return hand_edit(self._folder, self._store, held, name, editor)

    def resume(self) -> str:
        """Let the shop be changed again that a failing disk made read-only, where its logs are sound.

        Returns:
            Why it was read-only; empty where it was not.

        Raises:
            Conflict: A log holds lines that cannot be understood; they come first.
        """
        if self._read_only:
            return ""
        with self._mutex, self._folder.locked(LOCK_TIMEOUT_S) as held:
            reason = self._folder.stopped(held.fd)
            if reason:
                if self._store.refresh(held):
                    self._snapshot = None
                logs = (PURCHASES.file, CHANGES.file)
                if any(problem.file in logs for problem in self._store.problems()):
                    raise Conflict(f"nothing can be changed before the logs are mended: {reason}")
                self._folder.release(held)
            return reason


class _Changing:
    """What is held while something is changed, for a `with`; quicker than a generator, for each sale."""

    __slots__ = ("_caught_up", "_changed", "_held", "_mutex")

    def __init__(
        self, mutex: threading.RLock, caught_up: Callable[[], Lock], changed: Callable[[], None]
    ) -> None:
        self._mutex = mutex
        self._caught_up = caught_up
        self._changed = changed

    def __enter__(self) -> Held:
        self._mutex.acquire()
        try:
            self._held = self._caught_up()
        except BaseException:
            self._mutex.release()
            raise
        return self._held

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if kind is None:
                self._changed()
            self._held.release()
        finally:
            self._mutex.release()
