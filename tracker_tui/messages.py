"""What crosses widgets and screens.

Up: a screen asks (`ActRequested`, `BasketChanged`, ...). Down: the app answers the asker with `ActDone` or
`ActFailed`, and every screen sees the new snapshot, which is bound to the app's.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.message import Message

if TYPE_CHECKING:
    import threading
    from datetime import date

    from textual.message_pump import MessagePump

    from tracker_tui.errors import TrackerError
    from tracker_tui.model.acts import Act, Outcome
    from tracker_tui.model.basket import Basket
    from tracker_tui.model.errands import Errand, TablePlan, TableRead
    from tracker_tui.model.exports import Listing
    from tracker_tui.model.list_asks import ListAsk, Listed
    from tracker_tui.model.records import Purchase
    from tracker_tui.model.sale_columns import SaleColumns
    from tracker_tui.model.state import Snapshot


@dataclass
class ActRequested(Message):
    """Somebody wants the shop changed; the app has it done and answers `reply_to`.

    Attributes:
        act: What shall be done.
        reply_to: The screen or widget that gets `ActDone` or `ActFailed`.
    """

    act: Act
    reply_to: MessagePump


@dataclass
class ActDone(Message, bubble=False):
    """An act is on disk; only for the one that asked."""

    outcome: Outcome


@dataclass
class ActFailed(Message, bubble=False):
    """An act was refused, nothing was changed; only for the one that asked."""

    act: Act
    error: TrackerError


@dataclass
class ListAsked(Message):
    """Somebody asks about a count or a delivery; the app has it looked up and answers `reply_to`.

    Attributes:
        ask: What is asked.
        reply_to: The screen or widget that gets `ListAnswered`.
    """

    ask: ListAsk
    reply_to: MessagePump


@dataclass
class ListAnswered(Message, bubble=False):
    """What was asked about a count or a delivery, only for the one that asked.

    Attributes:
        ask: What was asked.
        listed: The answer; None where it was refused.
        error: Why it was.
    """

    ask: ListAsk
    listed: Listed | None
    error: TrackerError | None = None


@dataclass
class SnapshotChanged(Message):
    """The shop changed, by this session or another."""

    snapshot: Snapshot

    def can_replace(self, message: Message) -> bool:
        """Let only the newest of several waiting snapshots be shown."""
        return isinstance(message, SnapshotChanged)


@dataclass
class ShowProduct(Message):
    """Somebody chose a product: go to it on the Products screen."""

    product_id: str


@dataclass
class AddToBasket(Message):
    """Somebody wants pieces of a product in the basket; the screen shown stays."""

    product_id: str
    quantity: int = 1


@dataclass
class ShowCustomer(Message):
    """Somebody chose a customer: go to them on the Customers screen."""

    customer_id: str


@dataclass
class ShowEntry(Message):
    """Somebody chose an entry: go to it on the History screen."""

    entry: int


@dataclass
class ModeRequested(Message):
    """Somebody wants another of the main screens."""

    mode: str


@dataclass
class BasketChanged(Message):
    """The basket is another one now; the app keeps it, so that every screen sees the same."""

    basket: Basket


@dataclass
class BasketParked(Message):
    """Somebody parks the open basket and begins another.

    Attributes:
        name: What it shall be called; empty = as it is called of itself.
    """

    name: str = ""


@dataclass
class BasketResumed(Message):
    """Somebody goes on with a kept basket; what is open is parked."""

    sale: str


@dataclass
class BasketDiscarded(Message):
    """Somebody throws a kept basket away; they were asked."""

    sale: str


@dataclass
class KeptWanted(Message):
    """Somebody wants to see the kept baskets as they are just now."""


@dataclass
class CodeForgotten(Message):
    """Somebody wants a code that no product has off the list of those."""

    code: str


@dataclass
class ReceiptWanted(Message):
    """Somebody wants a receipt printed, or saved into a file; the app answers with `ReceiptGiven`.

    Attributes:
        text: The receipt.
        purchase: What it is of.
        reply_to: The dialog that asked.
        path: Into which file; empty = to the shop's printer.
    """

    text: str
    purchase: Purchase
    reply_to: MessagePump
    path: str = ""


@dataclass
class ReceiptGiven(Message, bubble=False):
    """What came of a receipt.

    Attributes:
        text: What happened, for a person.
        failed: Whether it was not given out.
    """

    text: str
    failed: bool = False


@dataclass
class MovementsWanted(Message):
    """Somebody wants to see what became of a product."""

    product_id: str


@dataclass
class PastStockWanted(Message):
    """Somebody wants to see all products as they were on a day.

    Attributes:
        day: As it was typed; empty = it is asked for.
    """

    day: str = ""


@dataclass
class PaperWanted(Message):
    """Somebody wants a report on the shop's printer; the app answers with `PaperGiven`.

    Attributes:
        text: The report.
        reply_to: The dialog that asked.
    """

    text: str
    reply_to: MessagePump


@dataclass
class PaperGiven(Message, bubble=False):
    """What came of a report, for a person.

    Attributes:
        text: What happened.
        failed: Whether it was not printed.
    """

    text: str
    failed: bool = False


@dataclass
class UndoRequested(Message):
    """Somebody wants an entry taken back.

    Attributes:
        entry: Which; None = the last one of this session that is not undone.
        reply_to: The screen or widget that gets `ActDone` or `ActFailed`; None = the app tells how it went.
    """

    entry: int | None = None
    reply_to: MessagePump | None = None


@dataclass
class ExportWanted(Message):
    """Somebody wants a table in a file; the app asks for the file's name."""

    listing: Listing


@dataclass
class ErrandRequested(Message):
    """Somebody wants something done with other files; the app tells how it goes, then how it went.

    Attributes:
        errand: What.
        reply_to: The dialog that gets `ErrandTold` and `ErrandEnded`.
        unwanted: Set where nobody wants it any more.
    """

    errand: Errand
    reply_to: MessagePump
    unwanted: threading.Event


@dataclass
class ErrandTold(Message, bubble=False):
    """So many of so many rows are done."""

    done: int
    rows: int

    def can_replace(self, message: Message) -> bool:
        """Let only the newest of several count."""
        return isinstance(message, ErrandTold)


@dataclass
class ErrandEnded(Message, bubble=False):
    """What came of work with files.

    Attributes:
        text: What was done, for a person; empty where it was not.
        error: Why it was not; `GivenUp` where nobody wanted it any more.
        result: What was found out, where that was wanted.
    """

    text: str
    error: TrackerError | None = None
    result: TableRead | TablePlan | None = None


@dataclass
class LinesWanted(Message):
    """A screen wants the sales of some days as columns; the app answers `reply_to`.

    Attributes:
        since: First day, None = from the beginning.
        until: Last day, None = to the end.
        reply_to: The screen that gets `LinesTold` and `LinesRead`.
        unwanted: Set where nobody wants them any more.
    """

    since: date | None
    until: date | None
    reply_to: MessagePump
    unwanted: threading.Event


@dataclass
class LinesTold(Message, bubble=False):
    """So many bytes of so many are counted, where that must be done first."""

    wanted: LinesWanted
    done: int
    size: int

    def can_replace(self, message: Message) -> bool:
        """Let only the newest of several count."""
        return isinstance(message, LinesTold)


@dataclass
class LinesRead(Message, bubble=False):
    """The sales that were wanted, as they are now.

    Attributes:
        wanted: What was asked for.
        columns: The sales; None where they could not be read.
        entry: Up to which entry.
        error: Why they could not be read.
    """

    wanted: LinesWanted
    columns: SaleColumns | None
    entry: int = 0
    error: TrackerError | None = None
