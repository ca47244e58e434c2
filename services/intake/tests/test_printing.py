"""The job that prints: it asks who is who and what was found, and says neither to anybody else."""

from __future__ import annotations

from datetime import UTC, datetime
from io import BytesIO

import pytest
from liandong.intake.v1 import intake_service_pb2 as pb
from pypdf import PdfReader
from sqlalchemy import select, update

from servicekit.stream import Outcome
from services.intake.bootstrap import DEFINITION
from services.intake.tests.district import APPLICANT, CLERK, REVIEWER
from services.intake.tests.fakes import DEPARTMENT, PERSONS, UNITS, W01

RECORD = "SITE_CHECK_RECORD"


@pytest.fixture
def accepted(district):
    district.receive_complete()
    district.accept()
    return district


def printed(district, document, caller=CLERK):
    piece = district.call(
        "ReadDocument", caller, "ReadDocumentRequest",
        case_number=district.number, document=document,
    )  # fmt: skip
    pages = PdfReader(BytesIO(piece.chunk)).pages
    return "".join(page.extract_text() for page in pages).replace("\n", "")


def records(district):
    answer = district.call(
        "ListDocuments", CLERK, "ListDocumentsRequest", case_number=district.number
    )
    return [each for each in answer.documents if each.kind == RECORD]


def try_again(district):
    """Do what waits for its next attempt, without waiting for it."""
    table = DEFINITION.tables.job
    with district.harness.resources.engine.begin() as connection:
        waiting = update(table).where(table.c.state == "WAITING")
        connection.execute(waiting.values(next_at=datetime(2026, 1, 1, tzinfo=UTC)))
    district.work()


def test_paper_names_who_gave_and_took_it_and_where(accepted):
    accepted.command("HandOverBundle", CLERK, bag="B-1", pieces=3)
    accepted.work()
    document = accepted.documents()["HANDOVER_RECORD"].document
    assert PERSONS["p-clerk"] in printed(accepted, document)
    accepted.command("ReceiveBundle", REVIEWER, bag="B-1", pieces=3)
    accepted.work()
    text = printed(accepted, document)
    for name in (PERSONS["p-clerk"], PERSONS["p-reviewer"], UNITS[W01], UNITS[DEPARTMENT]):
        assert name in text
    assert "p-clerk" not in text
    assert W01 not in text


def test_who_is_unknown_to_the_catalogue_does_not_keep_a_document_from_being_printed(accepted):
    accepted.catalog.persons.clear()
    accepted.work()
    text = printed(accepted, accepted.documents()["ACCEPTANCE_NOTICE"].document)
    assert "p-clerk（未登记）" in text


def test_without_the_catalogue_a_document_waits(accepted):
    accepted.catalog.away = True
    accepted.work()
    assert [failure for _, failure in accepted.dead_or_waiting() if "UnavailableError" in failure]
    assert accepted.documents()["ACCEPTANCE_NOTICE"].state == pb.DOCUMENT_STATE_DRAFTED
    accepted.catalog.away = False
    try_again(accepted)
    assert accepted.dead_or_waiting() == []


def test_names_are_on_paper_and_neither_in_events_nor_in_the_audit(accepted):
    accepted.check_site("布局合理。", "p-checker", "p-reviewer")
    accepted.command("HandOverBundle", CLERK, bag="B-1", pieces=3)
    accepted.work()
    tables = DEFINITION.tables
    said = accepted.rows(select(tables.outbox.outbox.c.envelope))
    noted = accepted.rows(select(tables.audit.audit.c.detail))
    kept = b"".join(row.envelope for row in said) + "".join(row.detail for row in noted).encode()
    assert kept
    for name in PERSONS.values():
        assert name.encode() not in kept


def test_art_34_3_a_check_on_the_site_leaves_a_record_to_sign(accepted):
    seen = accepted.revision
    accepted.check_site("布局合理，设备设施齐全。", "p-checker", "p-reviewer")
    assert accepted.read().revision == seen
    accepted.work()
    [record] = records(accepted)
    assert (record.title, record.document_number, record.seal) == ("现场核查笔录", "", "")
    assert record.state == pb.DOCUMENT_STATE_ISSUED
    text = printed(accepted, record.document, APPLICANT)
    for said in (
        PERSONS["p-checker"], PERSONS["p-reviewer"], "2026年9月10日9时30分", "丝市街12号",
        "布局合理，设备设施齐全。", "实质内容符合要求",
    ):  # fmt: skip
        assert said in text
    told = [entry.text for entry in accepted.timeline()]
    assert {"已进行现场核查并制作笔录。", "《现场核查笔录》已出具。"} <= set(told)


def test_each_check_has_its_own_record_however_late_it_is_printed(accepted):
    accepted.check_site("缺少防蝇设施。", "p-checker", "p-reviewer", complies=False)
    accepted.check_site("已增设防蝇设施。", "p-checker", "p-reviewer")
    accepted.work()
    first, second = (printed(accepted, each.document) for each in records(accepted))
    assert ("缺少防蝇设施。" in first, "不符合要求" in first) == (True, True)
    assert ("已增设防蝇设施。" in second, "不符合要求" in second) == (True, False)


def test_a_check_that_is_told_twice_has_one_record(accepted):
    told = accepted.check_site("布局合理。", "p-checker", "p-reviewer")
    assert accepted.streams.take(told) is Outcome.DROPPED
    accepted.work()
    assert len(records(accepted)) == 1


def test_a_record_waits_for_a_check_that_is_not_shown_yet(accepted):
    accepted.check_site("布局合理。", "p-checker", "p-reviewer")
    shown, accepted.review.checks = accepted.review.checks, []
    accepted.work()
    [(key, failure)] = accepted.dead_or_waiting()
    assert key.startswith("render_document:")
    assert "UnavailableError" in failure
    accepted.review.checks = shown
    try_again(accepted)
    assert records(accepted)[0].state == pb.DOCUMENT_STATE_ISSUED


def test_readings_9_a_notice_signed_for_at_the_window_shows_when_it_was_served(district):
    district.receive()
    notice = district.notify("M04", "M05").document
    district.work()
    assert not district.documents()["ONE_TIME_NOTICE"].HasField("serve_time")
    sealed = district.seal(CLERK, notice, f"{DEPARTMENT}-SPECIAL-1")
    paper = district.documents()["ONE_TIME_NOTICE"]
    assert (paper.state, paper.serve_time) == (pb.DOCUMENT_STATE_SERVED, sealed.issue_time)
