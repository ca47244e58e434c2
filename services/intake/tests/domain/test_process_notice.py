"""Notices of the procedure: drafted once, given after issue, answered without moving a clock."""

from __future__ import annotations

from dataclasses import replace

import pytest

from services.intake.domain import (
    errors,
    post_acceptance_errors,
    pre_acceptance_errors,
    process_notice,
    sealing,
)
from services.intake.domain.document import DocumentKind, DocumentState
from services.intake.domain.values import CaseState, Channel, HandedIn, NoticeMeans
from services.intake.tests import after
from services.intake.tests import builders as b

SPECIAL, EXTENSION = DocumentKind.SPECIAL_PROCEDURE, DocumentKind.EXTENSION_NOTICE
EXPLANATION = DocumentKind.EXPLANATION_REQUEST
WINDOW, EMS = NoticeMeans.SIGNED_AT_WINDOW, NoticeMeans.EMS


def issued(kind, **options):
    case = after.noticed(kind, **options)
    after.issue(b.find(case, kind))
    return case


def give(case, kind, means=WINDOW, act=None, number=""):
    document = [each for each in case.documents if each.kind is kind][-1].document
    return process_notice.give(case, document, means, number, act or b.at_window(after.SENT))


def explain(case, text="二层为库房。", act=None, materials=(), explanation="A1-X1"):
    process_notice.explain(case, explanation, text, materials, act or b.online(after.SENT))


def asked(case=None):
    return after.noticed(EXPLANATION, case, reference="A1-X1")


@pytest.mark.parametrize("kind", [SPECIAL, EXTENSION, EXPLANATION])
def test_what_the_review_makes_known_drafts_one_notice(kind):
    case = after.noticed(kind)
    assert len([each for each in case.documents if each.kind is kind]) == 1
    process_notice.draft(case, after.told(kind), b.at_department())
    assert len([each for each in case.documents if each.kind is kind]) == 1
    process_notice.draft(case, after.told(kind, reference="A1-S2"), b.at_department())
    assert len(case.process_notices) == 2


def test_a_notice_is_in_the_name_of_the_authority_that_works():
    case = after.noticed(SPECIAL, after.joint(), authority=after.D06)
    assert b.find(case, SPECIAL).authority == after.D06


def test_art_45_nothing_counts_as_told_before_the_notice_is_issued():
    case = after.noticed(SPECIAL)
    with pytest.raises(post_acceptance_errors.NoticeNotIssuedError):
        give(case, SPECIAL)


def test_art_45_the_instant_at_which_the_notice_was_given_is_told_to_the_review():
    case = issued(SPECIAL)
    give(case, SPECIAL)
    event = case.events[-1]
    assert (event.type, event.kind, event.reference, event.give_time, event.authority) == (
        "intake.process_notice_given.v1", "SPECIAL_PROCEDURE", "A1-S1", after.SENT, b.AUTHORITY,
    )  # fmt: skip
    assert b.find(case, SPECIAL).state is DocumentState.SERVED


def test_readings_9_a_notice_is_given_once():
    case = issued(SPECIAL)
    give(case, SPECIAL)
    with pytest.raises(post_acceptance_errors.ProcessNoticeGivenBeforeError):
        give(case, SPECIAL)


def test_readings_9_without_consent_on_file_nobody_is_told_by_account():
    case = issued(EXTENSION)
    with pytest.raises(pre_acceptance_errors.NoConsentOnFileError):
        give(case, EXTENSION, NoticeMeans.ACCOUNT, b.at_department(after.SENT))
    case.electronic_service_consent = True
    give(case, EXTENSION, NoticeMeans.ACCOUNT, b.at_department(after.SENT))
    assert case.process_notices[0].given_at == after.SENT


def test_nobody_is_told_by_an_account_they_do_not_have():
    case = after.noticed(SPECIAL, b.accepted(b.complete(person="")))
    after.issue(b.find(case, SPECIAL))
    case.electronic_service_consent = True
    with pytest.raises(errors.NoAccountChosenError):
        give(case, SPECIAL, NoticeMeans.ACCOUNT, b.at_department(after.SENT))


@pytest.mark.parametrize("number", ["", "12345", "11001234567890", "EE123456785C", "abc1234567890"])
def test_a_notice_by_post_has_the_number_of_its_waybill(number):
    with pytest.raises(post_acceptance_errors.EmsNumberMissingError):
        give(issued(SPECIAL), SPECIAL, EMS, b.at_department(after.SENT), number)


@pytest.mark.parametrize("number", [after.WAYBILL, "EE123456785CN"])
def test_what_is_posted_is_given_and_not_yet_served(number):
    case = issued(SPECIAL)
    give(case, SPECIAL, EMS, b.at_department(after.SENT), number)
    assert case.process_notices[0].ems_number == number
    assert b.find(case, SPECIAL).state is DocumentState.ISSUED


def test_only_a_window_has_a_notice_signed_at_the_window():
    with pytest.raises(errors.NotAWindowPostError):
        give(issued(SPECIAL), SPECIAL, WINDOW, b.at_department(after.SENT))


def test_another_window_gives_no_notice():
    with pytest.raises(errors.NotTheReceivingWindowError):
        give(issued(SPECIAL), SPECIAL, WINDOW, b.at_window(unit=b.W02))
    with pytest.raises(errors.NotTheReceivingWindowError):
        give(issued(SPECIAL), SPECIAL, EMS, b.at_window(unit=b.W02), after.WAYBILL)


def test_another_authority_gives_no_notice():
    case = issued(SPECIAL, authority=after.D06, case=after.joint())
    with pytest.raises(post_acceptance_errors.NotThisAuthorityError):
        give(case, SPECIAL, EMS, b.at_department(after.SENT), after.WAYBILL)


def test_an_acceptance_notice_is_no_notice_of_the_procedure():
    case = b.accepted()
    after.issue(b.find(case, DocumentKind.ACCEPTANCE_NOTICE))
    with pytest.raises(post_acceptance_errors.NotAProcessNoticeError):
        give(case, DocumentKind.ACCEPTANCE_NOTICE)


def rendered(kind):
    case = after.noticed(kind)
    document = b.find(case, kind)
    document.rendered(rendering=1, sha256="b" * 64, size=9, at=b.NEXT_DAY)
    return case, document


def test_a_special_procedure_is_told_under_the_special_seal_of_the_authority():
    case, document = rendered(SPECIAL)
    act = b.at_department(person="p-keeper")
    with pytest.raises(errors.WrongSealKindError):
        sealing.sealable(case, document.document, "D01-AUTHORITY", act)
    with pytest.raises(errors.NotADepartmentPostError):
        sealing.sealable(case, document.document, "D01-SPECIAL", b.at_window())
    sealing.sealable(case, document.document, "D01-SPECIAL", act)


def test_art_42_an_extension_is_told_under_the_seal_of_the_authority():
    case, document = rendered(EXTENSION)
    with pytest.raises(errors.WrongSealKindError):
        sealing.sealable(case, document.document, "D01-SPECIAL", b.at_department())
    sealing.sealable(case, document.document, "D01-AUTHORITY", b.at_department())


def test_r4_6_no_authority_seals_the_notice_of_another():
    case, document = rendered(EXTENSION)
    act = replace(b.at_department(), unit=after.D06, authority=after.D06)
    with pytest.raises(post_acceptance_errors.NotThisAuthorityError):
        sealing.sealable(case, document.document, "D01-AUTHORITY", act)


def test_a_request_for_an_explanation_needs_no_seal():
    _, document = rendered(EXPLANATION)
    assert document.state is DocumentState.ISSUED


def test_readings_17_an_explanation_moves_no_date():
    case = asked()
    before = (case.statutory_due, case.promise_due, case.state)
    explain(case, materials=(HandedIn(material_code="S1", sha256="a" * 64),))
    assert (case.statutory_due, case.promise_due, case.state) == before
    [notice] = case.process_notices
    assert (notice.answer, notice.answered_at) == ("二层为库房。", after.SENT)
    [material] = case.explanation_materials
    assert (material.notice, material.place, material.sha256) == (1, 1, "a" * 64)
    assert (case.events[-1].type, case.events[-1].explanation) == (
        "intake.explanation_given.v1", "A1-X1",
    )  # fmt: skip


def test_an_explanation_is_given_once():
    case = asked()
    explain(case)
    with pytest.raises(post_acceptance_errors.AlreadyExplainedError):
        explain(case)


def test_nobody_explains_what_nobody_asked():
    with pytest.raises(post_acceptance_errors.ExplanationUnknownError):
        explain(asked(), explanation="A1-X9")
    with pytest.raises(post_acceptance_errors.ExplanationUnknownError):
        explain(after.noticed(SPECIAL), explanation="A1-S1")


def test_after_the_decision_no_explanation_is_taken_in():
    with pytest.raises(post_acceptance_errors.DecidedAlreadyError):
        explain(b.decided(asked()))


def test_another_window_takes_no_explanation_in():
    with pytest.raises(errors.NotTheReceivingWindowError):
        explain(asked(), act=b.at_window(unit=b.W02))
    explain(asked(), act=b.at_window(after.SENT))


def test_a_case_that_ended_takes_no_explanation_in():
    case = asked()
    case.state = CaseState.WITHDRAWN
    with pytest.raises(pre_acceptance_errors.CaseEndedError):
        explain(case)


def test_one_material_comes_once_with_an_explanation():
    twice = (HandedIn(material_code="S1"), HandedIn(material_code="S1"))
    with pytest.raises(errors.MaterialRepeatedError):
        explain(asked(), materials=twice)


def test_an_applicant_who_applied_online_answers_online():
    case = b.received(
        *b.on_paper("M01", "M04", "M05"), act=b.online(b.RECEIVED), channel=Channel.ONLINE
    )
    case = asked(b.accepted(case))
    explain(case)
    assert case.process_notices[0].answered_at == after.SENT
