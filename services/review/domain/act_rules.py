"""The clauses about what is done besides the review: procedures, extension, questions, waiver.

Values in, value out, as in `rules`.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime, timedelta
from typing import Final

from services.review.domain import rules
from services.review.domain.acts import (
    ExtensionApprover,
    ProcedureTerms,
    SpecialProcedure,
    SpecialProcedureKind,
)
from services.review.domain.clocks import civil_day
from services.review.domain.facts import Actor
from workdays import ExcludedPeriod, WorkCalendar, excluded_time

__all__ = [
    "earliest",
    "excluded_period",
    "extends_too_far",
    "is_department_head",
    "is_head",
    "lacks_designation",
    "may_be_consulted",
    "procedure_allowed",
    "starts_in_time",
    "takes_too_long",
]

DEPARTMENT_HEAD: Final = "DEPARTMENT_HEAD"  # 本行政机关负责人
GOVERNMENT_HEAD: Final = "GOVERNMENT_HEAD"  # 本级人民政府负责人
A_YEAR: Final = timedelta(days=366)


def procedure_allowed(
    kind: SpecialProcedureKind, allowed: Collection[ProcedureTerms]
) -> ProcedureTerms | None:
    """Return on which terms the version of the item allows the procedure; None if not at all.

    Source: 行政许可法 第四十五条.
    """
    return next((terms for terms in allowed if terms.kind is kind), None)


def starts_in_time(start: date, accepted_at: datetime, now: datetime) -> bool:
    """Tell whether a procedure begins after the acceptance, and within a year from now."""
    return civil_day(accepted_at) <= start <= civil_day(now) + A_YEAR


def takes_too_long(days: int, most: int) -> bool:
    """Tell whether a procedure is planned for longer than the version of the item allows.

    Source: 行政许可法 第四十五条.
    """
    return days > most


def excluded_period(procedure: SpecialProcedure, calendar: WorkCalendar) -> ExcludedPeriod | None:
    """Return the days that a procedure takes out of the clock; None before its notice.

    Those after its start and its notice, until its end, and no more than were
    told. While it runs, the days told are assumed to be needed.

    Source: 行政许可法 第四十五条; readings 18.
    """
    if procedure.notice_time is None:
        return None
    return excluded_time(
        procedure.start_date,
        civil_day(procedure.notice_time),
        procedure.days,
        calendar,
        procedure.end_date,
    )


def earliest(known: datetime | None, other: datetime) -> datetime:
    """Return the earlier of two recorded instants: what was told first, counts.

    Source: readings 9.
    """
    return other if known is None else min(known, other)


def is_department_head(actor: Actor, authority: str) -> bool:
    """Tell whether somebody is the head of the deciding authority, in a post of it.

    Source: 行政许可法 第四十二条第一款; readings 13.
    """
    return (
        rules.is_department_post(actor.post_kind)
        and rules.is_deciding_authority(actor.authority, authority)
        and DEPARTMENT_HEAD in actor.roles
    )


def is_head(actor: Actor, approver: ExtensionApprover, authority: str) -> bool:
    """Tell whether somebody is the head who approves an extension.

    Source: 行政许可法 第四十二条第一款, 第四十二条第二款.
    """
    if approver is ExtensionApprover.GOVERNMENT_HEAD:
        return GOVERNMENT_HEAD in actor.roles
    return is_department_head(actor, authority)


def lacks_designation(approver: ExtensionApprover, designation: str) -> bool:
    """Tell whether the head of the government would extend what it never designated.

    Source: 行政许可法 第二十六条第二款, 第四十二条第二款; readings 21.
    """
    return approver is ExtensionApprover.GOVERNMENT_HEAD and not designation


def extends_too_far(amount: int, most: int) -> bool:
    """Tell whether an extension is longer than the law allows.

    Source: 行政许可法 第四十二条.
    """
    return amount > most


def may_be_consulted(authority: str, consulted: Collection[str]) -> bool:
    """Tell whether the version of the item lets this authority be asked.

    Source: readings 21.
    """
    return authority in consulted
