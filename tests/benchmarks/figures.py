"""What was measured, what it is compared with, and whether it is as it must be."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Sequence
from statistics import median
from typing import Final, NamedTuple, TypeAlias


class Samples(NamedTuple):
    """Measurements of one thing.

    Attributes:
        name: What was measured, as a reader calls it.
        values: The measurements, in `unit`, 1 or more.
        unit: `ms`, `MiB`, `bytes`, `%` or nothing.
    """

    name: str
    values: tuple[float, ...]
    unit: str = "ms"

    @property
    def median(self) -> float:
        """The value in the middle."""
        return median(self.values)

    @property
    def p95(self) -> float:
        """The smallest value that 95 of 100 do not exceed; of few values the largest."""
        ordered = sorted(self.values)
        return ordered[math.ceil(len(ordered) * 0.95) - 1]

    @property
    def largest(self) -> float:
        """The largest value."""
        return max(self.values)

    def scaled(self, factor: float, name: str) -> Samples:
        """Return the same measurements times a factor, under another name."""
        return Samples(name, tuple(value * factor for value in self.values), self.unit)


class Missing(NamedTuple):
    """Something that could not be measured here.

    Attributes:
        name: What it is.
        reason: Why not, for a reader.
    """

    name: str
    reason: str


Measured: TypeAlias = Samples | Missing
Statistic: TypeAlias = Callable[[Samples], float]
STATISTICS: Final[dict[str, Statistic]] = {
    "median": lambda samples: samples.median,
    "p95": lambda samples: samples.p95,
    "largest": lambda samples: samples.largest,
}


class Collected:
    """Figures of some programs, gathered from many runs in turns."""

    def __init__(self) -> None:
        self._values: dict[tuple[str, str], list[float]] = defaultdict(list)
        self._missing: dict[str, str] = {}
        self._units: dict[str, str] = {}

    def add(self, program: str, figure: str, value: float, unit: str = "ms") -> None:
        """Add a measurement."""
        self._values[program, figure].append(value)
        self._units[figure] = unit

    def miss(self, missing: Missing) -> None:
        """Note that a program is not there."""
        self._missing[missing.name] = missing.reason

    def of(self, program: str, figure: str) -> Measured:
        """Return a figure of a program."""
        values = self._values.get((program, figure))
        if values:
            return Samples(program, tuple(values), self._units[figure])
        return Missing(program, self._missing.get(program, "not measured"))


class Check(NamedTuple):
    """One thing that must be so.

    Attributes:
        must: What must be, in words.
        reference: What it is compared with, and that one's own figure; empty for a plain limit.
        ratio: Measured through reference; None for a plain limit or where there is no reference.
        kept: Whether it is so; None where it could not be told, or where nothing is asked.
    """

    must: str
    reference: str = ""
    ratio: float | None = None
    kept: bool | None = None


class Row(NamedTuple):
    """One row of the table.

    Attributes:
        what: What was done.
        measured: The figures.
        checks: What must be so; may be empty.
    """

    what: str
    measured: Measured
    checks: tuple[Check, ...] = ()


def row(what: str, measured: Measured, *checks: Callable[[Measured], Check]) -> Row:
    """Return a row with its checks made."""
    return Row(what, measured, tuple(check(measured) for check in checks))


def at_most(limit: float, statistic: str = "median") -> Callable[[Measured], Check]:
    """Ask for no more than `limit`, in the unit of the figures."""

    def check(measured: Measured) -> Check:
        if isinstance(measured, Missing):
            return Check(f"{statistic} <= {limit:g}")
        value = STATISTICS[statistic](measured)
        return Check(f"{statistic} <= {limit:g} {measured.unit}".rstrip(), kept=value <= limit)

    return check


def ratio(reference: Measured, limit: float | None = None) -> Callable[[Measured], Check]:
    """Ask for a median of no more than `limit` times that of a reference; None = only for comparison."""
    must = "for comparison" if limit is None else f"<= {limit:g}x"

    def check(measured: Measured) -> Check:
        if isinstance(reference, Missing):
            return Check(must, f"{reference.name}: {reference.reason}")
        told = f"{reference.name}: {number(reference.median)} {reference.unit}".rstrip()
        if isinstance(measured, Missing):
            return Check(must, told)
        if not reference.median:
            return Check(must, told, kept=None if limit is None else measured.median <= 0)
        found = measured.median / reference.median
        return Check(must, told, found, None if limit is None else found <= limit)

    return check


def number(value: float) -> str:
    """Write a figure with three digits that count, or all before the point."""
    if value and abs(value) < 100:
        digits = max(0, 2 - math.floor(math.log10(abs(value))))
        return f"{value:.{min(digits, 4)}f}"
    return f"{value:,.0f}"


def figures_of(measured: Measured) -> str:
    """Write what was measured: the median, and the 95th percentile where there are several values."""
    if isinstance(measured, Missing):
        return f"not measured: {measured.reason}"
    told = f"{number(measured.median)} {measured.unit}".rstrip()
    return f"{told} (p95 {number(measured.p95)})" if len(measured.values) > 1 else told


def verdict(check: Check) -> str:
    """Say `ok`, `missed`, or why neither."""
    if check.kept is None:
        return "" if check.must == "for comparison" else "not measured"
    return "ok" if check.kept else "MISSED"


HEADER: Final = ("what", "measured", "reference in the same run", "ratio", "must be", "")


def lines_of(rows: Sequence[Row]) -> list[tuple[str, ...]]:
    """Return the cells of the table: one line for each check, the row's name on the first of them."""
    lines: list[tuple[str, ...]] = []
    for what, measured, checks in rows:
        first = (what, figures_of(measured))
        for check in checks or (Check(""),):
            told = number(check.ratio) if check.ratio is not None else ""
            last = verdict(check) if checks else ""
            lines.append((*first, check.reference, told, check.must, last))
            first = ("", "")
    return lines


def table(rows: Sequence[Row]) -> str:
    """Return the table as text, its columns in line."""
    return aligned([HEADER, *lines_of(rows)])


def aligned(lines: Sequence[tuple[str, ...]]) -> str:
    """Return lines of cells as text, with a rule under the first of them."""
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]))]
    told = ["  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) for line in lines]
    told.insert(1, "  ".join("-" * width for width in widths))
    return "\n".join(line.rstrip() for line in told)


def as_json(rows: Sequence[Row]) -> list[dict[str, object]]:
    """Return the rows as JSON has them."""
    return [
        {
            "what": what,
            "unit": measured.unit if isinstance(measured, Samples) else None,
            "median": measured.median if isinstance(measured, Samples) else None,
            "p95": measured.p95 if isinstance(measured, Samples) else None,
            "samples": len(measured.values) if isinstance(measured, Samples) else 0,
            "reason": measured.reason if isinstance(measured, Missing) else None,
            "checks": [
                {"must": c.must, "reference": c.reference, "ratio": c.ratio, "kept": c.kept} for c in checks
            ],
        }
        for what, measured, checks in rows
    ]
