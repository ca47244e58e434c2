"""The table of all metrics (docs/metrics.md), from what the code declares."""

from __future__ import annotations

import importlib
import pkgutil
import warnings
from dataclasses import dataclass

from prometheus_client import REGISTRY
from prometheus_client.metrics import MetricWrapperBase

from servicekit.figures import known_figures
from services import graph

__all__ = ["DeclaredMetric", "declared_metrics", "metrics_document"]

PREFIX = "liandong_"
# These take over the process that loads them, and declare nothing.
LEFT_OUT = (".tests", ".__main__", ".migrations", "servicekit.testing", ".roles.worker")


@dataclass(frozen=True, slots=True, order=True)
class DeclaredMetric:
    """A metric as a scrape shows it."""

    name: str
    kind: str
    labels: tuple[str, ...]
    documentation: str


def declared_metrics() -> list[DeclaredMetric]:
    """Return every metric of the kit and of the services, by name."""
    _load_all()
    found_metrics = [
        DeclaredMetric(figure.name, "gauge", figure.labels, figure.documentation)
        for figure in known_figures()
    ]
    for collector in {*REGISTRY._collector_to_names}:  # noqa: SLF001 -- there is no public way
        if isinstance(collector, MetricWrapperBase):
            [family] = collector.describe()
            name = f"{family.name}_total" if family.type == "counter" else family.name
            labels = tuple(collector._labelnames)  # noqa: SLF001
            found_metrics.append(DeclaredMetric(name, family.type, labels, family.documentation))
    return sorted(each for each in found_metrics if each.name.startswith(PREFIX))


def _load_all() -> None:
    for package in ("servicekit", *(f"services.{name}" for name in graph.SERVICES)):
        module = importlib.import_module(package)
        for found in pkgutil.walk_packages(module.__path__, f"{package}."):
            own_worker = found.name.startswith("services.") and found.name.endswith(".worker")
            if own_worker or any(part in found.name for part in LEFT_OUT):
                continue
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # eventlet says of itself that it is old
                importlib.import_module(found.name)


def metrics_document() -> str:
    """Return docs/metrics.md without its head."""
    lines = [
        "# Metrics",
        "",
        "On `/metrics` of every process (`METRICS_PORT`). Labels hold codes of units, items,",
        "authorities, methods: never a person or a case. Gauges that count cases, tasks, parcels",
        "or queues are counted every `OBSERVE_S` seconds by one process and shown whole; where",
        "several replicas show the same one, take the `max`. Names of units and items stand in",
        "`liandong_unit_info` and `liandong_item_info`.",
        "",
        "| metric | kind | labels | what it says |",
        "| --- | --- | --- | --- |",
    ]
    lines += [
        f"| `{each.name}` | {each.kind} | {', '.join(f'`{label}`' for label in each.labels)} "
        f"| {each.documentation} |"
        for each in declared_metrics()
    ]
    return "\n".join(lines) + "\n"
