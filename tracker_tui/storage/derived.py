"""The folder `.tracker/`: what is derived from the shop's files and may be deleted at any time.

`history` is what counting the logs gave; `saved` says which state of the tables is known to say what the logs
say, so that nobody must look for a person's edits in them. Whatever in it does not fit is passed over.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import time
from collections.abc import Callable, Iterator, Mapping

from tracker_tui.errors import StorageError
from tracker_tui.storage.plain import check_plain, close_quietly, reason_of, unlink_quietly
from tracker_tui.tuples import NamedTuple
from tracker_tui.typed import Final

DERIVED: Final = ".tracker"
_HISTORY: Final = "history"
_SAVED: Final = "saved"
_FOLDER: Final = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_READ: Final = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_NEW: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_LARGEST_NOTE: Final = 1 << 16
_ABANDONED_S: Final = 300.0


class LogMark(NamedTuple):
    """A log as it was when the tables were saved.

    Attributes:
        state: Its state then, see `full_state`.
        start: Up to which byte the history had it.
        end: Up to which byte it was read.
        crc: CRC-32 of the bytes between.
    """

    state: tuple[int, ...]
    start: int
    end: int
    crc: int


class Saved(NamedTuple):
    """Which state of the tables is known to say what the logs say.

    Attributes:
        inventory: State of `inventory.txt`.
        customers: State of `customers.txt`, which names everybody whom the sales name.
        as_of: The entry that the inventory counts up to.
        over: State of the inventory that was replaced, without the time of its last change of any kind: who
            knows that one in full, comments and all, knows the new one as well.
        logs: The logs by their names.
    """

    inventory: tuple[int, ...]
    customers: tuple[int, ...]
    as_of: int
    over: tuple[int, ...]
    logs: Mapping[str, LogMark]


def full_state(fd: int, name: str) -> tuple[int, ...]:
    """Return the state of a file with the time of its last change, which no program can set; () = not there."""
    try:
        return state_of(os.stat(name, dir_fd=fd, follow_symlinks=False))
    except OSError:
        return ()


def state_of(info: os.stat_result) -> tuple[int, ...]:
    """Return what tells one state of a file from all others."""
    return (info.st_dev, info.st_ino, info.st_size, info.st_mtime_ns, info.st_ctime_ns)


def read_saved(fd: int) -> Saved | None:
    """Read which state of the tables says what the logs say; None where nothing says so."""
    data = read_small(fd, _SAVED)
    if not data:
        return None
    import json  # noqa: PLC0415 - a small shop has nothing derived

    try:
        found = json.loads(data)
        logs = {name: LogMark(tuple(mark[0]), *map(int, mark[1:])) for name, mark in found["logs"].items()}
        return Saved(
            tuple(found["inventory"]),
            tuple(found["customers"]),
            int(found["as_of"]),
            tuple(found["over"]),
            logs,
        )
    except (ValueError, TypeError, KeyError, AttributeError, IndexError, OverflowError, RecursionError):
        return None


def write_saved(fd: int, mode: int, saved: Saved) -> None:
    """Say which state of the tables says what the logs say; that this fails costs a comparison later."""
    import json  # noqa: PLC0415 - a small shop has nothing derived

    write_small(fd, mode, _SAVED, json.dumps(saved._asdict()).encode(), durable=False)


def write_history(fd: int, mode: int, data: bytes) -> bool:
    """Keep what counting the logs gave; tell whether that went: where not, it costs a counting later."""
    return write_small(fd, mode, _HISTORY, data, durable=True)


def has_history(fd: int) -> bool:
    """Tell whether something that may be a history lies beside the shop whose folder is open."""
    try:
        DerivedFiles().open_history(fd)
    except (OSError, StorageError):
        return False
    return True


def write_derived(fd: int, mode: int, name: str, data: bytes) -> bool:
    """Keep what was found out, by any name; tell whether that went."""
    return write_small(fd, mode, name, data, durable=False)


class DerivedFiles:
    """Files that are read here and there, by name; they are closed when nobody can ask it any more."""

    def __init__(self) -> None:
        self._fds: dict[str, int] = {}

    def open_history(self, fd: int) -> os.stat_result:
        """Open the history of the shop whose folder is open.

        Raises:
            OSError: It is not there.
            StorageError: It is no plain file.
        """
        return self.open_derived(fd, _HISTORY)

    def open_derived(self, fd: int, name: str) -> os.stat_result:
        """Open a derived file of the shop whose folder is open; see `open_history`."""
        with _opened(fd, make=0) as place:
            return self.open(place, name)

    def open(self, folder: int, name: str) -> os.stat_result:
        """Open a plain file of an open folder for reading.

        Raises:
            OSError: It is not there.
            StorageError: It is no plain file.
        """
        self._fds[name] = _open(folder, name)
        return os.fstat(self._fds[name])

    def open_beside(self, fd: int, name: str) -> None:
        """Open another derived file of the shop whose folder is open.

        Raises:
            OSError: It is not there.
            StorageError: It is no plain file.
        """
        with _opened(fd, make=0) as place:
            self.open(place, name)

    def read(self, name: str, at: int, size: int) -> bytes:
        """Read some bytes of a file from a place on; none where it was not opened."""
        try:
            return os.pread(self._fds[name], size, at) if name in self._fds else b""
        except OSError as error:
            raise StorageError(f"{name}: {reason_of(error)}") from error

    def read_history(self, at: int, size: int) -> bytes:
        """Read some bytes of the history from a place on."""
        return self.read(_HISTORY, at, size)

    def size_of_history(self) -> int:
        """Return how many bytes the history has now; 0 where it is in no file."""
        return os.fstat(self._fds[_HISTORY]).st_size if _HISTORY in self._fds else 0

    def __del__(self) -> None:
        for fd in self._fds.values():
            close_quietly(fd)


@contextlib.contextmanager
def counting(fd: int, mode: int, wait: Callable[[], bool]) -> Iterator[bool]:
    """Be the only one who counts the logs of the shop, where somebody else is not counting them.

    Where the folder for it can neither be opened nor made, everybody counts for themselves.

    Args:
        fd: The shop's folder.
        mode: Permissions of files in it; 0 = nothing may be made.
        wait: Waits a moment for another who is counting; False = not any longer.

    Yields:
        Whether nobody else is counting.
    """
    with contextlib.ExitStack() as held:
        try:
            place = held.enter_context(_opened(fd, make=mode))
        except OSError:
            yield True
            return
        alone = False
        while not alone:
            try:
                fcntl.flock(place, fcntl.LOCK_EX | fcntl.LOCK_NB)
                alone = True
            except BlockingIOError:
                if not wait():
                    break
            except OSError:  # no locks here
                alone = True
        yield alone


def _open(fd: int, name: str) -> int:
    opened = os.open(name, _READ, dir_fd=fd)
    try:
        check_plain(opened, name)
    except StorageError:
        close_quietly(opened)
        raise
    return opened


@contextlib.contextmanager
def _opened(fd: int, *, make: int) -> Iterator[int]:
    """Hold the folder open; `make` = the permissions of files where it is to be made, 0 = do not."""
    try:
        place = os.open(DERIVED, _FOLDER, dir_fd=fd)
    except FileNotFoundError:
        if not make:
            raise
        place = _make(fd)
    try:
        yield place
    finally:
        close_quietly(place)


def _make(fd: int) -> int:
    """Make the folder, as open to others as the shop's own, and open it."""
    try:
        os.mkdir(DERIVED, 0o700, dir_fd=fd)
    except FileExistsError:  # another session was quicker
        return os.open(DERIVED, _FOLDER, dir_fd=fd)
    place = os.open(DERIVED, _FOLDER, dir_fd=fd)
    os.fchmod(place, os.fstat(fd).st_mode & 0o2777)
    return place


def read_small(fd: int, name: str) -> bytes:
    """Return what is in a small file of the folder; nothing where it is not there, or is no plain file."""
    try:
        with _opened(fd, make=0) as place:
            opened = _open(place, name)
            try:
                return os.pread(opened, _LARGEST_NOTE, 0)
            finally:
                close_quietly(opened)
    except (OSError, StorageError):
        return b""


def write_small(fd: int, mode: int, name: str, data: bytes, *, durable: bool) -> bool:
    """Put a derived file in its place; another session that is just doing so is left to it."""
    temporary = f".{name}.tmp"
    with contextlib.suppress(OSError), _opened(fd, make=mode) as place:
        _forget_abandoned(place, temporary)
        opened = os.open(temporary, _NEW, mode, dir_fd=place)
        try:
            os.fchmod(opened, mode)
            view = memoryview(data)
            while view:
                view = view[os.write(opened, view) :]
            if durable:
                os.fsync(opened)
            os.rename(temporary, name, src_dir_fd=place, dst_dir_fd=place)
        except BaseException:
            unlink_quietly(place, temporary)
            raise
        finally:
            close_quietly(opened)
        return True
    return False


def _forget_abandoned(place: int, temporary: str) -> None:
    try:
        if time.time() - os.lstat(temporary, dir_fd=place).st_mtime > _ABANDONED_S:
            os.unlink(temporary, dir_fd=place)
    except FileNotFoundError:
        return
