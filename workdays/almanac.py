"""Computes the days of the traditional festivals; the shipped table is derived with it.

Nothing reads this module at run time. It exists so that `data/festivals.csv` can be
derived again, and so that no festival rests on somebody's copy of somebody's list.

The sun and the moon follow J. Meeus, Astronomical Algorithms (2nd ed.), chapters 25 and 49;
the months follow GB/T 33661-2017: a month starts on the day (Beijing time) of the new moon,
the eleventh month holds the winter solstice, and where thirteen months start between two
solstices, the first of them without a principal term is the leap month.

Source: GB/T 33661-2017 农历的编算和颁行.
"""

from __future__ import annotations

from datetime import date
from functools import cache
from itertools import pairwise
from math import floor, sin
from math import radians as rad
from typing import Final, NamedTuple

_MONTHS_OF_LEAP_YEAR: Final = 13
_MONTHS_BEFORE_SPRING: Final = 2  # the eleventh and the twelfth, counted from the solstice
_UNIX_EPOCH: Final = 2440587.5  # Julian day
_J2000: Final = 2451545.0  # Julian day
_CENTURY: Final = 36525.0  # days
_TROPICAL_YEAR: Final = 365.242189  # days
_SYNODIC_MONTH: Final = 29.530588861  # days
_BEIJING: Final = 8 / 24  # days ahead of universal time
_WINTER_SOLSTICE: Final = 270.0  # degrees of solar longitude
_CLEAR_BRIGHTNESS: Final = 15.0  # degrees: 清明
_PRINCIPAL_TERM: Final = 30.0  # degrees from one principal term (中气) to the next

# Coefficient in days, power of the eccentricity, multiples of M, M', F, Omega (chapter 49).
_MOON_TERMS: Final[tuple[tuple[float, int, int, int, int, int], ...]] = (
    (-0.40720, 0, 0, 1, 0, 0),
    (0.17241, 1, 1, 0, 0, 0),
    (0.01608, 0, 0, 2, 0, 0),
    (0.01039, 0, 0, 0, 2, 0),
    (0.00739, 1, -1, 1, 0, 0),
    (-0.00514, 1, 1, 1, 0, 0),
    (0.00208, 2, 2, 0, 0, 0),
    (-0.00111, 0, 0, 1, -2, 0),
    (-0.00057, 0, 0, 1, 2, 0),
    (0.00056, 1, 1, 2, 0, 0),
    (-0.00042, 0, 0, 3, 0, 0),
    (0.00042, 1, 1, 0, 2, 0),
    (0.00038, 1, 1, 0, -2, 0),
    (-0.00024, 1, -1, 2, 0, 0),
    (-0.00017, 0, 0, 0, 0, 1),
)


class Festivals(NamedTuple):
    """The days of one year that follow the moon and the sun."""

    spring: date
    clear_brightness: date
    dragon_boat: date
    mid_autumn: date


def festivals(year: int) -> Festivals:
    """Return the festivals of `year`; good for the twenty-first century."""
    months = _months(year)
    return Festivals(
        spring=_day(months[1]),
        clear_brightness=_day(floor(_solar_event(year, _CLEAR_BRIGHTNESS))),
        dragon_boat=_day(months[5] + 4),
        mid_autumn=_day(months[8] + 14),
    )


def _months(year: int) -> dict[int, int]:
    """Return the first day of each ordinary month (1 to 10) of the lunar year."""
    solstice = floor(_solar_event(year - 1, _WINTER_SOLSTICE))
    next_solstice = floor(_solar_event(year, _WINTER_SOLSTICE))
    first = _last_new_moon_until(solstice)
    starts = [_new_moon_day(first + number) for number in range(_MONTHS_OF_LEAP_YEAR + 2)]
    starts = [day for day in starts if day <= next_solstice]
    if len(starts) > _MONTHS_OF_LEAP_YEAR:
        del starts[_leap_position(starts)]
    ordinary = starts[_MONTHS_BEFORE_SPRING:]
    return dict(enumerate(ordinary, start=1))


def _leap_position(starts: list[int]) -> int:
    """Find the first month on whose days the sun reaches no principal term."""
    for position, (start, following) in enumerate(pairwise(starts)):
        if _term(start) == _term(following):
            return position
    raise ArithmeticError("thirteen months between two solstices, and none without a term")


def _term(day: int) -> int:
    """Return the number of the last principal term reached before `day` begins."""
    return floor(_longitude(day) / _PRINCIPAL_TERM)


def _last_new_moon_until(day: int) -> int:
    number = round((day - _new_moon(0)) / _SYNODIC_MONTH) + 1
    while _new_moon_day(number) > day:
        number -= 1
    return number


def _new_moon_day(number: int) -> int:
    return floor(_new_moon(number))


@cache
def _new_moon(number: int) -> float:
    """Return the instant of a new moon, counted from January 2000, in days of Beijing time."""
    century = number / 1236.85
    anomaly_sun = rad(2.5534 + 29.10535670 * number - 0.0000014 * century**2)
    anomaly_moon = rad(201.5643 + 385.81693528 * number + 0.0107582 * century**2)
    latitude = rad(160.7108 + 390.67050284 * number - 0.0016118 * century**2)
    node = rad(124.7746 - 1.56375588 * number + 0.0020672 * century**2)
    eccentricity = 1 - 0.002516 * century - 0.0000074 * century**2
    planets = 0.000325 * sin(rad(299.77 + 0.107408 * number - 0.009173 * century**2))
    terms = sum(
        size
        * eccentricity**power
        * sin(sun * anomaly_sun + moon * anomaly_moon + lat * latitude + nod * node)
        for size, power, sun, moon, lat, nod in _MOON_TERMS
    )
    mean = 2451550.09766 + _SYNODIC_MONTH * number + 0.00015437 * century**2
    return _beijing(mean + terms + planets)


@cache
def _solar_event(year: int, longitude: float) -> float:
    """Return the instant in `year` when the sun reaches a longitude, in days of Beijing time."""
    spring_equinox = date(year, 3, 20).toordinal() - date(1970, 1, 1).toordinal()
    instant = spring_equinox + longitude / 360 * _TROPICAL_YEAR
    for _ in range(6):  # converges to far below a second
        short = (longitude - _longitude(instant) + 180) % 360 - 180
        instant += short / 360 * _TROPICAL_YEAR
    return instant


@cache
def _longitude(instant: float) -> float:
    """Return the apparent longitude of the sun in degrees."""
    century = (_dynamical(instant) - _J2000) / _CENTURY
    mean = 280.46646 + 36000.76983 * century + 0.0003032 * century**2
    anomaly = rad(357.52911 + 35999.05029 * century - 0.0001537 * century**2)
    centre = (
        (1.914602 - 0.004817 * century - 0.000014 * century**2) * sin(anomaly)
        + (0.019993 - 0.000101 * century) * sin(2 * anomaly)
        + 0.000289 * sin(3 * anomaly)
    )
    aberration_and_nutation = -0.00569 - 0.00478 * sin(rad(125.04 - 1934.136 * century))
    return (mean + centre + aberration_and_nutation) % 360


def _delta(julian: float) -> float:
    """Return dynamical minus universal time in days (Espenak and Meeus, 2005 to 2050)."""
    years = (julian - _J2000) / 365.25
    return (62.92 + 0.32217 * years + 0.005589 * years**2) / 86400


def _beijing(dynamical: float) -> float:
    return dynamical - _delta(dynamical) - _UNIX_EPOCH + _BEIJING


def _dynamical(beijing: float) -> float:
    universal = beijing - _BEIJING + _UNIX_EPOCH
    return universal + _delta(universal)


def _day(days_since_1970: int) -> date:
    return date.fromordinal(date(1970, 1, 1).toordinal() + days_since_1970)
