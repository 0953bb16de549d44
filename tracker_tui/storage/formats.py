"""The two tables: `inventory.txt` and `customers.txt`."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from tracker_tui.model.money import parse_stored_amount, parse_stored_count
from tracker_tui.model.records import Customer, Product
from tracker_tui.model.rules import PRODUCT_COLUMNS, is_rounded_code
from tracker_tui.model.text import normal
from tracker_tui.storage.codec import product_fields, stored_set
from tracker_tui.storage.table import TableFormat

CUSTOMER_COLUMNS: Final = ("id", "name", "phone", "email", "note")


def _decode_product(fields: Mapping[str, str], extra: Mapping[str, str], decimals: int) -> Product:
    if not fields["name"]:
        raise ValueError("the name is missing")
    return Product(
        id=normal(fields["id"]),
        name=normal(fields["name"]),
        price=_amount_in("price", fields["price"], decimals),
        quantity=_count_in("quantity", fields["quantity"]),
        categories=stored_set(normal(fields["categories"])),
        reorder_level=_count_in("reorder_level", fields["reorder_level"] or "0"),
        barcodes=_whole_codes(fields["barcodes"]),
        cost=_amount_in("cost", fields["cost"], decimals) if fields["cost"] else None,
        extra=extra,
    )


def _amount_in(field: str, text: str, decimals: int) -> Decimal:
    try:
        return parse_stored_amount(text, decimals)
    except ValueError as error:
        raise ValueError(f"{field}: {error}") from error


def _count_in(field: str, text: str) -> int:
    try:
        return parse_stored_count(text)
    except ValueError as error:
        raise ValueError(f"{field}: {error}") from error


def _whole_codes(text: str) -> frozenset[str]:
    """Read barcodes, but none that a spreadsheet made a number of: its last digits are gone."""
    codes = stored_set(text)
    for code in codes:
        if is_rounded_code(code):
            raise ValueError(f"barcodes: {code} has lost digits in a spreadsheet; type the whole code again")
    return codes


def _encode_product(product: Product) -> Mapping[str, str]:
    return {"id": product.id, "quantity": str(product.quantity), **product_fields(product)}


def _decode_customer(fields: Mapping[str, str], extra: Mapping[str, str], _decimals: int) -> Customer:
    if not fields["name"]:
        raise ValueError("the name is missing")
    return Customer(**{column: normal(fields[column]) for column in CUSTOMER_COLUMNS}, extra=extra)


def _encode_customer(customer: Customer) -> Mapping[str, str]:
    return dict(zip(CUSTOMER_COLUMNS, customer[:5], strict=True))


INVENTORY: Final = TableFormat[Product](
    "inventory.txt",
    PRODUCT_COLUMNS,
    PRODUCT_COLUMNS[:5],
    "# end of inventory",
    {"price": "0", "quantity": "0"},
    _decode_product,
    _encode_product,
)
CUSTOMERS: Final = TableFormat[Customer](
    "customers.txt", CUSTOMER_COLUMNS, (), "", {}, _decode_customer, _encode_customer
)
