"""What is asked of each measure: a floor that may not be missed, and a goal.

The numbers are those of the plan for this kind of machine (2 cores). A name
may be followed by what it was measured of, in square brackets.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

__all__ = ["TARGETS", "Target"]


@dataclass(frozen=True, slots=True)
class Target:
    """Floor and goal of a measure; without them it is only reported.

    `of_ratio`: the ratio to what stands beside it is judged, not the value.
    """

    unit: str
    floor: float | None = None
    goal: float | None = None
    more_is_better: bool = False
    of_ratio: bool = False

    def reaches(self, value: float, threshold: float) -> bool:
        return value >= threshold if self.more_is_better else value <= threshold


def _rate(floor: float, goal: float, unit: str = "/s") -> Target:
    return Target(unit, floor, goal, more_is_better=True)


TARGETS: Final[Mapping[str, Target]] = {
    "receive, consumers paused: rate": _rate(300, 600),
    "receive, consumers paused: CPU": Target("CPU-ms", 4, 2.5),
    "receive, consumers paused: CPU of": Target("CPU-ms"),
    "receive, consumers keep up: rate": _rate(100, 250),
    "receive, consumers keep up: CPU of": Target("CPU-ms"),
    "receive, concurrency 1: p50": Target("ms", 8, 4),
    "receive, concurrency 1: CPU of": Target("CPU-ms"),
    "journey 1 without PDFs: CPU": Target("CPU-ms", 150, 60),
    "journey 1: CPU of": Target("CPU-ms"),
    "PDF": Target("CPU-ms"),
    "event lag at 50 commands/s: p50": Target("ms", 25, 10),
    "event lag at 50 commands/s: p95": Target("ms", 100, 40),
    "event lag at 50 commands/s: commands": Target("/s"),
    "relay, quorum queue, confirmed": _rate(3000, 5000, "events/s"),
    "relay, quorum queue, confirmed: CPU of": Target("CPU-ms"),
    "worker, effects per process": Target(
        "effects/s", 0.8, 0.95, more_is_better=True, of_ratio=True
    ),
    "worker, effects per process: CPU of": Target("CPU-ms"),
    "metrics, batch ingest": _rate(1500, 4000, "events/s"),
    "metrics, batch ingest: CPU of": Target("CPU-ms"),
    "metrics, rebuild": _rate(3000, 10_000, "events/s"),
    "metrics, rebuild: CPU of": Target("CPU-ms"),
    "list: p95": Target("ms", 120, 50),
    "list: CPU of": Target("CPU-ms"),
    "list: statements": Target("statements"),
    "command with many cases stored": Target("CPU-ms", 1.3, 1.1, of_ratio=True),
    "command with many cases stored: p50": Target("ms"),
    "embedded: start to first accepted case": Target("s", 4, 2),
    "embedded: resident memory": Target("MB", 200, 120),
    "embedded: CPU to first accepted case": Target("CPU-s"),
    "overload: p99 of accepted to unloaded p99": Target("×", 5, 5),
    "overload: p99 of accepted": Target("ms"),
    "overload: p95 of refused": Target("ms", 100, 100),
    "overload: health failures": Target("failures", 0, 0),
    "overload: memory": Target("×", 1.2, 1.1),
    "overload: recovery": Target("s", 5, 5),
    "overload: other errors": Target("calls", 0, 0),
    "overload: accepted": Target("/s"),
    "overload: refused": Target("/s"),
    "soak: rate": Target("/s"),
    "soak: minutes": Target("min"),
    "soak: p99": Target("ms"),
    "soak: memory grows": Target("%", 5, 2),
    "soak: connections grow": Target("%", 0.5, 0.5),
    "soak: dead rows at the end": Target("%", 25, 20),
    "soak: backlog at the end": Target("events"),
    "soak: bytes per command": Target("bytes"),
    "soak: expired answers left": Target("answers", 0, 0),
    "soak: sweeps that failed": Target("sweeps", 0, 0),
}
