"""Posts and who holds them: separation of duties is judged by the post in force."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Final, Self

from servicekit.events import Aggregate, Event, Ownership
from services.catalog.domain.errors import (
    AssignmentsOverlapError,
    PeriodEmptyError,
    PostRolesInvalidError,
    PostUnitInvalidError,
)
from services.catalog.domain.training import TrainingRecord, require_held, require_items
from services.catalog.domain.units import Unit, UnitKind

__all__ = ["Assignment", "Officer", "Post", "PostKind"]


class PostKind(StrEnum):
    """On which side of the desk a post is."""

    WINDOW = "WINDOW"
    DEPARTMENT = "DEPARTMENT"
    VILLAGE = "VILLAGE"
    SUPERVISION = "SUPERVISION"
    OFFICE = "OFFICE"


ROLES: Final = {
    PostKind.WINDOW: frozenset({"WINDOW_CLERK"}),
    PostKind.DEPARTMENT: frozenset({"REVIEWER", "DECIDER", "DEPARTMENT_HEAD"}),
    PostKind.VILLAGE: frozenset({"VILLAGE_AGENT"}),
    PostKind.SUPERVISION: frozenset({"SUPERVISOR", "GOVERNMENT_HEAD"}),
    PostKind.OFFICE: frozenset({"CATALOGUE_EDITOR", "CATALOGUE_APPROVER", "OPERATOR"}),
}
_PLACES: Final = {
    PostKind.WINDOW: frozenset({UnitKind.WINDOW}),
    PostKind.DEPARTMENT: frozenset({UnitKind.DEPARTMENT}),
    PostKind.VILLAGE: frozenset({UnitKind.VILLAGE_POST}),
    PostKind.SUPERVISION: frozenset({UnitKind.DIVISION}),
    PostKind.OFFICE: frozenset({UnitKind.DIVISION, UnitKind.CENTRE}),
}


@dataclass(eq=False, kw_only=True)
class Post(Aggregate):
    """A post (岗位): what whoever holds it may do, where, and for which authority.

    A window post has no role of a department and the other way round, whoever employs the
    person: departments send their staff into the windows.

    Source: R4.1, R4.2; readings 1.
    """

    post: str
    title: str
    post_kind: PostKind
    roles: tuple[str, ...]
    unit: str
    authority: str = ""
    revision: int = 1
    events: list[Event] = field(default_factory=list, repr=False)

    @classmethod
    def create(
        cls, *, post: str, title: str, post_kind: PostKind, roles: tuple[str, ...], unit: Unit
    ) -> Self:
        """Create a post in `unit`; one in a department acts for it."""
        if not roles or not frozenset(roles) <= ROLES[post_kind]:
            raise PostRolesInvalidError(
                "a role belongs to a post of another kind", post=post, roles=", ".join(roles)
            )
        if unit.kind not in _PLACES[post_kind]:
            raise PostUnitInvalidError("a unit of that kind has no such post", post=post)
        authority = unit.code if post_kind is PostKind.DEPARTMENT else ""
        return cls(
            post=post,
            title=title,
            post_kind=post_kind,
            roles=roles,
            unit=unit.code,
            authority=authority,
        )

    @property
    def stream_id(self) -> str:
        return self.post

    @property
    def ownership(self) -> Ownership:
        return Ownership(unit=self.unit, authority=self.authority)


@dataclass(eq=False, kw_only=True)
class Assignment:
    """A person in a post from a day until the day before another (任职)."""

    assignment: str
    person: str
    post: str
    from_date: date
    until_date: date | None = None

    def covers(self, day: date) -> bool:
        return self.from_date <= day and (self.until_date is None or day < self.until_date)

    def overlaps(self, other: Assignment) -> bool:
        begins_before = other.until_date is None or self.from_date < other.until_date
        ends_after = self.until_date is None or other.from_date < self.until_date
        return begins_before and ends_after


@dataclass(eq=False, kw_only=True)
class Officer(Aggregate):
    """A person in office with all posts held, now or ever, one at a time, and all trainings.

    Source: R4.9; readings 1.
    """

    person: str
    person_name: str
    assignments: list[Assignment] = field(default_factory=list)
    trainings: list[TrainingRecord] = field(default_factory=list)
    revision: int = 1
    events: list[Event] = field(default_factory=list, repr=False)

    def assign(
        self, *, assignment: str, post: Post, from_date: date, until_date: date | None = None
    ) -> None:
        """Give the person `post` for a period in which there is no other."""
        if until_date is not None and until_date <= from_date:
            raise PeriodEmptyError("the assignment ends before it begins", person=self.person)
        new = Assignment(
            assignment=assignment,
            person=self.person,
            post=post.post,
            from_date=from_date,
            until_date=until_date,
        )
        for known in self.assignments:
            if known.overlaps(new):
                raise AssignmentsOverlapError(
                    "the person holds another post then",
                    person=self.person,
                    assignment=known.assignment,
                )
        self.assignments.append(new)

    def train(
        self,
        *,
        item_codes: Iterable[str],
        rules_version: str,
        trained_on: date,
        until_date: date | None,
        recorded_by: str,
        recorded_at: datetime,
        today: date,
    ) -> TrainingRecord:
        """Record a training of the person, who need not hold a window post yet.

        Source: R4.9.
        """
        require_held(trained_on, until_date, today)
        number = len(self.trainings) + 1
        recorded = TrainingRecord(
            training=f"{self.person}@{number}",
            person=self.person,
            number=number,
            rules_version=rules_version,
            trained_on=trained_on,
            until_date=until_date,
            item_codes=require_items(item_codes),
            recorded_by=recorded_by,
            recorded_at=recorded_at,
        )
        self.trainings.append(recorded)
        return recorded

    def assignment_on(self, day: date) -> Assignment | None:
        """Return the assignment in force on `day`, if there is one."""
        return next((known for known in self.assignments if known.covers(day)), None)

    @property
    def stream_id(self) -> str:
        return self.person

    @property
    def ownership(self) -> Ownership:
        return Ownership(person=self.person)
