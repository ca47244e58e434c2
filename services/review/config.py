"""The configuration of review: REVIEW_* variables; docs/configuration.md lists them."""

from __future__ import annotations

from servicekit.config import ServiceSettings

__all__ = ["ReviewSettings"]


class ReviewSettings(ServiceSettings):
    """Nothing beyond what every service is told."""
