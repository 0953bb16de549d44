"""Counting the logs anew beside a session at work, so that those who come later need not read what it booked."""

from __future__ import annotations

from tracker_tui.typed import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from tracker_tui.storage.recount import Counter

MOST_BEHIND: Final = 1 << 19
"""So many bytes of the logs may follow what was counted."""


class CountingBeside:
    """At most one process at a time that counts; it ends with the session at the latest.

    Args:
        path: The shop's folder.
    """

    def __init__(self, path: str) -> None:
        self._path = path
        self._counter: Counter | None = None
        self._began_at = 0

    def look(self, counted: int, read: int, decimals: int) -> None:
        """Begin to count where it is time.

        Args:
            counted: Bytes of both logs that the session's own history has.
            read: Bytes of them that the session has read.
            decimals: The shop's decimals.
        """
        if self._counter is not None:
            if not self._counter.ended():
                return
            self.end()
        if read - max(counted, self._began_at) > MOST_BEHIND:
            # Most sessions never come to this.
            from tracker_tui.storage.recount import IF_NOBODY_DOES, Counter  # noqa: PLC0415

            self._began_at = read
            self._counter = Counter(self._path, decimals, MOST_BEHIND, IF_NOBODY_DOES)

    def end(self) -> None:
        """Let the counting end where it is at work; nobody waits for that."""
        if self._counter is not None:
            self._counter.leave()
            self._counter = None
