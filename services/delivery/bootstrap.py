"""The composition root of delivery: the only module that knows every other one.

Free of grpc and eventlet, so that every process kind can use it.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, Engine

from servicekit.calls import Call, Scope
from servicekit.commands import CommandRunner
from servicekit.identity import Caller
from servicekit.sealed import SealedText
from servicekit.service import Resources, ServiceDefinition
from services import graph
from services.delivery.adapters import orm
from services.delivery.adapters.consumers import event_handlers
from services.delivery.adapters.event_messages import CODEC
from services.delivery.adapters.unit_of_work import SqlDeliveryUnitOfWork
from services.delivery.policy import POLICY

__all__ = ["DEFINITION", "DeliveryApp", "UnitsOfWork", "build", "event_handlers"]

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


class UnitsOfWork:
    """Makes the units of work of one process."""

    def __init__(self, resources: Resources) -> None:
        self._resources = resources
        self._sealed = SealedText(resources.crypto)

    def __call__(self, bind: Engine | Connection, call: Call) -> SqlDeliveryUnitOfWork:
        return SqlDeliveryUnitOfWork(self._resources.kit, bind, call, self._sealed)

    def of_the_service(self, purpose: str, request_id: str = "") -> SqlDeliveryUnitOfWork:
        """Return one for what the service does by itself, at legal time now."""
        call = Call(
            caller=Caller(service=DEFINITION.name, purpose=purpose),
            method=f"job:{purpose}",
            scopes=frozenset({Scope.ANY}),
            at=self._resources.clock.now(),
            request_id=request_id,
        )
        return self(self._resources.engine, call)

    def of_the_carrier(self, digest: str) -> SqlDeliveryUnitOfWork:
        """Return one for what the carrier pushed, at legal time now."""
        call = Call(
            caller=Caller(service="carrier", purpose="callback"),
            method="callback:carrier",
            scopes=frozenset({Scope.ANY}),
            at=self._resources.clock.now(),
            request_id=digest,
        )
        return self(self._resources.engine, call)


@dataclass(frozen=True, slots=True)
class DeliveryApp:
    """The use cases of delivery with their dependencies supplied."""

    commands: CommandRunner[SqlDeliveryUnitOfWork]
    units_of_work: UnitsOfWork
    engine: Engine
    read_engine: Engine


def build(resources: Resources) -> DeliveryApp:
    """Supply the use cases with what one process has."""
    units_of_work = UnitsOfWork(resources)
    return DeliveryApp(
        commands=CommandRunner(
            resources.kit,
            resources.engine,
            resources.read_engine,
            units_of_work,
            resources.say,
            resources.admit,
        ),
        units_of_work=units_of_work,
        engine=resources.engine,
        read_engine=resources.read_engine,
    )
