"""The services around the counter as tests use them: carried requests, questions, the exchange."""

from __future__ import annotations

from dataclasses import dataclass

import grpc
import pytest
from liandong.intake.v1 import assistance_service_pb2 as carried
from liandong.intake.v1 import assistance_service_pb2_grpc as carried_grpc
from liandong.intake.v1 import custody_pb2 as custody
from liandong.intake.v1 import enquiry_service_pb2 as asked
from liandong.intake.v1 import enquiry_service_pb2_grpc as asked_grpc
from liandong.intake.v1 import exchange_service_pb2 as exchange
from liandong.intake.v1 import exchange_service_pb2_grpc as exchange_grpc
from liandong.intake.v1 import intake_service_pb2 as pb
from liandong.intake.v1 import refusals_pb2 as refusals
from sqlalchemy import select

from servicekit.grpc_errors import refusal_of
from servicekit.identity import Caller
from services.intake.bootstrap import DEFINITION
from services.intake.tests.district import IntakeDistrict, applicant
from services.intake.tests.fakes import ITEM, PATHS, T01, TOWN, VILLAGE

PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
FILES = (carried, asked, exchange, custody, refusals, pb)


def village_agent(person="p-agent", unit=VILLAGE):
    return Caller(
        person=person, assignment=f"as-{person}", post_kind="VILLAGE",
        roles=frozenset({"VILLAGE_AGENT"}), unit=unit,
        unit_path=f"{TOWN}{unit.removesuffix('-P1')}/{unit}/",
    )  # fmt: skip


def town_clerk(person="p-town", unit=T01):
    return Caller(
        person=person, assignment=f"as-{person}", post_kind="WINDOW",
        roles=frozenset({"WINDOW_CLERK"}), unit=unit, unit_path=PATHS[unit],
    )  # fmt: skip


AGENT, NEIGHBOUR = village_agent(), village_agent("p-neighbour", "370306001002-P1")
TOWN_CLERK = town_clerk()
GATEWAY = Caller(service="gateway", purpose="省网申请入库")


@dataclass
class Counter:
    """The district with its further services; remembers nothing but what it is told."""

    district: IntakeDistrict

    def call(self, method, caller, **fields):
        request_type = next(
            getattr(each, f"{method}Request") for each in FILES if hasattr(each, f"{method}Request")
        )
        if "request_id" in request_type.DESCRIPTOR.fields_by_name:
            fields.setdefault("request_id", self.district.request_id())
        channel = self.district.harness.channel
        stubs = (
            self.district.stub,
            carried_grpc.AssistanceServiceStub(channel),
            asked_grpc.EnquiryServiceStub(channel),
            exchange_grpc.ExchangeServiceStub(channel),
        )
        stub = next(each for each in stubs if hasattr(each, method))
        return self.district.harness.call(getattr(stub, method), request_type(**fields), caller)

    def refusal(self, method, caller, **fields):
        with pytest.raises(grpc.RpcError) as caught:
            self.call(method, caller, **fields)
        return refusal_of(caught.value)

    def on_case(self, method, caller, **fields):
        """Command the case the district remembers, at the revision it saw last."""
        fields = {
            "case_number": self.district.number, "revision": self.district.revision,
        } | fields  # fmt: skip
        answer = self.call(method, caller, **fields)
        self.district.revision = answer.revision
        return answer

    def refused_on_case(self, method, caller, **fields):
        with pytest.raises(grpc.RpcError) as caught:
            self.on_case(method, caller, **fields)
        return refusal_of(caught.value)

    def mandate(self, **changes):
        fields = {
            "scan_sha256": self.district.upload(PDF, AGENT, "application/pdf"),
            "scope": "代为申请并领取结果",
            "may_collect": True,
            "agent_name": "代办员（示例）",
        }
        return carried.AssistanceMandate(**(fields | changes))

    def request(self, **changes):
        fields = {
            "item_code": ITEM,
            "applicant": applicant(),
            "materials": [
                pb.HandedIn(material_code=code, paper_pieces=1) for code in ("M01", "M04", "M05")
            ],
            "mandate": self.mandate(),
            "result_delivery": pb.RESULT_DELIVERY_COLLECTION,
            "summary": "小吃店食品经营（代办）",
        }
        return fields | changes

    def take(self, caller=AGENT, **changes):
        return self.call("TakeAssistance", caller, **self.request(**changes))

    def pass_on(self, taken, to_unit=T01, caller=AGENT):
        return self.call(
            "PassOnAssistance", caller,
            assistance=taken.assistance, revision=taken.revision, to_unit=to_unit,
        )  # fmt: skip

    def receive(self, taken, caller=TOWN_CLERK, **changes):
        """Receive at the window what was carried; the district's case from here on."""
        fields = self.district.application(
            channel=pb.CHANNEL_ASSISTANCE, assistance=taken.assistance,
            materials=self.request()["materials"],
        )  # fmt: skip
        del fields["applicant"]
        return self.district.command("ReceiveApplication", caller, **(fields | changes))

    def read(self, taken, caller=AGENT):
        return self.call("GetAssistance", caller, assistance=taken.assistance).assistance

    def facts(self, stream):
        """Return the types of the published facts of a stream, in order."""
        outbox = DEFINITION.tables.outbox.outbox
        rows = self.district.rows(
            select(outbox.c.type).where(outbox.c.stream_id == stream).order_by(outbox.c.seq)
        )
        return [row.type for row in rows]

    def violations(self):
        table = DEFINITION.tables.violation
        return [row.reason for row in self.district.rows(select(table.c.reason))]
