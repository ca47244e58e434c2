"""The life of a correction after the notice: looked at, reminded of, and, rarely, a further notice.

There is no deemed acceptance after a notice and no end by itself: a cured
case that the window does not confirm is red against the window, one that is
never cured waits and is reminded of.
"""

from __future__ import annotations

from collections.abc import Mapping

from services.intake.domain import pre_acceptance_errors, pre_acceptance_rules, rules
from services.intake.domain.case import Case, NoticeEntry
from services.intake.domain.case_history import FurtherNotice, Reminder
from services.intake.domain.document import Document, DocumentKind
from services.intake.domain.notice import EntryOfNotice
from services.intake.domain.pre_acceptance_events import (
    CorrectionFoundWanting,
    CorrectionReminded,
    CorrectionUnconfirmed,
    FurtherNoticeGiven,
)
from services.intake.domain.values import Act, CaseState, Defect, NoticeMeans, Power
from workdays import WorkCalendar

__all__ = [
    "approve_further_notice",
    "propose_further_notice",
    "record_unconfirmed",
    "reject",
    "remind",
    "remind_again",
]


def reject(
    case: Case, found: Mapping[str, Defect], act: Act, calendar: WorkCalendar
) -> tuple[str, ...]:
    """Find a correction wanting, where the notice said so; return the codes still open.

    Source: 行政许可法 第三十二条第一款第五项; R1.2; readings 8.
    """
    _require_in_correction(case, act, calendar)
    codes = [case.material(code).material_code for code in found]
    pre_acceptance_rules.require_corrected(case.number, codes, case.corrected, case.terms)
    pre_acceptance_rules.require_noticed_defect(
        case.number, found, case.noticed_defects, case.terms
    )
    for code, defect in found.items():
        material = case.material(code)
        material.defect = defect
        material.arrived_at = material.cured_at = None
    case.corrected_at = None
    case.state = CaseState.CORRECTION
    case.remember_front(act.person)
    outstanding = case.defective
    case.tell("CORRECTION_FOUND_WANTING", act.at, act.unit, outstanding=str(len(outstanding)))
    case.happened(
        CorrectionFoundWanting(case_number=case.number, material_codes=tuple(sorted(codes)))
    )
    return outstanding


def remind(case: Case, act: Act, calendar: WorkCalendar) -> Reminder:
    """Remind of what the notice asked for and is still open; return the reminder.

    It can name nothing else: it is made from the entries of the notice.

    Source: readings 8.
    """
    _require_in_correction(case, act, calendar)
    pre_acceptance_rules.require_outstanding(case.number, case.defective)
    return _reminded(case, act)


def remind_again(case: Case, every: int, act: Act, calendar: WorkCalendar) -> Reminder | None:
    """Remind a case that waits, at most every `every` working days; never end it.

    Source: readings 8.
    """
    if case.state is not CaseState.CORRECTION or case.last_noticed_at is None:
        return None
    last = case.reminders[-1].reminded_at if case.reminders else case.last_noticed_at
    told = max(last, case.last_noticed_at)
    if not pre_acceptance_rules.reminder_is_due(told, every, act.at, calendar):
        return None
    return _reminded(case, act)


def _reminded(case: Case, act: Act) -> Reminder:
    document = case.draft(DocumentKind.CORRECTION_REMINDER, act)
    reminder = Reminder(
        case_number=case.number,
        ordinal=len(case.reminders) + 1,
        material_codes=case.defective,
        reminded_at=act.at,
        reminded_by=act.person,
        document=document.document,
    )
    case.reminders.append(reminder)
    case.tell(
        "CORRECTION_REMINDED",
        act.at,
        act.unit or case.window_unit,
        outstanding=str(len(case.defective)),
    )
    case.happened(
        CorrectionReminded(
            case_number=case.number,
            material_codes=reminder.material_codes,
            ordinal=reminder.ordinal,
        )
    )
    return reminder


def propose_further_notice(
    case: Case,
    entries: tuple[EntryOfNotice, ...],
    means: NoticeMeans,
    act: Act,
    *,
    proof: str,
    reason: str,
    powers: frozenset[Power],
    calendar: WorkCalendar,
) -> FurtherNotice:
    """Propose a further notice about what was handed in since the first; it waits for approval.

    Source: R1.2; readings 8.
    """
    _require_in_correction(case, act, calendar)
    rules.require_power(case.number, Power.REQUEST_CORRECTION, powers)
    if case.proposal is not None:
        raise pre_acceptance_errors.ProposalWaitsError("A proposal waits", case=case.number)
    rules.require_complete(case.number, case.defective, case.terms)
    asked = [case.material(entry.material_code).material_code for entry in entries]
    pre_acceptance_rules.require_newly_submitted(case.number, asked, case.corrected, case.terms)
    rules.require_nothing_shared(case.number, asked, case.terms)
    case.require_means(means, proof)
    proposal = FurtherNotice(
        case_number=case.number,
        ordinal=len(case.further_notices) + 1,
        means=means,
        proof=proof,
        reason=reason,
        proposed_at=act.at,
        proposed_by=act.person,
    )
    case.further_notices.append(proposal)
    first = len(case.notice_entries) + 1
    case.notice_entries.extend(
        NoticeEntry(
            case_number=case.number,
            ordinal=ordinal,
            material_code=entry.material_code,
            defect=entry.defect,
            what_to_do=entry.what_to_do,
            legal_basis=entry.legal_basis,
            further=proposal.ordinal,
        )
        for ordinal, entry in enumerate(entries, start=first)
    )
    case.remember_front(act.person)
    return proposal


def approve_further_notice(
    case: Case, ordinal: int, reason: str, act: Act, calendar: WorkCalendar
) -> Document:
    """Approve the proposal: the notice is given with it; return the document.

    Source: R1.2; readings 8.
    """
    pre_acceptance_rules.require_supervisor(case.number, act)
    pre_acceptance_rules.require_open(case.number, case.state)
    accepted = case.standing(act.at, calendar).accepted_at is not None
    rules.require_not_accepted(case.number, accepted=accepted)
    proposal = case.proposal
    if proposal is None or proposal.ordinal != ordinal:
        raise pre_acceptance_errors.NoProposalError("Nothing waits for approval", case=case.number)
    pre_acceptance_rules.require_other_approver(case.number, proposal.proposed_by, act.person)
    document = case.draft(DocumentKind.FURTHER_NOTICE, act)
    proposal.approved_at, proposal.approved_by = act.at, act.person
    proposal.approved_because, proposal.document = reason, document.document
    entries = case.entries_of(proposal.ordinal)
    for entry in entries:
        material = case.material(entry.material_code)
        material.defect = entry.defect
        material.arrived_at = material.cured_at = None
    case.corrected_at = None
    case.state = CaseState.CORRECTION
    case.tell("FURTHER_NOTICE_GIVEN", act.at, case.window_unit, entries=str(len(entries)))
    case.happened(
        FurtherNoticeGiven(
            case_number=case.number,
            material_codes=tuple(sorted({entry.material_code for entry in entries})),
            given_by=proposal.proposed_by,
            approved_by=act.person,
        )
    )
    return document


def record_unconfirmed(case: Case, act: Act, calendar: WorkCalendar) -> bool:
    """Record, once per correction, that the window did not confirm it; tell whether it did so now.

    Source: readings 8.
    """
    late = case.is_unconfirmed(act.at, calendar)
    if not late or case.unconfirmed_at is not None:
        return False
    case.unconfirmed_at = act.at
    last = pre_acceptance_rules.confirmation_due(case.corrected_at or act.at, calendar)
    case.tell("CORRECTION_UNCONFIRMED", last.at, case.window_unit)
    case.happened(CorrectionUnconfirmed(case_number=case.number, window_unit=case.window_unit))
    return True


def _require_in_correction(case: Case, act: Act, calendar: WorkCalendar) -> None:
    rules.require_window_post(case.number, act)
    rules.require_receiving_window(case.number, case.window_unit, act, name=case.window_name)
    pre_acceptance_rules.require_open(case.number, case.state)
    accepted = case.standing(act.at, calendar).accepted_at is not None
    rules.require_not_accepted(case.number, accepted=accepted)
    case.require_noticed()
