"""A correction after its notice: found wanting, reminded of, unconfirmed; a further notice."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from services.intake.domain import (
    acceptance,
    correction,
    errors,
    notice,
    pre_acceptance_errors,
    register,
    sealing,
)
from services.intake.domain.document import DocumentKind
from services.intake.domain.values import (
    Act,
    CaseState,
    Channel,
    Defect,
    HandedIn,
    NoticeMeans,
    Power,
)
from services.intake.tests import builders as b
from services.intake.tests import pre_acceptance_builders as f

CONFIRM_BY = datetime(2026, 9, 23, 16, 0, tzinfo=UTC)  # the end of the next working day
FORM = {"M05": Defect.MISSING}


def test_readings_8_a_cured_case_is_accepted_as_of_the_last_cured_entry_however_late():
    case = f.corrected()
    b.accepted(case, act=b.at_window(CONFIRM_BY + timedelta(days=30)))
    assert case.accepted_at == b.NEXT_DAY


def test_readings_8_silence_never_accepts_after_a_notice():
    case = f.corrected()
    late = CONFIRM_BY + timedelta(days=60)
    assert acceptance.settle(case, Act(at=late), b.CALENDAR) is None
    assert case.standing(late, b.CALENDAR).state is CaseState.RECEIVED


def test_readings_8_an_unconfirmed_correction_is_red_after_the_next_working_day():
    case = f.corrected()
    before = case.standing(CONFIRM_BY - timedelta(microseconds=1), b.CALENDAR)
    assert (before.confirmation_due.on.isoformat(), before.unconfirmed) == ("2026-09-23", False)
    assert case.standing(CONFIRM_BY, b.CALENDAR).unconfirmed


def test_readings_8_red_is_recorded_once():
    case = f.corrected()
    early = Act(at=CONFIRM_BY - timedelta(microseconds=1))
    assert not correction.record_unconfirmed(case, early, b.CALENDAR)
    assert correction.record_unconfirmed(case, Act(at=CONFIRM_BY), b.CALENDAR)
    assert not correction.record_unconfirmed(case, Act(at=CONFIRM_BY), b.CALENDAR)
    assert b.types(case).count("correction_unconfirmed") == 1
    assert case.events[-1].window_unit == b.W01


@pytest.mark.parametrize(
    "make",
    [b.complete, b.noticed, lambda: b.accepted(f.corrected(), act=b.at_window(f.LATER))],
    ids=["never-noticed", "not-cured", "accepted"],
)
def test_readings_8_only_a_cured_case_waits_for_confirmation(make):
    standing = make().standing(CONFIRM_BY + timedelta(days=9), b.CALENDAR)
    assert (standing.confirmation_due, standing.unconfirmed) == (None, False)


def test_readings_8_what_is_found_wanting_is_open_again():
    case = f.corrected()
    assert f.reject(case, FORM) == ("M05",)
    assert case.state is CaseState.CORRECTION
    assert case.events[-1].material_codes == ("M05",)
    assert case.material("M05").cured_at is None
    assert case.standing(CONFIRM_BY, b.CALENDAR).confirmation_due is None
    with pytest.raises(errors.NotCompleteError):
        b.accepted(case, act=b.at_window(f.LATER))


def test_readings_8_after_a_rejection_it_is_accepted_as_of_the_second_correction():
    case = f.corrected()
    f.reject(case, FORM)
    b.correct(case, "M05", act=b.online(f.LATER))
    b.accepted(case, act=b.at_window(f.LATER + timedelta(days=1)))
    assert case.accepted_at == f.LATER


def test_readings_8_a_second_correction_unconfirmed_is_recorded_anew():
    case = f.corrected()
    correction.record_unconfirmed(case, Act(at=CONFIRM_BY), b.CALENDAR)
    f.reject(case, FORM)
    b.correct(case, "M05", act=b.online(f.LATER))
    late = Act(at=f.LATER + timedelta(days=30))
    assert correction.record_unconfirmed(case, late, b.CALENDAR)


def test_readings_8_nothing_is_found_wanting_that_nobody_handed_in():
    case = f.corrected("M04")
    with pytest.raises(pre_acceptance_errors.NotCorrectedYetError) as caught:
        f.reject(case, FORM)
    assert caught.value.facts["materials"] == "M05"


def test_r1_2_a_defect_that_the_notice_did_not_name_is_no_rejection():
    with pytest.raises(pre_acceptance_errors.NewDefectError) as caught:
        f.reject(f.corrected(), {"M05": Defect.WRONG_CONTENT})
    assert (caught.value.rule, caught.value.facts["materials"]) == ("R1.2", "M05")


def test_a_rejection_of_an_unknown_material_is_malformed():
    with pytest.raises(errors.MaterialUnknownError):
        f.reject(f.corrected(), {"M99": Defect.MISSING})


@pytest.mark.parametrize("do", [f.remind, lambda case: f.reject(case, FORM)])
def test_readings_8_before_a_notice_there_is_nothing_to_correct(do):
    with pytest.raises(errors.NoNoticeGivenError):
        do(b.incomplete())


@pytest.mark.parametrize("do", [f.remind, lambda case: f.reject(case, FORM)])
def test_readings_8_after_acceptance_there_is_nothing_to_correct(do):
    with pytest.raises(errors.AlreadyAcceptedError):
        do(b.accepted(f.corrected(), act=b.at_window(f.LATER)))


def test_r4_4_a_department_rejects_no_correction():
    with pytest.raises(errors.NotAWindowPostError):
        f.reject(f.corrected(), FORM, act=b.at_department(f.LATER))


def test_r4_1_another_window_rejects_no_correction():
    with pytest.raises(errors.NotTheReceivingWindowError):
        f.reject(f.corrected(), FORM, act=b.at_window(f.LATER, unit=b.W02))


def test_readings_8_a_reminder_repeats_only_what_is_open():
    case = f.corrected("M04")
    reminder = f.remind(case)
    assert (reminder.ordinal, reminder.material_codes) == (1, ("M05",))
    assert case.events[-1].material_codes == ("M05",)
    document = case.documents[-1]
    assert (document.kind, document.form.numbered) == (DocumentKind.CORRECTION_REMINDER, False)
    assert f.remind(case).ordinal == 2


def test_readings_8_nobody_is_reminded_of_nothing():
    with pytest.raises(pre_acceptance_errors.NothingOutstandingError):
        f.remind(f.corrected())


def test_readings_8_a_case_never_corrected_is_reminded_every_so_often_and_never_ended():
    case = b.noticed()
    at = datetime(2026, 9, 23, 1, 0, tzinfo=UTC)
    told = []
    for day in range(90):
        now = at + timedelta(days=day)
        if correction.remind_again(case, 10, Act(at=now), b.CALENDAR) is not None:
            told.append((now.month, now.day))
    # Ten working days after the notice of 22 September, then after each reminder.
    assert told == [(10, 14), (10, 29), (11, 13), (11, 28), (12, 12)]
    assert case.state is CaseState.CORRECTION


def test_readings_8_a_reminder_at_the_window_counts_for_the_next_one():
    case = b.noticed()
    f.remind(case, act=b.at_window(datetime(2026, 10, 13, 1, 0, tzinfo=UTC)))
    at = Act(at=datetime(2026, 10, 14, 1, 0, tzinfo=UTC))
    assert correction.remind_again(case, 10, at, b.CALENDAR) is None


@pytest.mark.parametrize("make", [b.incomplete, f.corrected, f.refused], ids=lambda m: m.__name__)
def test_readings_8_only_what_waits_for_correction_is_reminded(make):
    at = Act(at=datetime(2026, 12, 14, 1, 0, tzinfo=UTC))
    assert correction.remind_again(make(), 10, at, b.CALENDAR) is None


def test_r1_2_a_further_notice_waits_for_its_approval():
    case = f.corrected()
    proposal = f.propose(case, "M04")
    assert (proposal.ordinal, case.state) == (1, CaseState.RECEIVED)
    assert "further_notice_given" not in b.types(case)
    assert case.defective == ()


def test_r1_2_with_the_approval_it_is_given():
    case = f.corrected()
    f.propose(case, "M04")
    document = f.approve(case)
    assert document.kind is DocumentKind.FURTHER_NOTICE
    assert (case.state, case.defective) == (CaseState.CORRECTION, ("M04",))
    event = case.events[-1]
    assert (event.material_codes, event.given_by, event.approved_by) == (
        ("M04",), "p-clerk", "p-supervisor",
    )  # fmt: skip
    assert case.further_notices[0].approved_because


def test_r1_2_after_it_the_cured_case_is_accepted_as_of_the_new_correction():
    case = f.corrected()
    f.propose(case, "M04")
    f.approve(case)
    later = f.LATER + timedelta(days=1)
    b.correct(case, "M04", act=b.online(later))
    b.accepted(case, act=b.at_window(later))
    assert case.accepted_at == later


def test_r1_2_only_what_was_handed_in_since_the_notice_is_asked_for_again():
    with pytest.raises(pre_acceptance_errors.NotNewlySubmittedError) as caught:
        f.propose(f.corrected(), "M01", "M04")
    assert (caught.value.rule, caught.value.facts["materials"]) == ("R1.2", "M01")


def test_readings_8_while_the_first_notice_is_open_there_is_a_reminder_instead():
    with pytest.raises(errors.NotCompleteError):
        f.propose(f.corrected("M04"), "M04")


def test_716_7_a_further_notice_asks_for_nothing_shared():
    case = f.corrected()
    case.material("M02").corrected_at = f.LATER
    with pytest.raises(errors.SharedDataAskedForError):
        f.propose(case, "M02")


def test_r1_2_one_proposal_waits_at_a_time():
    case = f.corrected()
    f.propose(case, "M04")
    with pytest.raises(pre_acceptance_errors.ProposalWaitsError):
        f.propose(case, "M05")


def test_r3_4_a_proposal_needs_the_power_to_ask_for_correction():
    with pytest.raises(errors.PowerMissingError):
        f.propose(f.corrected(), "M04", powers=b.ALL_POWERS - {Power.REQUEST_CORRECTION})


def test_r1_2_a_window_does_not_approve_its_own_proposal():
    case = f.corrected()
    f.propose(case, "M04")
    with pytest.raises(pre_acceptance_errors.NotASupervisorError) as caught:
        f.approve(case, act=b.at_window(f.LATER, "p-colleague"))
    assert caught.value.violation


def test_readings_1_who_proposed_does_not_approve_from_another_post():
    case = f.corrected()
    f.propose(case, "M04")
    with pytest.raises(pre_acceptance_errors.ApprovedByProposerError) as caught:
        f.approve(case, act=f.supervisor(person="p-clerk"))
    assert caught.value.violation
    assert case.state is CaseState.RECEIVED


@pytest.mark.parametrize("ordinal", [1, 2])
def test_r1_2_only_what_was_proposed_is_approved(ordinal):
    case = f.corrected()
    if ordinal == 2:
        f.propose(case, "M04")
    with pytest.raises(pre_acceptance_errors.NoProposalError):
        f.approve(case, ordinal=ordinal)


def test_r1_2_what_is_approved_is_not_approved_again():
    case = f.corrected()
    f.propose(case, "M04")
    f.approve(case)
    with pytest.raises(pre_acceptance_errors.NoProposalError):
        f.approve(case)


def test_r1_2_a_proposal_lapses_with_acceptance():
    case = f.corrected()
    f.propose(case, "M04")
    b.accepted(case, act=b.at_window(f.LATER))
    with pytest.raises(errors.AlreadyAcceptedError):
        f.approve(case)


def test_readings_8_the_defects_of_a_further_notice_may_be_found_wanting():
    case = f.corrected()
    f.propose(case, "M04")
    with pytest.raises(pre_acceptance_errors.NewDefectError):
        f.reject(case, {"M04": Defect.WRONG_CONTENT})
    f.approve(case)
    b.correct(case, "M04", act=b.online(f.LATER))
    assert f.reject(case, {"M04": Defect.WRONG_CONTENT}) == ("M04",)


@pytest.mark.parametrize("means", [NoticeMeans.ACCOUNT, NoticeMeans.EMS])
def test_readings_9_a_notice_is_proven_by_a_message_or_a_number_of_the_post(means):
    case = b.incomplete()
    case.electronic_service_consent = True
    with pytest.raises(pre_acceptance_errors.MeansNotProvenError):
        b.notify(case, "M04", "M05", means=means, proof="")
    b.notify(case, "M04", "M05", means=means, proof="EA123456789CN")
    assert (case.notice_means, case.notice_proof) == (means, "EA123456789CN")


def test_readings_9_an_account_proves_nothing_without_consent():
    with pytest.raises(pre_acceptance_errors.NoConsentOnFileError):
        b.notify(b.incomplete(), "M04", "M05", means=NoticeMeans.ACCOUNT, proof="SMS-1")


def test_readings_9_a_further_notice_is_proven_as_well():
    with pytest.raises(pre_acceptance_errors.MeansNotProvenError):
        f.propose(f.corrected(), "M04", means=NoticeMeans.EMS)


def test_readings_8_what_a_window_finds_wanting_at_once_was_handed_in_all_the_same():
    case = b.noticed()
    bad = (HandedIn(material_code="M05", paper_pieces=1, defect=Defect.MISSING),)
    notice.submit_correction(case, bad, Channel.WINDOW, b.at_window(b.NEXT_DAY), b.CALENDAR)
    assert case.corrected == {"M05"}
    assert case.defective == ("M04", "M05")


def test_r1_2_a_case_of_before_without_stored_terms_is_noticed_as_ever():
    case = b.noticed(terms=replace(b.TERMS, deemed_acceptance=False))
    assert case.last_noticed_at == b.NEXT_DAY


def test_readings_12_a_further_notice_that_was_voided_is_told_by_the_new_one():
    case = f.corrected()
    f.propose(case, "M04")
    document = f.approve(case)
    document.take_number(year=2026, site="01", ordinal=1, number="周审批再补字〔2026〕01-00001号")
    b.render(case, DocumentKind.FURTHER_NOTICE)
    anew = register.void(case, document.document, "打印错误。", b.at_window(f.LATER), lost=False)
    assert case.further_notices[0].document == anew.document
    anew.rendered(rendering=1, sha256="b" * 64, size=9, at=f.LATER)
    _, seal = sealing.sealable(case, anew.document, "D01-SPECIAL", b.at_window(f.LATER))
    sealing.seal(case, anew, seal, b.at_window(f.LATER), scan_sha256="c" * 64, certified=False)
    assert anew.served_at == f.LATER
