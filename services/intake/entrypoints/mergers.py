"""The job and the sweep that move cases of a merged window to its successor."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Engine, select

from servicekit.clock import Clock
from servicekit.jobs import Job
from services.intake import handlers
from services.intake.adapters.mergers import SqlMergers
from services.intake.adapters.orm import case_file
from services.intake.bootstrap import UnitsOfWork
from services.intake.domain.values import CaseState, WindowUnit, civil_day

__all__ = ["MergerFollowing", "ask_for_mergers"]


@dataclass(frozen=True, slots=True)
class MergerFollowing:
    """Moves what nobody accepted, a case at a time, and then remembers that it did."""

    read_engine: Engine
    units_of_work: UnitsOfWork
    window: Callable[[str], WindowUnit]

    def __call__(self, job: Job) -> None:
        merged, successor = job.payload["window_unit"], self.window(job.payload["successor"])
        for number in self._waiting(merged):
            with self.units_of_work.of_the_service(handlers.FOLLOW, f"{job.key}:{number}") as uow:
                if handlers.follow_merger(number, successor, uow=uow):
                    uow.commit()
        with self.units_of_work.of_the_service(handlers.FOLLOW, job.key) as uow:
            uow.mergers.followed(merged, uow.call.at)
            uow.commit()

    def _waiting(self, merged: str) -> list[str]:
        columns = case_file.c
        query = select(columns.number).where(
            columns.window_unit == merged,
            columns.state.in_((CaseState.RECEIVED, CaseState.CORRECTION)),
        )
        with self.read_engine.connect() as connection:
            return list(connection.execute(query).scalars())


def ask_for_mergers(engine: Engine, units_of_work: UnitsOfWork, clock: Clock) -> None:
    """Ask for the cases of merged windows to be moved, once the day of the merger is there."""
    with engine.connect() as connection:
        due = SqlMergers(connection).to_follow(civil_day(clock.now()))
    for merger in due:
        with units_of_work.of_the_service(handlers.FOLLOW) as uow:
            uow.ask(
                handlers.FOLLOW,
                f"{handlers.FOLLOW}:{merger.window_unit}",
                window_unit=merger.window_unit,
                successor=merger.successor,
            )
            uow.commit()
