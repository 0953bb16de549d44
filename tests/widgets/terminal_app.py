"""Small apps that `test_terminal_pty` runs in a terminal of its own: `python terminal_app.py KIND`."""

from __future__ import annotations

import fcntl
import os
import signal
import sys
import termios
import threading

from tracker_tui.environment import forget_environment

forget_environment()

from rich.segment import Segment  # noqa: E402 - Textual may be imported only now
from rich.text import Text  # noqa: E402 - Textual may be imported only now
from textual.app import App, ComposeResult  # noqa: E402
from textual.binding import Binding  # noqa: E402
from textual.content import Content  # noqa: E402
from textual.events import Paste  # noqa: E402
from textual.strip import Strip  # noqa: E402
from textual.widget import Widget  # noqa: E402
from textual.widgets import (  # noqa: E402
    Button,
    Checkbox,
    DataTable,
    Footer,
    Header,
    Input,
    Label,
    ListItem,
    ListView,
    Log,
    Markdown,
    OptionList,
    RichLog,
    Select,
    Static,
    TabbedContent,
    TabPane,
    TextArea,
    Tree,
)

from tracker_tui.widgets.terminal import SafeDriver, guard_signals, open_screen  # noqa: E402

HOSTILE = "={}=\x1b]0;SMUGGLED\x07\x1b]52;c;U01VRw==\x1b\\\x1b[5n\x1bcX\x00\x0e\x7f\x9b6n\u202e\u200b\u2066\ufeffEND"
"""A title, a clipboard, a question to the terminal, a reset, C0, DEL, C1, bidi, nothing wide."""


def hostile(kind: str) -> str:
    return HOSTILE.format(kind)


class MeasuringInput(Input):
    """Tells the length of what is pasted into it."""

    def on_paste(self, event: Paste) -> None:
        self.app.query_one("#state", Static).update(f"PASTED={len(event.text)}.")


class TypingApp(App[None]):
    """Echoes what is typed; `quit` ends it with status 7."""

    BINDINGS = [Binding("ctrl+q", "leave", priority=True), Binding("ctrl+t", "tell", priority=True)]
    GUARDED = True

    def __init__(self) -> None:
        super().__init__(driver_class=SafeDriver)

    def compose(self) -> ComposeResult:
        typed = MeasuringInput(max_length=60)
        typed.cursor_blink = False
        yield typed
        yield Static("READY", id="state", markup=False)

    def on_mount(self) -> None:
        if self.GUARDED:
            guard_signals(self, self.leave)

    def leave(self) -> None:
        self.exit(return_code=5)

    def action_leave(self) -> None:
        self.exit(return_code=7)

    def action_tell(self) -> None:
        names = sorted(thread.name for thread in threading.enumerate())
        self.query_one("#state", Static).update(f"THREADS={names.count('textual-input')}.")


class UnguardedApp(TypingApp):
    """Leaves the signals to the driver."""

    GUARDED = False


class StuckApp(TypingApp):
    """Never leaves when asked to."""

    def leave(self) -> None:
        """Stay."""


class CrashingApp(TypingApp):
    """Dies of a bug, whose message holds control characters."""

    def on_mount(self) -> None:
        raise RuntimeError(hostile("crash"))


class LeavingCrashApp(TypingApp):
    """Dies of a bug after it was asked to end with status 0."""

    def on_mount(self) -> None:
        self.exit()
        raise RuntimeError("a bug while leaving")


class FloodingApp(TypingApp):
    """Writes without end, as a terminal must be read to."""

    def on_mount(self) -> None:
        self._painted = 0
        self.set_interval(1 / 60, self._paint)

    def _paint(self) -> None:
        self._painted += 1
        self.query_one("#state", Static).update("\n".join(f"{self._painted:>9}" * 8 for _ in range(20)))


class SegmentsWidget(Widget):
    """Draws its own lines."""

    def render_line(self, y: int) -> Strip:
        return Strip([Segment(hostile("segment") if y == 0 else ""), Segment("|")])


class WidgetsApp(App[None]):
    """Shows hostile text in many kinds of widget."""

    BINDINGS = [Binding("ctrl+q", "quit", priority=True), Binding("f2", "bell", hostile("footer"))]

    def __init__(self) -> None:
        super().__init__(driver_class=SafeDriver)
        self.title = hostile("title")
        self.sub_title = hostile("subtitle")

    def compose(self) -> ComposeResult:
        yield Header()
        table: DataTable[str | Text] = DataTable()
        table.add_column(Text(hostile("header")))
        table.add_row(Text(hostile("cell-text")))
        table.add_row(hostile("cell-str").replace("[", "\\["))
        yield table
        yield Static(hostile("static"), markup=False)
        yield Static(Text(hostile("static-text")))
        yield Static(Content("") + hostile("added"))
        yield SegmentsWidget()
        yield Label(Content(hostile("label")))
        yield Input(hostile("value"))
        yield Input(placeholder=hostile("placeholder"))
        yield TextArea(hostile("area"))
        yield Button(Content(hostile("button")))
        yield Checkbox(Content(hostile("checkbox")))
        yield OptionList(Content(hostile("option")))
        yield ListView(ListItem(Label(hostile("item"), markup=False)))
        yield Select([(Content(hostile("select")), 1)], value=1)
        yield Tree(Text(hostile("tree")))
        yield Log()
        yield RichLog()
        yield Markdown(hostile("markdown"))
        with TabbedContent(), TabPane(Content(hostile("tab"))):
            yield Label("in the tab")
        yield Footer()

    def on_mount(self) -> None:
        guard_signals(self)
        framed = self.query_one(TextArea)
        framed.styles.border = ("round", "red")
        framed.border_title = Content(hostile("border")).markup
        framed.border_subtitle = Content(hostile("below")).markup
        self.query_one(Log).write_line(hostile("log"))
        self.query_one(RichLog).write(hostile("richlog"))
        self.notify(hostile("notice"), title=hostile("notice-title"), markup=False, timeout=600)
        for widget in self.query(
            "DataTable, SegmentsWidget, Static, Input, TextArea, Tree, Log, RichLog, OptionList, ListView"
        ):
            widget.styles.max_height = 5


APPS: dict[str, type[App[None]]] = {
    kind.__name__: kind
    for kind in (
        TypingApp,
        UnguardedApp,
        StuckApp,
        CrashingApp,
        LeavingCrashApp,
        FloodingApp,
        WidgetsApp,
    )
}


def twice() -> int:
    """Run an app two times in this process and tell what is different afterwards."""

    def state() -> tuple[object, ...]:
        handlers = [signal.getsignal(number) for number in sorted(signal.valid_signals())]
        return handlers, len(os.listdir("/proc/self/fd")), threading.active_count()

    before = state()
    for _ in range(2):
        open_screen(TypingApp())
    print("UNCHANGED" if state() == before else f"CHANGED: {before} -> {state()}")
    return 0


def take_terminal() -> None:
    """Make the terminal that this process writes to its own, as a login does."""
    fcntl.ioctl(2, termios.TIOCSCTTY, 0)
    if os.environ["TAKE_TERMINAL"] == "ignoring SIGHUP":
        signal.signal(signal.SIGHUP, signal.SIG_IGN)


if __name__ == "__main__":
    take_terminal()
    if sys.argv[1] == "twice":
        sys.exit(twice())
    sys.exit(open_screen(APPS[sys.argv[1]]()))
