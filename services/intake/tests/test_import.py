"""The inbound port of the provincial net: one exchange number, one case."""

from __future__ import annotations

import pytest
from google.protobuf.timestamp_pb2 import Timestamp
from liandong.intake.v1 import intake_service_pb2 as pb
from sqlalchemy import func, select

from services.intake.adapters import orm
from services.intake.tests.counter import GATEWAY, Counter
from services.intake.tests.district import APPLICANT, CLERK, applicant
from services.intake.tests.fakes import ITEM, W01

SUBMITTED = Timestamp(seconds=1_789_945_200)


@pytest.fixture
def counter(district):
    return Counter(district)


def application(counter, **changes):
    digest = counter.district.upload(caller=GATEWAY)
    fields = {
        "exchange_number": "SD-37-2026-000001",
        "item_code": ITEM,
        "applicant": applicant(),
        "materials": [
            pb.HandedIn(material_code=code, sha256=digest) for code in ("M01", "M04", "M05")
        ],
        "result_delivery": pb.RESULT_DELIVERY_EMS,
        "summary": "小吃店食品经营",
        "submit_time": SUBMITTED,
    }
    return fields | changes


def test_an_application_of_the_provincial_net_is_a_case_that_came_online(counter):
    district = counter.district
    imported = counter.call("ImportApplication", GATEWAY, **application(counter))
    district.number = imported.case_number
    view = district.read()
    assert (view.channel, view.window_unit, view.visits) == (pb.CHANNEL_ONLINE, W01, 0)
    assert view.exchange_number == "SD-37-2026-000001"
    # The clocks count from the receipt here; when it was submitted there is kept apart.
    assert imported.receive_time.ToDatetime() == district.clock.now().replace(tzinfo=None)
    assert imported.receive_time.seconds != SUBMITTED.seconds
    district.accept()
    assert district.read(APPLICANT).applicant_name == "王小丽"


def test_one_exchange_number_is_one_case_however_often_it_is_sent(counter):
    fields = application(counter)
    first = counter.call("ImportApplication", GATEWAY, **fields)
    again = counter.call("ImportApplication", GATEWAY, **fields)  # another request id
    assert again == first
    [(count,)] = counter.district.rows(select(func.count()).select_from(orm.case_file))
    assert count == 1


def test_other_content_under_a_known_exchange_number_is_refused(counter):
    fields = application(counter)
    counter.call("ImportApplication", GATEWAY, **fields)
    refusal = counter.refusal("ImportApplication", GATEWAY, **(fields | {"summary": "另一件事"}))
    assert (refusal.code, refusal.reason) == ("FAILED_PRECONDITION", "EXCHANGE_CONTENT_DIFFERS")
    assert "SD-37-2026-000001" in refusal.text


def test_a_case_that_came_otherwise_has_no_exchange_number(counter):
    counter.district.receive()
    assert counter.district.read().exchange_number == ""


def test_nobody_but_the_gateway_imports(counter):
    refusal = counter.refusal("ImportApplication", CLERK, **application(counter))
    assert refusal.code == "PERMISSION_DENIED"
