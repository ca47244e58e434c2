"""An accepted case is opened: one task for each authority that decides about it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from services.review.domain import rules
from services.review.domain.clocks import Clock, SourcedLimit
from services.review.domain.events import ReviewOpened
from services.review.domain.facts import Acceptance, AuthorityTask, BundleState
from services.review.domain.review_case import ReviewCase
from workdays import Due

__all__ = ["open_tasks", "task_of"]


def open_tasks(acceptance: Acceptance, at: datetime) -> tuple[ReviewCase, ...]:
    """Return the tasks of a case, the lead's first; one where one authority decides.

    Source: 行政许可法 第二十六条第二款; readings 21.
    """
    if not acceptance.tasks:
        return (_opened(acceptance, at, acceptance.case_number, ""),)
    lead = acceptance.tasks[0].authority
    return tuple(
        _opened(
            _of_one(acceptance, part),
            at,
            task_of(acceptance.case_number, part.authority, lead),
            part.name,
            part.prerequisites,
        )
        for part in acceptance.tasks
    )


def task_of(case_number: str, authority: str, lead: str) -> str:
    """Return the identity of an authority's task."""
    return case_number if authority == lead else f"{case_number}/{authority}"


def _of_one(acceptance: Acceptance, part: AuthorityTask) -> Acceptance:
    """Return the acceptance as if the authority of `part` were the only one.

    Each has its own limits, persons and remedies (readings 21).
    """
    return replace(
        acceptance,
        authority=part.authority,
        statutory_limit=part.statutory_limit,
        promised_limit=part.promised_limit,
        statutory_due=part.statutory_due,
        promise_due=part.promise_due,
        persons_required=part.persons_required,
        site_check_required=part.site_check_required,
        has_paper=part.has_paper,
        remedies_known=part.remedies_known,
    )


def _opened(
    acceptance: Acceptance,
    at: datetime,
    task: str,
    name: str,
    prerequisites: tuple[str, ...] = (),
) -> ReviewCase:
    review = ReviewCase(
        task=task,
        case_number=acceptance.case_number,
        task_name=name,
        item_code=acceptance.item_code,
        item_version=acceptance.item_version,
        authority=acceptance.authority,
        unit_path=acceptance.unit_path,
        received_at=acceptance.receive_time,
        accepted_at=acceptance.accept_time,
        opened_at=at,
        deemed=acceptance.deemed,
        front_persons=tuple(sorted(frozenset(acceptance.front_persons))),
        persons_required=acceptance.persons_required,
        site_check_required=acceptance.site_check_required,
        remedies_known=acceptance.remedies_known or not acceptance.handling,
        prerequisites=prerequisites,
        consulted=acceptance.consulted,
        designation=acceptance.designation,
        extension_terms=acceptance.extension,
        procedure_terms=acceptance.special_procedures,
        bundle=BundleState.AT_WINDOW if acceptance.has_paper else BundleState.NONE,
        promise=_clock(acceptance, acceptance.promised_limit, acceptance.promise_due),
        statutory=_statutory_clock(acceptance),
    )
    review.happened(
        ReviewOpened(
            case_number=review.case_number,
            authority=review.authority,
            promise_due=review.promise.due,
        )
    )
    return review


def _statutory_clock(acceptance: Acceptance) -> Clock | None:
    if acceptance.statutory_limit is None or acceptance.statutory_due is None:
        return None
    return _clock(acceptance, acceptance.statutory_limit, acceptance.statutory_due)


def _clock(acceptance: Acceptance, limit: SourcedLimit, last: Due) -> Clock:
    started_at = rules.started_at(
        limit.start,
        deemed=acceptance.deemed,
        received_at=acceptance.receive_time,
        completed_at=acceptance.complete_time,
        accepted_at=acceptance.accept_time,
    )
    return Clock(limit=limit, started_at=started_at, due=last)
