"""不受理, 不予受理, 终止: who may, when, with which remedies; and that nothing goes on after."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from services.intake.domain import acceptance, bundle, errors, pre_acceptance_errors
from services.intake.domain.document import DocumentKind
from services.intake.domain.refusal import CompetentAuthority
from services.intake.domain.values import Act, CaseState, Power
from services.intake.tests import builders as b
from services.intake.tests import pre_acceptance_builders as f

NOTICE_OVER = datetime(2026, 10, 13, 16, 0, tzinfo=UTC)  # ten working days after the notice
ANSWERS = {
    "not-required": (f.told_not_required, Power.NOT_REQUIRED, CaseState.NOT_REQUIRED),
    "refused": (f.refused, Power.REFUSE_ACCEPTANCE, CaseState.REFUSED),
}


@pytest.mark.parametrize("answer", ANSWERS)
def test_art_32_2_an_answer_is_numbered_and_waits_for_the_special_seal(answer):
    make, _, state = ANSWERS[answer]
    case = make()
    assert case.state is state
    document = case.documents[-1]
    assert (document.form.numbered, document.form.seal.name) == (True, "SPECIAL")
    assert case.ended_at == b.NEXT_DAY
    assert case.endings[-1].reason in (f.GROUND.reason, f.NOT_OURS.reason)


@pytest.mark.parametrize("answer", ANSWERS)
def test_readings_3_an_answer_needs_the_power_that_the_letter_lists(answer):
    make, power, _ = ANSWERS[answer]
    with pytest.raises(errors.PowerMissingError) as caught:
        make(powers=b.ALL_POWERS - {power})
    assert caught.value.facts["power"] == power.name


@pytest.mark.parametrize("answer", ANSWERS)
def test_r4_4_a_department_does_not_answer_for_the_window(answer):
    make, _, _ = ANSWERS[answer]
    with pytest.raises(errors.NotAWindowPostError):
        make(act=b.at_department())


@pytest.mark.parametrize("answer", ANSWERS)
def test_r4_1_another_window_does_not_answer(answer):
    make, _, _ = ANSWERS[answer]
    with pytest.raises(errors.NotTheReceivingWindowError):
        make(act=b.at_window(b.NEXT_DAY, unit=b.W02))


@pytest.mark.parametrize("answer", ANSWERS)
def test_what_is_accepted_is_no_longer_refused(answer):
    make, _, _ = ANSWERS[answer]
    with pytest.raises(errors.AlreadyAcceptedError):
        make(b.accepted())


@pytest.mark.parametrize("answer", ANSWERS)
def test_art_32_1_4_silence_accepted_it_before_anybody_refused(answer):
    make, _, _ = ANSWERS[answer]
    with pytest.raises(errors.AlreadyAcceptedError):
        make(act=b.at_window(b.DEADLINE))


def test_readings_4_the_successor_is_named_where_the_item_is_out_of_force():
    terms = replace(b.TERMS, successor_item="370306-01-009")
    case = f.told_not_required(b.incomplete(terms=terms, in_force=False), successor_name="新事项")
    event = case.events[-1]
    assert (event.successor_item, event.told_by) == ("370306-01-009", "p-clerk")
    assert case.endings[-1].successor_name == "新事项"


def test_readings_4_nobody_is_sent_away_from_an_authority_that_a_window_serves():
    served = CompetentAuthority(name="周村区住房和城乡建设局", served=True)
    with pytest.raises(pre_acceptance_errors.CompetentAuthorityIsServedError) as caught:
        f.refused(competent=served)
    assert caught.value.facts["authority"] == "周村区住房和城乡建设局"


@pytest.mark.parametrize("missing", ["review_body", "court"])
def test_readings_11_a_refusal_without_its_remedies_is_not_issued(missing):
    case = b.incomplete()
    with pytest.raises(errors.RemediesMissingError):
        f.refused(case, remedies=replace(b.REMEDIES, **{missing: ""}))
    assert case.state is CaseState.RECEIVED


def test_readings_11_what_is_not_required_needs_no_remedies_to_be_told():
    case = f.told_not_required(b.incomplete(terms=replace(b.TERMS, court="")))
    assert case.state is CaseState.NOT_REQUIRED


def test_readings_11_what_was_recorded_since_the_receipt_lets_a_refusal_be_issued():
    case = f.refused(b.incomplete(terms=replace(b.TERMS, review_body="", court="")))
    assert case.state is CaseState.REFUSED


def test_who_refuses_is_told_to_the_others_without_the_reason():
    event = f.refused().events[-1]
    assert event.type == "intake.acceptance_refused.v1"
    assert (event.competent_authority, event.refused_by) == ("淄博市市场监督管理局", "p-clerk")


def test_r4_1_who_refused_never_reviews_the_case():
    assert "p-colleague" in f.refused(act=b.at_window(b.NEXT_DAY, "p-colleague")).front_persons


def test_domain_1_8_silence_does_not_accept_what_was_answered():
    case = f.refused()
    assert acceptance.settle(case, Act(at=b.DEADLINE), b.CALENDAR) is None
    assert case.standing(b.DEADLINE, b.CALENDAR).state is CaseState.REFUSED


ENDED = {
    "not-required": f.told_not_required,
    "refused": f.refused,
    "withdrawn": lambda: f.withdrawn(b.incomplete()),
    "terminated": lambda: f.terminated(at=NOTICE_OVER),
    "filed": lambda: b.complete(terms=f.FILING),
}
AFTER = {
    "notice": lambda case: b.notify(case, "M04", "M05", act=b.at_window(NOTICE_OVER)),
    "correction": lambda case: b.correct(case, "M04", act=b.online(NOTICE_OVER)),
    "withdrawal": lambda case: f.withdrawn(case, act=b.online(NOTICE_OVER)),
    "not-required": lambda case: f.told_not_required(case, act=b.at_window(NOTICE_OVER)),
    "refusal": lambda case: f.refused(case, act=b.at_window(NOTICE_OVER)),
    "termination": lambda case: f.terminated(case, at=NOTICE_OVER),
    "rejection": lambda case: f.reject(case, {}, act=b.at_window(NOTICE_OVER)),
    "reminder": lambda case: f.remind(case, act=b.at_window(NOTICE_OVER)),
    "proposal": lambda case: f.propose(case, "M04", act=b.at_window(NOTICE_OVER)),
    "approval": lambda case: f.approve(case, act=f.supervisor(NOTICE_OVER)),
}


@pytest.mark.parametrize("act", AFTER)
@pytest.mark.parametrize("ended", ENDED)
def test_domain_1_8_nothing_goes_on_after_the_end(ended, act):
    case = ENDED[ended]()
    with pytest.raises(pre_acceptance_errors.CaseEndedError) as caught:
        AFTER[act](case)
    assert caught.value.facts["state"] == case.state.name


@pytest.mark.parametrize("ended", ["not-required", "refused", "withdrawn", "terminated"])
def test_domain_1_8_an_ended_case_is_not_accepted(ended):
    with pytest.raises(pre_acceptance_errors.CaseEndedError):
        b.accepted(ENDED[ended](), act=b.at_window(NOTICE_OVER))


def test_r4_5_the_paper_of_a_withdrawn_case_stays_at_the_window():
    case = f.withdrawn(b.accepted())
    with pytest.raises(pre_acceptance_errors.CaseEndedError):
        bundle.hand_over(case, "B-1", 3, b.at_window(NOTICE_OVER))


def test_readings_8_only_the_items_own_law_ends_a_case_for_want_of_correction():
    with pytest.raises(pre_acceptance_errors.NoCorrectionLimitError):
        f.terminated(b.noticed(), at=NOTICE_OVER)


def test_readings_8_the_period_for_correction_runs_to_the_end_of_its_last_day():
    with pytest.raises(pre_acceptance_errors.CorrectionPeriodRunsError) as caught:
        f.terminated(at=NOTICE_OVER - timedelta(microseconds=1))
    assert caught.value.facts["last_day"] == "2026-10-13"
    case = f.terminated(at=NOTICE_OVER)
    assert (case.state, case.events[-1].source) == (CaseState.TERMINATED, "《示例条例》第十二条")
    assert case.documents[-1].kind is DocumentKind.TERMINATION


def test_readings_8_what_is_complete_is_accepted_and_not_ended():
    with pytest.raises(pre_acceptance_errors.NothingOutstandingError):
        f.terminated(f.corrected(terms=f.TERMINABLE), at=NOTICE_OVER)


def test_readings_8_a_case_without_a_notice_is_not_ended_for_want_of_correction():
    terms = replace(f.TERMINABLE, deemed_acceptance=False)
    with pytest.raises(errors.NoNoticeGivenError):
        f.terminated(b.incomplete(terms=terms), at=NOTICE_OVER)


def test_readings_11_a_termination_without_its_remedies_is_not_issued():
    case = b.noticed(terms=f.TERMINABLE)
    with pytest.raises(errors.RemediesMissingError):
        f.terminated(case, at=NOTICE_OVER, remedies=replace(b.REMEDIES, review_body=""))


def test_readings_8_a_further_notice_lets_the_period_begin_anew():
    case = f.corrected(terms=f.TERMINABLE)
    f.propose(case, "M04")
    f.approve(case)
    with pytest.raises(pre_acceptance_errors.CorrectionPeriodRunsError) as caught:
        f.terminated(case, at=NOTICE_OVER)
    assert caught.value.facts["last_day"] == "2026-10-15"
