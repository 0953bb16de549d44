"""The lines of a sale, put together by hand.

To have a line written as CSV and to read it back, as is done with every other entry before it is booked, takes longer
than all else in a sale. A line that is put together here need not be read back: every text in it prints, and is
quoted where it holds a comma or a quote; every number has the form in which it is read as the same; and the total
is what the line comes to. What is not so plain is left to the strict way.
"""

from __future__ import annotations

import re
from datetime import datetime, timezone

from tracker_tui.model.records import Purchase
from tracker_tui.storage.codec import TIME, format_time
from tracker_tui.typed import Final

_LONGEST: Final = 1 << 16
_MOST_ENTRIES: Final = 10**15


class QuickLines:
    """Writes sales in the order of the program's own columns.

    Args:
        decimals: The shop's decimals.
    """

    def __init__(self, decimals: int) -> None:
        self.decimals = decimals
        amount = rf"[0-9]{{1,12}}\.[0-9]{{{decimals}}}" if decimals else "[0-9]{1,12}"
        self._numbers = re.compile(rf"[0-9]{{1,9}},{amount},{amount},{amount}")
        self._time: datetime | None = None
        self._time_text = ""

    def of(self, sale: Purchase) -> bytes | None:
        """Return the lines of a sale, the same as the strict way writes; None where they are left to it."""
        time = self._text_of(sale.time)
        count = len(sale.lines)
        if not time or not count or not 0 < sale.entry < _MOST_ENTRIES:
            return None
        entry, clerk, own_id, customer_id, customer, sold, payment, returns, note, _ = sale
        before = f"{clerk},{own_id},{customer_id},{customer}"
        if before.count(",") > 3 or '"' in before:
            before = ",".join(map(_field, (clerk, own_id, customer_id, customer)))
        behind = f"{payment},{returns},{note}"
        if behind.count(",") > 2 or '"' in behind:
            behind = ",".join(map(_field, (payment, returns, note)))
        lines: list[str] = []
        for index, (product_id, product, quantity, price, discount, total) in enumerate(sold, 1):
            # Thirteen digits times nine are exact in the 28 of a Decimal.
            numbers = f"{quantity},{price!s},{discount!s},{total!s}"
            if not self._numbers.fullmatch(numbers) or quantity * price - discount != total:
                return None
            goods = f"{product_id},{product}"
            if goods.count(",") > 1 or '"' in goods:
                goods = f"{_field(product_id)},{_field(product)}"
            line = f"{entry},{index}/{count},{before},{goods},{numbers},{behind},{time}"
            if not line.isprintable() or len(line) > _LONGEST:
                return None
            lines.append(line)
        return ("\n".join(lines) + "\n").encode()

    def _text_of(self, time: datetime) -> str:
        """Write a time; the sales of one second have the same. Empty where it would not be read as it is."""
        if time is not self._time:
            text = format_time(time)
            sure = type(time.tzinfo) is timezone and not time.microsecond and TIME.fullmatch(text)
            self._time, self._time_text = time, text if sure else ""
        return self._time_text


def _field(text: str) -> str:
    if "," in text or '"' in text:
        doubled = text.replace('"', '""')
        return f'"{doubled}"'
    return text
