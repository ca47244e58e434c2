"""备案: the full information received is the filing; nobody accepts, reviews or decides it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from services.intake.domain import bundle, filing, pre_acceptance_errors
from services.intake.domain.document import DocumentKind
from services.intake.domain.values import Act, CaseState, Channel
from services.intake.tests import builders as b
from services.intake.tests import pre_acceptance_builders as f


def test_readings_14_full_information_received_is_the_filing():
    case = b.complete(terms=f.FILING)
    assert (case.state, case.filed_at, case.ended_at) == (
        CaseState.FILED, b.RECEIVED, b.RECEIVED,
    )  # fmt: skip
    event = case.events[-1]
    assert (event.type, event.file_time) == ("intake.filing_recorded.v1", b.RECEIVED)
    receipt = case.documents[-1]
    assert (receipt.kind, receipt.form.seal.name) == (DocumentKind.FILING_RECEIPT, "SPECIAL")
    assert case.documents[0].kind is DocumentKind.MATERIALS_RECEIPT


def test_readings_14_it_is_filed_as_of_the_arrival_of_what_completed_it():
    case = b.noticed(terms=f.FILING)
    b.correct(case, "M04", act=b.online(b.NEXT_DAY))
    assert case.state is CaseState.CORRECTION
    b.correct(case, "M05", act=b.online(f.LATER))
    assert (case.state, case.filed_at) == (CaseState.FILED, f.LATER)


def test_readings_14_an_account_files_without_anybody_looking():
    case = b.received(
        *b.on_paper("M01", "M04", "M05"), terms=f.FILING, act=b.online(b.RECEIVED),
        channel=Channel.ONLINE,
    )  # fmt: skip
    assert case.state is CaseState.FILED


@pytest.mark.parametrize("make", [b.complete, b.incomplete])
def test_readings_14_a_filing_is_not_accepted(make):
    with pytest.raises(pre_acceptance_errors.FilingNotAcceptedError) as caught:
        b.accepted(make(terms=f.FILING))
    assert caught.value.rule == "企业投资项目核准和备案管理条例 第十三条"


def test_readings_14_silence_accepts_no_filing():
    case = b.incomplete(terms=replace(f.FILING, deemed_acceptance=True))
    assert case.standing(b.DEADLINE, b.CALENDAR).state is CaseState.RECEIVED
    assert not case.silence_accepts


def test_readings_14_what_nobody_recorded_is_filed_all_the_same():
    case = b.incomplete(terms=f.FILING)
    for each in case.materials:  # as a case of before, complete and never recorded
        each.defect = type(each.defect).UNSPECIFIED
    assert case.standing(b.NEXT_DAY, b.CALENDAR).state is CaseState.FILED
    assert filing.record(case, Act(at=b.NEXT_DAY)) is not None
    assert case.filed_at == b.RECEIVED


def test_a_filing_is_recorded_once_and_nothing_else_is_filed():
    filed = b.complete(terms=f.FILING)
    assert filing.record(filed, Act(at=b.NEXT_DAY)) is None
    assert filing.record(b.complete(), Act(at=b.NEXT_DAY)) is None
    assert b.types(filed).count("filing_recorded") == 1


def test_readings_4_what_is_out_of_force_is_not_filed():
    case = b.complete(terms=f.FILING, in_force=False)
    assert case.state is CaseState.RECEIVED


def test_a_filed_case_goes_to_no_department():
    with pytest.raises(pre_acceptance_errors.CaseEndedError):
        bundle.hand_over(b.complete(terms=f.FILING), "B-1", 3, b.at_window(b.NEXT_DAY))
