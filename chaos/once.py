"""What is done once, since it takes long: RabbitMQ away for minutes, an outbox that has filled."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from random import Random
from typing import Final

from sqlalchemy import create_engine, text

from chaos.faults.servers import READY_S
from chaos.ground import Ground
from chaos.load import Clerk
from journeys.course import Course
from journeys.world import World

__all__ = ["broker_away", "outbox_filled"]

CALLERS: Final = 8
LOOK_S: Final = 1.0
OUTSIDER: Final = "p-0201"  # a department post, which may not accept (R4.4)
_UNPUBLISHED: Final = text("SELECT count(*) FROM outbox WHERE position IS NULL")


def broker_away(ground: Ground, _random: Random, minutes: float) -> None:
    """Take RabbitMQ away for so long, while clerks go on; then give it back."""
    with _without_broker(ground):
        time.sleep(minutes * 60)
        ground.counts["unpublished when the broker came back"] += _unpublished(ground)


def outbox_filled(ground: Ground, random: Random, rows: int) -> None:
    """Fill intake's outbox with so many events that nobody publishes; then give the broker back.

    The events are violations: a command that is refused, kept, told and audited. Of all commands
    that make events these alone print nothing, and printing is not what is tried here.
    """
    case = Clerk(ground.load.world(), random, ground.counts).receive()
    revision, full = case.case().revision, threading.Event()

    def try_in_vain(world: World, case: Course) -> None:
        outsider = world.staff(OUTSIDER)
        while not full.is_set():
            refusal = world.refused(
                outsider, "intake", "AcceptCase", case_number=case.case_number, revision=revision
            )
            world.refusals.clear()
            ground.counts[f"refused {refusal.reason}"] += 1

    with _without_broker(ground):
        began = time.monotonic()
        callers = [
            threading.Thread(target=try_in_vain, args=(ground.load.world(), case), daemon=True)
            for _ in range(CALLERS)
        ]
        for caller in callers:
            caller.start()
        while _unpublished(ground) < rows and any(caller.is_alive() for caller in callers):
            time.sleep(LOOK_S)
        full.set()
        for caller in callers:
            caller.join()
        ground.counts["rows in the outbox"] += (found := _unpublished(ground))
        ground.counts["seconds to fill the outbox"] += round(time.monotonic() - began)
        if found < rows:
            ground.findings.append(f"FAULT backlog: only {found} of {rows} rows came about")
    began = time.monotonic()
    while _unpublished(ground):
        time.sleep(LOOK_S)
    ground.counts["seconds to publish them"] += round(time.monotonic() - began)


@contextmanager
def _without_broker(ground: Ground) -> Iterator[None]:
    server = ground.district.stack.rabbitmq
    server.kill()
    try:
        yield
    finally:
        server.start(deadline=READY_S)


def _unpublished(ground: Ground) -> int:
    engine = create_engine(ground.district.database_url("intake"))
    try:
        with engine.connect() as connection:
            return int(connection.execute(_UNPUBLISHED).scalar_one())
    finally:
        engine.dispose()
