"""Taking in the products of somebody's table: reading the file, saying what would be, and doing it as one entry."""

from __future__ import annotations

import stat
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from time import sleep
from typing import TYPE_CHECKING, BinaryIO, Final, TypeAlias

from tracker_tui.errors import GivenUp, StorageError
from tracker_tui.model.import_tables import (
    ImportRow,
    ImportTable,
    decoded,
    guess_delimiter,
    guess_encoding,
    read_rows,
)
from tracker_tui.model.imports import ImportPlan, plan_import
from tracker_tui.model.text import visible

if TYPE_CHECKING:
    from tracker_tui.model.records import Product
    from tracker_tui.service import InventoryService

Told: TypeAlias = Callable[[int], None]
"""Told how many rows were looked at."""

Unwanted: TypeAlias = Callable[[], bool]
"""Tells whether nobody wants it any more."""

_LARGEST: Final = 200 << 20
_PIECE: Final = 1 << 16
_TOLD_EVERY: Final = 200
_GIVE_WAY_S: Final = 0.0005
"""How long a thread rests after each piece of rows, so that keys are answered meanwhile."""


def read_file(path: Path, *, plain: bool = False) -> bytes:
    """Return what a file holds.

    Args:
        path: The file.
        plain: Whether pipes and devices are refused, on which one might wait for ever.

    Raises:
        StorageError: It cannot be read, or is too large for a list of products.
    """
    try:
        if plain and not stat.S_ISREG(path.stat().st_mode):
            raise StorageError(f"{path}: is no plain file")
        with path.open("rb") as file:
            return read_stream(file, str(path))
    except (OSError, ValueError) as error:
        raise StorageError(f"{path}: {getattr(error, 'strerror', None) or error}") from error


def read_stream(file: BinaryIO, name: str) -> bytes:
    """Read piece by piece, so that a Ctrl+C is heard between two pieces.

    Raises:
        StorageError: It is too large for a list of products.
    """
    parts: list[bytes] = []
    size = 0
    while part := file.read(_PIECE):
        parts.append(part)
        size += len(part)
        if size > _LARGEST:
            raise StorageError(f"{name}: is larger than {_LARGEST >> 20} MB; that is no list of products")
    return b"".join(parts)


def read_table(path: Path, encoding: str = "", delimiter: str = "") -> ImportTable:
    """Read a table, guessing what is not said.

    Args:
        path: The file.
        encoding: As Python names it; empty = the most likely one.
        delimiter: What stands between the fields; empty = the most likely.

    Raises:
        Invalid: It is no table, or not in that encoding.
        StorageError: It cannot be read.
    """
    data = read_file(path, plain=True)
    encoding = encoding or guess_encoding(data)
    text = decoded(data, path.name, encoding)
    delimiter = delimiter or guess_delimiter(text)
    header, rows = read_rows(text, delimiter)
    return ImportTable(path.name, header, rows, encoding, delimiter)


def look_at(
    service: InventoryService, table: ImportTable, columns: Mapping[str, int], told: Told, unwanted: Unwanted
) -> ImportPlan:
    """Say what an import would do; belongs in a thread.

    Args:
        service: The shop.
        table: The table.
        columns: Where each field stands.
        told: Told now and then how many rows were looked at.
        unwanted: Tells whether nobody wants to know any more.

    Raises:
        Invalid: No column of ids is named.
        GivenUp: Nobody wants to know any more.
    """
    return plan_import(
        table.header, watched(table.rows, told, unwanted, _GIVE_WAY_S), service.snapshot, columns
    )


def take_in(
    service: InventoryService,
    table: ImportTable,
    columns: Mapping[str, int] | None,
    told: Told,
    unwanted: Unwanted = lambda: False,
    *,
    rest_s: float = 0,
) -> tuple[ImportPlan, int | None]:
    """Take in what can be taken, as one entry.

    The rows are looked at before the shop is locked, and once more where somebody has changed it meanwhile.

    Args:
        service: The shop.
        table: The table.
        columns: Where each field stands; None = as guessed.
        told: Told now and then how many rows were looked at.
        unwanted: Tells whether nobody wants it any more; asked until it is booked.
        rest_s: How long to rest now and then, in seconds, where others in this process wait.

    Returns:
        What was done, and the number of the entry; None where nothing differs from what is.

    Raises:
        Invalid: No column of ids is named.
        GivenUp: Nobody wants it any more; nothing was changed.
    """

    def plan(rest_s: float) -> ImportPlan:
        rows = watched(table.rows, told, unwanted, rest_s)
        return plan_import(table.header, rows, service.snapshot, columns)

    seen = service.snapshot
    plans = [plan(rest_s)]

    def planned() -> Iterator[Product]:
        # The service draws these under its lock, so what is taken in fits the shop of that moment.
        if service.snapshot.entry != seen.entry or service.snapshot.settings != seen.settings:
            plans.append(plan(0))
        yield from plans[-1].new
        yield from plans[-1].changed

    entry = service.import_products(planned(), note=f"from {visible(table.name)[:100]}")
    return plans[-1], entry


def watched(
    rows: Sequence[ImportRow], told: Told, unwanted: Unwanted, rest_s: float = 0
) -> Iterator[ImportRow]:
    """Pass rows on, telling now and then how far that is.

    Raises:
        GivenUp: Nobody wants them any more.
    """
    for done, row in enumerate(rows):
        if done % _TOLD_EVERY == 0:
            if unwanted():
                raise GivenUp("stopped; nothing was changed")
            told(done)
            if rest_s:
                sleep(rest_s)
        yield row
