"""Tables as other programs get them: plain values, no formulas, nothing that a terminal obeys."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from tracker_tui.model.exports import Listing, Plain, as_json, lines_of


def written(file_format: str, *rows: dict[str, Plain], columns: tuple[str, ...] = ("a", "b")) -> str:
    return "".join(
        lines_of(Listing("table", columns, len(rows), lambda: iter(rows), decimals=2), file_format)
    )


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (3, 3),
        (None, None),
        ("1,234", "1,234"),
        (Decimal("2.5"), "2.50"),
        (Decimal("-0.125"), "-0.125"),
        (date(2026, 3, 2), "2026-03-02"),
        (datetime(2026, 3, 2, 9, 5, tzinfo=UTC), "2026-03-02T09:05:00+00:00"),
        (frozenset({"b", "a"}), ["a", "b"]),
        (["b", "a"], ["b", "a"]),
    ],
)
def test_values_are_plain(value: Plain, expected: object) -> None:
    assert as_json(value, 2) == expected


def test_a_csv_file_is_read_again_by_every_reader() -> None:
    text = written("csv", {"a": 'two\n"lines"', "b": frozenset({"x", "y"})}, {"a": None})
    assert list(csv.reader(text.splitlines(keepends=True))) == [["a", "b"], ['two\n"lines"', "x|y"], ["", ""]]


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1-1", "@SUM(A1)", "\t=1", "\r=1", "-"])
def test_formulas_are_defused_wherever_they_stand(text: str) -> None:
    header, row = csv.reader(io.StringIO(written("csv", {text: text}, columns=(text,)), newline=""))
    assert [*header, *row] == [f"'{text}", f"'{text}"]
    assert json.loads(written("json", {"a": text})) == [{"a": text}]


def test_negative_numbers_are_no_formulas() -> None:
    assert written("csv", {"a": -1, "b": Decimal("-2.5")}) == "a,b\n-1,-2.50\n"


@pytest.mark.parametrize("count", [0, 1, 3])
def test_json_is_a_list_of_objects(count: int) -> None:
    rows: list[dict[str, Plain]] = [{"a": number, "b": "é"} for number in range(count)]
    assert json.loads(written("json", *rows)) == rows


def test_json_holds_no_character_that_a_terminal_obeys() -> None:
    text = written("json", {"a": "\x1b[31m\x9b\u202e"})
    assert not {"\x1b", "\x9b", "\u202e"} & set(text)
    assert json.loads(text) == [{"a": "\x1b[31m\x9b\u202e"}]
