"""What the checker expects of the services: its own copy, compared with theirs only in its tests.

Had it asked the services who listens to whom, an edge forgotten there would
be forgotten here as well, and nobody would miss the events.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

__all__ = [
    "CONSUMERS",
    "SERVICES",
    "TAKEN_IN",
    "VIOLATIONS",
    "queues",
    "sources_of",
]

SERVICES: Final = ("catalog", "intake", "review", "delivery", "metrics")

# Source of events to the services that must have taken all of them in.
CONSUMERS: Final[Mapping[str, tuple[str, ...]]] = {
    "catalog": ("intake", "review", "metrics"),
    "intake": ("review", "delivery", "metrics"),
    "review": ("intake", "metrics"),
    "delivery": ("intake", "metrics"),
    "metrics": ("intake", "catalog"),
}

# Consumer to the types of events that change something there and leave an audit row.
TAKEN_IN: Final[Mapping[str, frozenset[str]]] = {
    "catalog": frozenset({"metrics.item_light_changed.v1"}),
    "intake": frozenset(
        {
            "review.decision_made.v1",
            "review.review_opened.v1",
            "review.site_check_recorded.v1",
            "review.opinion_submitted.v1",
            "metrics.item_light_changed.v1",
            "catalog.window_merged.v1",
            "catalog.calendar_year_imported.v1",
            "delivery.courier_offer_answered.v1",
            "delivery.shipment_signed.v1",
            "delivery.shipment_failed.v1",
            "review.special_procedure_planned.v1",
            "review.limit_extended.v1",
            "review.explanation_requested.v1",
            "review.dates_recomputed.v1",
        }
    ),
    "review": frozenset(
        {
            "intake.case_accepted.v1",
            "intake.bundle_handed_over.v1",
            "intake.bundle_received.v1",
            "intake.bundle_overdue.v1",
            "intake.bundle_lost.v1",
            "intake.process_notice_given.v1",
            "intake.explanation_given.v1",
            "intake.case_withdrawn.v1",
            "intake.case_terminated.v1",
            "catalog.calendar_year_imported.v1",
        }
    ),
    "delivery": frozenset(
        {
            "intake.case_received.v1",
            "intake.case_transferred.v1",
            "intake.case_withdrawn.v1",
            "intake.case_not_required.v1",
            "intake.acceptance_refused.v1",
            "intake.case_terminated.v1",
            "intake.result_dispatched.v1",
        }
    ),
    "metrics": frozenset(),
}

# Service to the refusals that are kept, audited and published.
VIOLATIONS: Final[Mapping[str, frozenset[str]]] = {
    "catalog": frozenset(),
    "intake": frozenset(
        {
            "NOT_A_WINDOW_POST",
            "NOTICE_ALREADY_GIVEN",
            "ACCEPTED_BY_DEPARTMENT",
            "NOT_THE_ACCEPTING_WINDOW",
            "HANDED_OUT_BY_DEPARTMENT",
            "NOT_A_SUPERVISOR",
            "APPROVED_BY_PROPOSER",
            "NOT_NAMED_TO_DECIDE",
            "ENQUIRY_UNANSWERED",
            "NOT_THE_ENQUIRY_OWNER",
            "ASSISTANCE_NOT_FREE",
        }
    ),
    "review": frozenset({"NOT_A_DEPARTMENT_POST", "REVIEWED_BY_FRONT", "DECIDED_BY_REVIEWER"}),
    "delivery": frozenset({"COURIER_NOT_FREE"}),
    "metrics": frozenset(),
}


def sources_of(consumer: str) -> tuple[str, ...]:
    return tuple(source for source, consumers in CONSUMERS.items() if consumer in consumers)


def queues() -> tuple[str, ...]:
    """The broker's queues, without the parking queues that belong to them."""
    return tuple(
        f"{consumer}.{source}" for source in SERVICES for consumer in CONSUMERS.get(source, ())
    )
