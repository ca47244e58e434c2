from __future__ import annotations

import re
from datetime import date, timedelta
from pathlib import Path

import chinese_calendar
import pytest

import workdays
from workdays import WorkCalendar, YearStatus, import_year
from workdays.notice_files import consistency_defects
from workdays.notices import is_weekend
from workdays.official import official_notices
from workdays.seed import tables
from workdays.statutory import assumed_notice, statutory_days

DATA = Path(workdays.__file__).parent / "data"
NOTICES = {notice.year: notice for notice in official_notices()}
OFFICIAL = WorkCalendar.official()


@pytest.mark.parametrize("name", ["calendar.csv", "years.csv", "festivals.csv"])
def test_the_shipped_table_is_what_the_seed_makes(name):
    assert (DATA / name).read_text(encoding="utf-8") == tables()[name]


def test_every_year_from_2004_to_2026_is_published():
    assert list(NOTICES) == list(range(2004, 2027))
    assert OFFICIAL.status(2027) is YearStatus.PROVISIONAL


def test_the_calendar_agrees_with_the_package_on_every_day_but_the_corrected_one():
    first, last = date(2004, 1, 1), date(2026, 12, 31)
    days = [first + timedelta(days=offset) for offset in range((last - first).days + 1)]
    different = [
        day for day in days if OFFICIAL.is_working_day(day) != chinese_calendar.is_workday(day)
    ]
    assert different == [date(2005, 12, 31)]


@pytest.mark.parametrize("year", NOTICES)
def test_every_shipped_notice_gives_as_much_rest_as_the_regulation(year):
    assert list(consistency_defects(NOTICES[year])) == []


@pytest.mark.parametrize("year", [2025, 2026])
def test_the_forecast_would_have_had_as_many_working_days_as_the_notice(year):
    ends = date(year - 1, 12, 24), date(year, 12, 24)
    forecast = OFFICIAL.with_year(assumed_notice(year))
    assert forecast.count(*ends) == OFFICIAL.count(*ends)


@pytest.mark.parametrize("year", range(2008, 2027))
def test_the_tabulated_festivals_are_rest_days_in_every_published_year(year):
    festivals = {"清明节", "端午节", "中秋节", "春节"}
    followed = [entry for entry in statutory_days(year) if entry.name in festivals]
    # New Year's Eve was no statutory day from 2014 to 2024.
    followed = followed[1:] if 2014 <= year < 2025 else followed
    assert not [entry for entry in followed if OFFICIAL.is_working_day(entry.day)]


def test_every_makeup_day_is_a_weekend_day():
    assert all(is_weekend(day) for notice in NOTICES.values() for day in notice.makeup_days)


def test_the_documented_example_is_the_notice_for_2026():
    text = (DATA / "README.md").read_text(encoding="utf-8")
    example = re.search(r"```csv\n(.*?)```", text, re.DOTALL)
    assert example is not None
    assert import_year(example[1]) == NOTICES[2026]
