"""The simulated carrier: its book, its forms, its pushes."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl

import pytest

from carrier.book import Book, CarrierError
from carrier.control import http_control, local_control
from carrier.desk import CUSTOMER, Desk
from carrier.process import CarrierProcess
from carrier.pusher import Pusher
from carrier.wire import _md5, instant, push_form, query_answer, signed_by

AT = datetime(2026, 10, 14, 1, 0, tzinfo=UTC)
PERSON = {"name": "李示例", "phone": "13800003210", "address": "山东省淄博市周村区"}


def later(hours: int) -> datetime:
    return AT + timedelta(hours=hours)


# --- the book --------------------------------------------------------------------------------


def test_ordering_twice_under_one_number_is_ordering_once():
    book = Book()
    assert book.order("A1", AT, letter=True) is book.order("A1", later(1), letter=False)


def test_a_carrier_that_forgot_everything_gives_the_same_number_again():
    assert (
        Book().order("A1", AT, letter=True).waybill == Book().order("A1", AT, letter=True).waybill
    )


def test_two_orders_never_share_a_waybill():
    book = Book()
    assert len({book.order(f"A{n}", AT, letter=n % 2 == 0).waybill for n in range(500)}) == 500


def test_letters_have_a_check_digit_and_parcels_thirteen_digits():
    book = Book()
    letter, parcel = book.order("A1", AT, letter=True), book.order("A2", AT, letter=False)
    digits = letter.waybill[2:10]
    total = sum(w * int(d) for w, d in zip((8, 6, 4, 2, 3, 5, 9, 7), digits, strict=True))
    assert int(letter.waybill[10]) == {10: 0, 11: 5}.get(11 - total % 11, 11 - total % 11)
    assert (letter.waybill[:2], letter.waybill[11:]) == ("EE", "CN")
    assert (len(parcel.waybill), parcel.waybill[:2]) == (13, "12")


@pytest.mark.parametrize(
    "course",
    [
        pytest.param(["301"], id="signed-before-the-pickup"),
        pytest.param(["103", "103"], id="picked-up-twice"),
        pytest.param(["103", "1001", "5", "301", "14"], id="refused-after-the-signature"),
        pytest.param(["401", "103"], id="picked-up-after-the-cancellation"),
    ],
)
def test_a_parcel_cannot_do_what_parcels_do_not_do(course):
    book = Book()
    waybill = book.order("A1", AT, letter=True).waybill
    *possible, impossible = course
    for code in possible:
        book.move(waybill, code, AT)
    with pytest.raises(CarrierError):
        book.move(waybill, impossible, AT)


def test_time_does_not_run_backwards():
    book = Book()
    with pytest.raises(CarrierError):
        book.move(book.order("A1", AT, letter=True).waybill, "103", later(-1))


def test_what_was_signed_for_may_still_come_back():
    book = Book()
    waybill = book.order("A1", AT, letter=True).waybill
    for code in ("103", "1001", "5", "303", "4"):
        book.move(waybill, code, AT)
    assert book.find(waybill).last.code == "4"


def test_an_order_is_cancelled_until_it_is_picked_up():
    book = Book()
    book.order("A1", AT, letter=True)
    assert book.cancel("A1", later(1)).last.code == "401"
    assert len(book.cancel("A1", later(2)).tracks) == 2
    book.move(book.order("A2", AT, letter=True).waybill, "103", AT)
    with pytest.raises(CarrierError):
        book.cancel("A2", later(1))
    with pytest.raises(CarrierError):
        book.cancel("A3", later(1))


# --- the forms -------------------------------------------------------------------------------


def test_a_push_tells_everything_the_newest_first_in_the_clock_of_china():
    book = Book()
    parcel = book.order("A1", AT, letter=True)
    book.move(parcel.waybill, "103", later(1))
    form = push_form(parcel, "a-salt")
    assert form["sign"] == _md5(form["param"] + "a-salt")
    told = json.loads(form["param"])
    assert (told["status"], told["lastResult"]["nu"]) == ("polling", parcel.waybill)
    tracks = [(each["time"], each["statusCode"]) for each in told["lastResult"]["data"]]
    assert tracks == [("2026-10-14 10:00:00", "103"), ("2026-10-14 09:00:00", "101")]


@pytest.mark.parametrize(
    ("codes", "watch"),
    [(["103"], "polling"), (["103", "1001", "5", "301"], "shutdown"), (["401"], "shutdown")],
)
def test_a_tracking_ends_with_the_parcel(codes, watch):
    book = Book()
    parcel = book.order("A1", AT, letter=True)
    for code in codes:
        book.move(parcel.waybill, code, AT)
    assert (parcel.watch, query_answer(parcel)["monitorStatus"]) == (watch, watch)


def test_a_lost_parcel_is_given_up():
    book = Book()
    parcel = book.order("A1", AT, letter=True)
    book.move(parcel.waybill, "103", AT)
    book.lose(parcel.waybill, later(1))
    assert query_answer(parcel)["monitorStatus"] == "abort"


def test_an_instant_without_a_zone_is_the_clock_of_china():
    assert instant("2026-10-14 09:00:00") == AT
    assert instant("2026-10-14T01:00:00+00:00") == AT
    with pytest.raises(CarrierError):
        instant("morgen")


# --- the desk --------------------------------------------------------------------------------


class Customer:
    """Takes pushes; refuses as often as it is told to."""

    def __init__(self):
        self.forms: list[Mapping[str, str]] = []

    def now(self, form):
        return (200 if signed_by("a-salt", form["param"], form["sign"]) else 403), {}


@pytest.fixture
def customer():
    return Customer()


@pytest.fixture
def desk(customer):
    return Desk("a-key", "a-salt", customer.forms.append, customer.now)


def signed(question: Mapping[str, object], key: str = "a-key") -> dict[str, str]:
    param = json.dumps(question, ensure_ascii=False)
    return {"param": param, "sign": _md5(param + key + CUSTOMER), "customer": CUSTOMER}


def ordered(desk, number="A1", **more):
    question = {
        "orderNumber": number, "orderTime": AT.isoformat(), "letter": True,
        "sender": PERSON, "receiver": PERSON, **more,
    }  # fmt: skip
    return desk.answer("/order", signed(question))[1]


def test_an_order_is_answered_with_its_waybill_and_nobody_is_remembered(desk):
    said = ordered(desk)
    assert (said["result"], len(said["data"]["kuaidinum"])) == (True, 13)
    assert "李示例" not in repr(desk.book.find(said["data"]["kuaidinum"]))


@pytest.mark.parametrize(
    ("path", "form"),
    [
        pytest.param("/order", signed({"orderNumber": "A1"}, "another"), id="another-key"),
        pytest.param("/order", {}, id="nothing"),
        pytest.param("/order", signed({"orderNumber": "A1"}), id="nobody-to-send-to"),
        pytest.param("/poll/query.do", signed({"num": "1"}), id="unknown-waybill"),
        pytest.param("/cancel", signed({"orderNumber": "A9", "cancelTime": "?"}), id="no-time"),
        pytest.param("/control/fly", {"waybill": "1"}, id="unknown-control"),
    ],
)
def test_what_is_wrong_is_refused_in_words(desk, path, form):
    status, said = desk.answer(path, form)
    assert (status, said["result"]) == (200, False)
    assert said["message"]


def test_an_unknown_path_is_not_found(desk):
    assert desk.answer("/elsewhere", {})[0] == 404


def test_what_moves_is_pushed_and_may_be_pushed_again_or_forged(desk, customer):
    waybill = ordered(desk)["data"]["kuaidinum"]
    control = local_control(desk)
    control.pick_up(waybill, later(1))
    control.arrive(waybill, later(2))
    control.sign(waybill, later(3), "LOCKER")
    codes = [json.loads(form["param"])["lastResult"]["state"] for form in customer.forms]
    assert codes == ["103", "1001", "5", "304"]
    assert control.push_again(waybill) == 4
    assert customer.forms[4:] == customer.forms[:4]
    assert control.push_forged(waybill) == 403


def test_a_forged_push_waits_for_somebody_to_refuse_it():
    answers = [(0, {}), (503, {}), (403, {"message": "验签失败"})]
    desk = Desk("a-key", "a-salt", lambda _form: None, lambda _form: answers.pop(0))
    waybill = ordered(desk)["data"]["kuaidinum"]
    assert local_control(desk).push_forged(waybill) == 403


def test_a_forged_push_that_nobody_takes_is_given_up():
    desk = Desk("a-key", "a-salt", lambda _form: None, lambda _form: (0, {}))
    assert local_control(desk).push_forged(ordered(desk)["data"]["kuaidinum"]) == 0


def test_a_parcel_is_refused_returned_or_lost(desk):
    control = local_control(desk)
    for number, ending in (("A1", control.refuse), ("A2", control.lose)):
        waybill = ordered(desk, number)["data"]["kuaidinum"]
        control.pick_up(waybill, later(1))
        control.arrive(waybill, later(2))
        ending(waybill, later(3))
    control.return_to_sender(ordered(desk)["data"]["kuaidinum"], later(4))
    with pytest.raises(CarrierError):
        control.pick_up(waybill, later(5))


# --- over the network ------------------------------------------------------------------------


def refusing(times: int, taken: list[str]):
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            taken.append(dict(parse_qsl(body)).get("param", ""))
            well = len(taken) > times
            content = json.dumps({"result": well}).encode()
            self.send_response(200 if well else 503)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_args):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


def test_a_callback_is_pushed_until_it_is_taken_and_nothing_overtakes_it():
    taken: list[str] = []
    server = refusing(2, taken)
    pusher = Pusher(f"http://127.0.0.1:{server.server_address[1]}/", pauses=(0.01,) * 5)
    pusher.push({"param": "first", "sign": ""})
    pusher.push({"param": "second", "sign": ""})
    pusher.settle()
    assert taken == ["first"] * 3 + ["second"]
    pusher.close()
    server.shutdown()
    server.server_close()


def test_a_callback_that_nobody_takes_is_given_up():
    pusher = Pusher("http://127.0.0.1:1/", pauses=(0.01,))
    assert pusher.push_now({"param": "x"}) == (0, {})
    pusher.push({"param": "x"})
    began = time.monotonic()
    pusher.settle()
    assert time.monotonic() - began < 5
    pusher.close()


def test_the_carrier_runs_as_a_process_of_its_own_and_ends_with_us():
    taken: list[str] = []
    server = refusing(0, taken)
    with CarrierProcess(server.server_address[1]) as couriers:
        process = couriers._process
        with pytest.raises(CarrierError):
            http_control(couriers.url).pick_up("1234567890123", AT)
        assert process.poll() is None
    assert process.poll() == 0
    server.shutdown()
    server.server_close()


def test_a_carrier_that_cannot_start_says_so(monkeypatch):
    monkeypatch.setattr("carrier.process.command", lambda *_: ["false"])
    with pytest.raises(RuntimeError), CarrierProcess(0):
        pass
