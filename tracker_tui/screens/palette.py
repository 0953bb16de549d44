"""The command palette: everything that a key does, by name."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from textual.command import DiscoveryHit, Hit, Hits, Provider

from tracker_tui.screens.help_text import MOVES, is_ours
from tracker_tui.widgets.key_text import key_name
from tracker_tui.widgets.mode_bar import MODES


class ShopCommands(Provider):
    """The main screens, the actions that are in force on this one, and what belongs to the app."""

    def _commands(self) -> Iterator[tuple[str, str, str]]:
        for mode in MODES:
            yield (
                f"Go to {mode.label}",
                f"app.show_mode('{mode.name}')",
                f"The {mode.label} screen ({mode.key})",
            )
        seen: set[str] = set()
        for node, binding, enabled, tooltip in self.screen.active_bindings.values():
            name = tooltip or binding.description
            if not enabled or not name or binding.action in seen or binding.action.startswith(MOVES):
                continue
            seen.add(binding.action)
            if is_ours(node) and node is not self.app:
                yield name, binding.action, f"Key: {key_name(binding.key)}"

    async def discover(self) -> Hits:
        """Yield every command."""
        for name, action, help_text in self._commands():
            yield DiscoveryHit(name, partial(self._run, action), help=help_text)

    async def search(self, query: str) -> Hits:
        """Yield the commands whose name is like `query`."""
        matcher = self.matcher(query)
        for name, action, help_text in self._commands():
            if (score := matcher.match(name)) > 0:
                yield Hit(score, matcher.highlight(name), partial(self._run, action), help=help_text)

    async def _run(self, action: str) -> None:
        focused = self.screen.focused
        target = focused if focused is not None else self.screen
        for node, binding, _, _ in self.screen.active_bindings.values():
            if binding.action == action:
                target = node  # type: ignore[assignment]
                break
        await self.app.run_action(action, default_namespace=target)
