"""Every figure of every breakdown is what a few lines of Python add up over the files."""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from tests.busy_shop import Files, Row, busy_shop
from tests.conftest import OpenShop, keep_past_in_logs
from tracker_tui.model import Product, SaleItem, sums
from tracker_tui.model.figures import BY, Figures, bucket_of, buckets
from tracker_tui.model.sale_rows import EVERYTHING, RETURNS, rows_behind, taxed_rows
from tracker_tui.model.sums import Sum
from tracker_tui.model.tax import percent
from tracker_tui.service import InventoryService

SPANS = (
    (None, None),
    (date(2026, 3, 1), date(2026, 3, 20)),
    (None, date(2026, 2, 25)),
    (date(2030, 1, 1), None),
)


def told(one: Sum) -> tuple[object, ...]:
    """Return the figures of a sum, as `Truth.figures` has them."""
    return (one.sales, one.returns, one.units, one.money, one.returned, one.known, one.cost)


def check(shop: InventoryService, files: Files) -> None:
    """Compare all that a shop says of its sales with its files."""
    for since, until in SPANS:
        columns = shop.sale_columns(since, until)
        figures = Figures(columns)
        whole = shop.report(since, until)
        assert (figures.whole.sales, figures.whole.returns) == (whole.purchases, whole.returns)
        assert (figures.whole.units, figures.whole.money) == (whole.units, whole.total_sales)
        days = {
            str(day): (one.sales, one.returns, one.units, one.money)
            for day, one in shop.snapshot.ledger.days(since, until).items()
        }
        assert days == {key: one.figures()[:4] for key, one in files.sums("day", since, until).items()}
        for what in BY:
            truth = files.sums(what, since, until)
            sums = figures.by(what, shop.snapshot.customers)
            assert {one.key: told(one) for one in sums} == {
                key: one.figures() for key, one in truth.items()
            }, what
            for one in sums:
                rows = rows_behind(columns, what, one.key)
                assert (rows.pieces, rows.total) == (one.units, one.money)
                assert {row.entry for row in rows} == truth[one.key].sales | truth[one.key].returns
        assert {row.entry for row in rows_behind(columns, EVERYTHING)} == {
            int(rows[0]["entry"]) for rows in files.within(since, until)
        }
        back = rows_behind(columns, RETURNS)
        assert (len(back), -back.total) == (figures.whole.returns, figures.whole.returned)
        for rate in whole.taxes:
            taxed = taxed_rows(columns, shop.snapshot.ledger.find, rate.rate)
            assert taxed.total == rate.gross
            mark = f"tax {percent(rate.rate)} "
            assert {row.entry for row in taxed} == {
                int(rows[0]["entry"])
                for rows in files.within(since, until)
                if any(not row["product_id"] and row["product"].startswith(mark) for row in rows)
            }
        check_heat(figures, files.within(since, until))


def check_heat(figures: Figures, entries: Iterator[list[Row]]) -> None:
    expected = [[Decimal(0)] * 24 for _ in range(7)]
    for rows in entries:
        day, hour = date.fromisoformat(rows[0]["time"][:10]), int(rows[0]["time"][11:13])
        expected[day.weekday()][hour] += sum(Decimal(row["total"]) for row in rows)
    assert figures.heat == expected


@pytest.mark.parametrize("seed", range(6))
def test_figures_are_those_of_the_files(shop_dir: Path, seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """With all entries in memory, with the past in the logs counted anew, and out of the file that is there then."""
    busy_shop(shop_dir, seed, 160, back=seed % 2 == 1)
    files = Files(shop_dir)
    with InventoryService.open(shop_dir, "amal") as shop:
        check(shop, files)
    keep_past_in_logs(monkeypatch)
    for _ in range(2):
        with InventoryService.open(shop_dir, "amal") as shop:
            check(shop, files)


def test_what_everything_does_happens_in_these_shops(tmp_path: Path) -> None:
    """The shops that are compared have all that can go wrong."""
    seen: set[str] = set()
    for seed in range(6):
        busy_shop(tmp_path / str(seed), seed, 160, back=seed % 2 == 1)
        text = (tmp_path / str(seed) / "purchases.txt").read_text("utf-8")
        changes = (tmp_path / str(seed) / "changes.txt").read_text("utf-8")
        marks = ("not back on the shelf", "tax 20% in", "tax 7% on", "undo-", " to account", "card")
        seen |= {mark for mark in marks if mark in text}
        seen |= {mark for mark in (",remove,", ",undo,") if mark in changes}
    assert len(seen) == 8, seen


def test_names_are_those_of_now_and_of_the_removed(service: InventoryService) -> None:
    service.sell([("001", 1), ("002", 1)], "Ann")
    service.edit("001", name="Whole milk")
    service.edit_customer(next(iter(service.snapshot.customers)), name="Anna")
    service.remove("002")
    figures = Figures(service.sale_columns())
    assert {one.key: one.name for one in figures.by("product")} == {"001": "Whole milk", "002": "Bread"}
    assert [one.name for one in figures.by("customer", service.snapshot.customers)] == ["Anna"]
    assert {one.name for one in figures.by("category")} == {"dairy", "fresh", "bakery"}


def test_amounts_finer_than_the_coins_are_exact(service: InventoryService, open_shop: OpenShop) -> None:
    service.sell([("001", 1)])
    (service.directory / "tracker.toml").write_text("decimals = 0\n", "utf-8")
    with open_shop() as coarse:
        figures = Figures(coarse.sale_columns())
        assert figures.whole.money == Decimal("1.20")
        assert [one.money for one in figures.by("product")] == [Decimal("1.20")]


def test_margin_is_of_the_goods_whose_cost_is_known(open_shop: OpenShop) -> None:
    with open_shop() as shop:
        shop.add(Product("1", "Tea", Decimal("4.00"), 9, cost=Decimal("1.00")))
        shop.add(Product("2", "Cup", Decimal("3.00"), 9))
        sale = shop.sell([SaleItem("1", 2), SaleItem("2", 1)])
        shop.edit("1", cost=Decimal("3.00"))
        shop.sell([("1", 1)])
        whole = Figures(shop.sale_columns()).whole
        assert (whole.known, whole.cost, whole.margin) == (Decimal(12), Decimal(5), Decimal(7))
        assert whole.margin_share == Decimal(7) / Decimal(12)
        shop.give_back(sale.sale, [("1", 1)], to_shelf=False)
        whole = Figures(shop.sale_columns()).whole
        assert (whole.known, whole.cost) == (Decimal(8), Decimal(5)), "what is thrown away stays paid for"
        assert whole.returned_share == Decimal(4) / Decimal(15)


def test_nothing_sold_is_nothing(service: InventoryService) -> None:
    figures = Figures(service.sale_columns())
    assert figures.whole == Sum("", "")
    assert figures.whole.margin_share is None
    assert [figures.by(what) for what in BY] == [[]] * len(BY)
    assert len(rows_behind(figures.columns, EVERYTHING)) == 0


def test_a_turn_ends_the_counting(service: InventoryService) -> None:
    class Enough(Exception):
        pass

    def turn() -> None:
        raise Enough

    service.sell([("001", 1)])
    with pytest.raises(Enough):
        Figures(service.sale_columns(), turn).by("product")


def test_days_without_sales_have_their_place() -> None:
    assert buckets("day", date(2026, 2, 27), date(2026, 3, 1)) == ["2026-02-27", "2026-02-28", "2026-03-01"]
    assert buckets("week", date(2026, 2, 27), date(2026, 3, 2)) == ["2026-02-23", "2026-03-02"]
    assert buckets("month", date(2025, 12, 31), date(2026, 1, 1)) == ["2025-12", "2026-01"]
    assert buckets("month", date(9999, 11, 30), date.max) == ["9999-11", "9999-12"]


@pytest.mark.parametrize("unit", ["day", "week", "month"])
@pytest.mark.parametrize("seed", range(20))
def test_days_of_a_span_are_in_one_bucket_each_and_none_is_left_out(unit: str, seed: int) -> None:
    dice = random.Random(seed)
    first = date(2023, 1, 1).toordinal() + dice.randrange(1500)
    days = [date.fromordinal(first + number) for number in range(dice.choice([1, 2, 40, 500]))]
    assert buckets(unit, days[0], days[-1]) == list(dict.fromkeys(bucket_of(unit, day) for day in days))


def test_rows_are_found_and_put_in_order(service: InventoryService) -> None:
    service.sell([("003", 1)], "bo", payment="card")
    service.sell([("001", 3)], "Ann")
    service.sell([("002", 1)])
    rows = rows_behind(service.sale_columns(), EVERYTHING)
    entries = [row.entry for row in rows]
    assert entries == sorted(entries, reverse=True)
    assert [rows.position(str(entry)) for entry in (*entries, 1)] == [0, 1, 2, None]
    by = {
        column: [row.entry - entries[-1] for row in rows.sorted_by(column, reverse=False)]
        for column in ("entry", "money", "units", "customer", "payment", "time", "clerk", "what")
    }
    assert by["entry"] == by["time"] == [0, 1, 2]
    assert by["money"] == [2, 1, 0]
    assert by["customer"] == [2, 1, 0]
    assert by["payment"][0] == 0
    assert by["units"][-1] == 1


def test_shop_of_the_script_has_its_sales_by_name(shop_dir: Path, open_shop: OpenShop) -> None:
    shutil.copytree(Path(__file__).parents[1] / "data" / "original", shop_dir)
    with open_shop() as shop:
        sums = Figures(shop.sale_columns()).by("product")
        assert sum(one.money for one in sums) == shop.report().total_sales
        assert all(one.name for one in sums)


@pytest.mark.parametrize(
    "column", ["", "name", "id", "sales", "returns", "units", "money", "returned", "margin"]
)
def test_many_sums_are_put_in_order_piece_by_piece(
    shop_dir: Path, column: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    busy_shop(shop_dir, 11, 150)
    with InventoryService.open(shop_dir, "amal") as shop:
        figures = Figures(shop.sale_columns())
        whole = {
            what: figures.rows(what).sorted_by(column, reverse=True)
            for what in ("product", "category", "day")
        }
        monkeypatch.setattr(sums, "_SORTED", 2)
        for what, at_once in whole.items():
            rows = figures.rows(what)
            assert not rows.is_sorted("money", reverse=False)
            ordered = rows.sorted_by(column, reverse=True)
            assert [one.key for one in ordered] == [one.key for one in at_once]
            assert sorted(ordered) == sorted(figures.by(what))
            for index in range(len(ordered)):
                assert ordered.position(ordered.key_at(index)) == index
            assert ordered.position("nowhere") is None
            by = {"sales": "sales", "units": "units", "money": "money", "returns": "returns"}.get(column)
            if by is not None:
                values = [getattr(one, by) for one in ordered]
                assert values == sorted(values, reverse=True)


def test_margins_and_shares_of_returns_order_as_they_are_shown(shop_dir: Path) -> None:
    busy_shop(shop_dir, 12, 200)
    with InventoryService.open(shop_dir, "amal") as shop:
        rows = Figures(shop.sale_columns()).rows("product")
        margins = [one.margin_share for one in rows.sorted_by("margin", reverse=True)]
        known = [share for share in margins if share is not None]
        assert known == sorted(known, reverse=True)
        assert margins[: len(known)] == known, "what is not known comes last"
        returned = [
            one.returned_share
            for one in rows.sorted_by("returned", reverse=True)
            if one.money + one.returned > 0
        ]
        assert returned == sorted(returned, reverse=True)
