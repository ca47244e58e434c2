"""Originals that a courier brought (原件): counted before two persons."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from services.intake.domain import counter_errors, counter_rules, errors, rules
from services.intake.domain.case import Case, CountedOriginal
from services.intake.domain.counter_events import OriginalsReceived
from services.intake.domain.values import Act

__all__ = ["Counted", "register"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """How many pieces of one material there were."""

    material_code: str
    paper_pieces: int


def register(
    case: Case, shipment: str, counted: Iterable[Counted], second_person: str, act: Act
) -> int:
    """Add the originals to the paper of the case; return how many pieces there were.

    Breaks neither 全程网办 nor counts as a visit.

    Source: R2.1, R2.7; readings 13.
    """
    rules.require_window_post(case.number, act)
    rules.require_receiving_window(case.number, case.window_unit, act, name=case.window_name)
    counter_rules.require_two_counting(case.number, act.person, second_person)
    if any(each.shipment == shipment for each in case.originals):
        raise counter_errors.OriginalsAlreadyCountedError(
            "These originals are registered", case=case.number, shipment=shipment
        )
    pieces = sum(_add(case, shipment, each, second_person, act) for each in counted)
    case.remember_front(act.person)
    case.remember_front(second_person)
    case.tell("ORIGINALS_RECEIVED", act.at, act.unit, pieces=str(pieces))
    case.happened(OriginalsReceived(case_number=case.number, shipment=shipment, pieces=pieces))
    return pieces


def _add(case: Case, shipment: str, counted: Counted, second_person: str, act: Act) -> int:
    material = case.material(counted.material_code)
    here = [each for each in case.originals if each.shipment == shipment]
    if any(each.material_code == counted.material_code for each in here):
        raise errors.MaterialRepeatedError(
            "One material came twice", case=case.number, material=counted.material_code
        )
    material.paper_pieces += counted.paper_pieces
    case.originals.append(
        CountedOriginal(
            case_number=case.number,
            shipment=shipment,
            material_code=counted.material_code,
            paper_pieces=counted.paper_pieces,
            counted_at=act.at,
            counted_by=act.person,
            second_person=second_person,
        )
    )
    return counted.paper_pieces
