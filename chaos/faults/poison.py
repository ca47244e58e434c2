"""A body that nobody can read, and a handler that fails whenever one case comes."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from random import Random
from typing import Final

import psycopg
from psycopg import sql

from chaos.faults.base import again_and_again
from chaos.ground import Ground, Poison, insist
from chaos.load import Clerk
from journeys.errors import RefusedError
from servicekit.messaging import queue_name
from servicekit.publishing import ConfirmingPublisher
from servicekit.relay import OutgoingMessage, PublisherUnavailableError
from services import graph

__all__ = ["CONSUMER", "REASON", "cure", "failing_handler", "plant", "put", "undecodable"]

REASON: Final = "planted: this case cannot be opened"
CONSUMER: Final = "review"
BETWEEN_S: Final = (0.5, 1.5)
CONNECT_S: Final = 5

_FUNCTION: Final = sql.SQL("""
    CREATE OR REPLACE FUNCTION chaos_refuse() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION {reason}; END $$""")
_TRIGGER: Final = sql.SQL("""
    CREATE TRIGGER {name} BEFORE INSERT ON review_case FOR EACH ROW
    WHEN (NEW.case_number = {case}) EXECUTE FUNCTION chaos_refuse()""")
_DROP: Final = sql.SQL("DROP TRIGGER IF EXISTS {name} ON review_case")


def undecodable(ground: Ground, random: Random) -> AbstractContextManager[None]:
    """Put bodies without a readable envelope into queues of consumers."""
    url = ground.district.stack.rabbitmq.url()

    def put_one() -> None:
        source = random.choice(graph.SERVICES)
        queue = queue_name(random.choice(graph.CONSUMERS[source]), source)
        body = b"\xff\xffno envelope " + random.randbytes(8).hex().encode()
        ground.garbage[queue].add(body)
        insist(f"a body into {queue}", lambda: put(url, queue, body), PublisherUnavailableError)
        ground.counts["undecodable bodies"] += 1

    return again_and_again(ground, random, put_one, BETWEEN_S)


def put(url: str, queue: str, body: bytes) -> None:
    """Put one body into a queue, past every exchange; return when the broker has it."""
    publisher = ConfirmingPublisher(url, exchange="")
    try:
        if not publisher.publish([OutgoingMessage(secrets.token_hex(8), queue, body)]):
            raise PublisherUnavailableError(f"{queue} did not confirm")
    finally:
        publisher.close()


@contextmanager
def failing_handler(ground: Ground, random: Random) -> Iterator[None]:
    """Let review fail on the acceptance of one case, and on that one only, until it is cured.

    What comes after it in its stream waits; all other cases go on.
    """
    clerk = Clerk(ground.load.world(), random, ground.counts)
    case = clerk.receive()
    address = ground.district.database_url(CONSUMER)
    insist("a poison", lambda: plant(address, case.case_number), psycopg.OperationalError)
    ground.poisons.append(
        Poison(
            CONSUMER,
            case.case_number,
            REASON,
            lambda: insist("a cure", lambda: cure(address, case.case_number),
                           psycopg.OperationalError),
        )
    )  # fmt: skip
    ground.counts["handlers failing"] += 1
    try:
        clerk.accept(case)
    except RefusedError as error:  # time may have overtaken the case: silence accepts as well
        ground.counts[f"refused {error.refusal.reason}"] += 1
    yield


def plant(address: str, case_number: str) -> None:
    """Let review's database refuse the row of a case: its handler raises, whatever is tried."""
    name, case = _name(case_number), sql.Literal(case_number)
    _execute(
        address,
        _FUNCTION.format(reason=sql.Literal(REASON)),
        _DROP.format(name=name),
        _TRIGGER.format(name=name, case=case),
    )


def cure(address: str, case_number: str) -> None:
    """Let the database take the case as any other."""
    _execute(address, _DROP.format(name=_name(case_number)))


def _name(case_number: str) -> sql.Identifier:
    return sql.Identifier(f"chaos_{case_number}")


def _execute(address: str, *statements: sql.Composed) -> None:
    plain = address.replace("+psycopg", "")
    with psycopg.connect(plain, connect_timeout=CONNECT_S) as connection:
        for statement in statements:
            connection.execute(statement)
