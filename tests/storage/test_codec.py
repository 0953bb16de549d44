"""Lines of the logs: what is written is read back, what is cut is never believed."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import TypeVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tracker_tui.model import Action, Change, ChangeLine, Product, Purchase, SaleLine
from tracker_tui.model.money import line_total
from tracker_tui.model.records import NO_EXTRA
from tracker_tui.storage.codec import (
    CHANGES,
    PURCHASES,
    LogFormat,
    LogRow,
    decoded_row,
    format_line,
    format_time,
    parse_line,
    parse_time,
    stored_set,
)

field_text = st.text(
    st.characters(codec="utf-8", exclude_characters="\0\r\n"), max_size=12
) | st.sampled_from(
    [
        "",
        ",",
        '"',
        '""',
        "a,b",
        'a"b',
        " x ",
        "own columns: ",
        'own columns: {"a": "b"}',
        "own columns: null",
        "é",
        "[/]",
    ]
)
names = field_text.filter(bool)
parts = st.frozensets(st.text(st.characters(categories=["L", "N", "S"]), min_size=1, max_size=5), max_size=3)
money = st.decimals(0, 10**12 - 1, places=2)
signed = st.integers(-(10**9), 10**9)
offsets = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
times = st.datetimes(datetime(1970, 1, 2), datetime(2999, 1, 1), timezones=offsets).map(  # noqa: DTZ001
    lambda time: time.replace(microsecond=0)
)
extras = st.none() | st.dictionaries(field_text, field_text, max_size=2)


@st.composite
def sale_lines(draw: st.DrawFn) -> SaleLine:
    quantity, price, discount = draw(signed), draw(money), draw(st.decimals(-99, 99, places=2))
    return SaleLine(
        draw(field_text),
        draw(field_text),
        quantity,
        price,
        discount,
        line_total(quantity, price, discount, 2),
    )


@st.composite
def change_lines(draw: st.DrawFn) -> ChangeLine:
    key, name = draw(names), draw(field_text)
    after = draw(
        st.none()
        | st.builds(
            Product,
            id=st.just(key),
            name=st.just(name),
            price=money,
            quantity=st.just(0),
            categories=parts,
            reorder_level=st.integers(0, 99),
            barcodes=parts,
            cost=st.none() | money,
            extra=st.just(NO_EXTRA),
        )
    )
    return ChangeLine(key, after, draw(signed), name, draw(extras))


purchases = st.builds(
    Purchase,
    entry=st.integers(1, 10**15 - 1),
    clerk=field_text,
    sale=field_text,
    customer_id=field_text,
    customer=field_text,
    lines=st.lists(sale_lines(), min_size=1, max_size=3).map(tuple),
    payment=field_text,
    returns=field_text,
    note=field_text,
    time=times,
)
changes = st.builds(
    Change,
    entry=st.integers(1, 10**15 - 1),
    clerk=field_text,
    action=st.sampled_from(Action),
    lines=st.lists(change_lines(), min_size=1, max_size=3).map(tuple),
    note=field_text,
    time=times,
)


def lines_of(fields: list[dict[str, str]], columns: tuple[str, ...]) -> list[bytes]:
    return [format_line([each.get(column, "") for column in columns]) for each in fields]


E = TypeVar("E", Purchase, Change)


def rows(format_: LogFormat[E], lines: list[bytes]) -> list[LogRow]:
    return [decoded_row(format_, format_.columns, line.removesuffix(b"\n"), 2) for line in lines]


@given(purchases)
def test_purchase_written_is_read_back(purchase: Purchase) -> None:
    lines = lines_of(PURCHASES.encode(purchase), PURCHASES.columns)
    assert all(line.count(b"\n") == 1 and line.endswith(b"\n") for line in lines)
    assert PURCHASES.join(rows(PURCHASES, lines)) == purchase


@given(changes)
def test_change_written_is_read_back(change: Change) -> None:
    lines = lines_of(CHANGES.encode(change), CHANGES.columns)
    assert CHANGES.join(rows(CHANGES, lines)) == change


@given(st.lists(field_text, min_size=2, max_size=5))
def test_fields_written_are_read_back(fields: list[str]) -> None:
    assert parse_line(format_line(fields)[:-1]) == fields


@given(st.lists(st.text("a,\" ;'\té", max_size=4), min_size=1, max_size=4))
def test_a_line_is_written_as_the_csv_module_writes_it(fields: list[str]) -> None:
    buffer = io.StringIO(newline="")
    csv.writer(buffer, lineterminator="\n").writerow(fields)
    assert format_line(fields).decode() == buffer.getvalue()


NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
SALE = Purchase(
    7, "amal", "s7", "C0001", 'Ann, "the" first',
    (SaleLine("1", "Milk, 1 l", 2, Decimal("1.25"), Decimal(0), Decimal("2.50")),),
    "cash", "", "", NOON,
)  # fmt: skip
EDIT = Change(
    8, "amal", Action.EDIT,
    (ChangeLine("1", Product("1", "Milk", Decimal("1.25"), 0), 0, "Milk", {"shelf": "A, 3"}),),
    "2026-03-01T12:00:00+00:00", NOON,
)  # fmt: skip


def believed(format_: LogFormat[E], line: bytes) -> list[int]:
    """Return the lengths at which a line that was cut is taken for a whole one."""
    taken = []
    for length in range(len(line)):
        try:
            rows(format_, [line[:length]])
        except ValueError:
            continue
        taken.append(length)
    return taken


@pytest.mark.parametrize("clerk", ["amal", '2026-03-01T12:00:00+00:00,"', "x" * 300])
def test_line_cut_at_any_byte_is_whole_only_before_its_newline(clerk: str) -> None:
    for sale in (SALE._replace(clerk=clerk), SALE._replace(note=clerk, payment=clerk)):
        line = lines_of(PURCHASES.encode(sale), PURCHASES.columns)[0]
        assert believed(PURCHASES, line) == [len(line) - 1]
    line = lines_of(CHANGES.encode(EDIT._replace(clerk=clerk)), CHANGES.columns)[0]
    assert believed(CHANGES, line) == [len(line) - 1]


@settings(max_examples=40)
@given(purchases)
def test_any_line_cut_anywhere_is_whole_only_before_its_newline(purchase: Purchase) -> None:
    for line in lines_of(PURCHASES.encode(purchase), PURCHASES.columns):
        assert believed(PURCHASES, line) == [len(line) - 1]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"a,\xff", "UTF-8 text at character 3"),
        (b"a,\0", "NUL"),
        (b'a,"b', "CSV"),
        (b'a,"b"c', "CSV"),
        (b'a,"b\rc"', "carriage return"),
        (b"a,b\rc", "CSV"),
        (b"x" * (1 << 20) + b",", "longer than a megabyte"),
    ],
)
def test_line_that_is_no_record_says_why(line: bytes, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        parse_line(line)


def test_carriage_return_at_the_end_of_a_line_is_no_part_of_it() -> None:
    assert parse_line(b"a,b\r") == ["a", "b"]


@pytest.mark.parametrize("separator", ["\v", "\f", "\x1c", "\x85", "\u2028"])
def test_line_ends_only_at_a_newline(separator: str) -> None:
    assert parse_line(format_line(["a", f"b{separator}c"])[:-1]) == ["a", f"b{separator}c"]


@pytest.mark.parametrize("text", ["a\nb", "a\rb", "a\0b", "a\udc80b"])
def test_field_that_could_not_be_read_back_is_not_written(text: str) -> None:
    with pytest.raises(ValueError, match=r"line break|surrogates"):
        format_line(["a", text])


def test_field_as_long_as_a_line_is_read_back() -> None:
    long = "x" * 500_000
    assert parse_line(format_line([long, "b"])[:-1]) == [long, "b"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2026-03-01T12:00:00",
        "2026-03-01T12:00:00+01",
        "2026-03-01 12:00:00+01:00",
        "2026-03-01T12:00:00+01:0",
    ],
)
def test_time_that_is_cut_is_no_time(text: str) -> None:
    with pytest.raises(ValueError, match="time"):
        parse_time(text)


@pytest.mark.parametrize("text", ["2026-13-01T12:00:00Z", "2026-02-30T12:00:00Z", "2026-03-01T25:00:00Z"])
def test_day_that_does_not_exist_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"month|day|hour"):
        parse_time(text)


@given(times)
def test_time_written_is_read_back(time: datetime) -> None:
    assert parse_time(format_time(time)) == time


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("entry", "0"),
        ("entry", "01"),
        ("entry", "٣"),
        ("entry", "9" * 5000),
        ("line", "2/1"),
        ("line", "0/1"),
        ("line", "1"),
        ("quantity", "1E+1000000"),
        ("quantity", "1.5"),
        ("price", "-1.25"),
        ("price", "NaN"),
        ("total", "2.5O"),
        ("total", "2.60"),
        ("quantity", "3"),
        ("discount", "0.01"),
        ("time", ""),
    ],
)
def test_purchase_with_a_damaged_field_is_refused(column: str, value: str) -> None:
    fields = {**PURCHASES.encode(SALE)[0], column: value}
    line = lines_of([fields], PURCHASES.columns)
    with pytest.raises(ValueError, match=r"."):
        rows(PURCHASES, line)


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("action", "steal"),
        ("product_id", ""),
        ("price", "1e5"),
        ("quantity_change", ""),
        ("reorder_level", "x"),
        ("cost", "-1"),
    ],
)
def test_change_with_a_damaged_field_is_refused(column: str, value: str) -> None:
    fields = {**CHANGES.encode(EDIT)[0], column: value}
    line = lines_of([fields], CHANGES.columns)
    with pytest.raises(ValueError, match=r"."):
        rows(CHANGES, line)


@pytest.mark.parametrize(
    "note", ['own columns: {"a": "b"}', "x own columns: null", 'own columns: {"a": "\\ud800"}']
)
def test_note_that_looks_like_own_columns_is_a_note(note: str) -> None:
    change = EDIT._replace(note=note, lines=(EDIT.lines[0]._replace(extra=None),))
    assert CHANGES.join(rows(CHANGES, lines_of(CHANGES.encode(change), CHANGES.columns))) == change


def test_own_columns_that_no_line_can_hold_are_left_in_the_note() -> None:
    note = 'own columns: {"a": "x\\ny"}'
    line = lines_of([{**CHANGES.encode(EDIT)[0], "note": note}], CHANGES.columns)
    assert rows(CHANGES, line)[0].note == note


def test_note_of_many_marks_is_read_in_no_time() -> None:
    note = "own columns: {" * 40_000
    line = lines_of([{**CHANGES.encode(EDIT)[0], "note": note}], CHANGES.columns)
    assert rows(CHANGES, line)[0].note == note


def test_set_drops_empty_parts_and_spaces() -> None:
    assert stored_set(" a | |b|") == frozenset({"a", "b"})
    assert stored_set("") == frozenset()
