"""Nothing is left to be done: jobs in the databases, messages in the broker."""

from __future__ import annotations

import json
from collections.abc import Iterator

from amqp.exceptions import ChannelError
from kombu import Connection

from checker.broker import split_address
from checker.evidence import Evidence
from checker.graph import queues
from checker.report import Finding

__all__ = ["prove_jobs", "prove_queues"]

BROKER_SECONDS = 10
_NOT_FOUND = 404
_STATES = frozenset({"WAITING", "DONE", "DEAD"})


class JobDead(Finding):
    """A job was given up at its deadline."""

    id = "JOB_DEAD"


class JobWaiting(Finding):
    """A job still waits, although the run is over."""

    id = "JOB_WAITING"


class JobUnreadable(Finding):
    """A job has a state that does not exist or a payload that cannot be read."""

    id = "JOB_UNREADABLE"


class BrokerAway(Finding):
    """The broker cannot be reached, so nothing is proven of its queues."""

    id = "BROKER_UNREACHABLE"


class QueueMissing(Finding):
    """A consumer has no queue at its source: it hears nothing."""

    id = "QUEUE_MISSING"


class QueueNotEmpty(Finding):
    """A message still waits in the broker, although the run is over."""

    id = "QUEUE_NOT_EMPTY"


class DeadUnexplained(Finding):
    """The parking queue has other than the unreadable bodies that were sent on purpose."""

    id = "DEAD_QUEUE_UNEXPLAINED"


def prove_jobs(evidence: Evidence) -> Iterator[Finding]:
    """No job is dead and, when settled, none waits."""
    for name, service in evidence.services.items():
        sql = "SELECT key, kind, payload, state, attempts, failure FROM job ORDER BY key"
        for row in service.database.rows(sql):
            evidence.count("jobs")
            state, detail = row["state"], f"{row['attempts']} attempts, {row['failure']}"
            if state not in _STATES or not _is_json(row["payload"]):
                yield JobUnreadable(service=name, subject=row["key"], detail=state)
            elif state == "DEAD":
                yield JobDead(service=name, subject=row["key"], detail=detail)
            elif state == "WAITING" and evidence.settled:
                yield JobWaiting(service=name, subject=row["key"], detail=detail)


def _is_json(payload: str) -> bool:
    try:
        json.loads(payload)
    except ValueError:
        return False
    return True


def prove_queues(evidence: Evidence) -> Iterator[Finding]:
    """When settled, each queue is there and empty; parking queues hold what was sent on purpose.

    Asked passively: nothing is declared and nothing is taken out.
    """
    url = evidence.asked.amqp_url
    if url is None:
        evidence.facts["queues"] = "not asked"
        return
    address, tls = split_address(url)
    with Connection(address, ssl=tls or False, connect_timeout=BROKER_SECONDS) as connection:
        try:
            yield from _prove_queues(evidence, connection)
        except connection.connection_errors as error:
            detail = f"{type(error).__name__}: {error}"
            yield BrokerAway(service="broker", subject=connection.as_uri(), detail=detail)


def _prove_queues(evidence: Evidence, connection: Connection) -> Iterator[Finding]:
    explained = evidence.asked.explained_dead
    for queue in queues():
        consumer = queue.partition(".")[0]
        waiting = _depth(connection, queue)
        parked = _depth(connection, f"{queue}.dead")
        if waiting is None or parked is None:
            yield QueueMissing(service=consumer, subject=queue)
            continue
        evidence.count("queues")
        if waiting and evidence.settled:
            yield QueueNotEmpty(service=consumer, subject=queue, detail=f"{waiting} messages")
        if parked != explained.get(f"{queue}.dead", 0):
            detail = f"{parked} bodies, {explained.get(f'{queue}.dead', 0)} explained"
            yield DeadUnexplained(service=consumer, subject=f"{queue}.dead", detail=detail)


def _depth(connection: Connection, queue: str) -> int | None:
    """Return how many messages wait, None if there is no such queue.

    On a channel of its own, which the broker closes if there is none.
    """
    channel = connection.channel()
    try:
        return int(channel.queue_declare(queue, passive=True).message_count)
    except ChannelError as error:
        if int(error.reply_code) != _NOT_FOUND:
            raise
        return None
