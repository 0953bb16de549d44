"""The lines of a large change, put together by hand, as `quick_lines` does for sales.

To have 100,000 lines written as CSV and read back takes longer than all else in an import. A line that is put
together here need not be read back: nothing but sound products stands in it. All else is left to the strict way.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timezone
from typing import Final

from tracker_tui.model.many_products import ProductColumns, SoundLines, columns_of, pieces_of
from tracker_tui.model.records import EDITED_COLUMNS, Change, ChangeLine
from tracker_tui.model.soundness import Soundness
from tracker_tui.storage.codec import OWN_COLUMNS, TIME, format_time
from tracker_tui.storage.many_lines import ManyFields, quoted

_MOST: Final = 10**12
_LONGEST: Final = 1 << 16


def quick_lines_of(change: Change, decimals: int) -> bytes | None:
    """Return the lines of a change in the order of the program's own columns; None where they are left to others.

    Args:
        change: The change.
        decimals: The shop's decimals.
    """
    time, count = format_time(change.time), len(change.lines)
    if type(change.time.tzinfo) is not timezone or change.time.microsecond or not TIME.fullmatch(time):
        return None
    if OWN_COLUMNS in change.note or not count or not 0 < change.entry < _MOST:
        return None
    before, behind = f"{quoted(change.clerk)},{change.action.value}", f"{quoted(change.note)},{time}"
    if not f"{before}{behind}".isprintable():
        return None
    known = isinstance(change.lines, SoundLines) and change.lines.decimals == decimals
    is_sound, fields = Soundness({}, decimals), ManyFields()
    parts: list[bytes] = []
    first = 1
    for lines in pieces_of(change.lines):
        columns = _columns(lines)
        if columns is None or not (known or is_sound.of_all(columns)):
            return None
        heads = [f"{change.entry},{number}/{count},{before}" for number in range(first, first + len(lines))]
        texts = fields.of(columns._replace(quantities=[line.quantity_change for line in lines]))
        texts["price"] = list(map(",".join, zip(texts["price"], texts["quantity"], strict=True)))
        columns_written = [texts[column] for column in ("id", *EDITED_COLUMNS)]
        rows = list(map(",".join, zip(heads, *columns_written, [behind] * len(lines), strict=True)))
        if max(map(len, rows)) > _LONGEST:
            return None
        parts.append("\n".join([*rows, ""]).encode())
        first += len(lines)
    return b"".join(parts)


def _columns(lines: Sequence[ChangeLine]) -> ProductColumns | None:
    """Return the products of some lines; None where a line says more, or less, than a product."""
    ids, products, changes, names, extras = zip(*lines, strict=True)
    if None in products or any(extra is not None for extra in extras):
        return None
    columns = columns_of(products)
    if (columns.ids, columns.names) != (ids, names) or any(columns.quantities):
        return None
    if {*map(type, changes)} != {int} or min(changes) <= -_MOST or max(changes) >= _MOST:
        return None
    return columns
