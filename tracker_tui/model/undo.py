"""Taking an entry back by a further entry, though others have acted since.

What an entry did is undone product by product and field by field: a later sale of the same product does not
stand in the way of undoing a price edit. Where something does, the refusal names the entry.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NoReturn

from tracker_tui.errors import Conflict, NotFound
from tracker_tui.model.day_close import read_close
from tracker_tui.model.queries import find_sale, is_return, off_shelf_text, still_with_customer
from tracker_tui.model.records import (
    EDITED_FIELDS,
    Action,
    Change,
    ChangeLine,
    Entry,
    Product,
    Purchase,
    SaleLine,
)
from tracker_tui.model.sales import negative
from tracker_tui.model.state import Snapshot, apply, difference


def entry_to_undo(shop: Snapshot, number: int) -> Entry:
    """Return the entry `number`, which is still to be undone.

    Raises:
        NotFound: There is no such entry.
        Conflict: It is undone already.
    """
    entry = shop.find(number)
    if entry is None:
        raise NotFound(f"there is no entry {number}")
    by = shop.ledger.taken_back_by
    if number not in by:
        return entry
    undo = by[number]
    while undo in by:
        undo = by[undo]
    done = "was undone" if number in shop.undone else "was undone and counts again"
    raise Conflict(
        f"entry {number} {done} by entry {undo}; undo entry {undo} to change that",
        entry=undo,
    )


def undo_purchase(shop: Snapshot, purchase: Purchase) -> tuple[SaleLine, ...]:
    """Return the lines that take a sale or a return back.

    Raises:
        Conflict: Part of the sale was returned, a product is gone, or the stock is needed elsewhere.
    """
    _check_returns(shop, purchase)
    wanted: dict[str, int] = {}
    for line in purchase.lines:
        if line.product_id:
            wanted[line.product_id] = wanted.get(line.product_id, 0) + line.quantity
    there = shop.ledger.fields_before(purchase.entry, frozenset(wanted))
    for product_id, quantity in wanted.items():
        product = shop.products.get(product_id)
        if product_id not in there and product is None:
            continue
        if product_id not in there and quantity < 0:
            reason = f"product {product_id} was not there then, so that its stock did not change"
            _blocked(shop, purchase.entry, product_id, reason)
        if product is None:
            _blocked(shop, purchase.entry, product_id, f"product {product_id} was removed")
        _check_stock(shop, purchase.entry, product, -quantity)
    return tuple(negative(line) for line in purchase.lines)


def _check_returns(shop: Snapshot, purchase: Purchase) -> None:
    """Refuse where a sale would go of which goods came back, or more would come back than was sold."""
    root: Entry | None = purchase
    while root is not None and root.undoes is not None:
        root = shop.find(root.undoes)
    if not isinstance(root, Purchase):
        return
    counts = root.entry not in shop.undone
    if counts and not is_return(root):
        returned = next(iter(shop.ledger.returns_of(root.sale)), None)
        if returned is not None:
            raise Conflict(
                f"part of sale {root.sale} was returned by entry {returned.entry}; undo that first",
                entry=returned.entry,
            )
    if not counts and root.returns:
        _check_return_again(shop, root)


def _check_return_again(shop: Snapshot, back: Purchase) -> None:
    sale = find_sale(shop, back.returns)
    if sale is None:
        raise Conflict(f"sale {back.returns} is gone, so nothing of it can come back")
    if sale.entry in shop.undone:
        by = shop.ledger.taken_back_by
        undo = by[sale.entry]
        while undo in by:
            undo = by[undo]
        raise Conflict(f"sale {back.returns} was undone by entry {undo}; undo that first", entry=undo)
    left: dict[str, int] = {}
    for line in still_with_customer(shop, sale):
        left[line.product_id] = left.get(line.product_id, 0) + line.quantity
    ids = {off_shelf_text(line): line.product_id for line in sale.lines}
    for line in back.lines:
        product_id = line.product_id or ids.get(line.product, "")
        left[product_id] = left.get(product_id, 0) + line.quantity
    if any(quantity < 0 for quantity in left.values()):
        other = max(returned.entry for returned in shop.ledger.returns_of(back.returns))
        raise Conflict(f"entry {other} took the same goods of sale {back.returns} back already", entry=other)


def undo_change(shop: Snapshot, change: Change) -> tuple[ChangeLine, ...]:
    """Return the lines that take a change of products back.

    Raises:
        Conflict: A later entry changed the same; `entry` names it.
    """
    if not any(line.product_id for line in change.lines):
        _check_close(shop, change)
        return change.lines
    ids = frozenset(line.product_id for line in change.lines)
    before = _before(shop, change, ids)
    after = dict(before)
    apply(after, change)
    wanted = {
        product_id: _undone_product(
            shop, change.entry, product_id, before.get(product_id), after.get(product_id)
        )
        for product_id in dict.fromkeys(line.product_id for line in change.lines)
    }
    _check_barcodes(shop, wanted)
    return tuple(
        difference(shop.products.get(product_id), product, product_id)
        for product_id, product in wanted.items()
    )


def _check_close(shop: Snapshot, change: Change) -> None:
    """Refuse where a day was closed later, which began where this close ended, or would have."""
    root: Entry | None = change
    while root is not None and root.undoes is not None:
        root = shop.find(root.undoes)
    last = shop.ledger.last_close()
    if root is not None and last is not None and last.entry > root.entry:
        raise Conflict(f"the day was closed again by entry {last.entry}; undo that first", entry=last.entry)
    close = read_close(root) if isinstance(root, Change) and root.entry in shop.undone else None
    if close is not None:
        before = shop.find(close.after)
        was_close = isinstance(before, Change) and before.action is Action.CLOSE
        if (close.after if was_close else None) != (last.entry if last is not None else None):
            raise Conflict("the close before it is another by now; close the day anew")


def _before(shop: Snapshot, change: Change, ids: frozenset[str]) -> dict[str, Product]:
    """Return the products of a change before it; the quantity of one that stays is as good as any other."""
    before = shop.ledger.fields_before(change.entry, ids)
    held = dict.fromkeys(before, 0)
    for line in change.lines:
        if line.product_id in held and line.after is None:
            before[line.product_id] = before[line.product_id]._replace(
                quantity=held[line.product_id] - line.quantity_change
            )
        elif line.product_id in held:
            held[line.product_id] -= line.quantity_change
    return before


def _undone_product(
    shop: Snapshot, number: int, product_id: str, before: Product | None, after: Product | None
) -> Product | None:
    now = shop.products.get(product_id)
    if before is None or after is None:
        if now != after:
            _blocked(shop, number, product_id, f"product {product_id} has changed since")
        return before
    if now is None:
        _blocked(shop, number, product_id, f"product {product_id} was removed")
    result = now
    for name in EDITED_FIELDS:
        if getattr(before, name) != getattr(after, name):
            if getattr(now, name) != getattr(after, name):
                _blocked(
                    shop, number, product_id, f"the {name} of product {product_id} has changed since", name
                )
            result = result._replace(**{name: getattr(before, name)})
    gained = after.quantity - before.quantity
    _check_stock(shop, number, now, gained)
    return result._replace(quantity=now.quantity - gained)


def _check_stock(shop: Snapshot, number: int, product: Product, taken: int) -> None:
    if taken > 0 and product.quantity < taken:
        reason = f"only {product.quantity} of product {product.id} are left, {taken} would have to go"
        _blocked(shop, number, product.id, reason, "quantity")


def _check_barcodes(shop: Snapshot, wanted: Mapping[str, Product | None]) -> None:
    """Refuse where a code that comes back belongs to another product by now; those that stay are nobody else's."""
    for product_id, product in wanted.items():
        now = shop.products.get(product_id)
        held = now.barcodes if now is not None else frozenset[str]()
        for code in product.barcodes - held if product is not None else ():
            owner = shop.barcodes.get(code)
            if owner is not None and owner not in wanted:
                _blocked(shop, 0, owner, f"barcode {code} now belongs to product {owner}", "barcodes")


def _blocked(shop: Snapshot, number: int, product_id: str, reason: str, field: str = "") -> NoReturn:
    """Refuse, naming the last entry after `number` that touched the product (or this field of it)."""
    blocker = _last_touch(shop, number, product_id, field)
    if blocker is None:
        raise Conflict(reason)
    raise Conflict(f"{reason}; entry {blocker} stands in the way", entry=blocker)


def _last_touch(shop: Snapshot, number: int, product_id: str, field: str) -> int | None:
    """Return the last entry after `number` that touched a product; with `field`, one that changed that.

    For `quantity` only what took from the stock counts.
    """
    ids = frozenset([product_id])
    products = dict(shop.ledger.fields_before(number + 1, ids))
    last = None
    for entry in shop.ledger.touching(product_id, number):
        before = products.get(product_id)
        apply(products, entry)
        after = products.get(product_id)
        if not field or before is None or after is None:
            touched = True
        elif field == "quantity":
            touched = after.quantity < before.quantity
        else:
            touched = getattr(before, field) != getattr(after, field)
        if touched:
            last = entry.entry
    return last
