"""Values and rules of the shop: no files, no screens."""

from __future__ import annotations

from tracker_tui.model.queries import Report
from tracker_tui.model.records import (
    Action,
    Change,
    ChangeLine,
    Customer,
    Entry,
    Problem,
    Product,
    Purchase,
    SaleItem,
    SaleLine,
    Settings,
)
from tracker_tui.model.state import Snapshot

__all__ = [
    "Action",
    "Change",
    "ChangeLine",
    "Customer",
    "Entry",
    "Problem",
    "Product",
    "Purchase",
    "Report",
    "SaleItem",
    "SaleLine",
    "Settings",
    "Snapshot",
]
