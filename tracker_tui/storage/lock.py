"""The lock of the shop's folder: `flock` on the folder itself.

There is no lock file that could be deleted while it is held, and the kernel frees the lock of a session that
dies. The folder stays open from one act to the next: to open it and close it again each time would cost more than
the lock does. What is kept is used only where a fresh look at the path finds the very folder that was opened; as
long as it is open no other one can be given its inode.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import time
from collections.abc import Iterator
from types import TracebackType

from tracker_tui.errors import Busy, StorageError
from tracker_tui.storage.plain import AnyPath, close_quietly, lock_holder, reason_of, refusal
from tracker_tui.typed import Final, Self, TypeAlias

LOCK_TIMEOUT_S: Final = 5.0
_PATIENT_S: Final = 0.3
_OFTEN_S: Final = 0.002
_SAME_TIME_NS: Final = 50_000_000
"""Two changes within this may be given the same time: file systems tell it by a clock that ticks. One that keeps
whole seconds only is not believed at all."""

Names: TypeAlias = tuple[int, int, int]
"""Device and inode of a folder, and when a name in it changed last: no program can set that time."""


class OpenFolder:
    """An open folder.

    Attributes:
        fd: Its descriptor; -1 once it is closed.
    """

    __slots__ = ("_device", "_inode", "fd")

    def __init__(self, path: str) -> None:
        """Open the folder at a path.

        Raises:
            OSError: There is none, or it may not be read.
        """
        self.fd = -1
        self.fd = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        info = os.fstat(self.fd)
        self._device, self._inode = info.st_dev, info.st_ino

    def is_of(self, info: os.stat_result) -> bool:
        """Tell whether a state, as just looked up by the path, is of this folder."""
        return info.st_ino == self._inode and info.st_dev == self._device

    def close(self) -> None:
        """Close it."""
        if self.fd >= 0:
            close_quietly(self.fd)
            self.fd = -1

    def __del__(self) -> None:
        self.close()


class Held:
    """The folder with its lock held; only what has this in hand may write.

    Attributes:
        fd: Descriptor of the folder.
        mode: Permissions of files made in it.
        looked_up: Files as they were found by their names since the lock is held, for the first append to each.
    """

    __slots__ = ("fd", "looked_up", "mode")

    def __init__(self, fd: int, mode: int) -> None:
        self.fd = fd
        self.mode = mode
        self.looked_up: dict[str, os.stat_result] = {}


class Lock(Held):
    """The lock of an open folder, which the end of a `with` gives back."""

    __slots__ = ("_lent_by", "_opened")

    def __init__(self, lent_by: LockableFolder, opened: OpenFolder, mode: int) -> None:
        self.fd = opened.fd
        self.mode = mode
        self.looked_up = {}
        self._lent_by = lent_by
        self._opened = opened

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()

    def release(self) -> None:
        """Give it back."""
        try:
            fcntl.flock(self.fd, fcntl.LOCK_UN)
        except OSError:
            self._opened.close()  # That gives the lock back as well.
        self._lent_by.give_back(self._opened)


class LockableFolder:
    """A folder that can be opened and locked again and again.

    Attributes:
        path: Where it is.
        names_as_of: Stands for the names in the folder as they were when it was opened or locked last: while it
            is the same, none was made, renamed or taken away. None where nothing stands for them yet.
        synced: Whether somebody made sure that the names in it are durable, since it was opened.
    """

    def __init__(self, path: AnyPath) -> None:
        self.path = os.fspath(path)
        self.names_as_of: Names | None = None
        self.synced = False
        self._kept: OpenFolder | None = None

    @contextlib.contextmanager
    def opened(self) -> Iterator[int]:
        """Hold a descriptor of the folder, without the lock, for reading."""
        opened = self._take()
        try:
            while self._at_path(opened) is None:
                opened.close()
                opened = self._take()
            yield opened.fd
        finally:
            self.give_back(opened)

    def locked(self, timeout_s: float = LOCK_TIMEOUT_S) -> Lock:
        """Take the folder's exclusive lock, for a `with`.

        Raises:
            Busy: Another session kept it for longer than `timeout_s`; the text says who.
            StorageError: The folder cannot be opened.
        """
        deadline = time.monotonic() + timeout_s
        while True:
            opened = self._take()
            try:
                info = self._wait_for_lock(opened, deadline, timeout_s)
            except BaseException:
                opened.close()
                raise
            if info is not None:
                return Lock(self, opened, info.st_mode & 0o666)
            opened.close()

    def _wait_for_lock(self, opened: OpenFolder, deadline: float, timeout_s: float) -> os.stat_result | None:
        """Look again and again; who has waited for long looks more often, so that nobody is passed over.

        Returns:
            The state of the folder; None where another one is at the path by now (a restore may swap it).
        """
        pause = 0.0005
        while True:
            try:
                fcntl.flock(opened.fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
                free = True
            except BlockingIOError:
                free = False
            except OSError as error:
                raise StorageError(f"{self.path}: cannot be locked: {reason_of(error)}") from error
            info = self._at_path(opened)
            if free or info is None:
                return info
            if time.monotonic() >= deadline:
                raise Busy(f"{lock_holder(opened.fd)} is writing to the shop's folder; try again")
            time.sleep(pause)
            soon = deadline - time.monotonic() < timeout_s - _PATIENT_S
            pause = _OFTEN_S if soon else min(pause * 2, 0.02)

    def _take(self) -> OpenFolder:
        """Hand out the folder that is kept open, or open it; `give_back` takes it."""
        opened, self._kept = self._kept, None
        if opened is None:
            try:
                opened = OpenFolder(self.path)
            except OSError as error:
                raise refusal(os.path.basename(self.path), error) from error
            self.synced = False
        return opened

    def give_back(self, opened: OpenFolder) -> None:
        """Keep a folder open for the next time."""
        if self._kept is None and opened.fd >= 0:
            self._kept = opened
        else:
            opened.close()

    def close(self) -> None:
        """Close what is kept open; whoever needs it opens it again."""
        if self._kept is not None:
            self._kept.close()
            self._kept = None

    def _at_path(self, opened: OpenFolder) -> os.stat_result | None:
        """Look at what is at the path; None where that is no longer the folder that was opened."""
        now_ns = time.time_ns()
        try:
            info = os.stat(self.path)
        except OSError as error:
            raise StorageError(f"{self.path}: {reason_of(error)}") from error
        if not opened.is_of(info):
            return None
        changed_ns = info.st_ctime_ns
        self.names_as_of = (
            (info.st_dev, info.st_ino, changed_ns) if _differs_from_later(changed_ns, now_ns) else None
        )
        return info


def _differs_from_later(changed_ns: int, now_ns: int) -> bool:
    """Tell whether the time of a change is other than that of any later change.

    Args:
        changed_ns: When the change was, as the file system says.
        now_ns: When that was looked up, or a little before.
    """
    return now_ns - changed_ns > _SAME_TIME_NS and changed_ns % 1_000_000_000 != 0
