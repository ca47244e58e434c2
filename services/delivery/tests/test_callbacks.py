"""Callbacks of the carrier: signed, once, in any order, and never believed alone."""

from __future__ import annotations

import itertools
import json
import sqlite3
import threading
import urllib.error
import urllib.request
from dataclasses import replace
from datetime import timedelta

import pytest
from liandong.delivery.v1 import delivery_service_pb2 as pb
from pydantic import SecretStr
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from carrier.wire import push_form
from devstack.ports import free_port
from servicekit.errors import ExhaustedError
from servicekit.testing import MONDAY
from services.delivery.adapters.carrier_forms import FormError, is_signed, read_tracks, signature
from services.delivery.adapters.orm import carrier_callback, ledger_line, shipment_label, tables
from services.delivery.entrypoints import callbacks
from services.delivery.entrypoints.callbacks import CALLBACKS, LARGEST, Allowance, listen
from services.delivery.tests.parcels import CLERK, SALT, body

WELL = {"result": True, "returnCode": "200", "message": "成功"}


def hours(number: int):
    return MONDAY + timedelta(hours=number)


def counted(result: str) -> float:
    return CALLBACKS.labels(result)._value.get()


def signed_for(parcels, by="ADDRESSEE") -> pb.Shipment:
    """Return a parcel that was carried and signed for, as the carrier pushed it."""
    found = parcels.under_way()
    for hour, action in enumerate(("pick_up", "arrive", "out_for_delivery"), start=1):
        parcels.move(found.waybill, action, hours(hour))
    parcels.move(found.waybill, "sign", hours(4), by=by)
    return found


def kept_labels(parcels):
    return [sealed for (sealed,) in parcels.rows(select(shipment_label.c.pdf_sealed))]


def test_the_signature_is_that_of_the_interface():
    assert signature("abc") == "900150983CD24FB0D6963F7D28E17F72"
    assert is_signed("param", SALT, signature("param" + SALT).lower())
    assert not is_signed("param", SALT, signature("param"))
    assert not is_signed("param ", SALT, signature("param" + SALT))


def test_what_is_pushed_moves_the_parcel(parcels):
    found = parcels.under_way()
    parcels.move(found.waybill, "pick_up", hours(1))
    assert parcels.door.answer(body(parcels.pushed[-1])) == (200, WELL)
    found = parcels.shipment(found.shipment)
    assert found.state == pb.SHIPMENT_STATE_PICKED
    assert found.pick_up_time.ToDatetime(tzinfo=MONDAY.tzinfo) == hours(1)
    assert parcels.events()[-1] == "shipment_picked_up"


def test_a_signature_for_a_parcel_is_believed_once_the_carrier_was_asked(parcels):
    found = signed_for(parcels)
    assert parcels.deliver() == [200] * 4
    assert parcels.shipment(found.shipment).state == pb.SHIPMENT_STATE_OUT_FOR_DELIVERY
    parcels.work()
    found = parcels.shipment(found.shipment)
    assert (found.state, found.signer) == (
        pb.SHIPMENT_STATE_SIGNED, pb.SHIPMENT_SIGNER_ADDRESSEE,
    )  # fmt: skip
    assert parcels.asked("/poll/query.do") == [{"com": "ems", "num": found.waybill}]
    assert [track.code for track in found.tracks] == ["101", "103", "1001", "5", "301"]
    assert parcels.events()[-1] == "shipment_signed"


def test_a_signature_that_only_the_callback_knows_is_not_believed(parcels):
    found = parcels.under_way()
    parcels.move(found.waybill, "pick_up", hours(1))
    parcels.deliver()
    lie = json.loads(push_form(parcels.desk.book.find(found.waybill), SALT)["param"])
    lie["lastResult"]["data"].insert(0, {"time": "2026-09-21 15:00:00", "statusCode": "301"})
    param = json.dumps(lie)
    assert parcels.door.answer(body({"param": param, "sign": signature(param + SALT)}))[0] == 200
    parcels.work()
    assert parcels.asked("/poll/query.do")
    assert parcels.shipment(found.shipment).state == pb.SHIPMENT_STATE_PICKED


@pytest.mark.parametrize(
    ("by", "signer"),
    [("OTHER", pb.SHIPMENT_SIGNER_OTHER), ("LOCKER", pb.SHIPMENT_SIGNER_LOCKER)],
)
def test_whoever_else_signed_is_told(parcels, by, signer):
    found = signed_for(parcels, by)
    parcels.deliver()
    parcels.work()
    assert parcels.shipment(found.shipment).signer == signer


@pytest.mark.parametrize("order", list(itertools.permutations(range(4))))
def test_callbacks_in_any_order_end_the_same(parcels, order):
    found = signed_for(parcels)
    pushed = list(parcels.pushed)
    for index in order:
        assert parcels.door.answer(body(pushed[index]))[0] == 200
        parcels.work()
    found = parcels.shipment(found.shipment)
    assert found.state == pb.SHIPMENT_STATE_SIGNED
    assert parcels.events().count("shipment_signed") == 1
    assert parcels.events().count("shipment_picked_up") == 1


def test_a_callback_that_comes_again_is_answered_well_and_changes_nothing(parcels):
    found = signed_for(parcels)
    pushed = list(parcels.pushed)
    parcels.deliver()
    parcels.work()
    before = (parcels.events(), parcels.shipment(found.shipment))
    for form in pushed * 2:
        assert parcels.door.answer(body(form)) == (200, WELL)
    parcels.work()
    assert (parcels.events(), parcels.shipment(found.shipment)) == before
    assert len(parcels.asked("/poll/query.do")) == 1
    assert len(parcels.rows(select(carrier_callback))) == 4


def test_the_same_callback_at_once_counts_once(parcels):
    found = parcels.under_way()
    parcels.move(found.waybill, "pick_up", hours(1))
    content, answers = body(parcels.pushed[-1]), []
    threads = [
        threading.Thread(target=lambda: answers.append(parcels.door.answer(content)))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [(200, WELL)] * 4
    assert parcels.events().count("shipment_picked_up") == 1


def test_a_wrong_signature_is_refused_counted_and_audited_without_its_words(parcels):
    found = parcels.under_way()
    parcels.move(found.waybill, "pick_up", hours(1))
    forged = push_form(parcels.desk.book.find(found.waybill), "another salt")
    before = counted("wrong_signature")
    status, said = parcels.door.answer(body(forged))
    assert (status, said["result"], said["message"]) == (403, False, "验签失败")
    assert counted("wrong_signature") == before + 1
    assert parcels.shipment(found.shipment).state == pb.SHIPMENT_STATE_ACCEPTED
    audit = tables.audit.audit
    [row] = parcels.rows(select(audit).where(audit.c.outcome == "CALLBACK_SIGNATURE_WRONG"))
    assert (row.actor, row.action) == ("carrier", "callback:carrier")
    assert found.waybill not in row.detail


def test_a_stranger_cannot_fill_the_audit(monkeypatch):
    allowance = Allowance(2)
    assert [allowance.take() for _ in range(4)] == [True, True, False, False]
    later = callbacks.time.monotonic() + 61
    monkeypatch.setattr(callbacks.time, "monotonic", lambda: later)
    assert allowance.take()


def test_a_waybill_that_is_not_ours_is_answered_as_if_it_were(parcels):
    parcel = parcels.desk.book.order("somebody-else-s", MONDAY, letter=True)
    form = push_form(parcel, SALT)
    before = counted("unknown_waybill")
    assert parcels.door.answer(body(form)) == (200, WELL)
    assert counted("unknown_waybill") == before + 1
    assert not parcels.rows(select(carrier_callback))
    assert not parcels.rows(select(tables.audit.audit))


@pytest.mark.parametrize(
    "param",
    [
        "", "{", "[]", "1", '"text"', "{}", '{"lastResult": []}', '{"lastResult": {"nu": 1}}',
        '{"lastResult": {"nu": "1"}}', '{"lastResult": {"nu": "1", "data": [1]}}',
        '{"lastResult": {"nu": "1", "data": [{"time": "gestern", "statusCode": "1"}]}}',
        '{"lastResult": {"nu": "1", "data": [{"time": "2026-09-21 10:00:00"}]}}',
        "[" * 100_000,
    ],
)  # fmt: skip
def test_what_is_signed_and_cannot_be_read_is_refused(parcels, param):
    status, said = parcels.door.answer(body({"param": param, "sign": signature(param + SALT)}))
    assert (status, said["result"]) == (400, False)


def test_bytes_that_are_no_text_are_refused(parcels):
    assert parcels.door.answer(b"\xff\xfe&param=%ff")[0] == 403


def test_an_overfull_outbox_lets_the_carrier_come_again(parcels, monkeypatch):
    found = parcels.under_way()
    parcels.move(found.waybill, "pick_up", hours(1))

    def full() -> None:
        raise ExhaustedError("full")

    door = callbacks.CallbackDoor(parcels.door.app, replace(parcels.resources, admit=full), SALT)
    assert door.answer(body(parcels.pushed[-1]))[0] == 503
    assert parcels.deliver() == [200]


def test_a_database_that_is_away_lets_whoever_pushes_come_again(parcels, monkeypatch):
    found = parcels.under_way()
    parcels.move(found.waybill, "pick_up", hours(1))
    away = OperationalError("", {}, sqlite3.OperationalError("database is locked"))

    def fails(*_args, **_more):
        raise away

    forged = push_form(parcels.desk.book.find(found.waybill), "another salt")
    with monkeypatch.context() as patched:
        patched.setattr(callbacks.audit, "append", fails)
        patched.setattr(callbacks.handlers, "take_callback", fails)
        assert parcels.door.answer(body(forged))[0] == 503
        assert parcels.door.answer(body(parcels.pushed[-1]))[0] == 503
    assert parcels.door.answer(body(forged))[0] == 403
    assert parcels.deliver() == [200]


def test_a_given_up_tracking_means_a_lost_parcel(parcels):
    found = parcels.under_way()
    parcels.move(found.waybill, "pick_up", hours(1))
    parcels.move(found.waybill, "lose", hours(2))
    parcels.deliver()
    parcels.work()
    found = parcels.shipment(found.shipment)
    assert found.state == pb.SHIPMENT_STATE_LOST
    assert found.end_time.ToDatetime(tzinfo=MONDAY.tzinfo) == hours(2)


def test_a_refused_parcel_comes_back_and_its_label_is_erased(parcels):
    found = parcels.under_way()
    for hour, action in enumerate(
        ("pick_up", "arrive", "out_for_delivery", "refuse", "return", "returned"), start=1
    ):
        parcels.move(found.waybill, action, hours(hour))
    parcels.deliver()
    parcels.work()
    assert parcels.events()[-3:] == ["shipment_picked_up", "shipment_failed", "shipment_failed"]
    refusal = parcels.refused("GetLabel", CLERK, shipment=found.shipment, purpose="粘贴面单")
    assert refusal.reason == "LABEL_NO_LONGER_KEPT"
    assert kept_labels(parcels) == [None]
    [line] = parcels.rows(select(ledger_line))
    assert line.voided_at is None  # it was carried, so it is paid


def test_the_label_of_a_parcel_that_is_signed_for_is_erased_and_no_sooner(parcels):
    found = signed_for(parcels)
    parcels.deliver()
    assert kept_labels(parcels) != [None]  # the carrier has not confirmed it
    parcels.work()
    assert parcels.shipment(found.shipment).state == pb.SHIPMENT_STATE_SIGNED
    assert kept_labels(parcels) == [None]


def test_a_lost_callback_is_made_good_by_asking_again(parcels):
    found = signed_for(parcels)
    parcels.pushed.clear()
    runner = parcels.runner()
    runner.sweep()
    runner.run_once()
    assert parcels.shipment(found.shipment).state == pb.SHIPMENT_STATE_SIGNED
    parcels.clock.advance(timedelta(days=1))
    runner.sweep()
    assert runner.run_once() == 0


def test_a_parcel_that_is_under_way_is_asked_about_every_six_hours(parcels):
    parcels.under_way()
    runner = parcels.runner()
    for _ in range(12):
        runner.sweep()
        runner.run_once(limit=5)
        parcels.clock.advance(timedelta(hours=1))
    assert len(parcels.asked("/poll/query.do")) in (2, 3)


def test_digests_are_forgotten_when_nobody_replays_them_and_a_later_replay_changes_nothing(parcels):
    found = signed_for(parcels)
    pushed = list(parcels.pushed)
    parcels.deliver()
    parcels.work()
    parcels.clock.advance(timedelta(days=90))
    parcels.runner().sweep()
    assert len(parcels.rows(select(carrier_callback))) == len(pushed)
    parcels.clock.advance(timedelta(days=1))
    parcels.runner().sweep()
    assert parcels.rows(select(carrier_callback)) == []
    told = parcels.events()
    for form in pushed:
        assert parcels.door.answer(body(form)) == (200, WELL)
    parcels.work()
    assert parcels.events() == told
    assert parcels.shipment(found.shipment).state == pb.SHIPMENT_STATE_SIGNED


def test_digests_of_a_parcel_under_way_are_kept(parcels):
    found = parcels.under_way()
    parcels.move(found.waybill, "pick_up", hours(1))
    parcels.deliver()
    parcels.clock.advance(timedelta(days=99))
    parcels.runner().sweep()
    assert len(parcels.rows(select(carrier_callback))) == 1


def test_a_track_without_a_zone_is_the_wall_clock_of_china():
    [track] = read_tracks({"data": [{"time": "2026-09-21 09:00:00", "statusCode": "1"}]}, "polling")
    assert track.at == MONDAY


def test_an_answer_without_tracks_is_refused():
    with pytest.raises(FormError):
        read_tracks({"data": None}, "polling")


# --- over HTTP -------------------------------------------------------------------------------


@pytest.fixture
def listening(parcels):
    port = free_port()
    settings = parcels.resources.settings.model_copy(
        update={"callback_port": port, "callback_salt": SecretStr(SALT),
                "callback_address": "127.0.0.1"}
    )  # fmt: skip
    stop = listen(replace(parcels.resources, settings=settings))
    yield f"http://127.0.0.1:{port}/"
    stop()


def post(url: str, content: bytes, **headers: str) -> tuple[int, dict]:
    request = urllib.request.Request(url, content, headers, method="POST")
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error)


def test_the_door_is_reached_by_http(parcels, listening):
    found = parcels.under_way()
    parcels.move(found.waybill, "pick_up", hours(1))
    assert post(listening, body(parcels.pushed[-1])) == (200, WELL)
    assert parcels.shipment(found.shipment).state == pb.SHIPMENT_STATE_PICKED
    assert post(listening, body({"param": "{}", "sign": "0" * 32}))[0] == 403


def test_a_body_that_is_too_large_is_not_read(listening):
    assert post(listening, b"x", **{"Content-Length": str(LARGEST + 1)})[0] == 413


def test_a_bug_shows_none_of_its_text(parcels, listening, monkeypatch):
    found = parcels.under_way()
    parcels.move(found.waybill, "pick_up", hours(1))
    monkeypatch.setattr(callbacks, "_report", lambda _param: 1 / 0)
    status, said = post(listening, body(parcels.pushed[-1]))
    assert (status, said["message"]) == (500, "处理失败")


def test_nobody_listens_where_no_port_is_set(parcels):
    listen(parcels.resources)()
