"""RabbitMQ and PostgreSQL die and come back with what they had written."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from random import Random
from typing import Final

from chaos.ground import Ground

__all__ = ["broker_killed", "database_killed"]

AWAY_S: Final = (0.5, 4.0)
READY_S: Final = 300.0  # on a machine that others use too


@contextmanager
def broker_killed(ground: Ground, random: Random) -> Iterator[None]:
    """Kill RabbitMQ, leave it dead for a while, start it; it answers when the block begins."""
    server = ground.district.stack.rabbitmq
    server.kill()
    ground.counts["rabbitmq killed"] += 1
    time.sleep(random.uniform(*AWAY_S))
    server.start(deadline=READY_S)
    yield


@contextmanager
def database_killed(ground: Ground, random: Random) -> Iterator[None]:
    """Kill PostgreSQL, leave it dead for a while, start it; it answers when the block begins."""
    server = ground.district.stack.postgres
    server.kill()
    ground.counts["postgres killed"] += 1
    time.sleep(random.uniform(*AWAY_S))
    server.start(deadline=READY_S)
    yield
