"""The rating of a case through the guarded method, on SQLite (国办发〔2019〕51号)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from liandong.metrics.v1 import metrics_events_pb2 as events_pb
from liandong.metrics.v1 import metrics_service_pb2 as pb
from sqlalchemy import select

from servicekit.crypto import KeyStore, SoftwareCrypto
from servicekit.sealed import SealedText
from services.metrics.adapters import orm
from services.metrics.tests.fakes import (
    APPLICANT,
    CLERK,
    STRANGER,
    SUPERVISOR,
    counted,
    published,
    rating,
    ratio,
    refused,
)


def test_the_applicant_rates_once_and_it_is_counted(served, ask):
    answer = ask("RateCase", rating(grade=pb.GRADE_FAIRLY_SATISFIED), APPLICANT)

    assert answer.case_number == "A1"
    [told] = published(served, "metrics.case_rated.v1")
    assert (told.stream_id, events_pb.CaseRated.FromString(told.payload).grade) == ("A1", 3)
    facts = ask("GetCaseFacts", pb.GetCaseFactsRequest(case_number="A1"), APPLICANT).facts
    assert facts.grade == pb.GRADE_FAIRLY_SATISFIED
    found = ask("GetRatios", pb.GetRatiosRequest(), CLERK)
    assert counted(ratio(found, "satisfaction").proven) == (1, 1, 0)
    assert counted(ratio(found, "rating_rate").proven) == (1, 1, 0)


def test_the_words_of_a_rating_are_sealed(served, ask):
    ask("RateCase", rating(comment="张三办得快"), APPLICANT)

    with served.resources.read_engine.connect() as connection:
        kept = connection.execute(select(orm.rating.c.comment)).scalar_one()

    crypto = SoftwareCrypto(KeyStore.load(served.resources.settings.keystore))
    assert "张三" not in kept
    assert SealedText(crypto).unseal(kept, field="metrics.rating.comment") == "张三办得快"


def test_the_same_rating_three_times_at_once_is_one_rating(served, ask):
    with ThreadPoolExecutor(3) as pool:
        answers = list(pool.map(lambda _: ask("RateCase", rating(), APPLICANT), range(3)))

    assert answers[0] == answers[1] == answers[2]
    assert len(published(served, "metrics.case_rated.v1")) == 1


def test_a_second_rating_is_refused(served, ask):
    ask("RateCase", rating(), APPLICANT)

    refusal = refused(lambda: ask("RateCase", rating(request_id="request-2"), APPLICANT))

    assert (refusal.code, refusal.reason) == ("FAILED_PRECONDITION", "ALREADY_RATED")
    assert refusal.text == "办件 A1 已经评价过，一事一评，不能重复评价。"


def test_a_case_is_not_rated_before_its_result_is_served(voices, hear, ask):
    voices.received("A1")
    voices.decided("A1")
    hear()

    refusal = refused(lambda: ask("RateCase", rating(), APPLICANT))

    assert (refusal.code, refusal.reason) == ("FAILED_PRECONDITION", "NOT_COMPLETED")


@pytest.mark.parametrize(
    ("caller", "answer"),
    [
        pytest.param(STRANGER, ("NOT_FOUND", "CASE_UNKNOWN"), id="another-applicant"),
        pytest.param(CLERK, ("PERMISSION_DENIED", "ROLE_DENIED"), id="the-clerk"),
        pytest.param(SUPERVISOR, ("PERMISSION_DENIED", "ROLE_DENIED"), id="the-supervisor"),
    ],
)
def test_nobody_rates_in_the_place_of_the_applicant(served, ask, caller, answer):
    refusal = refused(lambda: ask("RateCase", rating(), caller))

    assert (refusal.code, refusal.reason) == answer
    assert not published(served, "metrics.case_rated.v1")


def test_a_malformed_rating_names_its_fields(ask):
    refusal = refused(lambda: ask("RateCase", pb.RateCaseRequest(request_id="x"), APPLICANT))

    assert refusal.code == "INVALID_ARGUMENT"
    assert set(refusal.fields) == {"request_id", "case_number", "grade"}
