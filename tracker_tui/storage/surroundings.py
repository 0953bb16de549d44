"""What lies around the shop's files: the file system that the folder is on, and editors that have a file open."""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Sequence

from tracker_tui.model.records import Problem
from tracker_tui.storage.plain import AnyPath
from tracker_tui.typed import Final

MOUNTS: Final = "/proc/self/mountinfo"
NETWORK: Final = frozenset(("nfs", "nfs4", "cifs", "smb3", "smbfs", "fuse.sshfs", "9p"))
_EDITORS: Final = (".{}.swp", ".~lock.{}#", ".#{}")


def network_warning(folder: AnyPath, mounts: AnyPath | None = None) -> str:
    """Warn, in one sentence, of a folder on a network file system; empty where it is on none.

    Args:
        folder: The shop's folder.
        mounts: What is mounted where, in the form of Linux's `mountinfo`; None = what the system says.
    """
    try:
        with open(mounts or MOUNTS, encoding="utf-8", errors="surrogateescape") as told:
            lines = told.readlines()
    except OSError:
        return ""
    place = os.path.join(os.path.realpath(folder), "")
    best, kind = "", ""
    for line in lines:
        before, mark, after = line.partition(" - ")
        fields = before.split(" ")
        if not mark or len(fields) < 5 or not after:
            continue
        point = os.path.join(_unescaped(fields[4]), "")
        if place.startswith(point) and len(point) >= len(best):
            best, kind = point, after.split(" ")[0]
    if kind not in NETWORK:
        return ""
    return (
        f"{folder} is on a network file system ({kind}), where locks and appends may fail unseen;"
        " keep the shop on the server's own disk and let the clerks come to it by ssh"
    )


def _unescaped(text: str) -> str:
    """Return a path as it is: Linux writes a space in it as a backslash and `040`, and so on."""
    return re.sub(r"\\([0-7]{3})", lambda code: chr(int(code[1], 8)), text) if "\\" in text else text


def open_elsewhere(fd: int, files: Sequence[str]) -> list[Problem]:
    """Return a notice for each file that an editor seems to have open, by the lock that it laid beside it.

    Args:
        fd: The shop's folder.
        files: Names of the files.
    """
    found: list[Problem] = []
    for name in files:
        for pattern in _EDITORS:
            mark = pattern.format(name)
            with contextlib.suppress(OSError):
                os.stat(mark, dir_fd=fd, follow_symlinks=False)
                reason = (
                    f"somebody seems to have it open in an editor ({mark}); what is sold meanwhile is kept, but"
                    f" “tracker-tui hand-edit {name}” is the safe way"
                )
                found.append(Problem(name, 0, reason))
    return found
