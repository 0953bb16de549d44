"""What a disk may hold after a power cut: a recording of file operations, replayed into every legal state.

The rules are those of POSIX, not those of one kind file system: what was written is safe only after an fsync of the
file that returned 0; a name (made, renamed, taken away) only after one of the folder. Until then each write is there,
not there, cut at any byte or only as its length in NULs, each by itself, and each name is changed or not. What a
failed fsync covered is never safe by a later one.
"""

from __future__ import annotations

import itertools
import json
import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import Any, Final, NamedTuple

TRACED: Final = (
    "?mkdir,openat,write,pwrite64,writev,fsync,fdatasync,?rename,renameat,renameat2,?unlink,unlinkat,"
    "?link,linkat,ftruncate,fallocate,sendto,close"
)
_CALL: Final = re.compile(r"^\d+ +(\w+)\((.*)\) += (-?\d+)(?:<(?P<path>[^>]*)>)?")
_STRING: Final = re.compile(r'"((?:\\x[0-9a-f]{2})*)"')
_DESCRIPTOR: Final = re.compile(r"^(\d+)<([^>]*)>")


class Safe(Enum):
    """How sure a change is: not synced yet, durable, or covered by an fsync that failed."""

    NOT_YET = 0
    YES = 1
    NEVER = 2


class Name(NamedTuple):
    """A change of the folder: `new` names the node from now on, `old` does not."""

    node: int
    old: str
    new: str


class Piece(NamedTuple):
    """A change of a file: bytes at an offset; `data` None = cut to `offset`."""

    offset: int
    data: bytes | None


@dataclass
class Node:
    """One file: what is durable of it, and the changes since."""

    base: bytes = b""
    changes: list[tuple[Piece, Safe]] = field(default_factory=list)


State = dict[str, bytes]
"""Files by name."""


class Cut(NamedTuple):
    """One legal state of the disk at one point.

    Attributes:
        files: What is in the folder.
        acked: How many acts had been answered by then.
    """

    files: State
    acked: int


def _sync(changes: list[tuple[Any, Safe]], to: Safe) -> None:
    changes[:] = [(change, to if safe is Safe.NOT_YET else safe) for change, safe in changes]


def _applied(content: bytes, piece: Piece) -> bytes:
    if piece.data is None:
        return content[: piece.offset].ljust(piece.offset, b"\0")
    content = content.ljust(piece.offset, b"\0")
    return content[: piece.offset] + piece.data + content[piece.offset + len(piece.data) :]


class Recording:
    """Reads a trace call by call and keeps what the disk must and may hold.

    Attributes:
        answers: What the driver had been told to answer so far.
        synced: Folders above the shop that were synced before the first answer.
        made: Folders that were made.
    """

    def __init__(self, shop: Path) -> None:
        self.shop = str(shop)
        self.answers: list[dict[str, Any]] = []
        self.synced: set[str] = set()
        self.made: set[str] = set()
        self.nodes: list[Node] = []
        self.names: list[tuple[Name, Safe]] = []
        self._durable_names: dict[str, int] = {}
        self._open: dict[str, tuple[int, int | None]] = {}

    def take(self, line: str) -> bool:
        """Take one line of the trace; tell whether it changed what the disk may hold."""
        call = _CALL.match(line)
        if call is None:
            return False
        name, arguments, result = call[1], call[2], int(call[3])
        strings = [bytes.fromhex(text.replace("\\x", "")) for text in _STRING.findall(arguments)]
        if name == "sendto":
            self.answers.append(json.loads(strings[0]))
            return False
        if name in ("fsync", "fdatasync"):
            return self._take_sync(arguments, result)
        if result < 0:
            return False
        if name == "mkdir":
            self.made.add(strings[0].decode())
            return False
        if name == "close":
            self._open.pop(arguments.partition("<")[0], None)
            return False
        return self._take_change(name, arguments, result, [text.decode() for text in strings[-2:]], strings)

    def _take_change(
        self, name: str, arguments: str, result: int, texts: Sequence[str], strings: Sequence[bytes]
    ) -> bool:
        if name == "openat":
            return self._take_open(arguments, result, texts[0])
        if name in ("write", "ftruncate"):
            handle = arguments.partition("<")[0]
            if handle not in self._open:
                return False
            node, position = self._open[handle]
            if name == "ftruncate":
                piece = Piece(int(arguments.rpartition(", ")[2]), None)
            else:
                at = len(self._content(node)) if position is None else position
                piece = Piece(at, strings[0][:result])
                self._open[handle] = (node, None if position is None else at + result)
            self.nodes[node].changes.append((piece, Safe.NOT_YET))
            return True
        folder = _DESCRIPTOR.match(arguments)
        if folder is not None and self._path(folder[2]).startswith(f"{self.shop}/"):
            return False  # the daily copies in a folder below the shop's hold no truth
        if name in ("renameat", "renameat2", "rename"):
            self._change_name(Name(self._now()[texts[0]], texts[0], texts[1]))
            return True
        if name in ("unlinkat", "unlink"):
            self._change_name(Name(self._now()[texts[0]], texts[0], ""))
            return True
        raise ValueError(f"the model knows no {name}")

    def _take_open(self, arguments: str, result: int, name: str) -> bool:
        folder = _DESCRIPTOR.match(arguments)
        if folder is None or self._path(folder[2]) != self.shop or "/" in name or name == ".":
            return False
        if "O_RDONLY" in arguments and "O_CREAT" not in arguments:
            return False
        node = self._now().get(name)
        made = node is None
        if node is None:
            node = len(self.nodes)
            self.nodes.append(Node())
            self._change_name(Name(node, "", name))
        self._open[str(result)] = (node, None if "O_APPEND" in arguments else 0)
        if "O_TRUNC" in arguments:
            self.nodes[node].changes.append((Piece(0, None), Safe.NOT_YET))
        return made or "O_TRUNC" in arguments

    def _take_sync(self, arguments: str, result: int) -> bool:
        path = self._path(arguments.partition("<")[2].rstrip(">"))
        safe = Safe.YES if result == 0 else Safe.NEVER
        folder, _, name = path.rpartition("/")
        if path.startswith(f"{self.shop}/") and (folder != self.shop or name not in self._now()):
            return False  # the daily copies in a folder below the shop's hold no truth
        if folder == self.shop:
            node = self.nodes[self._now()[name]]
            _sync(node.changes, safe)
            while node.changes and node.changes[0][1] is Safe.YES:
                node.base = _applied(node.base, node.changes.pop(0)[0])
        elif path == self.shop:
            _sync(self.names, safe)
            while self.names and self.names[0][1] is Safe.YES:
                _rename(self._durable_names, self.names.pop(0)[0])
        elif result == 0 and not self.answers[1:]:
            self.synced.add(path)
        return True

    @staticmethod
    def _path(text: str) -> str:
        return bytes.fromhex(text.replace("\\x", "")).decode() if text.startswith("\\x") else text

    def _change_name(self, change: Name) -> None:
        self.names.append((change, Safe.NOT_YET))

    def _now(self) -> dict[str, int]:
        names = dict(self._durable_names)
        for change, _ in self.names:
            _rename(names, change)
        return names

    def _content(self, node: int) -> bytes:
        content = self.nodes[node].base
        for piece, _ in self.nodes[node].changes:
            content = _applied(content, piece)
        return content

    # States

    def cuts(self, chance: random.Random, most: int) -> Iterator[Cut]:
        """Yield legal states of this moment; of one file's contents at most about `most`, by chance."""
        acked = len(self.answers)
        for names in self._name_states(chance):
            fixed = {name: self._some_content(self.nodes[node], chance) for name, node in names.items()}
            for name, node in names.items():
                for content in self._contents(self.nodes[node], chance, most):
                    yield Cut({**fixed, name: content}, acked)
            yield Cut(fixed, acked)

    def _name_states(self, chance: random.Random) -> Iterator[dict[str, int]]:
        free = [index for index, (_, safe) in enumerate(self.names) if safe is not Safe.YES]
        subsets = list(itertools.product((False, True), repeat=len(free))) if len(free) <= 4 else []
        for _ in range(16 if not subsets else 0):
            subsets.append(tuple(chance.random() < 0.5 for _ in free))
        for subset in subsets:
            done = dict(zip(free, subset, strict=True))
            names = dict(self._durable_names)
            for index, (change, _) in enumerate(self.names):
                if done.get(index, True):
                    _rename(names, change)
            yield names

    def _contents(self, node: Node, chance: random.Random, most: int) -> Iterator[bytes]:
        """Yield the file with each of its unsafe writes absent, there alone, cut at any byte, or as NULs."""
        free = [index for index, (_, safe) in enumerate(node.changes) if safe is not Safe.YES]
        for subset in itertools.product((False, True), repeat=min(len(free), 5)):
            yield self._with(node, dict(zip(free[-5:], subset, strict=True)))
        for index in free:
            data = node.changes[index][0].data
            if data is None:
                continue
            cuts = range(len(data)) if len(data) <= most else chance.sample(range(len(data)), most)
            for cut in cuts:
                yield self._with(node, {index: data[:cut]})
            yield self._with(node, {index: b"\0" * len(data)})
            yield self._with(node, {index: data[: len(data) // 2].ljust(len(data), b"\0")})

    def _some_content(self, node: Node, chance: random.Random) -> bytes:
        return self._with(node, {index: chance.random() < 0.5 for index in range(len(node.changes))})

    @staticmethod
    def _with(node: Node, chosen: dict[int, bool] | dict[int, bytes]) -> bytes:
        """Return the file with safe changes, and those that are chosen: not, wholly, or as other bytes."""
        content = node.base
        for index, (piece, safe) in enumerate(node.changes):
            choice = True if safe is Safe.YES else chosen.get(index, True)
            if choice is False:
                continue
            data = piece.data if choice is True else choice
            content = _applied(content, piece._replace(data=data if isinstance(data, bytes) else None))
        return content


def _rename(names: dict[str, int], change: Name) -> None:
    if names.get(change.old) == change.node:
        del names[change.old]
    if change.new:
        names[change.new] = change.node
