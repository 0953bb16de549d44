"""What a person changed in `inventory.txt`: the file against what the logs say of the entry it counts up to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from tracker_tui.model.records import EDITED_COLUMNS, ChangeLine, HeldEdit, Problem, Product
from tracker_tui.model.state import difference
from tracker_tui.storage.formats import INVENTORY
from tracker_tui.storage.table import Table
from tracker_tui.typed import Final

LEAST_GONE: Final = 2
LEAST_CHANGED: Final = 5
"""Fewer products than these are never asked about, also where they are more than a fifth of a small shop."""


def hand_edit_lines(
    now: Mapping[str, Product],
    base: Mapping[str, Product],
    table: Table[Product],
    ids: Iterable[str],
) -> tuple[list[ChangeLine], list[Problem]]:
    """Return the lines that bring a person's edits to the products of now.

    Only what differs from `base` is an edit: a quantity as a signed change, so that sales made since stay
    counted; other fields by value.

    Args:
        now: The products after all entries.
        base: The products after the entry that the file counts up to.
        table: The file.
        ids: The products that may differ; all others are in the file as they are in `base`.

    Returns:
        The lines, none if nothing was edited, and what could not be taken as an edit.
    """
    lines: list[ChangeLine] = []
    present = frozenset(table.columns)
    places = {place: key for key in ids if (place := table.rows.place(key)) is not None}
    for _, key in sorted(places.items()):
        row, before = table.rows[key], base.get(key)
        if before == row:
            continue
        wanted = _edited(now.get(key), before, row, present)
        if wanted is not None and wanted != now.get(key):
            lines.append(difference(now.get(key), wanted, key))
    gone = [key for key in base if key not in table.rows and key not in table.held and key in now]
    if gone and not table.whole:
        shown = ", ".join(gone[:5]) + ("…" if len(gone) > 5 else "")
        reason = f"its end is missing, so the {len(gone)} products that are gone from it were kept: {shown}"
        return lines, [Problem(INVENTORY.file, 0, reason)]
    lines.extend(difference(now[key], None, key) for key in gone)
    return lines, []


def _edited(
    now: Product | None, before: Product | None, row: Product, present: frozenset[str]
) -> Product | None:
    """Return the product with the row's edits; None where it was removed meanwhile."""
    if before is None:
        return row
    if now is None:
        return None
    wanted = now
    for field in EDITED_COLUMNS:
        if field in present and getattr(row, field) != getattr(before, field):
            wanted = wanted._replace(**{field: getattr(row, field)})
    if dict(row.extra) != dict(before.extra):
        wanted = wanted._replace(extra=row.extra)
    if "quantity" in present:
        wanted = wanted._replace(quantity=now.quantity + row.quantity - before.quantity)
    return wanted


def question_of(
    lines: Sequence[ChangeLine],
    base: Mapping[str, Product],
    products: int,
    mark: str,
    who: str,
    *,
    logs_short: bool,
) -> HeldEdit | None:
    """Return what must be asked before an edit is taken over; None where it is small enough to be meant.

    Args:
        lines: What the edit comes to.
        base: The products that it was made on, or those of them that it may differ in.
        products: How many there were in all.
        mark: Names the state of the file.
        who: Login that owns the file.
        logs_short: Whether the logs lack entries that the file counts.
    """
    gone = sum(line.after is None for line in lines)
    added = sum(line.product_id not in base for line in lines)
    changed = len(lines) - gone - added
    many = gone >= LEAST_GONE or gone + changed >= LEAST_CHANGED
    if not logs_short and not (many and (gone + changed) * 5 > products):
        return None
    return HeldEdit(mark, who, products, gone, changed, added, logs_short)
