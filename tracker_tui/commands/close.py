"""The close of a day on the command line."""

from __future__ import annotations

from argparse import Namespace
from datetime import datetime
from decimal import Decimal

from tracker_tui.commands.output import Json, money_text, say_json
from tracker_tui.commands.streams import say
from tracker_tui.errors import FieldProblem, Invalid, check
from tracker_tui.model import Change, Settings
from tracker_tui.model.day_close import (
    Close,
    Till,
    close_problems,
    close_report,
    closed,
    parse_counted,
    read_close,
)
from tracker_tui.model.money import parse_amount
from tracker_tui.model.text import visible
from tracker_tui.service import InventoryService


def close(service: InventoryService, args: Namespace) -> int:
    """Close the day, or show what should be in the till."""
    settings = service.snapshot.settings
    till = service.till()
    opening = till.opening if args.opening is None else _amount("opening", args.opening, settings)
    banked = _amount("banked", args.banked, settings)
    if args.counted is None and not args.dry_run:
        raise Invalid([FieldProblem("counted", "say with --counted how much cash is in the till")])
    cash = till.cash
    counted = opening + cash.sales - cash.refunds + cash.account
    if args.counted is not None:
        counted = _counted(args.counted, settings)
    if args.dry_run:
        check(close_problems(opening, max(counted, Decimal(0)), banked, args.note, settings.decimals))
        figures, entry = closed(till, opening, counted, banked, args.note, settings.decimals), None
        time = datetime.now().astimezone()
    else:
        entry = service.close_day(counted, opening=opening, banked=banked, note=args.note, seen=till)
        booked = service.snapshot.find(entry)
        kept = read_close(booked) if isinstance(booked, Change) else None
        figures = (
            kept if kept is not None else closed(till, opening, counted, banked, args.note, settings.decimals)
        )
        time = booked.time if booked is not None else datetime.now().astimezone()
    if args.json:
        say_json(_close_json(figures, till, entry, settings))
    else:
        report = close_report(figures, till.ways, settings, time, service.clerk, entry)
        say("\n".join(visible(line) for line in report.splitlines()))
    return 0


def _close_json(figures: Close, till: Till, entry: int | None, settings: Settings) -> dict[str, Json]:
    names = ("opening", "sales", "refunds", "account", "expected", "counted", "difference", "banked", "left")
    amounts: dict[str, Json] = {name: money_text(getattr(figures, name), settings) for name in names}
    ways: list[Json] = [
        {
            "payment": way.payment,
            **{name: money_text(getattr(way, name), settings) for name in ("sales", "refunds", "account")},
            "sold": way.sold,
            "returned": way.returned,
        }
        for way in till.ways
    ]
    return {"entry": entry, "after": figures.after, **amounts, "ways": ways, "note": figures.note}


def _amount(field: str, typed: str, settings: Settings) -> Decimal:
    try:
        return parse_amount(typed, settings.decimals, currency=settings.currency)
    except ValueError as error:
        raise Invalid([FieldProblem(field, str(error))]) from error


def _counted(typed: str, settings: Settings) -> Decimal:
    try:
        return parse_counted(typed, settings)
    except ValueError as error:
        raise Invalid([FieldProblem("counted", str(error))]) from error
