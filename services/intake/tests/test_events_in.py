"""Facts of other services: taken once, in any order between the services."""

from __future__ import annotations

import itertools

import pytest
from liandong.catalog.v1 import catalog_events_pb2 as catalog
from liandong.intake.v1 import intake_service_pb2 as pb
from liandong.metrics.v1 import metrics_events_pb2 as metrics
from liandong.review.v1 import review_events_pb2 as review
from sqlalchemy import select

from servicekit.stream import Outcome
from servicekit.testing import envelope
from services.intake.adapters import orm
from services.intake.tests.district import CLERK, DECIDER, REVIEWER
from services.intake.tests.fakes import DEPARTMENT
from workdays import WorkCalendar, export_year

FACTS = ("opened", "courier", "red")


def tell(district, fact):
    if fact == "opened":
        district.hear("review.review_opened.v1", review.ReviewOpened(case_number=district.number))
    elif fact == "courier":
        district.answer_courier(by_courier=True)
    else:
        district.turn_red()


@pytest.mark.parametrize("order", list(itertools.permutations(FACTS)))
def test_facts_of_different_services_leave_one_file_in_any_order(district, order):
    district.receive_complete()
    district.accept()
    for fact in order:
        tell(district, fact)
    assert district.read().result_delivery == pb.RESULT_DELIVERY_EMS
    codes = {entry.code for entry in district.timeline()}
    assert {"REVIEW_OPENED", "EMS_CHOSEN", "ITEM_TURNED_RED"} <= codes


def test_a_decision_drafts_its_document_once_however_often_it_is_told(district):
    district.receive_complete()
    district.accept()
    district.decide()
    fact = review.DecisionMade(case_number=district.number, outcome="DENIED", decider="x")
    again = envelope("review.decision_made.v1", fact, stream_id=district.number, seq=1)
    assert district.streams.take(again) is Outcome.DROPPED
    papers = district.documents()
    assert papers["GRANT_DECISION"].document_number == "周审批准字〔2026〕01-00001号"
    assert district.read().outcome == pb.DECISION_OUTCOME_GRANTED


def test_a_fact_about_an_unknown_case_is_kept_as_failed(district):
    fact = review.ReviewOpened(case_number="none")
    body = envelope("review.review_opened.v1", fact, stream_id="none")
    assert district.streams.take(body) is Outcome.FAILED


def test_what_the_departments_do_is_told_without_its_content(district):
    district.receive_complete()
    district.accept()
    seen = district.revision
    district.hear(
        "review.site_check_recorded.v1",
        review.SiteCheckRecorded(
            case_number=district.number, checkers=["p-1", "p-2"], complies=True
        ),
    )
    district.hear(
        "review.opinion_submitted.v1",
        review.OpinionSubmitted(case_number=district.number, reviewer="p-1", proposes_grant=True),
    )
    texts = [entry.text for entry in district.timeline()]
    assert texts[-2:] == ["已进行现场核查并制作笔录。", "审核人员已提出审核意见。"]
    assert district.read().revision == seen


def test_a_green_light_is_no_news_for_a_case(district):
    district.receive_complete()
    before = len(district.timeline())
    fact = metrics.ItemLightChanged(red=False, case_number=district.number)
    district.hear("metrics.item_light_changed.v1", fact, "370306-01-001")
    assert len(district.timeline()) == before


def test_an_imported_year_settles_the_dates_that_rested_on_it(district):
    district.receive_complete()
    district.accept()
    engine = district.harness.resources.engine
    with engine.begin() as connection:
        connection.execute(orm.case_file.update().values(promise_due_provisional=True))
    official = WorkCalendar.official().notice(2026)
    fact = catalog.CalendarYearImported(year=2026, notice=export_year(official), source="国办")
    district.hear("catalog.calendar_year_imported.v1", fact, "calendar-2026")
    district.work()
    view = district.read()
    assert view.promise_due.provisional is False
    assert (view.promise_due.on.month, view.promise_due.on.day) == (9, 29)
    assert district.rows(select(orm.calendar_year.c.year)) == [(2026,)]


def test_a_denial_is_printed_with_remedies_or_not_at_all(district):
    district.receive_complete()
    district.accept()
    district.catalog.remedies = ("周村区人民政府", "")
    district.decide("DENIED")
    district.work()
    [(key, failure)] = district.dead_or_waiting()
    assert key.startswith("render_document:")
    assert "RemediesMissingError" in failure
    refusal = district.refusal(
        "SealDocument",
        DECIDER,
        document=district.documents()["DENIAL_DECISION"].document,
        seal=f"{DEPARTMENT}-AUTHORITY",
        scan_sha256="a" * 64,
    )
    assert refusal.reason == "DOCUMENT_NOT_RENDERED"


def test_a_denied_case_goes_back_without_a_certificate(district):
    district.receive_complete()
    district.accept()
    district.bring_back("DENIED", certificate="")
    assert district.hand_out(CLERK).visits == 2
    assert district.refusal("ReturnResult", REVIEWER, bag="B-3").reason == (
        "RESULT_ALREADY_RETURNED"
    )
