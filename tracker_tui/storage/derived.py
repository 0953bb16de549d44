"""The folder `.tracker/`: what is derived from the shop's files and may be deleted at any time.

`history` is what counting the logs gave; `saved` says which state of the tables the program itself wrote, so
that nobody must look for a person's edits in them. Whatever in it does not fit is passed over.
"""

import contextlib
import os
import time
from collections.abc import Iterator
from typing import Final, NamedTuple

from tracker_tui.errors import StorageError
from tracker_tui.storage.codec import CHANGES, PURCHASES
from tracker_tui.storage.folder import signature_of
from tracker_tui.storage.history_file import HistoryFile, Unfit, fingerprint
from tracker_tui.storage.log import TAIL_BYTES
from tracker_tui.storage.past import IndexedPast
from tracker_tui.storage.plain import check_plain, close_quietly

DERIVED: Final = ".tracker"
_HISTORY: Final = "history"
_SAVED: Final = "saved"
_FOLDER: Final = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_READ: Final = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_NEW: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_LARGEST_NOTE: Final = 1 << 16
_ABANDONED_S: Final = 300.0


class Saved(NamedTuple):
    """Which state of the tables the program wrote.

    Attributes:
        inventory: State of `inventory.txt`, with the time of its last change of any kind.
        customers: The same of `customers.txt`, which names everybody whom the sales name.
        as_of: The entry that the inventory counts up to.
        over: State of the inventory that was replaced, without the time of its last change of any kind: who
            knows that one in full, comments and all, knows the new one as well.
    """

    inventory: tuple[int, ...]
    customers: tuple[int, ...]
    as_of: int
    over: tuple[int, ...]


def full_state(fd: int, name: str) -> tuple[int, ...]:
    """Return the state of a file with the time of its last change, which no program can set; () = not there."""
    try:
        info = os.stat(name, dir_fd=fd, follow_symlinks=False)
    except OSError:
        return ()
    return (info.st_dev, info.st_ino, info.st_size, info.st_mtime_ns, info.st_ctime_ns)


def read_saved(fd: int) -> Saved | None:
    """Read which state of the tables the program wrote; None where nothing says so."""
    data = _read(fd, _SAVED)
    if not data:
        return None
    import json  # noqa: PLC0415 - a small shop has nothing derived

    try:
        found = json.loads(data)
        return Saved(
            tuple(found["inventory"]), tuple(found["customers"]), int(found["as_of"]), tuple(found["over"])
        )
    except (ValueError, TypeError, KeyError):
        return None


def write_saved(fd: int, mode: int, saved: Saved) -> None:
    """Say which state of the tables the program wrote; that this fails costs a comparison later."""
    import json  # noqa: PLC0415 - a small shop has nothing derived

    _write(fd, mode, _SAVED, json.dumps(saved._asdict()).encode(), durable=False)


def write_history(fd: int, mode: int, data: bytes) -> None:
    """Keep what counting the logs gave; that this fails costs a counting later."""
    _write(fd, mode, _HISTORY, data, durable=True)


class OpenHistory:
    """A history in a file or in memory, and the logs it is of."""

    def __init__(self, fd: int, data: bytes | None = None) -> None:
        """Open the history.

        Args:
            fd: The shop's folder.
            data: The history itself; None = read the file.

        Raises:
            Unfit: There is none, or not of these logs.
        """
        files = _OpenFiles()
        try:
            if data is None:
                with _opened(fd, make=0) as place:
                    history = files.open(place, _HISTORY)
                size = os.fstat(history).st_size
                file = HistoryFile(lambda at, n: files.read(_HISTORY, at, n), size)
            else:
                file = HistoryFile(lambda at, n: data[at : at + n], len(data))
            self._files = files
            self.past = IndexedPast(file, files.read)
            self.tails = {name: self._tail(fd, name) for name in (PURCHASES.file, CHANGES.file)}
        except (OSError, StorageError, KeyError, TypeError) as error:
            raise Unfit from error

    def _tail(self, fd: int, name: str) -> bytes:
        """Check that a log is the one that was counted, grown; return the last bytes that were."""
        state = self.past.log_state(name)
        size = state["size"]
        now = signature_of(fd, name)
        if now is None:
            if size:
                raise Unfit
            return b""
        if (now.device, now.inode) != (state["device"], state["inode"]) or now.size < size:
            raise Unfit
        if now.size == state["file_size"] and now.mtime_ns != state["mtime_ns"]:
            raise Unfit
        self._files.open(fd, name)
        tail = self._files.read(name, max(0, size - TAIL_BYTES), min(size, TAIL_BYTES))
        if fingerprint(tail) != state["tail"]:
            raise Unfit
        return tail


class _OpenFiles:
    """The files that a history reads, by name; they are closed when nobody can ask it any more."""

    def __init__(self) -> None:
        self._fds: dict[str, int] = {}

    def open(self, folder: int, name: str) -> int:
        """Open a plain file for reading."""
        self._fds[name] = _open(folder, name)
        return self._fds[name]

    def read(self, name: str, at: int, size: int) -> bytes:
        """Read some bytes of a file from a place on; none where it was not opened."""
        return os.pread(self._fds[name], size, at) if name in self._fds else b""

    def __del__(self) -> None:
        for fd in self._fds.values():
            close_quietly(fd)


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
        os.mkdir(DERIVED, 0o700, dir_fd=fd)
        place = os.open(DERIVED, _FOLDER, dir_fd=fd)
        os.fchmod(place, os.fstat(fd).st_mode & 0o2777)
    try:
        yield place
    finally:
        close_quietly(place)


def _read(fd: int, name: str) -> bytes:
    try:
        with _opened(fd, make=0) as place:
            opened = _open(place, name)
            try:
                return os.pread(opened, _LARGEST_NOTE, 0)
            finally:
                close_quietly(opened)
    except (OSError, StorageError):
        return b""


def _write(fd: int, mode: int, name: str, data: bytes, *, durable: bool) -> None:
    """Put a derived file in its place; another session that is just doing so is left to it."""
    temporary = f".{name}.tmp"
    with contextlib.suppress(OSError), _opened(fd, make=mode or 0o600) as place:
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
        except OSError:
            os.unlink(temporary, dir_fd=place)
            raise
        finally:
            close_quietly(opened)


def _forget_abandoned(place: int, temporary: str) -> None:
    try:
        if time.time() - os.stat(temporary, dir_fd=place).st_mtime > _ABANDONED_S:
            os.unlink(temporary, dir_fd=place)
    except FileNotFoundError:
        return
