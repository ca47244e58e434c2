"""What the finance account pays (R2.8): dated tariffs, whole fen."""

from __future__ import annotations

from datetime import date

import pytest

from services.delivery.adapters.tariffs import tariff_book
from services.delivery.domain.errors import CarrierWithoutContractError
from services.delivery.domain.tariff import Rate, Tariff, Zone, require_tariff, zone_of

TARIFF = Tariff(
    tariff="T", carrier="EMS", from_date=date(2026, 7, 1), until=date(2026, 12, 31),
    first_grams=1000, step_grams=1000, rates={Zone.CITY: Rate(1000, 200)},
)  # fmt: skip


@pytest.mark.parametrize(
    ("grams", "fen"),
    [(0, 1000), (1000, 1000), (1001, 1200), (2000, 1200), (2001, 1400)],
)
def test_the_first_weight_has_a_price_and_each_step_begun_another(grams, fen):
    assert TARIFF.price_fen(Zone.CITY, grams) == fen


@pytest.mark.parametrize(
    ("carrier", "on", "found"),
    [
        pytest.param("EMS", date(2026, 7, 1), True, id="first-day"),
        pytest.param("EMS", date(2026, 12, 31), True, id="last-day"),
        pytest.param("EMS", date(2026, 6, 30), False, id="day-before"),
        pytest.param("EMS", date(2027, 1, 1), False, id="day-after"),
        pytest.param("SF", date(2026, 7, 1), False, id="another-carrier"),
    ],
)
def test_a_tariff_holds_from_its_first_to_its_last_day(carrier, on, found):
    if found:
        assert require_tariff([TARIFF], carrier, on) is TARIFF
    else:
        with pytest.raises(CarrierWithoutContractError):
            require_tariff([TARIFF], carrier, on)


@pytest.mark.parametrize(
    ("address", "zone"),
    [
        ("山东省淄博市周村区丝绸路街道车站社区1号", Zone.CITY),
        ("淄博市周村区", Zone.CITY),
        ("山东省济南市历下区", Zone.PROVINCE),
        ("北京市东城区", Zone.COUNTRY),
        ("周村区丝绸路街道", Zone.COUNTRY),
    ],
)
def test_the_zone_follows_from_what_an_address_begins_with(address, zone):
    assert zone_of(address, province="山东省", city="淄博市") is zone
    assert tariff_book().zone_of(address) is zone


def test_the_tariffs_that_ship_have_no_gap_and_no_overlap():
    for on in (date(2024, 1, 1), date(2026, 6, 30), date(2026, 7, 1), date(2030, 1, 1)):
        assert len([each for each in tariff_book().tariffs if each.holds_on("EMS", on)]) == 1
    assert not [each for each in tariff_book().tariffs if each.carrier != "EMS"]


def test_the_dearer_tariff_begins_on_its_day():
    before = require_tariff(tariff_book().tariffs, "EMS", date(2026, 6, 30))
    after = require_tariff(tariff_book().tariffs, "EMS", date(2026, 7, 1))
    assert (before.price_fen(Zone.COUNTRY, 500), after.price_fen(Zone.COUNTRY, 500)) == (2000, 2200)
