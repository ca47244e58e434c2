"""即办件: who decides at once, what, and how it goes on otherwise."""

from __future__ import annotations

from dataclasses import replace

import pytest

from services.intake.domain import acceptance, errors, pre_acceptance_errors, sealing
from services.intake.domain.document import DocumentKind
from services.intake.domain.values import (
    Act,
    CaseState,
    DecisionOutcome,
    Handling,
    Limit,
    Power,
)
from services.intake.tests import builders as b
from services.intake.tests import pre_acceptance_builders as f
from workdays import Start, Unit


def test_r4_6a_whom_the_letter_names_receives_accepts_and_decides_in_one_step():
    case = f.decide()
    assert case.accepted_at == case.decided_at == b.NEXT_DAY
    assert (case.accepted_by, case.decider) == ("p-clerk", "p-clerk")
    assert (case.state, case.outcome) == (CaseState.DECIDED, DecisionOutcome.GRANTED)
    event = case.events[-1]
    assert (event.type, event.letter) == ("intake.decided_on_the_spot.v1", "授〔2026〕1号")
    assert (event.promise_kept, event.statutory_kept) == (True, True)
    assert event.promise_due.on.isoformat() == "2026-09-22"
    assert "case_accepted" not in b.types(case)


def test_r4_6a_the_letter_names_the_person():
    with pytest.raises(pre_acceptance_errors.NotNamedToDecideError) as caught:
        f.decide(act=b.at_window(b.NEXT_DAY, "p-colleague"))
    assert (caught.value.violation, caught.value.facts["letter"]) == (True, "授〔2026〕1号")


def test_r3_4_the_letter_lists_the_power():
    letter = replace(f.LETTER, powers=b.ALL_POWERS - {Power.DECIDE_ON_THE_SPOT})
    with pytest.raises(errors.PowerMissingError):
        f.decide(letter=letter)


def test_r4_6a_a_denial_needs_the_promised_way():
    with pytest.raises(pre_acceptance_errors.DeniedOnTheSpotError):
        f.decide(outcome=DecisionOutcome.DENIED, certificate_number="")


def test_art_34_2_only_what_is_complete_is_decided_on_the_spot():
    with pytest.raises(errors.NotCompleteError):
        f.decide(b.incomplete(terms=f.SPOT))


def test_art_34_2_only_on_the_spot_items_are_decided_so():
    with pytest.raises(pre_acceptance_errors.NotOnTheSpotError):
        f.decide(b.complete())
    with pytest.raises(pre_acceptance_errors.NotOnTheSpotError):
        f.turn(b.complete())


def test_art_39_a_grant_on_the_spot_comes_with_its_certificate():
    with pytest.raises(errors.CertificateNumberMissingError):
        f.decide(certificate_number="")


@pytest.mark.parametrize("do", [f.decide, f.turn])
def test_r4_4_a_department_decides_nothing_at_the_window(do):
    with pytest.raises(errors.NotAWindowPostError):
        do(act=b.at_department())


@pytest.mark.parametrize("do", [f.decide, f.turn])
def test_r4_1_another_window_decides_nothing(do):
    with pytest.raises(errors.NotTheReceivingWindowError):
        do(act=b.at_window(b.NEXT_DAY, unit=b.W02))


@pytest.mark.parametrize("do", [f.decide, f.turn])
def test_art_32_1_4_what_silence_accepted_is_decided_by_its_department(do):
    with pytest.raises(errors.AlreadyAcceptedError):
        do(act=b.at_window(b.DEADLINE))


@pytest.mark.parametrize("do", [f.decide, f.turn])
def test_domain_1_8_a_withdrawn_case_is_not_decided(do):
    case = f.withdrawn(b.complete(terms=f.SPOT))
    with pytest.raises(pre_acceptance_errors.CaseEndedError):
        do(case, act=b.at_window(f.LATER))


@pytest.mark.parametrize("do", [f.decide, f.turn])
def test_art_34_3_what_was_turned_is_not_decided_on_the_spot(do):
    with pytest.raises(pre_acceptance_errors.TurnedIntoPromisedError):
        do(f.turn())


def test_readings_10_who_decided_seals_under_the_letter_and_the_result_is_there():
    case = f.decide()
    b.render(case, DocumentKind.GRANT_DECISION)
    with pytest.raises(errors.NotTheDeciderError):
        b.seal(
            case, DocumentKind.GRANT_DECISION, b.at_window(b.NEXT_DAY, "p-colleague"),
            "D01-AUTHORITY",
        )  # fmt: skip
    with pytest.raises(errors.NotAWindowPostError):
        b.seal(case, DocumentKind.GRANT_DECISION, b.at_department(), "D01-AUTHORITY")
    with pytest.raises(errors.WrongSealKindError):
        sealing.sealable(
            case, b.find(case, DocumentKind.GRANT_DECISION).document, "D01-SPECIAL",
            b.at_window(b.NEXT_DAY),
        )  # fmt: skip
    b.seal(case, DocumentKind.GRANT_DECISION, b.at_window(b.NEXT_DAY), "D01-AUTHORITY")
    assert case.state is CaseState.READY
    b.hand_out(case, b.at_window(b.NEXT_DAY))
    assert case.state is CaseState.SERVED
    assert b.find(case, DocumentKind.GRANT_DECISION).served_at == b.NEXT_DAY


@pytest.mark.parametrize(("at", "visits"), [(b.RECEIVED, 1), (b.NEXT_DAY, 2)])
def test_r2_5_who_waits_for_a_decision_on_the_spot_came_once(at, visits):
    case = f.decide(act=b.at_window(at))
    b.render(case, DocumentKind.GRANT_DECISION)
    b.seal(case, DocumentKind.GRANT_DECISION, b.at_window(at), "D01-AUTHORITY")
    b.hand_out(case, b.at_window(at))
    assert len(case.visits) == visits


def test_r2_5_a_collection_on_the_day_of_another_visit_is_no_less_a_visit_otherwise():
    case = b.ready()
    b.hand_out(case, b.at_window(b.RECEIVED))
    assert len(case.visits) == 2


def test_r4_7_before_its_seal_nothing_is_handed_out():
    with pytest.raises(errors.ResultNotHereError):
        b.hand_out(f.decide(), b.at_window(b.NEXT_DAY))


def test_readings_2_an_on_the_spot_item_is_not_accepted_before_it_is_turned():
    with pytest.raises(pre_acceptance_errors.OnTheSpotItemError):
        b.accepted(b.complete(terms=f.SPOT))


def test_art_34_3_a_turned_case_is_accepted_with_the_limit_of_verification():
    case = b.accepted(f.turn())
    assert (case.turned_by, case.handling) == ("p-clerk", Handling.PROMISED)
    [event] = [each for each in case.events if each.type == "intake.case_accepted.v1"]
    assert event.promised_limit == Limit(3, Unit.WORKING_DAY, Start.ACCEPTED)
    assert (event.handling, event.promise_due.on.isoformat()) == ("PROMISED", "2026-09-24")
    assert event.persons_required == 2
    assert "turned_into_promised" in b.types(case)


def test_art_34_3_two_persons_review_and_decide_what_one_would_have_decided_at_once():
    alone = replace(f.SPOT, persons_required=1)
    case = b.accepted(f.turn(b.complete(terms=alone)))
    [event] = [each for each in case.events if each.type == "intake.case_accepted.v1"]
    assert event.persons_required == 2


def test_art_32_1_4_silence_accepts_an_on_the_spot_item_as_a_promised_one():
    case = b.complete(terms=f.SPOT)
    acceptance.settle(case, Act(at=b.DEADLINE), b.CALENDAR)
    event = case.events[-1]
    assert (event.deemed, event.promised_limit.amount) == (True, 3)


def test_the_law_has_a_limit_of_its_own_for_what_is_decided_on_the_spot():
    law = Limit(3, Unit.WORKING_DAY, Start.ACCEPTED, "市场主体登记管理条例 第十九条")
    case = f.decide(b.complete(terms=replace(f.SPOT, statutory_limit=law)))
    assert case.statutory_due_on.isoformat() == "2026-09-28"
    assert case.promise_due_on.isoformat() == "2026-09-22"


def test_what_is_decided_is_not_decided_again():
    with pytest.raises(errors.AlreadyAcceptedError):
        f.decide(f.decide())
