"""Mistakes to be planted in a copy of the program, each with the check that must catch it."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Final, NamedTuple

import tracker_tui


class Mistake(NamedTuple):
    """One mistake.

    Attributes:
        name: What is done wrong.
        check: The small check that must break on it.
        changes: What stands in the program exactly once, and what is put there.
    """

    name: str
    check: str
    changes: tuple[tuple[str, str], ...]


_SYNC_LOG: Final = (
    "                os.fsync(fd)\n            except OSError as error:\n                self._take_back"
)
_WRITE: Final = "                written = os.write(fd, data)\n"
_RENAME: Final = "            os.rename(temporary, name, src_dir_fd=held.fd, dst_dir_fd=held.fd)\n"
_FILLED: Final = "            view = view[os.write(fd, view) :]\n        os.fsync(fd)\n"
_WRITTEN: Final = "            view = view[os.write(fd, view) :]\n"
_TAKE_BACK: Final = "                self._take_back(held, fd, name, before)\n"
_SET_ASIDE: Final = "        torn = reader.torn\n        if torn is None:\n            return\n"
_SIZE: Final = "            if size is not None and before != size:\n"
_LATE: Final = (
    "                late = getattr(self, '_late', None)\n"
    "                if late is not None:\n"
    "                    os.fsync(late)\n"
    "                    os.close(late)\n"
)
_IN_PLACE: Final = (
    "            file = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, held.mode, dir_fd=held.fd)\n"
    "            os.write(file, data)\n"
    "            os.fsync(file)\n"
    "            os.close(file)\n"
    "            os.unlink(temporary, dir_fd=held.fd)\n"
    "            return signature_of(held.fd, name)\n"
)
_COUNT_PARTS: Final = (
    "        if locked and reading.rows and not rest:\n"
    "            reading.entries.append(self.format.join(reading.rows))\n"
    "            reading._keep()\n"
    "            self.lines, self.size = reading.kept_lines, reading.kept_size\n"
)
_ONE_READER: Final = (
    "        merged: list[bytes] = []\n"
    "        for line in lines:\n"
    "            if merged and merged[-1].count(b'\"') % 2:\n"
    "                merged[-1] += b'\\n' + line\n"
    "            else:\n"
    "                merged.append(line)\n"
    "        lines = merged\n"
)
_TORN: Final = "        if locked and self.size < reading.start + len(data):\n"


def _sync_log(instead: str) -> tuple[str, str]:
    return (_SYNC_LOG, _SYNC_LOG.replace("                os.fsync(fd)\n", instead, 1))


MISTAKES: Final = (
    Mistake(
        "a name that a failed fsync covered is kept",
        "lost_name",
        (("                    unlink_quietly(held.fd, name)\n", "                    pass\n"),),
    ),
    Mistake("the log is not synced", "power", (_sync_log(""),)),
    Mistake(
        "answered before the sync, which follows later",
        "power",
        (_sync_log("                self._late = os.dup(fd)\n"), (_WRITE, _LATE + _WRITE)),
    ),
    Mistake(
        "the folder is not synced before the first append",
        "power",
        (
            (
                "                    os.fsync(held.fd)\n                    self.synced",
                "                    self.synced",
            ),
        ),
    ),
    Mistake(
        "the folder is not synced after a rename",
        "power",
        (
            (
                "                try:\n                    os.fsync(held.fd)\n",
                "                try:\n                    pass\n",
            ),
        ),
    ),
    Mistake("the temporary file is not synced", "power", ((_FILLED, _WRITTEN),)),
    Mistake(
        "a new shop's folder is not synced",
        "power",
        (("            _sync_folder(place.parent)\n", "            pass\n"),),
    ),
    Mistake("a table is written in place", "kill_save", ((_RENAME, _IN_PLACE),)),
    Mistake("a dead session's files are not swept", "kill_save", (("self._folder.sweep(held)", "pass"),)),
    Mistake(
        "a failed fsync is tried again and called a success",
        "failing_fsync",
        (
            _sync_log(
                "                try:\n                    os.fsync(fd)\n"
                "                except OSError:\n                    os.fsync(fd)\n"
            ),
        ),
    ),
    Mistake(
        "a failed fsync is passed over",
        "failing_fsync",
        (
            _sync_log(
                "                with contextlib.suppress(OSError):\n                    os.fsync(fd)\n"
            ),
        ),
    ),
    Mistake("a failed fsync is not taken back", "failing_fsync", ((_TAKE_BACK, ""),)),
    Mistake("a short write is not taken back", "full_file", ((_TAKE_BACK, ""),)),
    Mistake(
        "a short write is not noticed",
        "short_write",
        (("if written < len(data):", "if written < 0:"),),
    ),
    Mistake("an entry with lines missing counts", "torn_tail", ((_TORN, _COUNT_PARTS + _TORN),)),
    Mistake(
        "the next line is glued to a torn one",
        "torn_tail",
        (
            (_SET_ASIDE, "        torn = reader.torn\n        if True:\n            return\n"),
            (_SIZE, "            if False:\n"),
        ),
    ),
    Mistake(
        "a time that is cut off is taken for whole",
        "torn_tail",
        ((r"\d\d:\d\d:\d\d(?:[+-]\d\d:\d\d|Z)", r"\d\d:\d\d:\d\d(?:[+-]\d\d:\d\d|Z)?"),),
    ),
    Mistake(
        "a lost newline is not brought",
        "lost_newline",
        (('return b"\\n" if self.unended else b""', 'return b""'),),
    ),
    Mistake(
        "a line counts only with its newline",
        "lost_newline",
        (("self.unended = reading.take_unended(rest)", "self.unended = False"),),
    ),
    Mistake(
        "one CSV reader over the file",
        "stray_quote",
        (
            (
                "        reading = _Reading(self, decimals)\n",
                _ONE_READER + "        reading = _Reading(self, decimals)\n",
            ),
        ),
    ),
    Mistake(
        "the number of a damaged line is used again",
        "damaged_number",
        (("                self._count_number(int(number[1]))\n", "                pass\n"),),
    ),
    Mistake(
        "replaced files are 0600, as mkstemp makes them",
        "group_mode",
        (
            (
                "        os.fchmod(fd, held.mode)\n        old",
                "        os.fchmod(fd, 0o600)\n        old",
            ),
        ),
    ),
    Mistake(
        "the umask decides the mode",
        "group_mode",
        (("        os.fchmod(fd, held.mode)\n        old", "        old"),),
    ),
    Mistake(
        "the flag of a failing disk is passed over",
        "stopped",
        (
            (
                "        if stopped:\n            raise ReadOnly",
                "        if False:\n            raise ReadOnly",
            ),
        ),
    ),
    Mistake(
        "no flag is left where taking back fails",
        "stuck",
        (("            self._stop(held, reason)\n", ""),),
    ),
    Mistake(
        "a failed save is not taken back",
        "refused_customer",
        (("                    self._put_back(held, name, old)\n", ""),),
    ),
)


def plant(mistake: Mistake, place: Path) -> None:
    """Copy the program to a folder, with the mistake in it.

    Raises:
        ValueError: What shall be changed does not stand there exactly once.
    """
    package = place / "tracker_tui"
    shutil.copytree(Path(tracker_tui.__file__).parent, package)
    for old, new in mistake.changes:
        texts = {path: path.read_text(encoding="utf-8") for path in package.rglob("*.py")}
        found = [path for path, text in texts.items() if old in text]
        if sum(text.count(old) for text in texts.values()) != 1:
            raise ValueError(f"{mistake.name}: not there exactly once, but in {found}: {old}")
        found[0].write_text(texts[found[0]].replace(old, new), encoding="utf-8")
