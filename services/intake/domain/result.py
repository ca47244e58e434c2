"""The result: decided, sent back to the accepting window, handed out there (谁受理谁发证)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from services.intake.domain import bundle, errors, result_rules, rules
from services.intake.domain.case import Case, Direction
from services.intake.domain.document import DECISIONS, Document, DocumentKind
from services.intake.domain.events import ResultHandedOut, ResultReceived, ResultReturned
from services.intake.domain.values import (
    Act,
    Applicant,
    CaseState,
    DecisionOutcome,
    Power,
    Recipient,
    ResultDelivery,
    VisitPurpose,
)
from workdays import Due

__all__ = [
    "Decided",
    "choose_delivery",
    "hand_out",
    "receive_result",
    "record_decision",
    "return_result",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """The decision of the authority, as the review made it known."""

    decider: str
    outcome: DecisionOutcome
    decided_at: datetime
    promise_due: Due
    statutory_due: Due | None


def record_decision(case: Case, decision: Decided, unit: str) -> Document | None:
    """Note the decision and draft its document, to be signed by the decider.

    Nothing happens to a case that is decided already.

    Source: 行政许可法 第三十七条, 第三十八条; readings 19.
    """
    if case.decided_at is not None:
        return None
    case.decided_at, case.decider = decision.decided_at, decision.decider
    case.outcome = decision.outcome
    case.promise(decision.statutory_due, decision.promise_due)
    case.state = CaseState.DECIDED
    case.tell(f"DECISION_{decision.outcome.name}", decision.decided_at, unit)
    granted = decision.outcome is DecisionOutcome.GRANTED
    kind = DocumentKind.GRANT_DECISION if granted else DocumentKind.DENIAL_DECISION
    act = Act(at=decision.decided_at, person=decision.decider)
    return case.draft(kind, act, signer=decision.decider)


def choose_delivery(case: Case, wish: ResultDelivery, at: datetime, unit: str) -> None:
    """Note how the applicant wants the result after the offer of free courier.

    Source: R2.7, R2.9.
    """
    case.result_delivery = wish
    case.tell(f"{wish.name}_CHOSEN", at, unit)


def return_result(case: Case, certificate_number: str, bag: str, act: Act) -> Document:
    """Send the sealed result back to the accepting window; return the record of it.

    Source: R4.7; 行政许可法 第三十九条.
    """
    rules.require_department_post(case.number, act)
    result_rules.require_decided(case.number, case.decided_at)
    if case.bundle(Direction.TO_WINDOW) is not None:
        raise errors.ResultAlreadyReturnedError("The result was sent back", case=case.number)
    decision = _decision(case)
    result_rules.require_decision_issued(case.number, issued=decision.is_issued)
    result_rules.require_certificate(case.number, case.terms, case.outcome, certificate_number)
    case.certificate_number = certificate_number
    pieces = 2 if certificate_number else 1  # the decision, and the certificate with it
    document = bundle.send(case, Direction.TO_WINDOW, bag, pieces, act)
    case.tell("RESULT_RETURNED", act.at, act.unit)
    case.happened(ResultReturned(case_number=case.number, signed_by=act.person))
    return document


def receive_result(case: Case, bag: str, act: Act) -> None:
    """Take the result over at the accepting window.

    Source: R4.7.
    """
    result_rules.require_accepting_window(case.number, case.window_unit, act)
    under_way = case.bundle(Direction.TO_WINDOW)
    if under_way is None or under_way.received_at is not None:
        raise errors.NoResultOnItsWayError("No result is on its way", case=case.number)
    result_rules.require_other_receiver(case.number, under_way.sent_by, act.person)
    pieces = under_way.pieces  # sealed in its bag: the bag is what is compared
    result_rules.require_same_count(case.number, (under_way.bag, pieces), (bag, pieces))
    bundle.sign(case, under_way, act)
    case.state = CaseState.READY
    case.tell("RESULT_RECEIVED", act.at, act.unit, window=case.window_name)
    case.happened(ResultReceived(case_number=case.number, signed_by=act.person))


def hand_out(
    case: Case,
    recipient: Recipient,
    act: Act,
    *,
    powers: frozenset[Power],
    signed_by: str,
    mandate: str,
    addressee: Applicant,
) -> Document:
    """Hand the result out against signature; return the proof of service (送达回证).

    Source: 行政许可法 第四十四条; R3.4, R4.7, R4.8; readings 3, 6, 9.
    """
    result_rules.require_hand_out_by_window(case.number, act)
    result_rules.require_accepting_window(case.number, case.window_unit, act)
    rules.require_power(case.number, Power.HAND_OUT, powers)
    result_rules.require_not_handed_out(case.number, case.handed_out_at)
    result_rules.require_result_here(case.number, ready=case.state is CaseState.READY)
    result_rules.require_signature(case.number, recipient, signed_by, mandate, addressee)
    case.handed_out_at, case.handed_out_by = act.at, act.person
    case.recipient, case.mandate = recipient, mandate
    case.state = CaseState.SERVED
    _decision(case).serve(act.at)
    if rules.is_visit(VisitPurpose.COLLECTION, case.channel, recipient):
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


def _decision(case: Case) -> Document:
    return next(each for each in case.documents if each.kind in DECISIONS)
