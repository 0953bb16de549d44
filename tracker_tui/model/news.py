"""What others did a moment ago: which products, who, and in a few words."""

from __future__ import annotations

from collections.abc import Mapping

from tracker_tui.model.records import Action, Purchase
from tracker_tui.model.state import Snapshot

_DID = {
    Action.ADD: "added it",
    Action.EDIT: "edited it",
    Action.REMOVE: "removed it",
    Action.RECEIVE: "received {:+}",
    Action.COUNT: "counted, {:+}",
    Action.ADJUST: "adjusted, {:+}",
    Action.IMPORT: "imported it",
    Action.UNDO: "undid a change",
    Action.HAND_EDIT: "edited it in the file",
    Action.CLOSE: "closed the day",
}


def news(shop: Snapshot, after: int, clerk: str) -> Mapping[str, str]:
    """Return what other clerks did to products since an entry.

    Args:
        shop: The shop.
        after: Number of the last entry that is no news.
        clerk: Who is told; what they did themselves is no news.

    Returns:
        In a few words who did what last and when, by product id.
    """
    told: dict[str, str] = {}
    for entry in shop.ledger.since(after):
        if entry.clerk == clerk:
            continue
        at = f" at {entry.time:%H:%M}"
        if isinstance(entry, Purchase):
            for line in entry.lines:
                did = f"sold {line.quantity}" if line.quantity > 0 else f"took back {-line.quantity}"
                told[line.product_id] = f"{entry.clerk} {did}{at}"
        else:
            for change in (line for line in entry.lines if line.product_id):
                did = _DID[entry.action].format(change.quantity_change)
                told[change.product_id] = f"{entry.clerk} {did}{at}"
    return told
