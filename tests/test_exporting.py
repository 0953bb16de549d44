"""Writing a table into a file outside the shop: whole or not at all, private, and never over what is there."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from tracker_tui.errors import AlreadyThere, GivenUp, Invalid, StorageError, TrackerError
from tracker_tui.model.exports import Listing, Plain
from tracker_tui.work.exporting import export_listing

ROWS = 1_000


def listing(rows: int = ROWS) -> Listing:
    return Listing("rows", ("n",), rows, lambda: ({"n": number} for number in range(rows)))


def export(typed: str | Path, shop: Path, table: Listing | None = None, *, replace: bool = False) -> Path:
    return export_listing(
        table or listing(), str(typed), shop, replace=replace, told=lambda _done: None, unwanted=lambda: False
    )


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """Return an empty private folder."""
    folder = tmp_path / "out"
    folder.mkdir(mode=0o700)
    return folder


def test_a_table_is_written_whole(out: Path, shop_dir: Path) -> None:
    file = export(out / "rows.csv", shop_dir)
    assert file.read_text("utf-8").split() == ["n", *map(str, range(ROWS))]
    assert list(out.iterdir()) == [file]


@pytest.mark.parametrize(("folder_mode", "expected"), [(0o700, 0o600), (0o755, 0o600), (0o770, 0o660)])
def test_a_new_file_is_for_those_who_may_write_in_the_folder(
    out: Path, shop_dir: Path, folder_mode: int, expected: int
) -> None:
    out.chmod(folder_mode)
    assert export(out / "rows.csv", shop_dir).stat().st_mode & 0o777 == expected


def test_a_file_that_is_there_is_replaced_only_when_asked_for_and_keeps_its_mode(
    out: Path, shop_dir: Path
) -> None:
    there = out / "rows.json"
    there.write_text("precious")
    there.chmod(0o640)
    with pytest.raises(AlreadyThere, match="8 bytes"):
        export(there, shop_dir)
    assert there.read_text() == "precious"
    export(there, shop_dir, listing(0), replace=True)
    assert (there.read_text(), there.stat().st_mode & 0o777) == ("[]\n", 0o640)


def test_a_file_that_comes_while_the_rows_are_written_is_not_replaced(out: Path, shop_dir: Path) -> None:
    there = out / "rows.csv"

    def rows() -> Iterator[Mapping[str, Plain]]:
        there.write_text("precious")
        yield {"n": 1}

    with pytest.raises(AlreadyThere):
        export(there, shop_dir, Listing("rows", ("n",), 1, rows))
    assert [file.read_text() for file in out.iterdir()] == ["precious"]


def test_nothing_is_left_where_nobody_wants_it_any_more(out: Path, shop_dir: Path) -> None:
    told: list[int] = []
    with pytest.raises(GivenUp):
        export_listing(
            listing(),
            str(out / "rows.csv"),
            shop_dir,
            replace=False,
            told=told.append,
            unwanted=lambda: len(told) > 1,
        )
    assert told == [200, 400]
    assert list(out.iterdir()) == []


def test_nothing_is_left_where_the_rows_cannot_be_read(out: Path, shop_dir: Path) -> None:
    def rows() -> Iterator[Mapping[str, Plain]]:
        yield {"n": 1}
        raise StorageError("the log is gone")

    with pytest.raises(StorageError, match="the log is gone"):
        export(out / "rows.csv", shop_dir, Listing("rows", ("n",), 2, rows))
    assert list(out.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "error", "reason"),
    [
        ("rows.txt", Invalid, "end with .csv or .json"),
        ("rows", Invalid, "end with .csv or .json"),
        ("", Invalid, "end with .csv or .json"),
        ("a\0.csv", Invalid, "no name of a file"),
        ("~nobody-of-this-name/rows.csv", Invalid, "home"),
        ("none/rows.csv", StorageError, "No such file"),
        ("folder.csv", StorageError, "no plain file"),
        ("link.csv", StorageError, "no plain file"),
        ("pipe.csv", StorageError, "no plain file"),
        (f"{'x' * 300}.csv", StorageError, "too long"),
    ],
)
def test_what_can_be_no_such_file_is_refused(
    out: Path, shop_dir: Path, name: str, error: type[TrackerError], reason: str
) -> None:
    (out / "folder.csv").mkdir()
    (out / "link.csv").symlink_to(out / "elsewhere")
    os.mkfifo(out / "pipe.csv")
    before = sorted(out.iterdir())
    path = name if not name or name.startswith("~") else f"{out}/{name}"
    with pytest.raises(error, match=reason):
        export(path, shop_dir, replace=True)
    assert sorted(out.iterdir()) == before


@pytest.mark.parametrize(
    "name", [".tracker/x.csv", "baskets/x.json", "backups/x.csv", ".x.csv", "a-original.csv"]
)
def test_nothing_is_written_where_the_shop_lives(shop_dir: Path, name: str) -> None:
    for folder in (".tracker", "baskets", "backups"):
        (shop_dir / folder).mkdir(parents=True)
    with pytest.raises(Invalid, match="own file"):
        export(shop_dir / name, shop_dir)
    assert not (shop_dir / name).exists()


def test_a_table_may_lie_beside_the_shops_files(shop_dir: Path) -> None:
    shop_dir.mkdir()
    assert export(shop_dir / "list.csv", shop_dir).exists()
