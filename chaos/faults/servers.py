"""RabbitMQ and PostgreSQL die and come back with what they had written."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from random import Random
from typing import Final

from chaos.ground import Ground
from devstack.server import Server

__all__ = ["broker_killed", "database_killed"]

AWAY_S: Final = (0.5, 4.0)
READY_S: Final = 300.0  # on a machine that others use too


def broker_killed(ground: Ground, random: Random) -> AbstractContextManager[None]:
    """Kill RabbitMQ, leave it dead for a while, start it; it answers when the block begins."""
    return _killed(ground, random, ground.district.stack.rabbitmq, "rabbitmq killed")


def database_killed(ground: Ground, random: Random) -> AbstractContextManager[None]:
    """Kill PostgreSQL, leave it dead for a while, start it; it answers when the block begins."""
    return _killed(ground, random, ground.district.stack.postgres, "postgres killed")


@contextmanager
def _killed(ground: Ground, random: Random, server: Server, counted: str) -> Iterator[None]:
    server.kill()
    ground.counts[counted] += 1
    time.sleep(random.uniform(*AWAY_S))
    server.start(deadline=READY_S)
    yield
