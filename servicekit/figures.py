"""Figures that are counted now and then from a database, and shown whole at every scrape.

A gauge that is set label by label keeps what it once showed: the last case of
a window is served, and its row stays at 1 for ever. So whoever counts puts up
all its values at once, and what is not among them is gone. Counting has its
own interval, since a scrape must cost nothing.

Labels are bounded by what the district has (units, items, authorities), never
by its cases, and hold codes, never persons.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from prometheus_client import REGISTRY, CollectorRegistry
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

__all__ = ["BOARD", "Board", "Figure", "Values", "known_figures"]

Values = Mapping[tuple[str, ...], float]

_known: dict[str, Figure] = {}


@dataclass(frozen=True, slots=True)
class Figure:
    """One gauge with its labels; `documentation` ends in a full stop."""

    name: str
    documentation: str
    labels: tuple[str, ...]

    def __post_init__(self) -> None:
        if self.name in _known:
            raise ValueError(f"{self.name} is declared twice")
        _known[self.name] = self

    def family(self, values: Values) -> Metric:
        found = GaugeMetricFamily(self.name, self.documentation, labels=self.labels)
        for labels, value in sorted(values.items()):
            found.add_metric(labels, value)
        return found


def known_figures() -> Iterable[Figure]:
    """Return every figure that the modules loaded so far declare, by name."""
    return [_known[name] for name in sorted(_known)]


class Board(Collector):
    """Where services put up what they counted; those of one process share it."""

    def __init__(self, registry: CollectorRegistry | None = None) -> None:
        self._shown: dict[str, Mapping[Figure, Values]] = {}
        self._lock = threading.Lock()
        if registry is not None:
            registry.register(self)

    def show(self, whose: str, counted: Mapping[Figure, Values]) -> None:
        """Replace all that `whose` showed before."""
        with self._lock:
            self._shown[whose] = counted

    def collect(self) -> Iterator[Metric]:
        """Yield each family once, with the values of all who show it."""
        with self._lock:
            shown = list(self._shown.values())
        together: dict[Figure, dict[tuple[str, ...], float]] = {}
        for counted in shown:
            for figure, values in counted.items():
                together.setdefault(figure, {}).update(values)
        for figure in sorted(together, key=lambda each: each.name):
            yield figure.family(together[figure])


BOARD: Final = Board(REGISTRY)
