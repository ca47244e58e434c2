"""The composition root of the catalogue: the only module that knows every other one.

Free of grpc and eventlet, so that every process kind can use it.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, Engine

from servicekit.calls import Call
from servicekit.commands import CommandRunner
from servicekit.service import Resources, ServiceDefinition
from services import graph
from services.catalog.adapters import orm
from services.catalog.adapters.consumers import event_handlers
from services.catalog.adapters.event_messages import CODEC
from services.catalog.adapters.unit_of_work import SqlCatalogUnitOfWork
from services.catalog.handlers import items
from services.catalog.policy import POLICY
from services.catalog.ports import CatalogUnitOfWork, Say
from workdays import WorkCalendar

__all__ = ["DEFINITION", "CatalogApp", "build", "event_handlers"]

DEFINITION = ServiceDefinition(
    name="catalog",
    package="services.catalog",
    grpc_service="liandong.catalog.v1.CatalogService",
    metadata=orm.metadata,
    tables=orm.tables,
    codec=CODEC,
    policy=POLICY,
    sources=graph.sources_of("catalog"),
)
orm.start_mappers()


@dataclass(frozen=True, slots=True)
class CatalogApp:
    """The use cases of the catalogue with their dependencies supplied."""

    commands: CommandRunner[SqlCatalogUnitOfWork]
    read_engine: Engine
    calendar: WorkCalendar
    say: Say

    def publish_item_version(
        self, command: items.PublishItemVersion, *, uow: CatalogUnitOfWork
    ) -> items.ItemVersionIdentity:
        """Publish a version, judged by the shipped calendar and the imported years."""
        return items.publish_item_version(command, uow=uow, shipped=self.calendar, say=self.say)


def build(resources: Resources) -> CatalogApp:
    """Supply the use cases with what one process has."""

    def new_uow(bind: Engine | Connection, call: Call) -> SqlCatalogUnitOfWork:
        return SqlCatalogUnitOfWork(resources.kit, bind, call)

    return CatalogApp(
        commands=CommandRunner(
            resources.kit,
            resources.engine,
            resources.read_engine,
            new_uow,
            resources.say,
            resources.admit,
        ),
        read_engine=resources.read_engine,
        calendar=WorkCalendar.official(),
        say=resources.say,
    )
