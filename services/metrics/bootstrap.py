"""The composition root of metrics: the only module that knows every other one.

Free of grpc and eventlet, so that every process kind can use it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from sqlalchemy import Connection, Engine

from servicekit.calls import Call
from servicekit.commands import CommandRunner
from servicekit.sealed import SealedText
from servicekit.service import Resources, ServiceDefinition
from servicekit.statuses import Say
from services import graph
from services.metrics import handlers
from services.metrics.adapters import orm
from services.metrics.adapters.consumers import batch_handler, event_handlers
from services.metrics.adapters.event_messages import CODEC
from services.metrics.adapters.unit_of_work import SqlMetricsUnitOfWork
from services.metrics.policy import POLICY

__all__ = ["DEFINITION", "MetricsApp", "batch_handler", "build", "event_handlers"]

DEFINITION = ServiceDefinition(
    name="metrics",
    package="services.metrics",
    grpc_service="liandong.metrics.v1.MetricsService",
    metadata=orm.metadata,
    tables=orm.tables,
    codec=CODEC,
    policy=POLICY,
    sources=graph.sources_of("metrics"),
)
orm.start_mappers()


@dataclass(frozen=True, slots=True)
class MetricsApp:
    """The use cases of metrics with their dependencies supplied."""

    commands: CommandRunner[SqlMetricsUnitOfWork]
    rate_case: Callable[..., Any]
    read_engine: Engine
    say: Say


def build(resources: Resources) -> MetricsApp:
    """Supply the use cases with what one process has."""
    [(_, [comment])] = orm.SEALED.items()
    sealed = SealedText(resources.crypto)

    def new_uow(bind: Engine | Connection, call: Call) -> SqlMetricsUnitOfWork:
        return SqlMetricsUnitOfWork(resources.kit, bind, call)

    def seal(plain: str) -> str:
        return sealed.seal(plain, field=comment.field) if plain else ""

    return MetricsApp(
        commands=CommandRunner(
            resources.kit,
            resources.engine,
            resources.read_engine,
            new_uow,
            resources.say,
            resources.admit,
        ),
        rate_case=partial(handlers.rate_case, seal=seal),
        read_engine=resources.read_engine,
        say=resources.say,
    )
