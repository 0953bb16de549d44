"""What an edit comes to: values as the files hold them, and what two editors both changed."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from types import MappingProxyType

from tracker_tui.errors import Clash, Conflict, FieldProblem, Invalid, check
from tracker_tui.model.money import rounded
from tracker_tui.model.records import EDITED_FIELDS, Customer, Product
from tracker_tui.model.rules import amount_problem, customer_problems, product_problems
from tracker_tui.model.text import normal
from tracker_tui.typed import TYPE_CHECKING, Any, Final, TypeVar

if TYPE_CHECKING:
    from tracker_tui.model.goods import Goods

Row = TypeVar("Row", Product, Customer)


_CUSTOMER_FIELDS: Final = ("name", "phone", "email", "note", "extra")


def new_product(product: Product, goods: Goods, decimals: int) -> Product:
    """Return a new product as the files hold it.

    Raises:
        Invalid: Something is wrong with it.
    """
    check(product_problems(product, goods.shelf, barcode_owners(goods.barcodes, product), decimals))
    clean = clean_product(product, decimals)
    check(product_problems(clean, goods.shelf, {}, decimals))
    return clean


def edited_product(
    now: Product,
    was: Product | None,
    fields: Mapping[str, object],
    goods: Goods,
    decimals: int,
) -> Product:
    """Return a product with some fields changed; only these are judged.

    Args:
        now: The product.
        was: As the editor saw it; None = do not look for clashes.
        fields: New values.
        goods: All products, for their barcodes.
        decimals: The shop's decimals.

    Raises:
        Invalid: A value cannot be taken.
        Conflict: Somebody changed the same field since `was`.
    """
    unknown = [name for name in fields if name not in EDITED_FIELDS]
    if unknown:
        raise Invalid([FieldProblem(name, _not_editable(name)) for name in unknown])
    if was is not None:
        check_clashes(was, now, fields)
        fields = _with_others_columns(was, now, fields)
    wanted = replaced(now, fields)
    check(p for p in product_problems(wanted, (), {}, decimals) if _concerns(p, fields))
    wanted = clean_product(wanted, decimals)
    problems = product_problems(wanted, (), barcode_owners(goods.barcodes, wanted), decimals)
    check(p for p in problems if _concerns(p, fields))
    return wanted


def edited_customer(now: Customer, was: Customer | None, fields: Mapping[str, object]) -> Customer:
    """Return a customer with some fields changed, as `edited_product` does."""
    unknown = [name for name in fields if name not in _CUSTOMER_FIELDS]
    if unknown:
        raise Invalid(
            [FieldProblem(name, "is no field of a customer that can be changed") for name in unknown]
        )
    if was is not None:
        check_clashes(was, now, fields)
        fields = _with_others_columns(was, now, fields)
    wanted = clean_customer(replaced(now, fields))
    check(problem for problem in customer_problems(wanted) if problem.field in fields)
    return wanted


def _concerns(problem: FieldProblem, fields: Mapping[str, object]) -> bool:
    """Tell whether a problem is of what an edit brings, not of what the file held before."""
    extra = fields.get("extra")
    return problem.field in fields or (isinstance(extra, Mapping) and problem.field in extra)


def _not_editable(name: str) -> str:
    if name == "quantity":
        return "is changed by receiving, counting or selling, not by an edit"
    if name == "id":
        return "never changes; add a product with the new id and remove this one"
    return "is no field of a product"


def replaced(row: Row, fields: Mapping[str, Any]) -> Row:
    """Return a row with other values in some fields."""
    return row._replace(**fields)


def check_clashes(was: Product | Customer, now: Product | Customer, fields: Mapping[str, object]) -> None:
    """Refuse where somebody changed a field since `was` that this edit changes too, to another value.

    Each of the shop's own columns is a field of its own here.

    Raises:
        Conflict: With the fields and columns that clash.
    """
    clashes = [
        Clash(name, _as_text(getattr(was, name)), _as_text(getattr(now, name)), _as_text(value))
        for name, value in fields.items()
        if name != "extra" and getattr(now, name) not in (getattr(was, name), value)
    ]
    for column, wanted in _touched_columns(was, fields).items():
        base, theirs = was.extra.get(column, ""), now.extra.get(column, "")
        if theirs not in (base, wanted):
            clashes.append(Clash(column, base, theirs, wanted))
    if clashes:
        listed = "; ".join(f"{c.field} was {c.was}, is now {c.theirs}, you want {c.yours}" for c in clashes)
        raise Conflict(f"somebody else changed {was.name} meanwhile: {listed}", clashes=clashes)


def _touched_columns(was: Product | Customer, fields: Mapping[str, object]) -> dict[str, str]:
    """Return the shop's own columns that an edit changes, made by somebody who saw `was`; "" = it was emptied.

    Empty too where `extra` is nothing that could be columns, which is refused later.
    """
    mine = fields.get("extra")
    if not isinstance(mine, Mapping):
        return {}
    wanted = {column: mine.get(column, "") for column in {**was.extra, **mine}}
    return {column: text for column, text in wanted.items() if was.extra.get(column, "") != text}


def _with_others_columns(
    was: Product | Customer, now: Product | Customer, fields: Mapping[str, object]
) -> Mapping[str, object]:
    """Return the fields of an edit, with the own columns that others changed meanwhile as they made them."""
    if not isinstance(fields.get("extra"), Mapping):
        return fields
    return {**fields, "extra": {**now.extra, **_touched_columns(was, fields)}}


def _as_text(value: object) -> str:
    return ", ".join(sorted(value)) if isinstance(value, frozenset | set) else str(value)


def clean_product(product: Product, decimals: int) -> Product:
    """Return a product as the files hold it, so that what is read back is what was written."""
    return product._replace(
        id=normal(product.id),
        name=normal(product.name),
        price=_in_decimals(product.price, decimals),
        cost=_in_decimals(product.cost, decimals) if product.cost is not None else None,
        categories=frozenset(map(normal, product.categories)),
        barcodes=frozenset(product.barcodes),
        extra=MappingProxyType(
            {key: text for key, value in product.extra.items() if (text := value.strip())}
        ),
    )


def clean_customer(customer: Customer) -> Customer:
    """Return a customer as the files hold them."""
    return customer._replace(
        name=normal(customer.name),
        phone=normal(customer.phone),
        email=normal(customer.email),
        note=normal(customer.note),
    )


def _in_decimals(amount: Decimal, decimals: int) -> Decimal:
    """Return an amount with the shop's decimals, or as it is where that would change it."""
    return amount if amount_problem(amount, decimals) else rounded(amount, decimals)


def barcode_owners(codes: Mapping[str, str], product: Product) -> Mapping[str, str]:
    """Return who has the barcodes of a product, other than itself: product id by barcode.

    Args:
        codes: Product id by barcode.
        product: The product.
    """
    if not product.barcodes or not isinstance(product.barcodes, frozenset | set):
        return {}
    owners = {code: owner for code in product.barcodes if (owner := codes.get(code)) is not None}
    return {code: owner for code, owner in owners.items() if owner != product.id}
