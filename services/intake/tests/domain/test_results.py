"""Paper, seals, results: R4.5 to R4.8; 行政许可法 第三十九条, 第四十四条; readings 9 to 13."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from services.intake.domain import bundle, errors, result, result_rules, rules, sealing
from services.intake.domain.case import Direction
from services.intake.domain.document import (
    FORMS,
    DocumentKind,
    DocumentState,
    SealKind,
    seal_named,
)
from services.intake.domain.values import (
    ApplicantKind,
    CaseState,
    Channel,
    DecisionOutcome,
    HandedIn,
    NoticeMeans,
    Power,
    Recipient,
    ResultDelivery,
)
from services.intake.tests.builders import (
    ADDRESSEE,
    ALL_POWERS,
    NEXT_DAY,
    RECEIVED,
    REMEDIES,
    W02,
    accepted,
    at_department,
    at_window,
    codes,
    complete,
    correct,
    decided,
    find,
    hand_out,
    handed_over,
    issued,
    noticed,
    online,
    ready,
    received,
    render,
    returned,
    seal,
    types,
)

NOTICE = DocumentKind.ACCEPTANCE_NOTICE
GRANT = DocumentKind.GRANT_DECISION


def test_r4_5_paper_is_signed_for_on_both_sides():
    case = handed_over()
    bundle.receive(case, "B-1", 3, at_department())
    sent = case.bundle(Direction.TO_DEPARTMENT)
    assert (sent.sent_by, sent.received_by) == ("p-clerk", "p-reviewer")
    assert types(case)[-2:] == ["bundle_handed_over", "bundle_received"]


def test_r4_5_the_record_is_issued_only_with_the_second_signature():
    case = handed_over()
    record = render(case, DocumentKind.HANDOVER_RECORD)
    assert record.state is DocumentState.RENDERED
    bundle.receive(case, "B-1", 3, at_department())
    assert render(case, DocumentKind.HANDOVER_RECORD).state is DocumentState.ISSUED


def test_r4_5_the_sender_cannot_receive():
    with pytest.raises(errors.SignedBySenderError):
        bundle.receive(handed_over(), "B-1", 3, at_department(person="p-clerk"))


@pytest.mark.parametrize(("bag", "pieces"), [("B-9", 3), ("B-1", 2)])
def test_r4_5_bag_and_count_are_compared(bag, pieces):
    with pytest.raises(errors.CountDiffersError) as caught:
        bundle.receive(handed_over(), bag, pieces, at_department())
    assert caught.value.facts["pieces_sent"] == "3"


def test_r4_5_paper_goes_once_and_only_after_acceptance():
    with pytest.raises(errors.BundleOnItsWayError):
        handed_over(handed_over())
    with pytest.raises(errors.NotAcceptedError):
        handed_over(complete())


def test_readings_13_without_paper_there_is_no_bundle():
    files = tuple(HandedIn(material_code=c, sha256="a" * 64) for c in ("M01", "M04", "M05"))
    case = received(*files, act=online(RECEIVED), channel=Channel.ONLINE)
    with pytest.raises(errors.NoPaperError):
        handed_over(accepted(case))


def test_what_is_not_on_its_way_is_not_received():
    with pytest.raises(errors.NoBundleOnItsWayError):
        bundle.receive(accepted(), "B-1", 3, at_department())
    case = handed_over()
    bundle.receive(case, "B-1", 3, at_department())
    with pytest.raises(errors.NoBundleOnItsWayError):
        bundle.receive(case, "B-1", 3, at_department())


def test_r4_4_r4_6_each_side_signs_from_its_own_post():
    with pytest.raises(errors.NotAWindowPostError):
        bundle.hand_over(accepted(), "B-1", 3, at_department())
    with pytest.raises(errors.NotADepartmentPostError):
        bundle.receive(handed_over(), "B-1", 3, at_window(person="p-colleague"))
    with pytest.raises(errors.NotADepartmentPostError):
        result.return_result(issued(), "JY1", "B-2", at_window())


def test_readings_10_a_document_is_issued_when_it_is_sealed():
    case = accepted()
    document = render(case, NOTICE)
    assert document.state is DocumentState.RENDERED
    seal(case, NOTICE, at_window(NEXT_DAY), "D01-SPECIAL")
    assert (document.state, document.issued_at) == (DocumentState.ISSUED, NEXT_DAY)
    assert types(case)[-1] == "document_issued"


def test_readings_10_what_needs_no_seal_is_issued_when_it_is_printed():
    case = complete()
    assert render(case, DocumentKind.MATERIALS_RECEIPT).state is DocumentState.ISSUED


def test_readings_10_nothing_is_sealed_before_it_is_printed_or_twice():
    case = accepted()
    with pytest.raises(errors.DocumentNotRenderedError):
        seal(case, NOTICE, at_window(), "D01-SPECIAL")
    render(case, NOTICE)
    seal(case, NOTICE, at_window(), "D01-SPECIAL")
    with pytest.raises(errors.AlreadySealedError):
        seal(case, NOTICE, at_window(), "D01-SPECIAL")


@pytest.mark.parametrize(
    "identity",
    [
        pytest.param("D01-AUTHORITY", id="seal-of-decisions"),
        pytest.param("D02-SPECIAL", id="seal-of-another-authority"),
        pytest.param("S-1", id="no-such-seal"),
    ],
)
def test_art_32_2_and_39_each_document_has_its_own_seal(identity):
    case = accepted()
    render(case, NOTICE)
    with pytest.raises(errors.WrongSealKindError):
        seal(case, NOTICE, at_window(), identity)


def test_r4_6_only_the_decider_has_the_decision_sealed():
    case = decided()
    render(case, GRANT)
    with pytest.raises(errors.NotTheDeciderError):
        seal(case, GRANT, at_department(person="p-reviewer"), "D01-AUTHORITY")
    with pytest.raises(errors.NotADepartmentPostError):
        seal(case, GRANT, at_window(person="p-decider"), "D01-AUTHORITY")


def test_readings_3_only_the_receiving_window_uses_the_special_seal():
    case = accepted()
    render(case, NOTICE)
    with pytest.raises(errors.NotAWindowPostError):
        seal(case, NOTICE, at_department(), "D01-SPECIAL")
    with pytest.raises(errors.NotTheReceivingWindowError):
        seal(case, NOTICE, at_window(unit=W02), "D01-SPECIAL")


def test_readings_9_a_notice_signed_for_at_the_window_is_served_with_its_seal():
    case = noticed()
    notice = render(case, DocumentKind.ONE_TIME_NOTICE)
    assert notice.served_at is None
    later = at_window(NEXT_DAY + timedelta(minutes=5))
    seal(case, DocumentKind.ONE_TIME_NOTICE, later, "D01-SPECIAL")
    assert (notice.state, notice.served_at) == (DocumentState.SERVED, later.at)
    assert (notice.issued_at, case.noticed_at) == (later.at, NEXT_DAY)


@pytest.mark.parametrize("means", [NoticeMeans.ACCOUNT, NoticeMeans.EMS])
def test_readings_9_a_notice_that_is_sent_is_not_served_by_its_seal(means):
    case = noticed()
    case.notice_means = means
    render(case, DocumentKind.ONE_TIME_NOTICE)
    notice = seal(case, DocumentKind.ONE_TIME_NOTICE, at_window(NEXT_DAY), "D01-SPECIAL")
    assert (notice.state, notice.served_at) == (DocumentState.ISSUED, None)


def test_readings_9_whether_the_acceptance_notice_reached_the_applicant_is_not_made_up():
    case = noticed()
    correct(case, "M04", "M05")
    accepted(case)
    render(case, NOTICE)
    assert seal(case, NOTICE, at_window(NEXT_DAY), "D01-SPECIAL").served_at is None


def test_an_unknown_document_is_not_sealed():
    with pytest.raises(errors.DocumentUnknownError):
        sealing.sealable(accepted(), "A1-D99", "D01-SPECIAL", at_window())


def test_what_is_issued_stays_what_it_was():
    case = accepted()
    document = render(case, NOTICE)
    seal(case, NOTICE, at_window(), "D01-SPECIAL")
    assert document.rendered(rendering=1, sha256="f" * 64, size=1, at=NEXT_DAY) is None
    assert document.sha256 == "b" * 64


def test_a_file_of_an_older_rendering_is_left_aside():
    case = handed_over()
    bundle.receive(case, "B-1", 3, at_department())
    record = find(case, DocumentKind.HANDOVER_RECORD)
    assert record.rendered(rendering=1, sha256="f" * 64, size=1, at=NEXT_DAY) is None
    assert record.state is DocumentState.DRAFTED


@pytest.mark.parametrize(
    ("identity", "kind"),
    [
        ("370306000000-D01-SPECIAL", SealKind.SPECIAL),
        ("370306000000-D01-SPECIAL-2", SealKind.SPECIAL),
        ("370306000000-D01-AUTHORITY", SealKind.AUTHORITY),
        ("-SPECIAL", None),
        ("370306000000-D01", None),
        ("370306000000-D01-SPECIAL2", None),
    ],
)
def test_a_seal_is_read_from_its_identity(identity, kind):
    seal_ = seal_named(identity)
    assert (seal_.kind if seal_ else None) is kind


def test_readings_12_only_documents_with_a_number_take_one_and_only_once():
    case = accepted()
    for document in case.documents:
        assert document.awaits_number is FORMS[document.kind].numbered
    notice = find(case, NOTICE)
    notice.take_number(year=2026, site="01", ordinal=1, number="周审批受字〔2026〕01-00001号")
    with pytest.raises(ValueError, match="takes no number"):
        notice.take_number(year=2026, site="01", ordinal=2, number="x")


def test_readings_12_the_number_names_authority_kind_year_site_and_place():
    number = rules.document_number("周审批", "受", 2026, "01", 42)
    assert number == "周审批受字〔2026〕01-00042号"


def test_art_38_the_decision_is_noted_once_and_signed_by_the_decider():
    case = decided()
    assert (case.state, case.outcome) == (CaseState.DECIDED, DecisionOutcome.GRANTED)
    assert find(case, GRANT).signer == "p-decider"
    assert result.record_decision(
        case,
        result.Decided(
            decider="x", outcome=DecisionOutcome.DENIED, decided_at=RECEIVED,
            promise_due=case.promise_due, statutory_due=None,
        ),
        "D01",
    ) is None  # fmt: skip
    assert case.decider == "p-decider"


def test_a_denial_has_a_document_of_its_own():
    case = decided(outcome=DecisionOutcome.DENIED)
    assert find(case, DocumentKind.DENIAL_DECISION)
    assert codes(case)[-1] == "DECISION_DENIED"


def test_art_38_2_an_adverse_document_names_reviewing_body_and_court():
    result_rules.require_remedies("A1", REMEDIES)
    for gap in ({"review_body": ""}, {"court": ""}):
        with pytest.raises(errors.RemediesMissingError):
            result_rules.require_remedies("A1", replace(REMEDIES, **gap))


def test_r1_11_there_is_no_result_without_a_decision():
    with pytest.raises(errors.NotDecidedError):
        returned(accepted())


def test_readings_10_there_is_no_result_before_the_decision_is_sealed():
    with pytest.raises(errors.ResultNotIssuedError):
        returned(decided())


def test_art_39_a_grant_comes_with_its_certificate_and_nothing_else_does():
    with pytest.raises(errors.CertificateNumberMissingError):
        returned(issued(), certificate="")
    with pytest.raises(errors.CertificateWithoutGrantError):
        returned(issued(DecisionOutcome.DENIED), certificate="JY1")
    assert returned(issued(DecisionOutcome.DENIED), certificate="").certificate_number == ""


def test_r4_7_a_result_is_sent_back_once():
    with pytest.raises(errors.ResultAlreadyReturnedError):
        returned(returned())


def test_r4_7_only_the_accepting_window_takes_the_result_over():
    case = returned()
    for act in (at_window(person="p", unit=W02), at_department()):
        with pytest.raises(errors.NotTheAcceptingWindowError):
            result.receive_result(case, "B-2", act)
    ready(case)
    assert case.state is CaseState.READY
    with pytest.raises(errors.NoResultOnItsWayError):
        ready(case)


def test_r4_7_the_bag_of_the_result_is_compared():
    with pytest.raises(errors.CountDiffersError):
        result.receive_result(returned(), "B-9", at_window(person="p-colleague"))
    with pytest.raises(errors.SignedBySenderError):
        result.receive_result(returned(), "B-2", at_window(person="p-reviewer"))


def test_r4_8_a_department_never_hands_out():
    with pytest.raises(errors.HandedOutByDepartmentError) as caught:
        hand_out(ready(), at_department())
    assert (caught.value.rule, caught.value.violation) == ("R4.8", True)


def test_r4_7_another_window_does_not_hand_out():
    with pytest.raises(errors.NotTheAcceptingWindowError) as caught:
        hand_out(ready(), at_window(unit=W02))
    assert (caught.value.rule, caught.value.violation) == ("R4.7", True)


def test_r3_4_handing_out_needs_the_power_of_the_letter():
    with pytest.raises(errors.PowerMissingError) as caught:
        hand_out(ready(), powers=ALL_POWERS - {Power.HAND_OUT})
    assert caught.value.facts["power"] == "HAND_OUT"


def test_r4_7_what_is_not_here_is_not_handed_out():
    with pytest.raises(errors.ResultNotHereError):
        hand_out(returned())


def test_art_44_the_hand_out_serves_the_decision_and_is_the_second_visit():
    case = ready()
    hand_out(case)
    assert (case.state, case.handed_out_at) == (CaseState.SERVED, NEXT_DAY)
    assert find(case, GRANT).state is DocumentState.SERVED
    assert find(case, DocumentKind.PROOF_OF_SERVICE)
    assert case.events[-1].visits == len(case.visits) == 2


def test_art_44_nothing_is_handed_out_twice():
    case = ready()
    hand_out(case)
    with pytest.raises(errors.AlreadyHandedOutError):
        hand_out(case)


def test_readings_9_only_the_addressee_or_a_mandated_agent_signs():
    with pytest.raises(errors.SignatureWithoutMandateError):
        hand_out(ready(), signed_by="李四")
    with pytest.raises(errors.SignatureWithoutMandateError):
        hand_out(ready(), recipient=Recipient.MANDATED_AGENT, signed_by="李四")
    hand_out(ready(), recipient=Recipient.MANDATED_AGENT, signed_by="李四", mandate="委-1")


def test_readings_9_an_organisation_signs_through_whoever_shows_its_certificate():
    company = replace(ADDRESSEE, kind=ApplicantKind.ORGANISATION, name="周村某餐饮有限公司")
    result_rules.require_signature("A1", Recipient.ADDRESSEE, "李四", "", company)


def test_readings_22_what_a_village_agent_carries_both_ways_is_no_visit():
    case = complete(channel=Channel.ASSISTANCE)
    accepted(case)
    decided(case)
    render(case, GRANT)
    seal(case, GRANT, at_department(person="p-decider"), "D01-AUTHORITY")
    hand_out(
        ready(returned(case)), recipient=Recipient.MANDATED_AGENT, signed_by="李四", mandate="委-1"
    )
    assert case.visits == []


def test_a_document_that_is_not_issued_is_not_served():
    with pytest.raises(errors.ResultNotIssuedError):
        find(decided(), GRANT).serve(NEXT_DAY)


def test_r2_7_the_wish_for_the_result_is_kept():
    case = accepted()
    result.choose_delivery(case, ResultDelivery.EMS, NEXT_DAY, "W01")
    assert (case.result_delivery, codes(case)[-1]) == (ResultDelivery.EMS, "EMS_CHOSEN")
