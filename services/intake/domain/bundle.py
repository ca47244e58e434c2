"""Paper on its way to the departments (纸质材料移交): signed for on both sides."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from services.intake.domain import counter_rules, errors, pre_acceptance_rules, result_rules, rules
from services.intake.domain.case import Bundle, Case, Direction
from services.intake.domain.counter_events import BundleLost
from services.intake.domain.document import Document, DocumentKind
from services.intake.domain.events import BundleHandedOver, BundleReceived
from services.intake.domain.values import Act
from workdays import WorkCalendar

__all__ = ["hand_over", "overdue", "receive", "report_lost", "send"]


def hand_over(case: Case, bag: str, pieces: int, act: Act) -> Document:
    """Send the paper to the department; return the record of it (物料交接单).

    Source: R4.5; readings 13.
    """
    rules.require_window_post(case.number, act)
    rules.require_receiving_window(case.number, case.window_unit, act, name=case.window_name)
    pre_acceptance_rules.require_open(case.number, case.state)
    result_rules.require_accepted(case.number, accepted=case.is_accepted)
    result_rules.require_paper(case.number, case.paper_pieces)
    before = case.bundle(Direction.TO_DEPARTMENT)
    if before is not None and (before.is_under_way or case.paper_here == 0):
        raise errors.BundleOnItsWayError(
            "The paper was handed over", case=case.number, bag=before.bag
        )
    result_rules.require_all_paper(case.number, bag, case.paper_here, pieces)
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


def send(
    case: Case, direction: Direction, bag: str, pieces: int, act: Act, *, authority: str = ""
) -> Document:
    """Note what leaves, signed by the sender, and draft the record that goes with it.

    `authority` is whose result is in it, on the way back.
    """
    document = case.draft(DocumentKind.HANDOVER_RECORD, act, authority=authority)
    document.signed_through = False
    case.bundles.append(
        Bundle(
            case_number=case.number,
            direction=direction,
            ordinal=sum(each.direction is direction for each in case.bundles) + 1,
            bag=bag,
            pieces=pieces,
            document=document.document,
            sent_at=act.at,
            sent_by=act.person,
            sent_from=act.unit,
            authority=authority,
        )
    )
    return document


def sign(case: Case, bundle: Bundle, act: Act) -> None:
    """Note what arrived, signed by the receiver; the record is complete with it."""
    bundle.received_at, bundle.received_by, bundle.received_in = act.at, act.person, act.unit
    case.sign_through(bundle.document)


def report_lost(case: Case, bag: str, account: str, act: Act) -> Bundle:
    """Note that a bundle was lost; return it. Whoever sent it answers for it.

    It may be made again from copies, and the applicant is asked for nothing.

    Source: R4.5; readings 13.
    """
    lost = next((each for each in case.bundles if each.is_under_way and each.bag == bag), None)
    if lost is None:
        raise errors.NoBundleOnItsWayError("No such bag is on its way", case=case.number)
    lost.lost_at, lost.lost_reported_by, lost.lost_account = act.at, act.person, account
    case.document(lost.document).void("移交途中遗失", act.at)  # nobody will ever sign for it
    case.tell("BUNDLE_LOST", act.at, lost.sent_from)
    case.happened(BundleLost(case_number=case.number, bag=bag, reported_by=act.person))
    return lost


def overdue(bundles: Iterable[Bundle], at: datetime, calendar: WorkCalendar) -> list[Bundle]:
    """Return the bundles that should have been received by `at`: they are red.

    Source: R4.5; readings 13.
    """
    return [
        each
        for each in bundles
        if each.is_under_way and at >= counter_rules.bundle_due(each.sent_at, calendar).at
    ]
