"""The file of lines: made once, brought up to date from the tail, and never believed where it does not fit."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.busy_shop import Files, busy_shop
from tests.conftest import keep_past_in_logs
from tracker_tui.errors import StorageError
from tracker_tui.model.figures import BY, Figures
from tracker_tui.service import InventoryService
from tracker_tui.storage import line_count, sold_lines


@pytest.fixture(autouse=True)
def in_the_logs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let these shops look their past up in the logs."""
    keep_past_in_logs(monkeypatch)


@pytest.fixture
def lines(shop_dir: Path) -> Path:
    """Return where the file of lines is."""
    return shop_dir / ".tracker" / "lines"


@pytest.fixture
def shop(shop_dir: Path) -> Iterator[InventoryService]:
    """Return a shop in which much has happened."""
    busy_shop(shop_dir, 7, 120)
    with InventoryService.open(shop_dir, "amal") as opened:
        yield opened


def agree(shop: InventoryService) -> None:
    """Compare what a shop says with its files."""
    figures, files = Figures(shop.sale_columns()), Files(shop.directory)
    for what in BY:
        truth = files.sums(what)
        said = {one.key: (one.sales, one.units, one.money, one.cost) for one in figures.by(what)}
        assert said == {
            key: (len(one.sales), one.units, one.money, one.cost) for key, one in truth.items()
        }, what


def recounted(shop_dir: Path) -> InventoryService:
    """Open the shop with a history that has all the entries of now."""
    (shop_dir / ".tracker" / "history").unlink()
    return InventoryService.open(shop_dir, "amal")


def counted_from(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Return a list that gets the places in `purchases.txt` from which on its lines are counted."""
    starts: list[int] = []
    count = line_count.LineCount.count_sales

    def count_sales(self: line_count.LineCount, *arguments: object) -> None:
        starts.append(int(str(arguments[1])))
        count(self, *arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(line_count.LineCount, "count_sales", count_sales)
    return starts


def test_lines_are_counted_once(shop: InventoryService, lines: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    starts = counted_from(monkeypatch)
    assert not lines.exists()
    agree(shop)
    assert lines.exists()
    with InventoryService.open(shop.directory, "bo") as other:
        agree(other)
    assert starts == [0]


def test_what_came_since_is_counted_from_the_tail(
    shop: InventoryService, shop_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ids with blanks, which this shop has, would have all of it counted."""
    monkeypatch.setattr(line_count, "mixed_up", lambda _columns: frozenset())
    monkeypatch.setattr(sold_lines, "mixed_up", lambda _columns: frozenset())
    Figures(shop.sale_columns())
    before = (shop_dir / "purchases.txt").stat().st_size
    starts = counted_from(monkeypatch)
    key = next(iter(shop.snapshot.products))
    shop.receive(key, 100)
    for _ in range(12):
        shop.sell([(key, 1)], "Ann")
    with recounted(shop_dir) as again:
        assert again.snapshot.ledger.past.last > shop.snapshot.ledger.past.last
        assert Figures(again.sale_columns()).whole.money == again.report().total_sales
    (start,) = starts
    assert 0 < start <= before


def test_ids_that_may_be_mixed_up_are_counted_whole(
    shop: InventoryService, shop_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    agree(shop)
    starts = counted_from(monkeypatch)
    busy_shop(shop_dir, 8, 30)
    with recounted(shop_dir) as again:
        agree(again)
    assert starts == [0]


@pytest.mark.parametrize("damage", ["gone", "empty", "cut", "other form", "no number", "other shop"])
def test_a_file_that_does_not_fit_is_made_anew(
    shop: InventoryService, lines: Path, damage: str, tmp_path: Path
) -> None:
    agree(shop)
    data = lines.read_bytes()
    if damage == "other shop":
        busy_shop(tmp_path / "other", 9, 60)
        with InventoryService.open(tmp_path / "other", "amal") as other:
            other.sale_columns()
        data = (tmp_path / "other" / ".tracker" / "lines").read_bytes()
    lines.unlink()
    if damage != "gone":
        damaged = {
            "empty": b"",
            "cut": data[:-9],
            "other form": data.replace(b'"form": 1', b'"form": 0'),
            "no number": b"x" + data[1:],
        }
        lines.write_bytes(damaged.get(damage, data))
    with InventoryService.open(shop.directory, "bo") as again:
        agree(again)


def test_a_large_log_is_counted_in_a_process_of_its_own(
    shop: InventoryService, lines: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sold_lines, "LARGE_BYTES", 0)
    told: list[tuple[int, int]] = []
    shop.sale_columns(told=lambda done, size: told.append((done, size)))
    assert told
    assert all(0 <= done <= size for done, size in told)
    assert lines.exists()
    agree(shop)


def test_who_only_looks_leaves_nothing(
    shop: InventoryService, lines: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with InventoryService.open(shop.directory, "bo", read_only=True) as looker:
        agree(looker)
    monkeypatch.setattr(sold_lines, "LARGE_BYTES", 0)
    with InventoryService.open(shop.directory, "bo", read_only=True) as looker:
        agree(looker)
    assert not lines.exists()


def test_what_is_told_can_end_the_counting(
    shop: InventoryService, lines: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Enough(Exception):
        pass

    def told(_done: int, _size: int) -> None:
        raise Enough

    for large in (sold_lines.LARGE_BYTES, 0):
        monkeypatch.setattr(sold_lines, "LARGE_BYTES", large)
        with pytest.raises(Enough):
            shop.sale_columns(told=told)
        assert large == 0 or not lines.exists(), "a process may just have come to its end"
    agree(shop)


@pytest.mark.parametrize("large", [True, False])
def test_a_log_that_is_another_now_is_said(
    shop: InventoryService, shop_dir: Path, monkeypatch: pytest.MonkeyPatch, *, large: bool
) -> None:
    if large:
        monkeypatch.setattr(sold_lines, "LARGE_BYTES", 0)
    log = shop_dir / "purchases.txt"
    changed = log.read_bytes().replace(b",cash,", b",CASH,", 1)
    log.unlink()
    log.write_bytes(changed)
    with pytest.raises(StorageError, match="changed by another program"):
        shop.sale_columns()
