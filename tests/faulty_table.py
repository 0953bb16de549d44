"""A supplier's table with more than twenty different faults among good rows, and the lines in which they stand."""

from __future__ import annotations

from typing import Final

HEADER: Final = "Art-Nr;Bezeichnung;VK-Preis;Bestand;Warengruppe;EAN;EK-Preis;Mindestbestand;Farbe"

ROWS: Final = (
    ("# a comment, which is passed over", ""),
    ("G01;Good one;1,00;1;a;1001;0,50;1;red", ""),
    ("F01;No amount;dear;1;a;;;;", "price: “dear” is no amount"),
    ("F02;Below nothing;-1,00;1;a;;;;", "price: must be 0 or more"),
    ("F03;Too exact;1,2345;1;a;;;;", "price: at most 2 decimals"),
    ("F04;Two ways;1,500;1;a;;;;", "price: “1,500” can be read in two ways"),
    ("F05;Too dear;12345678901234;1;a;;;;", "price: too large"),
    ("F06;;1,00;1;a;;;;", "name: must not be empty"),
    ("F07;No price;;1;a;;;;", "price: type an amount"),
    ("", ""),
    ("F08;Half a piece;1,00;1.5;a;;;;", "quantity: “1.5” is no whole number"),
    ("F09;Less than none;1,00;-1;a;;;;", "quantity: must be 0 or more"),
    ("F10;Too many;1,00;9999999999;a;;;;", "quantity: too large"),
    (";No id;1,00;1;a;;;;", "id: must not be empty"),
    ("G01;Twice;1,00;1;a;;;;", "G01 is in the file twice, first in line 3"),
    (f"{'F' * 65};Long id;1,00;1;a;;;;", "id: too long"),
    ("F11;Control \x1b[31m;1,00;1;a;;;;", "name: holds the control character U+001B"),
    ('F12;"Two\nlines";1,00;1;a;;;;', "name: holds the control character U+000A"),
    ("F13;=HYPERLINK(1);1,00;1;a;;;;", "name: must not begin with ="),
    ("F14;Too wide;1,00;1;a;;;;;;more", "has 11 fields, the header has 9"),
    ("F15;Rounded;1,00;1;a;5,9E+12;;;", "barcodes: a spreadsheet made a rounded number"),
    ("F16;Taken;1,00;1;a;4001;;;", "barcodes: 4001 belongs to product M01"),
    ("F17;Taken here;1,00;1;a;1001;;;", "barcodes: 1001 belongs to product G01"),
    ("F18;Odd cost;1,00;1;a;;x;;", "cost: “x” is no amount"),
    ("F19;Odd level;1,00;1;a;;;few;", "reorder_level: “few” is no whole number"),
    ('F20;"Open" quote;1,00;1;a;;;;', "its quotes are wrong"),
    ("G02;Good too;2,00;2;b;1002;1,00;2;blue", ""),
)
"""The text of each row, and the beginning of its fault; empty = it is taken, or passed over."""

TABLE: Final = "\n".join([HEADER, *(text for text, _ in ROWS), ""])


def _faults() -> dict[int, str]:
    found: dict[int, str] = {}
    line = 2
    for text, reason in ROWS:
        if reason:
            found[line] = reason
        line += 1 + text.count("\n")
    return found


FAULTS: Final = _faults()
"""The beginning of the reason by number of line."""
