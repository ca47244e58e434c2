"""A parcel from the wish for it to its end, whatever the order in which the carrier reports."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta

import pytest

from servicekit.events import Ownership
from services.delivery.domain.errors import (
    AlreadyPickedUpError,
    CaseEndedError,
    NotThePostalEnterpriseError,
    PickupNotOfferedError,
    WaybillInvalidError,
    WaybillTakenError,
)
from services.delivery.domain.parcel_file import ParcelFile
from services.delivery.domain.rules import Content, Direction
from services.delivery.domain.shipment import Cancelling, Shipment
from services.delivery.domain.tracks import LOST, ShipmentState, Signer, Track, state_of

AT = datetime(2026, 10, 14, 1, 0, tzinfo=UTC)
LETTER = "EE123456785CN"


def later(hours: int) -> datetime:
    return AT + timedelta(hours=hours)


def track(hours: int, code: str) -> Track:
    return Track(later(hours), code)


def parcel_file(**more) -> ParcelFile:
    facts = {"courier_inbound": True, **more}
    return ParcelFile("A1", "a-1", "W01", "/C1/W01/", "D01", **facts)


def sent(**more) -> Shipment:
    facts = {"attempt": 1, "carrier": "EMS", "pieces": 2, "at": AT, **more}
    return Shipment.send(parcel_file(), **facts)


def ordered(**more) -> Shipment:
    shipment = sent(**more)
    shipment.order(LETTER, AT)
    shipment.events.clear()
    return shipment


def told(shipment: Shipment) -> list[str]:
    names = [type(event).__name__.removeprefix("Shipment") for event in shipment.events]
    reasons = [getattr(event, "reason", "") for event in shipment.events]
    return [f"{name} {reason}".strip() for name, reason in zip(names, reasons, strict=True)]


def test_a_result_is_sent_by_ems_for_nothing_at_the_expense_of_finance():
    shipment = sent()
    [event] = shipment.events
    assert (event.shipment, event.direction, event.carrier) == ("A1-OUT-1", "OUT", "EMS")
    assert (event.citizen_price_fen, event.payer_account) == (0, "370306-FINANCE")
    assert (shipment.state, shipment.direction) == (ShipmentState.CREATED, Direction.OUTBOUND)


def test_a_result_is_sent_by_nobody_but_the_postal_enterprise():
    with pytest.raises(NotThePostalEnterpriseError) as caught:
        sent(carrier="SF")
    assert (caught.value.reason, caught.value.rule) == (
        "NOT_THE_POSTAL_ENTERPRISE", "邮政法 第五十五条",
    )  # fmt: skip


def fetched(file: ParcelFile, content=Content.APPLICATION_MATERIAL, carrier="EMS") -> Shipment:
    return Shipment.fetch(file, content=content, carrier=carrier, pieces=1, at=AT)


def test_originals_are_fetched_under_the_next_number():
    file = parcel_file()
    assert [fetched(file).shipment for _ in range(2)] == ["A1-IN-1", "A1-IN-2"]


def test_materials_may_come_by_another_courier_but_documents_of_organs_may_not():
    assert fetched(parcel_file(), carrier="SF").carrier == "SF"
    with pytest.raises(NotThePostalEnterpriseError):
        fetched(parcel_file(), Content.OFFICIAL_DOCUMENT, "SF")


def test_nothing_is_fetched_where_the_item_does_not_offer_it():
    with pytest.raises(PickupNotOfferedError):
        fetched(parcel_file(courier_inbound=False))


def test_nothing_is_fetched_for_a_case_that_ended_and_the_first_end_stays():
    file = parcel_file()
    file.end(AT)
    file.end(later(1))
    assert file.ended_at == AT
    with pytest.raises(CaseEndedError):
        fetched(file)


def test_an_order_is_told_once_with_its_waybill():
    shipment = sent()
    shipment.events.clear()
    assert shipment.order(LETTER, AT)
    assert not shipment.order(LETTER, later(1))
    assert (told(shipment), shipment.events[0].waybill) == (["Ordered"], LETTER)
    assert (shipment.state, shipment.ordered_at) == (ShipmentState.ACCEPTED, AT)


def test_an_order_has_one_waybill_and_a_right_one():
    with pytest.raises(WaybillInvalidError):
        sent().order("EE123456784CN", AT)
    with pytest.raises(WaybillTakenError):
        ordered().order("1234567890123", AT)


COURSE = [track(0, "101"), track(1, "103"), track(2, "1001"), track(3, "5"), track(4, "301")]


def test_a_parcel_goes_from_state_to_state_and_is_signed_for_by_its_addressee():
    shipment = ordered()
    states = []
    for each in COURSE:
        shipment.report([each], confirmed=True)
        states.append(shipment.state.name)
    assert states == ["ACCEPTED", "PICKED", "ARRIVED", "OUT_FOR_DELIVERY", "SIGNED"]
    assert told(shipment) == ["PickedUp", "Signed"]
    assert (shipment.picked_up_at, shipment.ended_at) == (later(1), later(4))
    signed = shipment.events[1]
    assert (signed.signer, signed.sign_time, signed.waybill) == ("ADDRESSEE", later(4), LETTER)


@pytest.mark.parametrize("order", list(itertools.permutations(range(1, 4))))
def test_reports_in_any_order_lead_to_the_same_state(order):
    shipment = ordered()
    for index in order:
        shipment.report([COURSE[index]], confirmed=False)
    assert shipment.state is ShipmentState.OUT_FOR_DELIVERY
    assert shipment.tracks == tuple(COURSE[1:4])
    assert told(shipment) == ["PickedUp"]


def test_a_report_that_comes_again_changes_nothing():
    shipment = ordered()
    shipment.report(COURSE, confirmed=True)
    before = (shipment.state, shipment.tracks, told(shipment))
    for each in (COURSE, COURSE[:2], COURSE[3:]):
        assert not shipment.report(each, confirmed=True)
        assert not shipment.report(each, confirmed=False)
    assert (shipment.state, shipment.tracks, told(shipment)) == before


@pytest.mark.parametrize("code", ["301", "303", "304", "3", "14", "4", "401", LOST])
def test_what_the_law_attaches_something_to_is_not_believed_from_a_callback(code):
    shipment = ordered()
    assert shipment.report([*COURSE[:4], track(4, code)], confirmed=False)
    assert shipment.state is ShipmentState.OUT_FOR_DELIVERY
    assert told(shipment) == ["PickedUp"]


def test_what_changes_nothing_in_law_needs_no_second_question():
    assert not ordered().report(COURSE[:4], confirmed=False)


@pytest.mark.parametrize(
    ("code", "signer"),
    [
        ("301", Signer.ADDRESSEE),
        ("303", Signer.OTHER),
        ("304", Signer.LOCKER),
        pytest.param("302", Signer.OTHER, id="after-trouble"),
        pytest.param("3", Signer.OTHER, id="nobody-says-who"),
    ],
)
def test_who_signed_is_the_addressee_only_where_the_carrier_says_so(code, signer):
    shipment = ordered()
    shipment.report([track(1, "103"), track(4, code)], confirmed=True)
    assert (shipment.signer, shipment.events[-1].signer) == (signer, signer.name)


def test_a_refusal_is_told_when_it_happens_and_the_return_when_it_is_back():
    shipment = ordered()
    shipment.report([track(1, "103"), track(4, "14")], confirmed=True)
    assert (told(shipment), shipment.state) == (
        ["PickedUp", "Failed REFUSED"], ShipmentState.REFUSED,
    )  # fmt: skip
    shipment.report([track(5, "6"), track(9, "4")], confirmed=True)
    assert told(shipment)[2:] == ["Failed RETURNED"]
    assert (shipment.state, shipment.ended_at) == (ShipmentState.RETURNED, later(9))
    assert [event.fail_time for event in shipment.events[1:]] == [later(4), later(9)]


def test_a_signature_that_the_carrier_takes_back_becomes_a_return():
    shipment = ordered()
    shipment.report(COURSE, confirmed=True)
    shipment.report([track(8, "4")], confirmed=True)
    assert told(shipment) == ["PickedUp", "Signed", "Failed RETURNED"]
    assert (shipment.state, shipment.signer) == (ShipmentState.RETURNED, None)
    assert (shipment.signed_at, shipment.ended_at) == (later(4), later(8))


@pytest.mark.parametrize("last", ["4", LOST])
def test_what_has_ended_stays_as_it_ended(last):
    shipment = ordered()
    shipment.report([track(1, "103"), track(4, last)], confirmed=True)
    state, count = shipment.state, len(shipment.events)
    shipment.report([track(5, "301"), track(6, "5"), track(7, "14")], confirmed=True)
    assert (shipment.state, len(shipment.events)) == (state, count)


def test_a_signature_stands_against_everything_but_a_return():
    shipment = ordered()
    shipment.report(COURSE, confirmed=True)
    shipment.report([track(3, "14"), track(5, LOST), track(6, "303")], confirmed=True)
    assert (shipment.state, shipment.signer) == (ShipmentState.SIGNED, Signer.ADDRESSEE)
    assert told(shipment) == ["PickedUp", "Signed"]


def test_a_parcel_that_is_lost_is_told_as_lost():
    shipment = ordered()
    shipment.report([track(1, "103"), track(2, "2"), track(2, LOST)], confirmed=True)
    assert told(shipment) == ["PickedUp", "Failed LOST"]


@pytest.mark.parametrize(
    ("code", "state"),
    [
        ("102", ShipmentState.PICKUP_PENDING),
        ("1", ShipmentState.PICKED),
        ("0", ShipmentState.IN_TRANSIT),
        ("1002", ShipmentState.IN_TRANSIT),
        ("501", ShipmentState.OUT_FOR_DELIVERY),
        ("2", ShipmentState.EXCEPTION),
        ("211", ShipmentState.EXCEPTION),
        ("209", ShipmentState.DAMAGED),
        ("6", ShipmentState.RETURNING),
        ("8", None),
        ("29", None),
        ("", None),
    ],
)
def test_the_codes_of_the_carrier_mean_what_is_agreed(code, state):
    assert state_of(code) is state


def test_a_code_that_nobody_knows_is_left_out():
    shipment = ordered()
    assert not shipment.report([track(1, "8")], confirmed=True)
    assert (shipment.tracks, shipment.state) == ((), ShipmentState.ACCEPTED)


def test_trouble_before_the_pickup_is_no_pickup():
    shipment = ordered()
    shipment.report([track(1, "2"), track(2, "401")], confirmed=True)
    assert told(shipment) == ["Failed CANCELLED"]
    assert shipment.picked_up_at is None


def test_what_nobody_ordered_is_cancelled_at_once():
    shipment = sent()
    shipment.events.clear()
    shipment.cancel(later(1))
    assert (told(shipment), shipment.state, shipment.ended_at) == (
        ["Failed CANCELLED"], ShipmentState.CANCELLED, later(1),
    )  # fmt: skip


def test_what_was_ordered_meanwhile_is_to_be_cancelled_at_the_carrier():
    shipment = sent()
    shipment.cancel(AT)
    shipment.events.clear()
    assert shipment.order(LETTER, AT)
    assert (shipment.cancelling, shipment.state) == (Cancelling.ASKED, ShipmentState.CANCELLED)
    shipment.cancelled(agreed=True, at=later(1))
    assert (told(shipment), shipment.cancelling) == ([], Cancelling.NOT_ASKED)


def test_what_the_carrier_has_an_order_for_is_cancelled_when_it_agrees():
    shipment = ordered()
    shipment.cancel(AT)
    assert (told(shipment), shipment.state) == ([], ShipmentState.ACCEPTED)
    shipment.cancelled(agreed=True, at=later(1))
    assert (told(shipment), shipment.ended_at) == (["Failed CANCELLED"], later(1))


def test_a_carrier_that_was_quicker_keeps_the_parcel():
    shipment = ordered()
    shipment.cancel(AT)
    shipment.cancelled(agreed=False, at=later(1))
    assert (shipment.cancelling, shipment.state) == (Cancelling.TOO_LATE, ShipmentState.ACCEPTED)
    shipment.report(COURSE, confirmed=True)
    assert told(shipment) == ["PickedUp", "Signed"]


@pytest.mark.parametrize("reported", [COURSE[:2], COURSE])
def test_what_is_picked_up_cannot_be_cancelled(reported):
    shipment = ordered()
    shipment.report(reported, confirmed=True)
    with pytest.raises(AlreadyPickedUpError):
        shipment.cancel(later(9))


def returned() -> Shipment:
    shipment = sent()
    shipment.order(LETTER, AT)
    shipment.report([track(1, "103"), track(4, "14"), track(9, "4")], confirmed=True)
    return shipment


def signed_for() -> Shipment:
    shipment = sent()
    shipment.order(LETTER, AT)
    shipment.report(COURSE, confirmed=True)
    return shipment


@pytest.mark.parametrize(
    ("course", "facts"), [(signed_for, 4), (returned, 5)], ids=["signed-for", "returned"]
)
def test_whatever_is_told_of_a_parcel_says_of_which_case_and_which_parcel(course, facts):
    told_of = [(event.case_number, event.shipment) for event in course().events]
    assert told_of == [("A1", "A1-OUT-1")] * facts


def test_who_hears_of_originals_on_their_way_knows_that_they_come_and_not_go():
    shipment = fetched(parcel_file())
    shipment.order(LETTER, AT)
    shipment.report(COURSE, confirmed=True)
    shipment.report([track(8, "4")], confirmed=True)
    directions = {
        type(event).__name__: getattr(event, "direction", "") for event in shipment.events
    }
    assert directions == {
        "ShipmentCreated": "IN",
        "ShipmentOrdered": "",
        "ShipmentPickedUp": "IN",
        "ShipmentSigned": "IN",
        "ShipmentFailed": "IN",
    }


def test_the_pick_up_is_told_with_the_instant_of_the_first_report_of_it():
    shipment = ordered()
    shipment.report(COURSE[1:3], confirmed=True)
    assert [event.pick_up_time for event in shipment.events] == [later(1)]


def test_a_parcel_belongs_to_the_applicant_the_window_and_the_authority_of_its_case():
    assert sent().ownership == Ownership(
        person="a-1", unit="W01", unit_path="/C1/W01/", authority="D01"
    )
    assert sent().stream_id == "A1"  # what happens to it is told in the order of its case


def test_another_window_may_answer_for_it():
    shipment = ordered()
    shipment.move("W02", "/C1/W02/")
    assert (shipment.ownership.unit, shipment.ownership.unit_path) == ("W02", "/C1/W02/")
