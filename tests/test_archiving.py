"""The whole shop as one file and back: as of one entry while others sell, and nothing but a shop ever comes out."""

from __future__ import annotations

import json
import stat
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import OpenShop
from tracker_tui.cli import run
from tracker_tui.errors import AlreadyThere, GivenUp, Invalid, StorageError
from tracker_tui.service import InventoryService
from tracker_tui.work.archiving import MANIFEST, archive, unarchive


def write(service: InventoryService, file: Path, *, replace: bool = False) -> int:
    return archive(
        service, str(file), replace=replace, told=lambda _done, _size: None, unwanted=lambda: False
    )[1]


def last_entry(folder: Path) -> int:
    with InventoryService.open(folder, "eva", read_only=True) as shop:
        return shop.snapshot.entry


@pytest.fixture
def full(service: InventoryService) -> InventoryService:
    """Return a shop with sales, a customer, settings, a kept basket and a backup."""
    service.sell([("001", 2)], "Ann")
    service.save()
    (service.directory / "tracker.toml").write_text('shop = "Corner"\n')
    (service.directory / "baskets").mkdir(exist_ok=True)
    (service.directory / "baskets" / "s9.txt").write_text("half a basket")
    (service.directory / "purchases-original.txt").write_text("old")
    (service.directory / "private.txt").write_text("not the shop's")
    return service


def test_a_shop_comes_back_as_it_was(full: InventoryService, tmp_path: Path) -> None:
    entry = write(full, tmp_path / "shop.zip")
    assert stat.S_IMODE((tmp_path / "shop.zip").stat().st_mode) == 0o600
    back = tmp_path / "back"
    assert unarchive(tmp_path / "shop.zip", back, last_entry)[0] == entry == 4
    there = {str(file.relative_to(back)): file.read_bytes() for file in back.rglob("*") if file.is_file()}
    backups = {name for name in there if name.startswith("backups/")}
    assert len(backups) == 2
    names = {"inventory.txt", "customers.txt", "purchases.txt", "changes.txt", "tracker.toml"}
    assert set(there) - backups == names | {"baskets/s9.txt", "purchases-original.txt"}
    assert all(data == (full.directory / name).read_bytes() for name, data in there.items())
    assert stat.S_IMODE(back.stat().st_mode) == 0o700
    with InventoryService.open(back, "eva") as shop:
        assert shop.snapshot.products == full.snapshot.products
        assert shop.snapshot.customers == full.snapshot.customers
        assert not shop.snapshot.problems
        assert shop.sell([("003", 1)]).entry == 5


def test_others_sell_meanwhile_and_the_archive_stays_at_its_entry(
    full: InventoryService, open_shop: OpenShop, tmp_path: Path
) -> None:
    with open_shop("ben") as other:

        def sell(_done: int, _size: int) -> None:
            if other.snapshot.products["003"].quantity:
                other.sell([("003", 1)])
                other.save()

        file = tmp_path / "shop.zip"
        entry = archive(full, str(file), replace=False, told=sell, unwanted=lambda: False)[1]
        assert other.snapshot.entry > entry == 4
    assert unarchive(file, tmp_path / "back", last_entry)[0] == 4
    with InventoryService.open(tmp_path / "back", "eva") as shop:
        assert shop.snapshot.products["003"].quantity == 8


def test_the_folder_that_is_there_keeps_its_permissions(full: InventoryService, tmp_path: Path) -> None:
    write(full, tmp_path / "shop.zip")
    back = tmp_path / "back"
    back.mkdir()
    back.chmod(0o2770)
    unarchive(tmp_path / "shop.zip", back, last_entry)
    assert stat.S_IMODE(back.stat().st_mode) == 0o2770
    assert stat.S_IMODE((back / "purchases.txt").stat().st_mode) == 0o660
    assert stat.S_IMODE((back / "baskets").stat().st_mode) == 0o2770


@pytest.mark.parametrize("there", ["a file", "a shop", "a link"])
def test_nothing_that_is_there_is_touched(full: InventoryService, tmp_path: Path, there: str) -> None:
    file = tmp_path / "shop.zip"
    write(full, file)
    target = {"a file": tmp_path / "x", "a shop": full.directory, "a link": tmp_path / "link"}[there]
    (tmp_path / "x").write_text("precious")
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(Invalid, match="is not empty"):
        unarchive(file, target, last_entry)
    with pytest.raises(AlreadyThere):
        write(full, file)
    with pytest.raises(Invalid, match="own file"):
        write(full, full.directory / "baskets" / "x.zip")
    with pytest.raises(Invalid, match=r"end with \.zip"):
        write(full, tmp_path / "x")
    assert sorted(tmp_path.rglob("*")) == before
    write(full, file, replace=True)


def test_nothing_is_left_of_an_archive_that_nobody_wants(full: InventoryService, tmp_path: Path) -> None:
    with pytest.raises(GivenUp):
        archive(
            full,
            str(tmp_path / "a.zip"),
            replace=False,
            told=lambda _done, _size: None,
            unwanted=lambda: True,
        )
    assert [path.name for path in tmp_path.iterdir()] == ["shop"]


Spoil = Callable[[dict[str, bytes], dict[str, zipfile.ZipInfo]], None]


def _manifest(files: dict[str, bytes], **changes: object) -> None:
    files[MANIFEST] = json.dumps({**json.loads(files[MANIFEST]), **changes}).encode()


def _listed(files: dict[str, bytes], name: str, data: bytes) -> None:
    """Add a file, and say so in the manifest."""
    manifest = json.loads(files[MANIFEST])
    manifest["files"][name] = {"size": len(data), "sha256": ""}
    files[MANIFEST] = json.dumps(manifest).encode()
    files[name] = data


def _as_link(files: dict[str, bytes], infos: dict[str, zipfile.ZipInfo]) -> None:
    _listed(files, "tracker.toml", b"/etc/passwd")
    infos["tracker.toml"] = zipfile.ZipInfo("tracker.toml")
    infos["tracker.toml"].external_attr = (stat.S_IFLNK | 0o777) << 16


def _twice(files: dict[str, bytes], _infos: dict[str, zipfile.ZipInfo]) -> None:
    for name in ("a-original.txt", "A-original.txt"):
        _listed(files, name, b"x")


def _without(name: str) -> Spoil:
    def spoil(files: dict[str, bytes], _infos: dict[str, zipfile.ZipInfo]) -> None:
        del files[name]

    return spoil


SPOILT: dict[str, tuple[Spoil, str]] = {
    "out of the folder": (lambda f, _i: _listed(f, "../evil.txt", b"x"), "is no file of a shop"),
    "out of a subfolder": (lambda f, _i: _listed(f, "baskets/../../evil.txt", b"x"), "is no file of a shop"),
    "absolute": (lambda f, _i: _listed(f, "/tmp/evil.txt", b"x"), "is no file of a shop"),
    "backslashes": (lambda f, _i: _listed(f, "baskets\\..\\evil.txt", b"x"), "is no file of a shop"),
    "hidden": (lambda f, _i: _listed(f, ".bashrc", b"x"), "is no file of a shop"),
    "a program": (lambda f, _i: _listed(f, "evil.sh", b"x"), "is no file of a shop"),
    "a folder": (lambda f, _i: _listed(f, "baskets/", b""), "is no file of a shop"),
    "two of one name": (_twice, "two of one name"),
    "a link": (_as_link, "is a link"),
    "a bomb": (lambda f, _i: _listed(f, "changes-original.txt", bytes(8 << 20)), "too many for its own size"),
    "not listed": (lambda f, _i: f.update({"baskets/x.txt": b"x"}), "is not what archive.json says"),
    "listed only": (_without("purchases.txt"), "is not what archive.json says"),
    "other content": (
        lambda f, _i: f.update({"purchases.txt": f["purchases.txt"][::-1]}),
        "is not what it was",
    ),
    "no manifest": (_without(MANIFEST), "has no archive.json"),
    "another format": (lambda f, _i: _manifest(f, format="tracker archive 9"), "is none of"),
    "a broken manifest": (lambda f, _i: f.update({MANIFEST: b"{"}), "cannot be read"),
    "another entry": (lambda f, _i: _manifest(f, entry=99), "not 99"),
}


@pytest.mark.parametrize("how", SPOILT)
def test_what_is_no_whole_shop_is_refused_and_leaves_nothing(
    full: InventoryService, tmp_path: Path, how: str
) -> None:
    good, bad = tmp_path / "good.zip", tmp_path / "bad.zip"
    write(full, good)
    with zipfile.ZipFile(good) as zipped:
        files = {info.filename: zipped.read(info) for info in zipped.infolist()}
    infos: dict[str, zipfile.ZipInfo] = {}
    spoil, reason = SPOILT[how]
    spoil(files, infos)
    with zipfile.ZipFile(bad, "w", zipfile.ZIP_DEFLATED) as zipped:
        for name, data in files.items():
            zipped.writestr(infos.get(name, name), data)
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(Invalid, match=reason):
        unarchive(bad, tmp_path / "deep" / "back", last_entry)
    assert [path for path in sorted(tmp_path.rglob("*")) if path.name != "deep"] == before


@pytest.mark.parametrize("cut", [0, 10, 200, 1_000])
def test_an_archive_that_was_cut_off_is_refused(full: InventoryService, tmp_path: Path, cut: int) -> None:
    file = tmp_path / "shop.zip"
    write(full, file)
    file.write_bytes(file.read_bytes()[: cut or -30])
    with pytest.raises(Invalid, match="damaged"):
        unarchive(file, tmp_path / "back", last_entry)
    assert not (tmp_path / "back").exists()


def test_a_flipped_byte_is_noticed(full: InventoryService, tmp_path: Path) -> None:
    file = tmp_path / "shop.zip"
    write(full, file)
    data = bytearray(file.read_bytes())
    data[120] ^= 0xFF
    file.write_bytes(data)
    with pytest.raises(Invalid, match="damaged"):
        unarchive(file, tmp_path / "back", last_entry)


def test_commands(full: InventoryService, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shop, file, back = str(full.directory), str(tmp_path / "a.zip"), str(tmp_path / "back")
    assert run(["-d", shop, "--clerk", "archive", file]) == 1
    assert "not for clerks" in capsys.readouterr().err
    assert run(["-d", shop, "archive", file]) == 0
    assert run(["-d", shop, "archive", file]) == 1
    assert run(["-d", shop, "archive", file, "--replace", "--json"]) == 0
    assert json.loads(capsys.readouterr().out.split("\n", 1)[1]) == {"file": file, "entry": 4}
    assert run(["-d", back, "--clerk", "unarchive", file]) == 1
    assert run(["unarchive", file]) == 1
    assert run(["-d", shop, "unarchive", file]) == 1
    assert run(["-d", back, "unarchive", str(tmp_path / "none.zip")]) == 3
    assert run(["-d", back, "unarchive", file, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["entry"] == 4
    assert not list(tmp_path.glob(".*"))


def test_what_cannot_be_written_is_said(full: InventoryService, tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="No such file"):
        write(full, tmp_path / "none" / "a.zip")
