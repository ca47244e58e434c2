"""What the tests of review start from: 食品经营许可, accepted on a Monday."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from services.review.domain import deciding, opening, reviewing
from services.review.domain.clocks import SourcedLimit
from services.review.domain.facts import Acceptance, Actor, DecisionOutcome, Post, SiteCheck
from services.review.domain.review_case import ReviewCase
from workdays import Due, Start, Unit, WorkCalendar, due

CALENDAR = WorkCalendar.official()
ACCEPTED_AT = datetime(2026, 9, 7, 1, 0, tzinfo=UTC)  # Monday, 09:00 in China
AUTHORITY = "370306000000-D01"
UNIT_PATH = "/370000000000/370300000000/370306000000/370306000000-C1/370306000000-C1-W01/"
CASE = "ZC2026-0001"

FRONT_CLERK = "p-front"
REVIEWER = Actor("p-reviewer", "DEPARTMENT", AUTHORITY)
COLLEAGUE = "p-colleague"
DECIDER = Actor("p-decider", "DEPARTMENT", AUTHORITY)
WINDOW = Actor("p-window", "WINDOW", AUTHORITY)
MOVED_CLERK = Actor(FRONT_CLERK, "DEPARTMENT", AUTHORITY)
ELSEWHERE = Actor("p-elsewhere", "DEPARTMENT", "370306000000-D02")

PROMISE = SourcedLimit(5, Unit.WORKING_DAY, Start.ACCEPTED)
STATUTORY = SourcedLimit(20, Unit.WORKING_DAY, Start.ACCEPTED, "行政许可法第四十二条第一款")


def at(month: int, day: int, hour: int = 10, minute: int = 0) -> datetime:
    """An instant of 2026 by the clock on the wall in China."""
    return datetime.fromisoformat(f"2026-{month:02}-{day:02}T{hour:02}:{minute:02}:00+08:00")


def acceptance(**changes: object) -> Acceptance:
    """The facts of an accepted case; the two dues follow from the limits unless given."""
    facts = Acceptance(
        case_number=CASE,
        item_code="370306-01-001",
        item_version="370306-01-001@1",
        authority=AUTHORITY,
        unit_path=UNIT_PATH,
        receive_time=ACCEPTED_AT,
        complete_time=ACCEPTED_AT,
        accept_time=ACCEPTED_AT,
        deemed=False,
        front_persons=(FRONT_CLERK,),
        statutory_limit=STATUTORY,
        promised_limit=PROMISE,
        statutory_due=None,
        promise_due=due(ACCEPTED_AT.date(), PROMISE.limit, CALENDAR),
        persons_required=2,
        site_check_required=False,
        has_paper=False,
    )
    if "statutory_due" not in changes and changes.get("statutory_limit", STATUTORY) is not None:
        changes["statutory_due"] = due(ACCEPTED_AT.date(), STATUTORY.limit, CALENDAR)
    return replace(facts, **changes)


def case(**changes: object) -> ReviewCase:
    opened = opened_case(**changes)
    opened.events.clear()
    return opened


def opened_case(**changes: object) -> ReviewCase:
    """The lead's task, just opened."""
    return opening.open_tasks(acceptance(**changes), ACCEPTED_AT)[0]


def site_check(*checkers: str, **changes: object) -> SiteCheck:
    check = SiteCheck(
        check_time=at(9, 8),
        place="周村区新建东路1号",
        checkers=checkers or (REVIEWER.person, COLLEAGUE),
        findings="布局与图纸一致",
        complies=True,
    )
    return replace(check, **changes)


def record_check(review: ReviewCase, check: SiteCheck, actor: Actor, instant: datetime) -> None:
    """Record a check of which everybody holds a department post of the authority."""
    held = dict.fromkeys(check.checkers, Post("DEPARTMENT", AUTHORITY))
    reviewing.record_site_check(review, check, actor, instant, posts=held)


def give_opinion(review: ReviewCase, actor: Actor = REVIEWER, *, grant: bool = True) -> None:
    reviewing.submit_opinion(review, actor, at(9, 9), proposes_grant=grant, text="符合条件")


def decide(review: ReviewCase, actor: Actor = DECIDER, **changes: object):
    facts = {
        "outcome": DecisionOutcome.GRANTED,
        "facts": "经审查，申请材料齐全，现场符合要求",
        "reasons": "符合法定条件",
        "legal_bases": ("行政许可法第三十八条第一款",),
        "content": "准予食品经营许可",
        "remedies_known": review.remedies_known,
    }
    instant = changes.pop("instant", at(9, 10))
    calendar, others = changes.pop("calendar", CALENDAR), changes.pop("others", ())
    terms = deciding.Terms(**(facts | changes))
    return deciding.decide(review, actor, instant, terms, calendar=calendar, others=others)


def settled(month: int, day: int) -> Due:
    return Due(datetime(2026, month, day, tzinfo=UTC).date())
