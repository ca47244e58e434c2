"""What metrics counts beside the facts of cases: violations, alarms, ratings, lights."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from google.protobuf.message import DecodeError
from liandong.intake.v1.intake_events_pb2 import CaseAccepted
from liandong.metrics.v1 import metrics_events_pb2 as metrics_pb

from checker.evidence import Event, Evidence
from checker.intake_files import IntakeCase
from checker.proofs.facts import told_of
from checker.report import Finding
from checker.values import flag, instant

__all__ = ["prove_alarms", "prove_lights", "prove_ratings", "prove_violations_counted"]

_GRADES: Final = range(1, 6)  # GB/T 39046 A.8
_ACCEPTED: Final = "intake.case_accepted.v1"
_ALARMS: Final = {
    "intake.competence_alarmed.v1": "COMPETENCE_ALARMED",
    "intake.bundle_overdue.v1": "BUNDLE_OVERDUE",
    "intake.correction_unconfirmed.v1": "CORRECTION_UNCONFIRMED",
    "intake.assistance_overdue.v1": "ASSISTANCE_OVERDUE",
    _ACCEPTED: "DEEMED_ACCEPTANCE",
    "review.light_changed.v1": "LIGHT_CHANGED",
    "intake.service_left_open.v1": "SERVICE_LEFT_OPEN",
}
_SOURCES: Final = ("catalog", "intake", "review", "delivery")


class ViolationUncounted(Finding):
    """A violation was kept and metrics does not have it, or the other way round."""

    id = "VIOLATION_UNCOUNTED"


class ViolationMiscounted(Finding):
    """Metrics has other facts of a violation than the service that refused."""

    id = "VIOLATION_MISCOUNTED"


class AlarmUncounted(Finding):
    """An alarm was raised and metrics does not list it, or lists one that nobody raised."""

    id = "ALARM_UNCOUNTED"


class RatingWrong(Finding):
    """A rating belongs to no served case, is not its applicant's, or was not told once."""

    id = "RATING_WRONG"


class LightWrong(Finding):
    """The light of an item is not what its cases show."""

    id = "LIGHT_WRONG"


class LightUntold(Finding):
    """A red light did not arrive where it must be explained: catalogue or case."""

    id = "LIGHT_UNTOLD"


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


def prove_alarms(evidence: Evidence) -> Iterator[Finding]:
    """When settled, metrics lists exactly the alarms that intake and review raised.

    Source: R1.5, R3.4, R4.5; readings 4, 8, 9, 13.
    """
    if not (evidence.settled and evidence.having("intake", "review", "metrics")):
        return
    raised = {
        event.event_id: (_ALARMS[event.type], event.stream_id, event.occurred_at)
        for name in ("intake", "review")
        for event in evidence.services[name].events
        if event.type in _ALARMS and (event.type != _ACCEPTED or _is_deemed(event))
    }
    listed = {
        row["alarm_id"]: (row["kind"], row["case_number"], instant(row["at"]))
        for row in evidence.services["metrics"].database.rows(
            "SELECT alarm_id, kind, case_number, at FROM alarm_seen ORDER BY alarm_id"
        )
    }
    for alarm in sorted(raised.keys() | listed.keys()):
        if raised.get(alarm) != listed.get(alarm):
            detail = f"raised {raised.get(alarm)}, listed {listed.get(alarm)}"
            yield AlarmUncounted(service="metrics", subject=alarm, detail=detail)


def _is_deemed(event: Event) -> bool:
    try:
        return CaseAccepted.FromString(event.payload).deemed
    except DecodeError:
        return False  # found by the envelopes


def prove_ratings(evidence: Evidence) -> Iterator[Finding]:
    """Each rating is its applicant's, of a served case, given after service, and told once.

    Source: 国办发〔2019〕51号; GB/T 39046 A.8.
    """
    if not evidence.having("metrics"):
        return
    metrics = evidence.services["metrics"]
    told = told_of(evidence, "metrics.case_rated.v1", metrics_pb.CaseRated)
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
        over_at = None if case is None else case.served_at or case.filed_at
        if case is None or over_at is None or rated_at is None:
            yield RatingWrong(service="metrics", subject=number, detail="the case is not served")
        elif case.applicant != row["applicant"] or rated_at < over_at:
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
        if len(case.visits) > 1 and _was_completed(evidence, case):
            showing.setdefault(case.item_code, {})[case.number] = case
    for item in sorted(showing.keys() | lights.keys()):
        yield from _prove_light(evidence, item, lights.get(item), showing.get(item, {}))


def _was_completed(evidence: Evidence, case: IntakeCase) -> bool:
    """Whether it was ever decided by all its authorities, on the spot, or filed.

    A withdrawal that was there before the decision does not take the visits back.
    """
    tasks = evidence.cases.tasks.get(case.number, ())
    made = [task.decided_at or task.void_decided_at for task in tasks]
    decided = bool(made) and all(made)
    return decided or case.decided_at is not None or case.filed_at is not None


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
