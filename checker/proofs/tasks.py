"""Intake and review agree on every case: one task for each authority that decides."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from checker.case_files import ReviewCase
from checker.evidence import Evidence
from checker.intake_files import IntakeCase
from checker.intake_records import AuthorityDecision
from checker.report import Finding

__all__ = ["differences", "prove_reviews", "prove_states", "results_here"]

_UNCURED: Final = "UNSPECIFIED"
_ON_THE_SPOT: Final = "ON_THE_SPOT"
_LEAST_FOR_VERIFICATION: Final = 2  # persons; 行政许可法 第三十四条第三款


class ReviewMissing(Finding):
    """A case was accepted and an authority that must decide does not have it."""

    id = "CASE_WITHOUT_REVIEW"


class ReviewUnaccepted(Finding):
    """A department has a case that was not accepted, or that it has no part in."""

    id = "REVIEW_WITHOUT_CASE"


class ReviewDiffers(Finding):
    """Intake and review have different facts of one case."""

    id = "REVIEW_DIFFERS"


class StateDiffers(Finding):
    """The state of a case is not what its facts say."""

    id = "CASE_STATE_DIFFERS"


class OutcomeDiffers(Finding):
    """The decision of a case is not what its authorities decided together (readings 21)."""

    id = "CASE_OUTCOME_DIFFERS"


def prove_states(evidence: Evidence) -> Iterator[Finding]:
    """The state of each case follows from its facts, and its decision from its authorities'."""
    evidence.facts["cases"] = len(evidence.cases.intake)
    for case in evidence.cases.intake.values():
        if case.state != _state(case):
            detail = f"is {case.state}, its facts say {_state(case)}"
            yield StateDiffers(service="intake", subject=case.number, detail=detail)
        yield from _prove_outcome(case)


def _state(case: IntakeCase) -> str:
    """Return where a case stands by its facts alone."""
    if case.ending is not None:
        return case.ending.kind
    if case.filed_at is not None:
        return "FILED"
    return _state_of_result(case) or _state_of_application(case)


def _state_of_result(case: IntakeCase) -> str:
    if case.served_at is not None:
        return "SERVED"
    if case.decided_at is None:
        return ""
    if case.spot is None and not results_here(case):
        return "DECIDED"
    sent = case.dispatches[-1] if case.dispatches else None
    return "IN_DELIVERY" if sent is not None and sent.failed_at is None else "READY"


def _state_of_application(case: IntakeCase) -> str:
    if case.accepted_at is not None:
        return "ACCEPTED"
    uncured = any(material.defect != _UNCURED for material in case.materials)
    return "CORRECTION" if case.noticed_at is not None and uncured else "RECEIVED"


def results_here(case: IntakeCase) -> bool:
    """Whether the result of each authority came back after its decision was issued."""
    decided = [each.authority for each in case.decisions if each.decided_at is not None]
    return bool(decided) and all(_is_here(case, authority) for authority in decided)


def _is_here(case: IntakeCase, authority: str) -> bool:
    issued = [
        document.issued_at
        for document in case.documents_of("GRANT_DECISION", "DENIAL_DECISION")
        if document.authority == authority and not document.voided and document.issued_at
    ]
    return bool(issued) and any(
        bundle.received_at is not None
        and bundle.lost_at is None
        and bundle.sent_at is not None
        and bundle.sent_at >= issued[-1]
        for bundle in case.bundles_of("TO_WINDOW")
        if (bundle.authority or case.authority) == authority
    )


def _prove_outcome(case: IntakeCase) -> Iterator[Finding]:
    made = [each for each in case.decisions if each.decided_at is not None]
    late = any(ending.overtaken for ending in case.endings)
    closed = bool(made) and (late or {each.authority for each in made} >= set(case.authorities))
    outcomes = {each.outcome for each in made}
    expected: tuple[object, str] = (None, "UNSPECIFIED")
    if closed and case.ending is None:
        last = max(each.decided_at for each in made if each.decided_at is not None)
        expected = (last, "PARTLY" if len(outcomes) > 1 else outcomes.pop())
    if (case.decided_at, case.outcome) != expected:
        detail = f"decided {case.decided_at} {case.outcome}, its authorities {expected}"
        yield OutcomeDiffers(service="intake", subject=case.number, detail=detail)
    for each in made:
        if each.authority not in case.authorities:
            detail = f"{each.authority} decided without a part in it"
            yield OutcomeDiffers(service="intake", subject=case.number, detail=detail)


def prove_reviews(evidence: Evidence) -> Iterator[Finding]:
    """When settled: who must decide has the case, and what was decided there is decided here.

    With the same persons, instants and last days on both sides.

    Source: 行政许可法 第二十六条第二款; readings 13, 21.
    """
    if not (evidence.settled and evidence.having("intake", "review")):
        return
    cases, reviews = evidence.cases.intake, evidence.cases.review
    expected: set[str] = set()
    for case in cases.values():
        if case.accepted_at is None or case.spot is not None:
            continue
        for authority in case.authorities:
            task = _task(case, authority)
            expected.add(task)
            if task in reviews:
                yield from _prove_task(case, authority, reviews[task])
            else:
                yield ReviewMissing(service="review", subject=task)
        yield from _prove_latest(case, evidence.cases.tasks.get(case.number, ()))
    for task in sorted(reviews.keys() - expected):
        yield ReviewUnaccepted(service="review", subject=task)


def _task(case: IntakeCase, authority: str) -> str:
    return case.number if authority == case.authorities[0] else f"{case.number}/{authority}"


def _prove_task(case: IntakeCase, authority: str, review: ReviewCase) -> Iterator[Finding]:
    part = next((each for each in case.parts if each["authority"] == authority), case.terms)
    kept = next((each for each in case.decisions if each.authority == authority), None)
    pairs: dict[str, tuple[object, object]] = {
        "case_number": (case.number, review.case_number),
        "item_code": (case.item_code, review.item_code),
        "item_version": (case.item_version, review.item_version),
        "authority": (authority, review.authority),
        "unit_path": (case.unit_path, review.unit_path),
        "received_at": (case.received_at, review.received_at),
        "accepted_at": (case.accepted_at, review.accepted_at),
        "front_persons": (sorted(case.front_persons), sorted(review.front_persons)),
        "persons_required": (_persons(case, part), review.persons_required),
        "site_check_required": (
            bool(part.get("site_check_required")),
            review.site_check_required,
        ),
        "prerequisites": (sorted(part.get("prerequisites") or ()), sorted(review.prerequisites)),
        "remedies_known": (bool(part.get("review_body") and part.get("court")),
                           review.remedies_known),
        "bundle": (_bundle(case) if review.task == case.number else "NONE", review.bundle),
        **_dates(case, kept, review),
        **_decided(kept, review),
    }  # fmt: skip
    for words in differences("intake", "review", pairs):
        yield ReviewDiffers(service="review", subject=review.task, detail=words)


def _persons(case: IntakeCase, part: Mapping[str, Any]) -> int:
    least = _LEAST_FOR_VERIFICATION if case.handling == _ON_THE_SPOT else 1
    return max(int(part.get("persons_required") or 0), least)


def _dates(
    case: IntakeCase, kept: AuthorityDecision | None, review: ReviewCase
) -> dict[str, tuple[object, object]]:
    """Compare the last days, unless the case ended: then nobody counts them any more."""
    if case.ending is not None or review.state == "ENDED":
        return {}
    dated = kept is not None and kept.promise_due_on is not None
    here = kept if dated and kept is not None else case
    return {
        "promise_due_on": (here.promise_due_on, review.promise and review.promise.due_on),
        "statutory_due_on": (here.statutory_due_on, review.statutory and review.statutory.due_on),
    }


def _prove_latest(case: IntakeCase, tasks: tuple[ReviewCase, ...]) -> Iterator[Finding]:
    """The days of a case are the latest of its authorities' (readings 21)."""
    if case.ending is not None or not tasks or any(task.state == "ENDED" for task in tasks):
        return
    promised = [task.promise.due_on for task in tasks if task.promise is not None]
    allowed = [task.statutory.due_on for task in tasks if task.statutory is not None]
    pairs: dict[str, tuple[object, object]] = {
        "promise_due_on of the case": (case.promise_due_on, max(promised, default=None)),
        "statutory_due_on of the case": (
            case.statutory_due_on,
            max(allowed, default=None),
        ),
    }
    for words in differences("intake", "review", pairs):
        yield ReviewDiffers(service="review", subject=case.number, detail=words)


def _decided(
    kept: AuthorityDecision | None, review: ReviewCase
) -> dict[str, tuple[object, object]]:
    decided = kept is not None and kept.decided_at is not None
    return {
        "decided_at": (kept and kept.decided_at, review.decided_at),
        "outcome": (kept.outcome if kept is not None and decided else "", review.outcome),
        "decider": (kept.decider if kept is not None else "", review.decider),
        "decided": (decided, review.state == "DECIDED"),
    }


def _bundle(case: IntakeCase) -> str:
    """Return where the paper is, in the words of review."""
    sent = max(case.bundles_of("TO_DEPARTMENT"), key=lambda each: each.ordinal, default=None)
    if sent is None:
        return "AT_WINDOW" if case.has_paper else "NONE"
    if sent.lost_at is not None:
        return "LOST"
    return "ON_ITS_WAY" if sent.received_at is None else "RECEIVED"


def differences(left: str, right: str, pairs: Mapping[str, tuple[object, object]]) -> Iterator[str]:
    """Say in words where the two sides of a pair are not the same."""
    for name, (here, there) in pairs.items():
        if here != there:
            yield f"{name}: {left} {here}, {right} {there}"
