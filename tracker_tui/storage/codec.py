"""One record, one line: strict CSV of a single line of bytes, and the lines of both logs.

Every line is read by itself, so that a stray quote spoils one line and not the rest of the file. No field
holds a line break. `time` stands last and is matched whole, so that a line cut anywhere is never taken for
a whole one, with or without its newline.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from tracker_tui.model.money import line_total, parse_stored_amount, parse_stored_count, written
from tracker_tui.model.records import (
    OF_NO_PRODUCT,
    Action,
    Change,
    ChangeLine,
    Entry,
    Product,
    Purchase,
    SaleLine,
)
from tracker_tui.model.rules import join_set
from tracker_tui.tuples import NamedTuple
from tracker_tui.typed import Final, Generic, TypeVar

# fmt: off
PURCHASE_COLUMNS: Final = (
    "entry", "line", "clerk", "sale", "customer_id", "customer", "product_id", "product", "quantity", "price",
    "discount", "total", "payment", "returns", "note", "time",
)
CHANGE_COLUMNS: Final = (
    "entry", "line", "clerk", "action", "product_id", "name", "price", "quantity_change", "categories",
    "reorder_level", "barcodes", "cost", "note", "time",
)
# fmt: on
LONGEST_LINE: Final = 1 << 20
csv.field_size_limit(LONGEST_LINE)
TIME: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:[+-]\d\d:\d\d|Z)", re.ASCII)
_LINE: Final = re.compile(r"([1-9]\d{0,8})/([1-9]\d{0,8})", re.ASCII)
_ENTRY: Final = re.compile(r"[1-9]\d{0,14}", re.ASCII)
OWN_COLUMNS: Final = "own columns: "
_NONE_TOUCHED: Final = "null"
"""Stands for own columns where a note by itself would be taken to have some."""
_MOST_MARKS: Final = 1000
_UNWRITABLE: Final = "[\0\r\n\ud800-\udfff]"

E = TypeVar("E", bound=Entry)


class LogRow(NamedTuple):
    """One line of a log, read.

    Attributes:
        entry: Number of its entry.
        number: Which line of the entry it is, from 1.
        lines: How many lines the entry has.
        shared: What all lines of one entry must agree on.
        part: The line's own part.
        note: Its note, without the own columns.
    """

    entry: int
    number: int
    lines: int
    shared: tuple[str, ...]
    part: SaleLine | ChangeLine
    note: str


class LogFormat(NamedTuple, Generic[E]):
    """How one log is written and read.

    Attributes:
        file: Its name.
        columns: Its columns, in order.
        decode: Fields of one line, by column -> row; raises ValueError with the reason.
        join: All rows of one entry, in order -> the entry.
        encode: An entry -> the fields of each of its lines.
    """

    file: str
    columns: tuple[str, ...]
    decode: Callable[[Mapping[str, str], int], LogRow]
    join: Callable[[Sequence[LogRow]], E]
    encode: Callable[[E], list[dict[str, str]]]


def parse_line(line: bytes, delimiter: str = ",") -> list[str]:
    """Read one line of CSV.

    Args:
        line: The line without its newline; a carriage return at its end is dropped.
        delimiter: What stands between the fields.

    Raises:
        ValueError: It is no UTF-8, no CSV, or too long; the text says which.
    """
    if len(line) > LONGEST_LINE:
        raise ValueError("the line is longer than a megabyte")
    try:
        text = line.removesuffix(b"\r").decode("utf-8")
    except UnicodeDecodeError as error:
        raise ValueError(f"not UTF-8 text at character {error.start + 1}") from error
    if "\0" in text:
        raise ValueError("holds NUL characters")
    try:
        fields = next(csv.reader([text], delimiter=delimiter, strict=True), [])
    except csv.Error as error:
        raise ValueError(f"not readable as CSV: {error}") from error
    if "\r" in text and any("\r" in field for field in fields):
        raise ValueError("holds a carriage return inside a field")
    return fields


def format_line(fields: Sequence[str]) -> bytes:
    """Write one line of CSV, with its newline.

    Raises:
        ValueError: A field holds a line break, or the line would be too long to be read again.
    """
    text = ",".join(fields)
    if "\n" in text or "\r" in text or "\0" in text:
        raise ValueError("a field of a file must not hold a line break")
    if '"' in text or len(fields) < 2 or text.count(",") >= len(fields):
        buffer = io.StringIO(newline="")
        csv.writer(buffer, lineterminator="").writerow(fields)
        text = buffer.getvalue()
    line = f"{text}\n".encode()
    if len(line) > LONGEST_LINE:
        raise ValueError("one line of a file would be longer than a megabyte")
    return line


def parse_time(text: str) -> datetime:
    """Read a time with its offset, as the files hold it."""
    if not TIME.fullmatch(text):
        raise ValueError("the time at the end is missing or cut off")
    return datetime.fromisoformat(text)


def format_time(time: datetime) -> str:
    """Write a time as the files hold it: local, with offset, to the second."""
    return time.isoformat(timespec="seconds")


def _numbers(fields: Mapping[str, str]) -> tuple[int, int, int]:
    if not _ENTRY.fullmatch(fields["entry"]):
        raise ValueError("the entry is no number")
    line = _LINE.fullmatch(fields["line"])
    if not line or int(line[1]) > int(line[2]):
        raise ValueError("“line” is not of the form 1/3")
    return int(fields["entry"]), int(line[1]), int(line[2])


def _decode_purchase(fields: Mapping[str, str], decimals: int) -> LogRow:
    parse_time(fields["time"])
    entry, index, count = _numbers(fields)
    quantity = parse_stored_count(fields["quantity"])
    price = parse_stored_amount(fields["price"], decimals)
    discount = parse_stored_amount(fields["discount"] or "0", decimals, signed=True)
    total = parse_stored_amount(fields["total"], decimals, signed=True)
    exponent = total.as_tuple().exponent
    places = max(0, -exponent) if isinstance(exponent, int) else 0
    if line_total(quantity, price, discount, min(places, 8)) != total:
        raise ValueError(f"{quantity} x {fields['price']} less {written(discount)} is not {fields['total']}")
    shared = tuple(
        fields[column]
        for column in ("clerk", "sale", "customer_id", "customer", "payment", "returns", "note", "time")
    )
    part = SaleLine(fields["product_id"], fields["product"], quantity, price, discount, total)
    return LogRow(entry, index, count, shared, part, fields["note"])


def _join_purchase(rows: Sequence[LogRow]) -> Purchase:
    clerk, sale, customer_id, customer, payment, returns, note, time = rows[0].shared
    lines = tuple(row.part for row in rows if isinstance(row.part, SaleLine))
    return Purchase(
        rows[0].entry,
        clerk,
        sale,
        customer_id,
        customer,
        lines,
        payment,
        returns,
        note,
        datetime.fromisoformat(time),
    )


def _encode_purchase(purchase: Purchase) -> list[dict[str, str]]:
    shared = {
        "entry": str(purchase.entry),
        "clerk": purchase.clerk,
        "sale": purchase.sale,
        "customer_id": purchase.customer_id,
        "customer": purchase.customer,
        "payment": purchase.payment,
        "returns": purchase.returns,
        "note": purchase.note,
        "time": format_time(purchase.time),
    }
    return [
        {
            **shared,
            "line": f"{index}/{len(purchase.lines)}",
            "product_id": line.product_id,
            "product": line.product,
            "quantity": str(line.quantity),
            "price": written(line.price),
            "discount": written(line.discount),
            "total": written(line.total),
        }
        for index, line in enumerate(purchase.lines, 1)
    ]


def _decode_change(fields: Mapping[str, str], decimals: int) -> LogRow:
    parse_time(fields["time"])
    entry, index, count = _numbers(fields)
    if fields["action"] not in Action.__members__.values():
        raise ValueError(f"{fields['action']!r} is no action")
    if not fields["product_id"] and (fields["action"] not in OF_NO_PRODUCT or fields["price"]):
        raise ValueError("the product's id is missing")
    note, extra = _note_and_extra(fields["note"])
    after = logged_product(fields, decimals) if fields["price"] else None
    change = parse_stored_count(fields["quantity_change"])
    part = ChangeLine(fields["product_id"], after, change, fields["name"], extra)
    shared = (fields["clerk"], fields["action"], fields["time"])
    return LogRow(entry, index, count, shared, part, note)


def logged_product(fields: Mapping[str, str], decimals: int) -> Product:
    """Read a product as a line of `changes.txt` has it: without its quantity and its own columns.

    Raises:
        ValueError: One of the fields cannot be read; the text says why.
    """
    return Product(
        id=fields["product_id"],
        name=fields["name"],
        price=parse_stored_amount(fields["price"], decimals),
        quantity=0,
        categories=stored_set(fields["categories"]),
        reorder_level=parse_stored_count(fields["reorder_level"] or "0"),
        barcodes=stored_set(fields["barcodes"]),
        cost=parse_stored_amount(fields["cost"], decimals) if fields["cost"] else None,
    )


def _note_and_extra(text: str) -> tuple[str, dict[str, str] | None]:
    """Part a note from the own columns behind it; a note that only looks so is a note."""
    place = text.find(OWN_COLUMNS)
    for _ in range(_MOST_MARKS):
        if place < 0:
            break
        columns = text[place + len(OWN_COLUMNS) :]
        if columns == _NONE_TOUCHED:
            return text[:place].removesuffix(" "), None
        extra = _own_columns(columns)
        if extra is not None:
            return text[:place].removesuffix(" "), extra
        place = text.find(OWN_COLUMNS, place + 1)
    return text, None


def _own_columns(text: str) -> dict[str, str] | None:
    if not text.startswith("{") or not text.endswith("}"):
        return None
    import json  # noqa: PLC0415 - most shops have no columns of their own

    try:
        extra = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(extra, dict) or not all(isinstance(value, str) for value in extra.values()):
        return None
    return extra if not any(map(re.compile(_UNWRITABLE).search, (*extra, *extra.values()))) else None


def _join_change(rows: Sequence[LogRow]) -> Change:
    clerk, action, time = rows[0].shared
    lines = tuple(row.part for row in rows if isinstance(row.part, ChangeLine))
    return Change(rows[0].entry, clerk, Action(action), lines, rows[0].note, datetime.fromisoformat(time))


def _encode_change(change: Change) -> list[dict[str, str]]:
    return [
        {
            "entry": str(change.entry),
            "line": f"{index}/{len(change.lines)}",
            "clerk": change.clerk,
            "action": change.action.value,
            "product_id": line.product_id,
            "quantity_change": str(line.quantity_change),
            "note": _note_with_extra(change.note, line.extra),
            "time": format_time(change.time),
            **(product_fields(line.after) if line.after is not None else {}),
            "name": line.name,
        }
        for index, line in enumerate(change.lines, 1)
    ]


def _note_with_extra(note: str, extra: Mapping[str, str] | None) -> str:
    if extra is not None:
        import json  # noqa: PLC0415 - as above

        columns = json.dumps(dict(extra), ensure_ascii=False, sort_keys=True)
    elif _note_and_extra(note) != (note, None):
        columns = _NONE_TOUCHED
    else:
        return note
    return f"{note} {OWN_COLUMNS}{columns}" if note else f"{OWN_COLUMNS}{columns}"


def product_fields(product: Product) -> dict[str, str]:
    """Return the fields of a product that both the inventory and the changes have, by column."""
    return {
        "name": product.name,
        "price": written(product.price),
        "categories": join_set(product.categories),
        "reorder_level": str(product.reorder_level) if product.reorder_level else "",
        "barcodes": join_set(product.barcodes),
        "cost": written(product.cost) if product.cost is not None else "",
    }


def stored_set(text: str) -> frozenset[str]:
    """Read a set as the files hold it: joined with `|`."""
    return frozenset(part for piece in text.split("|") if (part := piece.strip())) if text else frozenset()


def decoded_row(format_: LogFormat[E], columns: Sequence[str], line: bytes, decimals: int) -> LogRow:
    """Read one line of a log whose header names `columns`.

    Raises:
        ValueError: It is damaged; the text says how.
    """
    values = parse_line(line)
    if len(values) != len(columns):
        raise ValueError(f"has {len(values)} fields, {len(columns)} are expected")
    fields = dict.fromkeys(format_.columns, "")
    fields.update(zip(columns, values, strict=True))
    return format_.decode(fields, decimals)


PURCHASES: Final = LogFormat(
    "purchases.txt", PURCHASE_COLUMNS, _decode_purchase, _join_purchase, _encode_purchase
)
CHANGES: Final = LogFormat("changes.txt", CHANGE_COLUMNS, _decode_change, _join_change, _encode_change)
