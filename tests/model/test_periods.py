"""Spans of days: the usual ones on any day, the one before, and days as people type them."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker_tui.model.periods import OWN, PERIODS, Period, month_days, parse_day, period

SUNDAY = date(2026, 3, 1)


@pytest.mark.parametrize(
    ("name", "since", "until"),
    [
        ("today", date(2026, 3, 1), date(2026, 3, 1)),
        ("yesterday", date(2026, 2, 28), date(2026, 2, 28)),
        ("week", date(2026, 2, 23), date(2026, 3, 1)),
        ("month", date(2026, 3, 1), date(2026, 3, 1)),
        ("last-month", date(2026, 2, 1), date(2026, 2, 28)),
        ("year", date(2026, 1, 1), date(2026, 3, 1)),
        ("all", None, None),
    ],
)
def test_usual_span_on_the_first_of_a_month(name: str, since: date | None, until: date | None) -> None:
    assert period(name, SUNDAY) == Period(name, since, until)


@given(st.dates(date(2, 1, 1)), st.sampled_from([name for name in PERIODS if name != "all"]))
def test_the_one_before_is_as_long_and_ends_the_day_before(today: date, name: str) -> None:
    now = period(name, today)
    before = now.before()
    assert before is not None
    assert before.days == now.days
    assert now.since is not None
    assert before.until == now.since - timedelta(days=1)
    assert now.holds(now.since)
    assert not now.holds(before.until)


def test_a_span_without_bounds_has_none_before() -> None:
    assert Period("all").before() is None
    assert Period(OWN, None, SUNDAY).before() is None
    assert Period(OWN, date.min, SUNDAY).before() is None


def test_a_span_says_its_days() -> None:
    texts = [str(Period(OWN, *span)) for span in [(None, None), (SUNDAY, None), (None, SUNDAY)]]
    assert texts == ["all days", "from 2026-03-01", "to 2026-03-01"]
    assert str(period("today", SUNDAY)) == period("today", SUNDAY).short == "2026-03-01"
    assert Period("all").short == ""
    assert Period(OWN, SUNDAY, date(2026, 3, 9)).short == "2026-03-01…03-09"
    assert Period(OWN, date(2025, 12, 1), SUNDAY).short == "25-12-01…26-03-01"
    assert str(period("week", SUNDAY)) == "2026-02-23 to 2026-03-01"


@pytest.mark.parametrize(
    ("typed", "day"),
    [
        ("2026-02-05", date(2026, 2, 5)),
        (" 5.2.2025 ", date(2025, 2, 5)),
        ("5.2.", date(2026, 2, 5)),
        ("5.4.", date(2025, 4, 5)),
        ("1.", date(2026, 3, 1)),
        ("28", None),
        ("28.", date(2026, 2, 28)),
        ("Today", date(2026, 3, 1)),
        ("yesterday", date(2026, 2, 28)),
        ("-7", date(2026, 2, 22)),
        ("-999999999", None),
        ("20260205", None),
        ("2026-W05-1", None),
        ("31.2.", None),
        ("1.1.1.1", None),
        ("٣.٣.", None),
        ("", None),
    ],
)
def test_day_as_people_type_it(typed: str, day: date | None) -> None:
    if day is None:
        with pytest.raises(ValueError, match="type a day, such as 2026-03-31"):
            parse_day(typed, SUNDAY)
    else:
        assert parse_day(typed, SUNDAY) == day


def test_days_of_a_month() -> None:
    assert month_days(date(2028, 2, 7)) == (date(2028, 2, 1), date(2028, 2, 29))
