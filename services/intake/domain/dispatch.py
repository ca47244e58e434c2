"""The result on its way by courier (寄递): given, signed for, failed."""

from __future__ import annotations

from datetime import datetime

from services.intake.domain import post_acceptance_rules, result, result_rules, rules
from services.intake.domain.case import Case
from services.intake.domain.document import DocumentKind
from services.intake.domain.post_acceptance_events import (
    ResultDispatched,
    ResultServed,
    ServiceLeftOpen,
)
from services.intake.domain.records import Dispatch, Failure, OpenReason, ServiceMeans, Signer
from services.intake.domain.values import Act, CaseState, Power, Recipient

__all__ = ["dispatch", "failed", "signed"]


def dispatch(
    case: Case, mandate: str, powers: frozenset[Power], act: Act, *, unit_path: str
) -> Dispatch:
    """Give the result to the postal enterprise; it is on its way and not served.

    The parcel is the window's that gives it, in the tree at `unit_path`: after a
    merger the successor's, which prints its label.

    Source: 行政许可法 第四十四条; 邮政法 第五十五条; R2.7, R4.7, R4.8; readings 9.
    """
    result_rules.require_hand_out_by_window(case.number, act)
    result_rules.require_accepting_window(case.number, case.window_unit, act, name=case.window_name)
    rules.require_power(case.number, Power.HAND_OUT, powers)
    result_rules.require_not_handed_out(case.number, case.served_at)
    post_acceptance_rules.require_courier_chosen(case.number, case.result_delivery)
    result_rules.require_result_here(case.number, ready=case.state is CaseState.READY)
    # The decision of each authority, and its certificate with it.
    pieces = len(case.authorities) + sum(bool(each.certificate_number) for each in case.decisions)
    made = Dispatch(
        case_number=case.number,
        attempt=len(case.dispatches) + 1,
        dispatched_at=act.at,
        dispatched_by=act.person,
        dispatched_from=act.unit,
        pieces=pieces,
        mandate=mandate,
    )
    case.dispatches.append(made)
    case.state, case.service_open = CaseState.IN_DELIVERY, None
    case.tell("RESULT_DISPATCHED", act.at, act.unit, window=case.window_name)
    case.happened(
        ResultDispatched(
            case_number=case.number,
            window_unit=act.unit,
            unit_path=unit_path,
            dispatched_by=act.person,
            pieces=pieces,
            attempt=made.attempt,
        )
    )
    return made


def signed(case: Case, attempt: int, signer: Signer, at: datetime, waybill: str) -> None:
    """Note who signed for the parcel: served, or open until the addressee confirms it.

    Nothing happens where the result was served meanwhile, or where the same
    parcel was reported before.

    Source: 行政许可法 第四十四条; readings 9.
    """
    sent = _under_way(case, attempt)
    if sent is None:
        return
    sent.signed_at, sent.signer, sent.waybill = at, signer, waybill or sent.waybill
    reason = post_acceptance_rules.what_a_signature_proves(signer, sent.mandate)
    if reason is not None:
        leave_open(case, reason, at)
        return
    agent = signer is not Signer.ADDRESSEE
    case.recipient = Recipient.MANDATED_AGENT if agent else Recipient.ADDRESSEE
    case.mandate = sent.mandate if agent else ""
    serve(case, ServiceMeans.EMS, at)
    case.draft(DocumentKind.PROOF_OF_SERVICE, Act(at=at))


def failed(case: Case, attempt: int, failure: Failure, at: datetime) -> None:
    """Note that the parcel did not arrive: the result is at the window again, service open.

    Source: readings 9.
    """
    sent = _under_way(case, attempt)
    if sent is None:
        return
    sent.failed_at, sent.failure = at, failure
    case.state = CaseState.READY
    reason = post_acceptance_rules.why_it_failed(failure)
    if reason is None:
        case.tell("DISPATCH_CANCELLED", at, case.window_unit)
    else:
        leave_open(case, reason, at)


def _under_way(case: Case, attempt: int) -> Dispatch | None:
    """Return the dispatch that a report of the carrier is about, while it still means something."""
    if case.served_at is not None:
        return None
    return next(
        (each for each in case.dispatches if each.attempt == attempt and each.is_under_way), None
    )


def leave_open(case: Case, reason: OpenReason, at: datetime) -> None:
    """Note that service is not proven, and let everybody know."""
    case.service_open = reason
    case.tell(f"SERVICE_OPEN_{reason.name}", at, case.window_unit, window=case.window_name)
    case.happened(ServiceLeftOpen(case_number=case.number, reason=reason.name))


def serve(case: Case, means: ServiceMeans, at: datetime) -> None:
    """Note that the result was served otherwise than across the counter, and when.

    Source: 行政许可法 第四十四条; readings 9.
    """
    result.served(case, means, at)
    case.tell(f"SERVED_{means.name}", at, case.window_unit)
    case.happened(
        ResultServed(
            case_number=case.number,
            means=means.name,
            recipient=case.recipient.name if case.recipient else "",
            serve_time=at,
            visits=len(case.visits),
            window_unit=case.window_unit,
        )
    )
