"""The last days of a task follow from its facts: limits, calendar, procedures, extension."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from services.review.domain import act_rules, rules
from services.review.domain.acts import SpecialProcedure
from services.review.domain.events import DatesRecomputed, LightChanged
from services.review.domain.review_case import ReviewCase
from workdays import ExcludedPeriod, WorkCalendar

__all__ = ["Cause", "Segments", "light_to_tell", "recompute", "redate", "segments"]


class Cause(StrEnum):
    """Why the dates of a task moved."""

    CALENDAR = "CALENDAR"
    SPECIAL_PROCEDURE = "SPECIAL_PROCEDURE"
    EXTENSION = "EXTENSION"


@dataclass(frozen=True, slots=True)
class Segments:
    """Which working days were whose."""

    days_at_window: int
    days_at_department: int


def recompute(review: ReviewCase, calendar: WorkCalendar) -> None:
    """Compute the last days again, because `calendar` may know more than before.

    A decision stopped the clocks: what it was measured by stays.

    Source: readings 16, 19; 行政许可法 第八十二条.
    """
    if review.is_open:
        redate(review, calendar, Cause.CALENDAR)


def redate(review: ReviewCase, calendar: WorkCalendar, cause: Cause) -> None:
    """Let both last days follow from the facts, and tell it where one moved.

    Source: 行政许可法 第四十五条; readings 16, 18.
    """
    before = (review.promise, review.statutory)
    told = [each for each in review.procedures if _told_in_time(review, each)]
    statutory = review.statutory
    if statutory is not None:
        statutory = statutory.redated(_excluded(told, calendar), calendar)
    stopping = [each for each in told if each.stops_promise]
    promise = review.promise.redated(_excluded(stopping, calendar), calendar)
    last = rules.promise_due(promise.due, None if statutory is None else statutory.due)
    review.promise, review.statutory = replace(promise, due=last), statutory
    if (review.promise, review.statutory) != before:
        tell(review, cause)


def tell(review: ReviewCase, cause: Cause) -> None:
    """Tell the others the last days as they stand now."""
    review.happened(
        DatesRecomputed(
            case_number=review.case_number,
            promise_due=review.promise.due,
            statutory_due=None if review.statutory is None else review.statutory.due,
            authority=review.authority,
            cause=cause.value,
        )
    )


def _told_in_time(review: ReviewCase, procedure: SpecialProcedure) -> bool:
    """Tell whether the applicant was told while the clocks ran."""
    told_at = procedure.notice_time
    return told_at is not None and told_at <= review.measured_at(told_at)


def _excluded(
    procedures: Iterable[SpecialProcedure], calendar: WorkCalendar
) -> tuple[ExcludedPeriod, ...]:
    periods = (act_rules.excluded_period(each, calendar) for each in procedures)
    return tuple(period for period in periods if period is not None)


def segments(review: ReviewCase, until: datetime, calendar: WorkCalendar) -> Segments:
    """Return which working days from receipt until `until` were whose.

    Source: readings 17.
    """
    reached_at = until if review.reached_at is None else min(review.reached_at, until)
    return Segments(
        days_at_window=rules.days_between(review.received_at, reached_at, calendar),
        days_at_department=rules.days_between(reached_at, until, calendar),
    )


def light_to_tell(review: ReviewCase, at: datetime, calendar: WorkCalendar) -> LightChanged | None:
    """Note the light of the promise and return what is to be told of it; each light once.

    Source: domain.md 1.9; R1.5.
    """
    light = rules.shown_light(review.promise, review.statutory, at, calendar)
    told = light.value in review.lights_told
    if not review.is_open or told or not rules.is_told(light):
        return None
    review.lights_told = (*review.lights_told, light.value)
    return LightChanged(
        case_number=review.case_number, authority=review.authority, light=light.value
    )
