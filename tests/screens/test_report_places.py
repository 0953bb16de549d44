"""The rows of the places of the report."""

from __future__ import annotations

import random
from datetime import date
from decimal import Decimal

import pytest

from tracker_tui.model.figures import bucket_of, buckets
from tracker_tui.model.periods import OWN, Period
from tracker_tui.model.tally import DayTally
from tracker_tui.screens.report_places import day_sums


@pytest.mark.parametrize("unit", ["day", "week", "month"])
@pytest.mark.parametrize("seed", range(20))
def test_each_day_counts_in_the_one_row_it_belongs_to(unit: str, seed: int) -> None:
    dice = random.Random(seed)
    first = date(2023, 1, 1).toordinal() + dice.randrange(1500)
    days = [date.fromordinal(first + number) for number in range(dice.choice([1, 2, 40, 500]))]
    tallies = {
        day: DayTally(
            dice.randrange(9), dice.randrange(3), dice.randrange(-9, 99), Decimal(dice.randrange(999))
        )
        for day in dice.sample(days, 1 + len(days) // 2)
    }
    sums = day_sums(Period(OWN, days[0], days[-1]), unit, tallies)
    assert [one.key for one in sums] == buckets(unit, days[0], days[-1])
    for one in sums:
        those = [tally for day, tally in tallies.items() if bucket_of(unit, day) == one.key]
        assert (one.sales, one.returns, one.units, one.money) == tuple(
            sum(tally[at] for tally in those) for at in range(4)
        )
