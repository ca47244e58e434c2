"""What review does outside its transactions: it looks after the lights."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import Engine, Row, select

from servicekit.calls import Call, Scope
from servicekit.identity import Caller
from servicekit.jobs import JobHandler, Sweep
from servicekit.observing import counting
from servicekit.roles.jobs import run_jobs
from servicekit.service import Resources
from services.review import handlers
from services.review.adapters import figures
from services.review.adapters.calendars import read_calendar
from services.review.adapters.columns import clock_of, columns_of_clock
from services.review.adapters.orm import review_case
from services.review.adapters.unit_of_work import SqlReviewUnitOfWork
from services.review.bootstrap import DEFINITION, event_handlers
from services.review.config import ReviewSettings
from services.review.domain import rules
from services.review.domain.clocks import Clock

__all__ = ["job_handlers", "main", "sweeps"]

log = logging.getLogger(__name__)

PAGE = 500
RECORD_LIGHTS = "record_lights"
_c = review_case.c
_PROMISE = columns_of_clock(review_case, "promise")
_STATUTORY = columns_of_clock(review_case, "statutory")


def job_handlers(resources: Resources) -> Mapping[str, JobHandler]:
    return {}


def sweeps(resources: Resources) -> tuple[Sweep, ...]:
    """Return what is looked after: lights that changed are recorded, so that they are stored."""

    def record_lights() -> None:
        now = resources.clock.now()
        with resources.read_engine.connect() as connection:
            calendar = read_calendar(connection)
        failures: list[Exception] = []
        for row in _open_tasks(resources.read_engine):
            promise, statutory = _clocks(row)
            light = rules.shown_light(promise, statutory, now, calendar)
            if not rules.is_told(light) or light.value in row.lights_told:
                continue
            try:
                _record(resources, row.task)
            except Exception as error:  # whatever is wrong with one task, the others wait for none
                log.exception("sweep_failed_for_task", extra={"task": row.task})
                failures.append(error)
        if failures:
            raise ExceptionGroup(f"{RECORD_LIGHTS} failed for some tasks", failures)

    return (
        counting(DEFINITION.name, resources, figures.count),
        Sweep(RECORD_LIGHTS, timedelta(minutes=10), record_lights),
    )


def _record(resources: Resources, task: str) -> None:
    call = Call(
        caller=Caller(service=DEFINITION.name, purpose=RECORD_LIGHTS),
        method=f"job:{RECORD_LIGHTS}",
        scopes=frozenset({Scope.ANY}),
        at=resources.clock.now(),
    )
    with SqlReviewUnitOfWork(resources.kit, resources.engine, call) as uow:
        if handlers.tell_light(task, uow=uow):
            uow.commit()


def _clocks(row: Row[Any]) -> tuple[Clock, Clock | None]:
    values = row._mapping  # noqa: SLF001 -- public, despite its name
    promise = clock_of(*(values[each] for each in _PROMISE))
    if promise is None:
        raise TypeError(f"task {row.task} has no promise")
    return promise, clock_of(*(values[each] for each in _STATUTORY))


def _open_tasks(engine: Engine) -> Iterator[Row[Any]]:
    """Yield all open tasks, a page at a time, with no connection held while one is handled."""
    page = (
        select(_c.task, _c.lights_told, *_PROMISE, *_STATUTORY)
        .where(_c.decided_at.is_(None), _c.ended_at.is_(None))
        .order_by(_c.task)
        .limit(PAGE)
    )
    last = ""
    while True:
        with engine.connect() as connection:
            found = connection.execute(page.where(_c.task > last)).all()
        yield from found
        if len(found) < PAGE:
            return
        last = found[-1].task


def main() -> None:
    settings = ReviewSettings.load(DEFINITION.name)
    run_jobs(DEFINITION, settings, job_handlers, sweeps, event_handlers)
