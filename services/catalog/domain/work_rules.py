"""Rules of the centre (工作制度): how the windows accept, how they are supervised and appraised."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from servicekit.events import Aggregate, Event, Ownership
from services.catalog.domain.errors import (
    WorkRulesNotLaterError,
    WorkRulesSupersededError,
    WorkRulesUnknownError,
)

__all__ = ["RulesKind", "RulesVersion", "WorkRules"]


class RulesKind(StrEnum):
    """Which rules a text is.

    Source: R4.9.
    """

    ONE_WINDOW_ACCEPTANCE = "ONE_WINDOW_ACCEPTANCE"  # 一口受理工作制度
    SUPERVISION_AND_APPRAISAL = "SUPERVISION_AND_APPRAISAL"  # 监督考核办法


@dataclass(eq=False, kw_only=True)
class RulesVersion:
    """One published text with the place it got among those of its kind."""

    rules_version: str
    kind: RulesKind
    number: int
    document_number: str
    title: str
    from_date: date
    text_sha256: str
    published_by: str
    published_at: datetime


@dataclass(eq=False, kw_only=True)
class WorkRules(Aggregate):
    """The rules of one kind with all their versions, which follow each other and never change.

    Source: R4.9.
    """

    kind: RulesKind
    versions: list[RulesVersion] = field(default_factory=list)
    revision: int = 1
    events: list[Event] = field(default_factory=list, repr=False)

    def publish(
        self,
        *,
        document_number: str,
        title: str,
        from_date: date,
        text_sha256: str,
        published_by: str,
        published_at: datetime,
    ) -> RulesVersion:
        """Publish the next version; it ends the one before on its first day.

        Source: R4.9.
        """
        if self.versions and from_date <= self.versions[-1].from_date:
            raise WorkRulesNotLaterError(
                "a version begins after the one before", begun=self.versions[-1].title
            )
        number = len(self.versions) + 1
        published = RulesVersion(
            rules_version=f"{self.kind.name}@{number}",
            kind=self.kind,
            number=number,
            document_number=document_number,
            title=title,
            from_date=from_date,
            text_sha256=text_sha256,
            published_by=published_by,
            published_at=published_at,
        )
        self.versions.append(published)
        return published

    def teachable(self, rules_version: str, on: date) -> RulesVersion:
        """Return the version by its identity, if it was worth teaching on the day.

        That is the one in force then, or one that began later: staff are trained before new
        rules begin, and never under rules that others have replaced.

        Source: R4.9.
        """
        found = next((each for each in self.versions if each.rules_version == rules_version), None)
        if found is None:
            raise WorkRulesUnknownError("no such rules", rules=rules_version)
        later = [each for each in self.versions if found.from_date < each.from_date <= on]
        if later:
            raise WorkRulesSupersededError(
                "replaced before the training", title=found.title, successor=later[-1].title
            )
        return found

    @property
    def stream_id(self) -> str:
        return self.kind.value

    @property
    def ownership(self) -> Ownership:
        return Ownership()
