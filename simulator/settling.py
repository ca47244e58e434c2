"""The end of a schedule: nothing goes wrong any more, and everything is given its time."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from simulator.processes import Fleet
from simulator.scheduler import Scheduler
from simulator.work import Work

__all__ = ["settle"]

ROUNDS = 40
PATIENCE = 20_000  # steps of one round

LEFT = """
    SELECT (SELECT count(*) FROM outbox WHERE position IS NULL)
         + (SELECT count(*) FROM held_event)
         + (SELECT count(*) FROM job WHERE state = 'WAITING')
         + (SELECT count(*) FROM audit WHERE id NOT IN (SELECT audit_id FROM audit_seal))"""


def settle(scheduler: Scheduler, fleet: Fleet, work: Work, folder: Path) -> bool:
    """Let the district work until nothing is left; False if something always is.

    The checker tells what it is.
    """
    for _ in range(ROUNDS):
        scheduler.nudge()
        scheduler.go_on(PATIENCE)
        work.sweep_all()
        if fleet.broker.is_empty and not any(_left(folder / f"{name}.db") for name in fleet.parts):
            return True
    return False


def _left(database: Path) -> int:
    with closing(sqlite3.connect(database)) as connection:
        return int(connection.execute(LEFT).fetchone()[0])
