"""What happens once to a case is told once: by its event, exactly where its facts say so."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Final

from checker.case_files import ReviewCase
from checker.evidence import Evidence
from checker.intake_files import IntakeCase
from checker.parcels import Shipment
from checker.report import Finding

__all__ = ["prove_milestones"]

_FAILURES: Final = frozenset({"REFUSED", "RETURNED", "LOST"})


class NotToldOnce(Finding):
    """A step of a case was told twice, or told and not taken, or taken and not told."""

    id = "MILESTONE_NOT_TOLD_ONCE"


def prove_milestones(evidence: Evidence) -> Iterator[Finding]:
    """For each step that a case takes there is one event, and none for a step not taken.

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
            if told[number] != taken[number]:
                detail = f"{kind}: {told[number]} of {taken[number]}"
                yield NotToldOnce(service=source, subject=number, detail=detail)


def _steps(evidence: Evidence) -> Mapping[str, Counter[str]]:
    """Map each event to how often the facts of each case show its step."""
    return (
        _of_intake(evidence.cases.intake.values())
        | _of_review(evidence.cases.review.values())
        | _of_delivery(evidence)
    )


def _of_intake(cases: Collection[IntakeCase]) -> dict[str, Counter[str]]:
    def count(times: Callable[[IntakeCase], int]) -> Counter[str]:
        return Counter({case.number: times(case) for case in cases})

    def ended(kind: str) -> Counter[str]:
        return count(lambda case: sum(each.kind == kind for each in case.endings))

    return {
        "intake.case_received.v1": count(lambda _: 1),
        "intake.case_accepted.v1": count(
            lambda case: case.accepted_at is not None and case.spot is None
        ),
        "intake.decided_on_the_spot.v1": count(lambda case: len(case.spot_decisions)),
        "intake.turned_into_promised.v1": count(lambda case: case.turned_at is not None),
        "intake.filing_recorded.v1": count(lambda case: case.filed_at is not None),
        "intake.case_not_required.v1": ended("NOT_REQUIRED"),
        "intake.acceptance_refused.v1": ended("REFUSED"),
        "intake.case_withdrawn.v1": ended("WITHDRAWN"),
        "intake.case_terminated.v1": ended("TERMINATED"),
        "intake.correction_reminded.v1": count(lambda case: len(case.reminders)),
        "intake.originals_received.v1": count(
            lambda case: len({each.shipment for each in case.originals})
        ),
        "intake.process_notice_given.v1": count(
            lambda case: sum(each.given_at is not None for each in case.process_notices)
        ),
        "intake.explanation_given.v1": count(
            lambda case: sum(each.answered_at is not None for each in case.process_notices)
        ),
        **_of_results(count),
    }


def _of_results(
    count: Callable[[Callable[[IntakeCase], int]], Counter[str]],
) -> dict[str, Counter[str]]:
    def received(case: IntakeCase, direction: str) -> int:
        return sum(each.received_at is not None for each in case.bundles_of(direction))

    return {
        "intake.bundle_handed_over.v1": count(lambda case: len(case.bundles_of("TO_DEPARTMENT"))),
        "intake.bundle_received.v1": count(lambda case: received(case, "TO_DEPARTMENT")),
        "intake.bundle_lost.v1": count(
            lambda case: sum(each.lost_at is not None for each in case.bundles)
        ),
        "intake.result_returned.v1": count(lambda case: len(case.bundles_of("TO_WINDOW"))),
        "intake.result_received.v1": count(lambda case: received(case, "TO_WINDOW")),
        "intake.result_handed_out.v1": count(lambda case: case.handed_out_at is not None),
        "intake.result_dispatched.v1": count(lambda case: len(case.dispatches)),
        "intake.service_left_open.v1": count(_left_open),
        "intake.result_announced.v1": count(
            lambda case: sum(each.code == "RESULT_ANNOUNCED" for each in case.timeline)
        ),
        "intake.result_served.v1": count(
            lambda case: case.served_at is not None and case.service_means != "WINDOW"
        ),
    }


def _left_open(case: IntakeCase) -> int:
    """Return how many parcels did not serve the result: signed by nobody entitled, or failed."""
    proven = {"ADDRESSEE"}
    return sum(
        each.failure in _FAILURES
        or (
            each.signed_at is not None
            and each.signer not in proven
            and not (each.signer == "OTHER" and each.mandate)
        )
        for each in case.dispatches
    )


def _of_review(tasks: Collection[ReviewCase]) -> dict[str, Counter[str]]:
    def count(times: Callable[[ReviewCase], int]) -> Counter[str]:
        found: Counter[str] = Counter()
        for task in tasks:
            found[task.case_number] += int(times(task))
        return found

    return {
        "review.review_opened.v1": count(lambda _: 1),
        "review.opinion_submitted.v1": count(lambda task: task.reviewer != ""),
        "review.decision_made.v1": count(
            lambda task: (task.decided_at or task.void_decided_at) is not None
        ),
        "review.special_procedure_planned.v1": count(lambda task: len(task.procedures)),
        "review.special_procedure_ended.v1": count(
            lambda task: sum(each.ended_on is not None for each in task.procedures)
        ),
        "review.limit_extended.v1": count(lambda task: task.extended_at is not None),
        "review.explanation_requested.v1": count(lambda task: len(task.explanations)),
        "review.consultation_requested.v1": count(lambda task: len(task.consultations)),
        "review.consultation_answered.v1": count(
            lambda task: sum(each.answered_at is not None for each in task.consultations)
        ),
        "review.bundle_waived.v1": count(lambda task: task.waived_at is not None),
    }


def _of_delivery(evidence: Evidence) -> dict[str, Counter[str]]:
    offers, parcels = evidence.cases.offers.values(), evidence.cases.shipments

    def count(times: Callable[[Shipment], int]) -> Counter[str]:
        return Counter(
            {number: sum(map(times, shipments)) for number, shipments in parcels.items()}
        )

    return {
        "delivery.courier_offered.v1": Counter(offer.case_number for offer in offers),
        "delivery.courier_offer_answered.v1": Counter(
            offer.case_number for offer in offers if offer.answered_at is not None
        ),
        "delivery.shipment_created.v1": count(lambda _: 1),
        "delivery.shipment_picked_up.v1": count(lambda parcel: parcel.picked_up_at is not None),
        "delivery.shipment_signed.v1": count(lambda parcel: parcel.signed_at is not None),
        "delivery.shipment_failed.v1": count(
            lambda parcel: (
                (parcel.refused_at is not None)
                + (parcel.ended_at is not None and parcel.state != "SIGNED")
            )
        ),
    }
