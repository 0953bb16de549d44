"""Writing tables into files outside the shop: whole or not at all, and never over what the shop lives on."""

from __future__ import annotations

import contextlib
import os
import stat
import tempfile
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from pathlib import Path
from time import sleep
from typing import BinaryIO, Final, TypeAlias

from tracker_tui.errors import AlreadyThere, FieldProblem, GivenUp, Invalid, StorageError
from tracker_tui.model.exports import FORMATS, Listing, lines_of
from tracker_tui.storage.baskets import BASKETS
from tracker_tui.storage.codec import CHANGES, PURCHASES
from tracker_tui.storage.drafts import FOLDERS
from tracker_tui.storage.folder import STOPPED
from tracker_tui.storage.formats import CUSTOMERS, INVENTORY
from tracker_tui.storage.settings import SETTINGS_FILE

Told: TypeAlias = Callable[[int], None]
"""Told how many rows are written."""

_OWN_FILES: Final = frozenset(
    (INVENTORY.file, CUSTOMERS.file, PURCHASES.file, CHANGES.file, SETTINGS_FILE, STOPPED)
)
_OWN_FOLDERS: Final = (BASKETS, "backups", ".tracker", ".git", *FOLDERS.values())

_PIECE: Final = 200
"""Rows between two looks at whether they are still wanted."""

_GIVE_WAY_S: Final = 0.0005
"""How long a thread that writes many rows rests after a piece, so that keys are answered meanwhile."""


def export_listing(
    listing: Listing,
    typed: str,
    shop: Path,
    *,
    replace: bool,
    told: Told,
    unwanted: Callable[[], bool],
) -> Path:
    """Write a table into a file, as CSV or JSON by the ending of its name; belongs in a thread.

    Args:
        listing: The table.
        typed: Name of the file as a person typed it; `~` is the home folder.
        shop: The shop's folder, whose own files are not written over.
        replace: Whether a file of that name may be replaced.
        told: Told now and then how many rows are written.
        unwanted: Tells whether nobody wants the file any more.

    Returns:
        The file.

    Raises:
        Invalid: It is no name for such a file, or one of the shop's own.
        AlreadyThere: There is such a file, and it may not be replaced.
        StorageError: It cannot be written, or the rows cannot be read.
        GivenUp: Nobody wants it any more.
    """
    file_format = format_of(typed)
    target = path_of(typed)
    refuse_own_file(shop, target, "file")
    check_free(target, replace=replace)
    write_whole(target, _watched(lines_of(listing, file_format), told, unwanted), replace=replace)
    return target


def format_of(name: str) -> str:
    """Return the format that the ending of a name says.

    Raises:
        Invalid: It says none.
    """
    ending = Path(name.strip()).suffix.removeprefix(".").casefold()
    if ending not in FORMATS:
        raise Invalid([FieldProblem("file", "let the name end with .csv or .json")])
    return ending


def path_of(typed: str) -> Path:
    """Return the file that a person typed.

    Raises:
        Invalid: It can be no file.
    """
    try:
        path = Path(typed.strip()).expanduser().absolute()
    except RuntimeError as error:
        raise Invalid([FieldProblem("file", str(error))]) from error
    if "\0" in typed or not path.name:
        raise Invalid([FieldProblem("file", "is no name of a file")])
    return path


def check_free(target: Path, *, replace: bool) -> None:
    """Refuse a file that is there already, unless it may be replaced; refuse what is no plain file.

    Raises:
        AlreadyThere: It is there and may not be replaced.
        StorageError: It cannot be looked at, or is a folder or a device.
    """
    try:
        info = target.lstat()
    except FileNotFoundError:
        return
    except (OSError, ValueError) as error:
        raise StorageError(f"{target}: {getattr(error, 'strerror', None) or error}") from error
    if not stat.S_ISREG(info.st_mode):
        raise StorageError(f"{target}: is no plain file; give another name")
    if not replace:
        raise AlreadyThere(f"{target} is there already, with {info.st_size:,} bytes")


def _watched(lines: Iterator[str], told: Told, unwanted: Callable[[], bool]) -> Iterator[str]:
    """Pass lines on in pieces, telling how far that is and resting in between."""
    done = 0
    while piece := list(islice(lines, _PIECE)):
        if unwanted():
            raise GivenUp("stopped; nothing was written")
        yield "".join(piece)
        done += len(piece)
        told(done)
        sleep(_GIVE_WAY_S)


def refuse_own_file(shop: Path, target: Path, field: str) -> None:
    """Refuse to write over anything that the shop lives on.

    Args:
        shop: The shop's folder.
        target: The file that is to be written.
        field: What names it, for the refusal.

    Raises:
        Invalid: It is one of the shop's own files.
    """
    try:
        folder, place = shop.resolve(), target.parent.resolve()
    except (OSError, RuntimeError, ValueError) as error:
        raise StorageError(f"{target}: {getattr(error, 'strerror', None) or error}") from error
    name = target.name.casefold()
    own = place == folder and (
        name in _OWN_FILES or name.startswith(".") or name.endswith(".torn") or "-original" in name
    )
    inside = any(place.is_relative_to(folder / part) for part in _OWN_FOLDERS)
    if own or inside:
        raise Invalid([FieldProblem(field, f"{target.name} is the shop's own file; choose another name")])


def write_whole(target: Path, pieces: Iterable[str], *, replace: bool = True) -> None:
    """Put a text file in place whole or not at all, as `whole_file` does.

    Args:
        target: The file.
        pieces: What it holds; an error that they raise leaves everything as it was.
        replace: Whether a file of that name may be replaced.

    Raises:
        AlreadyThere: There is such a file, and it may not be replaced.
        StorageError: It cannot be written.
    """
    with whole_file(target, replace=replace) as file:
        file.writelines(piece.encode("utf-8", "backslashreplace") for piece in pieces)


@contextlib.contextmanager
def whole_file(target: Path, *, replace: bool) -> Iterator[BinaryIO]:
    """Put a file in place whole or not at all; one that is replaced keeps its permissions.

    A new file is for its owner alone, or for the group too where that may write in the folder.

    Args:
        target: The file.
        replace: Whether a file of that name may be replaced.

    Yields:
        What it is written to; where that ends with an error, everything is as it was.

    Raises:
        AlreadyThere: There is such a file, and it may not be replaced.
        StorageError: It cannot be written.
    """
    try:
        mode = _mode_for(target)
        fd, temporary = tempfile.mkstemp(prefix=f".{target.name[:50]}.", suffix=".tmp", dir=target.parent)
        try:
            with open(fd, "wb") as file:
                os.fchmod(fd, mode)
                yield file
                file.flush()
                os.fsync(fd)
            if not replace:
                check_free(target, replace=False)
            Path(temporary).replace(target)
        except BaseException:
            with contextlib.suppress(OSError):
                Path(temporary).unlink()
            raise
    except OSError as error:
        raise StorageError(f"{target}: not written: {error.strerror}") from error


def _mode_for(target: Path) -> int:
    if target.exists():
        return target.stat().st_mode & 0o777
    return 0o660 if target.parent.stat().st_mode & stat.S_IWGRP else 0o600
