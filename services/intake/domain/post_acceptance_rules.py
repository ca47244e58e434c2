"""The rules after acceptance (service, notices, the register): one clause, one function."""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import datetime
from typing import Final

from services.intake.domain import post_acceptance_errors
from services.intake.domain.document import PROCESS_NOTICES, Document, DocumentState
from services.intake.domain.records import Failure, OpenReason, OtherService, Signer
from services.intake.domain.values import (
    Act,
    CaseState,
    NoticeMeans,
    PostKind,
    ResultDelivery,
    civil_day,
)
from workdays import Due, Limit, Start, Unit, WorkCalendar, due

SERVICE_LIMIT: Final = 10  # working days
ANNOUNCEMENT: Final = Limit(30, Unit.CALENDAR_DAY, Start.RECEIVED)
WITNESSES: Final = 2
_EMS_NUMBER: Final = re.compile(r"[0-9]{13}|[A-Z]{2}[0-9]{9}[A-Z]{2}")


def service_due(decided_at: datetime, calendar: WorkCalendar) -> Due:
    """Return the last day on which decision and certificate are to be served.

    Source: 行政许可法 第四十四条 (ten days from the decision), 第八十二条 (working days).
    """
    return calendar.add(civil_day(decided_at), SERVICE_LIMIT)


def announcement_due(announced_at: datetime, calendar: WorkCalendar) -> Due:
    """Return the last day of an announcement: served when its thirty days have run.

    Source: 民事诉讼法 第九十五条 by analogy; readings 9.
    """
    return due(civil_day(announced_at), ANNOUNCEMENT, calendar)


def what_a_signature_proves(signer: Signer, mandate: str) -> OpenReason | None:
    """Return why a signature for a parcel leaves service open; None where it proves it.

    Only the addressee serves themselves, or whom a mandate on file names;
    a locker signs for nobody.

    Source: 行政许可法 第四十四条; readings 9.
    """
    if signer is Signer.ADDRESSEE or (signer is Signer.OTHER and mandate):
        return None
    return OpenReason.LOCKER if signer is Signer.LOCKER else OpenReason.SIGNED_BY_OTHER


def why_it_failed(failure: Failure) -> OpenReason | None:
    """Return why service is open after a parcel failed; None where it never left.

    Source: readings 9; 快递暂行条例 第二十七条.
    """
    return None if failure is Failure.CANCELLED else OpenReason[failure.name]


def require_deciding_authority(case: str, authorities: Collection[str], act: Act) -> str:
    """Refuse an authority that decides nothing of the case; return the one that acts.

    Source: R4.6; readings 21.
    """
    if act.authority not in authorities:
        raise post_acceptance_errors.NotThisAuthorityError(
            "Another authority decides this", case=case
        )
    return act.authority


def require_courier_chosen(case: str, delivery: ResultDelivery) -> None:
    """Refuse to send a result that the applicant wants to collect.

    Source: R2.7, R2.9; 优化营商环境条例 第三十七条.
    """
    if delivery is not ResultDelivery.EMS:
        raise post_acceptance_errors.CourierNotChosenError("The applicant collects it", case=case)


def require_open_signature(case: str, state: CaseState, service_open: OpenReason | None) -> None:
    """Refuse a confirmation where no unproven signature waits for one.

    Source: readings 9.
    """
    if state is not CaseState.IN_DELIVERY or service_open is None:
        raise post_acceptance_errors.ServiceNotOpenError(
            "No signature waits to be confirmed", case=case
        )


def require_failed_before(case: str, service_open: OpenReason | None) -> None:
    """Refuse an announcement before any other way of service failed.

    Source: 民事诉讼法 第九十五条 by analogy; readings 9.
    """
    if service_open is None:
        raise post_acceptance_errors.ServiceNotOpenError("Nothing failed before", case=case)


def require_account_of_service(
    case: str, means: OtherService, reason: str, place: str, witnesses: Collection[str]
) -> None:
    """Refuse service without what its proof must say: why, where and, left behind, who saw it.

    Source: 民事诉讼法 第八十九条, 第九十五条 by analogy; readings 9.
    """
    if not reason.strip():
        raise post_acceptance_errors.RefusalReasonMissingError("Why it is served so", case=case)
    if not place.strip():
        raise post_acceptance_errors.ServicePlaceMissingError("Where it is served", case=case)
    different = {each.strip() for each in witnesses if each.strip()}
    if means is OtherService.LEFT_WITH_WITNESS and len(different) < WITNESSES:
        raise post_acceptance_errors.WitnessesMissingError("Two witnesses see it", case=case)


def require_not_announced(case: str, announced_at: datetime | None) -> None:
    """Refuse a second announcement while the period of the first runs.

    Source: 民事诉讼法 第九十五条 by analogy.
    """
    if announced_at is not None:
        raise post_acceptance_errors.AlreadyAnnouncedError("It is announced", case=case)


def require_process_notice(document: Document) -> None:
    """Refuse to give as a notice of the procedure what is none.

    Source: readings 6.
    """
    if document.kind not in PROCESS_NOTICES or document.is_voided:
        raise post_acceptance_errors.NotAProcessNoticeError(
            "No notice of the procedure", case=document.case_number
        )


def require_notice_issued(document: Document) -> None:
    """Refuse to give a notice before it is issued: nothing is excluded by a draft.

    Source: 行政许可法 第四十二条, 第四十五条; readings 10, 18.
    """
    if not document.is_issued:
        raise post_acceptance_errors.NoticeNotIssuedError(
            "It is not issued", case=document.case_number
        )


def require_not_given(case: str, given_at: datetime | None) -> None:
    """Refuse to give a notice twice: the earliest recorded instant counts.

    Source: readings 9.
    """
    if given_at is not None:
        raise post_acceptance_errors.ProcessNoticeGivenBeforeError("It was given", case=case)


def require_ems_number(case: str, means: NoticeMeans, number: str) -> None:
    """Refuse a notice by EMS without the number of its waybill: thirteen digits, or UPU S10.

    Source: readings 9.
    """
    if means is NoticeMeans.EMS and _EMS_NUMBER.fullmatch(number) is None:
        raise post_acceptance_errors.EmsNumberMissingError("A waybill has a number", case=case)


def require_own_document(document: Document, act: Act) -> None:
    """Refuse a department to deal with the documents of another authority.

    Source: R4.6; readings 21.
    """
    if act.post_kind == PostKind.DEPARTMENT and act.authority != document.authority:
        raise post_acceptance_errors.NotThisAuthorityError(
            "The document of another authority", case=document.case_number
        )


def require_unexplained(case: str, answered_at: datetime | None) -> None:
    """Refuse a second answer to one request.

    Source: readings 17.
    """
    if answered_at is not None:
        raise post_acceptance_errors.AlreadyExplainedError("It was explained", case=case)


def require_not_decided(case: str, decided_at: datetime | None) -> None:
    """Refuse an explanation after the decision, which never waited for it.

    Source: readings 17; 行政许可法 第三十八条.
    """
    if decided_at is not None:
        raise post_acceptance_errors.DecidedAlreadyError("The case is decided", case=case)


def require_voidable(document: Document, *, lost: bool) -> None:
    """Refuse to void what bears no number, what is void, what holds, and what was served.

    Source: readings 12; 行政许可法 第六十九条.
    """
    case, identity = document.case_number, document.document
    if document.is_voided:
        raise post_acceptance_errors.VoidedBeforeError("It is void", case=case, document=identity)
    if document.series_ordinal is None:
        raise post_acceptance_errors.NotNumberedError(
            "It bears no number", case=case, document=identity
        )
    if document.state is DocumentState.SERVED:
        raise post_acceptance_errors.ServedDocumentVoidedError(
            "It was served", case=case, document=identity
        )
    if document.is_issued and not lost:
        raise post_acceptance_errors.IssuedNotLostError("It holds", case=case, document=identity)
