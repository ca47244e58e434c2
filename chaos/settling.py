"""The end of a round: nothing strikes any more, what stopped is replayed, everything arrives."""

from __future__ import annotations

import contextlib
import io
import math
import time
from collections.abc import Callable
from typing import Final

from sqlalchemy import create_engine, text
from sqlalchemy.exc import DBAPIError

from chaos.ground import Ground, Poison
from cli.recount import rebuild_metrics
from cli.upkeep import list_dead_letters, replay_dead_letters
from devstack.errors import DevstackError
from servicekit.database import make_engine
from servicekit.dead_letters import StoppedStream, stopped_streams
from servicekit.messaging import BrokerUnavailableError, peek_dead, queue_depths, queue_name
from services import graph

__all__ = ["explained_dead", "parked_as_sent", "rebuilt", "replayed", "settled", "wait_ready"]

READY_S: Final = 120.0
PATIENCE_S: Final = 180.0  # without any progress
PAUSE_S: Final = 0.5
MOST_PARKED: Final = 10_000

_LEFT: Final = {
    "unpublished": "SELECT count(*) FROM outbox WHERE position IS NULL",
    "jobs": "SELECT count(*) FROM job WHERE state = 'WAITING'",
    "held": "SELECT count(*) FROM held_event",
    "unsealed": """
        SELECT count(*) FROM audit a
        WHERE NOT EXISTS (SELECT FROM audit_seal s WHERE s.audit_id = a.id)""",
}
EVENTS: Final = ("unpublished",)
EVERYTHING: Final = tuple(_LEFT)
QUEUES: Final = tuple(
    queue_name(consumer, source)
    for source in graph.SERVICES
    for consumer in graph.CONSUMERS[source]
)
_ACCEPTED: Final = text("""
    SELECT count(*) FROM outbox WHERE stream_id = :case AND type = 'intake.case_accepted.v1'""")


def wait_ready(ground: Ground) -> None:
    """Wait for every process to be ready again; whichever never is, is a finding."""
    deadline = time.monotonic() + READY_S
    for key in ground.district.running():
        while True:
            try:
                ground.district.wait_ready(*key)
                break
            except DevstackError as error:  # it ended while it was waited for: started again
                if time.monotonic() > deadline:
                    ground.findings.append(f"NOT READY {error}")
                    return
                time.sleep(PAUSE_S)


def settled(ground: Ground, what: tuple[str, ...] = EVERYTHING) -> None:
    """Wait until nothing of that is left in the databases and nothing in the queues.

    As long as it becomes less it may take its time: a neighbour may have the machine.
    """
    deadline, least = time.monotonic() + PATIENCE_S, math.inf
    while left := _left(ground, what):
        if (size := sum(left.values())) < least:
            deadline, least = time.monotonic() + PATIENCE_S, size
        if time.monotonic() > deadline:
            said = ", ".join(f"{name} {count}" for name, count in left.items())
            ground.findings.append(f"NOT SETTLED, no progress for {PATIENCE_S:.0f} s: {said}")
            return
        time.sleep(PAUSE_S)


def _left(ground: Ground, what: tuple[str, ...]) -> dict[str, float]:
    """Return what is left, and how much; without end where it could not be asked for."""
    found: dict[str, float] = {}
    for name in graph.SERVICES:
        engine = create_engine(ground.district.database_url(name))
        try:
            with engine.connect() as connection:
                counts = {each: connection.execute(text(_LEFT[each])).scalar_one() for each in what}
        except DBAPIError as error:
            return {f"{name} cannot be read ({error.orig})": math.inf}
        finally:
            engine.dispose()
        found |= {f"{name} {each}": count for each, count in counts.items() if count}
    try:
        depths = queue_depths(ground.district.stack.rabbitmq.url(), QUEUES)
    except BrokerUnavailableError as error:
        return {f"broker ({error})": math.inf}
    return found | {
        f"queue {name}": each.messages for name, each in depths.items() if each.messages
    }


def replayed(ground: Ground) -> None:
    """Demand that just what was poisoned is stopped, with its reason; cure it and replay it."""
    stopped = {(each.consumer, each.stream_id): each for each in _stopped(ground)}
    for poison in ground.poisons:
        found = stopped.pop((poison.consumer, poison.case_number), None)
        _judge(ground, poison, found)
        poison.cure()
    ground.findings += [f"STOPPED without a cause: {each}" for each in stopped.values()]
    if ground.poisons or stopped:
        left = _quietly(lambda: replay_dead_letters(ground.district.installation()))
        if left:
            ground.findings.append(f"NOT REPLAYED: {left} streams are stopped still")
        ground.counts["streams replayed"] += len(ground.poisons)


def _judge(ground: Ground, poison: Poison, found: StoppedStream | None) -> None:
    if found is not None:
        listed = io.StringIO()
        with contextlib.redirect_stdout(listed):
            list_dead_letters(ground.district.installation())
        if poison.reason not in found.failure or poison.case_number not in listed.getvalue():
            ground.findings.append(f"NOT LISTED with its reason: {found}")
        ground.counts["dead letters listed"] += 1
    elif _is_accepted(ground, poison.case_number):
        ground.findings.append(f"NOT STOPPED: {poison.consumer} took {poison.case_number}")
    else:
        ground.counts["poisoned cases that were never accepted"] += 1


def _stopped(ground: Ground) -> list[StoppedStream]:
    found = []
    for name in graph.SERVICES:
        engine = make_engine(ground.district.database_url(name), pool_size=1)
        found += stopped_streams(engine)
        engine.dispose()
    return found


def _is_accepted(ground: Ground, case_number: str) -> bool:
    engine = create_engine(ground.district.database_url("intake"))
    try:
        with engine.connect() as connection:
            return bool(connection.execute(_ACCEPTED, {"case": case_number}).scalar_one())
    finally:
        engine.dispose()


def rebuilt(ground: Ground) -> None:
    """Count everything again from the event logs; a row that differs is a finding."""
    told = io.StringIO()
    with contextlib.redirect_stdout(told):
        differing = rebuild_metrics(ground.district.installation())
    if differing:
        ground.findings.append(f"REBUILD {differing} rows differ: {told.getvalue()}")
    ground.counts["rebuilds"] += 1


def explained_dead(ground: Ground) -> dict[str, int]:
    """Return how many bodies are parked in each queue; they must be those that we put there.

    A worker that dies between parking and acknowledging parks again: that is no loss.
    """
    found = {}
    url = ground.district.stack.rabbitmq.url()
    for queue in QUEUES:
        found[f"{queue}.dead"], wrong = parked_as_sent(url, queue, ground.garbage[queue])
        if wrong:
            ground.findings.append(wrong)
    return found


def parked_as_sent(url: str, queue: str, sent: set[bytes]) -> tuple[int, str]:
    """Return how many bodies are parked behind a queue, and what is wrong with them, if anything.

    Each that was sent must be there, and no other.
    """
    parked = [each.body for each in peek_dead(url, queue, limit=MOST_PARKED)]
    missing, strange = sent - set(parked), set(parked) - sent
    wrong = f"PARKED {queue}.dead: {len(missing)} bodies missing, {len(strange)} strange"
    return len(parked), wrong if missing or strange else ""


def _quietly(act: Callable[[], int]) -> int:
    with contextlib.redirect_stdout(io.StringIO()):
        return act()
