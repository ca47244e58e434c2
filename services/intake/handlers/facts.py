"""What intake makes of facts that other services and its own timers bring.

Facts of different services may come in any order; each leaves the same file
behind, whichever was first.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from services.intake.domain import acceptance, filing, result, sealing, site_check
from services.intake.domain.case import Case
from services.intake.domain.errors import CaseUnknownError
from services.intake.domain.values import Act, DecisionOutcome, ResultDelivery
from services.intake.ports import IntakeUnitOfWork
from workdays import Due, import_year

__all__ = [
    "CalendarYearImported",
    "CourierOfferAnswered",
    "DecisionMade",
    "ItemLightChanged",
    "Rendered",
    "choose_delivery",
    "explain_light",
    "import_calendar_year",
    "mark_rendered",
    "recompute_dates",
    "record_decision",
    "record_site_check",
    "settle_case",
    "tell_of_review",
]


@dataclass(frozen=True, slots=True)
class DecisionMade:
    """The authority decided."""

    case_number: str
    decider: str
    outcome: str
    decide_time: datetime
    promise_due: Due
    statutory_due: Due | None
    authority: str


@dataclass(frozen=True, slots=True)
class CourierOfferAnswered:
    """The applicant chose between courier and collection."""

    case_number: str
    by_courier: bool


@dataclass(frozen=True, slots=True)
class ItemLightChanged:
    """A case showed that its item takes more than one visit, or the item was explained."""

    red: bool
    case_number: str
    visits: int
    visits_by_courier: int


@dataclass(frozen=True, slots=True)
class CalendarYearImported:
    """The notice of a year is known."""

    year: int
    notice: str
    source: str


@dataclass(frozen=True, slots=True)
class Rendered:
    """A document was printed and its file stored."""

    case_number: str
    document: str
    rendering: int
    sha256: str
    size: int


def record_decision(fact: DecisionMade, unit: str, *, uow: IntakeUnitOfWork) -> None:
    """Note the decision and draft its document."""
    case = _find(uow, fact.case_number)
    decided = result.Decided(
        decider=fact.decider,
        outcome=DecisionOutcome[fact.outcome],
        decided_at=fact.decide_time,
        promise_due=fact.promise_due,
        statutory_due=fact.statutory_due,
        authority=fact.authority,
    )
    result.record_decision(case, decided, unit)


def record_site_check(case_number: str, unit: str, *, uow: IntakeUnitOfWork) -> None:
    """Draft the record of a check on the site."""
    site_check.record(_find(uow, case_number), uow.call.at, unit)


def tell_of_review(case_number: str, code: str, unit: str, *, uow: IntakeUnitOfWork) -> None:
    """Let the applicant follow what the departments do."""
    _find(uow, case_number).tell(code, uow.call.at, unit)


def choose_delivery(fact: CourierOfferAnswered, unit: str, *, uow: IntakeUnitOfWork) -> None:
    """Note how the applicant wants the result."""
    wish = ResultDelivery.EMS if fact.by_courier else ResultDelivery.COLLECTION
    result.choose_delivery(_find(uow, fact.case_number), wish, uow.call.at, unit)


def explain_light(fact: ItemLightChanged, *, uow: IntakeUnitOfWork) -> None:
    """Tell on the case how many visits it took, and how many courier would have spared."""
    if not fact.red:
        return
    case = _find(uow, fact.case_number)
    case.tell(
        "ITEM_TURNED_RED",
        uow.call.at,
        case.window_unit,
        visits=str(fact.visits),
        visits_by_courier=str(fact.visits_by_courier),
    )


def import_calendar_year(fact: CalendarYearImported, *, uow: IntakeUnitOfWork) -> None:
    """Keep the calendar of a year; the dates that rest on it are computed again by a job."""
    import_year(fact.notice)
    uow.import_year(fact.year, fact.notice, fact.source)
    uow.ask("recompute_dates", f"recompute_dates:{fact.year}:{uow.call.request_id}")


def settle_case(case_number: str, *, uow: IntakeUnitOfWork) -> bool:
    """Record that silence accepted the case, if it has; tell whether there was anything to do."""
    case = _find(uow, case_number)
    if case.writer_unit != uow.site_unit:
        return False
    act = Act(at=uow.call.at)
    settled = acceptance.settle(case, act, uow.calendar) or filing.record(case, act)
    return settled is not None


def recompute_dates(case_number: str, *, uow: IntakeUnitOfWork) -> None:
    """Compute the dates of the case again."""
    acceptance.recompute_dates(_find(uow, case_number), uow.calendar)


def mark_rendered(fact: Rendered, *, uow: IntakeUnitOfWork) -> None:
    """Keep the printed file; what needs no seal is issued with it."""
    case = _find(uow, fact.case_number)
    document = case.document(fact.document)
    issued = document.rendered(
        rendering=fact.rendering, sha256=fact.sha256, size=fact.size, at=uow.call.at
    )
    if issued is not None:
        sealing.issued(case, document)
        uow.tell_without_revision(case, issued)


def _find(uow: IntakeUnitOfWork, case_number: str) -> Case:
    case = uow.cases.find(case_number)
    if case is None:
        raise CaseUnknownError("A fact about an unknown case", case=case_number)
    return case
