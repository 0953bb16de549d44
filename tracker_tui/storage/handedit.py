"""A person's edit of one of the shop's files in an editor, under the shop's lock.

The editor works on a copy. What comes back is read by the storage's own readers before it takes the file's
place: a line that was fine and is broken now refuses the whole edit, and the copy is kept.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final, TypeAlias

from tracker_tui.errors import FieldProblem, Invalid, NotFound, StorageError
from tracker_tui.model.records import Change, Entry, Problem, Purchase
from tracker_tui.storage.codec import CHANGES, PURCHASES, format_line
from tracker_tui.storage.folder import Folder, Held, read_file, signature_of
from tracker_tui.storage.formats import CUSTOMERS, INVENTORY
from tracker_tui.storage.log import LogReader
from tracker_tui.storage.store import Store
from tracker_tui.storage.table import read_table
from tracker_tui.tuples import NamedTuple

Editor: TypeAlias = Callable[[Path], int]
"""Lets a person edit the file at a path; gives the editor's exit code, 0 = done."""

EDITABLE: Final = (INVENTORY.file, CUSTOMERS.file, PURCHASES.file, CHANGES.file)


class HandEdit(NamedTuple):
    """What came of an edit.

    Attributes:
        file: Name of the file.
        changed: Whether it is another now.
        entry: Number of the entry that the edit became; None where it changed no product.
    """

    file: str
    changed: bool
    entry: int | None


def hand_edit(folder: Folder, store: Store, held: Held, name: str, editor: Editor) -> HandEdit:
    """Let a person edit a file, and take over what they saved.

    Args:
        folder: The shop's folder.
        store: Its files, caught up.
        held: The lock, held all the while: nobody else can write meanwhile.
        name: Which file; one of `EDITABLE`.
        editor: Edits the copy.

    Raises:
        NotFound: The name is none of the files that people edit.
        Invalid: A line that was fine is broken now, or an entry is gone; the text names the kept copy.
        StorageError: A file could not be read or written; the shop's is as it was.
    """
    if name not in EDITABLE:
        raise NotFound(f"{name} is not edited by hand; choose one of {', '.join(EDITABLE)}")
    store.save(held)
    before = _content(held, name)
    try:
        import tempfile  # noqa: PLC0415 - needed for an editor alone, and slow to load

        private = Path(tempfile.mkdtemp(prefix="tracker-tui-"))
        copy = private / name
        copy.write_bytes(before)
    except OSError as error:
        raise StorageError(f"no copy to edit could be made: {error.strerror}") from error
    code = editor(copy)
    after = _edited(private, copy)
    if code != 0:
        problems = [Problem(name, 0, f"the editor ended with code {code}")]
    else:
        problems = _new_problems(store, name, before, private, after)
    if problems and after != before:
        raise _refusal(problems, copy)
    import shutil  # noqa: PLC0415 - as above

    shutil.rmtree(private, ignore_errors=True)
    if after == before:
        return HandEdit(name, changed=False, entry=None)
    return HandEdit(name, changed=True, entry=_taken_over(folder, store, held, name, after))


def _taken_over(folder: Folder, store: Store, held: Held, name: str, after: bytes) -> int | None:
    """Put the edited file in its place and read it; return the entry of what changed, None = it needed none."""
    last = store.entry
    folder.replace(held, name, after)
    store.patient = True  # whoever edits a file keeps the lock for longer than any counting takes
    try:
        store.refresh(held)
    finally:
        store.patient = False
    entry = store.entry if store.entry > last else None
    store.save(held)
    return entry


def _content(held: Held, name: str) -> bytes:
    try:
        return read_file(held.fd, name)[0]
    except FileNotFoundError:
        columns = {form.file: form.columns for form in (INVENTORY, CUSTOMERS, PURCHASES, CHANGES)}
        return format_line(columns[name])


def _edited(private: Path, copy: Path) -> bytes:
    fd = os.open(private, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        return read_file(fd, copy.name)[0]
    except FileNotFoundError:
        raise StorageError("the editor took the copy away; nothing was changed") from None
    finally:
        os.close(fd)


def _refusal(problems: Sequence[Problem], copy: Path) -> Invalid:
    found = [FieldProblem(f"{problem.file}:{problem.line}", problem.reason) for problem in problems]
    return Invalid([*found, FieldProblem("", f"nothing was changed; what you wrote is kept in {copy}")])


def _new_problems(store: Store, name: str, before: bytes, private: Path, after: bytes) -> list[Problem]:
    """Return what is wrong after the edit and was not before."""
    old = _problems(store, name, private, before)
    new = _problems(store, name, private, after)
    (private / name).write_bytes(after)
    known = Counter((_line(before, problem), problem.reason) for problem in old)
    known_lines = {line for line, _ in known if line}
    return [
        problem
        for problem in new
        if _line(after, problem) not in known_lines and (b"", problem.reason) not in known
    ]


def _line(data: bytes, problem: Problem) -> bytes:
    """Return the bytes of the line that a problem names; none for the file as a whole."""
    lines = data.split(b"\n")
    return lines[problem.line - 1].rstrip(b"\r") if 0 < problem.line <= len(lines) else b""


def _problems(store: Store, name: str, private: Path, data: bytes) -> list[Problem]:
    decimals = store.settings.decimals
    if name == INVENTORY.file:
        table = read_table(INVENTORY, data, decimals)
        found = list(table.problems)
        if table.newer:
            found.append(Problem(name, 1, "names a later version of this form"))
        if not table.whole:
            found.append(Problem(name, 0, f"the last line, “{INVENTORY.end}”, is missing"))
        return found
    if name == CUSTOMERS.file:
        return list(read_table(CUSTOMERS, data, decimals).problems)
    (private / name).write_bytes(data)
    fd = os.open(private, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        if name == PURCHASES.file:
            return _log_problems(LogReader(PURCHASES), fd, decimals, _numbers(store.ledger, Purchase))
        return _log_problems(LogReader(CHANGES), fd, decimals, _numbers(store.ledger, Change))
    finally:
        os.close(fd)


def _numbers(entries: Sequence[Entry], kind: type[Purchase | Change]) -> frozenset[int]:
    return frozenset(entry.entry for entry in entries if isinstance(entry, kind))


def _log_problems(
    reader: LogReader[Purchase] | LogReader[Change], fd: int, decimals: int, booked: frozenset[int]
) -> list[Problem]:
    name = reader.format.file
    found = reader.read(fd, signature_of(fd, name), locked=True, decimals=decimals)
    problems = list(reader.problems)
    if reader.torn is not None:
        problems.append(Problem(name, reader.lines + 1, reader.torn.reason))
    numbers = Counter(entry.entry for entry in found)
    problems += [Problem(name, 0, f"entry {number} is there twice") for number, n in numbers.items() if n > 1]
    gone = sorted(booked - numbers.keys())
    problems += [
        Problem(name, 0, f"entry {number} is gone; “tracker-tui undo {number}” takes it back")
        for number in gone[:20]
    ]
    return problems
