"""Withdrawal: the applicant's own, before the decision; the earlier instant wins."""

from __future__ import annotations

from datetime import timedelta

import pytest

from services.intake.domain import decisions, errors, pre_acceptance_errors
from services.intake.domain.decisions import Decided
from services.intake.domain.document import DocumentKind
from services.intake.domain.values import CaseState, DecisionOutcome
from services.intake.tests import builders as b
from services.intake.tests import pre_acceptance_builders as f
from workdays import Due


def decide(case, at):
    decided = Decided(
        decider="p-decider",
        outcome=DecisionOutcome.GRANTED,
        decided_at=at,
        promise_due=Due(case.promise_due_on),
        statutory_due=Due(case.statutory_due_on),
    )
    return decisions.record(case, decided, b.AUTHORITY)


@pytest.mark.parametrize(
    "make", [b.incomplete, b.noticed, b.accepted], ids=["new", "noticed", "accepted"]
)
def test_domain_1_8_the_applicant_withdraws_at_any_time_before_the_decision(make):
    case = f.withdrawn(make())
    assert (case.state, case.ended_at) == (CaseState.WITHDRAWN, f.LATER)
    event = case.events[-1]
    assert (event.type, event.withdraw_time) == ("intake.case_withdrawn.v1", f.LATER)
    assert case.documents[-1].kind is DocumentKind.WITHDRAWAL_RECORD


def test_domain_1_8_what_is_decided_is_not_withdrawn():
    with pytest.raises(pre_acceptance_errors.AlreadyDecidedError):
        f.withdrawn(b.decided())


def test_domain_1_8_at_the_window_the_applicant_withdraws_in_writing():
    with pytest.raises(pre_acceptance_errors.SignedRequestMissingError):
        f.withdrawn(act=b.at_window(f.LATER))
    case = f.withdrawn(act=b.at_window(f.LATER), request="d" * 64)
    assert case.endings[-1].request_sha256 == "d" * 64


def test_r4_4_a_department_withdraws_nothing():
    with pytest.raises(errors.NotAWindowPostError):
        f.withdrawn(b.accepted(), act=b.at_department(f.LATER), request="d" * 64)


def test_r4_1_another_window_withdraws_nothing():
    with pytest.raises(errors.NotTheReceivingWindowError):
        f.withdrawn(act=b.at_window(f.LATER, unit=b.W02), request="d" * 64)


@pytest.mark.parametrize("after", [timedelta(microseconds=1), timedelta(hours=1)])
def test_domain_1_8_a_decision_that_is_later_has_no_effect(after):
    case = f.withdrawn(b.accepted())
    assert decide(case, f.LATER + after) is None
    assert (case.state, case.decided_at) == (CaseState.WITHDRAWN, None)
    assert b.codes(case)[-1] == "DECISION_WITHOUT_EFFECT"


@pytest.mark.parametrize("before", [timedelta(0), timedelta(microseconds=1)])
def test_domain_1_8_a_decision_that_is_not_later_stands_against_the_withdrawal(before):
    case = f.withdrawn(b.accepted())
    earlier = f.LATER - before
    document = decide(case, earlier)
    assert document.kind is DocumentKind.GRANT_DECISION
    assert (case.state, case.decided_at) == (CaseState.DECIDED, earlier)
    assert case.withdrawal.overtaken
    assert "WITHDRAWAL_OVERTAKEN" in b.codes(case)


def test_domain_1_8_an_overtaken_withdrawal_is_told_once():
    case = f.withdrawn(b.accepted())
    decide(case, b.NEXT_DAY)
    assert decide(case, b.NEXT_DAY) is None
    assert b.codes(case).count("WITHDRAWAL_OVERTAKEN") == 1


def test_domain_1_8_a_case_withdrawn_in_vain_goes_on_to_its_hand_out():
    case = f.withdrawn(b.accepted())
    decide(case, b.NEXT_DAY)
    b.render(case, DocumentKind.GRANT_DECISION)
    b.seal(case, DocumentKind.GRANT_DECISION, b.at_department(person="p-decider"), "D01-AUTHORITY")
    b.hand_out(b.ready(b.returned(case)))
    assert case.state is CaseState.SERVED
