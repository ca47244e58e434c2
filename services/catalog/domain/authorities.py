"""Authorities (机关): what their documents begin with, and who reviews their decisions."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from servicekit.events import Aggregate, Event, Ownership
from services.catalog.domain.errors import AuthorityRecordNotLaterError

__all__ = ["Authority", "AuthorityRecord"]


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorityRecord:
    """Where an applicant can turn against a decision, from a day on.

    Not every authority is reviewed by the government of its district: an organ of the city is
    reviewed elsewhere, and the rules changed with the years.

    Source: 行政复议法 (2023) 第二十四条, 第二十七条; 行政诉讼法 第十四条; readings 11.
    """

    from_date: date
    review_body: str
    court: str


@dataclass(eq=False, kw_only=True)
class Authority(Aggregate):
    """A department that decides in its own name; `unit` is its code in the tree.

    Its records follow each other and never change: what was printed on a day stays explained.
    """

    unit: str
    name: str
    prefix: str
    records: tuple[AuthorityRecord, ...] = ()
    revision: int = 1
    events: list[Event] = field(default_factory=list, repr=False)

    def add_record(self, record: AuthorityRecord) -> None:
        """Add what holds from `record.from_date` on."""
        if self.records and record.from_date <= self.records[-1].from_date:
            raise AuthorityRecordNotLaterError(
                "a record begins after the one before", authority=self.unit
            )
        self.records = (*self.records, record)

    def record_on(self, day: date) -> AuthorityRecord | None:
        """Return the record in force on `day`; None before the first one.

        Source: readings 11 (missing data blocks the issue of an adverse document).
        """
        begun = [record for record in self.records if record.from_date <= day]
        return begun[-1] if begun else None

    @property
    def stream_id(self) -> str:
        return self.unit

    @property
    def ownership(self) -> Ownership:
        return Ownership(unit=self.unit, authority=self.unit)
