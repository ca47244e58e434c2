"""On-the-spot items: decided at once, or turned into promised ones."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from services.intake.domain import on_the_spot
from services.intake.domain.on_the_spot import Finding
from services.intake.domain.values import DecisionOutcome, WindowPowers
from services.intake.handlers.loading import act_of, load
from services.intake.handlers.results import Changed
from services.intake.ports import IntakeUnitOfWork

__all__ = [
    "DecideOnTheSpot",
    "DecidedAtOnce",
    "TurnIntoPromised",
    "decide_on_the_spot",
    "turn_into_promised",
]


@dataclass(frozen=True, slots=True)
class DecideOnTheSpot:
    """Whom the letter names accepts and grants in one step."""

    case_number: str
    revision: int
    facts: str
    legal_bases: tuple[str, ...]
    certificate_number: str
    outcome: DecisionOutcome


@dataclass(frozen=True, slots=True)
class TurnIntoPromised:
    """Substance must be verified."""

    case_number: str
    revision: int
    reason: str


@dataclass(frozen=True, slots=True)
class DecidedAtOnce:
    """The decided case with its document, to be sealed by who decided."""

    case_number: str
    revision: int
    document: str
    document_number: str
    decide_time: datetime


def decide_on_the_spot(
    command: DecideOnTheSpot, letter: WindowPowers, *, uow: IntakeUnitOfWork
) -> DecidedAtOnce:
    """Accept and grant at one instant; number the decision."""
    case = load(uow, command.case_number, command.revision)
    act = act_of(uow.call)
    document = on_the_spot.decide(
        case,
        Finding(
            outcome=command.outcome,
            facts=command.facts,
            legal_bases=command.legal_bases,
            certificate_number=command.certificate_number,
        ),
        letter,
        act,
        uow.calendar,
    )
    uow.number_documents()
    return DecidedAtOnce(
        case_number=case.number,
        revision=case.revision + 1,
        document=document.document,
        document_number=document.number,
        decide_time=act.at,
    )


def turn_into_promised(command: TurnIntoPromised, *, uow: IntakeUnitOfWork) -> Changed:
    """Turn the case into a promised one."""
    case = load(uow, command.case_number, command.revision)
    on_the_spot.turn_into_promised(case, command.reason, act_of(uow.call), uow.calendar)
    return Changed(case.number, case.revision + 1)
