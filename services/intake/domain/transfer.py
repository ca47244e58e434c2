"""A case at the wrong counter goes to the competent window (首问负责)."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from services.intake.domain import counter_rules, pre_acceptance_rules, rules
from services.intake.domain.case import Case
from services.intake.domain.counter_events import CaseTransferred, CompetenceAlarmed
from services.intake.domain.counter_rules import Destinations
from services.intake.domain.values import Act, CaseState, Power, WindowUnit
from workdays import WorkCalendar

__all__ = ["follow", "notice_competence", "transfer"]


def notice_competence(case: Case, powers: Collection[Power], act: Act) -> None:
    """Tell the department where a window received what it may not accept; the clock runs.

    Source: R3.4; readings 4.
    """
    reason = counter_rules.alarm(powers, in_force=not case.out_of_force)
    if reason is None:
        return
    case.incompetent = reason == "NO_LETTER"
    case.tell("COMPETENCE_ALARMED", act.at, case.window_unit, window=case.window_name)
    case.happened(
        CompetenceAlarmed(
            case_number=case.number,
            authority=case.authority,
            window_unit=case.window_unit,
            reason=reason,
        )
    )


def transfer(
    case: Case,
    to_window: str,
    destinations: Destinations,
    act: Act,
    calendar: WorkCalendar,
) -> bool:
    """Move the case to a window that may accept it; tell whether that was within its day.

    Who received it stays a person of the front for the life of the case.

    Source: R1.3, R3.4; readings 1, 4.
    """
    rules.require_window_post(case.number, act)
    rules.require_receiving_window(case.number, case.window_unit, act, name=case.window_name)
    pre_acceptance_rules.require_open(case.number, case.state)
    accepted = case.standing(act.at, calendar).accepted_at is not None
    rules.require_not_accepted(case.number, accepted=accepted)
    counter_rules.require_other_window(
        case.number, case.window_unit, to_window, name=case.window_name
    )
    window = counter_rules.require_competent(case.terms, to_window, destinations)
    same_day = counter_rules.transferred_in_time(case.received_at, act.at, calendar)
    from_unit = case.window_unit
    case.remember_front(act.person)
    if same_day:
        case.tell("CASE_TRANSFERRED", act.at, from_unit, window=window.name)
    else:
        case.tell("CASE_TRANSFERRED_LATE", act.at, from_unit, window=window.name)
    _move(case, window, same_day=same_day)
    return same_day


def follow(case: Case, window: WindowUnit, at: datetime, calendar: WorkCalendar) -> bool:
    """Move a case that nobody accepted to where its window was merged into; tell whether it moved.

    What is accepted stays the merged window's: the successor hands it out as such.

    Source: R4.7; readings 6.
    """
    waits = case.state in (CaseState.RECEIVED, CaseState.CORRECTION)
    if not waits or case.standing(at, calendar).accepted_at is not None:
        return False
    same_day = counter_rules.transferred_in_time(case.received_at, at, calendar)
    _move(case, window, same_day=same_day)
    case.tell("CASE_FOLLOWED_MERGER", at, window.code, window=window.name)
    return True


def _move(case: Case, window: WindowUnit, *, same_day: bool) -> None:
    from_unit = case.window_unit
    case.window_unit, case.window_name = window.code, window.name
    case.unit_path = window.unit_path
    case.incompetent = False
    case.happened(
        CaseTransferred(
            case_number=case.number,
            from_unit=from_unit,
            to_unit=window.code,
            unit_path=window.unit_path,
            same_day=same_day,
        )
    )
