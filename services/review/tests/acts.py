"""What the tests of the department's acts share: an item with all of them, and what was told."""

from __future__ import annotations

from typing import Any

from liandong.common.v1.envelope_pb2 import Envelope
from sqlalchemy import select

from services.review.bootstrap import DEFINITION
from services.review.tests import district as people
from services.review.tests.district import OTHER_AUTHORITY

TERMS = {
    "handling": "PROMISED",
    "remedies_known": True,
    "special_procedures": [people.expert_review()],
    "extension": people.extension(),
    "consulted": [OTHER_AUTHORITY, "370306000000-D06"],
}


def day(date: Any) -> tuple[int, int, int]:
    return (date.year, date.month, date.day)


def statutory(district: Any) -> tuple[int, int, int]:
    return day(district.get().statutory.due.on)


def told(district: Any, kind: str, message: Any) -> list[Any]:
    """The events of one type that were left in the outbox, in order."""
    outbox = DEFINITION.tables.outbox.outbox
    rows = select(outbox.c.envelope).where(outbox.c.type == kind).order_by(outbox.c.id)
    with district.built.resources.read_engine.connect() as connection:
        found = [Envelope.FromString(each) for each in connection.scalars(rows)]
    return [message.FromString(each.payload) for each in found]
