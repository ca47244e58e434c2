"""What is asked of the carrier over HTTP, and what happens when it does not answer as it should."""

from __future__ import annotations

import json
import threading
import time
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from pydantic import SecretStr, ValidationError

from carrier.desk import Desk
from carrier.server import make_server
from servicekit.errors import UnavailableError
from servicekit.testing import demonstration_settings
from services.delivery.adapters.carrier import CarrierClient, CarrierRefusedError, http_post
from services.delivery.config import DeliverySettings
from services.delivery.domain.tracks import Track
from services.delivery.entrypoints.jobs import configured_carrier
from services.delivery.ports import CarrierOrder, Party

AT = datetime(2026, 10, 14, 1, 0, tzinfo=UTC)
CENTRE = Party("周村区政务服务中心", "0533-0000000", "山东省淄博市周村区")
CITIZEN = Party("李示例", "13800003210", "山东省淄博市周村区丝绸路街道车站社区1号")
ORDER = CarrierOrder("A1-OUT-1", "EMS", CENTRE, CITIZEN, 2, True, AT)


def serving(server):
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_address[1]}"


@pytest.fixture
def desk():
    return Desk("a-key", "a-salt", lambda _form: None, lambda _form: (200, {}))


@pytest.fixture
def url(desk):
    server = make_server(desk, "127.0.0.1", 0, lambda: None)
    yield serving(server)
    server.shutdown()
    server.server_close()


def client(url: str, key: str = "a-key", timeout: float = 5.0) -> CarrierClient:
    return CarrierClient(http_post(url, timeout), customer="LIANDONG", key=key)


def test_an_order_is_placed_asked_about_and_cancelled(url, desk):
    waybill = client(url).order(ORDER)
    assert client(url).order(ORDER) == waybill
    assert client(url).tracks("EMS", waybill) == (Track(AT, "101"),)
    assert client(url).cancel("A1-OUT-1", AT)
    assert client(url).tracks("EMS", waybill)[0] == Track(AT, "401")


def test_what_is_picked_up_is_not_cancelled(url, desk):
    waybill = client(url).order(ORDER)
    desk.book.move(waybill, "103", AT)
    assert not client(url).cancel("A1-OUT-1", AT)


def test_a_carrier_with_another_key_refuses(url):
    with pytest.raises(CarrierRefusedError) as caught:
        client(url, key="another").order(ORDER)
    assert caught.value.reason == "CARRIER_REFUSED"
    with pytest.raises(CarrierRefusedError):
        client(url, key="another").tracks("EMS", "1234567890123")


@pytest.mark.parametrize(
    "said", [b"no json", b"[]", b'{"result": true}', b'{"result": true, "data": {}}', b"{}"]
)
def test_an_answer_that_is_none_is_no_order(said):
    server = ThreadingHTTPServer(("127.0.0.1", 0), answering(said))
    with pytest.raises(CarrierRefusedError):
        client(serving(server)).order(ORDER)
    server.shutdown()
    server.server_close()


def test_an_answer_without_tracks_is_refused():
    said = json.dumps({"status": "200", "data": "?"}).encode()
    server = ThreadingHTTPServer(("127.0.0.1", 0), answering(said))
    with pytest.raises(CarrierRefusedError):
        client(serving(server)).tracks("EMS", "1234567890123")
    server.shutdown()
    server.server_close()


def test_a_carrier_that_does_not_answer_in_time_is_away():
    server = ThreadingHTTPServer(("127.0.0.1", 0), answering(b"{}", after=2.0))
    began = time.monotonic()
    with pytest.raises(UnavailableError) as caught:
        client(serving(server), timeout=0.2).order(ORDER)
    assert caught.value.reason == "DEPENDENCY_AWAY"
    assert time.monotonic() - began < 1.5
    server.shutdown()
    server.server_close()


def test_a_carrier_that_is_not_there_is_away():
    with pytest.raises(UnavailableError):
        client("http://127.0.0.1:1").order(ORDER)


def test_no_other_scheme_is_opened():
    with pytest.raises(ValueError, match="CARRIER_URL"):
        http_post("file:///etc", 1.0)


def answering(said: bytes, after: float = 0.0):
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            self.rfile.read(int(self.headers["Content-Length"]))
            time.sleep(after)  # a carrier that takes its time
            self.send_response(200)
            self.send_header("Content-Length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        def log_message(self, *_args):
            pass

    ThreadingHTTPServer.daemon_threads = True
    return Handler


# --- settings --------------------------------------------------------------------------------


def settings(tmp_path, **more) -> DeliverySettings:
    url = f"sqlite:///{tmp_path / 'delivery.db'}"
    return DeliverySettings(**{**demonstration_settings(tmp_path, url).model_dump(), **more})


def test_a_configured_carrier_is_asked_with_its_key(tmp_path, url):
    told = settings(tmp_path, carrier_url=url, carrier_key=SecretStr("a-key"))
    assert configured_carrier(told).order(ORDER)
    assert configured_carrier(settings(tmp_path)) is None


@pytest.mark.parametrize(
    ("more", "missing"),
    [
        ({"callback_port": 8000}, "CALLBACK_SALT"),
        ({"callback_port": 8000, "callback_salt": ""}, "CALLBACK_SALT"),
        ({"carrier_url": "https://carrier.example"}, "CARRIER_KEY"),
    ],
)
def test_nothing_goes_unsigned_in_either_direction(tmp_path, more, missing):
    with pytest.raises(ValidationError, match=missing):
        settings(tmp_path, **more)


def test_production_asks_the_carrier_over_tls(tmp_path):
    with pytest.raises(ValidationError, match="https"):
        settings(
            tmp_path, profile="production", database_url="postgresql://db/x",
            amqp_url="amqps://b", carrier_url="http://carrier.example", carrier_key="k",
        )  # fmt: skip
