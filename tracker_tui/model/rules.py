"""What may be entered: every rule gives all problems, each with its field, so that a form can mark them all."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from decimal import Decimal

from tracker_tui.errors import FieldProblem
from tracker_tui.model.money import MOST_PIECES, parse_amount, parse_count, rounded
from tracker_tui.model.records import Customer, Product, Settings
from tracker_tui.model.text import normal, unprintable
from tracker_tui.typed import Final

LONGEST_ID: Final = 64
LONGEST_TEXT: Final = 10_000
MOST_MONEY: Final = Decimal(10) ** 12
PRODUCT_COLUMNS: Final = (
    "id",
    "name",
    "price",
    "quantity",
    "categories",
    "reorder_level",
    "barcodes",
    "cost",
)
"""The columns of a product in `inventory.txt`, in order."""
_FORMULA: Final = ("=", "+", "-", "@")
_PHONE: Final = r"\+[0-9() ./-]+"
_ROUNDED_CODE: Final = r"[0-9]+(?:[.,][0-9]+)?[eE]\+[0-9]+"
"""These two are compiled when they are used, which most commands never do."""


def text_problem(text: str, *, required: bool = False, longest: int = LONGEST_TEXT) -> str:
    """Say what is wrong with a text that was entered; empty if nothing is."""
    if not text:
        return "must not be empty" if required else ""
    if required and not text.strip():
        return "must not be empty"
    if len(text) > longest:
        return f"too long; at most {longest} characters"
    if not (text.isascii() and text.isprintable()) and (character := unprintable(text)):
        return f"holds the control character {character}; type it again without"
    if text.lstrip()[:1] in _FORMULA and not re.fullmatch(_PHONE, text.strip()):
        return f"must not begin with {text.lstrip()[0]}, which a spreadsheet would take for a formula"
    return ""


def product_problems(
    product: Product, others: Iterable[str], owners: Mapping[str, str], decimals: int
) -> tuple[FieldProblem, ...]:
    """Say everything that is wrong with a product as it was entered.

    Args:
        product: The product as it shall be.
        others: Ids that it must not have.
        owners: Product id by barcode, for the codes that are taken.
        decimals: The shop's decimals.
    """
    found = _wrong_kinds(product)
    if not found:
        found = [*_product_texts(product, others, owners), *_product_numbers(product, decimals)]
    return tuple(FieldProblem(field, reason) for field, reason in found if reason)


def _wrong_kinds(product: Product) -> list[tuple[str, str]]:
    """Say which fields are not even of the kind that they must be, for what comes from other programs."""
    found = [(name, "is no text") for name in ("id", "name") if not isinstance(getattr(product, name), str)]
    for name in ("categories", "barcodes"):
        parts = getattr(product, name)
        if not isinstance(parts, AbstractSet) or not all(isinstance(part, str) for part in parts):
            found.append((name, "is no set of texts"))
    extra = product.extra
    if not isinstance(extra, Mapping) or not all(isinstance(text, str) for text in (*extra, *extra.values())):
        found.append(("extra", "is no mapping of texts"))
    return found


def _product_texts(
    product: Product, others: Iterable[str], owners: Mapping[str, str]
) -> list[tuple[str, str]]:
    found = [("id", id_problem(product.id)), ("name", text_problem(product.name, required=True))]
    if product.id in others:
        found.append(("id", f"{product.id} is taken already; choose another"))
    for category in sorted(product.categories):
        found.append(("categories", _part_problem(category)))
    for code in sorted(product.barcodes):
        found.append(("barcodes", _code_problem(code)))
        owner = owners.get(code, product.id)
        if owner != product.id:
            found.append(("barcodes", f"{code} belongs to product {owner}"))
    for column, value in product.extra.items():
        found.append((column, text_problem(value)))
        found.append(("extra", _column_problem(column)))
    return found


def _column_problem(column: str) -> str:
    """Say what is wrong with the name of an own column."""
    if column in PRODUCT_COLUMNS:
        return f"{column} is a column of the program's own"
    if column != column.strip() or column.startswith("#"):
        return f"{column}: must not begin or end with a space, nor begin with #"
    problem = text_problem(column, required=True, longest=200)
    return f"{column}: {problem}" if problem else ""


def _product_numbers(product: Product, decimals: int) -> list[tuple[str, str]]:
    found = [("price", amount_problem(product.price, decimals))]
    if product.cost is not None:
        found.append(("cost", amount_problem(product.cost, decimals)))
    found.append(("quantity", count_problem(product.quantity)))
    found.append(("reorder_level", count_problem(product.reorder_level)))
    return found


def id_problem(product_id: str) -> str:
    """Say what is wrong with a product's id; empty if nothing is."""
    if product_id != product_id.strip():
        return "must not begin or end with a space"
    if product_id.startswith("#"):
        return "must not begin with #"
    return text_problem(product_id, required=True, longest=LONGEST_ID)


def is_rounded_code(code: str) -> bool:
    """Tell whether a barcode is what a spreadsheet makes of one, as `5.9E+12`: its last digits are gone."""
    return "+" in code and re.fullmatch(_ROUNDED_CODE, code) is not None


def _code_problem(code: str) -> str:
    if is_rounded_code(code):
        return f"{code} has lost its last digits in a spreadsheet; type or scan the whole code"
    return _part_problem(code)


def _part_problem(part: str) -> str:
    if "|" in part or "," in part:
        return f"{part}: must not hold | or ,"
    if part != part.strip():
        return f"{part}: must not begin or end with a space"
    problem = text_problem(part, required=True, longest=200)
    return f"{part}: {problem}" if problem else ""


def amount_problem(amount: Decimal, decimals: int) -> str:
    """Say what is wrong with a price, a cost or a discount; empty if nothing is."""
    if not isinstance(amount, Decimal) or not amount.is_finite():
        return "is no amount; type digits, such as 1.50"
    if amount < 0:
        return "must be 0 or more"
    if amount >= MOST_MONEY:
        return "too large; at most 12 digits"
    if amount != rounded(amount, decimals):
        return f"at most {decimals} decimals" if decimals else "no decimals"
    return ""


def count_problem(number: int, least: int = 0) -> str:
    """Say what is wrong with a number of pieces; empty if nothing is."""
    if not isinstance(number, int) or isinstance(number, bool):
        return "is no whole number; type digits, such as 5"
    if number < least:
        return f"must be {least} or more"
    return f"too large; at most {MOST_PIECES}" if number > MOST_PIECES else ""


def customer_problems(customer: Customer) -> tuple[FieldProblem, ...]:
    """Say everything that is wrong with a customer as entered."""
    found = [("name", text_problem(customer.name, required=True))]
    found += [(field, text_problem(getattr(customer, field))) for field in ("phone", "email", "note")]
    return tuple(FieldProblem(field, reason) for field, reason in found if reason)


def parse_product(
    texts: Mapping[str, str], settings: Settings
) -> tuple[dict[str, object], tuple[FieldProblem, ...]]:
    """Read the fields of a product as a person typed them, in a form, a command or an import.

    Args:
        texts: What was typed, by column: any of `PRODUCT_COLUMNS`, and of the shop's own, which go to `extra`.
        settings: For the decimals and the currency sign.

    Returns:
        The fields that could be read, as `Product` has them, and what was wrong with the others.
    """
    fields: dict[str, object] = {}
    problems: list[FieldProblem] = []
    own = {column: normal(typed) for column, typed in texts.items() if column not in PRODUCT_COLUMNS}
    if own:
        fields["extra"] = own
    for field, typed in texts.items():
        if field in own:
            continue
        try:
            fields[field] = _parse_field(field, typed, settings)
        except ValueError as error:
            problems.append(FieldProblem(field, str(error)))
    return fields, tuple(problems)


def with_columns(product: Product, own: Mapping[str, str]) -> dict[str, str]:
    """Return a product's own columns with some of them as given; an emptied one is left out."""
    return {column: text for column, text in {**product.extra, **own}.items() if text}


def _parse_field(field: str, typed: str, settings: Settings) -> object:
    if field in ("categories", "barcodes"):
        return split_set(typed)
    if field == "cost" and not typed.strip():
        return None
    if field in ("price", "cost"):
        return parse_amount(typed, settings.decimals, currency=settings.currency)
    if field == "quantity":
        return parse_count(typed)
    if field == "reorder_level":
        return parse_count(typed) if typed.strip() else 0
    return normal(typed)


def split_set(typed: str) -> frozenset[str]:
    """Read a set as a person types it: parts with commas (or `|`) between them."""
    return frozenset(part for piece in re.split(r"[,|]", typed) if (part := normal(piece)))


def join_set(parts: Iterable[str], separator: str = "|") -> str:
    """Write a set, sorted."""
    return separator.join(sorted(parts))


def is_low(product: Product, settings: Settings) -> bool:
    """Tell whether a product is low in stock: at its reorder level, or at the shop's general one."""
    level = product.reorder_level or settings.low_stock
    return product.quantity <= level
