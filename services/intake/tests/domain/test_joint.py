"""联合办理: one application, one decision per authority, one hand-out (readings 21)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from services.intake.domain import decisions, errors, joint_rules, result
from services.intake.domain.document import DocumentKind
from services.intake.domain.post_acceptance_errors import NotThisAuthorityError
from services.intake.domain.values import CaseState, DecisionOutcome
from services.intake.tests import after
from services.intake.tests import builders as b
from workdays import Due

GRANTED, DENIED = DecisionOutcome.GRANTED, DecisionOutcome.DENIED


def event_of(case, name):
    return next(each for each in case.events if each.type == f"intake.{name}.v1")


def test_each_authority_gets_a_task_with_its_own_limit():
    case = after.joint()
    lead, other = event_of(case, "case_accepted").tasks
    assert (lead.authority, other.authority) == (after.D01, after.D06)
    assert (lead.statutory_due, lead.promise_due) == (
        Due(date(2026, 10, 12)), Due(date(2026, 9, 29)),
    )  # fmt: skip
    assert other.statutory_due == Due(date(2026, 10, 26))
    assert other.promise_due == Due(date(2026, 10, 8))


def test_the_case_is_due_when_the_last_of_its_parts_is():
    case = after.joint()
    assert case.statutory_due == Due(date(2026, 10, 26))
    assert case.promise_due == Due(date(2026, 10, 8))


def test_art_42_2_no_part_has_more_than_forty_five_working_days():
    slow = replace(after.JOINT, parts=(after.part("D01", 10, 5), after.part("D06", 60, 50)))
    case = after.joint(terms=slow)
    _, other = event_of(case, "case_accepted").tasks
    assert other.statutory_limit == joint_rules.JOINT_LIMIT
    assert other.statutory_due == Due(date(2026, 11, 30))
    assert other.promise_due == Due(date(2026, 11, 30))


def test_art_42_2_a_part_without_a_limit_of_its_own_has_forty_five_working_days():
    free = replace(
        after.JOINT,
        parts=(after.part("D01", 10, 5), after.part("D06", 1, 7, statutory_limit=None)),
    )
    _, other = event_of(after.joint(terms=free), "case_accepted").tasks
    assert other.statutory_due == Due(date(2026, 11, 30))
    assert other.promise_due == Due(date(2026, 10, 8))


def test_the_paper_goes_to_the_lead_only():
    lead, other = event_of(after.joint(), "case_accepted").tasks
    assert (lead.has_paper, other.has_paper) == (True, False)


def test_a_task_says_whether_the_remedies_of_its_own_authority_are_known():
    lame = replace(
        after.JOINT, parts=(after.part("D01", 10, 5), after.part("D06", 20, 7, court=""))
    )
    lead, other = event_of(after.joint(terms=lame), "case_accepted").tasks
    assert (lead.remedies_known, other.remedies_known) == (True, False)


def test_one_authority_alone_has_no_tasks():
    case = b.accepted()
    assert event_of(case, "case_accepted").tasks == ()
    assert case.authorities == (b.AUTHORITY,)


def test_a_case_is_decided_when_every_authority_has_decided():
    case = after.joint()
    after.decide(case, after.D06)
    assert (case.state, case.decided_at) == (CaseState.ACCEPTED, None)
    after.decide(case, after.D01, at=after.SENT)
    assert (case.state, case.decided_at) == (CaseState.DECIDED, after.SENT)
    assert case.decider == "p-decider-D01"


@pytest.mark.parametrize(
    ("first", "second", "whole"),
    [
        (GRANTED, GRANTED, GRANTED),
        (DENIED, DENIED, DENIED),
        (GRANTED, DENIED, DecisionOutcome.PARTLY),
        (DENIED, GRANTED, DecisionOutcome.PARTLY),
    ],
)
def test_the_outcome_is_granted_if_all_grant_and_partly_if_some_do(first, second, whole):
    case = after.joint()
    after.decide(case, after.D01, first)
    assert case.outcome is DecisionOutcome.UNSPECIFIED
    after.decide(case, after.D06, second)
    assert case.outcome is whole


def test_each_decision_has_a_document_in_the_name_and_by_the_hand_of_its_authority():
    case = after.joint()
    first = after.decide(case, after.D01)
    second = after.decide(case, after.D06, DENIED)
    assert (first.kind, first.authority, first.signer) == (
        DocumentKind.GRANT_DECISION, after.D01, "p-decider-D01",
    )  # fmt: skip
    assert (second.kind, second.authority, second.signer) == (
        DocumentKind.DENIAL_DECISION, after.D06, "p-decider-D06",
    )  # fmt: skip


def test_an_authority_decides_once():
    case = after.joint()
    after.decide(case, after.D01)
    assert after.decide(case, after.D01, DENIED) is None
    assert decisions.decision_of(case, after.D01).outcome is GRANTED


def test_an_authority_that_takes_no_part_decides_nothing():
    case = after.joint()
    with pytest.raises(ValueError, match="D09"):
        decisions.decision_of(case, "D09")


def decided_and_issued():
    case = after.joint()
    after.issue(after.decide(case, after.D01))
    after.issue(after.decide(case, after.D06))
    return case


def test_the_result_is_ready_when_that_of_every_authority_is_at_the_window():
    case = decided_and_issued()
    after.send_back(case, after.D06, "B-6")
    after.receive(case, "B-6")
    assert case.state is CaseState.DECIDED
    with pytest.raises(errors.ResultNotHereError):
        b.hand_out(case)
    after.send_back(case, after.D01, "B-1", "JY1")
    assert not decisions.result_is_here(case)
    after.receive(case, "B-1")
    assert case.state is CaseState.READY


def test_an_authority_returns_its_own_result_before_the_others_have_decided():
    case = after.joint()
    after.issue(after.decide(case, after.D06))
    after.send_back(case, after.D06, "B-6")
    after.receive(case, "B-6")
    with pytest.raises(errors.NotDecidedError):
        after.send_back(case, after.D01, "B-1", "JY1")
    assert case.state is CaseState.ACCEPTED


def test_each_authority_returns_its_result_once():
    case = decided_and_issued()
    after.send_back(case, after.D06, "B-6")
    with pytest.raises(errors.ResultAlreadyReturnedError):
        after.send_back(case, after.D06, "B-7")
    after.send_back(case, after.D01, "B-1", "JY1")


def test_a_decision_that_is_not_sealed_does_not_come_back_with_anothers():
    case = after.joint()
    after.issue(after.decide(case, after.D01))
    after.decide(case, after.D06)
    with pytest.raises(errors.ResultNotIssuedError):
        after.send_back(case, after.D06, "B-6")


def test_a_certificate_belongs_to_the_authority_that_issues_one():
    case = decided_and_issued()
    with pytest.raises(errors.CertificateWithoutGrantError):
        after.send_back(case, after.D06, "B-6", "HW1")
    with pytest.raises(errors.CertificateNumberMissingError):
        after.send_back(case, after.D01, "B-1")
    after.send_back(case, after.D01, "B-1", "JY1")
    assert case.certificate_number == "JY1"


def test_r4_6_an_authority_that_takes_no_part_returns_nothing():
    case = decided_and_issued()
    with pytest.raises(NotThisAuthorityError) as caught:
        after.send_back(case, "D09", "B-9")
    assert caught.value.rule == "R4.6"


def test_two_bags_on_their_way_are_told_apart_by_their_numbers():
    case = decided_and_issued()
    after.send_back(case, after.D01, "B-1", "JY1")
    after.send_back(case, after.D06, "B-6")
    after.receive(case, "B-6")
    with pytest.raises(errors.CountDiffersError) as caught:
        after.receive(case, "B-6")
    assert caught.value.facts["bag_sent"] == "B-1"


def test_one_hand_out_serves_the_decisions_of_all():
    case = decided_and_issued()
    after.send_back(case, after.D01, "B-1", "JY1")
    after.send_back(case, after.D06, "B-6")
    after.receive(case, "B-1")
    after.receive(case, "B-6")
    b.hand_out(case)
    assert case.state is CaseState.SERVED
    served = [each.served_at for each in decisions.documents_of_decisions(case)]
    assert served == [b.NEXT_DAY, b.NEXT_DAY]


def test_every_authority_reaches_the_case_once_it_is_accepted():
    assert b.complete(terms=after.JOINT).ownership.others == ()
    assert after.joint().ownership.others == (after.D06,)
    assert b.decided().ownership.others == ()


def test_dates_follow_what_the_review_computed_and_then_stay_so():
    case = after.joint()
    decisions.follow_dates(case, after.D06, Due(date(2026, 11, 9)), Due(date(2026, 11, 2)))
    assert (case.statutory_due, case.promise_due) == (
        Due(date(2026, 11, 9)), Due(date(2026, 11, 2)),
    )  # fmt: skip
    decisions.recompute(case, b.CALENDAR)
    assert case.statutory_due == Due(date(2026, 11, 9))
    assert decisions.decision_of(case, after.D01).statutory_due == Due(date(2026, 10, 12))


def test_a_promise_is_never_after_the_law_whatever_was_computed():
    case = b.accepted()
    decisions.follow_dates(case, b.AUTHORITY, Due(date(2026, 10, 12)), Due(date(2026, 10, 20)))
    assert case.promise_due == Due(date(2026, 10, 12))


def test_dates_at_the_decision_stay():
    case = b.decided()
    before = (case.statutory_due, case.promise_due)
    decisions.follow_dates(case, b.AUTHORITY, Due(date(2027, 1, 4)), Due(date(2027, 1, 4)))
    assert (case.statutory_due, case.promise_due) == before


def test_a_case_not_accepted_has_no_dates_to_compute():
    with pytest.raises(ValueError, match="not accepted"):
        decisions.recompute(b.complete(), b.CALENDAR)


def test_what_was_returned_before_the_decision_was_made_anew_does_not_count():
    case = b.returned()
    assert decisions.returned(case, b.AUTHORITY) is not None
    [document] = decisions.documents_of_decisions(case)
    document.issued_at = after.SENT
    assert decisions.returned(case, b.AUTHORITY) is None


def test_decisions_without_a_place_are_those_of_the_lead():
    case = b.accepted()
    decision = result.Decided(
        decider="p-decider",
        outcome=GRANTED,
        decided_at=b.NEXT_DAY,
        promise_due=Due(date(2026, 9, 29)),
        statutory_due=None,
    )
    assert result.record_decision(case, decision, b.AUTHORITY).authority == b.AUTHORITY
    assert case.statutory_due is None
