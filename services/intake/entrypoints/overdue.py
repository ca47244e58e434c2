"""The sweep over requests that lie at a village post for too long (R5.5)."""

from __future__ import annotations

import logging

from sqlalchemy import Engine, select

from servicekit.clock import Clock
from services.intake import handlers
from services.intake.adapters.orm_counter import assistance
from services.intake.bootstrap import UnitsOfWork
from services.intake.domain.values import civil_day

__all__ = ["tell_overdue_assistances"]

log = logging.getLogger(__name__)


def tell_overdue_assistances(engine: Engine, units_of_work: UnitsOfWork, clock: Clock) -> None:
    """Make it known that requests were not passed on within a working day (readings 5)."""
    columns = assistance.c
    late = select(columns.number).where(
        columns.passed_on_at.is_(None),
        columns.overdue_told_at.is_(None),
        columns.pass_on_due_on < civil_day(clock.now()),
    )
    with engine.connect() as connection:
        numbers = list(connection.scalars(late.order_by(columns.number)))
    for number in numbers:
        with units_of_work.of_the_service("tell_overdue_assistances") as uow:
            if handlers.tell_overdue_assistance(number, uow=uow):
                uow.commit()
                log.warning("assistance_overdue", extra={"assistance": number})
