"""The use cases of metrics: load, decide, save. No rule is written here."""

from __future__ import annotations

from dataclasses import dataclass

from services.metrics.domain.facts import CaseFacts
from services.metrics.domain.items import light_of
from services.metrics.domain.rating import Grade, Rating
from services.metrics.ports import MetricsUnitOfWork, Seal

__all__ = ["CaseRated", "RateCase", "rate_case", "show_light"]


@dataclass(frozen=True, slots=True)
class RateCase:
    """The applicant says how the service was."""

    case_number: str
    grade: Grade
    comment: str


@dataclass(frozen=True, slots=True)
class CaseRated:
    """The rating was kept."""

    case_number: str


def rate_case(command: RateCase, *, uow: MetricsUnitOfWork, seal: Seal) -> CaseRated:
    """Keep the rating of a case."""
    facts = uow.cases.get(command.case_number)
    rating = Rating.give(
        facts,
        command.grade,
        seal(command.comment),
        by=uow.call.caller.person,
        at=uow.call.at,
        earlier=uow.ratings.find(command.case_number),
    )
    uow.ratings.add(rating)
    return CaseRated(command.case_number)


def show_light(facts: CaseFacts, *, uow: MetricsUnitOfWork) -> None:
    """Turn the item of a case red, if the case shows it and it was not red before."""
    light = light_of(facts)
    if light is not None and uow.lights.turn_red(light):
        uow.tell(light, unit=facts.window_unit)
