"""The composition root of delivery: the only module that knows every other one.

Free of grpc and eventlet, so that every process kind can use it.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, Engine

from servicekit.calls import Call
from servicekit.commands import CommandRunner
from servicekit.service import Resources, ServiceDefinition
from services import graph
from services.delivery.adapters import orm
from services.delivery.adapters.consumers import event_handlers
from services.delivery.adapters.event_messages import CODEC
from services.delivery.adapters.unit_of_work import SqlDeliveryUnitOfWork
from services.delivery.policy import POLICY

__all__ = ["DEFINITION", "DeliveryApp", "build", "event_handlers"]

DEFINITION = ServiceDefinition(
    name="delivery",
    package="services.delivery",
    grpc_service="liandong.delivery.v1.DeliveryService",
    metadata=orm.metadata,
    tables=orm.tables,
    codec=CODEC,
    policy=POLICY,
    sources=graph.sources_of("delivery"),
)
orm.start_mappers()


@dataclass(frozen=True, slots=True)
class DeliveryApp:
    """The use cases of delivery with their dependencies supplied."""

    commands: CommandRunner[SqlDeliveryUnitOfWork]
    read_engine: Engine


def build(resources: Resources) -> DeliveryApp:
    """Supply the use cases with what one process has."""

    def new_uow(bind: Engine | Connection, call: Call) -> SqlDeliveryUnitOfWork:
        return SqlDeliveryUnitOfWork(resources.kit, bind, call)

    return DeliveryApp(
        commands=CommandRunner(
            resources.kit, resources.engine, new_uow, resources.say, resources.admit
        ),
        read_engine=resources.read_engine,
    )
