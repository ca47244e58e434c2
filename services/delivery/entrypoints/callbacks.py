"""Where the carrier pushes what happened: HTTP, beside the gRPC port, in the api process.

A form with `sign` and `param`; the signature is checked over the raw `param`
before anything of it is read. The answer is the same whether the waybill is
ours or not. Callbacks may come twice and in any order; what the law attaches
something to is believed only once the jobs have asked the carrier.
"""

from __future__ import annotations

import hashlib
import json
import logging
import threading
import time
import urllib.parse
from collections.abc import Callable
from dataclasses import dataclass, field
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final

from prometheus_client import Counter

from servicekit import audit
from servicekit.errors import ExhaustedError
from servicekit.service import Resources
from servicekit.transient import is_transient
from services.delivery import handlers
from services.delivery.adapters.carrier_forms import FormError, is_signed, read_tracks
from services.delivery.adapters.orm import tables
from services.delivery.bootstrap import DEFINITION, DeliveryApp, build
from services.delivery.config import DeliverySettings

__all__ = ["CallbackDoor", "listen"]

log = logging.getLogger(__name__)

CALLBACKS = Counter(
    "liandong_carrier_callbacks_total", "Callbacks of carriers by what became of them.", ["result"]
)
LARGEST: Final = 256 * 1024  # bytes of a body; a full track list has some thousands
AT_A_TIME: Final = 8
AUDITED_A_MINUTE: Final = 60
MINUTE: Final = 60.0
PATIENCE: Final = 10.0  # seconds for one connection
WRONG_SIGNATURE: Final = "CALLBACK_SIGNATURE_WRONG"

Answer = tuple[int, dict[str, Any]]


class Allowance:
    """So many within a minute, so that a stranger cannot fill the audit; all are counted."""

    def __init__(self, within_a_minute: int) -> None:
        self._size = within_a_minute
        self._lock = threading.Lock()
        self._since = float("-inf")
        self._used = 0

    def take(self) -> bool:
        with self._lock:
            if time.monotonic() - self._since >= MINUTE:
                self._since, self._used = time.monotonic(), 0
            self._used += 1
            return self._used <= self._size


@dataclass(frozen=True, slots=True)
class CallbackDoor:
    """Takes in the bodies that are posted; knows nothing of sockets."""

    app: DeliveryApp
    resources: Resources
    salt: str
    audited: Allowance = field(default_factory=lambda: Allowance(AUDITED_A_MINUTE))

    def answer(self, body: bytes) -> Answer:
        """Take one callback in, or refuse it; a transaction for each that is taken."""
        try:
            return self._answer(body)
        except ExhaustedError:
            return _said("not_now", HTTPStatus.SERVICE_UNAVAILABLE, "请稍后重试")
        except Exception as error:  # of any kind: it may come from the database's trouble
            if not is_transient(error):
                raise
            return _said("not_now", HTTPStatus.SERVICE_UNAVAILABLE, "请稍后重试")

    def _answer(self, body: bytes) -> Answer:
        form = dict(urllib.parse.parse_qsl(body.decode("utf-8", errors="replace")))
        param = form.get("param", "")
        if not is_signed(param, self.salt, form.get("sign", "")):
            self._keep_refusal(param)
            return _said("wrong_signature", HTTPStatus.FORBIDDEN, "验签失败")
        try:
            report = _report(param)
        except FormError:
            return _said("malformed", HTTPStatus.BAD_REQUEST, "内容无法读取")
        self.resources.admit()
        with self.app.units_of_work.of_the_carrier(report.digest) as uow:
            is_ours = handlers.take_callback(report, uow=uow)
            if is_ours:
                uow.commit()
        return _said("taken" if is_ours else "unknown_waybill", HTTPStatus.OK, "成功")

    def _keep_refusal(self, param: str) -> None:
        """Leave a trace of whoever does not know the salt; of what they said only its digest."""
        if not self.audited.take():
            return
        digest = hashlib.sha256(param.encode("utf-8", errors="replace")).hexdigest()
        log.warning("callback_signature_wrong", extra={"digest": digest})
        entry = audit.AuditEntry(
            recorded_at=self.resources.clock.now(),
            actor="carrier",
            service=DEFINITION.name,
            action="callback:carrier",
            outcome=WRONG_SIGNATURE,
            detail=json.dumps({"request_id": digest}),
        )
        with self.app.engine.begin() as connection:
            audit.append(connection, tables.audit, entry)


def _report(param: str) -> handlers.CarrierReport:
    try:
        read = json.loads(param)
    except (ValueError, RecursionError) as error:
        raise FormError("param is not JSON") from error
    result = read.get("lastResult") if isinstance(read, dict) else None
    if not isinstance(result, dict) or not isinstance(result.get("nu"), str):
        raise FormError("param tells of no waybill")
    return handlers.CarrierReport(
        digest=hashlib.sha256(param.encode()).hexdigest(),
        waybill=result["nu"],
        tracks=read_tracks(result, read.get("status")),
    )


def _said(result: str, status: int, message: str) -> Answer:
    CALLBACKS.labels(result).inc()
    well = status == HTTPStatus.OK
    code = "200" if well else "500"
    return status, {"result": well, "returnCode": code, "message": message}


def listen(resources: Resources) -> Callable[[], None]:
    """Listen where the settings say, from daemon threads; return what stops it."""
    settings = resources.settings
    if not isinstance(settings, DeliverySettings):
        raise TypeError("delivery needs its own settings")
    if not settings.callback_port or settings.callback_salt is None:
        return lambda: None
    door = CallbackDoor(build(resources), resources, settings.callback_salt.get_secret_value())
    server = _server(door, settings.callback_address, settings.callback_port)
    thread = threading.Thread(target=server.serve_forever, name="callbacks", daemon=True)
    thread.start()

    def stop() -> None:
        server.shutdown()
        server.server_close()
        thread.join(timeout=PATIENCE)

    return stop


def _server(door: CallbackDoor, address: str, port: int) -> ThreadingHTTPServer:
    room = threading.BoundedSemaphore(AT_A_TIME)

    class Handler(BaseHTTPRequestHandler):
        timeout = PATIENCE

        def do_POST(self) -> None:
            if not room.acquire(blocking=False):
                self._answer(*_said("no_room", HTTPStatus.SERVICE_UNAVAILABLE, "请稍后重试"))
                return
            try:
                self._answer(*self._taken())
            finally:
                room.release()

        def _taken(self) -> Answer:
            length = self.headers.get("Content-Length", "")
            if not length.isdigit():
                return _said("malformed", HTTPStatus.LENGTH_REQUIRED, "缺少长度")
            if int(length) > LARGEST:
                return _said("too_large", HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "内容过大")
            try:
                return door.answer(self.rfile.read(int(length)))
            except Exception:  # the process loop of the listener: a bug shows none of its text
                log.exception("callback_failed")
                return _said("failed", HTTPStatus.INTERNAL_SERVER_ERROR, "处理失败")

        def _answer(self, status: int, said: dict[str, Any]) -> None:
            content = json.dumps(said, ensure_ascii=False).encode()
            self.close_connection = True
            self.send_response(status)
            self.send_header("Content-Type", "application/json; charset=utf-8")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- the base names it
            """The path tells nothing; what matters is counted and logged above."""

    server = ThreadingHTTPServer((address, port), Handler)
    server.daemon_threads = True
    return server
