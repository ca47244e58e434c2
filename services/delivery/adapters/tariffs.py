"""Reads the tariffs that ship with the service."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources

from services.delivery.domain.tariff import Rate, Tariff, Zone, zone_of

__all__ = ["TariffBook", "tariff_book"]


@dataclass(frozen=True, slots=True)
class TariffBook:
    """All tariffs, and where the district lies."""

    province: str
    city: str
    tariffs: tuple[Tariff, ...]

    def zone_of(self, address: str) -> Zone:
        return zone_of(address, province=self.province, city=self.city)


@cache
def tariff_book() -> TariffBook:
    """Return what `data/tariffs.toml` says."""
    file = resources.files("services.delivery").joinpath("data", "tariffs.toml")
    read = tomllib.loads(file.read_text(encoding="utf-8"))
    return TariffBook(
        province=read["province"],
        city=read["city"],
        tariffs=tuple(
            Tariff(
                tariff=each["tariff"],
                carrier=each["carrier"],
                from_date=each["from_date"],
                until=each.get("until"),
                first_grams=each["first_grams"],
                step_grams=each["step_grams"],
                rates={Zone[zone]: Rate(**rate) for zone, rate in each["rates"].items()},
            )
            for each in read["tariffs"]
        ),
    )
