"""A folder inside the shop's, for many small files: made with the permissions of the shop's own."""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Iterator

from tracker_tui.storage.folder import Folder, Held
from tracker_tui.storage.plain import as_storage_error, close_quietly, open_if_there
from tracker_tui.typed import Final

_FOLDER: Final = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


@contextlib.contextmanager
def subfolder(folder: Folder, name: str, *, make: bool) -> Iterator[Held | None]:
    """Hold a folder inside the shop's open.

    Args:
        folder: The shop's.
        name: What it is called.
        make: Whether it is made where it is missing.

    Yields:
        It; None where there is none and none is to be made. That is no lock.

    Raises:
        StorageError: It cannot be opened or made, or is no folder.
    """
    with folder.opened() as shop:
        mode = os.fstat(shop).st_mode
        with as_storage_error(name):
            fd = open_if_there(shop, name, _FOLDER)
            if fd is None and make:
                fd = _made(shop, name, mode)
        if fd is None:
            yield None
            return
        try:
            yield Held(fd, mode & 0o666)
        finally:
            close_quietly(fd)


def _made(shop: int, name: str, mode: int) -> int:
    with contextlib.suppress(FileExistsError):
        os.mkdir(name, 0o700, dir_fd=shop)
        fd = os.open(name, _FOLDER, dir_fd=shop)
        try:
            os.fchmod(fd, stat.S_IMODE(mode) & 0o2777)
            os.fsync(shop)
        finally:
            close_quietly(fd)
    return os.open(name, _FOLDER, dir_fd=shop)
