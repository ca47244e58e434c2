"""Acceptance (受理): by a window, or by the silence of five working days."""

from __future__ import annotations

from services.intake.domain import decisions, pre_acceptance_rules, rules
from services.intake.domain.case import Case
from services.intake.domain.document import Document, DocumentKind
from services.intake.domain.events import CaseAccepted
from services.intake.domain.values import Act, CaseState, Handling, Power
from workdays import Due, WorkCalendar

__all__ = ["accept", "recompute_dates", "settle"]


def accept(case: Case, powers: frozenset[Power], act: Act, calendar: WorkCalendar) -> Document:
    """Accept the case as of the arrival of what completed it; return the document.

    Source: 行政许可法 第三十二条第一款第五项, 第三十二条第二款; R4.1, R4.4; readings 3, 8.
    """
    rules.require_acceptance_by_window(case.number, act)
    rules.require_receiving_window(case.number, case.window_unit, act, name=case.window_name)
    pre_acceptance_rules.require_no_filing(case.number, case.terms.handling)
    pre_acceptance_rules.require_open(case.number, case.state)
    accepted = case.standing(act.at, calendar).accepted_at is not None
    rules.require_not_accepted(case.number, accepted=accepted)
    rules.require_in_force(case.number, case.terms, out_of_force=case.out_of_force)
    pre_acceptance_rules.require_turned(case.number, case.handling)
    rules.require_power(case.number, Power.ACCEPT, powers)
    rules.require_complete(case.number, case.defective, case.terms)
    cured = [each.cured_at for each in case.materials if each.cured_at is not None]
    case.accepted_at = case.completed_at = rules.accepted_as_of(case.received_at, cured)
    case.accepted_by = act.person
    case.remember_front(act.person)
    case.promise(*case.dates(case.accepted_at, case.completed_at, calendar))
    case.tell("CASE_ACCEPTED", act.at, act.unit)
    return _accepted(case, act, calendar)


def settle(case: Case, act: Act, calendar: WorkCalendar) -> Document | None:
    """Record that silence accepted the case, if by now it has; return the document.

    The law did it at the end of the last day of the notice, as of the receipt.
    Whoever comes first, a command or a timer, only writes it down; a timer a
    week late changes nothing.

    Source: 行政许可法 第三十二条第一款第四项; readings 6, 17.
    """
    standing = case.standing(act.at, calendar)
    if case.is_accepted or not standing.deemed:
        return None
    case.accepted_at = case.completed_at = case.received_at
    case.deemed_accepted = True
    case.promise(*case.dates(case.received_at, case.received_at, calendar))
    last = rules.one_time_notice_due(case.received_at, calendar)
    case.tell("CASE_DEEMED_ACCEPTED", last.at, case.window_unit)
    return _accepted(case, act, calendar)


def _accepted(case: Case, act: Act, calendar: WorkCalendar) -> Document:
    case.state = CaseState.ACCEPTED
    decisions.open_parts(case, calendar)
    case.happened(accepted_event(case, calendar))
    return case.draft(DocumentKind.ACCEPTANCE_NOTICE, act)


def accepted_event(case: Case, calendar: WorkCalendar) -> CaseAccepted:
    """Return what the departments need to begin."""
    accepted_at, promised = case.accepted_at, case.promise_due
    if accepted_at is None or promised is None:
        raise ValueError(f"{case.number} is not accepted")
    return CaseAccepted(
        case_number=case.number,
        item_code=case.item_code,
        item_version=case.item_version,
        authority=case.authority,
        window_unit=case.window_unit,
        unit_path=case.unit_path,
        receive_time=case.received_at,
        complete_time=case.completed_at or accepted_at,
        accept_time=accepted_at,
        deemed=case.deemed_accepted,
        front_persons=case.front_persons,
        statutory_limit=case.terms.statutory_limit,
        promised_limit=case.promised_limit,
        statutory_due=case.statutory_due,
        promise_due=promised,
        persons_required=case.persons_required,
        site_check_required=case.terms.site_check_required,
        has_paper=case.paper_pieces > 0,
        handling=Handling.PROMISED.name,
        joint_form=case.terms.joint_form,
        consulted=case.terms.consulted,
        extension=case.terms.extension,
        special_procedures=case.terms.special_procedures,
        remedies_known=case.terms.remedies_known,
        designation=case.terms.designation,
        notice_due=case.notice_due,
        tasks=decisions.tasks(case, calendar),
    )


def recompute_dates(case: Case, calendar: WorkCalendar) -> bool:
    """Compute the provisional dates again, now that a calendar is known; tell whether any moved.

    Dates at the decision stay: the clocks stopped there.

    Source: 行政许可法 第八十二条; readings 19.
    """
    before: tuple[Due | None, ...] = (case.notice_due, case.statutory_due, case.promise_due)
    if case.noticed_at is None and not case.is_accepted:
        case.expect_notice(rules.one_time_notice_due(case.received_at, calendar))
    if case.decisions and case.decided_at is None:
        decisions.recompute(case, calendar)
    elif case.accepted_at is not None and case.decided_at is None:
        completed_at = case.completed_at or case.accepted_at
        case.promise(*case.dates(case.accepted_at, completed_at, calendar))
    return before != (case.notice_due, case.statutory_due, case.promise_due)
