"""Entries as the rows of their logs, with values of JSON."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from tracker_tui.commands.output import Json
from tracker_tui.model import Change, Purchase
from tracker_tui.storage.codec import CHANGES, PURCHASES

_NUMBERS: Final = ("entry", "quantity", "quantity_change")
_MAYBE_NUMBERS: Final = ("reorder_level",)
_MONEY: Final = ("price", "cost", "discount", "total")
_SETS: Final = ("categories", "barcodes")


def purchase_rows(found: Iterable[Purchase]) -> list[dict[str, Json]]:
    """Return the lines of purchases by the columns of `purchases.txt`."""
    return [_typed(fields, PURCHASES.columns) for entry in found for fields in PURCHASES.encode(entry)]


def change_rows(found: Iterable[Change]) -> list[dict[str, Json]]:
    """Return the lines of changes by the columns of `changes.txt`."""
    return [_typed(fields, CHANGES.columns) for entry in found for fields in CHANGES.encode(entry)]


def _typed(fields: Mapping[str, str], columns: Sequence[str]) -> dict[str, Json]:
    return {column: _typed_value(column, fields.get(column, "")) for column in columns}


def _typed_value(column: str, text: str) -> Json:
    if column in _NUMBERS:
        return int(text)
    if column in _MAYBE_NUMBERS:
        return int(text or "0")
    if column in _SETS:
        return text.split("|") if text else []
    if column in _MONEY:
        return text or None
    return text
