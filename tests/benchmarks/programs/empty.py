"""The floor: a Textual app of nothing, which Ctrl+Q ends."""

from __future__ import annotations

from textual.app import App

if __name__ == "__main__":
    App[None]().run()
