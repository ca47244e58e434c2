"""Who may rate, when, and how often (好差评, 国办发〔2019〕51号)."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from services.metrics.domain.errors import (
    AlreadyRatedError,
    NotCompletedError,
    NotTheApplicantError,
)
from services.metrics.domain.events import CaseRated
from services.metrics.domain.facts import CaseFacts
from services.metrics.domain.rating import Grade, Rating

AT = datetime(2026, 9, 14, 2, 0, tzinfo=UTC)
SERVED = CaseFacts(
    case_number="C-1",
    applicant="account-1",
    window_unit="W01",
    unit_path="/a/W01/",
    authority="D01",
    received_at=AT,
    served_at=AT,
)
DECIDED = CaseFacts(case_number="C-1", applicant="account-1", received_at=AT, decided_at=AT)


def rate(facts, *, by="account-1", grade=Grade.SATISFIED, earlier=None):
    return Rating.give(facts, grade, "办得快", by=by, at=AT, earlier=earlier)


def test_the_applicant_rates_a_served_case():
    rating = rate(SERVED, grade=Grade.VERY_SATISFIED)

    assert (rating.grade, rating.comment, rating.rated_at) == (1, "办得快", AT)
    assert rating.events == [CaseRated(case_number="C-1", grade=1)]


def test_a_rating_belongs_to_the_stream_and_the_owners_of_its_case():
    rating = rate(SERVED)

    assert rating.stream_id == "C-1"
    assert rating.ownership == SERVED.ownership


def test_a_decided_case_is_not_rated_before_its_result_is_served():
    with pytest.raises(NotCompletedError) as refusal:
        rate(DECIDED)
    assert refusal.value.facts == {"case": "C-1"}


def test_a_case_is_rated_once():
    with pytest.raises(AlreadyRatedError) as refusal:
        rate(SERVED, earlier=rate(SERVED))
    assert refusal.value.facts == {"case": "C-1"}


@pytest.mark.parametrize(
    "somebody",
    [pytest.param("clerk-1", id="a-clerk"), pytest.param("", id="nobody")],
)
def test_nobody_rates_for_the_applicant(somebody):
    with pytest.raises(NotTheApplicantError) as refusal:
        rate(SERVED, by=somebody)
    assert refusal.value.facts == {"case": "C-1"}


def test_a_case_without_an_account_is_rated_by_nobody():
    without = CaseFacts(case_number="C-1", received_at=AT, served_at=AT)

    with pytest.raises(NotTheApplicantError):
        rate(without, by="")


@pytest.mark.parametrize(
    ("grade", "good"), [(1, True), (2, True), (3, True), (4, False), (5, False)]
)
def test_four_and_five_are_bad_ratings(grade, good):
    assert Grade(grade).is_good is good
