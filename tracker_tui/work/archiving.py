"""The whole shop as one zip file, as it was at one entry, while others sell; and back into an empty folder.

Under the lock only the sizes of the logs are taken and the tables copied. The logs themselves are copied afterwards:
what stands in them up to those sizes never changes any more.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import shutil
import stat
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from time import sleep
from typing import IO, TYPE_CHECKING, Any, BinaryIO, Final, TypeAlias

from tracker_tui.errors import FieldProblem, GivenUp, Invalid, StorageError
from tracker_tui.storage.baskets import BASKETS
from tracker_tui.storage.codec import CHANGES, PURCHASES
from tracker_tui.storage.drafts import FOLDERS
from tracker_tui.storage.folder import Folder
from tracker_tui.storage.formats import CUSTOMERS, INVENTORY
from tracker_tui.storage.settings import SETTINGS_FILE
from tracker_tui.tuples import NamedTuple
from tracker_tui.work.exporting import check_free, path_of, refuse_own_file, whole_file

if TYPE_CHECKING:
    from tracker_tui.service import InventoryService

Told: TypeAlias = Callable[[int, int], None]
"""Told how many of how many bytes are done."""

FORMAT: Final = "tracker archive 1"
MANIFEST: Final = "archive.json"
_LOGS: Final = (PURCHASES.file, CHANGES.file)
_TABLES: Final = (INVENTORY.file, CUSTOMERS.file, SETTINGS_FILE)
_SUBFOLDERS: Final = (BASKETS, "backups", *FOLDERS.values())
_LIVE_SUBFOLDERS: Final = (BASKETS, *FOLDERS.values())
_BESIDE: Final = re.compile(r"[^./\\\0][^/\\\0]*(?:-original[^/\\\0]*\.txt|\.torn)", re.ASCII)
_IN_SUBFOLDER: Final = re.compile(rf"(?:{'|'.join(_SUBFOLDERS)})/[^./\\\0][^/\\\0]*", re.ASCII)
_READ: Final = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_FOLDER: Final = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_PIECE: Final = 1 << 18
_GIVE_WAY_S: Final = 0.0005
_LARGEST: Final = 8 << 30
_MOST_FILES: Final = 100_000
_MOST_TIMES: Final = 200
"""So many times larger than the archive what is in it may be: text of shops is some ten times, bombs a thousand."""
_SMALL: Final = 1 << 20


class _Part(NamedTuple):
    """One file on its way into the archive; `fd` is closed by whoever has it, `data` stands for a file read already."""

    name: str
    size: int
    fd: int = -1
    data: bytes = b""


def archive(
    service: InventoryService, typed: str, *, replace: bool, told: Told, unwanted: Callable[[], bool]
) -> tuple[Path, int]:
    """Put the whole shop into a zip file; belongs in a thread.

    Args:
        service: The shop.
        typed: Name of the file as a person typed it.
        replace: Whether a file of that name may be replaced.
        told: Told now and then how far it is.
        unwanted: Tells whether nobody wants it any more.

    Returns:
        The file, and the entry that it holds the shop at.

    Raises:
        Invalid: It is no name for such a file.
        AlreadyThere: There is such a file, and it may not be replaced.
        Busy: Another session keeps the lock.
        StorageError: Something cannot be read or written.
        GivenUp: Nobody wants it any more; nothing of it is left.
    """
    target = path_of(typed)
    if target.suffix.casefold() != ".zip":
        raise Invalid([FieldProblem("file", "let the name end with .zip")])
    refuse_own_file(service.directory, target, "file")
    check_free(target, replace=replace)
    with contextlib.ExitStack() as stack:
        try:
            parts, entry = _gather(service, stack)
            with whole_file(target, replace=replace) as file:
                _write(file, parts, entry, told, unwanted)
        except OSError as error:
            raise StorageError(f"{error.filename or target}: {error.strerror or error}") from error
    return target, entry


def _gather(service: InventoryService, stack: contextlib.ExitStack) -> tuple[list[_Part], int]:
    """Hold the shop still for a moment; return what is to be copied, and the last entry."""
    folder = Folder(service.directory)
    stack.callback(folder.close)
    with folder.locked() as held:
        service.refresh()
        entry = service.snapshot.entry
        parts = [part for name in _LOGS if (part := _opened(held.fd, name, name, stack)) is not None]
        parts += [
            _copied(part) for name in _TABLES if (part := _opened(held.fd, name, name, stack)) is not None
        ]
        for name in _LIVE_SUBFOLDERS:
            parts += map(_copied, _in_folder(held.fd, name, stack))
        beside = sorted(name for name in os.listdir(held.fd) if _BESIDE.fullmatch(name))
        parts += [part for name in beside if (part := _opened(held.fd, name, name, stack)) is not None]
        parts += _in_folder(held.fd, "backups", stack)
    return parts, entry


def _opened(fd: int, name: str, path: str, stack: contextlib.ExitStack) -> _Part | None:
    """Open a plain file; None where there is none, or something else of that name."""
    try:
        file = os.open(name, _READ, dir_fd=fd)
    except FileNotFoundError:
        return None
    stack.callback(os.close, file)
    info = os.fstat(file)
    return _Part(path, info.st_size, file) if stat.S_ISREG(info.st_mode) else None


def _in_folder(fd: int, name: str, stack: contextlib.ExitStack) -> list[_Part]:
    try:
        inside = os.open(name, _FOLDER, dir_fd=fd)
    except (FileNotFoundError, NotADirectoryError):
        return []
    stack.callback(os.close, inside)
    paths = [(file, f"{name}/{file}") for file in sorted(os.listdir(inside))]
    wanted = [(file, path) for file, path in paths if _IN_SUBFOLDER.fullmatch(path)]
    return [part for file, path in wanted if (part := _opened(inside, file, path, stack)) is not None]


def _copied(part: _Part) -> _Part:
    data = b"".join(_pieces(part))
    return part._replace(size=len(data), data=data, fd=-1)


def _pieces(part: _Part) -> Iterator[bytes]:
    """Yield a file up to the size that it had; `os.pread`, as nobody else moves in it."""
    if part.fd < 0:
        yield part.data
        return
    at = 0
    while at < part.size and (piece := os.pread(part.fd, min(_PIECE, part.size - at), at)):
        at += len(piece)
        yield piece
    if at < part.size:
        raise StorageError(f"{part.name}: was cut off by another program just now; try again")


def _write(file: BinaryIO, parts: list[_Part], entry: int, told: Told, unwanted: Callable[[], bool]) -> None:
    size, done = sum(part.size for part in parts), 0
    files: dict[str, dict[str, int | str]] = {}
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as zipped:
        for part in parts:
            digest = hashlib.sha256()
            with zipped.open(zipfile.ZipInfo(part.name), "w", force_zip64=True) as inside:
                for piece in _pieces(part):
                    if unwanted():
                        raise GivenUp("stopped; nothing was written")
                    digest.update(piece)
                    inside.write(piece)
                    done += len(piece)
                    told(done, size)
                    sleep(_GIVE_WAY_S)
            files[part.name] = {"size": part.size, "sha256": digest.hexdigest()}
        made = datetime.now().astimezone().isoformat(timespec="seconds")
        manifest = {"format": FORMAT, "entry": entry, "made": made, "files": files}
        zipped.writestr(MANIFEST, json.dumps(manifest, ensure_ascii=False, indent=1))


# Back


def unarchive(file: Path, folder: Path, check: Callable[[Path], int]) -> tuple[int, int]:
    """Put an archived shop into a folder that is empty or not there; all of it or nothing.

    Args:
        file: The archive.
        folder: Where the shop shall be.
        check: Opens the shop in a folder, changing nothing, and returns its last entry.

    Returns:
        The last entry, and how many files there are.

    Raises:
        Invalid: The folder is not empty, or the archive is none, damaged, or holds what no shop has.
        StorageError: Something cannot be read or written.
    """
    try:
        if folder.is_symlink() or (folder.exists() and (not folder.is_dir() or any(folder.iterdir()))):
            raise Invalid([FieldProblem("-d", f"{folder} is not empty; choose a new folder")])
        with zipfile.ZipFile(file) as zipped:
            manifest, infos = _checked(zipped, file)
            folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            beside = Path(tempfile.mkdtemp(prefix=f".{folder.name[:50]}.", suffix=".tmp", dir=folder.parent))
            try:
                _unpack(zipped, infos, manifest, beside)
                entry = check(beside)
                if entry != manifest["entry"]:
                    raise _damaged(f"the logs in it end with entry {entry}, not {manifest['entry']}")
                shutil.rmtree(beside / ".tracker", ignore_errors=True)
                _put_in_place(beside, folder)
            except BaseException:
                shutil.rmtree(beside, ignore_errors=True)
                raise
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise _damaged(str(error)) from error
    except OSError as error:
        raise StorageError(f"{error.filename or file}: {error.strerror or error}") from error
    return entry, len(infos)


def _damaged(reason: str) -> Invalid:
    return Invalid([FieldProblem("", f"the archive is damaged, or none of this program: {reason}")])


def _checked(zipped: zipfile.ZipFile, file: Path) -> tuple[dict[str, Any], list[zipfile.ZipInfo]]:
    """Look at all that an archive says of itself, before anything of it is unpacked."""
    infos = zipped.infolist()
    listed = {info.filename: info for info in infos}
    if len(infos) > _MOST_FILES or len({name.casefold() for name in listed}) != len(infos):
        raise _damaged("too many files in it, or two of one name")
    for info in infos:
        kind = stat.S_IFMT(info.external_attr >> 16)
        if info.filename != MANIFEST and not _is_of_a_shop(info.filename):
            raise _damaged(f"{info.filename[:100]} is no file of a shop")
        if info.flag_bits & 1 or kind not in (0, stat.S_IFREG):
            raise _damaged(f"{info.filename} is a link, or locked with a password")
    size = sum(info.file_size for info in infos)
    if size > min(_LARGEST, file.stat().st_size * _MOST_TIMES + _SMALL):
        raise _damaged(f"it would be {size:,} bytes, too many for its own size")
    if MANIFEST not in listed or listed[MANIFEST].file_size > _SMALL * 32:
        raise _damaged(f"it has no {MANIFEST}")
    with zipped.open(MANIFEST) as opened:
        manifest = _manifest_of(opened.read(_SMALL * 32))
    rest = [info for info in infos if info.filename != MANIFEST]
    if {info.filename: info.file_size for info in rest} != {
        name: known.get("size") for name, known in manifest["files"].items()
    }:
        raise _damaged(f"what is in it is not what {MANIFEST} says")
    return manifest, rest


def _manifest_of(data: bytes) -> dict[str, Any]:
    try:
        manifest = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise _damaged(f"{MANIFEST} cannot be read") from error
    if (
        not isinstance(manifest, dict)
        or manifest.get("format") != FORMAT
        or not isinstance(manifest.get("entry"), int)
        or not isinstance(files := manifest.get("files"), dict)
        or not all(isinstance(known, dict) for known in files.values())
    ):
        raise _damaged(f"{MANIFEST} is none of “{FORMAT}”")
    return manifest


def _is_of_a_shop(name: str) -> bool:
    if any(part in (".", "..") for part in name.split("/")):
        return False
    return name in (*_LOGS, *_TABLES) or bool(_BESIDE.fullmatch(name) or _IN_SUBFOLDER.fullmatch(name))


def _unpack(
    zipped: zipfile.ZipFile, infos: list[zipfile.ZipInfo], manifest: dict[str, Any], folder: Path
) -> None:
    """Write the files, each checked against its size and digest, and make them durable."""
    for info in infos:
        target = folder / info.filename
        target.parent.mkdir(mode=0o700, exist_ok=True)
        with zipped.open(info) as inside, target.open("xb") as out:
            digest = _copy(inside, out, info.file_size)
            out.flush()
            os.fsync(out.fileno())
        if digest != manifest["files"][info.filename].get("sha256"):
            raise _damaged(f"{info.filename} is not what it was")


def _copy(inside: IO[bytes], out: BinaryIO, size: int) -> str:
    digest, done = hashlib.sha256(), 0
    while piece := inside.read(_PIECE):
        done += len(piece)
        if done > size:
            raise _damaged("a file in it is larger than it says")
        digest.update(piece)
        out.write(piece)
    return digest.hexdigest()


def _put_in_place(beside: Path, folder: Path) -> None:
    """Give the files the permissions of the folder that is there, and put them into its place."""
    info = folder.stat() if folder.exists() else None
    mode = stat.S_IMODE(info.st_mode) if info is not None else 0o700
    for path in (*beside.rglob("*"), beside):
        path.chmod(mode if path.is_dir() else mode & 0o666)
        if info is not None and path.stat().st_gid != info.st_gid:
            os.chown(path, -1, info.st_gid)
    beside.rename(folder)
    fd = os.open(folder.parent, _FOLDER)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
