"""The words of the command line: the verbs, their options, and what may be typed for them.

Only the parser of the verb that is used is ever made: the other eighteen would take longer than a sale.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
from argparse import ArgumentParser, HelpFormatter, Namespace
from collections.abc import Callable, Sequence
from datetime import date
from typing import Any, Final, NoReturn

from tracker_tui import __version__
from tracker_tui.model.text import visible
from tracker_tui.tuples import NamedTuple

EXPORTS: Final = ("products", "purchases", "customers", "changes", "report", "reorder")
"""What `export` can write."""

REPORT_PERIODS: Final = ("today", "yesterday", "week", "month", "last-month", "year", "all")
"""The usual spans of days of a report."""

REPORT_BY: Final = (
    "product", "category", "clerk", "customer", "payment", "hour", "weekday", "day", "week", "month",
)  # fmt: skip
"""What a report can be broken down by."""

_PROGRAM: Final = "tracker-tui"
_COLUMNS: Final = 80
_EXAMPLE_ITEM: Final = "ID=N, such as M01=2"


class Verb(NamedTuple):
    """One command.

    Attributes:
        name: What is typed.
        text: What it does, for the help.
        command: Module and function that do it, such as `report.report`; empty for what needs no shop of its own.
        add_words: Adds its own words and options to its parser.
    """

    name: str
    text: str
    command: str
    add_words: Callable[[ArgumentParser], None]


class _Formatter(HelpFormatter):
    """Help as wide as the terminal, which it asks itself: `shutil` would be loaded for that alone."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, width=columns() - 2)


def columns() -> int:
    """Return the width of the terminal, as `shutil.get_terminal_size` does."""
    exported = os.environ.get("COLUMNS", "")
    if exported.isdecimal() and int(exported):
        return int(exported)
    try:
        return os.get_terminal_size(sys.__stdout__.fileno()).columns or _COLUMNS  # type: ignore[union-attr]
    except (AttributeError, ValueError, OSError):  # no standard output, a closed one, or no terminal
        return _COLUMNS


class _Parser(ArgumentParser):
    """A parser whose messages never bring a control character of the command line to the terminal."""

    def __init__(self, **options: Any) -> None:  # noqa: ANN401 - `argparse` adds its own ones
        super().__init__(formatter_class=_Formatter, allow_abbrev=False, **options)

    def error(self, message: str) -> NoReturn:
        """Say what is wrong and end with the exit code of wrong usage."""
        super().error(visible(message))


class _VerbParser(_Parser):
    """The parser of one verb; it is made when the verb is used."""

    def __init__(self, *, verb: Verb, **options: Any) -> None:  # noqa: ANN401 - as above
        self._verb = verb
        self._options = options

    def parse_known_args(  # type: ignore[override]  # called by `argparse`, in this one form
        self, args: Sequence[str], namespace: Namespace | None
    ) -> tuple[Namespace, list[str]]:
        """Make the parser, and parse what follows the verb."""
        verb = self._verb
        super().__init__(description=verb.text, **self._options)
        _add_common(self, after_verb=True)
        self.set_defaults(command=verb.command)
        verb.add_words(self)
        return super().parse_known_args(args, namespace)


def parse(argv: Sequence[str]) -> Namespace:
    """Read a command line.

    Args:
        argv: Its words, without the program's name.

    Returns:
        What was typed; `verb` is None where there is no verb, `command` names what does it.

    Raises:
        SystemExit: Help or the version was asked for and printed, or the line is wrong and that was said.
    """
    parser = _Parser(
        prog=_PROGRAM,
        description="A small shop's products, stock, customers and sales. Without a command the screens open.",
    )
    parser.add_argument("--version", action="version", version=f"{_PROGRAM} {__version__}")
    _add_common(parser, after_verb=False)
    parser.add_argument(
        "--idle", metavar="MINUTES", type=_minutes, help="end the screens after so long without a key"
    )
    parser.add_argument(
        "--in-browser", action="store_true", help="the screens for textual-serve, which starts them"
    )
    parser.set_defaults(verb=None)
    # Left to itself `argparse` would lay out the whole usage to find the program's name.
    verbs = parser.add_subparsers(dest="verb", metavar="COMMAND", prog=_PROGRAM, parser_class=_VerbParser)
    for verb in VERBS:
        verbs.add_parser(verb.name, help=verb.text, verb=verb)
    return parser.parse_args(argv)


def _add_common(parser: ArgumentParser, *, after_verb: bool) -> None:
    """Add the options that may stand before and after the verb; the later one counts."""
    group = parser.add_argument_group("everywhere")
    unset = argparse.SUPPRESS if after_verb else None
    off = argparse.SUPPRESS if after_verb else False
    group.add_argument("-d", dest="directory", metavar="DIR", default=unset, help="the shop's folder")
    group.add_argument("--as", dest="clerk_name", metavar="NAME", default=unset, help="who acts")
    group.add_argument("--clerk", action="store_true", default=off, help="sell, return, search and look only")
    group.add_argument("--read-only", action="store_true", default=off, help="look only")
    group.add_argument("--json", action="store_true", default=off, help="answer in JSON")


def _no_words(verb: ArgumentParser) -> None:
    """For a verb that takes nothing."""


# Lists


def _products(verb: ArgumentParser) -> None:
    verb.add_argument("--category", metavar="C", action="append", default=[], help="of this category")
    verb.add_argument("--every", action="store_true", help="in every category that is named, not in any")
    verb.add_argument("--on", metavar="DAY", type=_day, help="as they were at the end of this day")
    verb.add_argument("--search", metavar="TEXT", default="", help="whose text holds these words")


def _movements(verb: ArgumentParser) -> None:
    verb.add_argument("id", metavar="ID")
    verb.add_argument("--prices", action="store_true", help="only where its price or cost changed")


def _purchases(verb: ArgumentParser) -> None:
    verb.add_argument("--customer", metavar="X", default="", help="of this customer: id or name")
    _span(verb)


def _changes(verb: ArgumentParser) -> None:
    verb.add_argument("--product", metavar="ID", default="", help="of this product")
    verb.add_argument(
        "--follow", action="store_true", help="print each new entry of both logs as it happens, until stopped"
    )
    verb.add_argument(
        "--since-entry",
        metavar="N",
        type=_entry,
        help="each entry of both logs behind this one, as with --follow",
    )


def _span(verb: ArgumentParser) -> None:
    verb.add_argument("--since", metavar="D", type=_day, help="first day, such as 2026-03-31")
    verb.add_argument("--until", metavar="D", type=_day, help="last day")


def _report(verb: ArgumentParser) -> None:
    _span(verb)
    verb.add_argument("--period", metavar="P", choices=REPORT_PERIODS, help=", ".join(REPORT_PERIODS))
    verb.add_argument("--by", metavar="WHAT", choices=REPORT_BY, help=", ".join(REPORT_BY))
    verb.add_argument(
        "--reorder", action="store_true", help="only what is low in stock, and how long it lasts"
    )


def _check(verb: ArgumentParser) -> None:
    verb.add_argument("--repair", action="store_true", help="put right what can be")
    answer = verb.add_mutually_exclusive_group()
    answer.add_argument("--take-edit", action="store_true", help="take over a large edit by hand that waits")
    answer.add_argument("--refuse-edit", action="store_true", help="put the rows back as they were before it")


# Products


def _add(verb: ArgumentParser) -> None:
    for name in ("id", "name", "price", "quantity"):
        verb.add_argument(name, metavar=name.upper())
    _product_options(verb)


def _edit(verb: ArgumentParser) -> None:
    verb.add_argument("id", metavar="ID")
    verb.add_argument("--name")
    verb.add_argument("--price")
    _product_options(verb)


def _product_options(verb: ArgumentParser) -> None:
    verb.add_argument("--categories", metavar="A,B")
    verb.add_argument("--reorder-level", metavar="N")
    verb.add_argument("--barcode", metavar="B", action="append")
    verb.add_argument("--cost", metavar="C")
    verb.add_argument("--own", metavar="COLUMN=TEXT", action="append", help="a column of the shop's own")


def _remove(verb: ArgumentParser) -> None:
    verb.add_argument("id", metavar="ID")


def _pieces(verb: ArgumentParser) -> None:
    verb.add_argument("id", metavar="ID")
    verb.add_argument("pieces", metavar="N")
    verb.add_argument("--note", default="")


def _deliver(verb: ArgumentParser) -> None:
    verb.add_argument("--note", default="", help="who sent it, the invoice")
    booked = "its own id: it is booked once only"
    verb.add_argument("--id", dest="own_id", metavar="KEY", default="", help=booked)
    verb.add_argument("items", metavar="ID=N[@COST]", nargs="+", type=_item, help="such as M01=24@0.70")


def _close(verb: ArgumentParser) -> None:
    counted = "cash in the till: an amount, or coins and notes as “3*50 4*20 12.35”"
    verb.add_argument("--counted", metavar="A", help=counted)
    verb.add_argument("--opening", metavar="A", help="cash at the beginning; else what the close before left")
    verb.add_argument("--banked", metavar="A", default="0", help="cash taken out of the till")
    verb.add_argument("--note", default="")
    verb.add_argument("--dry-run", action="store_true", help="show what should be there, book nothing")


# Sales


def _sell(verb: ArgumentParser) -> None:
    verb.add_argument("--customer", metavar="NAME|ID", default="", help="who buys; a new name is taken in")
    verb.add_argument("--sale", metavar="SALE", default="", help="the sale's own id: it is booked once only")
    verb.add_argument("--payment", metavar="P", default="cash")
    verb.add_argument("--note", default="")
    verb.add_argument("items", metavar="ID=N", nargs="+", type=_item)


def _return(verb: ArgumentParser) -> None:
    verb.add_argument("of_sale", metavar="SALE")
    verb.add_argument("--note", default="", help="the reason")
    verb.add_argument("--off-shelf", action="store_true", help="do not put the goods into the stock again")
    verb.add_argument("items", metavar="ID=N", nargs="*", type=_item)


def _undo(verb: ArgumentParser) -> None:
    verb.add_argument("entry", metavar="ENTRY")


# Files


def _import(verb: ArgumentParser) -> None:
    verb.add_argument("file", metavar="FILE", help="the table; - = standard input")
    verb.add_argument("--dry-run", action="store_true", help="say what would be, change nothing")
    verb.add_argument(
        "--map",
        metavar="FIELD=COLUMN",
        action="append",
        default=[],
        type=_mapped,
        help="the column (name or number) that a field stands in; nothing behind = leaves the field alone",
    )
    verb.add_argument("--encoding", metavar="E", default="", help="such as cp1252; UTF-8 if not said")
    verb.add_argument(
        "--delimiter",
        metavar="D",
        type=_delimiter,
        help="between the fields: comma, semicolon, tab or bar; found out if not said",
    )


def _export(verb: ArgumentParser) -> None:
    verb.add_argument("what", choices=EXPORTS)
    verb.add_argument("--format", choices=("csv", "json"), help="csv, if nothing else is said")
    verb.add_argument("-o", dest="output", metavar="FILE", help="write to this file, not to standard output")
    report = verb.add_argument_group("report")
    report.add_argument("--by", metavar="WHAT", choices=REPORT_BY, default="day", help=", ".join(REPORT_BY))
    report.add_argument("--period", metavar="P", choices=REPORT_PERIODS, help=", ".join(REPORT_PERIODS))
    _span(verb)


def _archive(verb: ArgumentParser) -> None:
    verb.add_argument("file", metavar="FILE", help="such as shop.zip")
    verb.add_argument("--replace", action="store_true", help="replace a file of that name")


def _unarchive(verb: ArgumentParser) -> None:
    verb.add_argument("file", metavar="FILE", help="what archive wrote")


def _hand_edit(verb: ArgumentParser) -> None:
    named = "inventory.txt, customers.txt, purchases.txt or changes.txt"
    verb.add_argument("file", metavar="FILE", help=named)


def _restore(verb: ArgumentParser) -> None:
    verb.add_argument("day", metavar="DATE", type=_day, help="such as 2026-03-31")
    verb.add_argument("--dry-run", action="store_true", help="say what would be, change nothing")


def _demo(verb: ArgumentParser) -> None:
    verb.add_argument("--keep", metavar="DIR", help="make the shop in this empty folder, and keep it")


VERBS: Final = (
    Verb("products", "List the products.", "lists.products", _products),
    Verb("customers", "List the customers.", "lists.customers", _no_words),
    Verb("purchases", "List the sales and returns.", "lists.purchases", _purchases),
    Verb("movements", "List what became of a product, with its stock.", "stock.movements", _movements),
    Verb("changes", "List the changes of the products.", "lists.changes", _changes),
    Verb("report", "Total what the sales brought.", "report.report", _report),
    Verb("check", "Say what is wrong in the files.", "check.check", _check),
    Verb("add", "Take a new product into the shop.", "acts.add", _add),
    Verb("edit", "Change some fields of a product.", "acts.edit", _edit),
    Verb("remove", "Take a product out of the shop.", "acts.remove", _remove),
    Verb("receive", "Take a delivery of N pieces into the stock.", "acts.receive", _pieces),
    Verb("deliver", "Take a delivery of several products into the stock.", "stock.deliver", _deliver),
    Verb("count", "Set the stock to the N pieces that were counted.", "acts.count", _pieces),
    Verb("close", "Close the day: compare the cash with what should be there.", "close.close", _close),
    Verb("sell", "Book a sale.", "acts.sell", _sell),
    Verb("return", "Take goods of a sale back; without ID=N all of them.", "acts.give_back", _return),
    Verb("undo", "Take an entry back by a further entry.", "acts.undo", _undo),
    Verb("import", "Take in the products of a table (CSV or TSV).", "files.import_products", _import),
    Verb("export", "Write a list for other programs.", "export.export", _export),
    Verb("archive", "Put the whole shop into one zip file.", "archive.archive", _archive),
    Verb("unarchive", "Put an archived shop into an empty folder (-d).", "", _unarchive),
    Verb("hand-edit", "Edit a file of the shop while nobody else can write.", "files.hand_edit", _hand_edit),
    Verb("restore", "Make the products what the copy of a day has.", "files.restore", _restore),
    Verb("keys", "Show what this terminal sends for each key.", "", _no_words),
    Verb("demo", "Open a made-up shop, thrown away afterwards.", "", _demo),
)
"""All verbs, in the order of the help."""


def _entry(typed: str) -> int:
    if not (typed.isascii() and typed.isdecimal() and len(typed) <= 15):
        raise argparse.ArgumentTypeError(f"“{typed}” is no number of an entry")
    return int(typed)


def _day(typed: str) -> date:
    try:
        if len(typed) != len("2026-03-31") or not typed.isascii():
            raise ValueError
        return date.fromisoformat(typed)
    except ValueError:
        raise argparse.ArgumentTypeError(f"“{typed}” is no day; type it as 2026-03-31") from None


def _minutes(typed: str) -> float:
    if not re.fullmatch("[0-9]{1,4}([.][0-9]{1,3})?", typed) or float(typed) == 0:
        raise argparse.ArgumentTypeError(f"“{typed}” is no number of minutes, such as 30")
    return float(typed)


def _mapped(typed: str) -> tuple[str, str]:
    field, mark, column = typed.partition("=")
    if not mark or not field.strip():
        raise argparse.ArgumentTypeError(f"“{typed}” is not of the form FIELD=COLUMN, such as price=EK")
    return field.strip(), column


def _delimiter(typed: str) -> str:
    if typed not in ("comma", "semicolon", "tab", "bar", ",", ";", "\t", "|"):
        raise argparse.ArgumentTypeError(f"“{typed}” is none of comma, semicolon, tab and bar")
    return typed


def _item(typed: str) -> str:
    product_id, mark, _ = typed.rpartition("=")
    if not mark or not product_id:
        raise argparse.ArgumentTypeError(f"“{typed}” is not of the form {_EXAMPLE_ITEM}")
    return typed
