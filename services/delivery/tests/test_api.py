"""Delivery through its guarded methods, on SQLite."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import grpc
import pytest
from liandong.delivery.v1 import delivery_service_pb2 as pb
from liandong.delivery.v1 import delivery_service_pb2_grpc as pb_grpc
from liandong.intake.v1 import intake_events_pb2 as intake
from sqlalchemy import func, select

from servicekit.grpc_errors import refusal_of
from servicekit.identity import Caller
from servicekit.stream import Outcome, Streams
from servicekit.testing import envelope, harness
from services.delivery.bootstrap import DEFINITION, event_handlers
from services.delivery.entrypoints.api import register

PATH = "/370306000000/370306000000-C1/W01/"
APPLICANT = Caller(
    person="a-1", assignment="self", post_kind="APPLICANT", roles=frozenset({"APPLICANT"})
)
STRANGER = Caller(
    person="a-2", assignment="self", post_kind="APPLICANT", roles=frozenset({"APPLICANT"})
)
CLERK = Caller(
    person="p-1", assignment="as-1", post_kind="WINDOW", roles=frozenset({"WINDOW_CLERK"}),
    unit="W01", unit_path=PATH,
)  # fmt: skip
FOREIGN = Caller(
    person="p-2", assignment="as-2", post_kind="WINDOW", roles=frozenset({"WINDOW_CLERK"}),
    unit="W02", unit_path="/370306000000/370306000000-C1/W02/",
)  # fmt: skip


@pytest.fixture
def district(tmp_path):
    built = harness(DEFINITION, register, tmp_path)
    yield built
    built.resources.close()


@pytest.fixture
def streams(district):
    return Streams(district.resources.engine, "delivery", event_handlers(district.resources))


@pytest.fixture
def stub(district):
    return pb_grpc.DeliveryServiceStub(district.channel)


def receive(streams, number="A1", *, courier=True):
    fact = intake.CaseReceived(
        case_number=number, applicant="a-1", window_unit="W01", unit_path=PATH,
        authority="D01", courier_offered=courier,
    )  # fmt: skip
    return streams.take(envelope("intake.case_received.v1", fact, stream_id=number))


def answer(number="A1", *, request_id="request-1", revision=1, by_courier=False):
    return pb.AnswerCourierOfferRequest(
        request_id=request_id, case_number=number, revision=revision, by_courier=by_courier
    )


def refused(call):
    with pytest.raises(grpc.RpcError) as caught:
        call()
    return refusal_of(caught.value)


def rows(district, table):
    with district.resources.read_engine.connect() as connection:
        return connection.execute(select(func.count()).select_from(table)).scalar_one()


def test_a_received_case_gets_an_offer_once_however_often_the_event_comes(district, streams, stub):
    assert receive(streams) is Outcome.APPLIED
    assert receive(streams) is Outcome.DROPPED
    offer = district.call(
        stub.GetCourierOffer, pb.GetCourierOfferRequest(case_number="A1"), CLERK
    ).offer
    assert (offer.carrier, offer.citizen_price_fen, offer.state) == (
        "EMS", 0, pb.OFFER_STATE_OPEN,
    )  # fmt: skip


def test_no_offer_is_made_where_there_is_nothing_to_send(district, streams, stub):
    receive(streams, courier=False)
    refusal = refused(
        lambda: district.call(
            stub.GetCourierOffer, pb.GetCourierOfferRequest(case_number="A1"), CLERK
        )
    )
    assert (refusal.code, refusal.reason) == ("NOT_FOUND", "OFFER_UNKNOWN")


def test_the_same_answer_three_times_at_once_has_one_effect_and_one_answer(district, streams, stub):
    receive(streams)
    before = rows(district, DEFINITION.tables.outbox.outbox)
    with ThreadPoolExecutor(3) as pool:
        answers = list(
            pool.map(
                lambda _: district.call(stub.AnswerCourierOffer, answer(), APPLICANT), range(3)
            )
        )
    assert answers[0] == answers[1] == answers[2]
    assert answers[0].revision == 2
    assert rows(district, DEFINITION.tables.outbox.outbox) == before + 1


def test_another_content_under_the_same_request_id_is_refused(district, streams, stub):
    receive(streams)
    district.call(stub.AnswerCourierOffer, answer(), APPLICANT)
    refusal = refused(
        lambda: district.call(stub.AnswerCourierOffer, answer(by_courier=True), APPLICANT)
    )
    assert (refusal.code, refusal.reason) == ("INVALID_ARGUMENT", "REQUEST_ID_REUSED")


def test_a_stale_revision_is_refused_and_changes_nothing(district, streams, stub):
    receive(streams)
    refusal = refused(lambda: district.call(stub.AnswerCourierOffer, answer(revision=7), APPLICANT))
    assert (refusal.code, refusal.reason) == ("ABORTED", "STALE_REVISION")
    assert refusal.text == "该办件已被他人更新，请刷新后再操作。"


def test_a_second_answer_is_refused_with_its_rule(district, streams, stub):
    receive(streams)
    district.call(stub.AnswerCourierOffer, answer(), APPLICANT)
    refusal = refused(
        lambda: district.call(
            stub.AnswerCourierOffer, answer(request_id="request-2", revision=2), APPLICANT
        )
    )
    assert (refusal.code, refusal.reason, refusal.rule) == (
        "FAILED_PRECONDITION", "OFFER_ALREADY_ANSWERED", "R2.9",
    )  # fmt: skip


def test_a_malformed_request_names_its_fields(district, streams, stub):
    refusal = refused(
        lambda: district.call(
            stub.AnswerCourierOffer, pb.AnswerCourierOfferRequest(request_id="x"), APPLICANT
        )
    )
    assert refusal.code == "INVALID_ARGUMENT"
    assert set(refusal.fields) == {"request_id", "case_number", "revision"}


@pytest.mark.parametrize(
    ("caller", "code"), [(FOREIGN, "PERMISSION_DENIED"), (STRANGER, "NOT_FOUND")]
)
def test_nobody_else_reads_or_answers_an_offer(district, streams, stub, caller, code):
    receive(streams)
    for method, request in (
        (stub.GetCourierOffer, pb.GetCourierOfferRequest(case_number="A1")),
        (stub.AnswerCourierOffer, answer()),
    ):
        assert refused(lambda m=method, r=request: district.call(m, r, caller)).code == code
    page = district.call(stub.ListCourierOffers, pb.ListCourierOffersRequest(), caller)
    assert not page.offers


def test_pages_are_complete_and_without_repetition(district, streams, stub):
    for index in range(7):
        receive(streams, f"A{index}")
    seen, token = [], ""
    while True:
        page = district.call(
            stub.ListCourierOffers,
            pb.ListCourierOffersRequest(page_size=3, page_token=token),
            CLERK,
        )
        seen += [offer.case_number for offer in page.offers]
        token = page.next_page_token
        if not token:
            break
    assert seen == [f"A{index}" for index in range(7)]


def test_the_event_log_is_for_services_with_a_purpose(district, stub):
    request = pb.ReadEventsRequest()
    assert refused(lambda: district.call(stub.ReadEvents, request, CLERK)).reason == "ROLE_DENIED"
    unexplained = Caller(service="metrics")
    assert (
        refused(lambda: district.call(stub.ReadEvents, request, unexplained)).reason
        == "PURPOSE_MISSING"
    )
