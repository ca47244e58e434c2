"""Beyond capacity: three times what is sustained. Who is accepted is served, the rest is told so.

Health is asked all the while, memory is looked at, and afterwards it is timed
until a single receipt is as fast again as it was before.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc

from bench.cpu import role_memory
from bench.district import Bench
from bench.figures import percentile
from bench.load import REFUSED, Loaded, drive
from bench.people import receipt
from bench.rows.receiving import CONCURRENCY, receive_load
from bench.rows.sustained import sustained_rate
from bench.summary import Row, row

__all__ = ["overload"]

_TIMES: Final = 3.0
_SHARE_UNLOADED: Final = 0.2  # of the sustained rate: nobody waits for anybody
_IN_FLIGHT: Final = 240  # more than an api takes in: 16 threads and 64 that wait
_PROCESSES: Final = 4
_SECONDS: Final = 120.0
_RECOVERY_S: Final = 60.0
_AFTERWARDS: Final = 95_000  # an applicant of its own


def overload(bench: Bench, seconds: float = 0.0) -> Iterator[Row]:
    """Offer three times the sustained rate, for 120 s unless told otherwise."""
    bench.run_all()
    seconds = seconds or min(_SECONDS, 4.0 * bench.seconds)
    sustained = sustained_rate(bench)
    bench.settle(jobs=False)
    calm = drive(
        receive_load(
            bench, threads=CONCURRENCY, seconds=max(5.0, seconds / 4),
            rate=max(1.0, _SHARE_UNLOADED * sustained),
        ),
        bench.roots,
    )  # fmt: skip
    calm.require_clean()
    watch = _Watch(bench)
    load = receive_load(
        bench, threads=_IN_FLIGHT, seconds=seconds, rate=_TIMES * sustained, processes=_PROCESSES
    )
    end = load.spec.warm_up + seconds
    found = drive(load, bench.roots, meanwhile=lambda begin: watch.look_until(begin + end))
    recovered = _recovery(bench, calm.percentiles.p99)
    yield from _judged(found, calm, watch, recovered)


def _judged(found: Loaded, calm: Loaded, watch: _Watch, recovered: float) -> Iterator[Row]:
    refused = found.milliseconds.get(REFUSED, [])
    other = sum(
        len(values) for code, values in found.milliseconds.items() if code not in {"OK", REFUSED}
    )
    p99, unloaded = found.percentiles.p99, calm.percentiles.p99
    yield row("overload: p99 of accepted to unloaded p99", p99 / unloaded)
    yield row("overload: p99 of accepted", p99, beside=unloaded)
    if refused:
        yield row("overload: p95 of refused", percentile(refused, 0.95))
    yield row("overload: accepted", found.rate)
    yield row("overload: refused", len(refused) / found.seconds)
    yield row("overload: other errors", float(other))
    yield row("overload: health failures", float(watch.failures))
    yield row("overload: memory", watch.growth())
    yield row("overload: recovery", recovered)


@dataclass
class _Watch:
    """Asks for health and looks at memory once a second."""

    bench: Bench
    failures: int = 0
    memory: list[int] = field(default_factory=list)

    def look_until(self, end: float) -> None:
        address = f"127.0.0.1:{self.bench.district.ports['intake'].health}"
        with grpc.insecure_channel(address) as channel:
            stub = health_pb2_grpc.HealthStub(channel)
            while time.monotonic() < end:
                self.failures += not _is_serving(stub)
                self.memory.append(role_memory(self.bench.roots)["api"])
                time.sleep(1.0)  # between two looks

    def growth(self) -> float:
        """Return the memory at the end over that after a quarter of the time."""
        return self.memory[-1] / self.memory[len(self.memory) // 4]


def _is_serving(stub: health_pb2_grpc.HealthStub) -> bool:
    try:
        answer = stub.Check(health_pb2.HealthCheckRequest(), timeout=2)
    except grpc.RpcError:
        return False
    return bool(answer.status == health_pb2.HealthCheckResponse.SERVING)


def _recovery(bench: Bench, unloaded_p99: float) -> float:
    """Return the seconds until a receipt takes no longer than the unloaded p99."""
    clerk = bench.world.staff("p-0102")
    began = time.monotonic()
    while (now := time.monotonic()) - began < _RECOVERY_S:
        bench.world.do(clerk, "intake", "ReceiveApplication", **receipt(_AFTERWARDS))
        ended = time.monotonic()
        if 1000 * (ended - now) <= unloaded_p99:
            return ended - began
    return _RECOVERY_S
