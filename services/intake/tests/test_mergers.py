"""Readings 6: what a merged window received goes on at its successor, which sees all of it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from liandong.catalog.v1 import catalog_events_pb2 as catalog
from liandong.intake.v1 import intake_service_pb2 as pb

from services.intake.entrypoints import jobs
from services.intake.tests.counter import Counter
from services.intake.tests.district import CLERK, FOREIGN
from services.intake.tests.fakes import DEPARTMENT, W01, W02


@pytest.fixture
def counter(district):
    return Counter(district)


W05 = "370306000000-C1-W05"


def merge(counter, *, in_days=1, window=W02, successor=W01):
    """Let the catalogue tell that a window goes into another."""
    day = (counter.district.clock.now() + timedelta(days=in_days)).date()
    fact = catalog.WindowMerged(window_unit=window, successor=successor)
    fact.from_date.year, fact.from_date.month, fact.from_date.day = day.timetuple()[:3]
    counter.district.hear("catalog.window_merged.v1", fact, window)


def sweep(counter):
    resources = counter.district.harness.resources
    [found] = [each for each in jobs.sweeps(resources) if each.name == "follow_mergers"]
    found.work()
    counter.district.work()


def received_elsewhere(counter):
    materials = [pb.HandedIn(material_code=c, paper_pieces=1) for c in ("M01", "M04", "M05")]
    counter.district.receive(FOREIGN, materials=materials)


def test_what_nobody_accepted_moves_on_the_day_of_the_merger_and_is_accepted_there(counter):
    district = counter.district
    received_elsewhere(counter)
    merge(counter)
    sweep(counter)
    assert district.read(FOREIGN).window_unit == W02  # not before its day
    district.clock.advance(timedelta(days=1))
    for _ in range(2):
        sweep(counter)
    assert district.read().window_unit == W01
    assert district.events().count("intake.case_transferred.v1") == 1
    assert district.timeline()[-1].code == "CASE_FOLLOWED_MERGER"
    assert district.accept(CLERK).document_number


def test_what_is_accepted_stays_the_merged_windows_and_the_successor_reads_it(counter):
    district = counter.district
    received_elsewhere(counter)
    district.accept(FOREIGN)
    refusal = counter.refusal("GetCase", CLERK, case_number=district.number)
    assert refusal.reason == "OUT_OF_SCOPE"
    merge(counter)
    district.clock.advance(timedelta(days=1))
    sweep(counter)
    assert district.read(CLERK).window_unit == W02
    listed = counter.call("ListCases", CLERK).cases
    assert [each.case_number for each in listed] == [district.number]
    assert district.timeline(CLERK)


def test_a_window_that_was_merged_in_two_steps_is_read_at_the_last(counter):
    district = counter.district
    received_elsewhere(counter)
    district.accept(FOREIGN)
    merge(counter, window=W02, successor=W05)
    merge(counter, in_days=2, window=W05, successor=W01)
    district.clock.advance(timedelta(days=1))
    refusal = counter.refusal("GetCase", CLERK, case_number=district.number)
    assert refusal.reason == "OUT_OF_SCOPE"
    district.clock.advance(timedelta(days=1))
    assert district.read(CLERK).window_unit == W02


def test_the_successor_seals_and_hands_over_what_the_merged_window_accepted(counter):
    district = counter.district
    received_elsewhere(counter)
    district.accept(FOREIGN)
    district.work()
    notice = district.documents(FOREIGN)["ACCEPTANCE_NOTICE"].document
    early = district.refusal("HandOverBundle", CLERK, bag="B-1", pieces=3)
    assert early.reason == "NOT_THE_RECEIVING_WINDOW"
    merge(counter)
    district.catalog.predecessors = {W01: [W02]}
    district.clock.advance(timedelta(days=1))
    district.seal(CLERK, notice, f"{DEPARTMENT}-SPECIAL")
    assert district.command("HandOverBundle", CLERK, bag="B-1", pieces=3).document


def test_silence_has_accepted_what_waited_too_long_and_it_stays(counter):
    district = counter.district
    received_elsewhere(counter)
    merge(counter, in_days=9)
    district.clock.advance(timedelta(days=9))
    sweep(counter)
    view = district.read(CLERK)
    assert (view.window_unit, view.deemed_accepted) == (W02, True)
