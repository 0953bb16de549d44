"""What customers owe: sales on account, and payments on account, each an entry of its own in `purchases.txt`.

A sale on account has the payment `account`; it and its returns change what the customer owes by their totals.
A payment on account is an entry with one line of no product and no pieces: its `price` is the amount that was
paid, its `total` is 0, as the money was counted when the goods were sold, and its `payment` says how it came in:
`cash to account`. So it is in no total of a report, and a line still adds up: 0 x price less 0 is 0.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from tracker_tui.model.records import Purchase, SaleLine
from tracker_tui.typed import Final

ON_ACCOUNT: Final = "account"
"""The payment of a sale that the customer owes."""

TO_ACCOUNT: Final = " to account"
"""The end of the payment of an entry that pays what is owed; before it stands how."""

LINE_TEXT: Final = "payment on account"
"""What stands in the place of a product's name."""


def is_account_payment(purchase: Purchase) -> bool:
    """Tell whether this is money for what was bought before, and neither a sale nor a return."""
    return purchase.payment.endswith(TO_ACCOUNT) and not any(line.quantity for line in purchase.lines)


def paid_on_account(purchase: Purchase) -> Decimal:
    """Return the amount of a payment on account; 0 for a sale or a return."""
    if not is_account_payment(purchase):
        return Decimal(0)
    return sum((line.price for line in purchase.lines), Decimal(0))


def account_line(amount: Decimal) -> SaleLine:
    """Return the one line of a payment on account."""
    nothing = amount - amount
    return SaleLine("", LINE_TEXT, 0, amount, nothing, nothing)


def balance(purchases: Iterable[Purchase]) -> Decimal:
    """Return what a customer owes.

    Args:
        purchases: All of the customer's purchases and payments that count.

    Returns:
        The amount; below 0 where more was paid than is owed.
    """
    owed = Decimal(0)
    for purchase in purchases:
        if purchase.payment == ON_ACCOUNT:
            owed += purchase.total
        else:
            owed -= paid_on_account(purchase)
    return owed
