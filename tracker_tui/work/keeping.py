"""Keeping the open basket on disk shortly after each change, and seeing what others keep: one thread a session."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Final, Protocol

from tracker_tui.errors import StorageError, TrackerError
from tracker_tui.model.kept import Kept, KeptBasket
from tracker_tui.model.records import Purchase

LOOK_EVERY_S: Final = 0.5
TRY_AGAIN_S: Final = 2.0
"""How long a basket that could not be written waits; a change of it is tried at once."""


class Files(Protocol):
    """The files of the baskets, as the storage has them."""

    def signature(self) -> object:
        """Return what differs whenever a basket came, went or changed."""

    def read(self) -> Kept:
        """Read all baskets."""

    def keep(self, kept: KeptBasket) -> None:
        """Write a basket."""

    def drop(self, sale: str) -> None:
        """Take a basket away."""

    def close(self) -> None:
        """Let go of what this session has open."""


class Keeper:
    """Writes and reads the baskets in a thread of its own; every method but `run` returns at once.

    Of several changes of one basket that wait, only the last is written.

    Args:
        seen: Told all baskets, first and whenever one came, went or changed.
        trouble: Told why baskets cannot be kept now, and "" when they can be again; each once.
    """

    def __init__(
        self,
        seen: Callable[[Kept], None],
        trouble: Callable[[str], None],
    ) -> None:
        self._seen = seen
        self._trouble = trouble
        self._changed = threading.Condition()
        self._wanted: dict[str, KeptBasket | None] = {}
        self._fresh = False
        self._look = True
        self._ends = False
        self._told = ""
        self._signature: object = None

    def keep(self, kept: KeptBasket) -> None:
        """Have a basket written."""
        self._want(kept.basket.sale, kept)

    def drop(self, sale: str) -> None:
        """Have a basket taken away."""
        self._want(sale, None)

    def look(self) -> None:
        """Have all baskets read again: whether somebody has one open is seen only then."""
        with self._changed:
            self._look = True
            self._changed.notify()

    def end(self) -> None:
        """Let `run` return once all that waits is written."""
        with self._changed:
            self._ends = True
            self._changed.notify()

    def _want(self, sale: str, kept: KeptBasket | None) -> None:
        with self._changed:
            self._wanted[sale] = kept
            self._fresh = True
            self._changed.notify()

    def run(self, files: Files, booked: Callable[[str], Purchase | None]) -> None:
        """Write and read until `end`.

        Args:
            files: The baskets on disk.
            booked: Returns the purchase of a sale id, None where there is none.
        """
        pause_s = 0.0
        while True:
            wanted, ends = self._wait(pause_s)
            reason = self._write(files, wanted) or self._read(files, booked)
            pause_s = TRY_AGAIN_S if reason else LOOK_EVERY_S
            if reason != self._told:
                self._told = reason
                self._trouble(reason)
            if ends:
                files.close()
                return

    def _wait(self, pause_s: float) -> tuple[dict[str, KeptBasket | None], bool]:
        """Return what is to be written, as soon as there is something or the pause is over."""
        with self._changed:
            if not (self._fresh or self._look or self._ends):
                self._changed.wait(pause_s)
            wanted, self._wanted, self._fresh = self._wanted, {}, False
            return wanted, self._ends

    def _write(self, files: Files, wanted: dict[str, KeptBasket | None]) -> str:
        """Write what is wanted; return why something could not be, which is then wanted again."""
        reason = ""
        for sale, kept in wanted.items():
            try:
                if kept is None:
                    files.drop(sale)
                else:
                    files.keep(kept)
            except StorageError as error:
                reason = f"a basket is not kept: {error}"
                with self._changed:
                    self._wanted.setdefault(sale, kept)
        return reason

    def _read(self, files: Files, booked: Callable[[str], Purchase | None]) -> str:
        """Read all baskets if they changed; return why they could not be read."""
        with self._changed:
            look, self._look = self._look, False
        try:
            signature = files.signature()
            if not look and signature == self._signature:
                return ""
            kept = files.read()
            sold = [booked(basket.basket.sale) for basket in kept.baskets]
        except TrackerError as error:
            return f"the baskets cannot be read: {error}"
        self._signature = signature
        baskets = zip(kept.baskets, sold, strict=True)
        told = tuple(basket._replace(entry=sale and sale.entry) for basket, sale in baskets)
        self._seen(kept._replace(baskets=told))
        return ""
