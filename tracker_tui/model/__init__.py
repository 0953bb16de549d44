"""Values and rules of the shop: no files, no screens.

The names below are loaded with the modules they live in when they are first asked for, as a start needs few of them.
"""

from __future__ import annotations

from importlib import import_module

from tracker_tui.typed import TYPE_CHECKING, Final

if TYPE_CHECKING:
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

_HOMES: Final = {"Report": "queries", "Snapshot": "state"}
"""Where a name lives that is not one of the records."""


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES.get(name, 'records')}"), name)
