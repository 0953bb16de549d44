"""Taking over the original script's `purchases.txt`, and keeping an old file beside the one that replaces it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from tracker_tui.errors import StorageError
from tracker_tui.model.records import Problem, Product, Purchase
from tracker_tui.storage import legacy
from tracker_tui.storage.codec import CHANGES, PURCHASES
from tracker_tui.storage.folder import Folder, Held, owner_of, read_file, signature_of
from tracker_tui.storage.log import LogReader
from tracker_tui.tuples import NamedTuple
from tracker_tui.typed import Final

_START_BYTES: Final = 4096
"""So much of a file tells whose it is, unless it begins with nothing but blanks."""


class Original(NamedTuple):
    """The original script's purchases, as entries.

    Attributes:
        data: The file as it is.
        sales: A sale for each block.
        problems: What could not be understood.
    """

    data: bytes
    sales: list[Purchase]
    problems: tuple[Problem, ...]


def read_original(fd: int, products: Mapping[str, Product], decimals: int, after: int) -> Original | None:
    """Read the original script's purchases; None where the file is no such file.

    Args:
        fd: The shop's folder.
        products: The products of the inventory, for ids and prices.
        decimals: The shop's decimals.
        after: The highest entry number known otherwise; the sales are numbered above it and all changes.
    """
    name = PURCHASES.file
    try:
        start, _ = read_file(fd, name, most=_START_BYTES)
        if start.strip() and not legacy.is_original(start):
            return None
        data, signature = read_file(fd, name)
    except FileNotFoundError:
        return None
    if not legacy.is_original(data):
        return None
    blocks, problems = legacy.read_blocks(data)
    written = datetime.fromtimestamp(signature.mtime_ns // 10**9).astimezone()
    changes = LogReader(CHANGES)
    changes.read(fd, signature_of(fd, CHANGES.file), locked=True, decimals=decimals)
    highest = max(changes.highest, after)
    sales = legacy.purchases_from(blocks, products, owner_of(fd, name), written, decimals, after=highest)
    return Original(data, sales, problems)


def take_over(folder: Folder, held: Held, original: Original, decimals: int) -> Problem | None:
    """Put a log of the original's purchases in its place; return where the old file is now.

    Raises:
        StorageError: Nothing was taken over.
    """
    name = PURCHASES.file
    kept = keep_old(folder, held, name, original.data)
    reader = LogReader(PURCHASES)
    try:
        content = reader.prefix() + b"".join(reader.encode(sale, decimals) for sale in original.sales)
    except ValueError as error:
        raise StorageError(f"{name}: the original file cannot be taken over: {error}") from error
    folder.replace(held, name, content)
    return kept


def keep_old(folder: Folder, held: Held, name: str, data: bytes, what: str = "original") -> Problem | None:
    """Keep what a file held beside it, as `NAME-original.txt`; return where, None where it was kept before.

    Raises:
        StorageError: It could not be kept.
    """
    stem = name.removesuffix(".txt")
    done = "was taken over" if what == "original" else f"was {what}"
    for turn in range(1000):
        copy = f"{stem}-{what}{f'-{turn}' if turn else ''}.txt"
        try:
            folder.create(held, copy, data)
        except FileExistsError:
            if read_file(held.fd, copy)[0] == data:
                return None
            continue
        return Problem(name, 0, f"{done}; the old file is now {copy}")
    raise StorageError(f"{name}: too many old copies lie in the folder")
