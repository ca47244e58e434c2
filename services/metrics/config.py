"""The configuration of metrics: METRICS_* variables; docs/configuration.md lists them."""

from __future__ import annotations

from servicekit.config import ServiceSettings

__all__ = ["MetricsSettings"]


class MetricsSettings(ServiceSettings):
    """Nothing beyond what every service is told."""
