"""The SQLAlchemy unit of work of metrics."""

from __future__ import annotations

from typing import Self

from sqlalchemy import bindparam, select, text

from servicekit.calls import authorise
from servicekit.database import UTCDateTime
from servicekit.unit_of_work import Repository, UnitOfWork
from services.metrics.adapters.orm import case_facts
from services.metrics.adapters.projection import facts_of
from services.metrics.domain.errors import CaseUnknownError
from services.metrics.domain.events import ItemLightChanged
from services.metrics.domain.facts import CaseFacts
from services.metrics.domain.rating import Rating

__all__ = ["SqlMetricsUnitOfWork"]

# One statement, so that of two cases that show it at once only one turns the light.
_TURN_RED = text("""
    INSERT INTO item_light AS l
        (item_code, red, case_number, visits, visits_by_courier, turned_at)
    VALUES (:item_code, true, :case_number, :visits, :visits_by_courier, :turned_at)
    ON CONFLICT (item_code) DO UPDATE SET red = true, case_number = excluded.case_number,
        visits = excluded.visits, visits_by_courier = excluded.visits_by_courier,
        turned_at = excluded.turned_at
    WHERE NOT l.red
    RETURNING item_code""").bindparams(bindparam("turned_at", type_=UTCDateTime()))


class SqlCases:
    """The facts of cases, locked while a command looks at them."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow

    def get(self, case_number: str) -> CaseFacts:
        row = self._uow.connection.execute(
            select(case_facts).where(case_facts.c.case_number == case_number).with_for_update()
        ).one_or_none()
        if row is None or row.received_at is None:
            raise CaseUnknownError("Nothing is counted of this case", case=case_number)
        facts = facts_of(row)
        authorise(self._uow.call, facts.ownership, missing=CaseUnknownError, case=case_number)
        return facts


class SqlLights:
    """The lights of items."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow

    def turn_red(self, light: ItemLightChanged) -> bool:
        turned = self._uow.connection.execute(
            _TURN_RED,
            {
                "item_code": light.item_code,
                "case_number": light.case_number,
                "visits": light.visits,
                "visits_by_courier": light.visits_by_courier,
                "turned_at": self._uow.call.at,
            },
        )
        return turned.one_or_none() is not None


class SqlMetricsUnitOfWork(UnitOfWork):
    """Saves ratings and lights with their events and audit, so none can exist alone."""

    cases: SqlCases
    ratings: Repository[Rating]
    lights: SqlLights

    def __enter__(self) -> Self:
        super().__enter__()
        self.cases = SqlCases(self)
        self.ratings = Repository(self, Rating, CaseUnknownError)
        self.lights = SqlLights(self)
        return self

    def tell(self, light: ItemLightChanged, *, unit: str) -> None:
        """Publish that a light changed, in the stream of its item."""
        self.publish(self.kit.codec.pending(light, stream_id=light.item_code, unit=unit))
        self.note(item=light.item_code, case=light.case_number)
