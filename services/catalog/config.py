"""The configuration of catalog: CATALOG_* variables; docs/configuration.md lists them."""

from __future__ import annotations

from servicekit.config import ServiceSettings

__all__ = ["CatalogSettings"]


class CatalogSettings(ServiceSettings):
    """Nothing beyond what every service is told."""
