"""The rating of a case (好差评): once, by its applicant, after service, voluntarily."""

from __future__ import annotations

from datetime import datetime
from enum import IntEnum
from typing import Self

from servicekit.events import Aggregate, Event, Ownership
from services.metrics.domain.errors import (
    AlreadyRatedError,
    NotCompletedError,
    NotTheApplicantError,
)
from services.metrics.domain.events import CaseRated
from services.metrics.domain.facts import CaseFacts

__all__ = ["Grade", "Rating"]


class Grade(IntEnum):
    """The five grades.

    Source: GB/T 39046 A.8.
    """

    VERY_SATISFIED = 1
    SATISFIED = 2
    FAIRLY_SATISFIED = 3
    DISSATISFIED = 4
    VERY_DISSATISFIED = 5

    @property
    def is_good(self) -> bool:
        """好评 is 基本满意 or better; 差评 is 不满意 or worse."""
        return self <= Grade.FAIRLY_SATISFIED


class Rating(Aggregate):
    """What the applicant thought of the service.

    `comment` is the applicant's own words, personal data, and kept sealed.
    """

    def __init__(
        self,
        *,
        case_number: str,
        grade: Grade,
        comment: str,
        rated_at: datetime,
        owned: Ownership,
    ) -> None:
        self.case_number = case_number
        self.grade = int(grade)
        self.comment = comment
        self.rated_at = rated_at
        self.applicant = owned.person
        self.window_unit = owned.unit
        self.unit_path = owned.unit_path
        self.authority = owned.authority
        self.revision = 1
        self.events: list[Event] = []

    @classmethod
    def give(
        cls,
        facts: CaseFacts,
        grade: Grade,
        comment: str,
        *,
        by: str,
        at: datetime,
        earlier: Rating | None,
    ) -> Self:
        """Return the rating that the applicant `by` gives to the case.

        There is no default and nobody rates in another's place: a rating that
        staff could give would say nothing.

        Source: 国办发〔2019〕51号; GB/T 39734-2020 (一事一评).
        """
        if not by or by != facts.applicant:
            raise NotTheApplicantError("Only the applicant rates", case=facts.case_number)
        if not facts.can_be_rated:
            raise NotCompletedError("The result was not served yet", case=facts.case_number)
        if earlier is not None:
            raise AlreadyRatedError("The case was rated already", case=facts.case_number)
        rating = cls(
            case_number=facts.case_number,
            grade=grade,
            comment=comment,
            rated_at=at,
            owned=facts.ownership,
        )
        rating.happened(CaseRated(case_number=facts.case_number, grade=int(grade)))
        return rating

    @property
    def stream_id(self) -> str:
        return self.case_number

    @property
    def ownership(self) -> Ownership:
        return Ownership(
            person=self.applicant,
            unit=self.window_unit,
            unit_path=self.unit_path,
            authority=self.authority,
        )
