"""Closing a day: what is in the till is counted, compared with what should be, and kept as an entry."""

from __future__ import annotations

from decimal import Decimal

from tracker_tui.errors import Conflict, check
from tracker_tui.model.records import Action
from tracker_tui.shop.stock import StockSession
from tracker_tui.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from tracker_tui.model.day_close import Till


class ClosingSession(StockSession):
    """A session that can close a day."""

    def till(self) -> Till:
        """Return what came in since the last close, or where there is none since the day began."""
        from tracker_tui.model.day_close import till_at  # noqa: PLC0415 - no sale needs it

        return till_at(self.snapshot.ledger, self._clock().date())

    def close_day(
        self,
        counted: Decimal,
        *,
        opening: Decimal | None = None,
        banked: Decimal = Decimal(0),
        note: str = "",
        seen: Till | None = None,
    ) -> int:
        """Keep what was counted in the till as an entry; the next close begins where this one ends.

        Args:
            counted: Cash in the till.
            opening: Cash that was in it at the beginning; None = what the close before left in it.
            banked: Cash that is taken out of it now.
            note: Free text.
            seen: What should have been in the till when it was counted; None = as much as there should be now.

        Returns:
            The number of the entry.

        Raises:
            Invalid: An amount or the note cannot be taken; the fields are `counted`, `opening`, `banked`, `note`.
            Conflict: Cash came or went since `seen`, or somebody else closed the day: count again.
        """
        from tracker_tui.model import day_close  # noqa: PLC0415 - as above

        begun = Decimal(0) if opening is None else opening
        check(day_close.close_problems(begun, counted, banked, note, self._decimals))
        known = seen if seen is not None else self.till()
        with self._changing() as held:
            till = day_close.till_at(self._store.ledger, self._clock().date(), known)
            if seen is not None and (till.after, till.cash, till.opening) != (
                seen.after,
                seen.cash,
                seen.opening,
            ):
                raise Conflict("cash came in or went out since it was counted; look at the figures again")
            begun = till.opening if opening is None else opening
            close = day_close.closed(till, begun, counted, banked, note.strip(), self._decimals)
            return self._log(held, Action.CLOSE, [day_close.close_line()], day_close.close_note(close))
