"""Folds the events of three services into the facts of a case.

An event touches only the fields of its source, so the folds of different
sources commute, which `tests/domain/test_facts.py` shows over interleavings.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from services.metrics.domain import incoming
from services.metrics.domain.facts import (
    COLLECTION,
    DECLINED,
    FILED,
    TAKEN,
    AuthorityFacts,
    CaseFacts,
    Parcel,
)

__all__ = ["fold"]

_OUT: Final = "OUT"  # direction of a shipment: to the applicant
_CANCELLED: Final = "CANCELLED"  # why a shipment failed, and what became of it
_ON_ITS_WAY, _SIGNED, _FAILED = "ON_ITS_WAY", "SIGNED", "FAILED"  # what else became of it
_WINDOW: Final = "WINDOW"  # means of service: across the counter

_Reviewed = incoming.ReviewOpened | incoming.DatesRecomputed | incoming.DecisionMade


def fold(facts: CaseFacts, event: incoming.CaseFact, at: datetime) -> CaseFacts:
    """Return `facts` with what `event` tells; `at` is when it happened."""
    told = _FOLDS.get(type(event))
    if told is None:
        raise TypeError(f"{type(event).__name__} is not counted")
    return told(facts, event, at)


# From intake


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
        handling=event.handling,
        assistance=event.assistance,
        first_wish=event.result_delivery,
        out_of_force=event.out_of_force,
        received_at=event.receive_time,
    )


def _accepted(facts: CaseFacts, event: incoming.CaseAccepted) -> CaseFacts:
    return replace(
        facts,
        accepted_at=event.accept_time,
        accepting_unit=event.window_unit,
        deemed=event.deemed,
        accepted_promise_due_on=event.promise_due.on,
    )


def _decided_on_the_spot(facts: CaseFacts, event: incoming.DecidedOnTheSpot) -> CaseFacts:
    """Accept and decide in one step.

    Source: 行政许可法 第三十四条第二款; readings 2.
    """
    return replace(
        facts,
        accepted_at=event.decide_time,
        accepting_unit=event.window_unit,
        accepted_promise_due_on=event.promise_due.on,
        spot_decided_at=event.decide_time,
        spot_outcome=event.outcome,
        spot_promise_kept=event.promise_kept,
        spot_statutory_kept=event.statutory_kept,
    )


def _ended(facts: CaseFacts, at: datetime, name: str) -> CaseFacts:
    return replace(facts, ended_at=at, ended_as=name)


def _visited(facts: CaseFacts, event: incoming.VisitRecorded) -> CaseFacts:
    """Count the visit; intake numbers them, so one told twice is still one."""
    if event.ordinal <= facts.visits:
        return facts
    return replace(
        facts,
        visits=event.ordinal,
        collection_visits=facts.collection_visits + (event.purpose == COLLECTION),
    )


def _transferred(facts: CaseFacts, event: incoming.CaseTransferred) -> CaseFacts:
    return replace(
        facts,
        window_unit=event.to_unit,
        unit_path=event.unit_path,
        transfers=facts.transfers + 1,
    )


def _served(facts: CaseFacts, at: datetime, means: str, window_unit: str) -> CaseFacts:
    """Close the service; what was open before is proven now."""
    return replace(
        facts, served_at=at, served_means=means, serving_unit=window_unit, service_open=""
    )


def _voided(facts: CaseFacts, event: incoming.DocumentVoided) -> CaseFacts:
    """Count what a department spoilt; what was lost after its issue is nobody's second try."""
    if event.department == "" or event.lost:
        return facts
    return replace(facts, reworked_by=_with(facts.reworked_by, event.department))


def _with(authorities: tuple[str, ...], one: str) -> tuple[str, ...]:
    return tuple(sorted({*authorities, one}))


# From review


def _reviewed(facts: CaseFacts, event: _Reviewed) -> CaseFacts:
    by_authority = {each.authority: each for each in facts.authorities}
    name = event.authority
    if not name and len(by_authority) == 1:  # events of before name none where there is one only
        [name] = by_authority
    before = by_authority.get(name) or AuthorityFacts(
        authority=name, promise_due_on=event.promise_due.on
    )
    after = replace(before, promise_due_on=event.promise_due.on)
    if isinstance(event, incoming.DecisionMade):
        after = replace(
            after,
            decided_at=event.decide_time,
            outcome=event.outcome,
            promise_kept=event.promise_kept,
            statutory_kept=event.statutory_kept,
            days_at_window=event.days_at_window,
            days_at_department=event.days_at_department,
        )
    by_authority[name] = after
    authorities = tuple(by_authority[each] for each in sorted(by_authority))
    last = isinstance(event, incoming.DecisionMade) and event.undecided == 0
    return _together(replace(facts, authorities=authorities), last=last)


def _together(facts: CaseFacts, *, last: bool) -> CaseFacts:
    """Return what the authorities give together: decided only if all of them did.

    While one is open the promise of the case is the earliest open one: with
    it the promise of the case is broken.

    Source: readings 21.
    """
    each_one = facts.authorities
    still_open = [each.promise_due_on for each in each_one if each.decided_at is None]
    due_on = min(still_open, default=max(each.promise_due_on for each in each_one))
    facts = replace(
        facts,
        reviewed_promise_due_on=due_on,
        days_at_window=max(each.days_at_window for each in each_one),
        days_at_department=max(each.days_at_department for each in each_one),
    )
    if not last and facts.decided_at is None:
        return facts
    decided_at = max(each.decided_at for each in each_one if each.decided_at is not None)
    return replace(facts, decided_at=decided_at)


# From delivery


def _created(facts: CaseFacts, event: incoming.ShipmentCreated) -> CaseFacts:
    if event.direction != _OUT:
        return replace(facts, parcels_in=facts.parcels_in + 1)
    return _went(facts, Parcel(event.shipment, _ON_ITS_WAY))


def _signed(facts: CaseFacts, event: incoming.ShipmentSigned) -> CaseFacts:
    return _went(facts, Parcel(event.shipment, _SIGNED)) if event.direction == _OUT else facts


def _failed(facts: CaseFacts, event: incoming.ShipmentFailed) -> CaseFacts:
    if event.direction != _OUT:
        return facts
    state = _CANCELLED if event.reason == _CANCELLED else _FAILED
    return _went(facts, Parcel(event.shipment, state))


def _went(facts: CaseFacts, parcel: Parcel) -> CaseFacts:
    """Keep the last word on a parcel: one that was refused comes back, or is signed for after all.

    How a parcel to the centre went is not counted.
    """
    others = (each for each in facts.parcels if each.shipment != parcel.shipment)
    parcels = tuple(sorted((*others, parcel)))
    states = [each.state for each in parcels]
    return replace(
        facts,
        parcels=parcels,
        parcels_out=len(parcels),
        parcels_signed=states.count(_SIGNED),
        parcels_failed=states.count(_FAILED),
        parcels_cancelled=states.count(_CANCELLED),
    )


_Fold = Callable[[CaseFacts, Any, datetime], CaseFacts]


def _timeless(told: Callable[[CaseFacts, Any], CaseFacts]) -> _Fold:
    """Return the fold of an event that carries its own instants, or needs none."""
    return lambda facts, event, _at: told(facts, event)


_FOLDS: Final[Mapping[type[incoming.CaseFact], _Fold]] = {
    incoming.CaseReceived: _timeless(_received),
    incoming.CaseTransferred: _timeless(_transferred),
    incoming.OneTimeNoticeGiven: _timeless(lambda f, _: replace(f, notices=f.notices + 1)),
    incoming.FurtherNoticeGiven: _timeless(
        lambda f, _: replace(f, further_notices=f.further_notices + 1)
    ),
    incoming.CorrectionSubmitted: _timeless(lambda f, _: replace(f, corrections=f.corrections + 1)),
    incoming.CaseAccepted: _timeless(_accepted),
    incoming.DecidedOnTheSpot: _timeless(_decided_on_the_spot),
    incoming.CaseNotRequired: _timeless(lambda f, e: _ended(f, e.tell_time, "NOT_REQUIRED")),
    incoming.AcceptanceRefused: _timeless(lambda f, e: _ended(f, e.refuse_time, "REFUSED")),
    incoming.CaseWithdrawn: _timeless(lambda f, e: _ended(f, e.withdraw_time, "WITHDRAWN")),
    incoming.CaseTerminated: _timeless(lambda f, e: _ended(f, e.terminate_time, "TERMINATED")),
    incoming.FilingRecorded: _timeless(lambda f, e: _ended(f, e.file_time, FILED)),
    incoming.VisitRecorded: _timeless(_visited),
    incoming.DocumentVoided: _timeless(_voided),
    incoming.ResultDispatched: _timeless(
        lambda f, e: replace(f, dispatches=max(f.dispatches, e.attempt), service_open="")
    ),
    incoming.ServiceLeftOpen: _timeless(lambda f, e: replace(f, service_open=e.reason)),
    incoming.ResultHandedOut: lambda f, e, at: _served(f, at, _WINDOW, e.window_unit),
    incoming.ResultServed: _timeless(lambda f, e: _served(f, e.serve_time, e.means, e.window_unit)),
    incoming.ReviewOpened: _timeless(_reviewed),
    incoming.DatesRecomputed: _timeless(_reviewed),
    incoming.DecisionMade: _timeless(_reviewed),
    incoming.ExplanationRequested: _timeless(
        lambda f, e: replace(f, returned_by=_with(f.returned_by, e.authority))
    ),
    incoming.CourierOffered: lambda f, _, at: replace(f, courier_offered_at=at),
    incoming.CourierOfferAnswered: _timeless(
        lambda f, e: replace(f, courier_answer=TAKEN if e.by_courier else DECLINED)
    ),
    incoming.ShipmentCreated: _timeless(_created),
    incoming.ShipmentSigned: _timeless(_signed),
    incoming.ShipmentFailed: _timeless(_failed),
}
