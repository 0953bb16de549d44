"""What lies around the shop's files: the file system that the folder is on, and editors that have a file open."""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from tracker_tui.model.records import Problem

MOUNTS: Final = Path("/proc/self/mountinfo")
NETWORK: Final = frozenset(("nfs", "nfs4", "cifs", "smb3", "smbfs", "fuse.sshfs", "9p"))
_ESCAPE: Final = re.compile(r"\\([0-7]{3})")
_EDITORS: Final = (".{}.swp", ".~lock.{}#", ".#{}")


def network_warning(folder: Path, mounts: Path | None = None) -> str:
    """Warn, in one sentence, of a folder on a network file system; empty where it is on none.

    Args:
        folder: The shop's folder.
        mounts: What is mounted where, in the form of Linux's `mountinfo`; None = what the system says.
    """
    try:
        lines = (mounts or MOUNTS).read_text(encoding="utf-8", errors="surrogateescape").splitlines()
    except OSError:
        return ""
    place = folder.resolve()
    best, kind = -1, ""
    for line in lines:
        before, mark, after = line.partition(" - ")
        fields = before.split(" ")
        if not mark or len(fields) < 5 or not after:
            continue
        point = Path(_ESCAPE.sub(lambda code: chr(int(code[1], 8)), fields[4]))
        if place.is_relative_to(point) and len(point.parts) >= best:
            best, kind = len(point.parts), after.split(" ")[0]
    if kind not in NETWORK:
        return ""
    return (
        f"{folder} is on a network file system ({kind}), where locks and appends may fail unseen;"
        " keep the shop on the server's own disk and let the clerks come to it by ssh"
    )


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
