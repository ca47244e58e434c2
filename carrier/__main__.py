"""`python -m carrier`: the simulated carrier as a process of its own."""

from __future__ import annotations

import argparse
import logging
import os
import signal
import sys
import threading

from carrier.desk import Desk
from carrier.pusher import Pusher
from carrier.server import make_server

__all__ = ["main"]


def main() -> int:
    """Serve until SIGTERM or SIGINT."""
    parser = argparse.ArgumentParser(prog="python -m carrier", description=__doc__)
    parser.add_argument(
        "--host", default="127.0.0.1", help="where to listen (default this machine)"
    )
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one and prints it")
    parser.add_argument(
        "--callback-url", required=True, help="where signed callbacks are pushed to"
    )
    parser.add_argument(
        "--salt",
        default=os.environ.get("CARRIER_SALT", ""),
        help="or CARRIER_SALT: signs callbacks",
    )
    parser.add_argument(
        "--key", default=os.environ.get("CARRIER_KEY", ""), help="or CARRIER_KEY: signs questions"
    )
    parser.add_argument(
        "--ends-with-stdin", action="store_true", help="end when whoever started it is gone"
    )
    chosen = parser.parse_args()
    if not chosen.salt or not chosen.key:
        parser.error("salt and key are needed")
    logging.basicConfig(level="INFO", stream=sys.stderr)
    pusher = Pusher(chosen.callback_url)
    desk = Desk(chosen.key, chosen.salt, pusher.push, pusher.push_now)
    server = make_server(desk, chosen.host, chosen.port, pusher.settle)
    asked = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: asked.set())
    if chosen.ends_with_stdin:
        threading.Thread(target=_wait_for_the_end, args=(asked,), daemon=True).start()
    thread = threading.Thread(target=server.serve_forever, name="carrier", daemon=True)
    thread.start()
    sys.stdout.write(f"listening on {chosen.host}:{server.server_address[1]}\n")
    sys.stdout.flush()
    asked.wait()
    server.shutdown()
    server.server_close()
    pusher.close()
    return 0


def _wait_for_the_end(asked: threading.Event) -> None:
    sys.stdin.read()
    asked.set()


if __name__ == "__main__":
    sys.exit(main())
