"""One clause, one function. Values in, value out: no clock, no database, no log."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from typing import Final

from services.review.domain.clocks import Clock, Light, civil_day
from services.review.domain.facts import BundleState, DecisionOutcome, Post
from workdays import Due, Start, WorkCalendar

__all__ = [
    "acted_at_front",
    "awaits_bundle",
    "belongs_to_the_department",
    "checked_by_enough",
    "civil_day",
    "days_between",
    "decided_by_reviewer",
    "decision_stands",
    "is_deciding_authority",
    "is_department_post",
    "is_kept",
    "is_past",
    "is_told",
    "lacks_content",
    "lacks_reasons",
    "lacks_remedies",
    "lacks_site_check",
    "light",
    "may_be_recorded_by",
    "prerequisites_missing",
    "promise_due",
    "shown_light",
    "started_at",
    "too_few_persons",
]

DEPARTMENT: Final = "DEPARTMENT"  # post_kind of a post in a department
CHECKERS_NEEDED: Final = 2  # persons; 行政许可法 第三十四条第三款
SEPARATE_FROM: Final = 2  # persons_required from which review and decision are separate
YELLOW_DAYS: Final = 1  # working days; domain.md 1.9
YELLOW_FRACTION: Final = 5  # a fifth of the limit; domain.md 1.9


def is_department_post(post_kind: str) -> bool:
    """Tell whether a post may review and decide: only one in a department may.

    Judged by the post in force, never by the employer or the name of a role:
    a clerk whom a department sent into a window sits in a window.

    Source: R4.6; readings 1.
    """
    return post_kind == DEPARTMENT


def is_deciding_authority(actor_authority: str, authority: str) -> bool:
    """Tell whether somebody acts for the authority that has the power.

    Source: 行政许可法 第二十二条.
    """
    return actor_authority == authority


def acted_at_front(persons: Collection[str], front_persons: Collection[str]) -> bool:
    """Tell whether one of `persons` received, noticed or accepted the case (受审分离).

    It holds for the life of the case, whatever post the person moved to since.

    Source: R4.1; readings 1.
    """
    return not frozenset(persons).isdisjoint(front_persons)


def checked_by_enough(checkers: Collection[str]) -> bool:
    """Tell whether two different persons checked the substance.

    Source: 行政许可法 第三十四条第三款.
    """
    return len(frozenset(checkers)) >= CHECKERS_NEEDED


def belongs_to_the_department(post: Post | None, authority: str) -> bool:
    """Tell whether whoever holds `post` may check for the authority: only its own staff may.

    The Law asks for two of its staff; whoever goes along for the window, for
    another authority or for nobody does not check.

    Source: 行政许可法 第三十四条第三款; R4.6.
    """
    return (
        post is not None
        and is_department_post(post.post_kind)
        and is_deciding_authority(post.authority, authority)
    )


def may_be_recorded_by(person: str, checkers: Collection[str]) -> bool:
    """Tell whether `person` was there and may therefore record the check.

    The Law asks for persons who check, and for their record; a record by
    somebody who was not there would be hearsay.

    Source: 行政许可法 第三十四条第三款.
    """
    return person in checkers


def lacks_site_check(required: bool, checks: int) -> bool:
    """Tell whether the check that the item asks for is still to be made.

    Source: 行政许可法 第三十四条第三款.
    """
    return required and checks == 0


def decided_by_reviewer(decider: str, reviewer: str, persons_required: int) -> bool:
    """Tell whether one person would both review and decide where the item asks for two.

    Source: readings 2.
    """
    return persons_required >= SEPARATE_FROM and decider == reviewer


def too_few_persons(took_part: Collection[str], persons_required: int) -> bool:
    """Tell whether fewer different persons took part than the item asks for.

    Those who checked on the site reviewed as well.

    Source: readings 2.
    """
    return len(frozenset(took_part)) < persons_required


def awaits_bundle(bundle: BundleState, *, waived: bool) -> bool:
    """Tell whether the case has paper that the department has neither signed for nor waived.

    Review starts on the electronic file at once; only the decision waits. No
    clock stops.

    Source: readings 13; R4.5.
    """
    there = {BundleState.NONE, BundleState.RECEIVED}
    return bundle not in there and not waived


def lacks_reasons(outcome: DecisionOutcome, reasons: str) -> bool:
    """Tell whether a denial would leave the applicant without its reasons.

    Source: 行政许可法 第三十八条第二款.
    """
    return outcome is DecisionOutcome.DENIED and not reasons.strip()


def lacks_remedies(outcome: DecisionOutcome, *, known: bool) -> bool:
    """Tell whether a denial could not say where the applicant may turn.

    Source: 行政许可法 第三十八条第二款; readings 11.
    """
    return outcome is DecisionOutcome.DENIED and not known


def lacks_content(outcome: DecisionOutcome, content: str) -> bool:
    """Tell whether a grant would not say what it grants.

    Source: 行政许可法 第三十七条, 第三十八条第一款.
    """
    return outcome is DecisionOutcome.GRANTED and not content.strip()


def is_past(last_day: date | None, at: datetime) -> bool:
    """Tell whether a grant until `last_day` would have ended before it is made."""
    return last_day is not None and last_day <= civil_day(at)


def prerequisites_missing(
    prerequisites: Collection[str], granted: Collection[str]
) -> tuple[str, ...]:
    """Return the authorities that must have granted first and have not.

    Without such an edge a denial holds nobody else.

    Source: readings 21.
    """
    return tuple(sorted(frozenset(prerequisites) - frozenset(granted)))


def decision_stands(decided_at: datetime, ended_at: datetime) -> bool:
    """Tell whether a decision has effect although the case was withdrawn or ended.

    The earlier legal instant wins, not what is heard of first; withdrawn at
    the instant of the decision or after it, the decision stands.

    Source: domain.md 1.8.
    """
    return decided_at <= ended_at


def days_between(after: datetime, until: datetime, calendar: WorkCalendar) -> int:
    """Return the working days after the day of one instant until the day of another.

    Source: 行政许可法 第八十二条; readings 17.
    """
    return max(0, calendar.count(civil_day(after), civil_day(until)))


def started_at(
    start: Start,
    *,
    deemed: bool,
    received_at: datetime,
    completed_at: datetime,
    accepted_at: datetime,
) -> datetime:
    """Return the instant from which a limit runs.

    After deemed acceptance every limit runs from the first receipt: whose
    silence accepted the case does not gain time by it.

    Source: readings 15, 17; 行政许可法 第三十二条第一款第四项, 第四十二条.
    """
    if deemed:
        return received_at
    return {
        Start.ACCEPTED: accepted_at,
        Start.RECEIVED_COMPLETE: completed_at,
        Start.RECEIVED: received_at,
    }[start]


def promise_due(promised: Due, statutory: Due | None) -> Due:
    """Return the last day of the promise: never later than the law allows.

    Source: readings 16.
    """
    return promised if statutory is None else min(promised, statutory)


def is_kept(clock: Clock | None, decided_at: datetime) -> bool:
    """Tell whether a decision at `decided_at` kept the limit (按时办结).

    Where no law sets a limit, none is broken. Service has its own ten days.

    Source: readings 19; 行政许可法 第四十二条, 第四十四条; 民法典 第二百零三条第二款.
    """
    return clock is None or decided_at < clock.ends_at


def light(clock: Clock, at: datetime, calendar: WorkCalendar) -> Light:
    """Return the light of a clock at an instant (绿/黄/红).

    Red from the end of the last day. Yellow while at most one working day or a
    fifth of the limit is left, whichever is more. No national rule gives a
    number; these are the ones commonly published.

    Source: domain.md 1.9; R1.5.
    """
    if at >= clock.ends_at:
        return Light.RED
    left = clock.days_left(civil_day(at), calendar)
    if left <= YELLOW_DAYS or left * YELLOW_FRACTION <= clock.length(calendar):
        return Light.YELLOW
    return Light.GREEN


def is_told(light: Light) -> bool:
    """Tell whether a light is recorded for supervision when it is first shown.

    Source: domain.md 1.9; R1.5.
    """
    return light in {Light.YELLOW, Light.RED, Light.PAST_LAW}


def shown_light(
    clock: Clock, statutory: Clock | None, at: datetime, calendar: WorkCalendar
) -> Light:
    """Return the light of a clock as supervision sees it.

    Past the last day of the law nothing else matters. What was overdue stays
    so, although a procedure runs; else a clock that stands still says that.

    Source: domain.md 1.9; R1.5; readings 18.
    """
    if statutory is not None and at >= statutory.ends_at:
        return Light.PAST_LAW
    found = light(clock, at, calendar)
    if found is not Light.RED and clock.stands_still(civil_day(at)):
        return Light.SUSPENDED
    return found
