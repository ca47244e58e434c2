"""The configuration of delivery: DELIVERY_* variables; docs/configuration.md lists them."""

from __future__ import annotations

from servicekit.config import ServiceSettings

__all__ = ["DeliverySettings"]


class DeliverySettings(ServiceSettings):
    """Nothing beyond what every service is told."""
