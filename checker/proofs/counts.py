"""What metrics counts is what the other services have: facts, violations, ratings, lights."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from google.protobuf.message import DecodeError, Message
from liandong.intake.v1 import intake_events_pb2 as intake_pb
from liandong.metrics.v1 import metrics_events_pb2 as metrics_pb

from checker.case_files import Offer, ReviewCase
from checker.evidence import Event, Evidence
from checker.intake_files import IntakeCase
from checker.report import Finding
from checker.values import day, flag, instant

__all__ = ["prove_facts", "prove_lights", "prove_ratings", "prove_violations_counted"]

_GRADES: Final = range(1, 6)  # GB/T 39046 A.8
_SOURCES: Final = ("catalog", "intake", "review", "delivery")


class FactsMissing(Finding):
    """A case is not counted, or one is counted that does not exist."""

    id = "FACTS_MISSING"


class FactsDiffer(Finding):
    """Metrics counts something else of a case than its services have."""

    id = "FACTS_DIFFER"


class ViolationUncounted(Finding):
    """A violation was kept and metrics does not have it, or the other way round."""

    id = "VIOLATION_UNCOUNTED"


class ViolationMiscounted(Finding):
    """Metrics has other facts of a violation than the service that refused."""

    id = "VIOLATION_MISCOUNTED"


class RatingWrong(Finding):
    """A rating belongs to no served case, is not its applicant's, or was not told once."""

    id = "RATING_WRONG"


class LightWrong(Finding):
    """The light of an item is not what its cases show."""

    id = "LIGHT_WRONG"


class LightUntold(Finding):
    """A red light did not arrive where it must be explained: catalogue or case."""

    id = "LIGHT_UNTOLD"


def prove_facts(evidence: Evidence) -> Iterator[Finding]:
    """When settled, each case is counted once, with the facts its services have now.

    Recomputed from their tables, not from the events that metrics read: a
    lost, doubled or misread event shows.
    """
    if not (evidence.settled and evidence.having("intake", "review", "delivery", "metrics")):
        return
    metrics = evidence.services["metrics"].database
    counted = {
        row["case_number"]: row
        for row in metrics.rows("SELECT * FROM case_facts ORDER BY case_number")
    }
    cases = evidence.cases.intake
    accepted = _told(evidence, "intake.case_accepted.v1", intake_pb.CaseAccepted)
    corrections = _told(evidence, "intake.correction_submitted.v1", intake_pb.CorrectionSubmitted)
    for number in sorted(cases.keys() | counted.keys()):
        if number not in cases or number not in counted:
            where = "not counted" if number in cases else "counted, but not a case"
            yield FactsMissing(service="metrics", subject=number, detail=where)
            continue
        expected = _expected(
            cases[number], evidence.cases.review.get(number), evidence.cases.offers.get(number)
        )
        expected["corrections"] = len(corrections.get(number, ()))
        if number in accepted:
            expected["accepted_promise_due_on"] = _due_on(accepted[number][-1])
        found = _found(counted[number])
        for name, value in expected.items():
            if found[name] != value:
                detail = f"{name}: counted {found[name]}, is {value}"
                yield FactsDiffer(service="metrics", subject=number, detail=detail)


def _told(evidence: Evidence, kind: str, message: type[Message]) -> dict[str, list[Any]]:
    """Return the events of a type by case; what cannot be read is found by the envelopes."""
    told: dict[str, list[Any]] = {}
    service = evidence.services.get(kind.partition(".")[0])
    for event in service.events if service is not None else ():
        if event.type == kind and (found := _read(event, message)) is not None:
            told.setdefault(event.stream_id, []).append(found)
    return told


def _read(event: Event, message: type[Message]) -> Any:
    try:
        return message.FromString(event.payload)
    except DecodeError:
        return None


def _due_on(accepted: intake_pb.CaseAccepted) -> object:
    on = accepted.promise_due.on
    return day(f"{on.year:04}-{on.month:02}-{on.day:02}")


def _expected(
    case: IntakeCase, review: ReviewCase | None, offer: Offer | None
) -> dict[str, object]:
    accepted = case.accepted_at is not None
    expected: dict[str, object] = {
        "item_code": case.item_code,
        "item_version": case.item_version,
        "authority": case.authority,
        "window_unit": case.window_unit,
        "unit_path": case.unit_path,
        "applicant": case.applicant,
        "channel": case.channel,
        "courier_due": case.courier_due,
        "received_at": case.received_at,
        "notices": 1 if case.noticed_at is not None else 0,
        "accepted_at": case.accepted_at,
        "accepting_unit": case.window_unit if accepted else "",
        "deemed": case.deemed,
        "visits": len(case.visits),
        "collection_visits": case.collections,
        "served_at": case.handed_out_at,
        "serving_unit": case.window_unit if case.handed_out_at else "",
        "courier_offered_at": offer and offer.offered_at,
        "courier_answer": offer.state if offer and offer.state != "OPEN" else "",
    }
    return expected | _expected_of_review(review)


def _expected_of_review(review: ReviewCase | None) -> dict[str, object]:
    decided_at = None if review is None else review.decided_at
    if review is None or review.promise is None or decided_at is None:
        return {
            "reviewed_promise_due_on": review and review.promise and review.promise.due_on,
            "decided_at": None,
            "outcome": "",
            "promise_kept": None,
            "statutory_kept": None,
        }
    return {
        "reviewed_promise_due_on": review.promise.due_on,
        "decided_at": decided_at,
        "outcome": review.outcome,
        "promise_kept": review.promise.kept(decided_at),
        "statutory_kept": review.statutory is None or review.statutory.kept(decided_at),
    }


def _found(row: Mapping[str, Any]) -> dict[str, object]:
    found: dict[str, object] = dict(row)
    for name in ("received_at", "accepted_at", "served_at", "decided_at", "courier_offered_at"):
        found[name] = instant(row[name])
    for name in ("accepted_promise_due_on", "reviewed_promise_due_on"):
        found[name] = day(row[name])
    for name in ("courier_due", "deemed", "promise_kept", "statutory_kept"):
        found[name] = flag(row[name])
    return found


def prove_violations_counted(evidence: Evidence) -> Iterator[Finding]:
    """When settled, metrics has exactly the violations that the other services kept.

    Source: R4.8, R6.1.
    """
    if not (evidence.settled and evidence.having("metrics")):
        return
    kept = {
        violation.id: (
            name,
            violation.at,
            violation.rule,
            violation.reason,
            str(violation.facts.get("case", "")),
            violation.person,
            violation.assignment,
            violation.unit,
            violation.unit_path,
        )
        for name in _SOURCES
        if name in evidence.services
        for violation in evidence.services[name].violations
    }
    sql = """SELECT violation_id, source, at, rule, reason, case_number, person, assignment, unit,
        unit_path FROM violation_seen ORDER BY violation_id"""
    seen = {
        row["violation_id"]: (row["source"], instant(row["at"]), *list(row.values())[3:])
        for row in evidence.services["metrics"].database.rows(sql)
        if row["source"] in evidence.services
    }
    for violation_id in sorted(kept.keys() ^ seen.keys()):
        where = "kept, not counted" if violation_id in kept else "counted, not kept"
        yield ViolationUncounted(service="metrics", subject=violation_id, detail=where)
    for violation_id in sorted(kept.keys() & seen.keys()):
        if kept[violation_id] != seen[violation_id]:
            detail = f"kept {kept[violation_id]}, counted {seen[violation_id]}"
            yield ViolationMiscounted(service="metrics", subject=violation_id, detail=detail)


def prove_ratings(evidence: Evidence) -> Iterator[Finding]:
    """Each rating is its applicant's, of a served case, given after service, and told once.

    Source: 国办发〔2019〕51号; GB/T 39046 A.8.
    """
    if not evidence.having("metrics"):
        return
    metrics = evidence.services["metrics"]
    told = _told(evidence, "metrics.case_rated.v1", metrics_pb.CaseRated)
    ratings = {
        row["case_number"]: row
        for row in metrics.database.rows(
            "SELECT case_number, grade, rated_at, applicant FROM rating"
        )
    }
    for number in sorted(told.keys() | ratings.keys()):
        grades = [each.grade for each in told.get(number, ())]
        row = ratings.get(number)
        if row is None or grades != [row["grade"]] or row["grade"] not in _GRADES:
            detail = f"told {grades}, kept {row and row['grade']}"
            yield RatingWrong(service="metrics", subject=number, detail=detail)
            continue
        case = evidence.cases.intake.get(number)
        rated_at = instant(row["rated_at"])
        if not (evidence.settled and evidence.having("intake")):
            continue
        if case is None or case.handed_out_at is None or rated_at is None:
            yield RatingWrong(service="metrics", subject=number, detail="the case is not served")
        elif case.applicant != row["applicant"] or rated_at < case.handed_out_at:
            yield RatingWrong(
                service="metrics", subject=number, detail="not by its applicant after service"
            )


def prove_lights(evidence: Evidence) -> Iterator[Finding]:
    """An item is red exactly if a decided case of it took two visits, and says which.

    When settled the catalogue has flagged it and the case itself says so.

    Source: R2.5; readings 22.
    """
    if not (evidence.settled and evidence.having("intake", "review", "metrics")):
        return
    sql = "SELECT item_code, red, case_number, visits, visits_by_courier FROM item_light"
    lights = {row["item_code"]: row for row in evidence.services["metrics"].database.rows(sql)}
    showing: dict[str, dict[str, IntakeCase]] = {}
    for case in evidence.cases.intake.values():
        review = evidence.cases.review.get(case.number)
        if review is not None and review.decided_at is not None and len(case.visits) > 1:
            showing.setdefault(case.item_code, {})[case.number] = case
    for item in sorted(showing.keys() | lights.keys()):
        yield from _prove_light(evidence, item, lights.get(item), showing.get(item, {}))


def _prove_light(
    evidence: Evidence,
    item: str,
    light: Mapping[str, Any] | None,
    showing: Mapping[str, IntakeCase],
) -> Iterator[Finding]:
    red = light is not None and bool(flag(light["red"]))
    if light is None or not red:
        if showing:
            detail = f"not red, though {min(showing)} took two visits"
            yield LightWrong(service="metrics", subject=item, detail=detail)
        return
    case = showing.get(light["case_number"])
    if case is None:
        detail = f"red by {light['case_number']}, which did not take two visits"
        yield LightWrong(service="metrics", subject=item, detail=detail)
        return
    # What was told is what the case had taken when it began to show; more visits may follow.
    by_courier = light["visits"] - _collections_among(case, light["visits"])
    if not 1 < light["visits"] <= len(case.visits) or light["visits_by_courier"] != by_courier:
        detail = f"{light['visits']} visits, {light['visits_by_courier']} by courier"
        yield LightWrong(service="metrics", subject=item, detail=detail)
    told = [entry for entry in case.timeline if entry.code == "ITEM_TURNED_RED"]
    if not any(entry.facts.get("visits") == str(light["visits"]) for entry in told):
        yield LightUntold(service="intake", subject=case.number, detail=item)
    if evidence.having("catalog"):
        catalog = evidence.services["catalog"].database
        sql = "SELECT red_case_number FROM service_item WHERE item_code = :item AND red"
        if catalog.one(sql, item=item) != light["case_number"]:
            yield LightUntold(service="catalog", subject=item, detail=light["case_number"])


def _collections_among(case: IntakeCase, visits: int) -> int:
    return sum(each.purpose == "COLLECTION" for each in case.visits if each.ordinal <= visits)
