"""Opening a shop beside the screen: its first rows stand there at once, the whole of it when it is read."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Final, TypeAlias

from tracker_tui.errors import TrackerError
from tracker_tui.model.state import Snapshot
from tracker_tui.storage.clerk import clerk_called
from tracker_tui.storage.plain import AnyPath
from tracker_tui.storage.preview import preview

if TYPE_CHECKING:
    from tracker_tui.service import InventoryService

OPEN_DEMO: Final = 100
"""Exit code of screens that were left for the made-up shop; no exit code of the program."""

Progress: TypeAlias = Callable[[int, int], None]
"""Told how many bytes of how many are read."""

_TENTHS: Final = 1000


class GivenUp(TrackerError):
    """The person left while the shop was being read."""


class Opening:
    """A shop that is open, or will be.

    Attributes:
        clerk: Who acts in it.
        first: What can be shown until it is.

    Args:
        open_shop: Opens it; told how to say how far that is.
        first: What can be shown until then.
        clerk: Who acts.
    """

    def __init__(
        self, open_shop: Callable[[Progress], InventoryService], first: Snapshot, clerk: str
    ) -> None:
        self.clerk = clerk
        self.first = first
        self._open_shop = open_shop
        self._service: InventoryService | None = None
        self._ready = threading.Event()
        self._failure: TrackerError | None = None
        self._unwanted = False

    @classmethod
    def of(cls, service: InventoryService) -> Opening:
        """Return a shop that is open already."""
        opening = cls(lambda _told: service, service.snapshot, service.clerk)
        opening.open(lambda _shop: None)
        return opening

    @classmethod
    def at(cls, directory: AnyPath, clerk: str | None, *, read_only: bool) -> Opening:
        """Return the shop in a folder, to be opened.

        Raises:
            Invalid: The clerk's name cannot be written into the files.
        """
        name = clerk_called(clerk)

        def open_shop(told: Progress) -> InventoryService:
            from tracker_tui.service import InventoryService  # noqa: PLC0415 - the first rows need not wait for it

            return InventoryService.open(directory, name, read_only=read_only, told=told)

        return cls(open_shop, preview(directory), name)

    def open(self, progress: Callable[[Snapshot], None]) -> InventoryService:
        """Open the shop, which may take a while.

        Args:
            progress: Told the first snapshot anew, saying how far it is.

        Raises:
            GivenUp: The person left meanwhile.
            TrackerError: It cannot be opened.
        """
        shown = 0

        def told(done: int, size: int) -> None:
            nonlocal shown
            if self._unwanted:
                raise GivenUp("the shop was still being read")
            tenths = done * _TENTHS // max(size, 1)
            if tenths > shown:
                shown = tenths
                text = f"counting the logs anew: {tenths / 10:.1f} %"
                progress(self.first.with_fields(revision=self.first.revision + tenths, loading=text))

        try:
            self._service = self._open_shop(told)
        except TrackerError as error:
            self._failure = error
            raise
        finally:
            self._ready.set()
        return self._service

    @property
    def service(self) -> InventoryService:
        """The shop, waited for where it is not open yet.

        Raises:
            TrackerError: It could not be opened.
        """
        self._ready.wait()
        if self._service is None:
            raise self._failure or GivenUp("the shop was not opened")
        return self._service

    def give_up(self) -> None:
        """Let the opening end as soon as it can, where it is still under way."""
        self._unwanted = True

    def close(self) -> None:
        """Leave the shop with `inventory.txt` up to date; see `InventoryService.close`."""
        self.give_up()
        if self._service is not None:
            self._service.close()
