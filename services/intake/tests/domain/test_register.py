"""Voided documents (readings 12): the number stays, the document is made anew."""

from __future__ import annotations

from dataclasses import replace

import pytest

from services.intake.adapters.register import RegisterEntry, with_gaps
from services.intake.domain import (
    decisions,
    errors,
    post_acceptance_errors,
    register,
    sealing,
    service_of_documents,
)
from services.intake.domain.document import DocumentKind, DocumentState
from services.intake.domain.records import Failure
from services.intake.domain.values import Act, CaseState, DecisionOutcome
from services.intake.tests import after
from services.intake.tests import builders as b
from services.intake.tests.papers import numbered

ACCEPTANCE, GRANT = DocumentKind.ACCEPTANCE_NOTICE, DocumentKind.GRANT_DECISION


def void(case, kind, act=None, *, lost=False, reason="打印污损"):
    document = next(each for each in case.documents if each.kind is kind and not each.is_voided)
    return register.void(case, document.document, reason, act or b.at_window(), lost=lost)


def test_a_spoilt_document_is_voided_and_made_anew():
    case = numbered(b.accepted())
    old = b.find(case, ACCEPTANCE)
    anew = void(case, ACCEPTANCE)
    assert (old.state, old.void_reason, old.voided_at) == (
        DocumentState.VOIDED, "打印污损", b.RECEIVED,
    )  # fmt: skip
    assert (anew.kind, anew.state, anew.awaits_number) == (ACCEPTANCE, DocumentState.DRAFTED, True)
    assert old.number
    event = case.events[-1]
    assert (event.type, event.document_number) == ("intake.document_voided.v1", old.number)
    assert (event.kind, event.department, event.lost) == ("ACCEPTANCE_NOTICE", "", False)


def test_r4_10_what_is_told_of_a_voided_decision_says_whose_department_makes_it_anew():
    case = numbered(b.decided())
    authority = b.find(case, GRANT).authority
    void(case, GRANT, b.at_department())
    event = case.events[-1]
    assert (event.kind, event.department, event.lost) == ("GRANT_DECISION", authority, False)
    assert authority


def test_what_is_told_of_a_lost_document_says_that_it_had_been_issued():
    case = numbered(b.accepted())
    after.issue(b.find(case, ACCEPTANCE))
    void(case, ACCEPTANCE, lost=True)
    assert case.events[-1].lost


def test_a_voided_document_is_neither_printed_nor_sealed_any_more():
    case = numbered(b.accepted())
    old = b.find(case, ACCEPTANCE)
    void(case, ACCEPTANCE)
    assert old.rendered(rendering=1, sha256="b" * 64, size=9, at=b.NEXT_DAY) is None
    assert old.state is DocumentState.VOIDED
    with pytest.raises(errors.AlreadySealedError):
        sealing.sealable(case, old.document, "D01-SPECIAL", b.at_window())


def test_nothing_is_voided_twice():
    case = numbered(b.accepted())
    old = b.find(case, ACCEPTANCE)
    void(case, ACCEPTANCE)
    with pytest.raises(post_acceptance_errors.VoidedBeforeError):
        register.void(case, old.document, "again", b.at_window(), lost=False)


def test_what_bears_no_number_is_not_voided():
    case = numbered(b.accepted())
    with pytest.raises(post_acceptance_errors.NotNumberedError):
        void(case, DocumentKind.MATERIALS_RECEIPT)


def test_an_issued_document_holds_unless_it_was_lost():
    case = numbered(b.accepted())
    after.issue(b.find(case, ACCEPTANCE))
    with pytest.raises(post_acceptance_errors.IssuedNotLostError):
        void(case, ACCEPTANCE)
    void(case, ACCEPTANCE, lost=True)


def test_art_69_what_was_served_is_not_voided():
    case = numbered(b.ready())
    b.hand_out(case)
    with pytest.raises(post_acceptance_errors.ServedDocumentVoidedError):
        void(case, GRANT, b.at_department(), lost=True)


def test_the_window_voids_what_it_seals_and_the_department_what_it_seals():
    case = numbered(b.decided())
    with pytest.raises(errors.NotAWindowPostError):
        void(case, ACCEPTANCE, b.at_department())
    with pytest.raises(errors.NotTheReceivingWindowError):
        void(case, ACCEPTANCE, b.at_window(unit=b.W02))
    with pytest.raises(errors.NotADepartmentPostError):
        void(case, GRANT, b.at_window())
    other = replace(b.at_department(), unit=after.D06, authority=after.D06)
    with pytest.raises(post_acceptance_errors.NotThisAuthorityError):
        void(case, GRANT, other)


def test_a_decision_made_anew_is_signed_by_who_decided():
    case = numbered(b.decided())
    anew = void(case, GRANT, b.at_department())
    assert (anew.signer, anew.authority) == ("p-decider", b.AUTHORITY)
    assert decisions.documents_of_decisions(case) == [anew]


def test_a_lost_decision_is_sealed_and_returned_again():
    case = numbered(b.ready())
    anew = void(case, GRANT, b.at_department(after.SENT), lost=True)
    assert case.state is CaseState.DECIDED
    with pytest.raises(errors.ResultNotHereError):
        b.hand_out(case)
    with pytest.raises(errors.ResultNotIssuedError):
        after.send_back(case, b.AUTHORITY, "B-9", "JY1", after.SENT)
    after.issue(anew, after.SENT)
    after.send_back(case, b.AUTHORITY, "B-9", "JY1", after.SENT)
    after.receive(case, "B-9", after.SENT)
    assert case.state is CaseState.READY


def test_nothing_is_handed_out_while_a_decision_that_the_courier_lost_is_made_anew():
    case = numbered(after.failed(after.sent(), Failure.LOST))
    anew = void(case, GRANT, b.at_department(after.SIGNED), lost=True)
    after.issue(anew, after.SIGNED)
    assert (case.state, case.service_open) == (CaseState.DECIDED, None)
    with pytest.raises(errors.ResultNotHereError):
        b.hand_out(case)


def test_an_announcement_of_what_was_lost_serves_nothing():
    case = numbered(after.failed(after.sent()))
    last = service_of_documents.announce(
        case, after.ACCOUNT, b.at_window(after.SIGNED, "p-colleague"), b.CALENDAR
    )
    void(case, GRANT, b.at_department(after.SIGNED), lost=True)
    assert service_of_documents.settle_announcement(case, Act(at=last.at)) is None
    assert case.standing(last.at, b.CALENDAR).state is CaseState.DECIDED


def test_a_decision_that_is_under_way_is_not_voided():
    case = numbered(after.sent())
    with pytest.raises(errors.ResultNotHereError):
        void(case, GRANT, b.at_department(), lost=True)


def test_a_notice_made_anew_is_the_one_that_is_given():
    case = numbered(after.noticed(DocumentKind.SPECIAL_PROCEDURE))
    anew = void(case, DocumentKind.SPECIAL_PROCEDURE, b.at_department())
    assert case.process_notices[0].document == anew.document


def test_a_voided_decision_of_a_denied_case_is_not_served():
    case = numbered(b.decided(outcome=DecisionOutcome.DENIED))
    void(case, DocumentKind.DENIAL_DECISION, b.at_department())
    [held] = decisions.documents_of_decisions(case)
    assert not held.is_voided


def entry(ordinal, site="01"):
    return RegisterEntry(site=site, ordinal=ordinal, document=f"D{ordinal}")


def test_a_number_that_no_document_bears_is_shown_as_missing():
    shown = list(with_gaps([entry(1), entry(3), entry(1, "02")], before=0))
    assert [(each.site, each.ordinal, bool(each.document)) for each in shown] == [
        ("01", 1, True), ("01", 2, False), ("01", 3, True), ("02", 1, True),
    ]  # fmt: skip


def test_a_page_that_begins_in_the_middle_misses_nothing():
    assert [each.ordinal for each in with_gaps([entry(7)], before=6)] == [7]
    assert [each.ordinal for each in with_gaps([entry(7)], before=5)] == [6, 7]
    assert [each.ordinal for each in with_gaps([entry(7), entry(2, "02")], before=6)] == [7, 1, 2]
