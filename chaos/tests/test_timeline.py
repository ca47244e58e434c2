"""One legal time for many: it moves when everybody waits, to what comes first."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import pytest

from chaos.timeline import Timeline, TimelineClosedError, midnight_after
from servicekit.clock import SteeredClock, steer

MORNING = datetime(2026, 9, 21, 1, 30, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
def timeline(tmp_path):
    control = tmp_path / "clock.json"
    steer(control, MORNING)
    return Timeline(control)


def go(timeline, journeys):
    """Let each journey reach its instants in turn; return who reached what, in that order."""
    reached, lock = [], threading.Lock()

    def run(name, instants):
        for instant in instants:
            timeline.reach(instant)
            with lock:
                reached.append((instant, name))
        timeline.leave()

    threads = [threading.Thread(target=run, args=each, daemon=True) for each in journeys.items()]
    for _ in threads:
        timeline.join()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
        assert not thread.is_alive()
    return reached


def test_journeys_side_by_side_see_their_instants_in_one_order(timeline):
    early = [MORNING + HOUR * hour for hour in (0, 2, 3)]
    late = [MORNING + HOUR * hour for hour in (1, 2, 5)]
    reached = go(timeline, {"early": early, "late": late})
    assert [instant for instant, _ in reached] == sorted(early + late)


def test_time_stands_while_one_of_them_is_in_the_middle_of_something(timeline):
    timeline.join()  # somebody who asks for nothing
    timeline.join()
    waiting = threading.Thread(target=timeline.reach, args=(MORNING + HOUR,), daemon=True)
    waiting.start()
    waiting.join(0.2)
    assert waiting.is_alive()
    assert timeline.now is None
    timeline.leave()
    waiting.join(20)
    assert not waiting.is_alive()
    assert timeline.now == MORNING + HOUR


def test_every_process_sees_the_instant_that_was_reached(timeline):
    timeline.join()
    timeline.reach(MORNING + 24 * HOUR)
    seen = SteeredClock(timeline.control).now()
    assert timedelta(0) <= seen - (MORNING + 24 * HOUR) < HOUR


def test_an_instant_that_has_passed_for_others_is_not_gone_back_to(timeline):
    timeline.join()
    timeline.reach(MORNING + 2 * HOUR)
    timeline.reach(MORNING)
    assert SteeredClock(timeline.control).now() >= MORNING + 2 * HOUR


def test_nobody_waits_when_the_round_is_over(timeline):
    timeline.join()
    timeline.join()
    timeline.close()
    with pytest.raises(TimelineClosedError):
        timeline.reach(MORNING + HOUR)


def test_midnight_is_that_of_beijing():
    assert midnight_after(MORNING) == datetime(2026, 9, 21, 16, 0, tzinfo=UTC)
    assert midnight_after(datetime(2026, 9, 21, 16, 0, tzinfo=UTC)) == datetime(
        2026, 9, 22, 16, 0, tzinfo=UTC
    )
