"""The first page of a shop as it stood on a terminal, kept in `.tracker/` for the next start there, and its colours.

The page says of what it was made, so that another state of the shop, another terminal or version passes it over.
"""

from __future__ import annotations

import contextlib
import os
import re

from tracker_tui.storage.derived import DERIVED, read_small, write_small
from tracker_tui.storage.plain import FOLDER, AnyPath, close_quietly, folder_opened, start_of
from tracker_tui.typed import Final

_PREFIX: Final = "page-"
_THEME_PREFIX: Final = "theme-"
_THEME: Final = re.compile(rb"[a-z0-9-]{1,40}")
_MOST_PAGES: Final = 24
"""Terminals of other sizes and other clerks have pages of their own; the oldest go."""

_FIRST_LINE: Final = b"# tracker inventory "


def read_page(directory: AnyPath, name: str, made_of: bytes) -> list[str] | None:
    """Return the lines of a kept page; None where there is none that was made of this.

    Args:
        directory: The shop's folder.
        name: Which page: eight hexadecimal digits.
        made_of: All that it depends on besides the files.
    """
    with contextlib.suppress(OSError), folder_opened(directory) as fd:
        head = _head(fd, made_of)
        data = read_small(fd, _PREFIX + name)
        if data.startswith(head):
            return data[len(head) :].decode("utf-8", "replace").split("\n")
    return None


def write_page(directory: AnyPath, name: str, made_of: bytes, lines: list[str]) -> None:
    """Keep a page; where that does not go, the next start does without.

    Args:
        directory: The shop's folder.
        name: Which page.
        made_of: All that it depends on besides the files.
        lines: What each line of the screen was told.
    """
    with contextlib.suppress(OSError), folder_opened(directory) as fd:
        data = _head(fd, made_of) + "\n".join(lines).encode()
        write_small(fd, os.fstat(fd).st_mode & 0o666, _PREFIX + name, data, durable=False)
        _forget_oldest(fd)


def read_theme(directory: AnyPath, name: str) -> str:
    """Return what the colours are called that somebody chose last; "" where nothing is known of that.

    Args:
        directory: The shop's folder.
        name: Whose: eight hexadecimal digits.
    """
    with contextlib.suppress(OSError), folder_opened(directory) as fd:
        data = read_small(fd, _THEME_PREFIX + name)
        if _THEME.fullmatch(data):
            return data.decode("ascii")
    return ""


def write_theme(directory: AnyPath, name: str, theme: str) -> None:
    """Keep which colours somebody chose; where that does not go, the next start has the usual ones.

    Args:
        directory: The shop's folder.
        name: Whose.
        theme: What they are called: small letters, digits and hyphens.
    """
    data = theme.encode("ascii", "replace")
    with contextlib.suppress(OSError), folder_opened(directory) as fd:
        if _THEME.fullmatch(data):
            mode = os.fstat(fd).st_mode & 0o666
            write_small(fd, mode, _THEME_PREFIX + name, data, durable=False)


def _head(fd: int, made_of: bytes) -> bytes:
    """Return what a page begins with that was made of the shop as it is: its settings and its first lines."""
    settings = start_of(fd, "tracker.toml", 1 << 14)
    rows = start_of(fd, "inventory.txt", 1 << 14)
    if rows.startswith(_FIRST_LINE):  # It counts the entries, and says nothing of the rows.
        rows = rows[rows.find(b"\n") + 1 :]
    made = b"\0".join((made_of, settings, b"\n".join(rows.split(b"\n")[:_LINES])))
    return b"tracker page 1 %d\n%b\n" % (len(made), made)


_LINES: Final = 120
"""Lines of the inventory that a page may show, and what stands above them."""


def _forget_oldest(fd: int) -> None:
    place = os.open(DERIVED, FOLDER | os.O_NOFOLLOW, dir_fd=fd)
    try:
        pages = [name for name in os.listdir(place) if name.startswith(_PREFIX)]
        if len(pages) > _MOST_PAGES:
            pages.sort(key=lambda name: os.lstat(name, dir_fd=place).st_mtime)
            for name in pages[:-_MOST_PAGES]:
                os.unlink(name, dir_fd=place)
    finally:
        close_quietly(place)
