"""Reads every fact of a completed case again, in another role, and compares the services."""

from __future__ import annotations

from typing import Any

from journeys.recorder import expect
from journeys.world import Actor, World

__all__ = ["reread"]

SUPERVISOR = "p-0401"


def reread(world: World, number: str) -> str:
    """Return a sentence that says what agrees; end the journey where something does not."""
    reader = world.staff(SUPERVISOR)
    case = world.do(reader, "intake", "GetCase", case_number=number).case
    review = world.do(reader, "review", "GetReviewCase", case_number=number).review
    offer = world.do(reader, "delivery", "GetCourierOffer", case_number=number).offer
    facts, attempted = world.wait(
        "all of the case in metrics: decision, rating, violations",
        lambda: _counted(world, reader, number),
        lambda found: (
            found[0].HasField("decide_time")
            and bool(found[0].grade)
            and len(found[1]) == found[0].violations
        ),
    )
    documents = world.do(reader, "intake", "ListDocuments", case_number=number).documents
    expect("the supervisor sees a masked name", holds="*" in case.applicant_name)
    expect("acceptance agrees", holds=case.accept_time == review.accept_time == facts.accept_time)
    expect(
        "the decision agrees",
        holds=case.decide_time == review.decision.decide_time == facts.decide_time,
    )
    expect("hand-out agrees", holds=case.hand_out_time == facts.serve_time)
    expect("visits agree", holds=case.visits == facts.visits)
    expect("courier was free", holds=offer.citizen_price_fen == 0)
    expect("every document is issued", holds=all(each.state >= 3 for each in documents))
    return (
        f"五个服务一致；文书{len(documents)}份均已生效；违规尝试{len(attempted)}次均已登记"
        f"（{'、'.join(sorted({each.rule for each in attempted}))}）；到厅{facts.visits}次"
    )


def _counted(world: World, reader: Actor, number: str) -> tuple[Any, list[Any]]:
    """Return the facts of the case and its violations; what services tell has no common order."""
    facts = world.do(reader, "metrics", "GetCaseFacts", case_number=number).facts
    kept = world.do(reader, "metrics", "ListViolations").violations
    return facts, [each for each in kept if each.case_number == number]
