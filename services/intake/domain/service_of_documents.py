"""Service of a result whose parcel did not serve it (送达): confirmed, left behind, announced."""

from __future__ import annotations

from services.intake.domain import post_acceptance_rules, result_rules
from services.intake.domain.case import Case
from services.intake.domain.dispatch import serve
from services.intake.domain.document import Document, DocumentKind
from services.intake.domain.post_acceptance_events import ResultAnnounced
from services.intake.domain.records import OtherService, ServiceAccount, ServiceMeans
from services.intake.domain.values import Act, Applicant, CaseState, Recipient
from workdays import Due, WorkCalendar

__all__ = ["announce", "confirm", "leave_with_witnesses", "settle_announcement"]


def confirm(case: Case, confirmed_by: str, act: Act, *, addressee: Applicant) -> Document:
    """Note that the addressee has it after all; return the proof of service.

    Source: 行政许可法 第四十四条; readings 9.
    """
    _require_window(case, act)
    post_acceptance_rules.require_open_signature(case.number, case.state, case.service_open)
    result_rules.require_signature(case.number, Recipient.ADDRESSEE, confirmed_by, "", addressee)
    case.recipient = Recipient.ADDRESSEE
    serve(case, ServiceMeans.CONFIRMED, act.at)
    return case.draft(DocumentKind.PROOF_OF_SERVICE, act)


def leave_with_witnesses(case: Case, account: ServiceAccount, act: Act) -> Document:
    """Leave the result with somebody who refuses it (留置送达); return the proof of service.

    Source: 民事诉讼法 第八十九条 by analogy; readings 9.
    """
    _require_here(case, act)
    post_acceptance_rules.require_account_of_service(
        case.number,
        OtherService.LEFT_WITH_WITNESS,
        account.reason,
        account.place,
        account.witnesses,
    )
    case.recipient = None
    serve(case, ServiceMeans.LEFT_WITH_WITNESS, act.at)
    return case.draft(DocumentKind.PROOF_OF_SERVICE, act)


def announce(case: Case, account: ServiceAccount, act: Act, calendar: WorkCalendar) -> Due:
    """Announce the result (公告送达); return the last day of its period: served when it has run.

    Whoever comes before that signs for it at the window.

    Source: 民事诉讼法 第九十五条 by analogy; readings 9.
    """
    _require_here(case, act)
    post_acceptance_rules.require_not_announced(case.number, case.announced_at)
    post_acceptance_rules.require_failed_before(case.number, case.service_open)
    post_acceptance_rules.require_account_of_service(
        case.number, OtherService.ANNOUNCED, account.reason, account.place, ()
    )
    last = post_acceptance_rules.announcement_due(act.at, calendar)
    case.announced_at, case.announced_until = act.at, last.on
    case.tell("RESULT_ANNOUNCED", act.at, act.unit)
    case.happened(
        ResultAnnounced(
            case_number=case.number, window_unit=act.unit, announce_time=act.at, until=last
        )
    )
    return last


def settle_announcement(case: Case, act: Act) -> Document | None:
    """Record that the period of an announcement served the result, if it has run by now.

    Source: 民事诉讼法 第九十五条 by analogy; readings 9.
    """
    if case.announced_until is None or case.served_at is not None:
        return None
    end = Due(case.announced_until).at
    if act.at < end:
        return None
    case.recipient = None
    serve(case, ServiceMeans.ANNOUNCED, end)
    return case.draft(DocumentKind.PROOF_OF_SERVICE, act)


def _require_window(case: Case, act: Act) -> None:
    result_rules.require_hand_out_by_window(case.number, act)
    result_rules.require_accepting_window(case.number, case.window_unit, act, name=case.window_name)
    result_rules.require_not_handed_out(case.number, case.served_at)


def _require_here(case: Case, act: Act) -> None:
    _require_window(case, act)
    result_rules.require_result_here(case.number, ready=case.state is CaseState.READY)
