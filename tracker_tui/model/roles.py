"""What a clerk may do: whatever is not named here is the owner's, also what is added later."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from tracker_tui.model.acts import Act, AddCustomer, CloseDay, EditCustomer, GiveBack, PayAccount, Sell, Undo

CLERKS_DO: Final = (Sell, GiveBack, PayAccount, AddCustomer, EditCustomer, CloseDay, Undo)
"""Kinds of acts that are a clerk's own work."""


def not_for_clerks(act: Act, own_entries: Collection[int]) -> str:
    """Tell why a clerk may not do an act.

    Args:
        act: What is asked for, by whatever screen.
        own_entries: Numbers of the entries of this session.

    Returns:
        The reason, for a person; empty where the act may be done.
    """
    if isinstance(act, Undo) and act.entry not in own_entries:
        return "clerks undo what they did in this session"
    if isinstance(act, Sell) and act.below_zero is not None:
        return "only the owner sells more than there is"
    if not isinstance(act, CLERKS_DO):
        return "clerks sell, take back and look; products are the owner's"
    return ""
