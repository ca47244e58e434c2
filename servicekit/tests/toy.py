"""A small service for the tests of the kit: parcels that are answered once, with notes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, ClassVar, Self

from liandong.common.v1.envelope_pb2 import Envelope
from liandong.delivery.v1 import delivery_events_pb2 as events_pb
from liandong.delivery.v1 import delivery_service_pb2 as pb
from sqlalchemy import Column, Connection, Engine, ForeignKey, Integer, Table, Text, func, select
from sqlalchemy.orm import Session, registry, relationship

from servicekit.calls import Call, Scope
from servicekit.commands import CommandRunner
from servicekit.database import BigId, new_metadata
from servicekit.errors import NotFoundError, RuleViolationError
from servicekit.events import Aggregate, Event, Ownership
from servicekit.identity import Caller
from servicekit.kit import EventCodec, Kit, kit_tables
from servicekit.mapping import map_aggregate
from servicekit.unit_of_work import Repository, UnitOfWork, check_revision

METHOD = "/liandong.delivery.v1.DeliveryService/AnswerCourierOffer"
PATH = "/370306000000/370306000000-C1/W01/"
MORNING = datetime(2026, 9, 21, 1, 0, tzinfo=UTC)
TRACEPARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"

CLERK = Caller(
    person="p-1",
    assignment="as-1",
    post_kind="WINDOW",
    roles=frozenset({"WINDOW_CLERK"}),
    unit="W01",
    unit_path=PATH,
    authority="D01",
)
FOREIGN = replace(CLERK, unit="W02", unit_path="/370306000000/370306000000-C1/W02/")


class ParcelUnknownError(NotFoundError):
    reason = "NOT_FOUND"


class AnsweredBeforeError(RuleViolationError):
    """A refusal that supervision hears of."""

    reason = "ROLE_DENIED"  # borrowed: the kit has a text for it
    rule = "R9.9"
    violation = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered(Event):
    type: ClassVar[str] = "toy.courier_offer_answered.v1"
    case_number: str
    by_courier: bool


@dataclass(eq=False)
class Note:
    text: str
    id: int | None = None
    number: str | None = None


@dataclass(eq=False)
class Parcel(Aggregate):
    number: str
    person: str = "a-1"
    unit: str = "W01"
    unit_path: str = PATH
    authority: str = "D01"
    state: str = "OPEN"
    notes: list[Note] = field(default_factory=list)
    revision: int = 1
    events: list[Event] = field(default_factory=list)

    @property
    def stream_id(self) -> str:
        return self.number

    @property
    def ownership(self) -> Ownership:
        return Ownership(self.person, self.unit, self.unit_path, self.authority)

    def answer(self, *, by_courier: bool) -> None:
        if self.state != "OPEN":
            raise AnsweredBeforeError("It was answered", case=self.number)
        self.state = "TAKEN" if by_courier else "DECLINED"
        self.happened(Answered(case_number=self.number, by_courier=by_courier))

    def note(self, text: str) -> None:
        self.notes.append(Note(text))
        self.happened(Answered(case_number=self.number, by_courier=True))


metadata = new_metadata()
mappers = registry(metadata=metadata)
tables = kit_tables(metadata)
parcel = Table(
    "parcel",
    metadata,
    Column("number", Text, primary_key=True),
    *(
        Column(name, Text, nullable=False)
        for name in ("person", "unit", "unit_path", "authority", "state")
    ),
    Column("revision", Integer, nullable=False),
)
note = Table(
    "note",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("number", ForeignKey("parcel.number"), nullable=False),
    Column("text", Text, nullable=False),
)
mappers.map_imperatively(Note, note)
map_aggregate(
    mappers,
    Parcel,
    parcel,
    properties={"notes": relationship(Note, lazy="selectin", cascade="all, delete-orphan")},
)
CODEC = EventCodec({Answered: events_pb.CourierOfferAnswered})


class ToyUnitOfWork(UnitOfWork):
    parcels: Repository[Parcel]

    def __enter__(self) -> Self:
        super().__enter__()
        self.parcels = Repository(self, Parcel, ParcelUnknownError)
        return self


@dataclass(frozen=True, slots=True)
class Answer:
    case_number: str
    revision: int
    by_courier: bool


@dataclass(frozen=True, slots=True)
class Changed:
    case_number: str
    revision: int


def answer(command: Answer, *, uow: ToyUnitOfWork) -> Changed:
    parcel = uow.parcels.get(command.case_number)
    check_revision(parcel, command.revision)
    parcel.answer(by_courier=command.by_courier)
    return Changed(parcel.number, command.revision + 1)


def request(
    number: str = "A1", *, request_id: str = "request-1", revision: int = 1, by_courier: bool = True
) -> pb.AnswerCourierOfferRequest:
    return pb.AnswerCourierOfferRequest(
        request_id=request_id, case_number=number, revision=revision, by_courier=by_courier
    )


def call_of(caller: Caller = CLERK, request_id: str = "request-1", **more: Any) -> Call:
    given: dict[str, Any] = {
        "method": METHOD,
        "scopes": frozenset({Scope.UNIT}),
        "at": MORNING,
        "traceparent": TRACEPARENT,
    }
    return Call(caller=caller, request_id=request_id, **given | more)


def say(reason: str, _facts: Mapping[str, str]) -> str:
    return f"（{reason}）"


class Toy:
    """The service on one database."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.rings = 0
        self.kit = Kit("toy", tables, CODEC, self._ring)
        self.runner: CommandRunner[ToyUnitOfWork] = CommandRunner(
            self.kit, self.engine, self.engine, self.new_uow, say
        )

    def _ring(self) -> None:
        self.rings += 1

    def new_uow(self, bind: Engine | Connection, call: Call) -> ToyUnitOfWork:
        return ToyUnitOfWork(self.kit, bind, call)

    def add(self, *parcels: Parcel) -> None:
        with Session(self.engine) as session, session.begin():
            session.add_all(parcels)

    def run(
        self,
        message: pb.AnswerCourierOfferRequest | None = None,
        *,
        caller: Caller = CLERK,
        handler: Callable[..., Any] = answer,
        scopes: frozenset[Scope] = frozenset({Scope.UNIT}),
        **more: Any,
    ) -> pb.AnswerCourierOfferResponse:
        message = message or request()
        return self.runner.run(
            call_of(caller, message.request_id, scopes=scopes),
            message,
            Answer,
            handler,
            pb.AnswerCourierOfferResponse,
            **more,
        )

    def count(self, table: Table) -> int:
        with self.engine.connect() as connection:
            return connection.execute(select(func.count()).select_from(table)).scalar_one()

    def rows(self, table: Table) -> list[Any]:
        with self.engine.connect() as connection:
            return list(connection.execute(select(table).order_by(*table.primary_key)))

    def state(self, number: str = "A1") -> tuple[str, int]:
        with self.engine.connect() as connection:
            found = connection.execute(
                select(parcel.c.state, parcel.c.revision).where(parcel.c.number == number)
            ).one()
        return found.state, found.revision

    def effects(self) -> dict[str, int]:
        """How many rows each kind of effect has left."""
        return {
            "events": self.count(tables.outbox.outbox),
            "audit": self.count(tables.audit.audit),
            "answers": self.count(tables.idempotency),
            "violations": self.count(tables.violation),
            "streams": self.count(tables.outbox.stream),
        }

    def envelopes(self) -> list[Envelope]:
        return [Envelope.FromString(row.envelope) for row in self.rows(tables.outbox.outbox)]


NOTHING = {"events": 0, "audit": 0, "answers": 0, "violations": 0, "streams": 0}
