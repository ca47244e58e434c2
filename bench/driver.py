"""A driver process: sends calls over gRPC from several threads and notes how long each took.

Started by `bench.load`, which tells it what to send on standard input and
when to begin, and reads what came of it from standard output. It is a
process of its own so that its work is not that of what it measures.
"""

from __future__ import annotations

import itertools
import json
import sys
import threading
import time
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import grpc

from journeys.calls import Method, method_of
from servicekit.client import bearer

__all__ = ["Spec", "Told"]


@dataclass(frozen=True, slots=True)
class Spec:
    """What one driver sends, and for how long.

    `rate` calls are begun a second (of this process), whatever the answers
    take, as far as the threads suffice; without it each thread sends as fast
    as it is answered. `once`: each call is sent once, and the driver ends
    with the last. `keep` is the field of the answers that is told.
    """

    target: str
    package: str
    method: str
    calls: list[tuple[str, dict[str, Any]]]  # token, fields
    threads: int
    warm_up: float
    seconds: float
    timeout: float = 10.0
    rate: float = 0.0
    once: bool = False
    keep: str = ""


@dataclass(slots=True)
class Told:
    """What came of it: milliseconds of each call that ended in time, by the code of its answer."""

    milliseconds: dict[str, list[float]] = field(default_factory=dict)
    ended: dict[str, list[float]] = field(default_factory=dict)  # seconds after the begin
    kept: list[str] = field(default_factory=list)
    trouble: str = ""


class _Driver:
    def __init__(self, spec: Spec) -> None:
        self._spec = spec
        self._method: Method = method_of(spec.package, spec.method)
        self._has_id = self._method.asks("request_id")
        calls = [(bearer(token), self._method.request(**fields)) for token, fields in spec.calls]
        self._calls: Iterator[Any] = iter(calls) if spec.once else itertools.cycle(calls)
        self._lock = threading.Lock()
        self._sent = 0
        self._told = Told()
        self._begin = 0.0

    def connect(self) -> grpc.Channel:
        channel = grpc.insecure_channel(self._spec.target)
        grpc.channel_ready_future(channel).result(timeout=30)
        return channel

    def run(self, channel: grpc.Channel, begin: float) -> Told:
        """Send from `begin` until the time is over; return what came of it."""
        self._begin = begin
        ask = channel.unary_unary(
            self._method.path,
            request_serializer=self._method.request.SerializeToString,
            response_deserializer=self._method.response.FromString,
        )
        threads = [
            threading.Thread(target=self._send, args=(ask,)) for _ in range(self._spec.threads)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(self._spec.warm_up + self._spec.seconds + 2 * self._spec.timeout + 60)
            if thread.is_alive():
                raise SystemExit("a thread of the driver did not end")
        return self._told

    def _send(self, ask: Any) -> None:
        end = self._begin + self._spec.warm_up + self._spec.seconds
        mine = Told()
        while (taken := self._take(end)) is not None:
            metadata, request = taken
            began = time.monotonic()
            code = "OK"
            try:
                answer = ask(request, timeout=self._spec.timeout, metadata=metadata)
                if self._spec.keep:
                    mine.kept.append(getattr(answer, self._spec.keep))
            except grpc.RpcError as error:
                code = error.code().name
                mine.trouble = mine.trouble or f"{code}: {error.details()}"
            ended = time.monotonic()
            if self._begin + self._spec.warm_up <= ended <= end or self._spec.once:
                mine.milliseconds.setdefault(code, []).append(1000 * (ended - began))
                mine.ended.setdefault(code, []).append(ended - self._begin)
        self._add(mine)

    def _take(self, end: float) -> Any:
        """Return the next call when it is its turn; None when the time or the list is over."""
        with self._lock:
            turn = self._begin
            if self._spec.rate:
                turn += self._sent / self._spec.rate
            try:
                taken = next(self._calls)
            except StopIteration:
                return None
            self._sent += 1
        now = time.monotonic()
        if not self._spec.once and max(turn, now) >= end:
            return None
        if turn > now:
            time.sleep(turn - now)  # the turn of this call
        metadata, template = taken
        if not self._has_id:
            return metadata, template
        request: Any = self._method.request()
        request.CopyFrom(template)
        request.request_id = uuid.uuid4().hex
        return metadata, request

    def _add(self, mine: Told) -> None:
        with self._lock:
            for whole, part in (
                (self._told.milliseconds, mine.milliseconds),
                (self._told.ended, mine.ended),
            ):
                for code, values in part.items():
                    whole.setdefault(code, []).extend(values)
            self._told.kept.extend(mine.kept)
            self._told.trouble = self._told.trouble or mine.trouble


def _read(line: str) -> Mapping[str, Any]:
    found = json.loads(line)
    if not isinstance(found, dict):
        raise SystemExit("the driver was told nothing it understands")
    return found


def main() -> None:
    """Read the spec, connect, say so, wait for the moment to begin, send, tell."""
    driver = _Driver(Spec(**_read(sys.stdin.readline())))
    with driver.connect() as channel:
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        begin = float(sys.stdin.readline())
        told = driver.run(channel, begin)
    json.dump(
        {
            "milliseconds": told.milliseconds,
            "ended": told.ended,
            "kept": told.kept,
            "trouble": told.trouble,
        },
        sys.stdout,
    )


if __name__ == "__main__":
    main()
