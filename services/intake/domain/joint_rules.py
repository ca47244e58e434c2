"""The rules of joint handling (联合办理): one clause, one function."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from services.intake.domain import rules
from services.intake.domain.item_terms import AuthorityPart, ItemTerms, JointForm, Limit
from services.intake.domain.values import DecisionOutcome
from workdays import Due, Start, Unit, WorkCalendar

__all__ = [
    "Instants",
    "latest",
    "outcome_of_all",
    "part_dates",
    "part_limit",
    "part_of",
    "parts_of",
]

JOINT_LIMIT: Final = Limit(45, Unit.WORKING_DAY, Start.ACCEPTED, "行政许可法 第四十二条第二款")


@dataclass(frozen=True, slots=True, kw_only=True)
class Instants:
    """The facts from which limits are counted."""

    received_at: datetime
    completed_at: datetime
    accepted_at: datetime


def parts_of(terms: ItemTerms) -> tuple[AuthorityPart, ...]:
    """Return the part of each authority that decides, the lead first: one of its own per authority.

    Source: 行政许可法 第二十六条第二款; readings 21.
    """
    if terms.joint_form is JointForm.JOINT_HANDLING and terms.parts:
        return terms.parts
    return (
        AuthorityPart(
            authority=terms.authority,
            name=terms.name,
            statutory_limit=terms.statutory_limit,
            promised_limit=terms.promised_limit,
            persons_required=terms.persons_required,
            site_check_required=terms.site_check_required,
            prerequisites=(),
            result_name=terms.result_name,
            authority_name=terms.authority_name,
            authority_prefix=terms.authority_prefix,
            review_body=terms.review_body,
            court=terms.court,
        ),
    )


def part_of(terms: ItemTerms, authority: str) -> AuthorityPart:
    """Return the part of `authority`: its name, its prefix, its remedies, its certificate.

    Source: readings 11, 21.
    """
    for each in parts_of(terms):
        if each.authority == authority:
            return each
    raise ValueError(f"{authority} decides nothing of {terms.item_version}")


def part_limit(part: AuthorityPart, instants: Instants, calendar: WorkCalendar) -> Limit:
    """Return the limit of the law that binds a part: its own, or 45 working days if that is less.

    Source: 行政许可法 第四十二条第二款; readings 21.
    """
    own = part.statutory_limit
    if own is None or _due(own, instants, calendar).on > _due(JOINT_LIMIT, instants, calendar).on:
        return JOINT_LIMIT
    return own


def part_dates(part: AuthorityPart, instants: Instants, calendar: WorkCalendar) -> tuple[Due, Due]:
    """Return the last day the law allows a part of joint handling, and the last day promised.

    Source: 行政许可法 第四十二条第二款; readings 16, 21.
    """
    statutory = _due(part_limit(part, instants, calendar), instants, calendar)
    promised = _due(part.promised_limit, instants, calendar)
    return statutory, rules.promise_within_law(promised, statutory)


def latest(dates: Iterable[tuple[Due | None, Due]]) -> tuple[Due | None, Due]:
    """Return the dates of a case: the latest of its parts.

    Source: readings 21.
    """
    pairs = tuple(dates)
    statutory = [law for law, _ in pairs if law is not None]
    return max(statutory, key=_order, default=None), max(
        (promised for _, promised in pairs), key=_order
    )


def outcome_of_all(outcomes: Iterable[DecisionOutcome]) -> DecisionOutcome:
    """Return the outcome of a case: granted if all granted, denied if none, partly otherwise.

    Nothing while an authority has not decided; a denial holds no other back.

    Source: readings 21.
    """
    found = set(outcomes)
    if not found or DecisionOutcome.UNSPECIFIED in found:
        return DecisionOutcome.UNSPECIFIED
    return found.pop() if len(found) == 1 else DecisionOutcome.PARTLY


def _due(limit: Limit, instants: Instants, calendar: WorkCalendar) -> Due:
    return rules.limit_due(
        limit,
        received_at=instants.received_at,
        completed_at=instants.completed_at,
        accepted_at=instants.accepted_at,
        calendar=calendar,
    )


def _order(due: Due) -> tuple[object, bool]:
    return due.on, due.provisional
