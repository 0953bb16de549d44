"""A dialog that shows a receipt, and hands it out: copied, printed, or saved into a file."""

from __future__ import annotations

from decimal import Decimal
from typing import ClassVar, Final

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.getters import query_one
from textual.screen import ModalScreen
from textual.widgets import Static

from tracker_tui.messages import ReceiptGiven, ReceiptWanted
from tracker_tui.model.receipt import receipt_text
from tracker_tui.model.records import RECEIPT_WIDTHS, Purchase
from tracker_tui.model.state import Snapshot
from tracker_tui.widgets.form_field import FormField
from tracker_tui.widgets.mouse_button import MouseButton
from tracker_tui.widgets.shown import content, content_lines

_AROUND: Final = 10
"""Lines of the screen that the receipt leaves to the rest of the dialog."""

_FOR_OWNERS: Final = "Not for this login: clerks print and copy; files are the owner's"


class ReceiptDialog(ModalScreen[bool]):
    """Shows the receipt of a purchase; closes with whether it was handed out.

    Args:
        purchase: The sale, return or payment.
        shop: The shop.
        copy: Whether the receipt was handed out before.
        given: What the customer handed over, where it is known.
        clerk_mode: Whether no file may be written.
        news: What has just happened, said under the receipt.
    """

    AUTO_FOCUS = ""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("p", "print", "Print", id="receipt.print", tooltip="Print the receipt"),
        Binding("y", "copy", "Copy", id="receipt.copy", tooltip="Copy the receipt"),
        Binding("C", "app.show_copied", "Show what was copied", id="receipt.copied", show=False),
        Binding("s", "save", "Save", id="receipt.save", tooltip="Save the receipt into a file"),
        Binding("w", "widen", "Width", id="receipt.width", tooltip="Other width: 32, 42 or 48 columns"),
        Binding("ctrl+s", "write", "Write the file", id="receipt.write", show=False),
        Binding("down,j", "move(1)", "Down", show=False),
        Binding("up,k", "move(-1)", "Up", show=False),
        Binding("pagedown,space", "move(10)", "Page down", show=False),
        Binding("pageup", "move(-10)", "Page up", show=False),
        Binding("escape,q", "close", "Close", id="receipt.close"),
    ]
    HELP = """\
# Receipt

`p` prints it, on the printer that `tracker.toml` names under `[receipt]`. `y` copies it, `s` saves it into a new file
(Ctrl+S writes it), `w` changes the width. Once it was handed out, every further one says COPY; so does each receipt
of an earlier sale.
"""

    file = query_one(FormField)

    def __init__(
        self,
        purchase: Purchase,
        shop: Snapshot,
        *,
        copy: bool = True,
        given: Decimal | None = None,
        clerk_mode: bool = False,
        news: str = "",
    ) -> None:
        super().__init__()
        self._purchase = purchase
        self._shop = shop
        self._copy = copy
        self._given = given
        self._clerk_mode = clerk_mode
        self._width = shop.settings.receipt.width
        self._news = news
        self._handed_out = False
        self._waiting = False

    def compose(self) -> ComposeResult:
        """Lay out the receipt, the file's name and the buttons."""
        with Vertical(classes="dialog", id="receipt"):
            yield Static(content(f"Receipt of entry {self._purchase.entry}"), classes="dialog-title")
            with VerticalScroll(classes="dialog-text", can_focus=False):
                yield Static("", id="receipt-paper", markup=False)
            yield FormField("file", "Save as", f"~/receipt-{self._purchase.sale}.txt", longest=1_000)
            yield Static("", id="form-message", markup=False)
            with Horizontal(classes="dialog-buttons"):
                yield MouseButton("Print  p", "screen.print", classes="-primary")
                yield MouseButton("Copy  y", "screen.copy")
                yield MouseButton("Save  s", "screen.save")
                yield MouseButton("Width  w", "screen.widen")
                yield MouseButton("Close  Esc", "screen.close")

    def on_mount(self) -> None:
        """Show the receipt."""
        self.file.display = False
        self._fit(self.app.size.height)
        self._show()
        self._say(self._news)

    def on_resize(self, event: events.Resize) -> None:
        """Leave the lines under the receipt in sight."""
        self._fit(event.size.height)

    def _fit(self, height: int) -> None:
        self.query_one(VerticalScroll).styles.max_height = max(3, height - _AROUND)

    @property
    def text(self) -> str:
        """The receipt as it would be handed out now."""
        return receipt_text(
            self._purchase,
            self._shop.settings,
            width=self._width,
            copy=self._copy or self._handed_out,
            undone=self._purchase.entry in self._shop.undone,
            given=self._given,
        )

    def _show(self) -> None:
        paper = self.query_one("#receipt-paper", Static)
        paper.styles.width = self._width + 2
        paper.update(content_lines(self.text.removesuffix("\n")))

    def _say(self, text: str, *, error: bool = False) -> None:
        message = self.query_one("#form-message", Static)
        message.set_class(error, "-error")
        message.update(content(f"! {text}" if error else text))

    # Handing it out

    def action_print(self) -> None:
        """Send it to the printer."""
        self._hand_out("", "Printing…")

    def action_copy(self) -> None:
        """Put it on the clipboard of the clerk's terminal."""
        self.app.copy_to_clipboard(self.text)
        self._done("Copied")

    def action_save(self) -> None:
        """Ask for the name of a file."""
        if reason := self._why_no_file():
            self._say(reason, error=True)
            return
        self.file.display = True
        self._say("Ctrl+S writes the file, Esc does not")
        self.set_focus(self.file.input)

    def _why_no_file(self) -> str:
        """Tell why no file may be written; empty where one may."""
        if self._clerk_mode:
            return _FOR_OWNERS
        return f"No file can be written: {self._shop.read_only}" if self._shop.read_only else ""

    def action_write(self) -> None:
        """Write it into the file that was named."""
        if not self.file.display:
            self.action_save()
        elif self.file.value.strip():
            self._hand_out(self.file.value.strip(), "Saving…")
        else:
            self.file.complain("type the name of a file")

    def _hand_out(self, path: str, text: str) -> None:
        if self._waiting:
            return
        self._waiting = True
        self._say(text)
        self.post_message(ReceiptWanted(self.text, self._purchase, self, path))

    @on(ReceiptGiven)
    def _end(self, event: ReceiptGiven) -> None:
        self._waiting = False
        if event.failed:
            self._say(event.text, error=True)
        else:
            self.file.display = False
            self._done(event.text)

    def _done(self, text: str) -> None:
        self._say(f"{text}. What is handed out from now on says COPY.")
        self._handed_out = True
        self._show()

    # The dialog

    def action_widen(self) -> None:
        """Show it in the next of the widths."""
        self._width = RECEIPT_WIDTHS[(RECEIPT_WIDTHS.index(self._width) + 1) % len(RECEIPT_WIDTHS)]
        self._show()
        self._say(f"{self._width} columns")

    def action_move(self, lines: int) -> None:
        """Scroll by lines."""
        self.query_one(VerticalScroll).scroll_relative(y=lines, animate=False)

    def action_close(self) -> None:
        """Leave the file's name, or close the dialog; what is being printed goes on."""
        if self.file.display:
            self.file.display = False
            self.set_focus(None)
            self._say("")
        else:
            self.dismiss(self._handed_out)
