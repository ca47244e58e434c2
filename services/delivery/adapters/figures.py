"""What delivery counts for those who watch: parcels by how far they are, and those that are stuck.

How long a step may take is no law; it is what the operator wants to hear of.
"""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, case, func, literal, select

from servicekit.database import UTCDateTime
from servicekit.figures import Figure, Values
from services.delivery.adapters.orm import shipment
from services.delivery.domain.tracks import ShipmentState, is_ended

__all__ = ["OF_DELIVERY", "PARCELS", "STUCK", "STUCK_AFTER", "count"]

PARCELS: Final = Figure(
    "liandong_parcels", "Parcels by direction and state.", ("direction", "state")
)
STUCK: Final = Figure(
    "liandong_parcels_stuck",
    "Parcels that took no further step for too long: ordered (a day), picked up (two days), "
    "signed for or returned (seven days).",
    ("direction", "step"),
)
OF_DELIVERY: Final = (PARCELS, STUCK)

# The step a parcel waits for, and how long it may.
STUCK_AFTER: Final = {
    "order": timedelta(days=1),
    "pick_up": timedelta(days=2),
    "end": timedelta(days=7),
}

_s = shipment.c


def count(connection: Connection, at: datetime) -> dict[Figure, Values]:
    """Return the figures of delivery at an instant, in two statements."""
    by_state = select(_s.direction, _s.state, func.count()).group_by(_s.direction, _s.state)
    before = {name: literal(at - allowed, UTCDateTime()) for name, allowed in STUCK_AFTER.items()}
    waiting = (
        select(
            _s.direction,
            case(
                (_s.picked_up_at.is_not(None), "end"),
                (_s.waybill.is_not(None), "pick_up"),
                else_="order",
            ).label("step"),
            func.coalesce(_s.picked_up_at, _s.ordered_at, _s.created_at).label("since"),
        )
        .where(_s.state.in_([each for each in ShipmentState if not is_ended(each)]))
        .subquery()
    )
    stuck = (
        select(waiting.c.direction, waiting.c.step, func.count())
        .where(waiting.c.since < case(before, value=waiting.c.step))
        .group_by(waiting.c.direction, waiting.c.step)
    )
    parcels: Counter[tuple[str, ...]] = Counter()
    for direction, state, number in connection.execute(by_state):
        parcels[direction.value, state.value] += number
    return {
        PARCELS: dict(parcels),
        STUCK: {(each.value, name): number for each, name, number in connection.execute(stuck)},
    }
