"""What readers of a case get to see of its decisions and of the service of its result."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from services.intake.domain import decisions, joint_rules, post_acceptance_rules
from services.intake.domain.case import Case
from services.intake.domain.values import DecisionOutcome
from workdays import Due, WorkCalendar

__all__ = ["AfterAcceptanceView", "DecisionView", "after_acceptance"]


@dataclass(frozen=True, slots=True)
class DecisionView:
    """The decision of one authority as a reader sees it."""

    authority: str
    name: str
    statutory_due: Due | None
    promise_due: Due | None
    decide_time: datetime | None
    outcome: DecisionOutcome
    certificate_number: str
    result_here: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AfterAcceptanceView:
    """Decisions and service as a reader sees them, at the instant of reading."""

    service_due: Due | None
    service_open_reason: str
    serve_time: datetime | None
    service_means: str
    decisions: tuple[DecisionView, ...]
    announced_until_date: date | None
    dispatches: int


def after_acceptance(case: Case, at: datetime, calendar: WorkCalendar) -> AfterAcceptanceView:
    """Return what became of the case since it was accepted.

    An announcement whose period has run served it, whoever recorded that.

    Source: 行政许可法 第四十四条; readings 9, 21.
    """
    due = (
        None
        if case.decided_at is None
        else post_acceptance_rules.service_due(case.decided_at, calendar)
    )
    served_at, means = case.served_at, case.service_means.name if case.service_means else ""
    open_reason = case.service_open.name if case.service_open else ""
    if case.announced_by(at) and case.announced_until is not None:
        served_at, means, open_reason = Due(case.announced_until).at, "ANNOUNCED", ""
    return AfterAcceptanceView(
        service_due=due,
        service_open_reason=open_reason,
        serve_time=served_at,
        service_means=means,
        decisions=tuple(_decision(case, each.authority) for each in case.decisions),
        announced_until_date=case.announced_until,
        dispatches=len(case.dispatches),
    )


def _decision(case: Case, authority: str) -> DecisionView:
    found = decisions.decision_of(case, authority)
    bundle = decisions.returned(case, authority)
    here = bundle is not None and bundle.received_at is not None
    return DecisionView(
        authority=authority,
        name=joint_rules.part_of(case.terms, authority).name,
        statutory_due=found.statutory_due,
        promise_due=found.promise_due,
        decide_time=found.decided_at,
        outcome=found.outcome,
        certificate_number=found.certificate_number,
        result_here=here,
    )
