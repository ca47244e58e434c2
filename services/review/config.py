"""The configuration of review: REVIEW_* variables; docs/configuration.md lists them."""

from __future__ import annotations

from pydantic import Field

from servicekit.config import ServiceSettings

__all__ = ["ReviewSettings"]


class ReviewSettings(ServiceSettings):
    """What review is told beyond that: where the catalogue is."""

    catalog_target: str | None = Field(None, description="host:port of catalog; the api asks it.")
