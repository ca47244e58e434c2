"""Paper on its way to the departments (纸质材料移交): signed for on both sides."""

from __future__ import annotations

from services.intake.domain import errors, result_rules, rules
from services.intake.domain.case import Bundle, Case, Direction
from services.intake.domain.document import Document, DocumentKind
from services.intake.domain.events import BundleHandedOver, BundleReceived
from services.intake.domain.values import Act

__all__ = ["hand_over", "receive", "send"]


def hand_over(case: Case, bag: str, pieces: int, act: Act) -> Document:
    """Send the paper to the department; return the record of it (物料交接单).

    Source: R4.5; readings 13.
    """
    rules.require_window_post(case.number, act)
    rules.require_receiving_window(case.number, case.window_unit, act)
    result_rules.require_accepted(case.number, accepted=case.is_accepted)
    result_rules.require_paper(case.number, case.paper_pieces)
    under_way = case.bundle(Direction.TO_DEPARTMENT)
    if under_way is not None:
        raise errors.BundleOnItsWayError(
            "The paper was handed over", case=case.number, bag=under_way.bag
        )
    result_rules.require_all_paper(case.number, bag, case.paper_pieces, pieces)
    document = send(case, Direction.TO_DEPARTMENT, bag, pieces, act)
    case.tell("BUNDLE_HANDED_OVER", act.at, act.unit)
    case.happened(
        BundleHandedOver(case_number=case.number, bag=bag, pieces=pieces, signed_by=act.person)
    )
    return document


def receive(case: Case, bag: str, pieces: int, act: Act) -> None:
    """Take the paper over in the department.

    Source: R4.5; readings 13.
    """
    rules.require_department_post(case.number, act)
    bundle = case.bundle(Direction.TO_DEPARTMENT)
    if bundle is None or bundle.received_at is not None:
        raise errors.NoBundleOnItsWayError("No paper is on its way", case=case.number)
    result_rules.require_other_receiver(case.number, bundle.sent_by, act.person)
    result_rules.require_same_count(case.number, (bundle.bag, bundle.pieces), (bag, pieces))
    sign(case, bundle, act)
    case.tell("BUNDLE_RECEIVED", act.at, act.unit)
    case.happened(
        BundleReceived(case_number=case.number, bag=bag, pieces=pieces, signed_by=act.person)
    )


def send(case: Case, direction: Direction, bag: str, pieces: int, act: Act) -> Document:
    """Note what leaves, signed by the sender, and draft the record that goes with it."""
    document = case.draft(DocumentKind.HANDOVER_RECORD, act)
    document.signed_through = False
    case.bundles.append(
        Bundle(
            case_number=case.number,
            direction=direction,
            bag=bag,
            pieces=pieces,
            document=document.document,
            sent_at=act.at,
            sent_by=act.person,
            sent_from=act.unit,
        )
    )
    return document


def sign(case: Case, bundle: Bundle, act: Act) -> None:
    """Note what arrived, signed by the receiver; the record is complete with it."""
    bundle.received_at, bundle.received_by, bundle.received_in = act.at, act.person, act.unit
    case.sign_through(bundle.document)
