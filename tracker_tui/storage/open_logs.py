"""The logs that stay open from one act to the next.

To open a log, to look whether it is what it must be and to close it again would cost a sale more than its line does.
What is kept is used only where a fresh look by the log's name finds the very file that was opened; as long as it is
open no other one can be given its inode.
"""

from __future__ import annotations

import os

from tracker_tui.storage.plain import close_quietly
from tracker_tui.typed import TypeAlias

_Identity: TypeAlias = tuple[int, int, int, int, int, int]


class OpenLogs:
    """Logs that are open for appending, by name."""

    __slots__ = ("_logs",)

    def __init__(self) -> None:
        self._logs: dict[str, tuple[int, _Identity]] = {}

    def take(self, name: str, info: os.stat_result) -> int | None:
        """Hand out the descriptor of a log; who takes it gives it to `keep` again, or closes it.

        Args:
            name: The log.
            info: Its state, as just looked up by its name.

        Returns:
            None where it is not open, or where the name stands for another file by now, or for one whose
            owner, permissions or number of names are others than when it was opened.
        """
        if name not in self._logs:
            return None
        fd, identity = self._logs.pop(name)
        if identity == _identity(info):
            return fd
        close_quietly(fd)
        return None

    def keep(self, name: str, fd: int, info: os.stat_result) -> None:
        """Keep the descriptor of a log.

        Args:
            name: The log.
            fd: Its descriptor.
            info: Its state when it was found to be a plain file.
        """
        self._logs[name] = (fd, _identity(info))

    def close(self) -> None:
        """Close all of them."""
        for fd, _ in self._logs.values():
            close_quietly(fd)
        self._logs = {}

    def __del__(self) -> None:
        self.close()


def _identity(info: os.stat_result) -> _Identity:
    return (info.st_ino, info.st_dev, info.st_mode, info.st_nlink, info.st_uid, info.st_gid)
