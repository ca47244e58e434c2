"""Lights and segments: computed when somebody reads, recorded by a sweep."""

from __future__ import annotations

import pytest
from liandong.review.v1 import review_events_pb2 as events
from liandong.review.v1 import review_service_pb2 as pb

from services.review import handlers
from services.review.adapters import figures
from services.review.entrypoints.jobs import job_handlers, sweeps
from services.review.tests import district as people
from services.review.tests.acts import TERMS, told
from services.review.tests.district import CASE, REVIEWER, china


def sweep(district, instant):
    district.built.clock.instant = instant
    [found] = [each for each in sweeps(district.built.resources) if each.name == "record_lights"]
    found.work()


def lights(district):
    return [each.light for each in told(district, "review.light_changed.v1", events.LightChanged)]


def test_each_light_is_recorded_once_when_it_is_first_shown(district):
    district.accept()
    for instant in (china(9, 22), china(9, 28), china(9, 29), china(9, 30), china(10, 27)):
        sweep(district, instant)
        sweep(district, instant)
    assert lights(district) == ["YELLOW", "RED", "PAST_LAW"]


def test_a_recorded_light_changes_no_revision(district):
    """Nobody decides upon it, so what a clerk saw is still the newest."""
    district.accept()
    sweep(district, china(9, 30))
    assert district.get().revision == 1
    district.opine()


def test_what_is_decided_or_withdrawn_is_looked_after_no_more(district):
    district.accept()
    district.opine()
    district.decide()
    district.accept("W-1")
    number = {"case_number": "W-1", "withdraw_time": people.stamp(china(9, 22))}
    district.take("intake.case_withdrawn.v1", people.intake.CaseWithdrawn(**number), "W-1")
    sweep(district, china(12, 1))
    assert lights(district) == []


def test_many_tasks_are_looked_after_page_by_page(district, monkeypatch):
    monkeypatch.setattr("services.review.entrypoints.jobs.PAGE", 2)
    for index in range(5):
        district.accept(f"A{index}")
    sweep(district, china(9, 30))
    assert lights(district) == ["RED"] * 5


def test_a_task_that_fails_holds_no_other(district, monkeypatch):
    for number in ("A0", "A1"):
        district.accept(number)
    real = handlers.tell_light

    def failing(task, *, uow):
        if task == "A0":
            raise RuntimeError("broken")
        return real(task, uow=uow)

    monkeypatch.setattr(handlers, "tell_light", failing)
    with pytest.raises(ExceptionGroup, match="record_lights"):
        sweep(district, china(9, 30))
    assert lights(district) == ["RED"]


def test_review_has_no_jobs_of_its_own(district):
    assert job_handlers(district.built.resources) == {}


@pytest.mark.parametrize(
    ("instant", "promise", "statutory"),
    [
        pytest.param(china(9, 22), pb.LIGHT_GREEN, pb.LIGHT_GREEN, id="green"),
        pytest.param(china(9, 28), pb.LIGHT_YELLOW, pb.LIGHT_GREEN, id="yellow"),
        pytest.param(china(9, 30), pb.LIGHT_RED, pb.LIGHT_GREEN, id="red"),
        pytest.param(china(10, 26, 23, 59), pb.LIGHT_RED, pb.LIGHT_YELLOW, id="last-minute"),
        pytest.param(china(10, 27, 0), pb.LIGHT_PAST_LAW, pb.LIGHT_PAST_LAW, id="past-the-law"),
    ],
)
def test_the_light_is_that_of_the_instant_of_reading(district, instant, promise, statutory):
    district.accept()
    district.built.clock.instant = instant
    review = district.get()
    assert (review.promise.light, review.statutory.light) == (promise, statutory)
    assert district.list().items[0].light == promise


def test_what_is_overdue_stays_red_although_a_procedure_runs(district):
    district.accept(**TERMS)
    district.built.clock.instant = china(9, 30)
    start = people.due_on(2026, 9, 30)
    district.act("PlanSpecialProcedure", REVIEWER, start_date=start)
    district.give_notice(f"{CASE}-S1", china(9, 30))
    district.built.clock.instant = china(10, 9)
    review = district.get()
    assert (review.promise.light, review.statutory.light) == (pb.LIGHT_RED, pb.LIGHT_SUSPENDED)


def segments(review):
    return (review.segments.days_at_window, review.segments.days_at_department)


def test_days_before_the_paper_left_are_the_windows_and_later_ones_the_departments(district):
    """Readings 17."""
    district.accept(has_paper=True)
    district.built.clock.instant = china(9, 23)
    assert segments(district.get()) == (2, 0)
    handed = people.intake.BundleHandedOver(case_number=CASE)
    outcome = people.envelope(
        "intake.bundle_handed_over.v1", handed, stream_id=CASE, seq=2, at=china(9, 23)
    )
    district.streams.take(outcome)
    received = people.intake.BundleReceived(case_number=CASE)
    district.streams.take(
        people.envelope(
            "intake.bundle_received.v1", received, stream_id=CASE, seq=3, at=china(9, 28)
        )
    )
    district.built.clock.instant = china(9, 29)
    assert segments(district.get()) == (2, 3)
    district.opine(revision=district.get().revision)
    district.decide(revision=district.get().revision)
    district.built.clock.instant = china(12, 1)
    assert segments(district.get()) == (2, 3)
    [made] = told(district, "review.decision_made.v1", events.DecisionMade)
    assert (made.days_at_window, made.days_at_department) == (2, 3)


def deemed(**changes):
    """Received on 14 September; the 20th is a worked Sunday, so silence accepted it on the 21st."""
    facts = {
        "deemed": True,
        "receive_time": people.stamp(china(9, 14)),
        "complete_time": people.stamp(china(9, 14)),
        "accept_time": people.stamp(china(9, 14)),
        "promised_limit": people.limit(3),
        "promise_due": people.last_day(2026, 9, 17),
        "statutory_due": people.last_day(2026, 10, 19),
    }
    return facts | changes


def test_a_promise_shorter_than_the_silence_is_overdue_at_opening_and_the_days_are_the_windows(
    district,
):
    """Readings 16, 17: both dates run from receipt."""
    district.accept(**deemed())
    review = district.get()
    assert (review.deemed, review.promise.light) == (True, pb.LIGHT_RED)
    assert segments(review) == (6, 0)
    district.opine()
    assert not district.decide().promise_kept
    [made] = told(district, "review.decision_made.v1", events.DecisionMade)
    assert (made.days_at_window, made.days_at_department, made.statutory_kept) == (6, 0, True)


def test_the_sweep_records_that_it_was_overdue_at_opening(district):
    district.accept(**deemed())
    sweep(district, china(9, 21, 10))
    assert lights(district) == ["RED"]


def figures_at(district, instant):
    with district.built.resources.read_engine.connect() as connection:
        return figures.count(connection, instant)[figures.TASKS]


def test_open_tasks_are_counted_by_the_light_they_show(district):
    for index in range(3):
        district.accept(f"A{index}")
    [authority] = {labels[0] for labels in figures_at(district, china(9, 22))}
    assert figures_at(district, china(9, 22)) == {(authority, "GREEN"): 3}
    assert figures_at(district, china(9, 28)) == {(authority, "YELLOW"): 3}
    assert figures_at(district, china(9, 30)) == {(authority, "RED"): 3}
    assert figures_at(district, china(10, 27)) == {(authority, "PAST_LAW"): 3}


def test_what_is_decided_shows_no_light(district):
    district.accept()
    district.opine()
    district.decide()
    assert figures_at(district, china(10, 27)) == {}
