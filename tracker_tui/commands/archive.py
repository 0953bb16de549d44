"""The commands that put the whole shop into one file, and back."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path

from tracker_tui.commands.output import say_json
from tracker_tui.commands.streams import say
from tracker_tui.errors import FieldProblem, Invalid
from tracker_tui.service import InventoryService
from tracker_tui.work.archiving import archive as write_archive
from tracker_tui.work.archiving import unarchive as unpack


def archive(service: InventoryService, args: Namespace) -> int:
    """Put the whole shop into a zip file, as it is at one entry."""
    file, entry = write_archive(
        service, args.file, replace=args.replace, told=lambda _done, _size: None, unwanted=lambda: False
    )
    if args.json:
        say_json({"file": str(file), "entry": entry})
    else:
        say(f"The shop as of entry {entry} was written to {args.file}.")
    return 0


def unarchive(args: Namespace) -> int:
    """Put an archived shop into a folder that is empty or not there."""
    if not args.directory:
        raise Invalid([FieldProblem("-d", "say the folder that the shop shall be in")])
    folder = Path(args.directory).absolute()

    def check(unpacked: Path) -> int:
        with InventoryService.open(unpacked, args.clerk_name, read_only=True) as shop:
            return shop.snapshot.entry

    entry, files = unpack(Path(args.file), folder, check)
    if args.json:
        say_json({"directory": str(folder), "entry": entry, "files": files})
    else:
        say(f"The shop as of entry {entry} is in {args.directory} now, {files} files.")
    return 0
