"""The composition root of review: the only module that knows every other one.

Free of grpc and eventlet, so that every process kind can use it.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, Engine

from servicekit.calls import Call
from servicekit.commands import CommandRunner
from servicekit.service import Resources, ServiceDefinition
from services import graph
from services.review.adapters import orm
from services.review.adapters.consumers import event_handlers
from services.review.adapters.event_messages import CODEC
from services.review.adapters.unit_of_work import SqlReviewUnitOfWork
from services.review.policy import POLICY
from services.review.ports import Catalogue

__all__ = ["DEFINITION", "ReviewApp", "build", "event_handlers"]

DEFINITION = ServiceDefinition(
    name="review",
    package="services.review",
    grpc_service="liandong.review.v1.ReviewService",
    metadata=orm.metadata,
    tables=orm.tables,
    codec=CODEC,
    policy=POLICY,
    sources=graph.sources_of("review"),
)
orm.start_mappers()


@dataclass(frozen=True, slots=True)
class ReviewApp:
    """The use cases of review with their dependencies supplied."""

    commands: CommandRunner[SqlReviewUnitOfWork]
    read_engine: Engine
    catalogue: Catalogue


def build(resources: Resources, catalogue: Catalogue) -> ReviewApp:
    """Supply the use cases with what one process has."""

    def new_uow(bind: Engine | Connection, call: Call) -> SqlReviewUnitOfWork:
        return SqlReviewUnitOfWork(resources.kit, bind, call)

    return ReviewApp(
        commands=CommandRunner(
            resources.kit,
            resources.engine,
            resources.read_engine,
            new_uow,
            resources.say,
            resources.admit,
        ),
        read_engine=resources.read_engine,
        catalogue=catalogue,
    )
