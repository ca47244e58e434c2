"""Readings 6: what a merged window received goes on at its successor, which sees all of it."""

from __future__ import annotations

import hashlib
from datetime import timedelta

import pytest
from liandong.catalog.v1 import catalog_events_pb2 as catalog
from liandong.common.v1.envelope_pb2 import Envelope
from liandong.intake.v1 import intake_service_pb2 as pb
from liandong.intake.v1.intake_events_pb2 import CaseTransferred
from sqlalchemy import select

from services.intake.bootstrap import DEFINITION
from services.intake.entrypoints import jobs
from services.intake.tests.counter import PDF, Counter
from services.intake.tests.district import CLERK, FOREIGN, PNG, REVIEWER, clerk
from services.intake.tests.fakes import DEPARTMENT, W01, W02
from services.intake.tests.test_custody import originals
from services.intake.tests.test_notices_and_register import ask, plan


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


@pytest.fixture
def accepted_before(counter):
    """A case that the merged window accepted, with an uploaded drawing; a day before the merger."""
    district = counter.district
    district.catalog.predecessors = {W01: [W02]}
    drawing = district.upload()
    paper = [pb.HandedIn(material_code=c, paper_pieces=1) for c in ("M01", "M04")]
    district.receive(FOREIGN, materials=[*paper, pb.HandedIn(material_code="M05", sha256=drawing)])
    district.accept(FOREIGN)
    merge(counter)
    return counter


def seal_and_give(counter):
    district = counter.district
    notice = plan(district).document
    district.seal(REVIEWER, notice, f"{DEPARTMENT}-SPECIAL")
    means = pb.NOTICE_MEANS_SIGNED_AT_WINDOW
    district.command("GiveProcessNotice", CLERK, document=notice, means=means)


def explain(counter):
    ask(counter.district)
    asked = f"{counter.district.number}-X1"
    counter.district.command("GiveExplanation", CLERK, explanation=asked, text="二层为库房。")


def withdraw(counter):
    signed = counter.district.upload(PDF, CLERK, "application/pdf")
    counter.district.command("WithdrawCase", CLERK, reason="不办了", request_sha256=signed)


def void(counter):
    notice = counter.district.documents(CLERK)["ACCEPTANCE_NOTICE"].document
    counter.district.command("VoidDocument", CLERK, document=notice, reason="打印污损")


def read_drawing(counter):
    digest = hashlib.sha256(PNG).hexdigest()
    piece = counter.call(
        "ReadMaterial", CLERK, case_number=counter.district.number, sha256=digest, offset=0
    )
    assert piece.chunk == PNG


def reveal(counter):
    number = counter.district.number
    answer = counter.call("RevealApplicant", CLERK, case_number=number, purpose="电话告知结果")
    assert answer.applicant.name == "王小丽"


def count_originals(counter):
    counter.on_case("RegisterOriginals", CLERK, **originals(("M05", 1)))


def lose(counter):
    counter.district.command("HandOverBundle", CLERK, bag="B-1", pieces=2)
    counter.on_case("ReportBundleLost", CLERK, bag="B-1", account="移交途中遗失")


@pytest.mark.parametrize(
    "act",
    [
        pytest.param(seal_and_give, id="gives-a-notice-of-the-procedure"),
        pytest.param(explain, id="takes-in-an-explanation"),
        pytest.param(withdraw, id="withdraws-at-the-counter"),
        pytest.param(void, id="voids-a-spoiled-number"),
        pytest.param(read_drawing, id="opens-a-drawing"),
        pytest.param(reveal, id="sees-whom-to-call"),
        pytest.param(count_originals, id="counts-originals"),
        pytest.param(lose, id="reports-a-lost-bag"),
    ],
)
def test_readings_6_the_successor_does_what_a_case_accepted_before_still_needs(
    accepted_before, act
):
    district = accepted_before.district
    early = accepted_before.refusal(
        "RevealApplicant", CLERK, case_number=district.number, purpose="电话告知结果"
    )
    assert early.reason == "OUT_OF_SCOPE"
    district.clock.advance(timedelta(days=1))
    act(accepted_before)
    assert district.read(CLERK).window_unit == W02  # the acceptance stays where it was


def test_a_third_window_does_none_of_it(accepted_before):
    district = accepted_before.district
    district.clock.advance(timedelta(days=1))
    third = clerk("p-third", W05)
    for method, fields in (
        ("RevealApplicant", {"purpose": "电话告知"}),
        ("ReadMaterial", {"sha256": hashlib.sha256(PNG).hexdigest()}),
    ):
        refusal = accepted_before.refusal(method, third, case_number=district.number, **fields)
        assert refusal.reason == "OUT_OF_SCOPE"
    fields = {"document": district.documents(CLERK)["ACCEPTANCE_NOTICE"].document}
    refusal = district.refusal("VoidDocument", third, reason="打印污损", **fields)
    assert refusal.reason == "OUT_OF_SCOPE"


def test_readings_4_what_follows_a_merger_days_after_its_receipt_is_not_told_as_the_same_day(
    counter,
):
    received_elsewhere(counter)
    merge(counter, in_days=2)
    counter.district.clock.advance(timedelta(days=2))
    sweep(counter)
    outbox = DEFINITION.tables.outbox.outbox
    moved = outbox.c.type == "intake.case_transferred.v1"
    [row] = counter.district.rows(select(outbox.c.envelope).where(moved))
    told = CaseTransferred.FromString(Envelope.FromString(row.envelope).payload)
    assert not told.same_day
