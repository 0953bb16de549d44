"""The two tables: `inventory.txt` and `customers.txt`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal

from tracker_tui.model.money import parse_stored_amount, parse_stored_count
from tracker_tui.model.records import Customer, Product
from tracker_tui.model.rules import PRODUCT_COLUMNS, is_rounded_code
from tracker_tui.model.text import digits_of, normal
from tracker_tui.storage.codec import product_fields, stored_set
from tracker_tui.storage.table import TableFormat
from tracker_tui.typed import Final

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


class _Known(dict[str, float]):
    """What texts mean as numbers: each is read once, as many rows share a price or a quantity."""

    def __init__(self, read: Callable[[str], float]) -> None:
        super().__init__()
        self._read = read

    def __missing__(self, text: str) -> float:
        value = self[text] = self._read(text)
        return value


_COUNTS: Final = _Known(lambda text: float(parse_stored_count(text.strip() or "0")))
_PRICES: Final = _Known(lambda text: float(parse_stored_amount(text.strip(), 2)))
_COSTS: Final = _Known(lambda text: float(parse_stored_amount(text.strip(), 2)) if text.strip() else 0.0)
_MOST_KNOWN: Final = 50_000


def _plain_products(fields: Mapping[str, Sequence[str]], _decimals: int) -> Mapping[str, Sequence[float]]:
    """Read the numbers of many products.

    Raises:
        ValueError: One of the rows must be looked at by itself.
    """
    if not all(map(str.strip, fields["name"])) or not all(map(str.strip, fields["quantity"])):
        raise ValueError("look at each")
    if "e+" in "|".join(fields["barcodes"]).lower():
        raise ValueError("look at each")
    for known in (_COUNTS, _PRICES, _COSTS):
        if len(known) > _MOST_KNOWN:
            known.clear()
    for cost in {*fields["cost"]}:
        _COSTS[cost]
    return {
        "price": list(map(_PRICES.__getitem__, fields["price"])),
        "quantity": list(map(_COUNTS.__getitem__, fields["quantity"])),
        "reorder_level": list(map(_COUNTS.__getitem__, fields["reorder_level"])),
    }


def _many_products(products: Sequence[Product]) -> list[bytes]:
    from tracker_tui.storage.many_lines import many_lines  # noqa: PLC0415 - few changes are large

    return many_lines(products)


def _plain_customers(fields: Mapping[str, Sequence[str]], _decimals: int) -> Mapping[str, Sequence[float]]:
    """Look whether many customers are plain.

    Raises:
        ValueError: One of the rows must be looked at by itself.
    """
    if not all(map(str.strip, fields["name"])):
        raise ValueError("look at each")
    return {}


INVENTORY: Final = TableFormat[Product](
    "inventory.txt",
    PRODUCT_COLUMNS,
    PRODUCT_COLUMNS[:5],
    "# end of inventory",
    {"price": "0", "quantity": "0"},
    _decode_product,
    _encode_product,
    ("id", "name", "categories", "barcodes"),
    lambda _fields: (),
    ("price", "quantity", "reorder_level"),
    ("categories",),
    _plain_products,
    _many_products,
)
CUSTOMERS: Final = TableFormat[Customer](
    "customers.txt",
    CUSTOMER_COLUMNS,
    (),
    "",
    {},
    _decode_customer,
    _encode_customer,
    CUSTOMER_COLUMNS,
    lambda fields: [digits_of(phone) for phone in fields["phone"]],
    (),
    (),
    _plain_customers,
    lambda _customers: [],
)
