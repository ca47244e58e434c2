"""Delivery with a carrier and an intake beside it, all in this process."""

from __future__ import annotations

import json
import urllib.parse
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf.message import Message
from google.rpc import code_pb2, status_pb2
from liandong.delivery.v1 import delivery_service_pb2 as pb
from liandong.delivery.v1 import delivery_service_pb2_grpc as pb_grpc
from liandong.intake.v1 import intake_events_pb2 as intake
from liandong.intake.v1 import intake_service_pb2 as intake_service
from sqlalchemy import select

from carrier.desk import Desk
from servicekit.client import LocalChannel, LocalRpcError
from servicekit.clock import FixedClock
from servicekit.grpc_errors import refusal_of
from servicekit.identity import Caller, Keyring, TokenIssuer, TokenVerifier
from servicekit.jobs import JobRunner
from servicekit.roles.api import guarded
from servicekit.service import Resources, open_resources
from servicekit.stream import Outcome, Streams
from servicekit.testing import MONDAY, demonstration_settings, envelope, migrate
from services.delivery.adapters.carrier import CarrierClient
from services.delivery.adapters.orm import tables
from services.delivery.bootstrap import DEFINITION, build, event_handlers
from services.delivery.config import DeliverySettings
from services.delivery.entrypoints import jobs
from services.delivery.entrypoints.api import register
from services.delivery.entrypoints.callbacks import CallbackDoor

PATH = "/370306000000/370306000000-C1/W01/"
SALT, KEY = "a-salt", "a-key"
NAME, PHONE, ADDRESS = "李示例", "13800003210", "山东省淄博市周村区丝绸路街道车站社区1号"
IDENTITY = "370306195001010018"


def person(name: str, kind: str, role: str, **more: str) -> Caller:
    return Caller(person=name, assignment="as", post_kind=kind, roles=frozenset({role}), **more)


APPLICANT = person("a-1", "APPLICANT", "APPLICANT")
STRANGER = person("a-2", "APPLICANT", "APPLICANT")
CLERK = person("p-1", "WINDOW", "WINDOW_CLERK", unit="W01", unit_path=PATH)
FOREIGN = person("p-2", "WINDOW", "WINDOW_CLERK", unit="W02", unit_path="/C1/W02/")
REVIEWER = person("p-3", "DEPARTMENT", "REVIEWER", unit="D01", authority="D01")


@dataclass
class IntakeBeside:
    """Answers RevealApplicant; remembers what it was asked for."""

    asked: list[Any] = field(default_factory=list)
    refusal: int | None = None

    def unary_unary(self, method: str, *_serializers: Any, **_options: Any) -> Any:
        def call(request: Any, **_: Any) -> Any:
            self.asked.append((method.rpartition("/")[2], request))
            if self.refusal is not None:
                raise LocalRpcError(status_pb2.Status(code=self.refusal, message="no"))
            return intake_service.RevealApplicantResponse(
                applicant=intake_service.Applicant(
                    name=NAME, phone=PHONE, address=ADDRESS, identity_number=IDENTITY
                )
            )

        return call


@dataclass
class Parcels:
    """One district's delivery, its carrier, and what passed between them."""

    resources: Resources
    clock: FixedClock
    issuer: TokenIssuer
    channel: Any
    streams: Streams
    door: CallbackDoor
    intake: IntakeBeside = field(default_factory=IntakeBeside)
    pushed: list[Mapping[str, str]] = field(default_factory=list)
    posted: list[tuple[str, Mapping[str, str]]] = field(default_factory=list)
    away: int = 0
    seq: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.desk = Desk(KEY, SALT, self.pushed.append, lambda form: self.door.answer(body(form)))
        self.carrier = CarrierClient(self.post, customer="LIANDONG", key=KEY)

    # --- the carrier --------------------------------------------------------------------------

    def post(self, path: str, form: Mapping[str, str]) -> Mapping[str, Any]:
        if self.away:
            self.away -= 1
            raise ConnectionError("away")
        self.posted.append((path, form))
        return self.desk.answer(path, form)[1]

    def asked(self, path: str) -> list[dict[str, Any]]:
        return [json.loads(form["param"]) for to, form in self.posted if to == path]

    def move(self, waybill: str, action: str, at: datetime, **more: str) -> None:
        form = {"waybill": waybill, "at": at.isoformat(), **more}
        _, said = self.desk.answer(f"/control/{action}", form)
        assert said["result"], said

    def deliver(self) -> list[int]:
        """Bring all that was pushed to the door; return how each was answered."""
        waiting, self.pushed[:] = list(self.pushed), []
        return [self.door.answer(body(form))[0] for form in waiting]

    # --- delivery -----------------------------------------------------------------------------

    def runner(self, channels: Mapping[str, Any] | None = None) -> JobRunner:
        given = {"intake": self.intake, "carrier": self.carrier} if channels is None else channels
        return JobRunner(
            self.resources.engine,
            tables.job,
            "delivery",
            jobs.handling(given)(self.resources),
            clock=self.clock,
            sweeps=jobs.sweeps(self.resources),
        )

    def work(self) -> int:
        return self.runner().run_once(limit=20)

    def take(self, kind: str, fact: Message, number: str = "A1") -> Outcome:
        self.seq[number] = self.seq.get(number, 0) + 1
        event = envelope(
            f"intake.{kind}.v1", fact, stream_id=number, seq=self.seq[number], at=self.clock.now()
        )
        return self.streams.take(event)

    def receive(self, number: str = "A1", **more: Any) -> None:
        facts = {"courier_offered": True, "courier_inbound": True, "applicant": "a-1", **more}
        fact = intake.CaseReceived(
            case_number=number, window_unit="W01", unit_path=PATH, authority="D01", **facts
        )
        assert self.take("case_received", fact, number) is Outcome.APPLIED

    def dispatch(self, number: str = "A1", attempt: int = 1) -> str:
        fact = intake.ResultDispatched(
            case_number=number, window_unit="W01", unit_path=PATH, pieces=2, attempt=attempt
        )
        assert self.take("result_dispatched", fact, number) is Outcome.APPLIED
        return f"{number}-OUT-{attempt}"

    def under_way(self, *, fetched: bool = False) -> pb.Shipment:
        """Return a parcel that the carrier has taken the order of."""
        self.receive()
        shipment = self.pick_up().shipment if fetched else self.dispatch()
        self.work()
        return self.shipment(shipment)

    def pick_up(self, caller: Caller = APPLICANT, **more: Any) -> Any:
        asked = {"request_id": f"request-{len(self.events())}", "case_number": "A1", "pieces": 1}
        return self.call("RequestPickup", caller, **{**asked, **more})

    def call(self, method: str, caller: Caller, **fields: Any) -> Any:
        stub = pb_grpc.DeliveryServiceStub(self.channel)
        token = self.issuer.issue(caller, lifetime=timedelta(hours=1))
        metadata = [("authorization", f"Bearer {token}")]
        request = getattr(pb, f"{method}Request")(**fields)
        return getattr(stub, method)(request, metadata=metadata, timeout=10)

    def refused(self, method: str, caller: Caller, **fields: Any) -> Any:
        with pytest.raises(grpc.RpcError) as caught:
            self.call(method, caller, **fields)
        return refusal_of(caught.value)

    def shipment(self, identity: str, caller: Caller = CLERK) -> pb.Shipment:
        return self.call("GetShipment", caller, shipment=identity).shipment

    def events(self) -> list[str]:
        outbox = tables.outbox.outbox
        with self.resources.read_engine.connect() as connection:
            kinds = connection.execute(select(outbox.c.type).order_by(outbox.c.id)).scalars()
            return [kind.removeprefix("delivery.").removesuffix(".v1") for kind in kinds]

    def rows(self, query: Any) -> list[Any]:
        with self.resources.read_engine.connect() as connection:
            return list(connection.execute(query).all())


def body(form: Mapping[str, str]) -> bytes:
    return urllib.parse.urlencode(form).encode()


def make_parcels(folder: Path, *, database_url: str | None = None) -> Parcels:
    url = database_url or f"sqlite:///{folder / 'delivery.db'}"
    common = demonstration_settings(folder, url)
    settings = DeliverySettings(**common.model_dump())
    clock = FixedClock(MONDAY)
    migrate(DEFINITION, url, clock.today())
    resources = open_resources(DEFINITION, settings, clock=clock)
    keyring = Keyring.load(settings.keyring)
    registrar = guarded(DEFINITION, resources, TokenVerifier(keyring), register)
    return Parcels(
        resources=resources,
        clock=clock,
        issuer=TokenIssuer(keyring),
        channel=LocalChannel([registrar]),
        streams=Streams(resources.engine, "delivery", event_handlers(resources)),
        door=CallbackDoor(build(resources), resources, SALT),
    )


UNAVAILABLE = code_pb2.UNAVAILABLE
