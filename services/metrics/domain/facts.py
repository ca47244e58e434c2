"""What is counted of one case, folded from the events of three services.

Order holds within a source only: the decision of `review` may arrive before
the receipt of `intake`. So every field has one source, `fold` of an event
touches only the fields of its source, and whatever joins sources is a
property computed on read. Therefore the folds of different sources commute,
which `tests/domain/test_facts.py` shows over interleavings.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime

from servicekit.events import Ownership
from services.metrics.domain import incoming

__all__ = ["COLLECTION", "DECLINED", "ONLINE", "TAKEN", "CaseFacts", "fold"]

# Short names on the wire.
ONLINE = "ONLINE"  # channel
COLLECTION = "COLLECTION"  # purpose of a visit
TAKEN = "TAKEN"  # answer to the courier offer
DECLINED = "DECLINED"


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
    received_at: datetime | None = None
    notices: int = 0
    corrections: int = 0
    accepted_at: datetime | None = None
    accepting_unit: str = ""
    deemed: bool = False
    accepted_promise_due_on: date | None = None
    visits: int = 0
    collection_visits: int = 0
    served_at: datetime | None = None
    serving_unit: str = ""

    # From review
    reviewed_promise_due_on: date | None = None
    decided_at: datetime | None = None
    outcome: str = ""
    promise_kept: bool | None = None
    statutory_kept: bool | None = None

    # From delivery
    courier_offered_at: datetime | None = None
    courier_answer: str = ""

    @property
    def known(self) -> bool:
        """True once the receipt was told; until then nobody knows whose case it is."""
        return self.received_at is not None

    @property
    def promise_due_on(self) -> date | None:
        """The last day promised: as the review has it, else as it was at acceptance.

        The review computes it again when the calendar of a year is imported.
        """
        return self.reviewed_promise_due_on or self.accepted_promise_due_on

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
        )


def fold(facts: CaseFacts, event: incoming.CaseFact, at: datetime) -> CaseFacts:
    """Return `facts` with what `event` tells; `at` is when it happened."""
    match event:
        case incoming.ReviewOpened() | incoming.DatesRecomputed() | incoming.DecisionMade():
            return _from_review(facts, event)
        case incoming.CourierOffered():
            return replace(facts, courier_offered_at=at)
        case incoming.CourierOfferAnswered():
            return replace(facts, courier_answer=TAKEN if event.by_courier else DECLINED)
        case _:
            return _from_intake(facts, event, at)


def _from_intake(facts: CaseFacts, event: incoming.CaseFact, at: datetime) -> CaseFacts:
    match event:
        case incoming.CaseReceived():
            return _received(facts, event)
        case incoming.OneTimeNoticeGiven():
            return replace(facts, notices=facts.notices + 1)
        case incoming.CorrectionSubmitted():
            return replace(facts, corrections=facts.corrections + 1)
        case incoming.CaseAccepted():
            return replace(
                facts,
                accepted_at=event.accept_time,
                accepting_unit=event.window_unit,
                deemed=event.deemed,
                accepted_promise_due_on=event.promise_due.on,
            )
        case incoming.VisitRecorded():
            return _visited(facts, event)
        case incoming.ResultHandedOut():
            return replace(facts, served_at=at, serving_unit=event.window_unit)
        case _:
            raise TypeError(f"{type(event).__name__} is not counted")


def _received(facts: CaseFacts, event: incoming.CaseReceived) -> CaseFacts:
    return replace(
        facts,
        item_code=event.item_code,
        item_version=event.item_version,
        authority=event.authority,
        window_unit=event.window_unit,
        unit_path=event.unit_path,
        applicant=event.applicant,
        channel=event.channel,
        courier_due=event.courier_offered,
        received_at=event.receive_time,
    )


def _visited(facts: CaseFacts, event: incoming.VisitRecorded) -> CaseFacts:
    """Count the visit; intake numbers them, so one told twice is still one."""
    if event.ordinal <= facts.visits:
        return facts
    return replace(
        facts,
        visits=event.ordinal,
        collection_visits=facts.collection_visits + (event.purpose == COLLECTION),
    )


def _from_review(
    facts: CaseFacts,
    event: incoming.ReviewOpened | incoming.DatesRecomputed | incoming.DecisionMade,
) -> CaseFacts:
    dated = replace(facts, reviewed_promise_due_on=event.promise_due.on)
    if not isinstance(event, incoming.DecisionMade):
        return dated
    return replace(
        dated,
        decided_at=event.decide_time,
        outcome=event.outcome,
        promise_kept=event.promise_kept,
        statutory_kept=event.statutory_kept,
    )
