"""Legal time: instants in UTC, days in China."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from servicekit.clock import FixedClock, SteeredClock, SystemClock, civil_day, steer


@pytest.mark.parametrize(
    ("instant", "day"),
    [
        pytest.param(
            datetime(2026, 9, 20, 15, 59, 59, tzinfo=UTC), date(2026, 9, 20), id="23:59:59"
        ),
        pytest.param(datetime(2026, 9, 20, 16, 0, tzinfo=UTC), date(2026, 9, 21), id="midnight"),
        pytest.param(datetime(2026, 12, 31, 16, 0, tzinfo=UTC), date(2027, 1, 1), id="new-year"),
    ],
)
def test_a_day_begins_at_midnight_in_china(instant, day):
    assert civil_day(instant) == day
    assert FixedClock(instant).today() == day


def test_an_instant_without_a_zone_has_no_day():
    with pytest.raises(ValueError, match="naive"):
        civil_day(datetime(2026, 9, 21))  # noqa: DTZ001


def test_the_system_clock_is_aware_and_tells_the_time():
    before = datetime.now(UTC)
    assert before <= SystemClock().now() <= before + timedelta(seconds=5)


def test_a_fixed_clock_stands_until_it_is_moved():
    clock = FixedClock(datetime(2026, 9, 21, tzinfo=UTC))
    clock.advance(timedelta(hours=17))
    assert (clock.now(), clock.today()) == (
        datetime(2026, 9, 21, 17, tzinfo=UTC),
        date(2026, 9, 22),
    )


def test_all_steered_clocks_move_together_and_run_on(tmp_path):
    control = tmp_path / "clock.json"
    spring = datetime(2027, 3, 1, tzinfo=UTC)
    steer(control, spring)
    clocks = [SteeredClock(control), SteeredClock(control)]
    shown = [clock.now() for clock in clocks]
    assert all(spring <= each < spring + timedelta(seconds=5) for each in shown)
    assert clocks[0].now() > shown[0]


def test_steering_twice_within_one_tick_of_the_file_system_is_seen_twice(tmp_path):
    control = tmp_path / "clock.json"
    clock = SteeredClock(control)
    for day in range(1, 29):
        steer(control, datetime(2027, 2, day, 1, tzinfo=UTC))
        assert clock.today() == date(2027, 2, day)


def test_a_steered_clock_without_its_control_file_does_not_guess(tmp_path):
    with pytest.raises(FileNotFoundError):
        SteeredClock(tmp_path / "missing.json").now()
