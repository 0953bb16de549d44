"""The command line: every verb works beside open screens and loads no Textual; without a verb the screens open.

Exit codes: 0 done, 1 refused (the reason is on stderr), 2 wrong usage, 3 a file or the lock.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from importlib import import_module

from tracker_tui.commands.quick_words import quick_words
from tracker_tui.commands.streams import complain, prepare_streams
from tracker_tui.environment import forget_environment, leave_out_tls
from tracker_tui.errors import Busy, Invalid, ReadOnly, StorageError, TrackerError
from tracker_tui.typed import TYPE_CHECKING, Final, TypeAlias

if TYPE_CHECKING:
    from argparse import Namespace

    from tracker_tui.first_page import FirstPage
    from tracker_tui.service import InventoryService
    from tracker_tui.work.opening import Opening

Command: TypeAlias = "Callable[[InventoryService, Namespace], int]"
"""One verb: does it, prints, and returns the exit code."""

DONE: Final = 0
REFUSED: Final = 1
USAGE: Final = 2
FILES: Final = 3
_INTERRUPTED: Final = 130
_BROKEN_PIPE: Final = 141

_NOT_FOR_CLERKS: Final = frozenset(
    (
        "add",
        "edit",
        "remove",
        "receive",
        "deliver",
        "count",
        "import",
        "export",
        "hand-edit",
        "restore",
        "archive",
        "unarchive",
    )
)


def run(argv: Sequence[str]) -> int:
    """Do what a command line says.

    Args:
        argv: Its words, without the program's name.

    Returns:
        The exit code.
    """
    prepare_streams()
    try:
        code = _status(argv)
        sys.stdout.flush()
    except KeyboardInterrupt:
        return _INTERRUPTED
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return _BROKEN_PIPE
    except Invalid as refusal:
        complain("\n".join(f"{p.field}: {p.reason}" if p.field else p.reason for p in refusal.problems))
        return REFUSED
    except TrackerError as refusal:
        complain(str(refusal))
        return FILES if isinstance(refusal, (Busy, StorageError)) else REFUSED
    except OSError as error:
        complain(f"{error.filename or 'output'}: {error.strerror or error}")
        return FILES
    return code


def _status(argv: Sequence[str]) -> int:
    """As `_run`; what ends it early, such as help or a signal, brings its own status."""
    try:
        return _run(argv)
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else USAGE


def _run(argv: Sequence[str]) -> int:
    args = quick_words(argv) or _parsed(argv)
    if args.clerk and (args.verb in _NOT_FOR_CLERKS or _writes_files(args)):
        raise ReadOnly(f"“{args.verb}” is not for clerks; start without --clerk")
    if args.verb == "demo":
        from tracker_tui.commands import files  # noqa: PLC0415 - as in `_command`

        return files.demo(args, _open_screens)
    if args.verb == "unarchive":
        from tracker_tui.commands import archive  # noqa: PLC0415 - as in `_command`

        return archive.unarchive(args)
    if args.verb == "keys":
        return _show_keys()
    if args.verb is None and args.json:
        complain("--json needs a command, such as “products”")
        return USAGE
    directory = data_directory(args.directory)
    if args.verb is None:
        return _open_shop(directory, args)
    from tracker_tui.service import InventoryService  # noqa: PLC0415 - the screens load it behind their first rows

    with InventoryService.open(directory, args.clerk_name, read_only=args.read_only) as service:
        return _command(args.command)(service, args)


def _parsed(argv: Sequence[str]) -> Namespace:
    from tracker_tui.commands.parser import parse  # noqa: PLC0415 - a plain sale is read without it

    return parse(argv)


def _command(name: str) -> Command:
    """Return what does a verb; the modules of the other verbs are not loaded."""
    module, _, function = name.partition(".")
    command: Command = getattr(import_module(f"tracker_tui.commands.{module}"), function)
    return command


def _writes_files(args: Namespace) -> bool:
    """Tell whether the command writes files that are not the clerk's own business."""
    mends = args.verb == "check" and (args.repair or args.take_edit or args.refuse_edit)
    return mends or (args.verb == "demo" and args.keep is not None)


def _open_shop(directory: str, args: Namespace) -> int:
    """Open the screens on a shop, behind the page that it had the last time."""
    from tracker_tui.first_page import FirstPage  # noqa: PLC0415 - as in `_command`

    forget_environment(keep_size=args.in_browser)
    with FirstPage(directory, f"{args.clerk_name}", f"{args.clerk} {args.read_only}") as page:
        from tracker_tui.work.opening import OPEN_DEMO, Opening  # noqa: PLC0415 - takes longer than the page

        code = _open_screens(Opening.at(directory, args.clerk_name, read_only=args.read_only), args, page)
    if code != OPEN_DEMO:
        return code
    from tracker_tui.commands import files  # noqa: PLC0415 - as in `_command`

    args.keep = None
    return files.demo(args, _open_screens)


def _open_screens(shop: InventoryService | Opening, args: Namespace, page: FirstPage | None = None) -> int:
    if not (args.in_browser or (sys.stdin.isatty() and sys.stdout.isatty())):
        complain("the screens need a terminal; for scripts there are commands, see tracker-tui --help")
        return REFUSED
    forget_environment(keep_size=args.in_browser)
    leave_out_tls()
    from tracker_tui.app import run_screens  # noqa: PLC0415 - only here may Textual be loaded

    idle_s = None if args.idle is None else args.idle * 60
    return run_screens(shop, clerk_mode=args.clerk, page=page, idle_s=idle_s, in_browser=args.in_browser)


def _show_keys() -> int:
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        complain("what a terminal sends can be shown only in one")
        return REFUSED
    forget_environment()
    from tracker_tui.commands.key_names import show_keys  # noqa: PLC0415 - loads Textual, whose names it tells

    show_keys()
    return DONE


def data_directory(given: str | None) -> str:
    """Return the shop's folder.

    Args:
        given: What `-d` says; None = it was not given.

    Returns:
        That; else `$TRACKER_DATA`; else the current folder where it holds an `inventory.txt`; else the user's
        own data folder.
    """
    if given:
        return given
    from_environment = os.environ.get("TRACKER_DATA", "")
    if from_environment:
        return from_environment
    if os.path.isfile("inventory.txt"):
        return os.getcwd()
    import platformdirs  # noqa: PLC0415 - the other ways need not wait for it

    return platformdirs.user_data_dir("tracker-tui", appauthor=False)
