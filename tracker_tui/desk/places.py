"""The main screens, the dialogs that open from anywhere, and the ways between them.

Each is loaded when it is first opened: all of them would be half of what the start loads besides Textual.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from importlib import import_module
from typing import ClassVar, Final

from textual import on
from textual.app import App, SystemCommand
from textual.binding import Binding, BindingType
from textual.command import Provider
from textual.screen import Screen

from tracker_tui.messages import ModeRequested, ShowCustomer, ShowEntry, ShowProduct
from tracker_tui.screens.scan_router import ScanRouter
from tracker_tui.screens.shop_screen import ShopScreen
from tracker_tui.widgets.key_text import short_key_name
from tracker_tui.widgets.mode_bar import MODES as MAIN_MODES
from tracker_tui.widgets.record_table import RecordTable

_COLOURS: Final = {"Dark colours": "textual-dark", "Light colours": "textual-light"}


def _main_screen(name: str) -> ShopScreen:
    """Make one of the main screens."""
    module = import_module(f"tracker_tui.screens.{name}")
    screen: ShopScreen = getattr(module, f"{name.capitalize()}Screen")()
    return screen


def _commands() -> type[Provider]:
    """Return what the palette offers of the shop."""
    from tracker_tui.screens.palette import ShopCommands

    return ShopCommands


class PlacesApp(ScanRouter):
    """An app that knows its screens and goes from one to the other."""

    COMMANDS = App.COMMANDS | {_commands}
    MODES = {mode.name: partial(_main_screen, mode.name) for mode in MAIN_MODES}
    DEFAULT_MODE = "products"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f1", "help", "Help", id="app.help", show=True, priority=True),
        *(
            Binding(
                mode.key.lower(), f"show_mode('{mode.name}')", mode.label, id=f"app.{mode.name}", show=False
            )
            for mode in MAIN_MODES
        ),
        Binding("question_mark", "help", "Help", show=False),
        Binding("ctrl+p", "command_palette", "Commands", id="app.commands", show=False, priority=True),
        Binding("colon", "command_palette", "Commands", show=False),
        Binding("g", "go", "Go to (then p f s c r h)", id="app.go", show=False),
        Binding("C", "show_copied", "What was copied", id="app.copied", show=False),
        Binding("f9", "pay", "Pay", id="app.pay", show=False),
    ]

    _made_ahead: frozenset[str] = frozenset()
    """The screens that were made before anybody went to them."""

    def get_key_display(self, binding: Binding) -> str:
        """Return a key as the line of keys calls it: `F1`, `Esc`, `^G`."""
        return binding.key_display or short_key_name(binding.key)

    def colour_commands(self) -> Iterator[SystemCommand]:
        """Yield the commands that choose the colours, each kept for the clerk's next start."""
        for name, theme in _COLOURS.items():
            yield SystemCommand(name, "Kept for your next start", partial(setattr, self, "theme", theme))
        yield SystemCommand("Other colours", "Choose from a list; kept as well", self.action_change_theme)

    def make_ahead(self, mode: str) -> None:
        """Make one of the main screens before anybody goes to it, where it is not there yet."""
        if mode in self._screen_stacks or mode in self._made_ahead:
            return
        self._made_ahead |= {mode}
        screen = _main_screen(mode)
        self._register(self, screen)
        self.remove_mode(mode)
        self.add_mode(mode, lambda: screen)

    async def action_show_mode(self, mode: str) -> None:
        """Show one of the main screens."""
        await self._show_mode(mode)

    async def _show_mode(self, mode: str) -> Screen[object]:
        self._close_readings()
        if self.current_mode != mode and len(self.screen_stack) == 1:
            with ExitStack() as held:
                held.enter_context(self.batch_update())
                await self.switch_mode(mode)
                # Behind what shows the screen: its first frame has all that is there at once.
                release = held.pop_all().close
                if not self.screen.call_later(self._let_frames_go, release):
                    release()
        return self.screen

    def delay_update(self, delay: float = 0.05) -> None:
        """Hold nothing back for a fixed time, as Textual does where it goes to another mode: see `_show_mode`."""

    def _let_frames_go(self, release: Callable[[], None]) -> None:
        release()
        self.screen.refresh()

    def _close_readings(self) -> None:
        """Close a help text that lies over the screen; a form that is being filled in stays."""
        from tracker_tui.screens.text_dialog import TextDialog

        if isinstance(self.screen, TextDialog):
            self.screen.dismiss(None)

    @on(ModeRequested)
    async def _go_to_mode(self, event: ModeRequested) -> None:
        if event.mode in self.MODES:
            await self._show_mode(event.mode)

    @on(ShowProduct)
    async def _go_to_product(self, event: ShowProduct) -> None:
        from tracker_tui.screens.products import ProductsScreen

        screen = await self._show_mode("products")
        if isinstance(screen, ProductsScreen):
            screen.go_to(event.product_id)

    @on(ShowCustomer)
    async def _go_to_customer(self, event: ShowCustomer) -> None:
        from tracker_tui.screens.customers import CustomersScreen

        screen = await self._show_mode("customers")
        if isinstance(screen, CustomersScreen):
            screen.go_to(event.customer_id)

    @on(ShowEntry)
    async def _go_to_entry(self, event: ShowEntry) -> None:
        from tracker_tui.screens.history import HistoryScreen

        screen = await self._show_mode("history")
        if isinstance(screen, HistoryScreen):
            screen.go_to(event.entry)

    async def action_pay(self) -> None:
        """Go to the basket; on Sell itself F9 pays."""
        await self._show_mode("sell")

    def action_go(self) -> None:
        """Wait for the letter of a screen; a second `g` goes to the first row, as in vi."""
        from tracker_tui.screens.go_dialog import GoDialog

        focused = self.screen.focused

        async def go(chosen: str | None) -> None:
            if chosen == "top" and isinstance(focused, RecordTable):
                focused.action_top()
            elif chosen in self.MODES:
                await self._show_mode(chosen)

        self.push_screen(GoDialog(), go)

    def action_help(self) -> None:
        """Show the help of what is on the screen."""
        from tracker_tui.screens.text_dialog import TextDialog, help_dialog

        if isinstance(self.screen, TextDialog):
            self.screen.dismiss(None)
        else:
            self.push_screen(help_dialog(self.screen))

    def action_show_files(self) -> None:
        """Show what the shop's files hold, and which of them people may edit."""
        from tracker_tui.screens.help_text import files_body
        from tracker_tui.screens.text_dialog import FILES_TITLE, TextDialog
        from tracker_tui.work.file_formats import file_help

        self._close_readings()
        self.push_screen(TextDialog(FILES_TITLE, files_body(*file_help())))

    def action_show_copied(self) -> None:
        """Show what was copied last, to be marked with the mouse where the terminal took no copy."""
        from tracker_tui.screens.copied import Copied

        if not isinstance(self.screen, Copied):
            self.push_screen(Copied(self.clipboard))
