"""Acceptance and its dates: 行政许可法 第三十二条, 第四十二条; R4.1, R4.4; readings 8, 14 to 19."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from services.intake.domain import acceptance, errors
from services.intake.domain.document import DocumentKind
from services.intake.domain.values import Act, CaseState, Limit, Power
from services.intake.tests.builders import (
    ALL_POWERS,
    CALENDAR,
    DEADLINE,
    NEXT_DAY,
    RECEIVED,
    TERMS,
    W02,
    accepted,
    at_department,
    at_window,
    codes,
    complete,
    correct,
    decided,
    find,
    incomplete,
    material,
    noticed,
    online,
)
from workdays import Due, Start, Unit, WorkCalendar

LATER = NEXT_DAY + timedelta(days=6)


def test_a_complete_application_is_accepted_as_of_its_receipt():
    case = accepted(act=at_window(NEXT_DAY, "p-other"))
    assert (case.state, case.accepted_at) == (CaseState.ACCEPTED, RECEIVED)
    assert case.front_persons == ("p-clerk", "p-other")
    assert find(case, DocumentKind.ACCEPTANCE_NOTICE)
    assert codes(case)[-1] == "CASE_ACCEPTED"


def test_readings_8_a_corrected_case_is_accepted_as_of_the_last_cured_entry():
    case = noticed()
    correct(case, "M05", act=online(NEXT_DAY))
    correct(case, "M04", act=online(NEXT_DAY + timedelta(hours=3)))
    accepted(case, act=at_window(LATER))
    assert case.accepted_at == case.completed_at == NEXT_DAY + timedelta(hours=3)


def test_the_event_gives_the_departments_what_they_need():
    event = accepted().events[-1]
    assert (event.deemed, event.front_persons, event.has_paper) == (False, ("p-clerk",), True)
    assert (event.persons_required, event.site_check_required) == (2, True)
    assert event.promise_due <= event.statutory_due


def test_r4_4_a_department_does_not_accept():
    with pytest.raises(errors.AcceptedByDepartmentError) as caught:
        accepted(act=at_department())
    assert (caught.value.rule, caught.value.violation) == ("R4.4", True)


def test_readings_5_a_village_post_never_accepts():
    with pytest.raises(errors.NotAWindowPostError):
        accepted(act=Act(at=NEXT_DAY, person="p", post_kind="VILLAGE", unit="W01"))


def test_r4_1_another_window_does_not_accept():
    with pytest.raises(errors.NotTheReceivingWindowError):
        accepted(act=at_window(NEXT_DAY, unit=W02))


def test_r3_4_acceptance_needs_the_power_of_the_letter():
    with pytest.raises(errors.PowerMissingError):
        accepted(powers=ALL_POWERS - {Power.ACCEPT})


def test_art_32_1_5_an_incomplete_case_is_not_accepted():
    with pytest.raises(errors.NotCompleteError) as caught:
        accepted(incomplete())
    assert caught.value.facts["materials"] == "M04、M05"


def test_a_clerk_reads_the_names_of_what_is_missing_and_not_only_their_codes():
    plans = replace(material("M04"), name="建筑平面图")
    case = incomplete()
    case.terms = replace(case.terms, materials=(plans,))
    with pytest.raises(errors.NotCompleteError) as caught:
        accepted(case)
    assert caught.value.facts["named"] == "建筑平面图（M04）、M05"


def test_nothing_is_accepted_twice():
    with pytest.raises(errors.AlreadyAcceptedError):
        accepted(accepted())


def test_art_32_1_4_silence_accepts_at_the_end_of_the_fifth_working_day():
    case = incomplete()
    before = case.standing(DEADLINE - timedelta(seconds=1), CALENDAR)
    after = case.standing(DEADLINE, CALENDAR)
    assert (before.state, before.deemed) == (CaseState.RECEIVED, False)
    assert (after.state, after.deemed, after.accepted_at) == (CaseState.ACCEPTED, True, RECEIVED)
    assert after.promise_due == Due(date(2026, 9, 29))


@pytest.mark.parametrize("late", [timedelta(0), timedelta(days=7), timedelta(days=70)])
def test_a_timer_however_late_records_the_same(late):
    case = incomplete()
    document = acceptance.settle(case, Act(at=DEADLINE + late), CALENDAR)
    assert document is find(case, DocumentKind.ACCEPTANCE_NOTICE)
    assert (case.deemed_accepted, case.accepted_at) == (True, RECEIVED)
    assert case.promise_due == Due(date(2026, 9, 29))
    assert case.events[-1].deemed is True
    assert case.told[-1].happened_at == DEADLINE
    assert acceptance.settle(case, Act(at=DEADLINE + late), CALENDAR) is None


def test_silence_does_not_accept_what_was_noticed_or_accepted_in_time():
    for case in (noticed(), accepted()):
        assert acceptance.settle(case, Act(at=DEADLINE), CALENDAR) is None
        assert case.deemed_accepted is False


def test_readings_14_silence_accepts_only_where_the_item_says_so():
    case = incomplete(terms=replace(TERMS, deemed_acceptance=False))
    assert case.standing(DEADLINE, CALENDAR).state is CaseState.RECEIVED


def test_acceptance_after_silence_comes_too_late():
    with pytest.raises(errors.AlreadyAcceptedError):
        accepted(act=at_window(DEADLINE))


def _dates(statutory, promised):
    case = noticed(terms=replace(TERMS, statutory_limit=statutory, promised_limit=promised))
    correct(case, "M04", "M05", act=online(datetime(2026, 9, 23, 2, tzinfo=UTC)))
    accepted(case, act=at_window(LATER))
    return case.statutory_due, case.promise_due


@pytest.mark.parametrize(
    ("limit", "due"),
    [
        pytest.param(
            Limit(10, Unit.WORKING_DAY, Start.ACCEPTED), date(2026, 10, 14), id="from-acceptance"
        ),
        pytest.param(
            Limit(10, Unit.WORKING_DAY, Start.RECEIVED), date(2026, 10, 12), id="from-receipt"
        ),
        pytest.param(
            Limit(15, Unit.CALENDAR_DAY, Start.RECEIVED_COMPLETE),
            date(2026, 10, 8),
            id="calendar-days-from-completion-rolled-off-the-holiday",
        ),
        pytest.param(Limit(48, Unit.HOUR, Start.ACCEPTED), date(2026, 9, 25), id="hours"),
        pytest.param(Limit(1, Unit.MONTH, Start.ACCEPTED), date(2026, 10, 23), id="month"),
    ],
)
def test_readings_15_each_limit_counts_from_its_own_fact(limit, due):
    statutory, _ = _dates(limit, Limit(1, Unit.WORKING_DAY, Start.ACCEPTED))
    assert statutory == Due(due)


def test_readings_16_the_promise_never_ends_after_the_law():
    statutory, promised = _dates(
        Limit(7, Unit.CALENDAR_DAY, Start.RECEIVED), Limit(9, Unit.WORKING_DAY, Start.ACCEPTED)
    )
    assert promised == statutory


def test_an_earlier_promise_stands_and_a_law_without_limit_sets_no_date():
    statutory, promised = _dates(None, Limit(5, Unit.WORKING_DAY, Start.ACCEPTED))
    assert (statutory, promised) == (None, Due(date(2026, 10, 8)))


def test_readings_17_after_silence_every_limit_counts_from_the_receipt():
    limit = Limit(10, Unit.WORKING_DAY, Start.RECEIVED_COMPLETE)
    case = incomplete(terms=replace(TERMS, statutory_limit=limit))
    acceptance.settle(case, Act(at=DEADLINE), CALENDAR)
    assert case.statutory_due == Due(date(2026, 10, 12))


def _as_if_unpublished():
    """The calendar as it was before the notice for 2026 came out."""
    known = WorkCalendar.official()
    return WorkCalendar.of(each for each in known.notices if each.year != 2026)


def test_dates_that_rest_on_an_unpublished_year_are_provisional_until_it_is_imported():
    before = _as_if_unpublished()
    case = incomplete()
    acceptance.recompute_dates(case, before)
    assert case.notice_due.provisional is True
    assert acceptance.recompute_dates(case, CALENDAR) is True
    assert case.notice_due == Due(date(2026, 9, 29))
    accepted(complete_case := complete())
    acceptance.recompute_dates(complete_case, before)
    assert complete_case.promise_due.provisional is True
    acceptance.recompute_dates(complete_case, CALENDAR)
    assert complete_case.promise_due == Due(date(2026, 9, 29))


def test_readings_19_dates_stand_still_from_the_decision_on():
    case = decided()
    assert acceptance.recompute_dates(case, _as_if_unpublished()) is False
    assert case.promise_due.provisional is False


def test_a_case_not_accepted_has_no_event_of_acceptance():
    with pytest.raises(ValueError, match="not accepted"):
        acceptance.accepted_event(incomplete(), CALENDAR)
