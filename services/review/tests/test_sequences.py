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
    }
)
usual = st.sampled_from([people.REVIEWER, people.DECIDER])
callers = usual | usual | st.sampled_from(CALLERS)
steps = st.one_of(
    st.tuples(st.just("check_site"), callers, revisions, checks),
    st.tuples(st.just("opine"), callers, revisions, opinions),
    st.tuples(st.just("decide"), callers, revisions, decisions),
)
items = st.fixed_dictionaries(
    {
        "persons_required": st.integers(1, 3),
        "site_check_required": st.booleans(),
        "has_paper": st.booleans(),
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


@settings(max_examples=40, deadline=None)
@given(items, beginnings, st.lists(steps, min_size=1, max_size=8))
def test_every_answer_is_an_effect_or_a_named_refusal(shared, item, begun, tried):
    number = f"S{next(numbers)}"
    shared.accept(number, **item)
    for index, (act, caller, offset, facts) in enumerate([*begun, *tried]):
        revision = max(1, shared.get(people.HEAD, number).revision + offset)
        request = {"request_id": f"{number}-{index:08}", "case_number": number}
        try:
            getattr(shared, act)(caller, **request, revision=revision, **facts)
        except grpc.RpcError as error:
            refusal = refusal_of(error)
            assert refusal.code in REFUSED
            assert refusal.text
    assert_the_law_holds(shared.get(people.HEAD, number), item)


def assert_the_law_holds(review, item):
    acted = {review.opinion.reviewer, review.decision.decider, *review.site_check.checkers} - {""}
    assert people.CLERK.person not in acted
    if review.HasField("opinion"):
        assert review.HasField("site_check") or not item["site_check_required"]
    if review.HasField("decision"):
        assert review.HasField("opinion")
        assert not item["has_paper"]
        assert len(acted) >= item["persons_required"]
        if item["persons_required"] > 1:
            assert review.decision.decider != review.opinion.reviewer
        if review.decision.outcome == pb.DECISION_OUTCOME_DENIED:
            assert review.decision.reasons.strip()
