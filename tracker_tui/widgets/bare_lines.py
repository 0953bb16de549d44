"""The driver's part for lines that people mark with the terminal's own mouse: no mouse for the program, no blanks."""

from __future__ import annotations

import re
from typing import Any, Final

from textual.app import App, ScreenStackError
from textual.drivers.linux_driver import LinuxDriver

_FILLING: Final = re.compile(r" +(?=\x1b|\r?\n|\Z)")
_ERASE_REST: Final = "\x1b[K"


def leave_mouse(app: App[Any], *, is_left: bool) -> None:
    """Leave the mouse to the terminal, so that people can mark text with it, or take it back."""
    driver = app._driver  # noqa: SLF001 - no public name leads to it
    if isinstance(driver, BareLinesDriver):
        driver.leave_mouse(is_left=is_left)


class BareLinesDriver(LinuxDriver):
    """A driver that can leave the mouse to the terminal; on a screen with a true `IS_BARE` it fills up no line."""

    _is_mouse_left = False

    def write(self, data: str) -> None:
        """Write to the terminal."""
        super().write(_FILLING.sub(_ERASE_REST, data) if self._is_bare() else data)

    def _is_bare(self) -> bool:
        """Tell if the screen has lines that people mark: blanks behind a text would be marked with it."""
        try:
            return getattr(self._app.screen, "IS_BARE", False)
        except ScreenStackError:
            return False

    def leave_mouse(self, *, is_left: bool) -> None:
        """Leave the mouse to the terminal, or take it back."""
        if is_left != self._is_mouse_left:
            self._is_mouse_left = is_left
            if is_left:
                self._disable_mouse_support()
                self.flush()
            else:
                self._enable_mouse_support()

    def _enable_mouse_support(self) -> None:
        """Ask for the mouse, unless it is left to the terminal."""
        if not self._is_mouse_left:
            super()._enable_mouse_support()
