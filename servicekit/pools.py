"""How full the pools of connections are, read at the scrape: it costs no query."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Iterator
from typing import Final

from prometheus_client import REGISTRY
from prometheus_client.core import Metric
from prometheus_client.registry import Collector
from sqlalchemy import Engine
from sqlalchemy.pool import QueuePool

from servicekit.figures import Figure

__all__ = ["POOL_IN_USE", "POOL_SIZE", "watch_pool"]

POOL_IN_USE: Final = Figure(
    "liandong_db_pool_connections_in_use",
    "Connections of a pool that are in somebody's hands.",
    ("service", "pool"),
)
POOL_SIZE: Final = Figure(
    "liandong_db_pool_size", "Connections that a pool may have.", ("service", "pool")
)


class _Pools(Collector):
    """The pools of this process; one whose engine is gone is forgotten."""

    def __init__(self) -> None:
        self._engines: weakref.WeakKeyDictionary[Engine, tuple[str, str]]
        self._engines = weakref.WeakKeyDictionary()
        self._lock = threading.Lock()
        REGISTRY.register(self)

    def watch(self, service: str, pool: str, engine: Engine) -> None:
        with self._lock:
            self._engines[engine] = (service, pool)

    def collect(self) -> Iterator[Metric]:
        with self._lock:
            engines = list(self._engines.items())
        in_use: dict[tuple[str, ...], float] = {}
        size: dict[tuple[str, ...], float] = {}
        for engine, labels in engines:
            if isinstance(engine.pool, QueuePool):
                in_use[labels] = in_use.get(labels, 0) + engine.pool.checkedout()
                size[labels] = size.get(labels, 0) + engine.pool.size()
        yield POOL_IN_USE.family(in_use)
        yield POOL_SIZE.family(size)


_POOLS: Final = _Pools()


def watch_pool(service: str, pool: str, engine: Engine) -> None:
    """Show from now on how much of the pool of `engine` is in use."""
    _POOLS.watch(service, pool, engine)
