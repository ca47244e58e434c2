"""The offer of free courier: whose it is, what is told of it, and that it is answered once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from servicekit.events import Ownership
from services.delivery.domain.errors import OfferAlreadyAnsweredError, OfferLapsedError
from services.delivery.domain.events import CourierOfferAnswered, CourierOffered
from services.delivery.domain.offer import CourierOffer, OfferState

AT = datetime(2026, 10, 14, 1, 0, tzinfo=UTC)
LATER = AT + timedelta(hours=2)


def offered() -> CourierOffer:
    return CourierOffer.make(
        case_number="A1",
        applicant="a-1",
        window_unit="W01",
        unit_path="/C1/W01/",
        authority="D01",
        at=AT,
    )


def test_courier_is_offered_by_ems_for_nothing_at_the_expense_of_finance():
    offer = offered()
    assert offer.events == [CourierOffered(case_number="A1", carrier="EMS", citizen_price_fen=0)]
    assert (offer.payer_account, offer.offered_at) == ("370306-FINANCE", AT)
    assert (offer.state, offer.answered_at) == (OfferState.OPEN, None)


def test_an_offer_belongs_to_the_applicant_the_window_and_the_authority_of_its_case():
    assert offered().ownership == Ownership(
        person="a-1", unit="W01", unit_path="/C1/W01/", authority="D01"
    )
    assert offered().stream_id == "A1"


def test_where_a_case_goes_its_offer_goes_and_stays_the_applicant_s():
    offer = offered()
    offer.move("W02", "/C1/W02/")
    assert offer.ownership == Ownership(
        person="a-1", unit="W02", unit_path="/C1/W02/", authority="D01"
    )


@pytest.mark.parametrize(
    ("by_courier", "state"), [(True, OfferState.TAKEN), (False, OfferState.DECLINED)]
)
def test_what_the_applicant_chose_is_told_as_they_chose_it(by_courier, state):
    offer = offered()
    offer.events.clear()
    offer.answer(by_courier=by_courier, at=LATER)
    assert offer.events == [CourierOfferAnswered(case_number="A1", by_courier=by_courier)]
    assert (offer.state, offer.answered_at) == (state, LATER)


@pytest.mark.parametrize("first", [True, False])
def test_r2_9_an_answer_stands_whatever_is_said_later(first):
    offer = offered()
    offer.answer(by_courier=first, at=AT)
    with pytest.raises(OfferAlreadyAnsweredError) as refused:
        offer.answer(by_courier=not first, at=LATER)
    assert (refused.value.rule, refused.value.facts) == ("R2.9", {"case": "A1"})
    offer.lapse()
    assert offer.state is (OfferState.TAKEN if first else OfferState.DECLINED)
    assert (offer.answered_at, len(offer.events)) == (AT, 2)


def test_r2_9_an_offer_of_a_case_that_ended_is_answered_no_more():
    offer = offered()
    offer.lapse()
    with pytest.raises(OfferLapsedError) as refused:
        offer.answer(by_courier=True, at=LATER)
    assert refused.value.facts == {"case": "A1"}
    assert (offer.state, offer.answered_at) == (OfferState.LAPSED, None)
