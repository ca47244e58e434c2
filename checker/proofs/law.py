"""What the law and the plan demand, looked for in what is stored and not in what was refused.

Each rule is stated here a second time, from `rules.md` and `readings.md`, so
that a rule that a service forgot to ask is missed here.
"""

from __future__ import annotations

from collections.abc import Iterator

from checker.case_files import ReviewCase
from checker.evidence import Evidence
from checker.intake_files import IntakeCase
from checker.report import Finding

__all__ = [
    "prove_acceptance",
    "prove_joint",
    "prove_limits",
    "prove_notice",
    "prove_review",
    "prove_separation",
]

_CHECKERS = 2  # persons; 行政许可法 第三十四条第三款
_SEPARATE = 2  # persons_required from which review and decision are separate; readings 2


class FrontReviewed(Finding):
    """Who received, noticed or accepted a case reviewed, checked or decided it (R4.1)."""

    id = "LAW_FRONT_REVIEWED"


class FrontForgotten(Finding):
    """Who dealt with the applicant is not among those barred from deciding (R4.1)."""

    id = "LAW_FRONT_FORGOTTEN"


class DeciderReviewed(Finding):
    """One person reviewed and decided where the item asks for two (readings 2)."""

    id = "LAW_DECIDED_BY_REVIEWER"


class CheckedByOne(Finding):
    """A check on the site was not made by two different persons (行政许可法 34(3))."""

    id = "LAW_SITE_CHECK_BY_ONE"


class CheckMissing(Finding):
    """An opinion or decision came without the check on the site, the opinion or the paper."""

    id = "LAW_STEP_SKIPPED"


class ReasonsMissing(Finding):
    """A denial has no reasons (行政许可法 38(2))."""

    id = "LAW_REASONS_MISSING"


class NoticeTwice(Finding):
    """A case has another number of notices than the one the law allows (R1.2)."""

    id = "LAW_NOTICE_NOT_ONCE"


class SharedAskedFor(Finding):
    """A notice asks for what is had by data sharing (国务院令第716号 第七条)."""

    id = "LAW_SHARED_DATA_ASKED_FOR"


class AcceptedWrongly(Finding):
    """A case is accepted as of another instant than what completed it (readings 8)."""

    id = "LAW_ACCEPTANCE_INSTANT"


class AcceptedIncomplete(Finding):
    """A window accepted a case with a material missing or not in due form."""

    id = "LAW_ACCEPTED_INCOMPLETE"


class PromiseBeyondLaw(Finding):
    """The promised day is later than the day the law allows (readings 16)."""

    id = "LAW_PROMISE_BEYOND_STATUTE"


class PrerequisiteSkipped(Finding):
    """An authority granted before another that had to grant first (readings 21)."""

    id = "LAW_PREREQUISITE_SKIPPED"


class RemediesUnknown(Finding):
    """An authority denied though nobody knows who reviews its decisions (readings 11)."""

    id = "LAW_DENIED_WITHOUT_REMEDIES"


class ConsultedWrongly(Finding):
    """An authority was asked that the version does not let be asked (readings 21)."""

    id = "LAW_CONSULTED_WRONGLY"


class OrderBroken(Finding):
    """The instants of a case are not in the order the procedure has."""

    id = "LAW_ORDER_BROKEN"


def prove_separation(evidence: Evidence) -> Iterator[Finding]:
    """Nobody who dealt with the applicant reviewed, checked or decided; the decider is another.

    Source: R4.1; readings 1, 2; 行政许可法 第三十四条第三款.
    """
    for review in evidence.cases.review.values():
        case = evidence.cases.intake.get(review.case_number)
        front = set(review.front_persons)
        if case is not None:
            front |= _front(case)
        checkers = {person for check in review.site_checks for person in check.checkers}
        behind = {review.reviewer, review.decider, *checkers} - {""}
        for person in sorted(front & behind):
            yield FrontReviewed(service="review", subject=review.case_number, detail=person)
        same = review.decider != "" and review.decider == review.reviewer
        if same and review.persons_required >= _SEPARATE:
            yield DeciderReviewed(
                service="review", subject=review.case_number, detail=review.decider
            )
    for case in evidence.cases.intake.values():
        for person in sorted(_front(case) - case.front_persons):
            yield FrontForgotten(service="intake", subject=case.number, detail=person)


def _front(case: IntakeCase) -> set[str]:
    """Those who received, noticed or accepted; silence accepts without a person."""
    proposers = {each.proposed_by for each in case.further_notices}
    named = {case.received_by, case.noticed_by, case.accepted_by, case.turned_by}
    return (named | proposers) - {""}


def prove_review(evidence: Evidence) -> Iterator[Finding]:
    """No step of the review was skipped: check by two, opinion, paper, reasons.

    Source: 行政许可法 第三十四条第三款, 第三十八条第二款; readings 2, 13.
    """
    for review in evidence.cases.review.values():
        for check in review.site_checks:
            if len(set(check.checkers) - {""}) < _CHECKERS:
                detail = ", ".join(check.checkers)
                yield CheckedByOne(service="review", subject=review.case_number, detail=detail)
        for skipped in _skipped(review):
            yield CheckMissing(service="review", subject=review.case_number, detail=skipped)
        if review.outcome == "DENIED" and not review.reasons.strip():
            yield ReasonsMissing(service="review", subject=review.case_number)


def _skipped(review: ReviewCase) -> Iterator[str]:
    if review.site_check_required and review.reviewer and not review.site_checks:
        yield "an opinion without the check on the site"
    if review.decider and not review.reviewer:
        yield "a decision without an opinion"
    awaited = review.bundle not in {"NONE", "RECEIVED"} and review.waived_at is None
    if review.decider and awaited:
        yield "a decision without the paper"
    persons = {review.reviewer, review.decider} - {""}
    persons |= {person for check in review.site_checks for person in check.checkers}
    if review.decider and len(persons) < review.persons_required:
        yield f"a decision by {len(persons)} of {review.persons_required} persons"


def prove_notice(evidence: Evidence) -> Iterator[Finding]:
    """At most one notice per case, told once, and never for shared data.

    Source: 行政许可法 第三十二条第一款第四项; R1.2; readings 8; 国务院令第716号 第七条.
    """
    if not evidence.having("intake"):
        return
    told: dict[str, int] = {}
    for event in evidence.services["intake"].events:
        if event.type == "intake.one_time_notice_given.v1":
            told[event.stream_id] = told.get(event.stream_id, 0) + 1
    for case in evidence.cases.intake.values():
        given = 1 if case.noticed_at is not None else 0
        printed = sum(not each.voided for each in case.documents_of("ONE_TIME_NOTICE"))
        named = any(each.further == 0 for each in case.notice_entries)
        if not given == printed == told.get(case.number, 0) == named:
            detail = f"given {given}, printed {printed}, told {told.get(case.number, 0)}"
            yield NoticeTwice(service="intake", subject=case.number, detail=detail)
        shared = {material.code for material in case.materials if material.sharing_source}
        for entry in case.notice_entries:
            if entry.material_code in shared:
                yield SharedAskedFor(
                    service="intake", subject=case.number, detail=entry.material_code
                )


def prove_acceptance(evidence: Evidence) -> Iterator[Finding]:
    """Accepted as of the last cured entry, or of the receipt; complete, unless deemed.

    Source: 行政许可法 第三十二条第一款第四、五项; readings 8, 17.
    """
    for case in evidence.cases.intake.values():
        if case.accepted_at is None:
            continue
        cured = [each.cured_at for each in case.materials if each.cured_at is not None]
        as_of = case.received_at if case.deemed else max(cured, default=case.received_at)
        if case.spot is not None:
            as_of = case.spot.decided_at  # accepted and decided at one instant (readings 2)
        if case.accepted_at != as_of or case.completed_at != as_of:
            detail = f"as of {case.accepted_at}, complete at {as_of}"
            yield AcceptedWrongly(service="intake", subject=case.number, detail=detail)
        missing = [each.code for each in case.materials if each.defect != "UNSPECIFIED"]
        if missing and not case.deemed:
            detail = ", ".join(missing)
            yield AcceptedIncomplete(service="intake", subject=case.number, detail=detail)
        if bool(case.accepted_by) == case.deemed:
            detail = "by silence and by a person" if case.deemed else "by nobody"
            yield AcceptedWrongly(service="intake", subject=case.number, detail=detail)


def prove_joint(evidence: Evidence) -> Iterator[Finding]:
    """Nobody granted before who had to grant first; no denial where nobody knows who reviews it.

    And an authority was asked for its opinion only where the version lets it be asked.

    Source: 行政许可法 第二十六条第二款; readings 11, 21.
    """
    for review in evidence.cases.review.values():
        others = evidence.cases.tasks.get(review.case_number, ())
        granted = {
            other.authority
            for other in others
            if other.outcome == "GRANTED" and _before(other, review)
        }
        missing = sorted(set(review.prerequisites) - granted)
        if review.outcome == "GRANTED" and missing:
            detail = f"granted before {', '.join(missing)}"
            yield PrerequisiteSkipped(service="review", subject=review.task, detail=detail)
        if review.outcome == "DENIED" and not review.remedies_known:
            yield RemediesUnknown(service="review", subject=review.task, detail=review.authority)
        for asked in review.consultations:
            if asked.consulted not in review.consulted:
                yield ConsultedWrongly(
                    service="review", subject=review.task, detail=asked.consulted
                )


def _before(one: ReviewCase, other: ReviewCase) -> bool:
    return (
        one.decided_at is not None
        and other.decided_at is not None
        and one.decided_at <= other.decided_at
    )


def prove_limits(evidence: Evidence) -> Iterator[Finding]:
    """The promise is never later than the law, and a case goes forward in time.

    Source: readings 16; domain.md 1.8.
    """
    for case in evidence.cases.intake.values():
        promised, allowed = case.promise_due_on, case.statutory_due_on
        if promised is not None and allowed is not None and promised > allowed:
            detail = f"{promised} after {allowed}"
            yield PromiseBeyondLaw(service="intake", subject=case.number, detail=detail)
        steps = [case.received_at, case.accepted_at, case.decided_at, case.served_at]
        taken = [step for step in steps if step is not None]
        gap = None in steps and any(steps[steps.index(None) :])
        if gap or taken != sorted(taken):
            detail = ", ".join(str(step) for step in steps)
            yield OrderBroken(service="intake", subject=case.number, detail=detail)
    for review in evidence.cases.review.values():
        if review.promise is None or review.statutory is None:
            continue
        if review.promise.due_on > review.statutory.due_on:
            detail = f"{review.promise.due_on} after {review.statutory.due_on}"
            yield PromiseBeyondLaw(service="review", subject=review.case_number, detail=detail)
