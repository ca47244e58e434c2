"""Shipments through the guarded methods and the events of intake, on SQLite."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from liandong.delivery.v1 import delivery_service_pb2 as pb
from liandong.intake.v1 import intake_events_pb2 as intake
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from servicekit.stream import Outcome
from servicekit.testing import MONDAY
from services.delivery.adapters.carrier import CarrierClient
from services.delivery.adapters.orm import (
    courier_offer,
    ledger_line,
    parcel_file,
    shipment,
    shipment_label,
    tables,
)
from services.delivery.domain.errors import NotThePostalEnterpriseError
from services.delivery.domain.rules import Content, Direction, require_may_carry
from services.delivery.tests.parcels import (
    ADDRESS,
    APPLICANT,
    CLERK,
    FOREIGN,
    IDENTITY,
    KEY,
    NAME,
    PATH,
    PHONE,
    REVIEWER,
    STRANGER,
    UNAVAILABLE,
)


def test_a_dispatched_result_becomes_a_parcel_of_ems_for_nothing(parcels):
    parcels.receive()
    found = parcels.shipment(parcels.dispatch())
    assert (found.shipment, found.carrier, found.pieces) == ("A1-OUT-1", "EMS", 2)
    assert (found.citizen_price_fen, found.payer_account) == (0, "370306-FINANCE")
    assert found.direction == pb.SHIPMENT_DIRECTION_OUTBOUND
    assert found.state == pb.SHIPMENT_STATE_CREATED
    assert parcels.events()[-1] == "shipment_created"


def test_a_result_is_dispatched_again_under_the_next_number(parcels):
    parcels.receive()
    assert [parcels.dispatch(attempt=n) for n in (1, 2)] == ["A1-OUT-1", "A1-OUT-2"]


def test_readings_6_the_parcel_is_the_window_s_that_gave_it_which_prints_its_label(parcels):
    parcels.receive()
    given = intake.ResultDispatched(
        case_number="A1", window_unit="W02", unit_path="/C1/W02/", pieces=2, attempt=1
    )
    parcels.take("result_dispatched", given)
    parcels.work()
    label = parcels.call("GetLabel", FOREIGN, shipment="A1-OUT-1", purpose="粘贴面单")
    assert label.pdf.startswith(b"%PDF")
    refusal = parcels.refused("GetLabel", CLERK, shipment="A1-OUT-1", purpose="粘贴面单")
    assert refusal.reason == "OUT_OF_SCOPE"
    assert parcels.call("GetCourierOffer", CLERK, case_number="A1").offer.case_number == "A1"


def test_a_result_of_a_case_of_before_is_sent_although_no_file_was_opened(parcels):
    assert parcels.shipment(parcels.dispatch()).state == pb.SHIPMENT_STATE_CREATED


def test_the_order_names_both_sides_and_nobody_s_identity_number(parcels):
    found = parcels.under_way()
    [order] = parcels.asked("/order")
    assert order["orderNumber"] == "A1-OUT-1"
    assert order["receiver"] == {"name": NAME, "phone": PHONE, "address": ADDRESS}
    assert order["sender"]["name"] == "周村区政务服务中心"
    assert IDENTITY not in str(order)
    assert "食品" not in str(order)
    assert (found.state, found.waybill[:2]) == (pb.SHIPMENT_STATE_ACCEPTED, "EE")
    assert parcels.events()[-1] == "shipment_ordered"


def test_intake_is_asked_with_a_purpose(parcels):
    parcels.under_way()
    [(method, request)] = parcels.intake.asked
    assert (method, request.case_number) == ("RevealApplicant", "A1")
    assert "寄递" in request.purpose


def test_an_order_is_placed_once_however_often_its_job_runs(parcels):
    parcels.under_way()
    with parcels.resources.engine.begin() as connection:
        connection.execute(update(tables.job).values(state="WAITING", next_at=MONDAY))
    parcels.work()
    assert len(parcels.asked("/order")) == 1
    assert parcels.events().count("shipment_ordered") == 1


def test_an_order_that_was_placed_and_not_stored_is_the_same_order_again(parcels):
    parcels.receive()
    identity = parcels.dispatch()
    placed = parcels.desk.book.order(identity, MONDAY, letter=True)
    parcels.work()
    assert parcels.shipment(identity).waybill == placed.waybill


@pytest.mark.parametrize("who", ["carrier", "intake"])
def test_whoever_is_away_is_asked_again_later(parcels, who):
    parcels.receive()
    identity = parcels.dispatch()
    if who == "carrier":
        parcels.away = 1
    else:
        parcels.intake.refusal = UNAVAILABLE
    parcels.work()
    assert parcels.shipment(identity).state == pb.SHIPMENT_STATE_CREATED
    parcels.intake.refusal = None
    parcels.clock.advance(timedelta(minutes=1))
    parcels.work()
    assert parcels.shipment(identity).state == pb.SHIPMENT_STATE_ACCEPTED


def test_without_a_carrier_orders_wait_and_say_why(parcels):
    parcels.receive()
    identity = parcels.dispatch()
    parcels.runner({"intake": parcels.intake}).run_once()
    [job] = parcels.rows(select(tables.job.c.state, tables.job.c.failure))
    assert (job.state, "CARRIER_URL" in job.failure) == ("WAITING", True)
    assert parcels.shipment(identity).state == pb.SHIPMENT_STATE_CREATED


def test_the_finance_account_owes_by_tariff_and_zone(parcels):
    found = parcels.under_way()
    [line] = parcels.rows(select(ledger_line))
    assert (line.shipment, line.waybill, line.tariff) == ("A1-OUT-1", found.waybill, "EMS-2026")
    assert (line.zone.name, line.grams, line.amount_fen) == ("CITY", 500, 1000)
    assert (line.payer_account, found.amount_fen) == ("370306-FINANCE", 1000)


def test_r2_8_a_result_is_not_sent_on_a_day_without_a_tariff(parcels):
    parcels.clock.instant = datetime(2023, 12, 31, 1, 0, tzinfo=UTC)
    parcels.receive()
    sent = intake.ResultDispatched(
        case_number="A1", window_unit="W01", unit_path=PATH, pieces=1, attempt=1
    )
    assert parcels.take("result_dispatched", sent) is Outcome.FAILED
    assert not parcels.rows(select(shipment))
    assert not parcels.rows(select(tables.job))


def test_the_table_itself_keeps_results_with_the_postal_enterprise(parcels):
    parcels.under_way()
    engine = parcels.resources.engine
    with (
        pytest.raises(IntegrityError, match="postal_enterprise_only"),
        engine.begin() as connection,
    ):
        connection.execute(update(shipment).values(carrier="SF"))


# --- pickups ---------------------------------------------------------------------------------


def test_originals_are_fetched_from_the_applicant_for_nothing(parcels):
    found = parcels.under_way(fetched=True)
    [order] = parcels.asked("/order")
    assert (found.shipment, found.direction) == ("A1-IN-1", pb.SHIPMENT_DIRECTION_INBOUND)
    assert order["sender"]["name"] == NAME
    assert order["receiver"]["name"] == "周村区政务服务中心"
    assert (found.citizen_price_fen, len(found.waybill)) == (0, 13)


def test_r2_7_a_fee_is_refused_and_kept_as_a_violation(parcels):
    parcels.receive()
    refusal = parcels.refused(
        "RequestPickup", CLERK, request_id="request-fee", case_number="A1", pieces=1, fee_fen=1200
    )
    assert (refusal.reason, refusal.rule) == ("COURIER_NOT_FREE", "R2.7")
    assert "区财政" in refusal.text
    assert parcels.rows(select(tables.violation.c.reason, tables.violation.c.person)) == [
        ("COURIER_NOT_FREE", "p-1")
    ]
    assert parcels.events()[-1] == "violation_recorded"
    assert not parcels.rows(select(shipment))


@pytest.mark.parametrize(
    ("more", "reason", "rule"),
    [
        pytest.param(
            {"carrier": "SF", "official_documents": True},
            "NOT_THE_POSTAL_ENTERPRISE", "邮政法 第五十五条", id="licence-by-another-courier",
        ),
        pytest.param(
            {"carrier": "SF"}, "CARRIER_WITHOUT_CONTRACT", "R2.8", id="courier-without-tariff"
        ),
    ],
)  # fmt: skip
def test_a_carrier_that_may_not_or_has_no_contract_is_refused(parcels, more, reason, rule):
    parcels.receive()
    refusal = parcels.refused(
        "RequestPickup", APPLICANT, request_id="request-1", case_number="A1", pieces=1, **more
    )
    assert (refusal.reason, refusal.rule) == (reason, rule)
    assert refusal.text
    assert "SF" not in refusal.text  # a carrier's code says nothing to who asked


def test_only_the_postal_enterprise_may_carry_results():
    require_may_carry("EMS", Direction.OUTBOUND, Content.OFFICIAL_DOCUMENT)
    with pytest.raises(NotThePostalEnterpriseError):
        require_may_carry("SF", Direction.OUTBOUND, Content.OFFICIAL_DOCUMENT)


def test_nothing_is_fetched_where_the_item_does_not_offer_it(parcels):
    parcels.receive(courier_inbound=False)
    refusal = parcels.refused(
        "RequestPickup", APPLICANT, request_id="request-1", case_number="A1", pieces=1
    )
    assert (refusal.reason, refusal.rule) == ("PICKUP_NOT_OFFERED", "R2.7")


def test_a_second_pickup_waits_for_the_end_of_the_first(parcels):
    parcels.under_way(fetched=True)
    asked = {"request_id": "request-2", "case_number": "A1", "pieces": 1}
    assert parcels.refused("RequestPickup", APPLICANT, **asked).reason == "PICKUP_UNDER_WAY"


def test_nobody_else_has_originals_fetched(parcels):
    parcels.receive()
    asked = {"request_id": "request-1", "case_number": "A1", "pieces": 1}
    assert parcels.refused("RequestPickup", STRANGER, **asked).reason == "CASE_UNKNOWN"
    assert parcels.refused("RequestPickup", FOREIGN, **asked).reason == "OUT_OF_SCOPE"
    assert parcels.refused("RequestPickup", REVIEWER, **asked).reason == "ROLE_DENIED"
    missing = {**asked, "case_number": "A9"}
    assert parcels.refused("RequestPickup", APPLICANT, **missing).reason == "CASE_UNKNOWN"


# --- reading, labels -------------------------------------------------------------------------


def test_nobody_else_reads_a_shipment(parcels):
    identity = parcels.under_way().shipment
    assert parcels.refused("GetShipment", STRANGER, shipment=identity).reason == "SHIPMENT_UNKNOWN"
    assert parcels.refused("GetShipment", FOREIGN, shipment=identity).reason == "OUT_OF_SCOPE"
    assert parcels.shipment(identity, REVIEWER).shipment == identity
    assert parcels.refused("GetShipment", CLERK, shipment="A1-OUT-9").reason == "SHIPMENT_UNKNOWN"


def test_pages_of_shipments_are_complete_newest_first_and_within_reach(parcels):
    for number in ("A1", "A2", "A3"):
        parcels.receive(number)
        parcels.dispatch(number)
        parcels.clock.advance(timedelta(minutes=1))
    seen, token = [], ""
    while True:
        page = parcels.call("ListShipments", CLERK, page_size=2, page_token=token)
        seen += [each.shipment for each in page.shipments]
        token = page.next_page_token
        if not token:
            break
    assert seen == ["A3-OUT-1", "A2-OUT-1", "A1-OUT-1"]
    only = parcels.call("ListShipments", CLERK, case_number="A2").shipments
    assert [each.shipment for each in only] == ["A2-OUT-1"]
    assert not parcels.call("ListShipments", STRANGER).shipments


def test_each_print_of_a_label_is_counted_and_audited_with_its_purpose(parcels):
    identity = parcels.under_way().shipment
    asked = {"shipment": identity, "purpose": "粘贴面单"}
    labels = [parcels.call("GetLabel", CLERK, **asked) for _ in range(2)]
    assert [label.print for label in labels] == [1, 2]
    assert labels[0].pdf == labels[1].pdf
    assert labels[0].pdf.startswith(b"%PDF")
    assert parcels.shipment(identity).label_prints == 2
    audited = parcels.rows(
        select(tables.audit.audit.c.actor, tables.audit.audit.c.detail).where(
            tables.audit.audit.c.action.like("%GetLabel")
        )
    )
    assert [("p-1", "粘贴面单" in detail) for _, detail in audited] == [("p-1", True)] * 2


def test_a_label_is_stored_sealed(parcels):
    parcels.under_way()
    [row] = parcels.rows(select(shipment_label))
    assert row.pdf_sealed.count(".") == 2
    assert "JVBERi" not in row.pdf_sealed  # %PDF in base 64


def test_a_label_waits_for_the_order(parcels):
    parcels.receive()
    refusal = parcels.refused("GetLabel", CLERK, shipment=parcels.dispatch(), purpose="粘贴面单")
    assert (refusal.code, refusal.reason) == ("FAILED_PRECONDITION", "LABEL_NOT_READY")


def test_nobody_else_prints_a_label(parcels):
    asked = {"shipment": parcels.under_way().shipment, "purpose": "粘贴面单"}
    assert parcels.refused("GetLabel", FOREIGN, **asked).reason == "OUT_OF_SCOPE"
    assert parcels.refused("GetLabel", REVIEWER, **asked).reason == "ROLE_DENIED"


# --- cancelling, ending, transferring --------------------------------------------------------


def cancel(parcels, caller=CLERK):
    found = parcels.shipment("A1-OUT-1")
    asked = {"request_id": f"cancel-{found.revision}", "shipment": found.shipment}
    return parcels.call("CancelShipment", caller, revision=found.revision, **asked)


def test_what_nobody_ordered_is_cancelled_at_once_and_never_ordered(parcels):
    parcels.receive()
    parcels.dispatch()
    assert cancel(parcels).state == pb.SHIPMENT_STATE_CANCELLED
    parcels.work()
    assert not parcels.asked("/order")
    assert not parcels.rows(select(ledger_line))
    assert parcels.events()[-1] == "shipment_failed"


def test_what_was_ordered_is_cancelled_at_the_carrier_and_costs_nothing(parcels):
    parcels.under_way()
    answer = cancel(parcels)
    assert answer.state == pb.SHIPMENT_STATE_ACCEPTED
    assert parcels.shipment("A1-OUT-1").cancelling
    parcels.work()
    found = parcels.shipment("A1-OUT-1")
    assert (found.state, found.cancelling) == (pb.SHIPMENT_STATE_CANCELLED, False)
    [line] = parcels.rows(select(ledger_line))
    assert line.voided_at is not None
    refusal = parcels.refused("GetLabel", CLERK, shipment="A1-OUT-1", purpose="粘贴面单")
    assert (refusal.reason, refusal.rule) == ("LABEL_NO_LONGER_KEPT", "个人信息保护法 第十九条")
    assert parcels.rows(select(shipment_label.c.pdf_sealed)) == [(None,)]


def test_what_is_cancelled_while_the_carrier_takes_the_order_is_cancelled_there_too(parcels):
    parcels.receive()
    parcels.dispatch()
    post = parcels.post

    def taking(path, form):
        answer = post(path, form)
        if path == "/order":
            cancel(parcels)
        return answer

    parcels.carrier = CarrierClient(taking, customer="LIANDONG", key=KEY)
    parcels.work()
    parcels.work()
    assert len(parcels.asked("/cancel")) == 1
    assert parcels.shipment("A1-OUT-1").state == pb.SHIPMENT_STATE_CANCELLED
    assert not parcels.rows(select(ledger_line))  # nobody carries it, nobody pays for it


def test_the_carrier_is_asked_to_cancel_only_what_it_was_given(parcels):
    parcels.receive()
    parcels.dispatch()
    cancel(parcels)
    parcels.work()
    assert not parcels.asked("/cancel")


def test_a_cancellation_answers_with_the_revision_that_the_next_command_must_name(parcels):
    parcels.under_way()
    waiting = cancel(parcels)  # the carrier must agree: nothing happened yet
    found = parcels.shipment("A1-OUT-1")
    assert (waiting.case_number, waiting.revision) == ("A1", found.revision)


def test_a_parcel_that_nobody_ordered_answers_with_its_revision_too(parcels):
    parcels.receive()
    parcels.dispatch()
    done = cancel(parcels)
    assert done.revision == parcels.shipment("A1-OUT-1").revision


def test_a_case_that_ends_takes_back_every_parcel_that_is_not_under_way(parcels):
    fetched = parcels.under_way(fetched=True)
    parcels.dispatch()
    parcels.dispatch(attempt=2)
    parcels.work()
    parcels.move(fetched.waybill, "pick_up", MONDAY)
    parcels.deliver()
    parcels.take("case_withdrawn", intake.CaseWithdrawn(case_number="A1"))
    parcels.work()
    states = {each: parcels.shipment(each).state for each in ("A1-OUT-1", "A1-OUT-2")}
    assert set(states.values()) == {pb.SHIPMENT_STATE_CANCELLED}
    assert parcels.shipment("A1-IN-1").state == pb.SHIPMENT_STATE_PICKED
    assert len(parcels.asked("/cancel")) == 2


def test_a_parcel_of_a_case_of_before_is_the_window_s_and_nobody_s_but_its(parcels):
    parcels.dispatch()
    [kept] = parcels.rows(select(shipment))
    assert (kept.applicant, kept.authority) == ("", "")
    assert (kept.window_unit, kept.unit_path, kept.case_number) == ("W01", PATH, "A1")
    refusal = parcels.refused("GetShipment", STRANGER, shipment="A1-OUT-1")
    assert refusal.reason == "SHIPMENT_UNKNOWN"
    asked = {"request_id": "request-1", "case_number": "A1", "pieces": 1}
    assert parcels.refused("RequestPickup", CLERK, **asked).reason == "CASE_UNKNOWN"


def test_the_carrier_s_own_word_of_a_cancellation_changes_nothing_more(parcels):
    parcels.under_way()
    cancel(parcels)
    parcels.work()
    assert parcels.deliver() == [200]
    parcels.work()
    assert parcels.events().count("shipment_failed") == 1


def test_a_carrier_that_picked_up_first_keeps_the_parcel(parcels):
    found = parcels.under_way()
    cancel(parcels)
    parcels.move(found.waybill, "pick_up", MONDAY)
    parcels.work()
    found = parcels.shipment("A1-OUT-1")
    assert (found.state, found.cancelling) == (pb.SHIPMENT_STATE_ACCEPTED, False)


def test_what_is_picked_up_cannot_be_cancelled(parcels):
    found = parcels.under_way()
    parcels.move(found.waybill, "pick_up", MONDAY)
    parcels.deliver()
    found = parcels.shipment("A1-OUT-1")
    refusal = parcels.refused(
        "CancelShipment", CLERK,
        request_id="cancel-it", shipment=found.shipment, revision=found.revision,
    )  # fmt: skip
    assert (refusal.code, refusal.reason) == ("FAILED_PRECONDITION", "ALREADY_PICKED_UP")


def test_a_stale_cancellation_is_refused(parcels):
    parcels.under_way()
    asked = {"request_id": "cancel-it", "shipment": "A1-OUT-1", "revision": 9}
    assert parcels.refused("CancelShipment", CLERK, **asked).reason == "STALE_REVISION"


ENDINGS = [
    pytest.param("case_withdrawn", intake.CaseWithdrawn, id="withdrawn"),
    pytest.param("case_terminated", intake.CaseTerminated, id="terminated"),
    pytest.param("case_not_required", intake.CaseNotRequired, id="not-required"),
    pytest.param("acceptance_refused", intake.AcceptanceRefused, id="refused"),
]


@pytest.mark.parametrize(("kind", "message"), ENDINGS)
def test_a_case_that_ends_takes_its_offer_and_its_parcels_with_it(parcels, kind, message):
    parcels.under_way(fetched=True)
    parcels.take(kind, message(case_number="A1"))
    parcels.work()
    assert parcels.shipment("A1-IN-1").state == pb.SHIPMENT_STATE_CANCELLED
    asked = {"request_id": "request-9", "case_number": "A1"}
    refusal = parcels.refused("RequestPickup", APPLICANT, pieces=1, **asked)
    assert refusal.reason == "CASE_ENDED"
    refusal = parcels.refused("AnswerCourierOffer", APPLICANT, revision=1, by_courier=True, **asked)
    assert (refusal.reason, refusal.rule) == ("OFFER_LAPSED", "R2.9")
    assert not parcels.call("ListCourierOffers", CLERK).offers


def test_a_case_that_ends_before_the_order_is_never_ordered(parcels):
    parcels.receive()
    parcels.pick_up()
    parcels.take("case_withdrawn", intake.CaseWithdrawn(case_number="A1"))
    parcels.work()
    assert not parcels.asked("/order")


def test_a_case_that_ends_lets_a_parcel_that_is_under_way_arrive(parcels):
    found = parcels.under_way(fetched=True)
    parcels.move(found.waybill, "pick_up", MONDAY)
    parcels.deliver()
    parcels.take("case_withdrawn", intake.CaseWithdrawn(case_number="A1"))
    parcels.work()
    assert parcels.shipment("A1-IN-1").state == pb.SHIPMENT_STATE_PICKED
    assert not parcels.asked("/cancel")


def test_an_answered_offer_stays_answered_when_the_case_ends(parcels):
    parcels.receive()
    parcels.call(
        "AnswerCourierOffer", APPLICANT,
        request_id="answer-it", case_number="A1", revision=1, by_courier=True,
    )  # fmt: skip
    parcels.take("case_withdrawn", intake.CaseWithdrawn(case_number="A1"))
    [(state,)] = parcels.rows(select(courier_offer.c.state))
    assert state.name == "TAKEN"


def test_a_case_that_goes_to_another_window_takes_its_parcels_there(parcels):
    identity = parcels.under_way(fetched=True).shipment
    moved = intake.CaseTransferred(
        case_number="A1", from_unit="W01", to_unit="W02", unit_path="/C1/W02/"
    )
    parcels.take("case_transferred", moved)
    assert parcels.shipment(identity, FOREIGN).shipment == identity
    assert parcels.call("GetCourierOffer", FOREIGN, case_number="A1").offer.case_number == "A1"
    assert parcels.refused("GetShipment", CLERK, shipment=identity).reason == "OUT_OF_SCOPE"
    [(unit,)] = parcels.rows(select(parcel_file.c.window_unit))
    assert unit == "W02"
