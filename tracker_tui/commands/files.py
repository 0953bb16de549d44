"""The commands that read or write other files: import, restore, the edit by hand, the demo."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from argparse import Namespace
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from types import FrameType
from typing import Final, TypeAlias

from tracker_tui.commands.output import Json, say_json
from tracker_tui.commands.streams import complain, say
from tracker_tui.errors import FieldProblem, Invalid, StorageError
from tracker_tui.model.import_tables import DELIMITERS, ImportTable, columns_named, decoded, read_rows
from tracker_tui.model.imports import ImportPlan, own_columns, plan_import
from tracker_tui.service import InventoryService
from tracker_tui.work.importing import Told, read_file, read_stream, take_in, watched

Screens: TypeAlias = Callable[[InventoryService, Namespace], int]
"""Opens the screens; returns the exit code."""

_EDITOR: Final = "vi"
_MANY_ROWS: Final = 2_000
"""So many rows take long enough for somebody to wonder."""


# Import


def import_products(service: InventoryService, args: Namespace) -> int:
    """Take in the products of a table, as one entry; rows that cannot be taken are named."""
    table = _table_of(args)
    columns = None
    if args.map:
        columns = {
            **own_columns(table.header, service.snapshot),
            **columns_named(table.header, dict(args.map)),
        }
    told = _teller(len(table.rows))
    if args.dry_run:
        rows = watched(table.rows, told, lambda: False)
        plan, entry = plan_import(table.header, rows, service.snapshot, columns), None
    else:
        plan, entry = take_in(service, table, columns, told)
    told(len(table.rows))
    if args.json:
        say_json(_plan_json(plan, entry, dry_run=args.dry_run))
    else:
        _say_plan(plan, entry, dry_run=args.dry_run)
    return 1 if plan.refused else 0


def _table_of(args: Namespace) -> ImportTable:
    if args.file == "-":
        name, data = "standard input", read_stream(sys.stdin.buffer, "standard input")
    else:
        name, data = Path(args.file).name, read_file(Path(args.file))
    text = decoded(data, args.file, args.encoding)
    delimiter = DELIMITERS.get(args.delimiter, args.delimiter or "")
    header, rows = read_rows(text, delimiter)
    return ImportTable(name, header, rows, args.encoding, delimiter)


def _teller(rows: int) -> Told:
    """Return what shows a person at a terminal how far it is. Ctrl+C ends it, and nothing is taken in."""
    if rows < _MANY_ROWS or not sys.stderr.isatty():
        return lambda _done: None

    def told(done: int) -> None:
        if done % _MANY_ROWS == 0 or done == rows:
            end = "\n" if done == rows else ""
            sys.stderr.write(f"\r{done * 100 // rows:3} % of {rows:,} rows{end}")
            sys.stderr.flush()

    return told


def _plan_json(plan: ImportPlan, entry: int | None, *, dry_run: bool) -> Json:
    return {
        "entry": entry,
        "dry_run": dry_run,
        "new": [product.id for product in plan.new],
        "changed": [product.id for product in plan.changed],
        "unchanged": list(plan.unchanged),
        "refused": [row._asdict() for row in plan.refused],
        "left_out": list(plan.left_out),
    }


def _say_plan(plan: ImportPlan, entry: int | None, *, dry_run: bool) -> None:
    for row in plan.refused:
        complain(f"line {row.line}: {row.id or 'no id'}: {row.reason}")
    if plan.left_out:
        say(f"Columns left out: {', '.join(plan.left_out)}")
    counts = (
        f"{len(plan.new)} new, {len(plan.changed)} changed,"
        f" {len(plan.unchanged)} unchanged, {len(plan.refused)} refused"
    )
    if dry_run:
        say(f"{counts}. This was a dry run: nothing was changed.")
    else:
        say(f"{counts}, entry {entry}." if entry else f"{counts}. Nothing was changed.")


# By hand


def restore(service: InventoryService, args: Namespace) -> int:
    """Make the products what the copy of a day has, by one entry that can be undone."""
    entry, lines = service.restore(args.day, dry_run=args.dry_run)
    gone = sum(line.after is None for line in lines)
    if args.json:
        say_json({"entry": entry, "changed": len(lines) - gone, "removed": gone})
    elif not lines:
        say(f"Nothing differs from the copy of {args.day}.")
    elif entry is None:
        say(f"{len(lines) - gone} products would change or come back, {gone} would be removed.")
    else:
        say(f"{len(lines) - gone} products changed or came back, {gone} were removed: entry {entry}.")
    return 0


def hand_edit(service: InventoryService, args: Namespace) -> int:
    """Let a person edit a file of the shop while nobody else can write."""
    done = service.hand_edit(Path(args.file).name, _edit)
    if args.json:
        say_json({"file": done.file, "changed": done.changed, "entry": done.entry})
    elif not done.changed:
        say(f"{done.file} was left as it was.")
    else:
        say(f"{done.file} was changed{f', entry {done.entry}' if done.entry else ''}.")
    return 0


def _edit(copy: Path) -> int:
    """Run the person's editor; a Ctrl+C is the editor's own business."""
    import shlex  # noqa: PLC0415 - an import waits for none of these
    import subprocess  # noqa: PLC0415 - as above

    command = os.environ.get("VISUAL") or os.environ.get("EDITOR") or _EDITOR
    before = signal.signal(signal.SIGINT, _pass)
    try:
        return subprocess.run([*shlex.split(command), str(copy)], check=False).returncode
    except (OSError, ValueError) as error:
        raise StorageError(f"the editor “{command}” cannot be started: {error}; set EDITOR") from error
    finally:
        signal.signal(signal.SIGINT, before)


def _pass(_number: int, _frame: FrameType | None) -> None:
    """Take a signal and do nothing; unlike SIG_IGN, the editor does not inherit it."""


# Demo


def demo(args: Namespace, open_screens: Screens) -> int:
    """Open a made-up shop, in a folder that is thrown away afterwards or in one that is kept."""
    if args.keep is None:
        import tempfile  # noqa: PLC0415 - as in `_edit`

        with tempfile.TemporaryDirectory(prefix="tracker-demo-", ignore_cleanup_errors=True) as folder:
            return _open_demo(Path(folder), args, open_screens)
    kept = Path(args.keep)
    try:
        kept.mkdir(mode=0o700, parents=True, exist_ok=True)
        if any(kept.iterdir()):
            raise Invalid([FieldProblem("--keep", f"{kept} is not empty; choose a new folder")])
    except OSError as error:
        raise StorageError(f"{kept}: {error.strerror}") from error
    return _open_demo(kept, args, open_screens)


def _open_demo(folder: Path, args: Namespace, open_screens: Screens) -> int:
    from tracker_tui.demo.shop import make_demo  # noqa: PLC0415 - as in `_edit`

    make_demo(folder, today=date.today())  # noqa: DTZ011 - the shop's day is the local one
    with (
        _terminated_as_exit(),
        InventoryService.open(folder, args.clerk_name, read_only=args.read_only) as shop,
    ):
        return open_screens(shop, args)


class _Terminated(SystemExit):
    """A signal asked the program to end; what it made for itself is cleared away on the way."""


@contextlib.contextmanager
def _terminated_as_exit() -> Iterator[None]:
    """Turn SIGTERM and SIGHUP into an orderly end, so that the demo's folder goes too."""

    def end(number: int, _frame: FrameType | None) -> None:
        raise _Terminated(128 + number)

    numbers = (signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.signal(number, end) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
