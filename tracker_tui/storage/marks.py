"""Numbers by which ids are found."""

from __future__ import annotations

from zlib import crc32


def mark_of(key: str) -> int:
    """Return 32 bits to find an id by: the same in every process, and maybe the same for two ids."""
    return crc32(key.encode("utf-8", "surrogatepass"))
