"""A day at two tills at once: sales by scanner over real terminals, and the report is what was scanned.

With `TRACKER_FULL=1` it is a whole day of 500 sales.

The sums are made here, from what was sent to the terminals, without the program's own arithmetic.
"""

from __future__ import annotations

import os
import random
import re
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Final

import pytest

from tests.benchmarks.terminal import NotShown, Terminal
from tracker_tui.model import Customer, Product
from tracker_tui.model.records import Purchase
from tracker_tui.service import InventoryService

SALES: Final = 500 if os.environ.get("TRACKER_FULL") else 40
"""A whole day takes some minutes; what is run each time is its first hour."""

CLERKS: Final = ("amal", "bo")
PRODUCTS: Final = 40
CUSTOMERS: Final = 12
OPENING: Final = 5_000
PATIENCE_S: Final = 60.0
KEYS_TO_PAY: Final = {"card": "k", "other": "o", "account": "a"}
CLEAR: Final = "\x15"
"""Ctrl+U, which empties the field."""
AGAIN_S: Final = 0.1
HAND_S: Final = 0.07
"""The gap between two keys that are typed, so that they are no scan."""

PROGRAM: Final = """
import sys
from tracker_tui.screens import pay_dialog
pay_dialog.DEAF_S = 0.01
from tracker_tui.__main__ import main
sys.exit(main())
"""
"""The program, but for the 300 ms in which the pay dialog hears nothing: they alone would take 75 seconds each."""


@dataclass
class Plan:
    """One sale, as it will be sent to a terminal.

    Attributes:
        pieces: By product.
        customer: Id, or empty.
        payment: As the log has it.
        given: What is typed as given, or empty.
        discount: Percent taken off the last line, 0 = none.
        unknown: Whether a code that no product has is scanned too.
        undone: Whether it is taken back at once.
    """

    pieces: dict[int, int]
    customer: str = ""
    payment: str = "cash"
    given: str = ""
    discount: int = 0
    unknown: bool = False
    undone: bool = False

    @property
    def total(self) -> Decimal:
        """What it comes to."""
        amounts = [number * price(product) for product, number in self.pieces.items()]
        off = (amounts[-1] * self.discount / 100).quantize(Decimal("0.01"), ROUND_HALF_UP)
        return sum(amounts, Decimal(0)) - off

    def scans(self) -> list[str]:
        """Return what a scanner sends, and before it the customer."""
        sent = [f"{number}*{code(product)}\r" for product, number in self.pieces.items()]
        sent = [scan.removeprefix("1*") for scan in sent]
        if self.unknown:
            sent.insert(1, "5999999999999\r")
        return [f"{self.customer}\r", *sent] if self.customer else sent


@dataclass
class Till:
    """A session of the program in a terminal, and what was sold there."""

    terminal: Terminal
    booked: list[tuple[int, Plan]] = field(default_factory=list)

    def sell(self, plan: Plan) -> None:
        """Scan, pay, and wait until the sale is acknowledged."""
        terminal, before = self.terminal, 0  # All that was sent so far is forgotten.
        terminal.forget()
        terminal.send("".join(plan.scans()))
        if plan.discount:
            self._shown(f"{len(plan.pieces)} product", before)
            self._take_off(plan.discount)
        terminal.send("<F9>")
        self._shown(f"Pay: {sum(plan.pieces.values())} piece", before)
        if plan.payment in KEYS_TO_PAY:
            self.press_until(KEYS_TO_PAY[plan.payment], f"• {plan.payment.capitalize()}".encode())
        if plan.given:
            change = f"${Decimal(plan.given) - plan.total:,.2f}"
            self.press_until(f"{CLEAR}{plan.given}", re.escape(change).encode())
        entry = int(self.press_until("<F9>", rb"Entry (\d+)\.")[1])
        if plan.undone:
            after = len(terminal.output)
            terminal.send("<Ctrl+Z>")
            self._shown(f"Entry {entry} was undone:", after)
        self.booked.append((entry, plan))

    def _take_off(self, percent: int) -> None:
        """Type a discount into the last line; again where a busy machine made a burst of the keys, and so a scan."""
        terminal = self.terminal
        shown = re.compile(rb"(?<!%%)\b%d%%" % percent)
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            for key in ("<Down>", *f"%{percent}%"):
                terminal.send(key)
                terminal.idle(HAND_S)
            before = len(terminal.output)
            terminal.send("<Enter>")
            with suppress(NotShown):
                terminal.until_like(shown, after=before, seconds=1.0)
                return
        raise NotShown(f"{percent}% was not taken off")

    def _shown(self, text: str, after: int) -> None:
        self.terminal.until(text, after=after, seconds=PATIENCE_S)

    def press_until(self, keys: str, shown: bytes) -> re.Match[bytes]:
        """Press keys that may not be heard as yet until they did what they do, however often they come."""
        terminal, pattern, before = self.terminal, re.compile(shown), len(self.terminal.output)
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            terminal.send(keys)
            with suppress(NotShown):
                terminal.until_like(pattern, after=before, seconds=AGAIN_S)
            found = pattern.search(terminal.output, before)
            if found is not None:
                return found
        raise NotShown(f"{shown!r}; last: {bytes(terminal.output[-600:])!r}")


def price(number: int) -> Decimal:
    """Return the price of a product."""
    return Decimal(95 + number * 37) / 100


def code(number: int) -> str:
    """Return the barcode of a product."""
    return f"40063813{number:05}"


def plans(clerk: str, number: int) -> list[Plan]:
    """Make up the sales of a clerk's day, the same at each run."""
    dice = random.Random(clerk)
    made: list[Plan] = []
    for _ in range(number):
        lines = dice.sample(range(PRODUCTS), dice.choice((1, 1, 2, 2, 3, 4)))
        plan = Plan({line: dice.choice((1, 1, 1, 1, 2, 3)) for line in lines})
        plan.payment = dice.choice(("cash",) * 6 + ("card", "card", "other", "account"))
        if plan.payment == "account" or dice.random() < 0.25:
            plan.customer = f"C{dice.randrange(CUSTOMERS) + 1:04}"
        if dice.random() < 0.04:
            plan.discount = dice.choice((5, 10, 33))
        if plan.payment == "cash" and dice.random() < 0.3:
            plan.given = dice.choice(("500", "1000", str(plan.total)))
        plan.unknown, plan.undone = dice.random() < 0.03, dice.random() < 0.05
        made.append(plan)
    return made


def make_shop(directory: Path) -> None:
    """Make the shop, as it is before the day."""
    with InventoryService.open(directory, "owner") as shop:
        for number in range(PRODUCTS):
            codes = frozenset({code(number)})
            shop.add(
                Product(
                    f"P{number:02}", f"Thing {number}", price(number), OPENING, frozenset(), barcodes=codes
                )
            )
        for number in range(CUSTOMERS):
            shop.add_customer(Customer("", f"Customer {number}"))


def work(directory: Path, clerk: str) -> list[tuple[int, Plan]]:
    """Let a clerk work through the day; return what was booked, by entry."""
    words = ("--clerk", "-d", str(directory), "--as", clerk)
    with Terminal((sys.executable, "-c", PROGRAM, *words), columns=80, rows=24) as terminal:
        terminal.until("Thing 0", seconds=PATIENCE_S)
        till = Till(terminal)
        till.press_until("<F4>", b"Nothing in the basket")
        for plan in plans(clerk, SALES // len(CLERKS)):
            till.sell(plan)
        terminal.leave("<Ctrl+Q>")
        return till.booked


@pytest.mark.timeout(900)
def test_the_report_of_a_whole_day_is_what_was_scanned(tmp_path: Path) -> None:
    shop = tmp_path / "shop"
    make_shop(shop)
    with ThreadPoolExecutor(len(CLERKS)) as pool:
        days = list(pool.map(lambda clerk: work(shop, clerk), CLERKS))
    booked = [plan for _, plan in (sale for day in days for sale in day)]
    sold = [plan for plan in booked if not plan.undone]
    assert len(booked) == SALES
    pieces: Counter[int] = Counter()
    for plan in sold:
        pieces.update(plan.pieces)
    with InventoryService.open(shop, "owner") as after:
        report, snapshot = after.report(), after.snapshot
        for clerk, day in zip(CLERKS, days, strict=True):
            for entry, plan in day:
                sale = snapshot.find(entry)
                assert isinstance(sale, Purchase)
                booked_as = (sale.clerk, sale.customer_id, sale.payment, sale.total)
                assert booked_as == (clerk, plan.customer, plan.payment, plan.total), (plan, sale)
        assert report.total_sales == sum((plan.total for plan in sold), Decimal(0))
        assert (report.purchases, report.units) == (len(sold), pieces.total())
        assert report.customers == len({plan.customer for plan in sold} - {""})
        stock = {f"P{number:02}": OPENING - pieces[number] for number in range(PRODUCTS)}
        assert {key: product.quantity for key, product in snapshot.products.items()} == stock
        assert snapshot.problems == ()
        undone = sum(plan.undone for plan in booked)
        assert len(snapshot.entries) == PRODUCTS + SALES + undone, "and nothing else was booked"
        assert after.baskets.read().baskets == ()
