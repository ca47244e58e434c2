"""Filings, and what is decided on the spot, through the guarded methods."""

from __future__ import annotations

from liandong.catalog.v1 import catalog_service_pb2 as catalog
from liandong.intake.v1 import intake_service_pb2 as pb
from sqlalchemy import select

from services.intake import handlers
from services.intake.adapters import orm
from services.intake.entrypoints import jobs
from services.intake.tests.district import (
    CLERK,
    COLLEAGUE,
    FOREIGN,
    REVIEWER,
)
from services.intake.tests.fakes import DEPARTMENT
from services.intake.tests.pre_acceptance_fields import (
    SPOT,
    at_once,
)


def test_readings_14_a_filing_is_filed_by_its_receipt(district):
    district.catalog.version.handling = catalog.HANDLING_KIND_FILING
    district.catalog.version.deemed_acceptance = False
    district.receive_complete()
    view = district.read()
    assert (view.state, view.end_time) == (pb.CASE_STATE_FILED, view.receive_time)
    refusal = district.refusal("AcceptCase", CLERK)
    assert (refusal.reason, refusal.rule) == (
        "FILING_NOT_ACCEPTED", "企业投资项目核准和备案管理条例 第十三条",
    )  # fmt: skip
    district.work()
    paper = district.documents()["FILING_RECEIPT"]
    assert paper.document_number == "周审批备字〔2026〕01-00001号"
    district.seal(CLERK, paper.document, f"{DEPARTMENT}-SPECIAL")
    assert "intake.filing_recorded.v1" in district.events()


def test_readings_14_a_filing_of_before_is_read_as_filed_and_recorded_by_the_timer(district):
    district.catalog.version.deemed_acceptance = False
    district.receive_complete()
    terms = district.rows(select(orm.case_file.c.terms))[0].terms
    old = type(terms)(**{
        **{name: getattr(terms, name) for name in terms.__dataclass_fields__},
        "handling": type(terms.handling).FILING,
    })  # fmt: skip
    with district.harness.resources.engine.begin() as connection:
        connection.execute(orm.case_file.update().values(terms=old))
    assert district.read().state == pb.CASE_STATE_FILED
    assert district.refusal("AcceptCase", CLERK).reason == "FILING_NOT_ACCEPTED"
    units = jobs.UnitsOfWork(district.harness.resources)
    with units.of_the_service("settle") as uow:
        assert handlers.settle_case(district.number, uow=uow)
        uow.commit()
    assert district.events()[-1] == "intake.filing_recorded.v1"


def test_r4_6a_whom_the_letter_names_receives_decides_seals_and_hands_out(district):
    at_once(district)
    district.receive_complete()
    refusal = district.refusal("DecideOnTheSpot", COLLEAGUE, **SPOT)
    assert (refusal.reason, refusal.rule) == ("NOT_NAMED_TO_DECIDE", "R4.6a")
    assert district.events()[-1] == "intake.violation_recorded.v1"
    refusal = district.refusal(
        "DecideOnTheSpot", CLERK, **(SPOT | {"outcome": pb.DECISION_OUTCOME_DENIED})
    )
    assert refusal.reason == "DENIED_ON_THE_SPOT"
    assert district.refusal("AcceptCase", CLERK).reason == "ON_THE_SPOT_ITEM"
    answer = district.command("DecideOnTheSpot", CLERK, **SPOT)
    assert answer.document_number == "周审批准字〔2026〕01-00001号"
    district.work()
    assert district.refusal(
        "SealDocument", COLLEAGUE, document=answer.document, seal=f"{DEPARTMENT}-AUTHORITY",
        scan_sha256="a" * 64,
    ).reason == "NOT_THE_DECIDER"  # fmt: skip
    district.seal(CLERK, answer.document, f"{DEPARTMENT}-AUTHORITY")
    view = district.read()
    assert (view.state, view.letter) == (pb.CASE_STATE_READY, "授〔2026〕1号")
    assert district.hand_out(CLERK).visits == 1
    assert "intake.case_accepted.v1" not in district.events()
    assert "intake.decided_on_the_spot.v1" in district.events()
    district.work()
    assert district.documents()["PROOF_OF_SERVICE"].state == pb.DOCUMENT_STATE_ISSUED
    assert district.dead_or_waiting() == []


def test_the_paper_of_what_was_decided_on_the_spot_follows(district):
    at_once(district)
    district.receive_complete()
    district.command("DecideOnTheSpot", CLERK, **SPOT)
    district.command("HandOverBundle", CLERK, bag="B-1", pieces=3)
    district.command("ReceiveBundle", REVIEWER, bag="B-1", pieces=3)
    assert district.read().state == pb.CASE_STATE_DECIDED


def test_a_case_that_is_unknown_is_decided_by_nobody(district):
    refusal = district.refusal("DecideOnTheSpot", CLERK, case_number="none", revision=1, **SPOT)
    assert refusal.reason == "CASE_UNKNOWN"


def test_art_34_3_what_must_be_verified_goes_the_promised_way(district):
    at_once(district)
    district.receive_complete()
    district.command("TurnIntoPromised", CLERK, reason="需核实经营场所")
    assert district.read().handling == "PROMISED"
    assert district.refusal("DecideOnTheSpot", CLERK, **SPOT).reason == "TURNED_INTO_PROMISED"
    answer = district.accept()
    assert (answer.promise_due.on.month, answer.promise_due.on.day) != (0, 0)
    told = [entry.text for entry in district.timeline()]
    assert "需要核实实质内容（需核实经营场所），转为承诺件办理。" in told
    assert district.events()[-1] == "intake.case_accepted.v1"


def test_another_item_is_not_decided_on_the_spot(district):
    district.receive_complete()
    assert district.refusal("DecideOnTheSpot", CLERK, **SPOT).reason == "NOT_ON_THE_SPOT"


def test_another_window_turns_nothing(district):
    at_once(district)
    district.receive_complete()
    assert district.refusal("TurnIntoPromised", FOREIGN, reason="x").code == "PERMISSION_DENIED"
