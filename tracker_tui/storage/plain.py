"""Help for the shop's folder: errors in words, plain files only, and who holds the lock."""

from __future__ import annotations

import contextlib
import errno
import os
import pwd
import stat
from collections.abc import Iterator

from tracker_tui.errors import StorageError
from tracker_tui.typed import Final, TypeAlias

AnyPath: TypeAlias = "str | os.PathLike[str]"
"""A path as the system takes it: to load `pathlib` takes a tenth of a sale on the command line."""

FOLDER: Final = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
"""How a folder is opened."""
_READ: Final = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


@contextlib.contextmanager
def as_storage_error(name: str, but: type[OSError] | None = None) -> Iterator[None]:
    """Turn what the system refuses into a refusal that names the file; `but` passes through."""
    try:
        yield
    except OSError as error:
        if but is not None and isinstance(error, but):
            raise
        raise refusal(name, error) from error


def refusal(name: str, error: OSError) -> StorageError:
    """Return what the system refused of a file as a refusal that names it."""
    if error.errno == errno.ELOOP:
        return StorageError(f"{name}: is a link to elsewhere; it is left alone")
    return StorageError(f"{name}: {reason_of(error)}")


def reason_of(error: OSError) -> str:
    """Say in a person's words what the system refused."""
    texts = {
        errno.ENOSPC: "the disk is full",
        errno.EDQUOT: "the disk quota is used up",
        errno.EROFS: "the disk is read-only",
        errno.EACCES: "this login may not",
        errno.EPERM: "this login may not",
        errno.EIO: "the disk failed",
        errno.EFBIG: "the file would be too large",
    }
    return texts.get(error.errno or 0, error.strerror or str(error))


def check_plain(fd: int, name: str) -> None:
    """Refuse an open file that is no plain one, or that has a second name."""
    info = os.fstat(fd)
    if not stat.S_ISREG(info.st_mode):
        raise StorageError(f"{name}: is no plain file; it is left alone")
    if info.st_nlink != 1:
        raise StorageError(f"{name}: has a second name (a hard link) elsewhere; it is left alone")


def close_quietly(fd: int) -> None:
    """Close a file; an error of that is passed over, as what had to be durable was synced before."""
    with contextlib.suppress(OSError):
        os.close(fd)


def unlink_quietly(folder: int, name: str) -> None:
    """Take a file of an open folder away, where that goes."""
    with contextlib.suppress(OSError):
        os.unlink(name, dir_fd=folder)


def open_if_there(folder: int, name: str, flags: int) -> int | None:
    """Open a file of an open folder; None where it is not there."""
    try:
        return os.open(name, flags, dir_fd=folder)
    except FileNotFoundError:
        return None


@contextlib.contextmanager
def folder_opened(path: AnyPath) -> Iterator[int]:
    """Hold a folder open for reading."""
    fd = os.open(path, FOLDER)
    try:
        yield fd
    finally:
        close_quietly(fd)


def start_of(folder: int, name: str, size: int) -> bytes:
    """Return the first bytes of a plain file of an open folder; none where it cannot be read."""
    try:
        file = os.open(name, _READ, dir_fd=folder)
    except OSError:
        return b""
    try:
        check_plain(file, name)
        return os.pread(file, size, 0)
    except (OSError, StorageError):
        return b""
    finally:
        close_quietly(file)


def make_folder(folder: str) -> None:
    """Make a folder, and those it stands in, so that it is there after a power cut as well."""
    if os.path.isdir(folder):
        return
    from pathlib import Path  # noqa: PLC0415 - most sessions find the folder

    path = Path(folder)
    missing = [place for place in (path, *path.parents) if not place.exists()]
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        for place in missing:
            _sync_folder(place.parent)
    except OSError:
        with contextlib.suppress(OSError):
            for place in missing:
                place.rmdir()
        raise


def _sync_folder(path: AnyPath) -> None:
    with folder_opened(path) as fd:
        os.fsync(fd)


def login_of(uid: int) -> str:
    """Return the login name of a user id, or the number where it has none."""
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def lock_holder(fd: int) -> str:
    """Say who holds the lock on an open folder, as `anna (process 4711)`, as well as the system tells."""
    info = os.fstat(fd)
    wanted = f":{info.st_ino}"
    try:
        with open("/proc/locks", encoding="ascii", errors="replace") as locks:
            lines = locks.readlines()
    except OSError:
        return "another session"
    for line in lines:
        parts = line.split()
        if len(parts) > 5 and parts[1] == "FLOCK" and parts[5].endswith(wanted) and parts[4].isdecimal():
            try:
                owner = login_of(os.stat(f"/proc/{parts[4]}").st_uid)
            except OSError:
                return "another session"
            return f"{owner} (process {parts[4]})"
    return "another session"
