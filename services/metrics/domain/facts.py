"""What is counted of one case.

Order holds within a source only: the decision of `review` may arrive before
the receipt of `intake`. So every field has one source, the `fold` of an event
(`domain/folding.py`) touches only the fields of its source, and whatever
joins sources is a property computed from them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from servicekit.events import Ownership
from workdays import CHINA_STANDARD_TIME

__all__ = [
    "COLLECTION",
    "DECLINED",
    "DENIED",
    "FILED",
    "ONLINE",
    "PARTLY",
    "TAKEN",
    "AuthorityFacts",
    "CaseFacts",
    "Parcel",
]

# Short names on the wire.
ONLINE = "ONLINE"  # channel
COLLECTION = "COLLECTION"  # purpose of a visit
TAKEN = "TAKEN"  # answer to the courier offer
DECLINED = "DECLINED"
FILED = "FILED"  # how a case ended without a decision
DENIED, PARTLY = "DENIED", "PARTLY"  # outcomes


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorityFacts:
    """What is counted of the work of one authority on a case.

    Source: readings 21.
    """

    authority: str
    promise_due_on: date
    decided_at: datetime | None = None
    outcome: str = ""
    promise_kept: bool | None = None
    statutory_kept: bool | None = None
    days_at_window: int = 0
    days_at_department: int = 0

    @property
    def decided_early(self) -> bool:
        """True if it decided before the last day promised."""
        return self.decided_at is not None and civil_day(self.decided_at) < self.promise_due_on


class Parcel(NamedTuple):
    """A parcel to the applicant and what became of it, by the last that was told of it."""

    shipment: str
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFacts:
    """What is counted of a case. Facts only: no name, no address, no document.

    `applicant` is the opaque identity of the account that owns the case, so
    that its owner, and nobody else, may see and rate it.
    """

    case_number: str

    # From intake
    item_code: str = ""
    item_version: str = ""
    authority: str = ""
    window_unit: str = ""
    unit_path: str = ""
    applicant: str = ""
    channel: str = ""
    courier_due: bool = False
    handling: str = ""
    assistance: str = ""
    first_wish: str = ""
    out_of_force: bool = False
    received_at: datetime | None = None
    transfers: int = 0
    notices: int = 0
    further_notices: int = 0
    corrections: int = 0
    accepted_at: datetime | None = None
    accepting_unit: str = ""
    deemed: bool = False
    accepted_promise_due_on: date | None = None
    spot_decided_at: datetime | None = None
    spot_outcome: str = ""
    spot_promise_kept: bool | None = None
    spot_statutory_kept: bool | None = None
    ended_at: datetime | None = None
    ended_as: str = ""
    visits: int = 0
    collection_visits: int = 0
    dispatches: int = 0
    service_open: str = ""
    served_at: datetime | None = None
    served_means: str = ""
    serving_unit: str = ""
    reworked_by: tuple[str, ...] = ()  # authorities that made out a spoilt paper anew

    # From review; the fields after `authorities` are what they give together
    authorities: tuple[AuthorityFacts, ...] = ()
    reviewed_promise_due_on: date | None = None
    decided_at: datetime | None = None
    days_at_window: int = 0
    days_at_department: int = 0
    returned_by: tuple[str, ...] = ()  # authorities that asked the applicant for more

    # From delivery
    courier_offered_at: datetime | None = None
    courier_answer: str = ""
    parcels_in: int = 0
    parcels: tuple[Parcel, ...] = ()  # to the applicant; the counts after it follow from it
    parcels_out: int = 0
    parcels_signed: int = 0
    parcels_failed: int = 0
    parcels_cancelled: int = 0

    @property
    def known(self) -> bool:
        """True once the receipt was told; until then nobody knows whose case it is."""
        return self.received_at is not None

    @property
    def promise_due_on(self) -> date | None:
        """The last day promised: as the review has it, else as it was at acceptance.

        The review computes it again when the calendar of a year is imported,
        a procedure does not count, or the limit is extended.
        """
        return self.reviewed_promise_due_on or self.accepted_promise_due_on

    @property
    def standing(self) -> tuple[AuthorityFacts, ...]:
        """The decisions that stand and close the case; empty while somebody is to decide.

        Of a decision and a withdrawal the earlier instant holds: who had
        decided by then decided, and the others never do.

        Source: readings 21; domain.md 1.8.
        """
        decided = [(each, each.decided_at) for each in self.authorities]
        if self.ended_at is not None:
            return tuple(each for each, at in decided if at is not None and at <= self.ended_at)
        return () if self.decided_at is None else tuple(each for each, at in decided if at)

    @property
    def decision_at(self) -> datetime | None:
        """When the case was decided, by all that decide it or on the spot; None before."""
        made = [each.decided_at for each in self.standing if each.decided_at is not None]
        return self.spot_decided_at or max(made, default=None)

    @property
    def decision_on(self) -> date | None:
        """The civil day of the decision."""
        return None if self.decision_at is None else civil_day(self.decision_at)

    @property
    def completed_at(self) -> datetime | None:
        """When the case was completed (办结): decided, or filed where nothing is decided.

        Source: readings 14, 19.
        """
        return self.ended_at if self.ended_as == FILED else self.decision_at

    @property
    def is_over(self) -> bool:
        """True once nothing more will happen at a counter: served, or filed."""
        return self.completed_at is not None and self.can_be_rated

    @property
    def can_be_rated(self) -> bool:
        """True once the applicant has what was asked for, whatever the review told by then."""
        return self.served_at is not None or self.ended_as == FILED

    @property
    def ended_undecided(self) -> bool:
        """True if the case ended and nothing was decided; what was filed is complete."""
        return self.ended_at is not None and self.completed_at is None

    @property
    def in_time(self) -> bool:
        """True if the promise was kept at the decision, by every authority."""
        return self._kept(bool(self.spot_promise_kept), [e.promise_kept for e in self.standing])

    @property
    def in_time_of_law(self) -> bool:
        """True if the law was kept at the decision, by every authority."""
        return self._kept(
            bool(self.spot_statutory_kept), [each.statutory_kept for each in self.standing]
        )

    def _kept(self, on_the_spot: bool, by_each: Sequence[bool | None]) -> bool:
        if self.spot_decided_at is not None:
            return on_the_spot
        return bool(by_each) and all(by_each)

    @property
    def decided_early(self) -> bool:
        """True if every authority decided before the last day it promised."""
        return bool(self.standing) and all(each.decided_early for each in self.standing)

    @property
    def days_taken(self) -> int | None:
        """Working days from the receipt to the decision: at the window, and at the departments.

        Of each the most that was stored with a decision, whosever they were; None
        while nothing is decided, and for what was decided on the spot.

        Source: readings 17, 21.
        """
        if self.spot_decided_at is not None or self.decision_at is None:
            return None
        return self.days_at_window + self.days_at_department

    @property
    def result(self) -> str:
        """The outcome over all authorities; empty while nothing is decided."""
        if self.spot_decided_at is not None:
            return self.spot_outcome
        outcomes = {each.outcome for each in self.standing}
        if len(outcomes) > 1:
            return PARTLY
        return outcomes.pop() if outcomes else ""

    @property
    def visits_before_decision(self) -> int:
        """Visits to a hall but for the collection, which is never before the decision.

        Source: R2.1; readings 22.
        """
        return self.visits - self.collection_visits

    @property
    def ownership(self) -> Ownership:
        return Ownership(
            person=self.applicant,
            unit=self.window_unit,
            unit_path=self.unit_path,
            authority=self.authority,
            others=tuple(
                each.authority for each in self.authorities if each.authority != self.authority
            ),
        )


def civil_day(at: datetime) -> date:
    """Return the day on which an instant falls in China."""
    return at.astimezone(CHINA_STANDARD_TIME).date()
