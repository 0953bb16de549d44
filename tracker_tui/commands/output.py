"""How the command line prints figures: aligned tables and JSON.

Whatever is printed goes through `visible` (or is escaped, in JSON), so that no name reaches a terminal as a
control character.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal

from tracker_tui.commands.streams import say, write
from tracker_tui.model import Customer, Product, Purchase, SaleLine, Settings
from tracker_tui.model.money import shown, written
from tracker_tui.model.queries import RateTotal
from tracker_tui.model.rules import PRODUCT_COLUMNS
from tracker_tui.model.tax import Tax, percent, taxes_of
from tracker_tui.model.text import escaped, visible
from tracker_tui.tuples import NamedTuple
from tracker_tui.typed import Final, TypeAlias


class Rows(NamedTuple):
    """A list of objects of which each is written as JSON already, as it shall stand in a line of its own.

    Attributes:
        texts: The objects.
    """

    texts: Sequence[str]


Json: TypeAlias = str | int | bool | Sequence["Json"] | Mapping[str, "Json"] | Rows | None
"""What can be written as JSON."""

_FEW_ROWS: Final = 100
_GAP: Final = "  "
_WIDEST_CELL: Final = 60


def say_json(value: Json) -> None:
    """Print a value as JSON on stdout."""
    write(json_text(value))


def json_text(value: Json) -> str:
    """Return a value as JSON, each row in a line; every character that a terminal might obey is escaped."""
    if isinstance(value, Mapping):
        inner = ",\n".join(f"  {quoted(key)}: {_rows(member, '    ')}" for key, member in value.items())
        text = f"{{\n{inner}\n}}\n" if value else "{}\n"
    else:
        text = f"{_rows(value, '  ')}\n"
    return text if text.replace("\n", "").isprintable() else "\n".join(map(escaped, text.split("\n")))


def _rows(value: Json, before: str) -> str:
    """Return a value as JSON, a list of objects with each of them in a line."""
    if isinstance(value, Rows):
        lines = [before + text for text in value.texts]
    elif (
        isinstance(value, str)
        or not isinstance(value, Sequence)
        or not any(isinstance(member, Mapping) for member in value)
    ):
        return _encoded(value)
    else:
        encode = _encoder() if len(value) > _FEW_ROWS else _encoded
        lines = [before + encode(member) for member in value]
    inner = ",\n".join(lines)
    return f"[\n{inner}\n{before[2:]}]" if lines else "[]"


def _encoder() -> Callable[[Json], str]:
    """Return what writes any value as JSON, and many of them quickly."""
    import json  # noqa: PLC0415 - to load it takes longer than most answers

    return json.JSONEncoder(ensure_ascii=False).encode


def _encoded(value: Json) -> str:
    """Return a value as JSON, just as `json` writes it."""
    if isinstance(value, str):
        return quoted(value)
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, int):
        return int.__repr__(value)
    if isinstance(value, Mapping):
        return f"{{{', '.join([f'{quoted(key)}: {_encoded(member)}' for key, member in value.items()])}}}"
    if isinstance(value, Rows):
        return f"[{', '.join(value.texts)}]"
    return f"[{', '.join(map(_encoded, value))}]"


def quoted(text: str) -> str:
    """Return a text as JSON, with only those characters escaped that must be."""
    plain = text.isprintable() and '"' not in text and "\\" not in text
    return f'"{text}"' if plain else _encoder()(text)


def say_table(headers: Sequence[str], rows: Iterable[Sequence[str | int]], empty: str) -> None:
    """Print an aligned table on stdout; columns of numbers and amounts stand to the right.

    Args:
        headers: Names of the columns; one that begins with `>` stands to the right.
        rows: Cells, as many as there are headers.
        empty: What is said where there are no rows.
    """
    right = [header.startswith(">") for header in headers]
    cells = [[_cell(str(cell)) for cell in row] for row in rows]
    if not cells:
        say(empty)
        return
    lines = [[header.removeprefix(">") for header in headers], *cells]
    widths = [max(_width(line[i]) for line in lines) for i in range(len(headers))]
    for line in lines:
        padded = [_padded(cell, widths[i], right=right[i]) for i, cell in enumerate(line)]
        say(_GAP.join(padded).rstrip())


def _cell(text: str) -> str:
    text = visible(text)
    return text if len(text) <= _WIDEST_CELL else f"{text[: _WIDEST_CELL - 1]}…"


def _width(text: str) -> int:
    if text.isascii():
        return len(text)
    return sum(
        0 if unicodedata.combining(char) else 2 if unicodedata.east_asian_width(char) in "WF" else 1
        for char in text
    )


def _padded(text: str, width: int, *, right: bool) -> str:
    padding = " " * (width - _width(text))
    return padding + text if right else text + padding


def money(amount: Decimal, settings: Settings) -> str:
    """Show an amount to a person, with the shop's currency sign."""
    return shown(amount, settings.currency, settings.decimals)


def money_text(amount: Decimal, settings: Settings) -> str:
    """Write an amount for JSON, with at least the shop's decimals."""
    return written(amount + Decimal(0).scaleb(-settings.decimals))


def product_json(product: Product, settings: Settings) -> dict[str, Json]:
    """Return a product by the columns of its file; own columns stand behind."""
    return {
        "id": product.id,
        "name": product.name,
        "price": money_text(product.price, settings),
        "quantity": product.quantity,
        "categories": sorted(product.categories),
        "reorder_level": product.reorder_level,
        "barcodes": sorted(product.barcodes),
        "cost": money_text(product.cost, settings) if product.cost is not None else None,
        **{column: value for column, value in product.extra.items() if column not in PRODUCT_COLUMNS},
    }


def customer_json(customer: Customer) -> dict[str, Json]:
    """Return a customer by the columns of its file; own columns stand behind."""
    return {
        "id": customer.id,
        "name": customer.name,
        "phone": customer.phone,
        "email": customer.email,
        "note": customer.note,
        **{column: value for column, value in customer.extra.items() if column not in Customer._fields},
    }


def sale_line_json(line: SaleLine, settings: Settings) -> dict[str, Json]:
    """Return one line of a sale by the columns of the log."""
    return {
        "product_id": line.product_id,
        "product": line.product,
        "quantity": line.quantity,
        "price": money_text(line.price, settings),
        "discount": money_text(line.discount, settings),
        "total": money_text(line.total, settings),
    }


def purchase_json(purchase: Purchase, settings: Settings) -> dict[str, Json]:
    """Return what `sell` and `return` answer."""
    return {
        "entry": purchase.entry,
        "sale": purchase.sale,
        "customer_id": purchase.customer_id,
        "customer": purchase.customer,
        "total": money_text(purchase.total, settings),
        "lines": [sale_line_json(line, settings) for line in purchase.lines],
        "payment": purchase.payment,
        "returns": purchase.returns,
        "taxes": [tax_json(tax, settings) for tax in taxes_of(purchase)],
    }


def tax_json(tax: Tax | RateTotal, settings: Settings) -> dict[str, Json]:
    """Return one tax of a sale, or of all sales of a report."""
    return {
        "rate": percent(tax.rate).removesuffix("%"),
        "net": money_text(tax.net, settings),
        "tax": money_text(tax.tax, settings),
        "gross": money_text(tax.gross, settings),
    }
