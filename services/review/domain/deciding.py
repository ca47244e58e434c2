"""The decision of one authority (审批): it stops both clocks of its task."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from servicekit.errors import FieldViolation
from servicekit.naming import named
from services.review.domain import dates, rules
from services.review.domain.errors import (
    BundleNotReceivedError,
    ContentMissingError,
    DecidedByReviewerError,
    OpinionMissingError,
    PrerequisiteNotGrantedError,
    ReasonsMissingError,
    RemediesMissingError,
    TooFewPersonsError,
    ValidUntilPastError,
)
from services.review.domain.events import DecisionMade
from services.review.domain.facts import Actor, Decision, DecisionOutcome, ReviewState
from services.review.domain.review_case import LONGEST_CLAUSE, ReviewCase
from workdays import WorkCalendar

__all__ = ["Terms", "decide"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What is decided, and why; the words of the decision document."""

    outcome: DecisionOutcome
    facts: str
    reasons: str
    legal_bases: tuple[str, ...]
    content: str = ""
    valid_until_date: date | None = None
    conditions: tuple[str, ...] = ()
    # By the record of the authority on the day of the decision (readings 11).
    remedies_known: bool = True


def decide(
    review: ReviewCase,
    actor: Actor,
    at: datetime,
    terms: Terms,
    *,
    calendar: WorkCalendar,
    others: Collection[ReviewCase] = (),
) -> DecisionMade:
    """Decide the task, stop both its clocks and return what was decided.

    `others` are the tasks of the other authorities on the same case; a denial
    of one of them holds nothing here, unless it is a prerequisite.

    Source: 行政许可法 第三十七条, 第三十八条; R4.6; readings 2, 13, 19, 21.
    """
    review.require_department(actor)
    review.require_well_formed("legal_bases", terms.legal_bases, LONGEST_CLAUSE)
    review.require_well_formed("conditions", terms.conditions, LONGEST_CLAUSE)
    review.require_open(at)
    review.require_not_front(actor.person)
    _require_review_by_another(review, actor)
    if review.awaits_bundle:
        raise BundleNotReceivedError("The paper is not received", case=review.case_number)
    if terms.outcome is DecisionOutcome.DENIED:
        _require_denial(review, terms)
    else:
        _require_grant(review, terms, at, others)
    granted = terms.outcome is DecisionOutcome.GRANTED
    review.decision = Decision(
        decider=actor.person,
        decide_time=at,
        outcome=terms.outcome,
        facts=terms.facts,
        reasons=terms.reasons,
        legal_bases=terms.legal_bases,
        content=terms.content if granted else "",
        valid_until_date=terms.valid_until_date if granted else None,
        conditions=terms.conditions if granted else (),
    )
    review.state = ReviewState.DECIDED
    undecided = sum(1 for other in others if other.decision is None)
    made = _decision_made(review, review.decision, calendar, undecided)
    review.happened(made)
    return made


def _require_denial(review: ReviewCase, terms: Terms) -> None:
    if rules.lacks_reasons(terms.outcome, terms.reasons):
        raise ReasonsMissingError("A denial needs its reasons", case=review.case_number)
    if rules.lacks_remedies(terms.outcome, known=terms.remedies_known):
        raise RemediesMissingError(
            "Who reviews this authority's decisions is not recorded",
            case=review.case_number,
            authority=review.authority,
        )
    review.remedies_known = True  # whatever was on record when it was accepted


def _require_grant(
    review: ReviewCase, terms: Terms, at: datetime, others: Collection[ReviewCase]
) -> None:
    if rules.lacks_content(terms.outcome, terms.content):
        raise ContentMissingError("A grant says what it grants", case=review.case_number)
    if rules.is_past(terms.valid_until_date, at):
        raise ValidUntilPastError(
            "The grant would have ended",
            fields=[FieldViolation("valid_until_date", "must be after today")],
            case=review.case_number,
        )
    granted = [
        other.authority
        for other in others
        if other.decided is not None and other.decided.outcome is DecisionOutcome.GRANTED
    ]
    if missing := rules.prerequisites_missing(review.prerequisites, granted):
        names = {other.authority: other.task_name for other in others}
        raise PrerequisiteNotGrantedError(
            "Another authority must grant first",
            case=review.case_number,
            prerequisites="、".join(missing),
            named="、".join(named(names.get(each), each) for each in missing),
        )


def _require_review_by_another(review: ReviewCase, actor: Actor) -> None:
    opinion = review.opinion
    if opinion is None:
        raise OpinionMissingError("The opinion comes first", case=review.case_number)
    if rules.decided_by_reviewer(actor.person, opinion.reviewer, review.persons_required):
        raise DecidedByReviewerError(
            "Who reviewed the case does not decide it", case=review.case_number
        )
    took_part = {actor.person, opinion.reviewer}
    took_part.update(*(check.checkers for check in review.site_checks))
    if rules.too_few_persons(took_part, review.persons_required):
        raise TooFewPersonsError(
            "More persons must take part",
            case=review.case_number,
            required=str(review.persons_required),
            took_part=str(len(took_part)),
        )


def _decision_made(
    review: ReviewCase, decision: Decision, calendar: WorkCalendar, undecided: int
) -> DecisionMade:
    days = dates.segments(review, decision.decide_time, calendar)
    return DecisionMade(
        case_number=review.case_number,
        authority=review.authority,
        decider=decision.decider,
        outcome=decision.outcome.name,
        decide_time=decision.decide_time,
        promise_due=review.promise.due,
        statutory_due=None if review.statutory is None else review.statutory.due,
        promise_kept=rules.is_kept(review.promise, decision.decide_time),
        statutory_kept=rules.is_kept(review.statutory, decision.decide_time),
        undecided=undecided,
        days_at_window=days.days_at_window,
        days_at_department=days.days_at_department,
    )
