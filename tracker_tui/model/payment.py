"""Paying: the ways to pay, the change, and the round amounts that people hand over."""

from __future__ import annotations

from decimal import ROUND_CEILING, Decimal
from typing import Final

from tracker_tui.model.account import ON_ACCOUNT
from tracker_tui.model.money import parse_amount, rounded, shown
from tracker_tui.model.records import Settings
from tracker_tui.tuples import NamedTuple


class Payment(NamedTuple):
    """A way to pay.

    Attributes:
        name: As the log has it.
        key: The key that chooses it; no digit, as amounts are typed beside it.
        label: As people call it.
        gives_change: Whether more than the total may be handed over.
    """

    name: str
    key: str
    label: str
    gives_change: bool = False


PAYMENTS: Final = (
    Payment("cash", "c", "Cash", gives_change=True),
    Payment("card", "k", "Card"),
    Payment("other", "o", "Other"),
    Payment(ON_ACCOUNT, "a", "Account"),
)

_ROUND: Final = (
    Decimal(1),
    *(Decimal(step).scaleb(power) for power in range(8) for step in (5, 10, 20)),
)
"""Coins and notes, more or less, in any currency."""


def given_amount(typed: str, total: Decimal, settings: Settings) -> Decimal | None:
    """Read what the customer hands over.

    Args:
        typed: An amount; empty = exactly the total, or not counted.
        total: What is to be paid.
        settings: For the decimals and the currency.

    Returns:
        The amount, the total or more; None where nothing was typed.

    Raises:
        ValueError: It is no amount, or less than the total; the text says what is wrong.
    """
    if not typed.strip():
        return None
    given = parse_amount(typed, settings.decimals, currency=settings.currency)
    if given < total:
        missing = shown(total - given, settings.currency, settings.decimals)
        raise ValueError(f"{missing} is missing")
    return given


def round_amounts(total: Decimal, decimals: int, most: int = 4) -> tuple[Decimal, ...]:
    """Return round amounts above the total that people are likely to hand over, smallest first."""
    found: list[Decimal] = []
    for step in _ROUND:
        amount = (total / step).to_integral_value(ROUND_CEILING) * step
        if amount > total and amount not in found:
            found.append(rounded(amount, decimals))
    return tuple(sorted(found)[:most])
