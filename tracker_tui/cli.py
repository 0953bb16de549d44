"""The command line: every verb works beside open screens and loads no Textual; without a verb the screens open.

Exit codes: 0 done, 1 refused (the reason is on stderr), 2 wrong usage, 3 a file or the lock.
"""

from __future__ import annotations

import argparse
import os
import sys
from argparse import Namespace
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Final, NoReturn, TypeAlias

from tracker_tui import __version__, cli_acts, cli_files, cli_lists
from tracker_tui.cli_output import complain, prepare_streams
from tracker_tui.environment import forget_environment
from tracker_tui.errors import Busy, Invalid, ReadOnly, StorageError, TrackerError
from tracker_tui.model.text import visible
from tracker_tui.service import InventoryService

Command: TypeAlias = Callable[[InventoryService, Namespace], int]
"""One verb: does it, prints, and returns the exit code."""

DONE: Final = 0
REFUSED: Final = 1
USAGE: Final = 2
FILES: Final = 3
_INTERRUPTED: Final = 130
_BROKEN_PIPE: Final = 141

_NOT_FOR_CLERKS: Final = frozenset(
    ("add", "edit", "remove", "receive", "count", "import", "export", "hand-edit", "restore")
)
_EXAMPLE_ITEM: Final = "ID=N, such as M01=2"


class _Parser(argparse.ArgumentParser):
    """A parser whose messages never bring a control character of the command line to the terminal."""

    def error(self, message: str) -> NoReturn:
        """Say what is wrong and end with the exit code of wrong usage."""
        super().error(visible(message))


def run(argv: Sequence[str]) -> int:
    """Do what a command line says.

    Args:
        argv: Its words, without the program's name.

    Returns:
        The exit code.
    """
    prepare_streams()
    try:
        code = _run(argv)
        sys.stdout.flush()
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else USAGE
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


def _run(argv: Sequence[str]) -> int:
    args = _parser().parse_args(argv)
    if args.clerk and (args.verb in _NOT_FOR_CLERKS or _writes_files(args)):
        raise ReadOnly(f"“{args.verb}” is not for clerks; start without --clerk")
    if args.verb == "demo":
        return cli_files.demo(args, _open_screens)
    if args.verb is None and args.json:
        complain("--json needs a command, such as “products”")
        return USAGE
    directory = data_directory(args.directory)
    with InventoryService.open(directory, args.clerk_name, read_only=args.read_only) as service:
        if args.verb is None:
            return _open_screens(service, args)
        command: Command = args.command
        return command(service, args)


def _writes_files(args: Namespace) -> bool:
    """Tell whether the command writes files that are not the clerk's own business."""
    mends = args.verb == "check" and (args.repair or args.take_edit or args.refuse_edit)
    return mends or (args.verb == "demo" and args.keep is not None)


def _open_screens(service: InventoryService, args: Namespace) -> int:
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        complain("the screens need a terminal; for scripts there are commands, see tracker-tui --help")
        return REFUSED
    forget_environment()
    from tracker_tui.app import run_screens  # noqa: PLC0415 - only here may Textual be loaded

    return run_screens(service, clerk_mode=args.clerk)


def data_directory(given: str | None) -> Path:
    """Return the shop's folder.

    Args:
        given: What `-d` says; None = it was not given.

    Returns:
        That; else `$TRACKER_DATA`; else the current folder where it holds an `inventory.txt`; else the user's
        own data folder.
    """
    if given:
        return Path(given)
    from_environment = os.environ.get("TRACKER_DATA", "")
    if from_environment:
        return Path(from_environment)
    if Path("inventory.txt").is_file():
        return Path.cwd()
    import platformdirs  # noqa: PLC0415 - the other ways need not wait for it

    return platformdirs.user_data_path("tracker-tui", appauthor=False)


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="tracker-tui",
        description="A small shop's products, stock, customers and sales. Without a command the screens open.",
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"tracker-tui {__version__}")
    _add_common(parser, after_verb=False)
    parser.set_defaults(verb=None)
    verbs = parser.add_subparsers(dest="verb", metavar="COMMAND", parser_class=_Parser)
    _add_lists(verbs)
    _add_product_acts(verbs)
    _add_sale_acts(verbs)
    _add_files(verbs)
    return parser


_Verbs: TypeAlias = "argparse._SubParsersAction[_Parser]"  # noqa: SLF001 - the type has no public name


def _add_common(parser: argparse.ArgumentParser, *, after_verb: bool) -> None:
    """Add the options that may stand before and after the verb; the later one counts."""
    group = parser.add_argument_group("everywhere")
    unset = argparse.SUPPRESS if after_verb else None
    off = argparse.SUPPRESS if after_verb else False
    group.add_argument("-d", dest="directory", metavar="DIR", default=unset, help="the shop's folder")
    group.add_argument("--as", dest="clerk_name", metavar="NAME", default=unset, help="who acts")
    group.add_argument("--clerk", action="store_true", default=off, help="sell, return, search and look only")
    group.add_argument("--read-only", action="store_true", default=off, help="look only")
    group.add_argument("--json", action="store_true", default=off, help="answer in JSON")


def _verb(verbs: _Verbs, name: str, command: Command | None, text: str) -> _Parser:
    parser = verbs.add_parser(name, help=text, description=text, allow_abbrev=False)
    _add_common(parser, after_verb=True)
    parser.set_defaults(command=command)
    return parser


def _add_lists(verbs: _Verbs) -> None:
    verb = _verb(verbs, "products", cli_lists.products, "List the products.")
    verb.add_argument("--category", metavar="C", action="append", default=[], help="of this category")
    verb.add_argument("--every", action="store_true", help="in every category that is named, not in any")
    verb.add_argument("--search", metavar="TEXT", default="", help="whose text holds these words")
    _verb(verbs, "customers", cli_lists.customers, "List the customers.")
    verb = _verb(verbs, "purchases", cli_lists.purchases, "List the sales and returns.")
    verb.add_argument("--customer", metavar="X", default="", help="of this customer: id or name")
    _add_span(verb)
    verb = _verb(verbs, "changes", cli_lists.changes, "List the changes of the products.")
    verb.add_argument("--product", metavar="ID", default="", help="of this product")
    verb = _verb(verbs, "report", cli_lists.report, "Total what the sales brought.")
    _add_span(verb)
    verb = _verb(verbs, "check", cli_lists.check, "Say what is wrong in the files.")
    verb.add_argument("--repair", action="store_true", help="put right what can be")
    answer = verb.add_mutually_exclusive_group()
    answer.add_argument("--take-edit", action="store_true", help="take over a large edit by hand that waits")
    answer.add_argument("--refuse-edit", action="store_true", help="put the rows back as they were before it")


def _add_span(verb: _Parser) -> None:
    verb.add_argument("--since", metavar="D", type=_day, help="first day, such as 2026-03-31")
    verb.add_argument("--until", metavar="D", type=_day, help="last day")


def _add_product_acts(verbs: _Verbs) -> None:
    verb = _verb(verbs, "add", cli_acts.add, "Take a new product into the shop.")
    for name in ("id", "name", "price", "quantity"):
        verb.add_argument(name, metavar=name.upper())
    _add_product_options(verb)
    verb = _verb(verbs, "edit", cli_acts.edit, "Change some fields of a product.")
    verb.add_argument("id", metavar="ID")
    verb.add_argument("--name")
    verb.add_argument("--price")
    _add_product_options(verb)
    verb = _verb(verbs, "remove", cli_acts.remove, "Take a product out of the shop.")
    verb.add_argument("id", metavar="ID")
    for name, command, text in (
        ("receive", cli_acts.receive, "Take a delivery of N pieces into the stock."),
        ("count", cli_acts.count, "Set the stock to the N pieces that were counted."),
    ):
        verb = _verb(verbs, name, command, text)
        verb.add_argument("id", metavar="ID")
        verb.add_argument("pieces", metavar="N")
        verb.add_argument("--note", default="")


def _add_product_options(verb: _Parser) -> None:
    verb.add_argument("--categories", metavar="A,B")
    verb.add_argument("--reorder-level", metavar="N")
    verb.add_argument("--barcode", metavar="B", action="append")
    verb.add_argument("--cost", metavar="C")


def _add_sale_acts(verbs: _Verbs) -> None:
    verb = _verb(verbs, "sell", cli_acts.sell, "Book a sale.")
    verb.add_argument("--customer", metavar="NAME|ID", default="", help="who buys; a new name is taken in")
    verb.add_argument("--sale", metavar="SALE", default="", help="the sale's own id: it is booked once only")
    verb.add_argument("--payment", metavar="P", default="cash")
    verb.add_argument("--note", default="")
    verb.add_argument("items", metavar="ID=N", nargs="+", type=_item)
    verb = _verb(verbs, "return", cli_acts.give_back, "Take goods of a sale back; without ID=N all of them.")
    verb.add_argument("of_sale", metavar="SALE")
    verb.add_argument("--note", default="")
    verb.add_argument("items", metavar="ID=N", nargs="*", type=_item)
    verb = _verb(verbs, "undo", cli_acts.undo, "Take an entry back by a further entry.")
    verb.add_argument("entry", metavar="ENTRY")


def _add_files(verbs: _Verbs) -> None:
    verb = _verb(verbs, "import", cli_files.import_products, "Take in the products of a table (CSV or TSV).")
    verb.add_argument("file", metavar="FILE", help="the table; - = standard input")
    verb.add_argument("--dry-run", action="store_true", help="say what would be, change nothing")
    verb = _verb(verbs, "export", cli_files.export, "Write a list for other programs.")
    verb.add_argument("what", choices=tuple(cli_files.EXPORTS))
    verb.add_argument("--format", choices=("csv", "json"), help="csv, if nothing else is said")
    verb.add_argument("-o", dest="output", metavar="FILE", help="write to this file, not to standard output")
    verb = _verb(
        verbs, "hand-edit", cli_files.hand_edit, "Edit a file of the shop while nobody else can write."
    )
    verb.add_argument(
        "file", metavar="FILE", help="inventory.txt, customers.txt, purchases.txt or changes.txt"
    )
    verb = _verb(verbs, "restore", cli_files.restore, "Make the products what the copy of a day has.")
    verb.add_argument("day", metavar="DATE", type=_day, help="such as 2026-03-31")
    verb.add_argument("--dry-run", action="store_true", help="say what would be, change nothing")
    verb = _verb(verbs, "demo", None, "Open a made-up shop, thrown away afterwards.")
    verb.add_argument("--keep", metavar="DIR", help="make the shop in this empty folder, and keep it")


def _day(typed: str) -> date:
    try:
        if len(typed) != len("2026-03-31") or not typed.isascii():
            raise ValueError
        return date.fromisoformat(typed)
    except ValueError:
        raise argparse.ArgumentTypeError(f"“{typed}” is no day; type it as 2026-03-31") from None


def _item(typed: str) -> str:
    product_id, mark, _ = typed.rpartition("=")
    if not mark or not product_id:
        raise argparse.ArgumentTypeError(f"“{typed}” is not of the form {_EXAMPLE_ITEM}")
    return typed
