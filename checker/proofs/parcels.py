"""Parcels: free, by the postal enterprise, each with its end; service proven or open."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from checker.evidence import Evidence
from checker.intake_files import IntakeCase
from checker.intake_records import Dispatch
from checker.parcels import Shipment
from checker.report import Finding

__all__ = ["prove_dispatches", "prove_originals", "prove_parcels_free", "prove_service"]

_POSTAL: Final = "EMS"  # 邮政法 第五十五条
_FAILURES: Final = frozenset({"REFUSED", "RETURNED", "LOST"})


class ParcelNotFree(Finding):
    """A parcel costs the citizen something, or a result goes with another carrier (R2.7)."""

    id = "LAW_PARCEL_NOT_FREE"


class DispatchWithoutShipment(Finding):
    """A result was given to the courier and no parcel carries it, or the other way round."""

    id = "DISPATCH_DIFFERS"


class ServiceWrong(Finding):
    """Service is recorded as proven though nothing proves it, or open though it is (readings 9)."""

    id = "LAW_SERVICE_WRONG"


class OriginalsWrong(Finding):
    """Originals were counted by one person, or out of no parcel that was signed for."""

    id = "LAW_ORIGINALS_WRONG"


def prove_parcels_free(evidence: Evidence) -> Iterator[Finding]:
    """No parcel costs the citizen anything; finance pays; results go by the postal enterprise.

    Source: R2.7, R2.8; 邮政法 第五十五条.
    """
    for parcels in evidence.cases.shipments.values():
        for each in parcels:
            wrong = ""
            if each.citizen_price_fen != 0:
                wrong = f"costs {each.citizen_price_fen} fen"
            elif not each.payer_account:
                wrong = "nobody pays"
            elif each.outbound and each.carrier != _POSTAL:
                wrong = f"goes with {each.carrier}"
            if wrong:
                yield ParcelNotFree(service="delivery", subject=each.shipment, detail=wrong)


def prove_dispatches(evidence: Evidence) -> Iterator[Finding]:
    """When settled: each dispatch is one parcel, and what became of it is the same on both sides.

    Source: R2.7; readings 9.
    """
    if not (evidence.settled and evidence.having("intake", "delivery")):
        return
    for number, case in evidence.cases.intake.items():
        parcels = evidence.cases.shipments.get(number, ())
        sent = {each.shipment: each for each in parcels if each.outbound}
        expected = {f"{number}-OUT-{each.attempt}" for each in case.dispatches}
        for shipment in sorted(sent.keys() ^ expected):
            where = "no parcel" if shipment in expected else "dispatched by nobody"
            yield DispatchWithoutShipment(service="delivery", subject=shipment, detail=where)
        yield from _prove_ends(case, sent)
    for number in sorted(evidence.cases.shipments.keys() - evidence.cases.intake.keys()):
        yield DispatchWithoutShipment(service="delivery", subject=number, detail="no such case")


def _prove_ends(case: IntakeCase, sent: dict[str, Shipment]) -> Iterator[Finding]:
    """What the carrier said reached the file, unless the result was served before it was said."""
    for each in case.dispatches:
        parcel = sent.get(f"{case.number}-OUT-{each.attempt}")
        if parcel is None:
            continue
        ended = parcel.state == "SIGNED" or parcel.refused_at is not None or parcel.ended_at
        told = each.signed_at is not None or each.failed_at is not None
        served_before = case.served_at is not None and not told
        wrong = ""
        if told and not ended:
            wrong = "ended in the file, under way at the carrier"
        elif ended and not told and not served_before:
            wrong = f"{parcel.state} at the carrier, under way in the file"
        elif each.signed_at is not None and each.signer != parcel.signer:
            wrong = f"signed by {each.signer}, at the carrier by {parcel.signer or 'nobody'}"
        elif parcel.pieces != each.pieces:
            wrong = f"{each.pieces} pieces given, {parcel.pieces} carried"
        if wrong:
            yield DispatchWithoutShipment(service="delivery", subject=parcel.shipment, detail=wrong)


def prove_service(evidence: Evidence) -> Iterator[Finding]:
    """Served is what somebody entitled signed for, confirmed, or what the law takes as served.

    Whatever left the window and is not proven is open, with its reason.

    Source: 行政许可法 第四十四条; readings 9.
    """
    for case in evidence.cases.intake.values():
        for wrong in _service_wrong(case):
            yield ServiceWrong(service="intake", subject=case.number, detail=wrong)


def _service_wrong(case: IntakeCase) -> Iterator[str]:
    served = case.served_at is not None
    if served and case.service_open:
        yield f"served and open: {case.service_open}"
    if served != bool(case.service_means):
        yield f"served at {case.served_at} by {case.service_means or 'no means'}"
    if (case.service_means == "WINDOW") != (case.handed_out_at is not None):
        yield f"handed out at {case.handed_out_at}, served by {case.service_means}"
    if case.service_means == "EMS" and not any(_proves(each) for each in _signed(case)):
        yield "served by EMS, and nobody entitled signed"
    if case.service_means == "CONFIRMED" and not _signed(case):
        yield "confirmed, and nobody had signed"
    last = case.dispatches[-1] if case.dispatches else None
    if last is None or served:
        return
    reason = ""
    if last.signed_at is not None and not _proves(last):
        reason = "LOCKER" if last.signer == "LOCKER" else "SIGNED_BY_OTHER"
    elif last.failure in _FAILURES:
        reason = last.failure
    if reason and case.service_open != reason:
        yield f"{reason}, and open for {case.service_open or 'nothing'}"


def _signed(case: IntakeCase) -> list[Dispatch]:
    return [each for each in case.dispatches if each.signed_at is not None]


def _proves(dispatch: Dispatch) -> bool:
    return dispatch.signer == "ADDRESSEE" or (dispatch.signer == "OTHER" and dispatch.mandate != "")


def prove_originals(evidence: Evidence) -> Iterator[Finding]:
    """Originals are counted before two persons, out of a parcel that was signed for.

    Source: R2.7; readings 9.
    """
    for number, case in evidence.cases.intake.items():
        known = {each.shipment: each for each in evidence.cases.shipments.get(number, ())}
        for each in case.originals:
            parcel = known.get(each.shipment)
            wrong = ""
            if not each.second_person or each.counted_by == each.second_person:
                wrong = f"counted by {each.counted_by} alone"
            elif evidence.having("delivery") and (parcel is None or parcel.outbound):
                wrong = "out of no parcel to the centre"
            if wrong:
                yield OriginalsWrong(service="intake", subject=each.shipment, detail=wrong)
