"""What a person changed in `inventory.txt`: the file against what the logs say of the entry it counts up to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from tracker_tui.model.records import ChangeLine, Problem, Product
from tracker_tui.model.state import difference
from tracker_tui.storage.formats import INVENTORY
from tracker_tui.storage.table import Table

_COLUMN_FIELDS: Final = ("name", "price", "categories", "reorder_level", "barcodes", "cost")


def hand_edit_lines(
    now: Mapping[str, Product], base: Mapping[str, Product], table: Table[Product]
) -> tuple[list[ChangeLine], list[Problem]]:
    """Return the lines that bring a person's edits to the products of now.

    Only what differs from `base` is an edit: a quantity as a signed change, so that sales made since stay
    counted; other fields by value.

    Args:
        now: The products after all entries.
        base: The products after the entry that the file counts up to.
        table: The file.

    Returns:
        The lines, none if nothing was edited, and what could not be taken as an edit.
    """
    lines: list[ChangeLine] = []
    present = frozenset(table.columns)
    for row in table.rows.values():
        before = base.get(row.id)
        if before is row or before == row:
            continue
        wanted = _edited(now.get(row.id), before, row, present)
        if wanted is not None and wanted != now.get(row.id):
            lines.append(difference(now.get(row.id), wanted, row.id))
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
    for field in _COLUMN_FIELDS:
        if field in present and getattr(row, field) != getattr(before, field):
            wanted = wanted._replace(**{field: getattr(row, field)})
    if dict(row.extra) != dict(before.extra):
        wanted = wanted._replace(extra=row.extra)
    if "quantity" in present:
        wanted = wanted._replace(quantity=now.quantity + row.quantity - before.quantity)
    return wanted
