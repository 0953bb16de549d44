"""Daily dated copies of the two tables, in `backups/`: the first save of a day leaves one of each.

They are for people: a look at last week, a mistake taken back as a whole. The logs need none of them.
"""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Iterator
from datetime import date

from tracker_tui.errors import NotFound
from tracker_tui.storage.folder import Folder, Held, read_file
from tracker_tui.storage.plain import as_storage_error, close_quietly
from tracker_tui.typed import Final

BACKUPS: Final = "backups"
KEPT: Final = 30
"""How many days of copies are kept of each table."""

_FOLDER: Final = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_NAME: Final = re.compile(r"(inventory|customers)-(\d{4}-\d\d-\d\d)\.txt", re.ASCII)


def keep_copies(folder: Folder, held: Held, today: date, files: dict[str, bytes]) -> None:
    """Leave a copy of each file, unless this day has one; take the oldest away.

    Args:
        folder: The shop's folder.
        held: Its lock.
        today: The day of the copies.
        files: What the files hold, by name.

    Raises:
        StorageError: A copy could not be made; the files themselves are as they were.
    """
    with _opened(held, make=True) as place:
        taken = set(os.listdir(place.fd))
        for name, data in files.items():
            copy = f"{name.removesuffix('.txt')}-{today.isoformat()}.txt"
            if copy not in taken:
                with contextlib.suppress(FileExistsError):
                    folder.create(place, copy, data)
                taken.add(copy)
        for old in _too_old(taken):
            with contextlib.suppress(FileNotFoundError):
                os.unlink(old, dir_fd=place.fd)


def dates_kept(held_fd: int) -> tuple[date, ...]:
    """Return the days of which there is a copy of the inventory, oldest first."""
    with contextlib.suppress(NotFound), _opened(Held(held_fd, 0), make=False) as place:
        found = (_NAME.fullmatch(name) for name in os.listdir(place.fd))
        days = {match[2] for match in found if match and match[1] == "inventory"}
        return tuple(sorted(filter(None, map(_as_date, days))))
    return ()


def read_copy(held_fd: int, name: str, day: date) -> bytes:
    """Return what a table held on a day.

    Raises:
        NotFound: There is no copy of that day; the text names those there are.
        StorageError: The copy cannot be read.
    """
    copy = f"{name.removesuffix('.txt')}-{day.isoformat()}.txt"
    try:
        with _opened(Held(held_fd, 0), make=False) as place:
            return read_file(place.fd, copy)[0]
    except (FileNotFoundError, NotFound):
        days = ", ".join(day.isoformat() for day in dates_kept(held_fd)[-10:])
        there = f"there are copies of {days}" if days else "there are none yet"
        raise NotFound(f"there is no copy of {name} of {day.isoformat()}; {there}") from None


def _as_date(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _too_old(names: set[str]) -> Iterator[str]:
    for table in ("inventory", "customers"):
        matches = (_NAME.fullmatch(name) for name in names)
        copies = sorted(match[0] for match in matches if match and match[1] == table)
        yield from copies[: max(0, len(copies) - KEPT)]


@contextlib.contextmanager
def _opened(held: Held, *, make: bool) -> Iterator[Held]:
    """Hold the folder of the copies open, as if it were locked: the shop's lock holds for it too."""
    with as_storage_error(BACKUPS, but=FileNotFoundError):
        try:
            fd = os.open(BACKUPS, _FOLDER, dir_fd=held.fd)
        except FileNotFoundError:
            if not make:
                raise NotFound("there are no copies yet") from None
            fd = _made(held)
        try:
            yield Held(fd, held.mode)
        finally:
            close_quietly(fd)


def _made(held: Held) -> int:
    os.mkdir(BACKUPS, 0o700, dir_fd=held.fd)
    fd = os.open(BACKUPS, _FOLDER, dir_fd=held.fd)
    try:
        os.fchmod(fd, os.fstat(held.fd).st_mode & 0o2777)
        os.fsync(held.fd)
    except OSError:
        close_quietly(fd)
        raise
    return fd
