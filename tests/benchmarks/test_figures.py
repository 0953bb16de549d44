"""The arithmetic of the table, and what it says of a figure that is missing."""

from __future__ import annotations

import pytest

from tests.benchmarks import bench, growth, register
from tests.benchmarks.figures import (
    Check,
    Missing,
    Samples,
    as_json,
    at_most,
    lines_of,
    number,
    ratio,
    row,
    table,
    verdict,
)
from tests.benchmarks.shop import Size

TEN = Samples("ten", (10.0, 9.0, 30.0))
ABSENT = Missing("peer", "not installed")


@pytest.mark.parametrize(
    ("values", "median", "p95"),
    [
        ((4.0,), 4.0, 4.0),
        ((3.0, 1.0), 2.0, 3.0),
        (tuple(range(1, 101)), 50.5, 95),
        (tuple(range(1, 21)), 10.5, 19),
        ((5.0, 1.0, 9.0), 5.0, 9.0),
    ],
)
def test_median_and_p95(values: tuple[float, ...], median: float, p95: float) -> None:
    samples = Samples("some", values)
    assert (samples.median, samples.p95, samples.largest) == (median, p95, max(values))


@pytest.mark.parametrize(("limit", "kept"), [(9.99, False), (10.0, True), (11.0, True)])
def test_plain_limit_holds_up_to_itself(limit: float, kept: bool) -> None:  # noqa: FBT001 - a case of the table
    assert at_most(limit)(TEN) == Check(f"median <= {limit:g} ms", kept=kept)


def test_limit_asks_for_the_statistic_it_names() -> None:
    assert at_most(20, "median")(TEN).kept
    assert at_most(20, "p95")(TEN).kept is False
    assert at_most(30, "largest")(TEN).kept


@pytest.mark.parametrize(("limit", "kept"), [(1.9, False), (2.0, True), (None, None)])
def test_ratio_is_of_the_medians(limit: float | None, kept: bool | None) -> None:  # noqa: FBT001 - a case
    check = ratio(Samples("floor", (5.0, 4.0, 90.0)), limit)(TEN)
    assert (check.ratio, check.kept, check.reference) == (2.0, kept, "floor: 5.00 ms")
    assert check.must == ("for comparison" if limit is None else f"<= {limit:g}x")


def test_reference_of_nothing_is_kept_only_by_nothing() -> None:
    none = Samples("none", (0.0,), "bytes")
    assert ratio(none, 1)(Samples("some", (1.0,), "bytes")).kept is False
    assert ratio(none, 1)(none).kept is True
    assert ratio(none, 1)(TEN).ratio is None


def test_what_is_missing_is_never_ok() -> None:
    checks = [ratio(ABSENT, 1)(TEN), ratio(TEN, 1)(ABSENT), at_most(5)(ABSENT)]
    assert [(check.ratio, check.kept, verdict(check)) for check in checks] == [
        (None, None, "not measured")
    ] * 3
    assert checks[0].reference == "peer: not installed"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (0.01234, "0.0123"),
        (1.5, "1.50"),
        (12.34, "12.3"),
        (99.96, "100.0"),
        (1234.5, "1,234"),
        (-2.0, "-2.00"),
    ],
)
def test_numbers_keep_three_digits(value: float, text: str) -> None:
    assert number(value) == text


def test_each_check_has_a_line_and_the_row_is_named_once() -> None:
    rows = [row("Down", TEN, at_most(8), ratio(ABSENT, 2)), row("bare", Samples("one", (1.0,), "MiB"))]
    assert lines_of(rows) == [
        ("Down", "10.0 ms (p95 30.0)", "", "", "median <= 8 ms", "MISSED"),
        ("", "", "peer: not installed", "", "<= 2x", "not measured"),
        ("bare", "1.00 MiB", "", "", "", ""),
    ]
    told = table(rows).splitlines()
    assert len({line.find("must be") for line in told[:1]} | {told[2].find("median <=")}) == 1


def test_json_has_what_the_table_has() -> None:
    (told,) = as_json([row("Down", TEN, at_most(8), ratio(Samples("floor", (5.0,)), 3))])
    assert (told["what"], told["median"], told["p95"], told["samples"]) == ("Down", 10.0, 30.0, 3)
    assert told["checks"] == [
        {"must": "median <= 8 ms", "reference": "", "ratio": None, "kept": False},
        {"must": "<= 3x", "reference": "floor: 5.00 ms", "ratio": 2.0, "kept": True},
    ]


def test_growth_has_a_column_for_each_shop_and_says_what_failed() -> None:
    small, large = Size(1000, 1, 0), Size(100_000, 1, 1_000_000)
    grown = {
        "a sale": {small: Samples("sale", (2.0,)), large: Samples("sale", (3.0, 5.0))},
        "import": {large: Samples("import", (9.0,), "s")},
    }
    header, _, sale, taken = growth.table(grown, [small, large]).splitlines()
    assert header.split("  ")[-2:] == ["100k / 1M", "grows"]
    assert sale.split() == ["a", "sale,", "ms", "2.00", "4.00", "2.0x"]
    assert taken.split() == ["import,", "s", "failed", "9.00"]


def test_each_benchmark_has_its_place_in_the_table() -> None:
    assert set(register.ORDER) == set(bench.REGISTER)
    assert len(register.ORDER) == len(set(register.ORDER))


def test_growth_tells_benchmarks_that_there_are() -> None:
    assert set(growth.ROWS) <= set(register.REGISTER)
    assert len(growth.sizes(5)) == 9
