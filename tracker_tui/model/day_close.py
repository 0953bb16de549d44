"""The close of a day: what should be in the till, what is, and what is taken to the bank.

A close is an entry of `changes.txt` with one line of no product; its figures stand in the note, as
`opening=50.00 sales=120.00 refunds=5.00 account=0.00 expected=165.00 counted=164.50 difference=-0.50 banked=100.00
after=17; NOTE`. `after` is the entry from which on the till was added up: the close before, so that every coin is
counted once. What a close leaves in the till, counted less banked, is what the next one is proposed to open with.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from tracker_tui.errors import FieldProblem
from tracker_tui.model.account import TO_ACCOUNT, is_account_payment, paid_on_account
from tracker_tui.model.ledger import Ledger
from tracker_tui.model.money import parse_amount, parse_count, parse_stored_amount, rounded, shown, written
from tracker_tui.model.records import Action, Change, ChangeLine, Purchase, Settings
from tracker_tui.model.rules import MOST_MONEY, amount_problem, text_problem
from tracker_tui.tuples import NamedTuple

CASH: Final = "cash"
LINE_TEXT: Final = "day close"
"""What stands in the place of a product's name."""

_NOTHING: Final = Decimal(0)
_FIGURES: Final = ("opening", "sales", "refunds", "account", "expected", "counted", "difference", "banked")
_SIGNED: Final = ("account", "expected", "difference")
_NOTE: Final = re.compile(
    " ".join(rf"{name}=(-?[0-9.]+)" for name in _FIGURES) + r" after=(\d{1,15})(?:; (.*))?",
    re.ASCII | re.DOTALL,
)
_MOST_PARTS: Final = 60


class Way(NamedTuple):
    """What one way to pay brought.

    Attributes:
        payment: How it is paid, such as `card`.
        sales: Money of the sales; what was undone is not in it.
        refunds: Money that went back, as an amount above 0.
        account: What customers paid of what they owed.
        sold: How many sales.
        returned: How many returns, and earlier sales that were undone.
    """

    payment: str
    sales: Decimal = _NOTHING
    refunds: Decimal = _NOTHING
    account: Decimal = _NOTHING
    sold: int = 0
    returned: int = 0

    @property
    def total(self) -> Decimal:
        """What came in all."""
        return self.sales - self.refunds + self.account

    def plus(self, other: Way) -> Way:
        """Return both together."""
        return Way(
            self.payment,
            self.sales + other.sales,
            self.refunds + other.refunds,
            self.account + other.account,
            self.sold + other.sold,
            self.returned + other.returned,
        )


class Till(NamedTuple):
    """What came in since the close before, up to some entry.

    Attributes:
        after: The last entry that was counted before: that of the close before, 0 where there is none.
        upto: The last entry that is counted in.
        opening: What the close before left in the till.
        ways: What each way to pay brought, cash first, then by name.
    """

    after: int
    upto: int
    opening: Decimal
    ways: tuple[Way, ...]

    @property
    def cash(self) -> Way:
        """What came in cash."""
        return next((way for way in self.ways if way.payment == CASH), Way(CASH))


class Close(NamedTuple):
    """The figures of one close.

    Attributes:
        opening: Cash at the beginning.
        sales: Cash of the sales.
        refunds: Cash that went back, as an amount above 0.
        account: Cash that customers paid of what they owed; below 0 where such a payment was undone later.
        counted: Cash that was counted.
        banked: Cash that was taken out of the till after it was counted.
        after: The last entry that was counted before.
        note: Free text.
    """

    opening: Decimal
    sales: Decimal
    refunds: Decimal
    account: Decimal
    counted: Decimal
    banked: Decimal
    after: int
    note: str = ""

    @property
    def expected(self) -> Decimal:
        """What should be in the till."""
        return self.opening + self.sales - self.refunds + self.account

    @property
    def difference(self) -> Decimal:
        """What is too much or, below 0, too little."""
        return self.counted - self.expected

    @property
    def left(self) -> Decimal:
        """What stays in the till for the next day."""
        return self.counted - self.banked


def till_at(ledger: Ledger, day: date, known: Till | None = None) -> Till:
    """Add up what came in since the last close; where there is none yet, since the day began.

    Args:
        ledger: All entries.
        day: Today.
        known: What was added up before; only what came since is added to it, where it is of the same close.
    """
    last = ledger.last_close()
    after, opening = (last.entry, _left_by(last)) if last is not None else (_before(ledger, day), _NOTHING)
    if known is not None and known.after == after and known.opening == opening:
        start, ways = known.upto, {way.payment: way for way in known.ways}
    else:
        start, ways = after, {}
    upto = start
    for entry in ledger.since(start):
        upto = entry.entry
        if isinstance(entry, Purchase):
            fresh = _way_of(ledger, entry, after)
            ways[fresh.payment] = ways.get(fresh.payment, Way(fresh.payment)).plus(fresh)
    ordered = sorted(ways.values(), key=lambda way: (way.payment != CASH, way.payment))
    return Till(after, upto, opening, tuple(ordered))


def _left_by(close: Change) -> Decimal:
    figures = read_close(close)
    return figures.left if figures is not None else _NOTHING


def _before(ledger: Ledger, day: date) -> int:
    """Return the last entry before a day."""
    return next((entry.entry for entry in reversed(ledger) if entry.time.date() < day), 0)


def _way_of(ledger: Ledger, entry: Purchase, after: int) -> Way:
    """Return what one entry brought. An undo takes back what its entry brought; if that was before, money goes back."""
    root, times = entry, 1
    while root.undoes is not None:
        undone = ledger.find(root.undoes)
        if not isinstance(undone, Purchase):
            break
        root, times = undone, -times
    if is_account_payment(root):
        return Way(root.payment.removesuffix(TO_ACCOUNT), account=times * paid_on_account(root))
    total = root.total
    if root.entry <= after:
        back = times * total
        return (
            Way(root.payment, refunds=-back, returned=1)
            if back < 0
            else Way(root.payment, sales=back, sold=1)
        )
    if total < 0:
        return Way(root.payment, refunds=-times * total, returned=times)
    return Way(root.payment, sales=times * total, sold=times)


def close_note(close: Close) -> str:
    """Return the note of the entry of a close."""
    amounts = " ".join(f"{name}={written(getattr(close, name))}" for name in _FIGURES)
    return f"{amounts} after={close.after}" + (f"; {close.note}" if close.note else "")


def close_line() -> ChangeLine:
    """Return the one line of a close."""
    return ChangeLine("", None, 0, LINE_TEXT)


def read_close(change: Change) -> Close | None:
    """Return the figures of an entry; None where it is no close, or one whose figures do not add up."""
    found = _NOTE.fullmatch(change.note) if change.action is Action.CLOSE else None
    if found is None:
        return None
    try:
        given = {
            name: parse_stored_amount(text, 0, signed=name in _SIGNED)
            for name, text in zip(_FIGURES, found.groups(), strict=False)
        }
    except ValueError:
        return None
    expected, difference = given.pop("expected"), given.pop("difference")
    close = Close(**given, after=int(found[9]), note=found[10] or "")
    return close if (close.expected, close.difference) == (expected, difference) else None


def close_problems(
    opening: Decimal, counted: Decimal, banked: Decimal, note: str, decimals: int
) -> list[FieldProblem]:
    """Say what is wrong with what a person said of the till."""
    found = [
        FieldProblem("opening", amount_problem(opening, decimals)),
        FieldProblem("counted", amount_problem(counted, decimals)),
        FieldProblem("banked", amount_problem(banked, decimals)),
        FieldProblem("note", text_problem(note)),
    ]
    if not any(problem.reason for problem in found) and banked > counted:
        found.append(FieldProblem("banked", "is more than was counted"))
    return found


def closed(
    till: Till, opening: Decimal, counted: Decimal, banked: Decimal, note: str, decimals: int
) -> Close:
    """Return the close of a till, with the shop's decimals."""
    cash = till.cash
    amounts = (opening, cash.sales, cash.refunds, cash.account, counted, banked)
    begun, sales, refunds, account, there, taken = (rounded(amount, decimals) for amount in amounts)
    return Close(begun, sales, refunds, account, there, taken, till.after, note)


def parse_counted(typed: str, settings: Settings) -> Decimal:
    """Read what was counted: an amount, or coins and notes as `3*50 4*20 0.50*7 12.35`, added up.

    Raises:
        ValueError: A part of it is neither; the text says which.
    """
    parts = re.split(r"[\s+;]+", typed.strip())
    if not typed.strip() or len(parts) > _MOST_PARTS:
        raise ValueError("type an amount, or coins and notes such as 3*50 4*20 12.35")
    total = sum((_part(part, settings) for part in parts), _NOTHING)
    if total >= MOST_MONEY:
        raise ValueError("too large; at most 12 digits")
    return total


def _part(part: str, settings: Settings) -> Decimal:
    one, mark, other = part.replace("x", "*").partition("*")
    if not mark:
        return parse_amount(part, settings.decimals, currency=settings.currency)
    for pieces, worth in ((one, other), (other, one)):
        with suppress(ValueError):
            return parse_count(pieces) * parse_amount(worth, settings.decimals, currency=settings.currency)
    raise ValueError(f"“{part[:20]}” is no number of coins or notes; type such as 3*50")


def close_report(
    close: Close,
    ways: Iterable[Way],
    settings: Settings,
    time: datetime,
    clerk: str,
    entry: int | None = None,
) -> str:
    """Return a close as plain text, as wide as the shop's paper.

    Args:
        close: The figures.
        ways: What each way to pay brought.
        settings: For the shop's name, the currency and the paper.
        time: When.
        clerk: Who closes.
        entry: The number of its entry; None = it is not booked yet.
    """
    width = settings.receipt.width

    def line(label: str, text: str) -> str:
        return f"{label}{text.rjust(width - len(label))}"

    def amount(label: str, value: Decimal) -> str:
        return line(label, shown(value, settings.currency, settings.decimals))

    lines = [settings.shop.center(width).rstrip()] if settings.shop else []
    lines += [
        "Day close" if entry is not None else "Day close, not booked yet",
        f"{time:%Y-%m-%d %H:%M}, {clerk}",
    ]
    lines += [f"Entry {entry}"] if entry is not None else []
    lines += ["-" * width, amount("Opening cash", close.opening), amount("Cash sales", close.sales)]
    lines += [amount("Cash refunds", -close.refunds), amount("Paid on account", close.account)]
    lines += [amount("Expected", close.expected), amount("Counted", close.counted)]
    lines += [amount("Difference", close.difference), amount("To the bank", -close.banked)]
    lines += [amount("Left in the till", close.left), "-" * width]
    lines += [part for way in ways for part in _way_lines(way, amount, line)]
    lines += [f"Note: {close.note}"] if close.note else []
    return "".join(f"{text.rstrip()}\n" for text in lines)


def _way_lines(
    way: Way, amount: Callable[[str, Decimal], str], line: Callable[[str, str], str]
) -> Iterator[str]:
    yield amount(f"{way.payment or 'unknown'}: in all"[:28], way.total)
    yield line("  sales, returns", f"{way.sold}, {way.returned}")
