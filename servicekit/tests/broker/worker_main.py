"""A worker for tests. What its handler does with an event, the payload of the event says."""

from __future__ import annotations

import os

if "UNPATCHED" not in os.environ:
    import eventlet

    eventlet.monkey_patch()

import logging
import sys
import time
from pathlib import Path

from liandong.common.v1.envelope_pb2 import Envelope
from sqlalchemy import Connection, text

from servicekit.database import make_engine
from servicekit.stream import Outcome, Streams
from servicekit.tests.stream_support import NOTED, note
from servicekit.worker import run_worker

FOLDER = Path(os.environ["FOLDER"])


class PausingStreams(Streams):
    """Stands still between the commit and the acknowledgement, if told to."""

    def take(self, body: bytes) -> Outcome:
        outcome = super().take(body)
        if "PAUSE_AFTER_COMMIT" in os.environ:
            (FOLDER / "committed").touch()
            time.sleep(600)
        return outcome


def handle(connection: Connection, event: Envelope) -> None:
    note(connection, event)
    word, _, argument = event.payload.decode().partition(":")
    if word == "sleep":
        (FOLDER / "handling").touch()
        time.sleep(float(argument))
    elif word == "query":
        (FOLDER / "handling").touch()
        if not (FOLDER / "mended").exists():
            connection.execute(text("SELECT pg_sleep(:seconds)"), {"seconds": float(argument)})
    elif word == "raise":
        raise ValueError(argument)


def streams(pool_size: int) -> Streams:
    pool_size += int(os.environ.get("POOL_TOO_MANY", "0"))
    engine = make_engine(os.environ["DATABASE_URL"], pool_size=pool_size)
    return PausingStreams(engine, os.environ["CONSUMER"], {NOTED: handle})


if __name__ == "__main__":
    logging.basicConfig(level="INFO", stream=sys.stderr)
    if "IMPORT_GRPC" in os.environ:
        import grpc  # noqa: F401
    port = os.environ.get("HEALTH_PORT")
    run_worker(
        os.environ["CONSUMER"],
        [os.environ["SOURCE"]],
        streams,
        os.environ["AMQP_URL"],
        max_workers=4,
        health_port=int(port) if port else None,
        grace=float(os.environ.get("GRACE", "25")),
    )
