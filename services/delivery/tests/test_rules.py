"""R2.7–R2.9 and 邮政法 第五十五条, as worked examples."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from services.delivery.domain import rules
from services.delivery.domain.errors import OfferAlreadyAnsweredError
from services.delivery.domain.offer import CourierOffer, OfferState
from services.delivery.domain.rules import Content, Direction

AT = datetime(2026, 9, 21, 1, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("carrier", "direction", "content", "may"),
    [
        pytest.param("EMS", Direction.OUTBOUND, Content.OFFICIAL_DOCUMENT, True, id="ems-out"),
        pytest.param("SF", Direction.OUTBOUND, Content.OFFICIAL_DOCUMENT, False, id="sf-out"),
        pytest.param("SF", Direction.INBOUND, Content.APPLICATION_MATERIAL, True, id="sf-in"),
        pytest.param(
            "SF", Direction.INBOUND, Content.OFFICIAL_DOCUMENT, False, id="sf-in-official"
        ),
    ],
)
def test_only_the_postal_enterprise_carries_official_documents(carrier, direction, content, may):
    assert rules.may_carry(carrier, direction, content) is may


def test_r2_7_courier_costs_the_citizen_nothing():
    assert rules.citizen_price_fen() == 0


@pytest.mark.parametrize("offered", [True, False])
def test_r2_9_an_offer_is_due_exactly_where_the_version_offers_courier(offered):
    assert rules.courier_must_be_offered(courier_offered=offered) is offered


def _offer() -> CourierOffer:
    return CourierOffer.make(
        case_number="A1", applicant="a", window_unit="W", unit_path="/W/", authority="D", at=AT
    )


def test_an_offer_is_made_with_the_postal_enterprise_at_the_districts_expense():
    offer = _offer()
    assert (offer.carrier, offer.citizen_price_fen, offer.payer_account) == (
        "EMS", 0, "370306-FINANCE",
    )  # fmt: skip
    assert [event.type for event in offer.events] == ["delivery.courier_offered.v1"]


@pytest.mark.parametrize(
    ("by_courier", "state"), [(True, OfferState.TAKEN), (False, OfferState.DECLINED)]
)
def test_the_answer_decides_between_courier_and_collection(by_courier, state):
    offer = _offer()
    offer.answer(by_courier=by_courier, at=AT)
    assert (offer.state, offer.answered_at) == (state, AT)


def test_an_offer_is_answered_only_once():
    offer = _offer()
    offer.answer(by_courier=True, at=AT)
    with pytest.raises(OfferAlreadyAnsweredError):
        offer.answer(by_courier=False, at=AT)
