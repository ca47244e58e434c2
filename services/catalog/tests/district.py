"""The shipped district behind its guarded methods, and the people who call them."""

from __future__ import annotations

from dataclasses import dataclass, replace

import grpc
import pytest
from google.type import date_pb2
from liandong.catalog.v1 import catalog_service_pb2 as pb
from liandong.catalog.v1 import catalog_service_pb2_grpc as pb_grpc
from liandong.catalog.v1 import training_pb2 as training_pb
from liandong.common.v1.envelope_pb2 import Envelope
from liandong.metrics.v1 import metrics_events_pb2 as metrics
from sqlalchemy import select

from servicekit.grpc_errors import refusal_of
from servicekit.identity import Caller
from servicekit.messages import to_message
from servicekit.stream import Streams
from servicekit.testing import Harness, envelope
from services.catalog.adapters.orm import tables
from services.catalog.tests.examples import FOOD_LICENCE

FOOD = "370306-01-001"
OFFICE, OTHER = "370306000000-D01", "370306000000-D02"
CENTRE = "370306000000-C1"
W01, W02 = f"{CENTRE}-W01", f"{CENTRE}-W02"


def staff(role, **facts):
    return Caller(person=f"p-{role}", assignment="as", roles=frozenset({role}), **facts)


APPLICANT = staff("APPLICANT", post_kind="APPLICANT")
CLERK = staff("WINDOW_CLERK", post_kind="WINDOW", unit=W01, unit_path=f"/{W01}/")
EDITOR = staff("CATALOGUE_EDITOR", post_kind="OFFICE", unit=CENTRE)
APPROVER = staff("CATALOGUE_APPROVER", post_kind="OFFICE", unit=CENTRE)
OPERATOR = staff("OPERATOR", post_kind="OFFICE", unit=CENTRE)
HEAD = staff("DEPARTMENT_HEAD", post_kind="DEPARTMENT", unit=OFFICE, authority=OFFICE)
OTHER_HEAD = staff("DEPARTMENT_HEAD", post_kind="DEPARTMENT", unit=OTHER, authority=OTHER)
SUPERVISOR = staff("SUPERVISOR", post_kind="SUPERVISION", unit="370306000000")
INTAKE = Caller(service="intake", purpose="prepare")


def day(year, month, day_of_month):
    return date_pb2.Date(year=year, month=month, day=day_of_month)


def publication(request_id="publish-1", **changes):
    version = to_message(replace(FOOD_LICENCE, **changes), pb.ItemVersion)
    return pb.PublishItemVersionRequest(request_id=request_id, version=version)


def new_letter(request_id="letter-01", **changes):
    values = {
        "letter": "周审批授权〔2026〕9号",
        "authority": OFFICE,
        "window_unit": W01,
        "signatory": "孙丽（示例）",
        "from_date": day(2026, 9, 1),
        "until_date": day(2027, 9, 1),
        "item_powers": [pb.ItemPowers(item_code=FOOD, powers=[pb.POWER_RECEIVE])],
        "scan_sha256": "0" * 64,
    }
    return pb.SignAuthorisationLetterRequest(request_id=request_id, **values | changes)


def training(request_id="train-01", **changes):
    """A training of the clerk p-0102 of W01 for the food licence, on 1 September 2026."""
    values = {
        "person": "p-0102",
        "rules_version": "ONE_WINDOW_ACCEPTANCE@1",
        "trained_on": day(2026, 9, 1),
        "item_codes": [FOOD],
    }
    return training_pb.RecordTrainingRequest(request_id=request_id, **values | changes)


@dataclass
class District:
    built: Harness
    streams: Streams

    def call(self, method, request, caller=CLERK):
        stub = pb_grpc.CatalogServiceStub(self.built.channel)
        return self.built.call(getattr(stub, method), request, caller)

    def refused(self, method, request, caller=CLERK):
        with pytest.raises(grpc.RpcError) as caught:
            self.call(method, request, caller)
        return refusal_of(caught.value)

    def item(self, code=FOOD, **request):
        asked = pb.GetServiceItemRequest(item_code=code, **request)
        return self.call("GetServiceItem", asked).version

    def powers(self, window=W01, code=FOOD, at=None):
        request = pb.GetWindowPowersRequest(window_unit=window, item_code=code)
        request.at_time.FromDatetime(at or self.built.clock.now())
        return self.call("GetWindowPowers", request, INTAKE)

    def light(self, *, red=True, code=FOOD, seq=1):
        fact = metrics.ItemLightChanged(item_code=code, red=red, case_number="c-1", visits=2)
        kind = "metrics.item_light_changed.v1"
        return self.streams.take(envelope(kind, fact, stream_id=code, seq=seq))

    def events(self, stream=None):
        """Return the types and payloads of what was published, in order."""
        outbox = tables.outbox.outbox
        query = select(outbox.c.envelope).order_by(outbox.c.id)
        if stream is not None:
            query = query.where(outbox.c.stream_id == stream)
        with self.built.resources.read_engine.connect() as connection:
            rows = connection.execute(query).scalars().all()
        return [Envelope.FromString(bytes(row)) for row in rows]
