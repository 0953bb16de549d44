"""One append-only log, read a tail at a time.

`LogReader.read` takes what was added since the last call, up to the last whole entry. Without the lock a tail
may be half written by another session: it waits for the next call. With the lock it was cut off by a crash or
a full disk, was never acknowledged, and is given back as `Torn`, to be set aside.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from tracker_tui.errors import StorageError
from tracker_tui.model.records import Entry, Problem
from tracker_tui.storage.codec import LogFormat, LogRow, decoded_row, format_line, parse_line
from tracker_tui.storage.folder import Signature, read_file
from tracker_tui.tuples import NamedTuple
from tracker_tui.typed import Any, Final, Generic, TypeVar

E = TypeVar("E", bound=Entry)

TAIL_BYTES: Final = 4096
_LEADING_NUMBER: Final = re.compile(rb"\"?([1-9]\d{0,14})[,;\"]")
FARTHEST_JUMP: Final = 1_000_000
"""How far above all others the number of a damaged line is believed."""


class Torn(NamedTuple):
    """A tail that was never acknowledged.

    Attributes:
        offset: Where it begins, in bytes.
        data: All of it.
        reason: What is wrong with it.
    """

    offset: int
    data: bytes
    reason: str


class Rewritten(Exception):
    """The file is not the one that was read before, grown: all of it must be read again."""


class LogReader(Generic[E]):
    """Reads one log from where it left off.

    Attributes:
        columns: The columns the file's header names; the format's own ones themselves where they are just these.
        problems: What could not be understood so far; the lines stay in the file.
        highest: The highest entry number met, also in damaged lines.
        torn: The unfinished tail seen by the last `read` with the lock.
        size: Bytes of the file that are read.
        lines: Lines of the file that are read.
        strays: The last run of lines of a spoilt entry: its number, the first line, the last one.
        unended: Whether the last line lacks its newline, which the next write must bring.
        found_at: Where each entry that was read last begins, in bytes.
    """

    def __init__(self, format_: LogFormat[E]) -> None:
        self.format = format_
        self.columns: Sequence[str] = format_.columns
        self.problems: list[Problem] = []
        self.highest = 0
        self.torn: Torn | None = None
        self.size = 0
        self.unended = False
        self.lines = 0
        self.strays = (0, 0, 0)
        self.found_at: list[int] = []
        self._signature: Signature | None = None
        self._tail = bytearray()

    def read(self, fd: int, signature: Signature | None, *, locked: bool, decimals: int) -> list[E]:
        """Return the entries that were added since the last call, as they stand in the file.

        Args:
            fd: The shop's folder.
            signature: The file's state, as just seen; None = it is not there.
            locked: Whether the lock is held, so that an unfinished tail is final.
            decimals: The shop's decimals.

        Raises:
            Rewritten: What was read before is no longer in the file.
            StorageError: The file cannot be read.
        """
        self.torn = None
        self.found_at = []
        if signature is None:
            if self.size:
                raise Rewritten
            return []
        if signature == self._signature and not (locked and signature.size > self.size):
            return []
        self._check_grown(signature)
        start = self.size - len(self._tail)
        try:
            data, found = read_file(fd, self.format.file, start)
        except FileNotFoundError:
            raise Rewritten from None
        if not data.startswith(self._tail):
            raise Rewritten
        entries = self._take(data[len(self._tail) :], locked=locked, decimals=decimals)
        self._remember(data, start, found)
        return entries

    def _check_grown(self, now: Signature) -> None:
        before = self._signature
        if before is None:
            return
        if (now.device, now.inode) != (before.device, before.inode) or now.size < self.size:
            raise Rewritten
        if now.size == before.size and now.mtime_ns != before.mtime_ns:
            raise Rewritten

    def _remember(self, data: bytes, start: int, found: Signature) -> None:
        self._signature = found
        taken = data[: self.size - start]
        self._tail = bytearray(taken[-TAIL_BYTES:])

    def written(self, data: bytes, signature: Signature) -> None:
        """Take note of an append of this process, so that its own lines are not read again."""
        self.size += len(data)
        self.lines += data.count(b"\n") - (1 if self.unended else 0)
        self.unended = False
        self._signature = signature
        self._tail += data
        del self._tail[:-TAIL_BYTES]

    def _take(self, data: bytes, *, locked: bool, decimals: int) -> list[E]:
        if self.unended and data.startswith(b"\n"):
            data = data[1:]
            self.size += 1
            self.unended = False
        whole, newline, rest = data.rpartition(b"\n")
        lines = whole.split(b"\n") if newline else []
        reading = _Reading(self, decimals)
        for line in lines:
            reading.take(line, len(line) + 1)
        if locked and rest:
            self.unended = reading.take_unended(rest)
        self.lines, self.size = reading.kept_lines, reading.kept_size
        self.found_at = reading.starts
        if locked and self.size < reading.start + len(data):
            begin = self.size - reading.start
            reason = "the last line is cut off" if rest else "the last entry lacks lines"
            self.torn = Torn(self.size, data[begin:], reason)
        return reading.entries

    # Beginning behind what was counted before

    def take(self, data: bytes, decimals: int, *, final: bool = False) -> list[E]:
        """Return the entries of lines that follow what was read; what lacks lines is left for later.

        Args:
            data: The lines.
            decimals: The shop's decimals.
            final: Whether a whole last line counts that lacks its newline.
        """
        return self._take(data, locked=final, decimals=decimals)

    def pass_over(self, until: int, lines: int, highest: int) -> None:
        """Take note of whole entries that somebody else has read.

        Args:
            until: Where they end, in bytes.
            lines: How many lines they have.
            highest: The highest of their numbers.
        """
        self.size = until
        self.lines += lines
        self.highest = max(self.highest, highest)

    def state(self) -> dict[str, Any]:
        """Return what `resume` needs, as JSON can hold it."""
        return {
            "columns": list(self.columns),
            "problems": [list(problem) for problem in self.problems],
            "highest": self.highest,
            "size": self.size,
            "lines": self.lines,
            "strays": list(self.strays),
        }

    def resume(self, state: Mapping[str, Any], tail: bytes) -> None:
        """Go on where another reader stood.

        Args:
            state: What its `state` gave.
            tail: The last bytes that it read, at most `TAIL_BYTES`.
        """
        columns = tuple(state["columns"])
        self.columns = self.format.columns if columns == self.format.columns else columns
        self.problems = [Problem(*problem) for problem in state["problems"]]
        self.highest, self.size, self.lines = state["highest"], state["size"], state["lines"]
        entry, first, last = state["strays"]
        self.strays = (entry, first, last)
        self._tail = bytearray(tail)

    def cut(self, signature: Signature | None) -> None:
        """Take note that the torn tail was cut off the file."""
        self.torn = None
        self._signature = signature

    def prefix(self) -> bytes:
        """Return what must stand before the next line: the header of a new file, or a missing newline."""
        if self.size == 0:
            self.columns = self.format.columns
            return format_line(self.columns)
        return b"\n" if self.unended else b""

    def encode(self, entry: E, decimals: int) -> bytes:
        """Return the lines of an entry as this file has them, in the order of its own columns.

        They are read back first: what could not be is never booked.

        Raises:
            ValueError: The entry cannot be written so that it is read back as it is.
            StorageError: The file's header lacks columns.
        """
        missing = [column for column in self.format.columns if column not in self.columns]
        if missing:
            raise StorageError(
                f"{self.format.file}: its header lacks the columns {', '.join(missing)}, so nothing can be booked;"
                " put them back into its first line"
            )
        lines = [
            format_line([fields.get(column, "") for column in self.columns])
            for fields in self.format.encode(entry)
        ]
        try:
            rows = [decoded_row(self.format, self.columns, line[:-1], decimals) for line in lines]
        except ValueError as error:
            raise ValueError(f"it could not be read back from the file: {error}") from error
        if not rows or self.format.join(rows) != entry:
            raise ValueError("it could not be read back from the file as it was entered")
        return b"".join(lines)


def _in_place(names: Sequence[str], columns: Sequence[str]) -> bool:
    """Tell whether all names that are columns stand where the program puts them."""
    return all(name == column or name not in columns for name, column in zip(names, columns, strict=True))


class _Reading(Generic[E]):
    """One pass over new lines: gathers lines into entries, keeps to whole entries."""

    def __init__(self, reader: LogReader[E], decimals: int) -> None:
        self.reader = reader
        self.decimals = decimals
        self.entries: list[E] = []
        self.start = self.size = self.kept_size = reader.size
        self.lines = self.kept_lines = reader.lines
        self.rows: list[LogRow] = []
        self.first_line = 0
        self.first_byte = 0
        self.starts: list[int] = []

    def take(self, line: bytes, length: int) -> None:
        """Read one line with its newline."""
        self.lines += 1
        self.size += length
        if self.lines == 1 and self._is_header(line):
            self._keep()
            return
        if not line.strip():
            if not self.rows:
                self._keep()
            return
        row = self._decode(line)
        if row is None:
            self._close("a line of it is damaged")
            self._keep()
            return
        self._gather(row, length)

    def take_unended(self, line: bytes) -> bool:
        """Read a last line that lacks its newline; tell whether it was whole and ended its entry."""
        if self.lines == 0 or self.reader.columns[-1] != "time":
            return False
        try:
            row = decoded_row(self.reader.format, self.reader.columns, line, self.decimals)
        except ValueError:
            return False
        if row.number != len(self.rows) + 1 or row.number != row.lines:
            return False
        self.lines += 1
        self.size += len(line)
        self._gather(row, len(line))
        return self.kept_size == self.size

    def _is_header(self, line: bytes) -> bool:
        try:
            names = [name.strip() for name in parse_line(line.removeprefix(b"\xef\xbb\xbf"))]
        except ValueError:
            return False
        if "entry" not in names or "time" not in names:
            return False
        columns = self.reader.format.columns
        missing = set(columns) - set(names)
        if missing and len(names) == len(columns) and _in_place(names, columns):
            self._report(1, f"the header has other names for {', '.join(sorted(missing))}; they are read so")
            names = list(columns)
        elif missing:
            self._report(1, f"the header lacks the columns {', '.join(sorted(missing))}")
        self.reader.columns = columns if tuple(names) == columns else names
        return True

    def _decode(self, line: bytes) -> LogRow | None:
        try:
            row = decoded_row(self.reader.format, self.reader.columns, line, self.decimals)
        except ValueError as error:
            self._report(self.lines, str(error))
            number = _LEADING_NUMBER.match(line)
            if number and int(number[1]) <= self.reader.highest + FARTHEST_JUMP:
                self._count_number(int(number[1]))
            return None
        return row

    def _gather(self, row: LogRow, length: int) -> None:
        if self.rows and not self._continues(row):
            self._close("lines of it are missing")
            self.kept_size, self.kept_lines = self.size - length, self.lines - 1
        if not self.rows:
            if row.number != 1:
                self._count_number(row.entry)
                self._stray(row)
                self._keep()
                return
            self.first_line = self.lines
            self.first_byte = self.size - length
        self.rows.append(row)
        if row.number == row.lines:
            self._count_number(row.entry)
            self.entries.append(self.reader.format.join(self.rows))
            self.starts.append(self.first_byte)
            self.rows = []
            self._keep()

    def _stray(self, row: LogRow) -> None:
        """Report a line whose entry is spoilt: once for all such lines of the entry that follow each other."""
        entry, first, last = self.reader.strays
        goes_on = entry == row.entry and last == self.lines - 1
        first = first if goes_on else self.lines
        if goes_on and self.reader.problems and self.reader.problems[-1].line == first:
            self.reader.problems.pop()
        self.reader.strays = (row.entry, first, self.lines)
        lines = f"line {first} stands" if first == self.lines else f"lines {first} to {self.lines} stand"
        self._report(
            first, f"entry {row.entry}: {lines} alone, as others of it are damaged or gone; not counted"
        )

    def _continues(self, row: LogRow) -> bool:
        last = self.rows[-1]
        same = (row.entry, row.lines, row.shared) == (last.entry, last.lines, last.shared)
        return same and row.number == last.number + 1

    def _close(self, reason: str) -> None:
        """Give up the entry that is being gathered: it stays in the file and does not count."""
        if self.rows:
            entry, count = self.rows[0].entry, self.rows[0].lines
            self._count_number(entry)
            self._report(
                self.first_line,
                f"entry {entry}: {reason} ({len(self.rows)} of {count} are there); it is not counted",
            )
            self.rows = []

    def _count_number(self, entry: int) -> None:
        self.reader.highest = max(self.reader.highest, entry)

    def _keep(self) -> None:
        self.kept_size, self.kept_lines = self.size, self.lines

    def _report(self, line: int, reason: str) -> None:
        self.reader.problems.append(Problem(self.reader.format.file, line, reason))
