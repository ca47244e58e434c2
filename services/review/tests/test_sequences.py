"""Whatever people try in whatever order: an answer or a named refusal, and the law holds."""

from __future__ import annotations

import itertools

import grpc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from liandong.review.v1 import review_service_pb2 as pb

from servicekit.grpc_errors import refusal_of
from services.review.tests import district as people
from services.review.tests.conftest import opened

REFUSED = {
    "FAILED_PRECONDITION",
    "ABORTED",
    "INVALID_ARGUMENT",
    "PERMISSION_DENIED",
    "NOT_FOUND",
}
CALLERS = [
    people.CLERK, people.MOVED_CLERK, people.REVIEWER, people.DECIDER, people.HEAD,
    people.FOREIGN, people.TWO_HATS, people.SUPERVISOR, people.APPLICANT, people.INTAKE,
    people.GOVERNMENT, people.ELSEWHERE_REVIEWER, people.ELSEWHERE_DECIDER,
]  # fmt: skip
texts = st.just("符合条件") | st.sampled_from(["符合条件", " ", "", "理由" * 900, "\U0001f600"])
persons = st.just(["p-reviewer", "p-colleague"]) | st.lists(
    st.sampled_from(["p-reviewer", "p-clerk", "p-decider", "p-head", "", "x" * 70]), max_size=4
)
revisions = st.sampled_from([0, 0, 0, -1, 1])  # added to the true one
checks = st.fixed_dictionaries({"checkers": persons, "complies": st.booleans(), "place": texts})
opinions = st.fixed_dictionaries({"text": texts, "proposes_grant": st.booleans()})
decisions = st.fixed_dictionaries(
    {
        "outcome": st.sampled_from([1, 1, 2, 2, 0, 9]),
        "reasons": texts,
        "facts": texts,
        "legal_bases": st.just(["行政许可法第三十八条"]) | st.lists(texts, max_size=3),
        "content": texts,
    }
)
september = st.integers(15, 30).map(lambda day: people.due_on(2026, 9, day))
ACTS = {
    "PlanSpecialProcedure": st.fixed_dictionaries(
        {
            "kind": st.sampled_from([0, 1, 8, 8, 8]),
            "days": st.integers(0, 9),
            "start_date": september,
        }
    ),
    "EndSpecialProcedure": st.fixed_dictionaries({"end_date": september}),
    "ExtendLimit": st.fixed_dictionaries({"amount": st.integers(0, 12), "reasons": texts}),
    "RequestExplanation": st.fixed_dictionaries({"question": texts}),
    "AskAuthorities": st.fixed_dictionaries(
        {
            "consulted": st.lists(
                st.sampled_from([people.OTHER_AUTHORITY, "370306000000-D06", "x", ""]), max_size=3
            ),
            "answer_by_date": september,
        }
    ),
    "AnswerConsultation": st.fixed_dictionaries({"text": texts, "agrees": st.booleans()}),
    "WaiveBundle": st.fixed_dictionaries({"reason": texts}),
}
usual = st.sampled_from([people.REVIEWER, people.DECIDER, people.HEAD])
callers = usual | usual | st.sampled_from(CALLERS)
steps = st.one_of(
    st.tuples(st.just("check_site"), callers, revisions, checks),
    st.tuples(st.just("opine"), callers, revisions, opinions),
    st.tuples(st.just("decide"), callers, revisions, decisions),
    *(st.tuples(st.just(rpc), callers, revisions, facts) for rpc, facts in ACTS.items()),
    st.tuples(st.sampled_from(["notice", "withdrawal"]), callers, revisions, st.just({})),
)
items = st.fixed_dictionaries(
    {
        "persons_required": st.integers(1, 3),
        "site_check_required": st.booleans(),
        "has_paper": st.booleans(),
        "remedies_known": st.booleans(),
        "handling": st.just("PROMISED"),
        "consulted": st.just([people.OTHER_AUTHORITY]),
        "special_procedures": st.just([people.expert_review(8)]),
        "extension": st.none() | st.just(people.extension()),
    }
)
HONEST = [
    ("check_site", people.REVIEWER, 0, {}),
    ("opine", people.REVIEWER, 0, {}),
    ("decide", people.DECIDER, 0, {}),
]
beginnings = st.integers(0, 3).map(lambda length: HONEST[:length])
numbers = itertools.count(1)


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    with opened(tmp_path_factory.mktemp("sequences")) as made:
        yield made


@settings(max_examples=60, deadline=None)
@given(items, beginnings, st.lists(steps, min_size=1, max_size=10))
def test_every_answer_is_an_effect_or_a_named_refusal(shared, item, begun, tried):
    number = f"S{next(numbers)}"
    shared.accept(number, **item)
    shared.catalog.without_remedies = set() if item["remedies_known"] else {people.AUTHORITY}
    for index, step in enumerate([*begun, *tried]):
        try:
            take(shared, number, f"{number}-{index:08}", step)
        except grpc.RpcError as error:
            refusal = refusal_of(error)
            assert refusal.code in REFUSED
            assert refusal.text
    assert_the_law_holds(shared.get(people.HEAD, number), item)


def take(shared, number, request_id, step):
    """Let one thing be tried, or happen elsewhere."""
    act, caller, offset, facts = step
    seen = shared.get(people.HEAD, number)
    now = people.stamp(shared.built.clock.now())
    request = {
        "request_id": request_id,
        "case_number": number,
        "revision": max(1, seen.revision + offset),
    }
    if act == "notice":
        for each in seen.procedures:
            told = people.intake.ProcessNoticeGiven(
                case_number=number, kind="SPECIAL_PROCEDURE", reference=each.procedure,
                give_time=now,
            )  # fmt: skip
            shared.take("intake.process_notice_given.v1", told, number)
    elif act == "withdrawal":
        withdrawn = people.intake.CaseWithdrawn(case_number=number, withdraw_time=now)
        shared.take("intake.case_withdrawn.v1", withdrawn, number)
    elif act in ACTS:
        more = {"procedure": f"{number}-S1"} if act == "EndSpecialProcedure" else {}
        shared.act(act, caller, **request, **more, **facts)
    else:
        getattr(shared, act)(caller, **request, **facts)


def assert_the_law_holds(review, item):
    acted = {review.opinion.reviewer, review.decision.decider, *review.site_check.checkers} - {""}
    assert people.CLERK.person not in acted
    if review.HasField("opinion"):
        assert review.HasField("site_check") or not item["site_check_required"]
    if review.HasField("decision"):
        assert_a_decision_was_lawful(review, item, acted)
    if review.HasField("extension"):
        assert item["extension"] is not None
        assert (review.extension.approver, review.extension.amount <= 10) == ("p-head", True)
    for each in review.procedures:
        assert each.days <= 8
        assert each.excluded_days <= (each.days if each.HasField("notice_time") else 0)
    assert {each.consulted for each in review.consultations} <= {people.OTHER_AUTHORITY}
    assert (review.promise.due.on.year, review.promise.due.on.month, review.promise.due.on.day) <= (
        review.statutory.due.on.year, review.statutory.due.on.month, review.statutory.due.on.day,
    )  # fmt: skip


def assert_a_decision_was_lawful(review, item, acted):
    assert review.HasField("opinion")
    assert not item["has_paper"] or review.waiver.waived_by == "p-head"
    assert len(acted) >= item["persons_required"]
    if item["persons_required"] > 1:
        assert review.decision.decider != review.opinion.reviewer
    if review.decision.outcome == pb.DECISION_OUTCOME_DENIED:
        assert review.decision.reasons.strip()
        assert item["remedies_known"]
    else:
        assert review.decision.content.strip()
