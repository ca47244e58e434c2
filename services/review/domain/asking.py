"""Questions while a case is reviewed: to the applicant, and to other authorities.

No clock stands still for either, and no decision waits for an answer.
"""

from __future__ import annotations

from datetime import date, datetime

from servicekit.errors import FieldViolation
from services.review.domain import act_rules, rules
from services.review.domain.act_errors import (
    AlreadyAnsweredError,
    AlreadyAskedError,
    AnswerByDatePastError,
    NotAskedError,
    NotToBeConsultedError,
)
from services.review.domain.acts import Consultation, ConsultationAnswer, Explanation
from services.review.domain.events import (
    ConsultationAnswered,
    ConsultationRequested,
    ExplanationRequested,
)
from services.review.domain.facts import Actor
from services.review.domain.review_case import LONGEST_IDENTITY, ReviewCase

__all__ = ["answer_consultation", "ask_authorities", "explanation_given", "request_explanation"]


def request_explanation(
    review: ReviewCase, actor: Actor, at: datetime, *, question: str
) -> Explanation:
    """Ask the applicant for an explanation (补充说明).

    Source: readings 17.
    """
    review.require_department(actor)
    review.require_open(at)
    review.require_not_front(actor.person)
    asked = Explanation(
        explanation=f"{review.task}-X{len(review.explanations) + 1}",
        question=question,
        requested_by=actor.person,
        request_time=at,
    )
    review.explanations.append(asked)
    review.happened(
        ExplanationRequested(
            case_number=review.case_number,
            authority=review.authority,
            explanation=asked.explanation,
            question=question,
            requested_by=actor.person,
        )
    )
    return asked


def explanation_given(review: ReviewCase, explanation: str, at: datetime) -> bool:
    """Note that the applicant answered; False if the task did not ask this."""
    for asked in review.explanations:
        if asked.explanation == explanation:
            asked.answer_time = act_rules.earliest(asked.answer_time, at)
            return True
    return False


def ask_authorities(
    review: ReviewCase,
    actor: Actor,
    at: datetime,
    *,
    consulted: tuple[str, ...],
    question: str,
    answer_by_date: date,
) -> None:
    """Ask other authorities for their opinion (征求意见), each once.

    Source: readings 21.
    """
    review.require_department(actor)
    review.require_well_formed("consulted", consulted, LONGEST_IDENTITY)
    review.require_open(at)
    review.require_not_front(actor.person)
    if answer_by_date < rules.civil_day(at):
        raise AnswerByDatePastError(
            "The day has passed",
            fields=[FieldViolation("answer_by_date", "must not be before today")],
            case=review.case_number,
        )
    asked_before = {each.consulted for each in review.consultations}
    for authority in dict.fromkeys(consulted):
        if not act_rules.may_be_consulted(authority, review.consulted):
            raise NotToBeConsultedError(
                "The item does not name it", case=review.case_number, authority=authority
            )
        if authority in asked_before:
            raise AlreadyAskedError(
                "It was asked before", case=review.case_number, authority=authority
            )
        asked = Consultation(
            consulted=authority,
            question=question,
            answer_by_date=answer_by_date,
            asked_by=actor.person,
            ask_time=at,
        )
        _ask(review, asked)


def _ask(review: ReviewCase, asked: Consultation) -> None:
    review.consultations.append(asked)
    review.happened(
        ConsultationRequested(
            case_number=review.case_number,
            authority=review.authority,
            consulted=asked.consulted,
            answer_by_date=asked.answer_by_date,
        )
    )


def answer_consultation(
    review: ReviewCase, actor: Actor, at: datetime, *, agrees: bool, text: str
) -> None:
    """Answer for the caller's authority, which was asked.

    Source: readings 21.
    """
    review.require_department_post(actor)
    asked = _asked(review, actor.authority)
    review.require_open(at)
    review.require_not_front(actor.person)
    if asked.answer is not None:
        raise AlreadyAnsweredError("It is answered", case=review.case_number)
    asked.answer = ConsultationAnswer(
        agrees=agrees, text=text, answered_by=actor.person, answer_time=at
    )
    review.happened(
        ConsultationAnswered(
            case_number=review.case_number, consulted=asked.consulted, agrees=agrees
        )
    )


def _asked(review: ReviewCase, authority: str) -> Consultation:
    for each in review.consultations:
        if each.consulted == authority:
            return each
    raise NotAskedError("This authority was not asked", case=review.case_number)
