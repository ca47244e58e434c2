"""Readings 13: originals by courier, paper that is late, paper that is lost."""

from __future__ import annotations

from datetime import timedelta

import pytest
from liandong.intake.v1 import custody_pb2 as custody
from liandong.intake.v1 import intake_service_pb2 as pb

from services.intake.entrypoints import jobs
from services.intake.tests.counter import Counter
from services.intake.tests.district import APPLICANT, CLERK, COLLEAGUE, FOREIGN, REVIEWER
from services.intake.tests.fakes import W01


@pytest.fixture
def counter(district):
    return Counter(district)


@pytest.fixture
def online(counter):
    """A complete application that came online: there is no paper."""
    digest = counter.district.upload()
    materials = [pb.HandedIn(material_code=c, sha256=digest) for c in ("M01", "M04", "M05")]
    counter.district.receive(APPLICANT, channel=pb.CHANNEL_ONLINE, materials=materials)
    return counter


@pytest.fixture
def handed_over(counter):
    counter.district.receive_complete()
    counter.district.accept()
    counter.district.command("HandOverBundle", CLERK, bag="B-1", pieces=3)
    return counter


def originals(*counted, shipment="S-1", second="p-colleague"):
    return {
        "shipment": shipment,
        "originals": [
            custody.CountedOriginal(material_code=code, paper_pieces=pieces)
            for code, pieces in counted
        ],
        "second_person": second,
    }


def sweep(counter):
    resources = counter.district.harness.resources
    [found] = [each for each in jobs.sweeps(resources) if each.name == "tell_overdue_bundles"]
    found.work()


def test_originals_by_courier_are_counted_and_go_on_as_paper_without_a_visit(online):
    district = online.district
    answer = online.on_case("RegisterOriginals", CLERK, **originals(("M01", 2), ("M04", 1)))
    assert answer.pieces == 3
    district.accept()
    district.command("HandOverBundle", CLERK, bag="B-1", pieces=3)
    district.command("ReceiveBundle", REVIEWER, bag="B-1", pieces=3)
    assert district.read().visits == 0
    assert "intake.originals_received.v1" in district.events()


def test_originals_that_come_after_the_first_bundle_go_in_a_second(online):
    district = online.district
    online.on_case("RegisterOriginals", CLERK, **originals(("M01", 1)))
    district.accept()
    district.command("HandOverBundle", CLERK, bag="B-1", pieces=1)
    district.command("ReceiveBundle", REVIEWER, bag="B-1", pieces=1)
    online.on_case("RegisterOriginals", CLERK, **originals(("M04", 2), shipment="S-2"))
    district.command("HandOverBundle", CLERK, bag="B-2", pieces=2)
    bundles = district.read().bundles
    assert [(each.bag, each.pieces) for each in bundles] == [("B-1", 1), ("B-2", 2)]


@pytest.mark.parametrize(
    ("fields", "reason", "code"),
    [
        pytest.param(
            originals(("M01", 1), second="p-clerk"), "COUNTED_ALONE", "FAILED_PRECONDITION",
            id="alone",
        ),
        pytest.param(
            originals(("M01", 1), second="p-nobody"), "SECOND_PERSON_UNKNOWN", "NOT_FOUND",
            id="with-somebody-unknown",
        ),
        pytest.param(
            originals(("M99", 1)), "MATERIAL_UNKNOWN", "INVALID_ARGUMENT", id="unknown-material"
        ),
        pytest.param(
            originals(("M01", 1), ("M01", 1)), "MATERIAL_REPEATED", "INVALID_ARGUMENT", id="twice"
        ),
    ],
)  # fmt: skip
def test_originals_are_counted_by_two_persons_and_by_material(online, fields, reason, code):
    refusal = online.refused_on_case("RegisterOriginals", CLERK, **fields)
    assert (refusal.reason, refusal.code) == (reason, code)
    assert refusal.text


def test_a_shipment_is_counted_once(online):
    online.on_case("RegisterOriginals", CLERK, **originals(("M01", 1)))
    refusal = online.refused_on_case("RegisterOriginals", CLERK, **originals(("M04", 1)))
    assert refusal.reason == "ORIGINALS_ALREADY_COUNTED"


def test_another_window_registers_no_originals(online):
    refusal = online.refused_on_case("RegisterOriginals", FOREIGN, **originals(("M01", 1)))
    assert refusal.reason == "OUT_OF_SCOPE"


def test_readings_13_paper_not_received_by_the_end_of_the_next_working_day_is_red(handed_over):
    district = handed_over.district
    district.clock.advance(timedelta(days=1))
    assert not district.read().bundles[0].overdue
    district.clock.advance(timedelta(days=1))
    assert district.read().bundles[0].overdue  # whether or not a timer came by
    promised = district.read().promise_due
    for _ in range(2):  # told once, however often the timer comes
        sweep(handed_over)
    assert district.events().count("intake.bundle_overdue.v1") == 1
    assert district.read().promise_due == promised  # no clock stops for it
    district.command("ReceiveBundle", REVIEWER, bag="B-1", pieces=3)
    assert not district.read().bundles[0].overdue


def test_telling_of_late_paper_does_not_make_the_clerks_revision_stale(handed_over):
    seen = handed_over.district.revision
    handed_over.district.clock.advance(timedelta(days=2))
    sweep(handed_over)
    assert handed_over.district.read().revision == seen


def test_paper_that_arrived_in_time_alarms_nobody(handed_over):
    district = handed_over.district
    district.command("ReceiveBundle", REVIEWER, bag="B-1", pieces=3)
    district.clock.advance(timedelta(days=9))
    sweep(handed_over)
    assert "intake.bundle_overdue.v1" not in district.events()


@pytest.mark.parametrize("reporter", [CLERK, REVIEWER], ids=["window", "department"])
def test_a_lost_bundle_is_made_again_and_the_applicant_is_asked_for_nothing(handed_over, reporter):
    district = handed_over.district
    report = {"bag": "B-1", "account": "移交途中遗失"}
    lost = handed_over.on_case("ReportBundleLost", reporter, **report)
    assert lost.answering_unit == W01  # whoever sent it answers for it
    assert "intake.bundle_lost.v1" in district.events()
    assert district.read().bundles[0].HasField("lose_time")
    none = district.refusal("ReceiveBundle", REVIEWER, bag="B-1", pieces=3)
    assert none.reason == "NO_BUNDLE_ON_ITS_WAY"
    district.command("HandOverBundle", COLLEAGUE, bag="B-2", pieces=3)
    district.command("ReceiveBundle", REVIEWER, bag="B-2", pieces=3)
    told = [entry.text for entry in district.timeline(APPLICANT)]
    assert "纸质材料在移交途中遗失，由移交单位负责补制，申请人无需再次提交。" in told


@pytest.mark.parametrize("bag", ["B-9", "B-1"], ids=["another-bag", "received"])
def test_only_a_bag_on_its_way_can_be_lost(handed_over, bag):
    handed_over.district.command("ReceiveBundle", REVIEWER, bag="B-1", pieces=3)
    refusal = handed_over.refused_on_case("ReportBundleLost", CLERK, bag=bag, account="遗失")
    assert refusal.reason == "NO_BUNDLE_ON_ITS_WAY"


def test_a_bundle_that_is_there_is_not_sent_again(handed_over):
    handed_over.district.command("ReceiveBundle", REVIEWER, bag="B-1", pieces=3)
    refusal = handed_over.district.refusal("HandOverBundle", CLERK, bag="B-2", pieces=3)
    assert refusal.reason == "BUNDLE_ON_ITS_WAY"
