from __future__ import annotations

from datetime import date

import pytest

from workdays.almanac import festivals
from workdays.notices import DayKind
from workdays.statutory import assumed_notice, festivals_known, statutory_days


def off_weekdays(year):
    return [
        (entry.day.month, entry.day.day)
        for entry in assumed_notice(year).days
        if entry.day.weekday() < 5
    ]


def test_an_unpublished_year_rests_on_statutory_days_and_their_substitutes():
    assert off_weekdays(2027) == [
        (1, 1),
        (2, 5), (2, 8), (2, 9), (2, 10),
        (4, 5),
        (5, 3), (5, 4),
        (6, 9),
        (9, 15),
        (10, 1), (10, 4), (10, 5),
    ]  # fmt: skip


def test_a_festival_that_falls_on_another_is_made_good():
    assert date(2031, 10, 1) in {entry.day for entry in statutory_days(2031)}
    mid_autumn_and_national_day = [day for day in off_weekdays(2031) if day >= (9, 25)]
    assert mid_autumn_and_national_day == [(10, 1), (10, 2), (10, 3), (10, 6)]


@pytest.mark.parametrize("year", range(2027, 2081))
def test_every_assumed_year_gives_thirteen_days_of_rest(year):
    notice = assumed_notice(year)
    assert notice.net_rest_days == 13
    assert {entry.kind for entry in notice.days} == {DayKind.HOLIDAY}


def test_beyond_the_table_only_the_fixed_days_are_known():
    assert festivals_known(2080)
    assert not festivals_known(2081)
    assert [str(entry.day) for entry in statutory_days(2081)] == [
        "2081-01-01",
        "2081-05-01",
        "2081-05-02",
        "2081-10-01",
        "2081-10-02",
        "2081-10-03",
    ]


@pytest.mark.parametrize(
    ("year", "expected"),
    [
        pytest.param(2027, "02-06 04-05 06-09 09-15", id="new-moon-minutes-before-midnight"),
        pytest.param(2028, "01-26 04-04 05-28 10-03", id="mid-autumn-in-the-national-holiday"),
        pytest.param(2029, "02-13 04-04 06-16 09-22", id="2029"),
        pytest.param(2030, "02-03 04-05 06-05 09-12", id="2030"),
        pytest.param(2031, "01-23 04-05 06-24 10-01", id="mid-autumn-on-national-day"),
        pytest.param(2032, "02-11 04-04 06-12 09-19", id="2032"),
        pytest.param(2033, "01-31 04-04 06-01 09-08", id="leap-eleventh-month"),
        pytest.param(2034, "02-19 04-05 06-20 09-27", id="first-month-without-its-term"),
        pytest.param(2050, "01-23 04-04 06-23 09-30", id="2050"),
        pytest.param(2060, "02-02 04-04 06-03 09-09", id="2060"),
    ],
)
def test_the_computed_festivals_are_those_that_almanacs_print(year, expected):
    assert " ".join(f"{day:%m-%d}" for day in festivals(year)) == expected
