"""Somebody's table as it comes: bytes in some encoding, fields with some mark between them, columns of any names.

What is not said is guessed, and a person can see and change each guess.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping, Sequence
from itertools import islice, repeat
from typing import Final

from tracker_tui.errors import FieldProblem, Invalid
from tracker_tui.model.rules import PRODUCT_COLUMNS
from tracker_tui.model.text import folded
from tracker_tui.tuples import NamedTuple

# fmt: off
_ALIASES: Final[Mapping[str, tuple[str, ...]]] = {
    "id": (
        "sku", "code", "product id", "product code", "stock code", "stockcode", "item", "item no", "item number",
        "article", "article no", "article number", "part number", "product no", "ref", "reference", "no", "nr",
        "artikelnummer", "artikel nr", "art nr", "artnr", "bestellnummer", "référence", "codice", "código",
    ),
    "name": (
        "product", "product name", "item name", "title", "description", "article name", "bezeichnung",
        "artikelbezeichnung", "artikel", "produkt", "désignation", "libellé", "nom", "descrizione", "nombre",
        "descripción",
    ),
    "price": (
        "unit price", "unitprice", "sale price", "selling price", "sales price", "retail price", "rrp", "msrp",
        "list price", "preis", "vk", "vk preis", "verkaufspreis", "uvp", "prix", "prix de vente", "prezzo",
        "precio",
    ),
    "quantity": (
        "qty", "stock", "in stock", "on hand", "pieces", "count", "quantity on hand", "stock level", "menge",
        "bestand", "lagerbestand", "anzahl", "stück", "quantité", "quantità", "cantidad",
    ),
    "categories": (
        "category", "group", "groups", "department", "product group", "type", "kategorie", "kategorien",
        "warengruppe", "catégorie", "catégories", "categoria", "categoría",
    ),
    "reorder_level": (
        "reorder", "reorder level", "reorder at", "reorder point", "min stock", "minimum", "minimum stock",
        "mindestbestand", "meldebestand", "stock minimum",
    ),
    "barcodes": (
        "barcode", "bar code", "ean", "ean13", "ean 13", "ean code", "upc", "gtin", "gtin ean", "strichcode",
        "code barre", "codice a barre", "código de barras",
    ),
    "cost": (
        "cost price", "unit cost", "purchase price", "buying price", "wholesale price", "net price", "trade price",
        "ek", "ek preis", "einkaufspreis", "prix d'achat", "coste", "costo",
    ),
}
# fmt: on

DELIMITERS: Final[Mapping[str, str]] = {"comma": ",", "semicolon": ";", "tab": "\t", "bar": "|"}
"""What may stand between fields, by its name."""

ENCODINGS: Final = ("utf-8", "cp1252", "cp850", "utf-16", "iso8859-15", "iso8859-2", "cp1250", "mac-roman")
"""Encodings that a person may choose from; any other that Python knows can be named."""

_UTF16: Final = (b"\xff\xfe", b"\xfe\xff")
_DOS_LETTERS: Final = re.compile(rb"[\x80-\xa5]")
_HIGH: Final = re.compile(rb"[\x80-\xff]")
_LOOKED_AT: Final = 1 << 20
_TOGETHER: Final = 1_000
"""Rows that are read together, where they are plain."""


class ImportRow(NamedTuple):
    """One row of the table.

    Attributes:
        line: Number of the line where it begins, from 1.
        cells: Its cells, in the order of the header.
        fault: Why it cannot be read; empty where it can.
    """

    line: int
    cells: tuple[str, ...]
    fault: str = ""


class ImportTable(NamedTuple):
    """A table that was read.

    Attributes:
        name: Name of its file.
        header: Names of the columns.
        rows: The rows under it.
        encoding: How it was read.
        delimiter: What stands between its fields.
    """

    name: str
    header: tuple[str, ...]
    rows: Sequence[ImportRow]
    encoding: str
    delimiter: str


def decoded(data: bytes, name: str, encoding: str = "") -> str:
    """Return the text of a file.

    Args:
        data: The file.
        name: Its name, for what is said.
        encoding: As Python names it; empty = UTF-8, or UTF-16 where its mark begins the file.

    Raises:
        Invalid: It is no text of that encoding; the field has the line.
    """
    wanted = encoding or ("utf-16" if data[:2] in _UTF16 else "utf-8")
    try:
        text = data.decode("utf-8-sig" if wanted.replace("_", "-") == "utf-8" else wanted)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        reason = f"is not {wanted.upper()} text"
        if not encoding:
            reason += "; save it as “CSV UTF-8”, or say how it is encoded (--encoding cp1252)"
        raise Invalid([FieldProblem(f"{name}:{line}", reason)]) from error
    except (LookupError, UnicodeError) as error:
        raise Invalid([FieldProblem("encoding", f"{encoding} is no encoding of text")]) from error
    if "\0" in text:
        raise Invalid([FieldProblem(name, "holds NUL characters; that is no text")])
    return text


def guess_encoding(data: bytes) -> str:
    """Return the encoding that a file most likely has."""
    if data[:2] in _UTF16:
        return "utf-16"
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        part = data[:_LOOKED_AT]
        dos = len(_DOS_LETTERS.findall(part))
        return "cp850" if dos * 2 > len(_HIGH.findall(part)) else "cp1252"
    return "utf-8"


def read_rows(text: str, delimiter: str = "") -> tuple[tuple[str, ...], list[ImportRow]]:
    """Read a table.

    Lines that begin with `#` and empty lines are passed over. A row that cannot be read is kept with its fault.

    Args:
        text: The table.
        delimiter: What stands between the fields; empty = what makes most columns of the header known ones.

    Returns:
        The header and the rows under it.

    Raises:
        Invalid: It is no such table; the text says in which line.
    """
    delimiter = delimiter or guess_delimiter(text)
    header, rows = _plain_rows(text, delimiter) or _any_rows(text, delimiter)
    if not header:
        raise Invalid([FieldProblem("", "there is no table in the file")])
    return header, rows


def _plain_rows(text: str, delimiter: str) -> tuple[tuple[str, ...], list[ImportRow]] | None:
    """Read a table of which every line is a row or is passed over; None where one must be looked at by itself."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    header: tuple[str, ...] = ()
    rows: list[ImportRow] = []
    first = 1
    try:
        while piece := list(islice(reader, _TOGETHER)):
            behind = first + len(piece)
            if reader.line_num != behind - 1:
                return None
            lines: Sequence[int] = range(first, behind)
            begins = {cells[0][:1].strip() for cells in piece} if all(piece) else {""}
            if not begins.isdisjoint(("", "#")):
                lines = [line for line, cells in zip(lines, piece, strict=True) if _counts(cells)]
                piece = [cells for cells in piece if _counts(cells)]
            if piece and not header:
                header, lines, piece = tuple(piece[0]), lines[1:], piece[1:]
            values = zip(lines, map(tuple, piece), repeat("", len(piece)), strict=True)
            rows += map(tuple.__new__, repeat(ImportRow), values)
            first = behind
    except csv.Error:
        return None
    return header, rows


def _counts(cells: Sequence[str]) -> bool:
    """Tell whether cells are a row, and no comment or empty line."""
    return bool(cells) and not cells[0].startswith("#") and any(map(str.strip, cells))


def _any_rows(text: str, delimiter: str) -> tuple[tuple[str, ...], list[ImportRow]]:
    """Read a table row by row, and keep what cannot be read with its fault."""
    header: tuple[str, ...] = ()
    rows: list[ImportRow] = []
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    line = 1
    while True:
        try:
            cells = next(reader, None)
        except csv.Error as error:
            if not header or "unexpected end" in str(error):
                raise Invalid([FieldProblem(f"line {line}", f"not readable as a table: {error}")]) from error
            rows.append(ImportRow(line, (), _fault(str(error), line, reader.line_num)))
        else:
            if cells is None:
                break
            if _counts(cells):
                if header:
                    rows.append(ImportRow(line, tuple(cells)))
                else:
                    header = tuple(cells)
        line = reader.line_num + 1
    return header, rows


def _fault(reason: str, first: int, last: int) -> str:
    lines = f"; it reaches to line {last}" if last > first else ""
    return f"not readable, its quotes are wrong: {reason}{lines}"


def guess_delimiter(text: str) -> str:
    """Return what parts the header's fields: what makes most of them columns that are known, else most fields."""
    lines = (line for line in text.split("\n") if line.strip() and not line.startswith(("#", '"#')))
    header = next(lines, "").replace('"', "")
    parts = {mark: header.split(mark) for mark in DELIMITERS.values()}
    return max(parts, key=lambda mark: (len(guess_columns(parts[mark])), len(parts[mark])))


def guess_columns(header: Sequence[str]) -> dict[str, int]:
    """Return where each field of a product most likely stands; the contract's own name goes before others."""
    names = [re.sub(r"[\s_./()#-]+", " ", folded(name)).strip() for name in header]
    found: dict[str, int] = {}
    for field in PRODUCT_COLUMNS:
        for name in (field.replace("_", " "), *_ALIASES[field]):
            if name in names and names.index(name) not in found.values():
                found[field] = names.index(name)
                break
    return found


def columns_named(header: Sequence[str], choices: Mapping[str, str]) -> dict[str, int]:
    """Return where fields stand: as guessed, but for those that are said.

    Args:
        header: Names of the columns.
        choices: Name or number (from 1) of a column by field; an empty one leaves the field as it is. A field
            that no product has is a column of the shop's own.

    Raises:
        Invalid: There is no such column.
    """
    found = {field: place for field, place in guess_columns(header).items() if field not in choices}
    names = [folded(name.strip()) for name in header]
    for field, column in choices.items():
        if not column:
            continue
        if folded(column.strip()) in names:
            place = names.index(folded(column.strip()))
        elif column.isascii() and column.isdecimal() and 1 <= int(column[:6]) <= len(header):
            place = int(column) - 1
        else:
            listed = ", ".join(header)
            raise Invalid([FieldProblem(field, f"the table has no column {column}; it has: {listed}")])
        found = {other: at for other, at in found.items() if at != place or other in choices}
        found[field] = place
    return found
