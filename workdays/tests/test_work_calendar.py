from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workdays import (
    CalendarDay,
    DayKind,
    Due,
    WorkCalendar,
    YearBasis,
    YearNotice,
    YearStatus,
    notice_year,
)
from workdays.statutory import assumed_notice

OFFICIAL = WorkCalendar.official()
ONE_DAY = timedelta(days=1)

days = st.dates(date(2003, 12, 25), date(2035, 12, 31))
published_days = st.dates(date(2004, 1, 1), date(2026, 12, 24))
any_days = st.dates(date(1, 1, 1), date(9990, 12, 31))
amounts = st.integers(0, 120)


@given(days, amounts)
def test_count_undoes_add(start, amount):
    assert OFFICIAL.count(start, OFFICIAL.add(start, amount).on) == amount


@given(days, st.integers(1, 120))
def test_add_ends_on_a_working_day_and_on_the_first_that_suffices(start, amount):
    on = OFFICIAL.add(start, amount).on
    assert OFFICIAL.is_working_day(on)
    assert OFFICIAL.count(start, on - ONE_DAY) == amount - 1


@given(days, days)
def test_count_is_the_number_of_working_days_after_the_one_and_up_to_the_other(first, second):
    after, until = sorted((first, second))
    until = min(until, after + timedelta(days=800))
    span = ((after + ONE_DAY * offset) for offset in range(1, (until - after).days + 1))
    expected = sum(OFFICIAL.is_working_day(day) for day in span)
    assert OFFICIAL.count(after, until) == expected
    assert OFFICIAL.count(until, after) == -expected


@given(days, amounts, amounts)
def test_adding_twice_is_adding_the_sum(start, first, second):
    halfway = OFFICIAL.add(start, first).on
    assert OFFICIAL.add(halfway, second).on == OFFICIAL.add(start, first + second).on


@given(days, days, amounts)
def test_a_later_start_never_ends_earlier(first, second, amount):
    earlier, later = sorted((first, second))
    assert OFFICIAL.add(earlier, amount).on <= OFFICIAL.add(later, amount).on


@given(days, amounts)
def test_a_date_is_provisional_exactly_if_a_counted_day_is_of_an_unpublished_notice(start, amount):
    due = OFFICIAL.add(start, amount)
    counted = (start + ONE_DAY * offset for offset in range(1, (due.on - start).days + 1))
    unsettled = any(OFFICIAL.status(notice_year(day)) is YearStatus.PROVISIONAL for day in counted)
    assert due.provisional == unsettled


@given(days, amounts, st.integers(2027, 2035))
def test_publishing_what_was_assumed_changes_nothing_but_the_mark(start, amount, year):
    published = OFFICIAL.with_year(assumed_notice(year))
    before, after = OFFICIAL.add(start, amount), published.add(start, amount)
    assert after.on == before.on
    assert after.provisional <= before.provisional
    assert published.status(year) is YearStatus.PUBLISHED


@given(any_days, amounts)
def test_every_day_of_the_civil_calendar_has_an_answer(start, amount):
    fresh = WorkCalendar.of(())
    due = fresh.add(start, amount)
    assert due.on >= start
    assert due.provisional == (amount > 0)
    assert fresh.count(start, due.on) == amount


@given(days)
def test_on_or_after_gives_the_nearest_working_day(day):
    on = OFFICIAL.on_or_after(day).on
    assert OFFICIAL.is_working_day(on)
    skipped = [day + ONE_DAY * offset for offset in range((on - day).days)]
    assert not any(OFFICIAL.is_working_day(rest) for rest in skipped)


@given(st.permutations(OFFICIAL.notices))
def test_the_order_of_notices_does_not_matter(notices):
    assert WorkCalendar.of(notices) == OFFICIAL


@pytest.mark.parametrize(
    ("day", "works"),
    [
        pytest.param(date(2005, 12, 31), True, id="worked-saturday-of-the-notice-for-2006"),
        pytest.param(date(2018, 12, 29), True, id="worked-saturday-of-the-notice-for-2019"),
        pytest.param(date(2018, 12, 31), False, id="rest-monday-of-the-notice-for-2019"),
        pytest.param(date(2026, 10, 10), True, id="worked-saturday"),
        pytest.param(date(2026, 10, 7), False, id="rest-wednesday"),
        pytest.param(date(2026, 11, 23), True, id="ordinary-monday"),
        pytest.param(date(2026, 11, 22), False, id="ordinary-sunday"),
        pytest.param(date(2027, 2, 5), False, id="assumed-new-years-eve"),
        pytest.param(date(2027, 2, 9), False, id="assumed-substitute"),
        pytest.param(date(2027, 2, 11), True, id="after-the-assumed-holiday"),
    ],
)
def test_the_official_calendar_knows_the_day(day, works):
    assert OFFICIAL.is_working_day(day) is works


def test_the_last_week_of_december_is_settled_only_by_the_next_notice():
    assert OFFICIAL.add(date(2026, 12, 23), 1) == Due(date(2026, 12, 24))
    assert OFFICIAL.add(date(2026, 12, 24), 1) == Due(date(2026, 12, 25), provisional=True)
    with_2027 = OFFICIAL.with_year(assumed_notice(2027))
    assert with_2027.add(date(2026, 12, 24), 1) == Due(date(2026, 12, 25))


def test_only_the_counted_days_must_be_settled():
    # Saturday 2022-12-24 is the last day of the notice for 2022, the Monday after of the next.
    saturday, monday = date(2022, 12, 24), date(2022, 12, 26)
    only_2023 = WorkCalendar.of((OFFICIAL.notice(2023),))
    assert only_2023.add(saturday, 1) == Due(monday)
    assert only_2023.add(date(2022, 12, 23), 1) == Due(monday, provisional=True)
    assert only_2023.on_or_after(saturday) == Due(monday, provisional=True)
    assert only_2023.on_or_after(monday) == Due(monday)


def test_a_notice_that_differs_from_the_forecast_moves_the_date_and_settles_it():
    notice = assumed_notice(2027)
    day_more = CalendarDay(date(2027, 1, 4), DayKind.HOLIDAY, "元旦")
    longer = YearNotice(2027, "notice", (*notice.days, day_more))
    moved = OFFICIAL.with_year(longer)
    assert moved.add(date(2026, 12, 4), 20) == Due(date(2027, 1, 5))


def test_an_imported_notice_replaces_the_earlier_one_and_leaves_the_first_calendar_alone():
    empty = YearNotice(2026, "replacement", ())
    replaced = OFFICIAL.with_year(empty)
    assert replaced.notice(2026) is empty
    assert replaced.is_working_day(date(2026, 10, 1))
    assert not OFFICIAL.is_working_day(date(2026, 10, 1))


def test_two_notices_for_one_year_are_refused():
    with pytest.raises(ValueError, match="two notices"):
        WorkCalendar.of((assumed_notice(2027), assumed_notice(2027)))


def test_a_negative_number_of_days_is_refused():
    with pytest.raises(ValueError, match="-1"):
        OFFICIAL.add(date(2026, 1, 1), -1)


@pytest.mark.parametrize(
    ("year", "status", "basis"),
    [
        pytest.param(2026, YearStatus.PUBLISHED, YearBasis.NOTICE, id="published"),
        pytest.param(2027, YearStatus.PROVISIONAL, YearBasis.STATUTORY_DAYS, id="next-year"),
        pytest.param(2080, YearStatus.PROVISIONAL, YearBasis.STATUTORY_DAYS, id="end-of-table"),
        pytest.param(2081, YearStatus.PROVISIONAL, YearBasis.FIXED_DAYS_ONLY, id="beyond-it"),
        pytest.param(1999, YearStatus.PROVISIONAL, YearBasis.FIXED_DAYS_ONLY, id="before-it"),
    ],
)
def test_the_calendar_says_what_a_year_rests_on(year, status, basis):
    assert (OFFICIAL.status(year), OFFICIAL.basis(year)) == (status, basis)


def test_the_ends_of_the_civil_calendar_are_days_like_others():
    assert not OFFICIAL.is_working_day(date.min)  # 1 January
    assert OFFICIAL.add(date.min, 1) == Due(date(1, 1, 2), provisional=True)
    assert OFFICIAL.is_working_day(date.max)  # a Friday


def test_a_calendar_shows_its_years_and_not_its_days():
    assert repr(OFFICIAL.with_year(assumed_notice(2028))) == "WorkCalendar(2004-2026, 2028)"
    assert repr(WorkCalendar.of(())) == "WorkCalendar()"


def test_the_official_calendar_is_loaded_once():
    assert WorkCalendar.official() is WorkCalendar.official()
