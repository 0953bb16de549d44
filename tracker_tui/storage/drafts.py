"""`counts/` and `deliveries/`: lists that are not booked yet, each a small text file that only grows.

Every fact is one line, appended with one write and made durable while the shop's lock is held, so that several
sessions work at one list. A session that dies loses nothing that it was told is kept, and leaves at most half a
line, which is not taken for a whole one: `time` stands last.

```
# tracker count 1
about,front shelf,,dairy,,amal,2026-03-31T09:00:00+00:00
count,001,12,10,amal,2026-03-31T09:02:10+00:00
count,002,5,5,beth,2026-03-31T09:02:11+00:00
booked,41,amal,2026-03-31T09:30:00+00:00
```

`about` has name, note, category and words; `count` product, pieces, the stock at that moment; in a delivery
`take` product, pieces, cost; `booked` the number of the entry. The last line of a product counts.
"""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Final

from tracker_tui.errors import NotFound, StorageError
from tracker_tui.model.drafts import Draft, DraftLine, Kind
from tracker_tui.model.money import parse_stored_amount, parse_stored_count
from tracker_tui.model.records import Problem
from tracker_tui.storage.codec import format_line, parse_line, parse_time
from tracker_tui.storage.folder import Folder, Held, Signature, read_file, signature_of
from tracker_tui.storage.plain import as_storage_error, check_plain, close_quietly, reason_of
from tracker_tui.storage.subfolder import subfolder

FOLDERS: Final = {Kind.COUNT: "counts", Kind.DELIVERY: "deliveries"}
LARGEST: Final = 64 << 20
MOST: Final = 1_000
"""Files that are looked at, the latest names."""

_FACTS: Final = {"about": 7, "count": 6, "take": 6, "booked": 4, "dropped": 3}
"""How many fields each fact has, its own name and the time too."""
_LONG_AGO: Final = datetime.fromtimestamp(0, UTC)
_APPEND: Final = os.O_RDWR | os.O_APPEND | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_TAIL: Final = 256
_NAME: Final = re.compile(r"[a-z]+-([0-9a-z][0-9a-z-]{0,99})\.txt", re.ASCII)


def first_line(kind: Kind) -> bytes:
    """Return the first line of a file."""
    return f"# tracker {kind} 1\n".encode()


class DraftReader:
    """One file, read from where it was left off.

    Args:
        kind: What the list is of.
        draft_id: Its id.
    """

    def __init__(self, kind: Kind, draft_id: str) -> None:
        self._draft = Draft(kind, draft_id, "", "", "", "", "", _LONG_AGO, _LONG_AGO)
        self._lines: dict[str, DraftLine] = {}
        self._stocks: dict[str, int] = {}
        self._damaged: list[int] = []
        self._number = 0
        self._size = 0
        self._tail = b""
        self._seen: Signature | None = None

    def read(self, place: Held, name: str) -> Draft:
        """Return the list as it is now.

        Raises:
            NotFound: There is no such file.
            StorageError: It cannot be read, or is no such list.
        """
        try:
            start = max(0, self._size - len(self._tail))
            data, found = read_file(place.fd, name, start, LARGEST)
        except FileNotFoundError:
            raise NotFound(f"the {self._draft.kind} {self._draft.id} is gone") from None
        if found == self._seen:
            return self._draft
        if not (data.startswith(self._tail) and self._is_grown(found)):
            fresh = DraftReader(self._draft.kind, self._draft.id)
            draft = fresh.read(place, name)
            vars(self).update(vars(fresh))
            return draft
        self._take(data[len(self._tail) :], name)
        self._seen = found
        return self._draft

    def _is_grown(self, found: Signature) -> bool:
        """Tell whether this is the file that was read before, longer by now: an editor may have saved another."""
        seen = self._seen
        if seen is None:
            return True
        same = (found.device, found.inode) == (seen.device, seen.inode)
        return same and found.size > seen.size

    def _take(self, data: bytes, name: str) -> None:
        data = data[: data.rfind(b"\n") + 1]
        if not self._size and data and not data.startswith(first_line(self._draft.kind)):
            raise StorageError(f"{name}: is no {self._draft.kind} of this version")
        for line in data.removesuffix(b"\n").split(b"\n") if data else ():
            self._number += 1
            if line and not line.startswith(b"#"):
                try:
                    self._take_fact(parse_line(line))
                except ValueError:
                    self._damaged.append(self._number)
        self._size += len(data)
        self._tail = (self._tail + data)[-_TAIL:]
        lines = MappingProxyType(dict(self._lines))
        self._draft = self._draft._replace(lines=lines, damaged=tuple(self._damaged))

    def _take_fact(self, fields: Sequence[str]) -> None:
        if len(fields) != _FACTS.get(fields[0]):
            raise ValueError("is no fact of such a list")
        what, *rest, clerk, stamp = fields
        time = parse_time(stamp)
        draft = self._draft
        if what == "about":
            name, note, category, search = rest
            draft = draft._replace(name=name, note=note, category=category, search=search)
            if not draft.clerk:
                draft = draft._replace(clerk=clerk, begun=time)
        elif what == "booked":
            draft = draft._replace(entry=parse_stored_count(rest[0]))
        elif what == "dropped":
            draft = draft._replace(dropped=True)
        else:
            self._take_line(what, rest, clerk, time)
        self._draft = draft._replace(changed=time)

    def _take_line(self, what: str, fields: Sequence[str], clerk: str, time: datetime) -> None:
        product_id, pieces, other = fields
        number = parse_stored_count(pieces)
        if not product_id or number < 0 or (what == "count") is not (self._draft.kind is Kind.COUNT):
            raise ValueError("is no line of such a list")
        if what == "take":
            cost = parse_stored_amount(other, 0) if other else None
            self._lines[product_id] = DraftLine(product_id, number, clerk, time, cost=cost)
            return
        stock = parse_stored_count(other)
        first = self._stocks.setdefault(product_id, stock)
        self._lines[product_id] = DraftLine(product_id, number, clerk, time, stock, moved=stock != first)


class DraftFiles:
    """The counts, or the deliveries, of one shop. The caller sees to it that only one thread is in it at a time.

    Args:
        folder: The shop's folder.
        kind: Which of both.
    """

    def __init__(self, folder: Folder, kind: Kind) -> None:
        self.kind = kind
        self._folder = folder
        self._readers: dict[str, DraftReader] = {}

    def read_all(self) -> tuple[tuple[Draft, ...], tuple[Problem, ...]]:
        """Read all lists, the latest first; a file that cannot be read is a problem, and left as it is."""
        drafts: list[Draft] = []
        problems: list[Problem] = []
        with subfolder(self._folder, FOLDERS[self.kind], make=False) as place:
            names = [] if place is None else sorted(filter(_NAME.fullmatch, os.listdir(place.fd)))
            for name in names[-MOST:]:
                if place is None:
                    break
                try:
                    drafts.append(DraftReader(self.kind, _id_in(name)).read(place, name))
                except NotFound:
                    continue
                except StorageError as error:
                    problems.append(Problem(f"{FOLDERS[self.kind]}/{name}", 0, str(error)))
        return tuple(sorted(drafts, key=lambda draft: draft.begun, reverse=True)), tuple(problems)

    def read(self, draft_id: str) -> Draft:
        """Read one list.

        Raises:
            NotFound: There is no such list.
            StorageError: It cannot be read.
        """
        with subfolder(self._folder, FOLDERS[self.kind], make=False) as place:
            if place is None:
                raise NotFound(f"the {self.kind} {draft_id} is gone")
            reader = self._readers.setdefault(draft_id, DraftReader(self.kind, draft_id))
            try:
                return reader.read(place, self._file_name(draft_id))
            except (NotFound, StorageError):
                self._readers.pop(draft_id, None)
                raise

    def begin(self, draft_id: str, about: Sequence[str]) -> Draft:
        """Make a list; the shop's lock is held.

        Raises:
            StorageError: It could not be made.
        """
        name = self._file_name(draft_id)
        with subfolder(self._folder, FOLDERS[self.kind], make=True) as place:
            if place is not None:
                try:
                    self._folder.create(
                        place, name, first_line(self.kind) + self._line(name, ("about", *about))
                    )
                except FileExistsError:
                    raise StorageError(f"{FOLDERS[self.kind]}/{name}: is there already") from None
        return self.read(draft_id)

    def add(self, draft_id: str, facts: Iterable[Sequence[str]]) -> Draft:
        """Append facts to a list, durably, all or none; the shop's lock is held.

        Raises:
            NotFound: There is no such list.
            StorageError: Nothing was added.
        """
        name = self._file_name(draft_id)
        data = b"".join(self._line(name, fact) for fact in facts)
        with subfolder(self._folder, FOLDERS[self.kind], make=False) as place:
            if place is None:
                raise NotFound(f"the {self.kind} {draft_id} is gone")
            with as_storage_error(f"{FOLDERS[self.kind]}/{name}", but=FileNotFoundError):
                try:
                    fd = os.open(name, _APPEND, dir_fd=place.fd)
                except FileNotFoundError:
                    raise NotFound(f"the {self.kind} {draft_id} is gone") from None
            try:
                check_plain(fd, name)
                _append(fd, data, name)
                if signature_of(place.fd, name) is None:
                    raise StorageError(f"{name}: was taken away by another program just now; try again")
            finally:
                close_quietly(fd)
        return self.read(draft_id)

    def _line(self, name: str, fact: Sequence[str]) -> bytes:
        try:
            return format_line(fact)
        except ValueError as error:
            raise StorageError(f"{FOLDERS[self.kind]}/{name}: {error}") from error

    def _file_name(self, draft_id: str) -> str:
        name = f"{self.kind}-{draft_id}.txt"
        if not _NAME.fullmatch(name):
            raise NotFound(f"there is no {self.kind} {draft_id}")
        return name


def _id_in(name: str) -> str:
    found = _NAME.fullmatch(name)
    return found[1] if found is not None else ""


def _append(fd: int, data: bytes, name: str) -> None:
    """Add lines with one write, behind whatever a session that died left there; take them back where that fails."""
    size = os.fstat(fd).st_size
    if size and os.pread(fd, 1, size - 1) != b"\n":
        data = b"\n" + data
    try:
        if os.write(fd, data) < len(data):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        os.fsync(fd)
    except OSError as error:
        with as_storage_error(name):
            os.ftruncate(fd, size)
            os.fsync(fd)
        raise StorageError(f"{name}: not kept: {reason_of(error)}") from error
