"""The lines of a large change, put together by hand, as `quick_lines` does for sales.

To have 100,000 lines written as CSV and read back takes longer than all else in an import. A line that is put
together here need not be read back: nothing but sound products stands in it. All else is left to the strict way.
"""

from __future__ import annotations

from datetime import timezone
from typing import Final

from tracker_tui.model.records import EDITED_COLUMNS, Change, ChangeLine, Product
from tracker_tui.model.soundness import Soundness
from tracker_tui.storage.codec import OWN_COLUMNS, TIME, format_time, product_fields

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
    is_sound = Soundness({}, decimals)
    before = f"{_field(change.clerk)},{change.action.value}"
    behind = f"{_field(change.note)},{time}"
    lines: list[str] = []
    for index, line in enumerate(change.lines, 1):
        after = line.after
        if after is None or not _is_plain(line, after) or not is_sound(after):
            return None
        name, price, categories, level, codes, cost = map(product_fields(after).__getitem__, EDITED_COLUMNS)
        goods = f"{_field(line.product_id)},{_field(name)},{price},{line.quantity_change}"
        rest = f"{_field(categories)},{level},{codes},{cost}"
        text = f"{change.entry},{index}/{count},{before},{goods},{rest},{behind}"
        if not text.isprintable() or len(text) > _LONGEST:
            return None
        lines.append(text)
    return ("\n".join(lines) + "\n").encode()


def _is_plain(line: ChangeLine, after: Product) -> bool:
    return (
        line.extra is None
        and not after.quantity
        and after.id == line.product_id
        and after.name == line.name
        and type(line.quantity_change) is int
        and -_MOST < line.quantity_change < _MOST
    )


def _field(text: str) -> str:
    if "," in text or '"' in text:
        doubled = text.replace('"', '""')
        return f'"{doubled}"'
    return text
