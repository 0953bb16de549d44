"""Taking in the products of somebody's table: reading the file, saying what would be, and doing it as one entry."""

from __future__ import annotations

import contextlib
import json
import os
import stat
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from time import sleep
from typing import TYPE_CHECKING, Any, BinaryIO, Final, TypeAlias

from tracker_tui.errors import GivenUp, StorageError
from tracker_tui.model.acts import Outcome, TakeIn
from tracker_tui.model.collector import resting_collector
from tracker_tui.model.errands import LookAtTable, ReadTable, TablePlan, TableRead
from tracker_tui.model.import_tables import (
    ImportRow,
    ImportTable,
    decoded,
    guess_columns,
    guess_delimiter,
    guess_encoding,
    read_rows,
)
from tracker_tui.model.imports import ImportPlan, own_columns, plan_import, plan_rows
from tracker_tui.model.text import visible

if TYPE_CHECKING:
    from tracker_tui.model.records import Product
    from tracker_tui.service import InventoryService

Told: TypeAlias = Callable[[int], None]
"""Told how many rows were looked at."""

Unwanted: TypeAlias = Callable[[], bool]
"""Tells whether nobody wants it any more."""

_REMEMBERED: Final = ".tracker/imports.json"
"""Which column was which in tables that were taken in; where it is deleted they are guessed anew."""

_MOST_REMEMBERED: Final = 50
_MOST_FILES: Final = 10_000
_ENDINGS: Final = (".csv", ".tsv", ".txt", ".tab")

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
    with resting_collector():
        header, rows = read_rows(text, delimiter)
    return ImportTable(path.name, header, rows, encoding, delimiter)


def read_for_person(service: InventoryService, errand: ReadTable) -> TableRead:
    """Read a table that a person named, and say where its columns belong; belongs in a thread.

    Raises:
        Invalid: It is no table, or not in that encoding.
        StorageError: It cannot be read.
    """
    try:
        path = Path(errand.path.strip()).expanduser()
    except RuntimeError as error:
        raise StorageError(str(error)) from error
    table = read_table(path, errand.encoding, errand.delimiter)
    known = recall(service.directory, table.header)
    if known is not None:
        return TableRead(table, known, remembered=True)
    guessed = {**own_columns(table.header, service.snapshot), **guess_columns(table.header)}
    return TableRead(table, guessed, remembered=False)


def look_at(service: InventoryService, errand: LookAtTable, told: Told, unwanted: Unwanted) -> TablePlan:
    """Say what an import would do; belongs in a thread.

    Args:
        service: The shop.
        errand: The table, and where its fields stand.
        told: Told now and then how many rows were looked at.
        unwanted: Tells whether nobody wants to know any more.

    Raises:
        Invalid: No column of ids is named.
        GivenUp: Nobody wants to know any more.
    """
    table, shop = errand.table, service.snapshot
    rows = watched(table.rows, told, unwanted, _GIVE_WAY_S)
    with resting_collector():
        plan = plan_import(table.header, rows, shop, errand.columns)
        return TablePlan(plan, plan_rows(plan, shop))


def take_in_for_person(service: InventoryService, act: TakeIn) -> Outcome:
    """Take in what can be taken, and remember which column was which; belongs in a thread."""
    plan, entry = take_in(service, act.table, act.columns, act.told, act.unwanted, rest_s=_GIVE_WAY_S)
    if entry is None:
        return Outcome(act, "Nothing differs from what is, so nothing was taken in")
    remember(service.directory, act.table.header, act.columns)
    counts = f"{len(plan.new):,} new and {len(plan.changed):,} changed products were taken in"
    return Outcome(act, f"{counts}, {len(plan.refused):,} rows refused: entry {entry}", entry)


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
        with resting_collector():
            return plan_import(table.header, rows, service.snapshot, columns)

    seen = service.snapshot
    plans = [plan(rest_s)]

    def planned() -> Sequence[Product]:
        # The service calls this under its lock, so what is taken in fits the shop of that moment.
        if service.snapshot.entry != seen.entry or service.snapshot.settings != seen.settings:
            plans.append(plan(0))
        return plans[-1].taken_in

    entry = service.import_planned(planned, note=f"from {visible(table.name)[:100]}")
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


# Which column was which


def recall(shop: Path, header: Sequence[str]) -> dict[str, int] | None:
    """Return where the fields stood when a table of this header was taken in the last time; None if never."""
    for known in _remembered(shop):
        if known["header"] == [*header]:
            columns = known["columns"]
            places = {field: header.index(name) for field, name in columns.items() if name in header}
            return places if len(places) == len(columns) else None
    return None


def remember(shop: Path, header: Sequence[str], columns: Mapping[str, int]) -> None:
    """Keep which column was which; where that cannot be written it is guessed anew the next time."""
    from tracker_tui.work.exporting import write_whole  # noqa: PLC0415 - on the command line nothing is remembered

    named = {field: header[place] for field, place in columns.items()}
    others = [known for known in _remembered(shop) if known["header"] != [*header]]
    kept = [{"header": [*header], "columns": named}, *others][:_MOST_REMEMBERED]
    file = shop / _REMEMBERED
    with contextlib.suppress(StorageError, OSError):
        if not file.parent.exists():
            file.parent.mkdir(mode=0o700)
            file.parent.chmod(stat.S_IMODE(shop.stat().st_mode) & 0o2777)
        write_whole(file, [json.dumps(kept, ensure_ascii=False, indent=1), "\n"])


def _remembered(shop: Path) -> list[dict[str, Any]]:
    """Return what is remembered, the latest first; what is damaged is forgotten."""
    try:
        found = json.loads(read_file(shop / _REMEMBERED, plain=True))
    except (StorageError, ValueError, RecursionError):
        return []
    return [known for known in found if _is_whole(known)] if isinstance(found, list) else []


def _is_whole(known: object) -> bool:
    return (
        isinstance(known, dict)
        and isinstance(known.get("header"), list)
        and isinstance(columns := known.get("columns"), dict)
        and all(isinstance(name, str) for name in columns.values())
    )


# Names of files


def complete_path(typed: str) -> str | None:
    """Return what a person most likely goes on to type: a folder, or a file that may be a table; None if nothing.

    May wait for a slow disk, so belongs in a thread.
    """
    try:
        folder, _, begun = typed.rpartition("/")
        place = Path(f"{folder}/" if "/" in typed else ".").expanduser()
        with os.scandir(place) as entries:
            near = [entry for entry in islice(entries, _MOST_FILES) if _may_follow(entry, begun)]
        found = min(near, key=lambda entry: entry.name, default=None)
        if found is None:
            return None
        return typed + found.name[len(begun) :] + ("/" if found.is_dir() else "")
    except (OSError, RuntimeError, ValueError):
        return None


def _may_follow(entry: os.DirEntry[str], begun: str) -> bool:
    if not entry.name.startswith(begun) or (entry.name.startswith(".") and not begun):
        return False
    return entry.is_dir() or entry.name.casefold().endswith(_ENDINGS)
