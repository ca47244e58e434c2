"""What happens once to a case is told once: by its event, exactly where its facts say so."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

from checker.evidence import Evidence
from checker.report import Finding

__all__ = ["prove_milestones"]


class NotToldOnce(Finding):
    """A step of a case was told twice, or told and not taken, or taken and not told."""

    id = "MILESTONE_NOT_TOLD_ONCE"


def prove_milestones(evidence: Evidence) -> Iterator[Finding]:
    """For each step that a case takes once there is one event, and none for a step not taken.

    A timer that fired twice, or a command that was applied twice under two
    request ids, would tell twice.
    """
    for kind, taken in _steps(evidence).items():
        source = kind.partition(".")[0]
        if not evidence.having(source):
            continue
        told = Counter(
            event.stream_id for event in evidence.services[source].events if event.type == kind
        )
        for number in sorted(taken.keys() | told.keys()):
            expected = int(taken.get(number, False))
            if told[number] != expected:
                detail = f"{kind}: {told[number]} of {expected}"
                yield NotToldOnce(service=source, subject=number, detail=detail)


def _steps(evidence: Evidence) -> Mapping[str, Mapping[str, bool]]:
    """Map each event to the cases, and to whether their facts show the step."""
    cases, reviews = evidence.cases.intake.values(), evidence.cases.review.values()
    offers = evidence.cases.offers.values()
    sent = {case.number: case.bundle("TO_DEPARTMENT") for case in cases}
    back = {case.number: case.bundle("TO_WINDOW") for case in cases}
    return {
        "intake.case_received.v1": {case.number: True for case in cases},
        "intake.case_accepted.v1": {case.number: case.accepted_at is not None for case in cases},
        "intake.bundle_handed_over.v1": {number: bool(each) for number, each in sent.items()},
        "intake.bundle_received.v1": {
            number: each is not None and each.received_at is not None
            for number, each in sent.items()
        },
        "intake.result_returned.v1": {number: bool(each) for number, each in back.items()},
        "intake.result_received.v1": {
            number: each is not None and each.received_at is not None
            for number, each in back.items()
        },
        "intake.result_handed_out.v1": {
            case.number: case.handed_out_at is not None for case in cases
        },
        "review.review_opened.v1": {review.case_number: True for review in reviews},
        "review.opinion_submitted.v1": {
            review.case_number: bool(review.reviewer) for review in reviews
        },
        "review.decision_made.v1": {
            review.case_number: review.decided_at is not None for review in reviews
        },
        "delivery.courier_offered.v1": {offer.case_number: True for offer in offers},
        "delivery.courier_offer_answered.v1": {
            offer.case_number: offer.answered_at is not None for offer in offers
        },
    }
