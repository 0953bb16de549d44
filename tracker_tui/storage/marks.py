"""Numbers by which ids are found."""

from __future__ import annotations

from collections.abc import Sequence
from zlib import crc32


def mark_of(key: str) -> int:
    """Return 32 bits to find an id by: the same in every process, and maybe the same for two ids."""
    return crc32(key.encode("utf-8", "surrogatepass"))


def marks_of(keys: Sequence[str]) -> list[int]:
    """Return `mark_of` of each of one or more ids, none of which holds a line break."""
    return list(map(crc32, "\n".join(keys).encode("utf-8", "surrogatepass").split(b"\n")))
