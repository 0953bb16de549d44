"""What is in a purchases log, counted by a few lines of Python, and the same as a journal of other programs."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby, islice
from pathlib import Path
from typing import NamedTuple

from tests.benchmarks.bench import Bench


class Truth(NamedTuple):
    """What the lines of a log say.

    Attributes:
        cents: All totals added up.
        latest: Customer's id -> number of the latest entry.
    """

    cents: int
    latest: dict[str, int]

    @property
    def total(self) -> str:
        """The money as a report shows it, without its sign."""
        return f"{self.cents // 100:,}.{self.cents % 100:02d}"


class Line(NamedTuple):
    """What is needed of one line."""

    entry: int
    customer_id: str
    cents: int
    day: str


def lines_of(purchases: Path) -> Iterator[Line]:
    """Yield the lines of a log."""
    with purchases.open(encoding="utf-8", newline="") as file:
        next(file)
        for text in file:
            entry, _, _, _, customer, _ = text.split(",", 5)
            _, total, _, _, _, when = text.rsplit(",", 5)
            yield Line(int(entry), customer, int(total.replace(".", "")), when[:10])


def truth(bench: Bench) -> Truth:
    """Return what the shop of this run has sold."""

    def count() -> Truth:
        cents, latest = 0, dict[str, int]()
        for line in lines_of(bench.looked_at / "purchases.txt"):
            cents += line.cents
            latest[line.customer_id] = line.entry
        return Truth(cents, latest)

    return bench.once("truth", count)


def beancount_journal(bench: Bench, lines: int) -> Path:
    """Return the first lines of the log as a journal of beancount, one transaction an entry."""
    file = bench.work / "shop.beancount"
    with file.open("w", encoding="utf-8") as journal:
        journal.write('option "operating_currency" "USD"\n')
        for account in ("Assets:Till", "Income:Sales"):
            journal.write(f"2000-01-01 open {account} USD\n")
        for day, number, cents in _entries(bench, lines):
            journal.write(f'{day} * "entry {number}"\n')
            journal.writelines(f"  Income:Sales  {_written(-part)} USD\n" for part in cents)
            journal.write(f"  Assets:Till  {_written(sum(cents))} USD\n\n")
    return file


def hledger_journal(bench: Bench, lines: int) -> Path:
    """Return the first lines of the log as a journal of hledger, one transaction an entry."""
    file = bench.work / "shop.journal"
    with file.open("w", encoding="utf-8") as journal:
        for day, number, cents in _entries(bench, lines):
            journal.write(f"{day} * entry {number}\n")
            journal.writelines(f"    income:sales  {_written(-part)} USD\n" for part in cents)
            journal.write(f"    assets:till  {_written(sum(cents))} USD\n\n")
    return file


def _entries(bench: Bench, lines: int) -> Iterator[tuple[str, int, list[int]]]:
    """Yield day, number and the cents of each line of the first entries."""
    first = islice(lines_of(bench.looked_at / "purchases.txt"), lines)
    for number, parts in groupby(first, key=lambda line: line.entry):
        whole = list(parts)
        yield whole[0].day, number, [line.cents for line in whole]


def _written(cents: int) -> str:
    return f"{'-' if cents < 0 else ''}{abs(cents) // 100}.{abs(cents) % 100:02d}"
