"""What the district's finance pays for a parcel. Money is in whole fen."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import Enum

from services.delivery.domain.errors import CarrierWithoutContractError

__all__ = ["Rate", "Tariff", "Zone", "require_tariff", "zone_of"]


class Zone(Enum):
    """How far a parcel goes."""

    CITY = "CITY"
    PROVINCE = "PROVINCE"
    COUNTRY = "COUNTRY"


@dataclass(frozen=True, slots=True)
class Rate:
    """The price within one zone: up to a first weight, then by step."""

    first_fen: int
    step_fen: int


@dataclass(frozen=True, slots=True)
class Tariff:
    """The prices agreed with one carrier, from a day on; `until` is its last day."""

    tariff: str
    carrier: str
    from_date: date
    until: date | None
    first_grams: int
    step_grams: int
    rates: dict[Zone, Rate]

    def holds_on(self, carrier: str, on: date) -> bool:
        return (
            self.carrier == carrier
            and self.from_date <= on
            and (self.until is None or on <= self.until)
        )

    def price_fen(self, zone: Zone, grams: int) -> int:
        """Return the price of a parcel: the first weight, and a step for each one begun.

        Source: R2.8.
        """
        rate = self.rates[zone]
        beyond = max(grams - self.first_grams, 0)
        steps = -(-beyond // self.step_grams)
        return rate.first_fen + steps * rate.step_fen


def require_tariff(tariffs: Iterable[Tariff], carrier: str, on: date) -> Tariff:
    """Return the tariff of a carrier in force on a day, or refuse to ship with it.

    Nobody but the district's finance pays, and it pays by tariff only.

    Source: R2.8.
    """
    for tariff in tariffs:
        if tariff.holds_on(carrier, on):
            return tariff
    raise CarrierWithoutContractError("No tariff in force", carrier=carrier)


def zone_of(address: str, *, province: str, city: str) -> Zone:
    """Return how far from the centre an address is, by what it begins with.

    An address that does not name its province is taken for a far one: the
    bill of the carrier corrects it.
    """
    if address.startswith((province + city, city)):
        return Zone.CITY
    return Zone.PROVINCE if address.startswith(province) else Zone.COUNTRY
