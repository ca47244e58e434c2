"""The configuration of intake: INTAKE_* variables; docs/configuration.md lists them."""

from __future__ import annotations

from pathlib import Path
from typing import Self

from pydantic import Field, model_validator

from servicekit.config import ServiceSettings

__all__ = ["IntakeSettings"]

_OF_THE_SITE = ("division", "site", "site_unit", "duty_window")


class IntakeSettings(ServiceSettings):
    """What intake is told beyond that: which site it is. The defaults are the demonstration's."""

    division: str = Field("370306", pattern=r"[0-9]{6}", description="County, GB/T 2260.")
    site: str = Field(
        "01", pattern=r"[0-9]{2}", description="Site in case and document numbers (受理点)."
    )
    site_unit: str = Field(
        "370306000000-C1", min_length=1, description="Unit that writes the cases of this site."
    )
    duty_window: str = Field(
        "370306000000-C1-W01", min_length=1, description="Window on duty for what comes online."
    )
    catalog_target: str | None = Field(
        None, description="host:port of catalog; the api and the jobs ask it."
    )
    exchange: Path | None = Field(
        None, description="Folder of batches for the provincial net; without it none are made."
    )
    review_target: str | None = Field(None, description="host:port of review; the jobs ask it.")

    reminder_days: int = Field(
        10, ge=1, le=60, description="Working days between two reminders of a correction."
    )

    @model_validator(mode="after")
    def _production_names_its_site(self) -> Self:
        if self.profile == "production":
            missing = [name for name in _OF_THE_SITE if name not in self.model_fields_set]
            if missing:
                raise ValueError(f"production names its site: {', '.join(missing).upper()}")
        return self
