"""Entries that are not in memory: whatever is asked, the answer is the same as if they were."""

from __future__ import annotations

import random
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.conftest import keep_past_in_logs
from tests.storage.random_shops import change_by_hand, differences, live, new_shop, told
from tracker_tui.model import people, queries
from tracker_tui.model.queries import report, sum_ahead
from tracker_tui.model.sums import no_turn
from tracker_tui.service import InventoryService
from tracker_tui.storage.codec import PURCHASES
from tracker_tui.storage.past import _days_of

seeds = st.integers(0, 2**32)


def opened(directory: Path, *, read_only: bool = False) -> InventoryService:
    return InventoryService.open(
        directory, "amal", read_only=read_only, clock=lambda: datetime(2026, 9, 1, tzinfo=UTC)
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return where each example makes its shops."""
    return tmp_path / "examples"


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    seed=seeds,
    acts=st.integers(5, 60),
    kept=st.integers(0, 4000),
    by_hand=st.booleans(),
    read_only=st.booleans(),
)
def test_shop_says_the_same_wherever_its_entries_are(
    folder: Path, *, seed: int, acts: int, kept: int, by_hand: bool, read_only: bool
) -> None:
    """Twice: with the history made now, and with the one that is there then."""
    shutil.rmtree(folder, ignore_errors=True)
    dice = random.Random(seed)
    shop = new_shop(folder / "shop", dice)
    live(shop, dice, acts)
    if dice.random() < 0.5:
        shop.close()
    if by_hand:
        change_by_hand(folder / "shop" / "inventory.txt", dice)
    shutil.copytree(folder / "shop", folder / "copy")
    in_memory = told(opened(folder / "copy", read_only=read_only))
    with pytest.MonkeyPatch.context() as patch:
        keep_past_in_logs(patch, kept)
        for ahead in (False, True):
            again = opened(folder / "shop", read_only=read_only)
            if ahead:
                sum_ahead(again.snapshot, no_turn)
            assert differences(in_memory, told(again)) == {}


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=seeds, kept=st.integers(0, 4000), ahead=st.booleans())
def test_report_brought_up_to_date_is_the_one_of_all_entries(
    folder: Path, *, seed: int, kept: int, ahead: bool
) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    dice = random.Random(seed)
    shop = new_shop(folder / "shop", dice)
    live(shop, dice, 30)
    shop.close()
    with pytest.MonkeyPatch.context() as patch:
        keep_past_in_logs(patch, kept)
        shop = opened(folder / "shop")
        if ahead:
            sum_ahead(shop.snapshot, no_turn)
        for _ in range(12):
            live(shop, dice, dice.randrange(1, 4))
            assert report(shop.snapshot) == queries._report(shop.snapshot, None, None)


def test_a_further_sale_to_who_has_bought_before_looks_nobody_up(folder: Path) -> None:
    shop = new_shop(folder / "shop", random.Random(1))
    for who in ("Ann", "Bo"):
        shop.sell([(next(iter(shop.snapshot.products)), 1)], customer=who)
    shop.close()
    with pytest.MonkeyPatch.context() as patch:
        keep_past_in_logs(patch, 0)
        shop = opened(folder / "shop")
        sum_ahead(shop.snapshot, no_turn)
        patch.setattr(people, "names_now", pytest.fail)
        assert shop.report().customers == 2
        for customer in ("Bo", None):
            shop.sell([(next(iter(shop.snapshot.products)), 1)], customer=customer)
        assert (shop.report().purchases, shop.report().customers, len(shop.report().customer_names)) == (
            4,
            2,
            2,
        )
        patch.undo()
        assert shop.report() == queries._report(shop.snapshot, None, None)


def test_who_is_called_like_the_id_of_another_is_counted_with_them(folder: Path) -> None:
    head = ",".join(PURCHASES.columns)
    who = ("C0001,Ann", ",C0001", ",Bo", ",", "C0002,Ann", "C0001,Anna", ",Bo", ",")
    lines = [
        f"{n},1/1,amal,s{n},{buyer},1,Tea,1,2.00,0.00,2.00,cash,,,2026-03-0{n}T12:00:00+00:00"
        for n, buyer in enumerate(who, 1)
    ]
    for name in ("shop", "copy"):
        (folder / name).mkdir(parents=True)
        (folder / name / "purchases.txt").write_text("\n".join([head, *lines, ""]), encoding="utf-8")
        (folder / name / "customers.txt").write_text("id,name\nC0001,Ann\nC0002,Zoë\n", encoding="utf-8")
    in_memory = opened(folder / "copy")
    assert (in_memory.report().customers, in_memory.report().customer_names) == (3, ("Ann", "Bo", "Zoë"))
    with pytest.MonkeyPatch.context() as patch:
        keep_past_in_logs(patch, 0)
        shop = opened(folder / "shop")
        assert shop.snapshot.ledger.past.last > 0
        assert shop.report() == in_memory.report()
        counted, past = (one.snapshot.ledger.tally().bought() for one in (in_memory, shop))
        assert counted == past == {"C0001": 3, "Bo": 2, "C0002": 1}
        again = opened(folder / "shop").snapshot
        sum_ahead(again, no_turn)
        assert report(again) == in_memory.report()


def test_a_day_may_bring_more_than_a_column_of_numbers_holds() -> None:
    days = _days_of([[738_000, 2, 0, 3, 500, 1], [738_001, 1, 1, -1, 2**70, 0]])
    assert (list(days.days), list(days.money), sum(days.units)) == ([738_000, 738_001], [500, 2**70], 2)
    assert list(_days_of([]).people) == []
