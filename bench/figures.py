"""Percentiles, rates and medians of what was measured."""

from __future__ import annotations

import math
from collections.abc import Sequence

__all__ = ["Percentiles", "median", "percentile", "slope_per_minute"]


def percentile(values: Sequence[float], share: float) -> float:
    """Return the smallest value that `share` of the values do not exceed (nearest rank)."""
    if not values:
        raise ValueError("nothing was measured")
    if not 0 < share <= 1:
        raise ValueError(f"a share lies between 0 and 1, not {share}")
    ordered = sorted(values)
    return ordered[math.ceil(share * len(ordered)) - 1]


def median(values: Sequence[float]) -> float:
    """Return the middle value, the lower of two."""
    return percentile(values, 0.5)


class Percentiles:
    """The three percentiles that the table asks for, of latencies in milliseconds."""

    def __init__(self, values: Sequence[float]) -> None:
        self.p50 = percentile(values, 0.50)
        self.p95 = percentile(values, 0.95)
        self.p99 = percentile(values, 0.99)


def slope_per_minute(points: Sequence[tuple[float, float]]) -> float:
    """Return how much a value grows a minute: least squares over (seconds, value)."""
    if len(points) < 2:  # noqa: PLR2004 -- a line has two points
        raise ValueError("a slope needs two points")
    middle_x = sum(x for x, _ in points) / len(points)
    middle_y = sum(y for _, y in points) / len(points)
    spread = sum((x - middle_x) ** 2 for x, _ in points)
    if spread == 0:
        raise ValueError("all points are of one moment")
    return 60 * sum((x - middle_x) * (y - middle_y) for x, y in points) / spread
