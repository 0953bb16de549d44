"""The shop's folder: safe reading, appending to and replacing of the files in it.

All files are opened relative to the folder's own descriptor, never through a link, and only plain files with
one name are touched.
"""

from __future__ import annotations

import contextlib
import errno
import os
import re
import stat
from collections.abc import Mapping

from tracker_tui.errors import StorageError
from tracker_tui.storage.lock import LOCK_TIMEOUT_S as LOCK_TIMEOUT_S  # noqa: PLC0414 - as login_of
from tracker_tui.storage.lock import Held as Held  # noqa: PLC0414 - as login_of
from tracker_tui.storage.lock import LockableFolder, Names
from tracker_tui.storage.open_logs import OpenLogs
from tracker_tui.storage.plain import (
    AnyPath,
    as_storage_error,
    check_plain,
    close_quietly,
    make_folder,
    open_if_there,
    reason_of,
    refusal,
    unlink_quietly,
)
from tracker_tui.storage.plain import login_of as login_of  # noqa: PLC0414 - asked for here by others
from tracker_tui.tuples import NamedTuple
from tracker_tui.typed import Final

LARGEST_FILE: Final = 2 << 30
_TEMPORARY: Final = r"\.[a-z][a-z0-9-]*\.txt(\.[0-9]+(-[0-9]+)?\.torn)?\.[0-9]+\.tmp"
_READ: Final = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_APPEND: Final = os.O_RDWR | os.O_APPEND | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_NEW: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


class Signature(NamedTuple):
    """What tells one state of a file from another without reading it.

    Attributes:
        device: Of the file system.
        inode: Of the file; editors and replaces make a new one.
        size: Bytes.
        mtime_ns: Time of the last write.
    """

    device: int
    inode: int
    size: int
    mtime_ns: int


ANY: Final = Signature(-1, -1, -1, -1)
"""Stands for whatever state a file is in."""


class Folder(LockableFolder):
    """One shop's folder."""

    def __init__(self, path: AnyPath) -> None:
        super().__init__(path)
        self._logs = OpenLogs()
        self._stopped = ""
        self._not_stopped_as_of: Names | None = None

    def close(self) -> None:
        """Close what is kept open; whoever needs it opens it again."""
        self._logs.close()
        super().close()

    def ready(self) -> str:
        """Make the folder where it is missing, and tell why it cannot be written, or nothing.

        Returns:
            A reason for a read-only session; empty where the folder can be written.

        Raises:
            StorageError: It is no folder, cannot be made, or is one in which files cannot be replaced.
        """
        try:
            make_folder(self.path)
            info = os.stat(self.path)
        except OSError as error:
            reason = reason_of(error)
            raise StorageError(f"{self.path}: cannot be made or opened as a folder: {reason}") from error
        if info.st_mode & stat.S_ISVTX:
            raise StorageError(
                f"{self.path}: is a sticky folder (as /tmp is), in which one clerk cannot replace another's files;"
                " choose another, or take the sticky bit away: chmod -t"
            )
        if not os.access(self.path, os.R_OK | os.X_OK):
            raise StorageError(f"{self.path}: may not be read by this login")
        may = os.access(self.path, os.W_OK)
        return "" if may else f"the folder {self.path} cannot be written by this login"

    def mode(self, fd: int) -> int:
        """Return the permissions of files that are made in the open folder."""
        return os.fstat(fd).st_mode & 0o666

    def append(self, held: Held, name: str, data: bytes, size: int | None = None) -> Signature:
        """Add `data` to the end of a file with one write and make it durable; all of it or nothing.

        Args:
            held: The lock.
            name: The file; made where it is missing.
            data: Whole lines.
            size: Bytes that the file must have before, as it was last read; None = do not look.

        Returns:
            The file's state after the write.

        Raises:
            StorageError: Nothing was added. Where even taking back failed, the text says so.
        """
        fd, info, made = self._log_to_append(held, name)
        before = os.lseek(fd, 0, os.SEEK_END)
        try:
            if size is not None and before != size:
                raise StorageError(f"{name}: was changed by another program just now; try again")
            try:
                if not self.synced:
                    os.fsync(held.fd)
                    self.synced = True
                written = os.write(fd, data)
                if written < len(data):
                    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
                os.fsync(fd)
            except OSError as error:
                self._take_back(held, fd, name, before)
                if made:  # Its name may not be durable: the next try makes one of its own.
                    unlink_quietly(held.fd, name)
                raise StorageError(f"{name}: not saved: {reason_of(error)}. Nothing was booked.") from error
            now = signature_of(held.fd, name)
            if now is None or (now.device, now.inode) != (info.st_dev, info.st_ino):
                raise StorageError(f"{name}: was replaced by another program while this was saved; try again")
        except BaseException:
            close_quietly(fd)
            raise
        self._logs.keep(name, fd, info)
        return now

    def _log_to_append(self, held: Held, name: str) -> tuple[int, os.stat_result, bool]:
        """Return a log's descriptor, its state, and whether it was made just now."""
        try:
            try:
                info = held.looked_up.pop(name, None) or os.stat(name, dir_fd=held.fd, follow_symlinks=False)
            except FileNotFoundError:
                made = True
            else:
                made = False
                fd = self._logs.take(name, info)
                if fd is not None:
                    return fd, info, made
            fd = self._open_to_append(held, name)
            return fd, os.fstat(fd), made
        except OSError as error:
            raise refusal(name, error) from error

    def _open_to_append(self, held: Held, name: str) -> int:
        try:
            fd = os.open(name, _APPEND, dir_fd=held.fd)
        except FileNotFoundError:
            fd = os.open(name, _APPEND | os.O_CREAT | os.O_EXCL, held.mode, dir_fd=held.fd)
            os.fchmod(fd, held.mode)
            self.synced = False
        try:
            check_plain(fd, name)
        except StorageError:
            close_quietly(fd)
            raise
        return fd

    def _take_back(self, held: Held, fd: int, name: str, size: int) -> None:
        try:
            os.ftruncate(fd, size)
            os.fsync(fd)
        except OSError as error:
            reason = f"{name}: a failed write could not be taken back: {reason_of(error)}"
            self._stop(held, reason)
            raise StorageError(
                f"{reason}. The shop is read-only until “tracker-tui check” finds it sound."
            ) from error

    def _stop(self, held: Held, reason: str) -> None:
        """Leave a flag that makes every session read-only; a disk that refuses even that keeps this one so."""
        try:
            fd = os.open(STOPPED, _NEW, held.mode, dir_fd=held.fd)
        except FileExistsError:
            return
        except OSError:
            self._stopped = reason
            return
        with contextlib.suppress(OSError):
            os.write(fd, f"{reason}\n".encode())
        close_quietly(fd)

    def truncate(self, held: Held, name: str, size: int) -> None:
        """Cut a file to `size` bytes, durably."""
        with as_storage_error(name):
            fd = self._open_to_append(held, name)
            try:
                os.ftruncate(fd, size)
                os.fsync(fd)
            finally:
                close_quietly(fd)

    def replace(self, held: Held, name: str, data: bytes, *, over: Signature | None = ANY) -> Signature:
        """Put `data` in the place of a file, whole: a reader sees the old or the new, also after a power cut.

        Args:
            held: The lock.
            name: The file.
            data: All that shall be in it.
            over: The state of the file that is replaced, None = there must be none: what a person saved at the
                last moment is not overwritten.

        Raises:
            StorageError: The old file is as it was.
        """
        with as_storage_error(name):
            old = open_if_there(held.fd, name, _READ)
            try:
                signature = self._put(held, name, data, over)
                try:
                    os.fsync(held.fd)
                except OSError:
                    self._put_back(held, name, old)
                    raise
                return signature
            finally:
                if old is not None:
                    close_quietly(old)

    def _put(self, held: Held, name: str, data: bytes, over: Signature | None) -> Signature:
        """Write a temporary file, make it durable, and give it the name."""
        held.looked_up.pop(name, None)
        temporary = f".{name}.{os.getpid()}.tmp"
        with contextlib.suppress(FileNotFoundError):
            os.unlink(temporary, dir_fd=held.fd)
        fd = os.open(temporary, _NEW, held.mode, dir_fd=held.fd)
        try:
            self._fill(held, fd, name, data)
            if over is not ANY and signature_of(held.fd, name) != over:
                raise StorageError(f"{name}: was changed by another program just now; try again")
            os.rename(temporary, name, src_dir_fd=held.fd, dst_dir_fd=held.fd)
            return _signature(os.fstat(fd))
        except BaseException:
            unlink_quietly(held.fd, temporary)
            raise
        finally:
            close_quietly(fd)

    def _put_back(self, held: Held, name: str, old: int | None) -> None:
        """Bring back what a file was before it was replaced, as the new name may not be durable."""
        try:
            if old is None:
                os.unlink(name, dir_fd=held.fd)
            else:
                self._put(held, name, os.pread(old, os.fstat(old).st_size, 0), ANY)
        except (OSError, StorageError):
            self._stop(held, f"{name}: a failed save could not be taken back")

    def _fill(self, held: Held, fd: int, name: str, data: bytes) -> None:
        os.fchmod(fd, held.mode)
        old = signature_of(held.fd, name)
        if old is not None:
            group = os.stat(name, dir_fd=held.fd, follow_symlinks=False).st_gid
            if group != os.fstat(fd).st_gid:
                with contextlib.suppress(PermissionError):
                    os.fchown(fd, -1, group)
        view = memoryview(data)
        while view:
            view = view[os.write(fd, view) :]
        os.fsync(fd)

    def create(self, held: Held, name: str, data: bytes) -> None:
        """Make a new file, durably; a file of that name that is there already is left as it is.

        Raises:
            FileExistsError: The name is taken.
            StorageError: It could not be made.
        """
        if signature_of(held.fd, name) is not None:
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), name)
        self.replace(held, name, data, over=None)

    def sweep(self, held: Held) -> None:
        """Take away the temporary files of sessions that died; while the lock is held nobody else has one."""
        with as_storage_error(os.path.basename(self.path)):
            for name in os.listdir(held.fd):
                if name.endswith(".tmp") and re.fullmatch(_TEMPORARY, name):
                    with contextlib.suppress(FileNotFoundError, IsADirectoryError, PermissionError):
                        os.unlink(name, dir_fd=held.fd)

    def stopped(self, fd: int) -> str:
        """Return why the shop was made read-only by a failing disk; empty where it was not."""
        if self.names_as_of is not None and self.names_as_of == self._not_stopped_as_of:
            return self._stopped
        try:
            data, _ = read_file(fd, STOPPED)
        except FileNotFoundError:
            self._not_stopped_as_of = self.names_as_of
            return self._stopped
        return data.decode("utf-8", "replace").strip() or "the disk failed"

    def release(self, held: Held) -> None:
        """Take the flag of a failing disk away again."""
        with contextlib.suppress(FileNotFoundError), as_storage_error(STOPPED):
            os.unlink(STOPPED, dir_fd=held.fd)
        self._stopped = ""


STOPPED: Final = "read-only-until-check"
"""A file of this name makes every session read-only: a failed write could not be taken back."""


def read_file(fd: int, name: str, offset: int = 0, most: int = LARGEST_FILE) -> tuple[bytes, Signature]:
    """Read a plain file of the folder from `offset` on, `most` bytes of it, with its state at the time.

    Raises:
        FileNotFoundError: It is not there.
        StorageError: It is no plain file, too large, or cannot be read.
    """
    with as_storage_error(name, but=FileNotFoundError):
        file = os.open(name, _READ, dir_fd=fd)
    try:
        with as_storage_error(name):
            check_plain(file, name)
            info = os.fstat(file)
            if info.st_size > LARGEST_FILE:
                raise StorageError(f"{name}: is larger than {LARGEST_FILE >> 30} GB; that is no shop's file")
            parts: list[bytes] = []
            end = min(info.st_size, offset + most)
            while offset < end and (part := os.pread(file, end - offset, offset)):
                parts.append(part)
                offset += len(part)
            return b"".join(parts), _signature(info)
    finally:
        close_quietly(file)


def as_they_were(
    fd: int, known: Mapping[str, Signature | None], looked_up: dict[str, os.stat_result] | None = None
) -> bool:
    """Tell whether files of the folder are what they were; those that were not there are not looked for.

    Args:
        fd: The folder.
        known: What they were, by name.
        looked_up: Gets what they are.
    """
    try:
        for name, was in known.items():
            if was is None:
                continue
            info = os.stat(name, dir_fd=fd, follow_symlinks=False)
            if was != (info.st_dev, info.st_ino, info.st_size, info.st_mtime_ns):
                return False
            if looked_up is not None:
                looked_up[name] = info
    except OSError:
        return False
    return True


def signature_of(fd: int, name: str) -> Signature | None:
    """Return the state of a file of the folder, None where it is not there."""
    try:
        return _signature(os.stat(name, dir_fd=fd, follow_symlinks=False))
    except FileNotFoundError:
        return None
    except OSError as error:
        raise StorageError(f"{name}: {reason_of(error)}") from error


def owner_of(fd: int, name: str) -> str:
    """Return the login that owns a file of the folder."""
    return login_of(os.stat(name, dir_fd=fd, follow_symlinks=False).st_uid)


def _signature(info: os.stat_result) -> Signature:
    return Signature(info.st_dev, info.st_ino, info.st_size, info.st_mtime_ns)
