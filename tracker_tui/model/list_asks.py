"""What a screen asks about counts and deliveries that are not booked yet, and what it is answered."""

from __future__ import annotations

from decimal import Decimal
from typing import TypeAlias

from tracker_tui.model.drafts import Draft, Kind
from tracker_tui.model.records import Problem
from tracker_tui.tuples import NamedTuple


class LookAtAll(NamedTuple):
    """Which lists are there."""

    kind: Kind


class LookAt(NamedTuple):
    """One list as it is now, as others may be at work at it."""

    kind: Kind
    draft_id: str


class Begin(NamedTuple):
    """Make a list; see `service.begin_draft`."""

    kind: Kind
    name: str = ""
    note: str = ""
    category: str = ""
    search: str = ""


class Rename(NamedTuple):
    """Give a list another name and note."""

    kind: Kind
    draft_id: str
    name: str
    note: str


class Put(NamedTuple):
    """Say how many pieces of a product there are; see `service.put`."""

    kind: Kind
    draft_id: str
    product_id: str
    pieces: int
    more: bool = False
    cost: Decimal | None = None


class Drop(NamedTuple):
    """Throw a list away."""

    kind: Kind
    draft_id: str


ListAsk: TypeAlias = LookAtAll | LookAt | Begin | Rename | Put | Drop


class Listed(NamedTuple):
    """The answer.

    Attributes:
        drafts: The list that was asked about, as it is now; all of them where all were asked for.
        problems: What cannot be read of all of them.
    """

    drafts: tuple[Draft, ...]
    problems: tuple[Problem, ...] = ()
