"""The result: decided, sent back to the accepting window, handed out there (谁受理谁发证)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from services.intake.domain import (
    bundle,
    decisions,
    errors,
    joint_rules,
    post_acceptance_rules,
    pre_acceptance_rules,
    result_rules,
    rules,
)
from services.intake.domain.case import Bundle, Case, Direction
from services.intake.domain.counter_rules import MandateOnFile, require_collection
from services.intake.domain.decisions import Decided
from services.intake.domain.document import Document, DocumentKind
from services.intake.domain.events import ResultHandedOut, ResultReceived, ResultReturned
from services.intake.domain.records import ServiceMeans
from services.intake.domain.values import (
    Act,
    Applicant,
    CaseState,
    Power,
    Recipient,
    ResultDelivery,
    VisitPurpose,
)

__all__ = [
    "Decided",
    "choose_delivery",
    "hand_out",
    "receive_result",
    "record_decision",
    "return_result",
    "served",
]


def record_decision(case: Case, decision: Decided, unit: str) -> Document | None:
    """Note the decision of an authority and draft its document.

    Source: 行政许可法 第三十七条, 第三十八条; readings 19, 21.
    """
    return decisions.record(case, decision, unit)


def choose_delivery(case: Case, wish: ResultDelivery, at: datetime, unit: str) -> None:
    """Note how the applicant wants the result after the offer of free courier.

    Source: R2.7, R2.9.
    """
    case.result_delivery = wish
    case.tell(f"{wish.name}_CHOSEN", at, unit)


def return_result(case: Case, certificate_number: str, bag: str, act: Act) -> Document:
    """Send the sealed result of an authority back to the accepting window; return the record of it.

    Source: R4.7; 行政许可法 第三十九条; readings 21.
    """
    rules.require_department_post(case.number, act)
    authority = post_acceptance_rules.require_deciding_authority(case.number, case.authorities, act)
    decision = next((each for each in case.decisions if each.authority == authority), None)
    decided_at = None if decision is None else decision.decided_at
    result_rules.require_decided(case.number, decided_at)
    if decision is None:
        raise ValueError(f"{case.number} has a decision without its row")
    if decisions.returned(case, authority) is not None:
        raise errors.ResultAlreadyReturnedError("The result was sent back", case=case.number)
    documents = decisions.documents_of_decisions(case, authority)
    result_rules.require_decision_issued(
        case.number, issued=any(each.is_issued for each in documents)
    )
    part = joint_rules.part_of(case.terms, authority)
    own = replace(case.terms, result_name=part.result_name)
    result_rules.require_certificate(case.number, own, decision.outcome, certificate_number)
    decision.certificate_number = certificate_number
    if authority == case.authority:
        case.certificate_number = certificate_number
    pieces = 2 if certificate_number else 1  # the decision, and the certificate with it
    document = bundle.send(case, Direction.TO_WINDOW, bag, pieces, act, authority=authority)
    if case.is_joint:
        case.tell("PART_RESULT_RETURNED", act.at, act.unit, authority=part.authority_name)
    else:
        case.tell("RESULT_RETURNED", act.at, act.unit)
    case.happened(ResultReturned(case_number=case.number, signed_by=act.person))
    return document


def receive_result(case: Case, bag: str, act: Act) -> None:
    """Take a result over at the accepting window; ready once those of all authorities are there.

    Source: R4.7; readings 21.
    """
    result_rules.require_accepting_window(case.number, case.window_unit, act, name=case.window_name)
    under_way = _under_way(case, bag)
    result_rules.require_other_receiver(case.number, under_way.sent_by, act.person)
    pieces = under_way.pieces  # sealed in its bag: the bag is what is compared
    result_rules.require_same_count(case.number, (under_way.bag, pieces), (bag, pieces))
    bundle.sign(case, under_way, act)
    if decisions.result_is_here(case):
        case.state = CaseState.READY
        case.tell("RESULT_RECEIVED", act.at, act.unit, window=case.window_name)
    else:
        name = joint_rules.part_of(case.terms, under_way.authority).authority_name
        case.tell("PART_RESULT_RECEIVED", act.at, act.unit, authority=name)
    case.happened(ResultReceived(case_number=case.number, signed_by=act.person))


def _under_way(case: Case, bag: str) -> Bundle:
    """Return the bundle on its way in `bag`, or any other: what arrived is compared with it."""
    found = [
        each for each in case.bundles if each.direction is Direction.TO_WINDOW and each.is_under_way
    ]
    if not found:
        raise errors.NoResultOnItsWayError("No result is on its way", case=case.number)
    return next((each for each in found if each.bag == bag), found[0])


def hand_out(
    case: Case,
    recipient: Recipient,
    act: Act,
    *,
    powers: frozenset[Power],
    signed_by: str,
    mandate: str,
    addressee: Applicant,
    on_file: MandateOnFile | None = None,
) -> Document:
    """Hand everything out against one signature; return the proof of service (送达回证).

    Also while a parcel's service is open: the signature at the window closes it.

    Source: 行政许可法 第四十四条; R3.4, R4.7, R4.8; readings 3, 6, 9, 21.
    """
    result_rules.require_hand_out_by_window(case.number, act)
    result_rules.require_accepting_window(case.number, case.window_unit, act, name=case.window_name)
    rules.require_power(case.number, Power.HAND_OUT, powers)
    result_rules.require_not_handed_out(case.number, case.served_at)
    left_open = case.state is CaseState.IN_DELIVERY and case.service_open is not None
    ready = case.state is CaseState.READY or left_open
    result_rules.require_result_here(case.number, ready=ready)
    result_rules.require_signature(case.number, recipient, signed_by, mandate, addressee)
    require_collection(case.number, on_file, recipient, signed_by, mandate)
    case.handed_out_at, case.handed_out_by = act.at, act.person
    case.recipient, case.mandate = recipient, mandate
    served(case, ServiceMeans.WINDOW, act.at)
    here = pre_acceptance_rules.is_same_visit(
        (each.visited_at for each in case.visits),
        act.at,
        decided_on_the_spot=case.is_decided_on_the_spot,
    )
    if rules.is_visit(VisitPurpose.COLLECTION, case.channel, recipient) and not here:
        case.visit(VisitPurpose.COLLECTION, act)
    case.tell("RESULT_HANDED_OUT", act.at, act.unit, window=case.window_name)
    case.happened(
        ResultHandedOut(
            case_number=case.number,
            window_unit=act.unit,
            handed_out_by=act.person,
            recipient=recipient.name,
            visits=len(case.visits),
        )
    )
    return case.draft(DocumentKind.PROOF_OF_SERVICE, act)


def served(case: Case, means: ServiceMeans, at: datetime) -> None:
    """Note that the result was served: every decision with it, and nothing is open any more.

    Source: 行政许可法 第四十四条; readings 9.
    """
    case.state, case.service_open = CaseState.SERVED, None
    case.served_at, case.service_means = at, means
    for each in decisions.documents_of_decisions(case):
        each.serve(at)
