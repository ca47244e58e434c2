"""A load: several driver processes at once, and what they and the district spent on it."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Final

from bench.cpu import CpuMeter
from bench.driver import Spec, Told
from bench.figures import Percentiles
from bench.first_line import first_line

__all__ = ["REFUSED", "Load", "LoadError", "Loaded"]

_START_S: Final = 240.0
_SLACK_S: Final = 120.0
REFUSED: Final = "RESOURCE_EXHAUSTED"
_REFUSED_AT_MOST: Final = 0.01


class LoadError(Exception):
    """The drivers could not do their work; nothing was measured."""


@dataclass(frozen=True, slots=True)
class Load:
    """What is sent: a spec for all drivers together, and by how many processes."""

    spec: Spec
    processes: int = 2

    def of_each(self) -> list[Spec]:
        """Share calls, threads and rate out among the processes."""
        n = min(self.processes, self.spec.threads, len(self.spec.calls))
        return [
            replace(
                self.spec,
                calls=self.spec.calls[number::n],
                threads=len(range(number, self.spec.threads, n)),
                rate=self.spec.rate / n,
            )
            for number in range(n)
        ]


@dataclass(slots=True)
class Loaded:
    """What came of a load; `cpu` are the seconds of each role while it was measured."""

    seconds: float
    milliseconds: Mapping[str, list[float]]
    ended: Mapping[str, list[float]]
    cpu: dict[str, float]
    kept: list[str] = field(default_factory=list)
    trouble: str = ""

    @property
    def accepted(self) -> list[float]:
        """Milliseconds of the calls that were answered with OK."""
        return self.milliseconds.get("OK", [])

    @property
    def rate(self) -> float:
        """Accepted calls a second."""
        return len(self.accepted) / self.seconds

    @property
    def percentiles(self) -> Percentiles:
        if not self.accepted:
            raise LoadError(f"no call was accepted: {self.trouble}")
        return Percentiles(self.accepted)

    def cpu_ms(self, *roles: str) -> float:
        """CPU milliseconds of those roles for each accepted call."""
        if not self.accepted:
            raise LoadError(f"no call was accepted: {self.trouble}")
        return 1000 * sum(self.cpu[role] for role in roles) / len(self.accepted)

    def require_clean(self, refused: float = _REFUSED_AT_MOST) -> None:
        """Raise where anything else than OK was answered.

        A share of `refused` may have found no room, one call of a hundred: where neighbours
        take the processor for half a second, a service that says so does what it should.
        """
        other = {code: len(found) for code, found in self.milliseconds.items() if code != "OK"}
        few = refused * len(self.accepted)
        if not self.accepted or other.get(REFUSED, 0) > few or other.keys() - {REFUSED}:
            raise LoadError(f"not every call was accepted: {other}; {self.trouble}")


def drive(
    load: Load,
    roots: Mapping[str, Sequence[int]],
    *,
    meanwhile: Callable[[float], None] | None = None,
) -> Loaded:
    """Run a load; count the CPU of `roots` and of the drivers from the end of the warm-up.

    `meanwhile` is called in this thread with the moment of the beginning
    (monotonic seconds), while the drivers send; it has to return by itself.
    """
    specs = load.of_each()
    drivers = [_start() for _ in specs]
    try:
        for driver, spec in zip(drivers, specs, strict=True):
            _tell(driver, json.dumps(asdict(spec)))
        for driver in drivers:
            _await_ready(driver)
        begin = time.monotonic() + 0.2
        for driver in drivers:
            _tell(driver, repr(begin))
        meter = CpuMeter({**roots, "driver": [driver.pid for driver in drivers]})
        measured = _Measured(meter, begin, load.spec)
        if meanwhile is not None:
            meanwhile(begin)
        told = [_result(driver, load.spec) for driver in drivers]
        return _together(told, measured.seconds(), measured.cpu(), once=load.spec.once)
    finally:
        for driver in drivers:
            driver.kill()
            driver.wait(timeout=30)


class _Measured:
    """Looks at the meter when the warm-up ends and when the time is over, in a thread."""

    def __init__(self, meter: CpuMeter, begin: float, spec: Spec) -> None:
        self._meter = meter
        self._begin = begin
        self._spec = spec
        self._spent: dict[str, float] = {}
        self._took = spec.seconds
        if spec.once:  # from the begin until all are answered
            meter.start()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()

    def seconds(self) -> float:
        self._thread.join(self._spec.warm_up + self._spec.seconds + _SLACK_S)
        return self._took

    def cpu(self) -> dict[str, float]:
        return self._meter.spent() if self._spec.once else self._spent

    def _look(self) -> None:
        if self._spec.once:
            return
        time.sleep(max(0.0, self._begin + self._spec.warm_up - time.monotonic()))
        self._meter.start()
        began = time.monotonic()
        time.sleep(max(0.0, began + self._spec.seconds - time.monotonic()))
        self._spent = self._meter.spent()
        self._took = time.monotonic() - began


def _start() -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "bench.driver"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def _tell(driver: subprocess.Popen[str], line: str) -> None:
    if driver.stdin is None:
        raise LoadError("a driver has no standard input")
    driver.stdin.write(line + "\n")
    driver.stdin.flush()


def _await_ready(driver: subprocess.Popen[str]) -> None:
    said = first_line(driver, within=_START_S)
    if said != "ready\n":
        driver.kill()
        errors = driver.stderr.read() if driver.stderr else ""
        raise LoadError(f"a driver did not start: {said!r} {errors[-2000:]}")


def _result(driver: subprocess.Popen[str], spec: Spec) -> Told:
    limit = spec.warm_up + spec.seconds + 2 * spec.timeout + _SLACK_S
    try:
        out, errors = driver.communicate(timeout=limit)
    except subprocess.TimeoutExpired as error:
        raise LoadError(f"a driver did not end within {limit:.0f} s") from error
    if driver.returncode:
        raise LoadError(f"a driver failed: {errors[-2000:]}")
    found: dict[str, Any] = json.loads(out)
    return Told(**found)


def _together(told: Sequence[Told], seconds: float, cpu: dict[str, float], *, once: bool) -> Loaded:
    milliseconds: dict[str, list[float]] = {}
    ended: dict[str, list[float]] = {}
    for each in told:
        for code, values in each.milliseconds.items():
            milliseconds.setdefault(code, []).extend(values)
        for code, values in each.ended.items():
            ended.setdefault(code, []).extend(values)
    if once:
        seconds = max((moment for moments in ended.values() for moment in moments), default=seconds)
    kept = [value for each in told for value in each.kept]
    trouble = next((each.trouble for each in told if each.trouble), "")
    return Loaded(seconds, milliseconds, ended, cpu, kept, trouble)
