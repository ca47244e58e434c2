"""Room for calls: every class, caller and case has its share, and a full house says so at once."""

from __future__ import annotations

import contextlib
import itertools
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from servicekit.admission import (
    Admission,
    CallClass,
    CaseAtCapacityError,
    ClosingError,
    Door,
    TooLateError,
    UnitAtCapacityError,
    Wish,
)
from servicekit.errors import ExhaustedError

COMMAND, QUERY, QUESTION = CallClass


class Holding:
    """Calls that stay until they are told to go."""

    def __init__(self, admission: Admission) -> None:
        self.admission = admission
        self.held: list[contextlib.ExitStack] = []

    def hold(self, wish: Wish) -> contextlib.ExitStack:
        stack = contextlib.ExitStack()
        stack.enter_context(self.admission.room(wish, 0.0))  # no time to wait: in now or never
        self.held.append(stack)
        return stack

    def hold_as_many_as_fit(self, wish_number) -> int:
        before = len(self.held)
        with contextlib.suppress(ExhaustedError, TooLateError):
            for number in range(1000):
                self.hold(wish_number(number))
        return len(self.held) - before


@pytest.fixture
def holding():
    return Holding(Admission(16, 16))


@pytest.mark.parametrize(("flood", "other"), list(itertools.permutations(CallClass, 2)))
def test_a_flood_of_one_class_leaves_the_share_of_every_other(holding, flood, other):
    taken = holding.hold_as_many_as_fit(lambda number: Wish(flood, f"unit-{number}"))
    assert taken >= 8, "and yet most of the room may be used by one class"
    with holding.admission.room(Wish(other, "somebody"), 0.0):
        pass


def test_a_flood_of_two_classes_leaves_the_share_of_the_third(holding):
    for flood in (QUERY, QUESTION):
        holding.hold_as_many_as_fit(lambda number, flood=flood: Wish(flood, f"unit-{number}"))
    for number in range(4):
        holding.hold(Wish(COMMAND, f"window-{number}"))


def test_all_the_room_can_be_used_and_all_of_it_comes_back(holding):
    def hold_everything():
        return sum(
            holding.hold_as_many_as_fit(lambda number, kind=kind: Wish(kind, f"unit-{number}"))
            for kind in CallClass
        )

    assert hold_everything() == 16
    for each in holding.held:
        each.close()
    holding.held.clear()
    assert hold_everything() == 16


def test_one_unit_that_holds_its_calls_leaves_room_for_the_others(holding):
    assert holding.hold_as_many_as_fit(lambda _: Wish(COMMAND, "slow-window")) == 8
    with pytest.raises(TooLateError), holding.admission.room(Wish(COMMAND, "slow-window"), 0.0):
        pytest.fail("the slow window has its share already")
    with holding.admission.room(Wish(COMMAND, "another-window"), 0.0):
        pass


def test_commands_on_one_case_run_two_at_a_time_and_others_are_not_held_up(holding):
    taken = holding.hold_as_many_as_fit(lambda number: Wish(COMMAND, f"unit-{number}", "stuck"))
    assert taken == 2
    with holding.admission.room(Wish(COMMAND, "unit-1", "another-case"), 0.0):
        pass


def test_queries_about_one_case_are_not_bounded_by_the_case(holding):
    assert holding.hold_as_many_as_fit(lambda number: Wish(QUERY, f"unit-{number}", "")) > 2


class Queue:
    """Calls that wait, each in a thread of its own."""

    def __init__(self, admission: Admission) -> None:
        self.admission = admission
        self.pool = ThreadPoolExecutor(40)
        self.order: list[str] = []
        self.futures = []

    def add(self, wish: Wish, time_left: float | None = 20.0) -> None:
        before = len(self.admission._waiters)
        self.futures.append(self.pool.submit(self._wait, wish, time_left))
        deadline = time.monotonic() + 10
        while len(self.admission._waiters) == before:
            assert time.monotonic() < deadline, "the call does not wait"
            time.sleep(0.001)

    def _wait(self, wish: Wish, time_left: float | None) -> None:
        with self.admission.room(wish, time_left):
            self.order.append(wish.caller)


def patient(running=1, waiting=16):
    return Admission(running, waiting, patience=20.0)


def test_the_caller_with_the_fewest_calls_running_comes_next():
    admission = patient(running=8)
    holding, queue = Holding(admission), Queue(admission)
    for caller in ("one", "one", "one", "two", "two", "three"):
        holding.hold(Wish(COMMAND, caller))
    for caller in ("one", "two", "four"):
        queue.add(Wish(COMMAND, caller))
    holding.held[5].close()
    for each in queue.futures:
        each.result(10)
    assert queue.order == ["four", "two", "one"]


def test_beyond_the_queue_a_call_is_refused_at_once():
    admission = patient(running=1, waiting=2)
    holding, queue = Holding(admission), Queue(admission)
    holding.hold(Wish(COMMAND, "a"))
    queue.add(Wish(COMMAND, "b"))
    queue.add(Wish(COMMAND, "c"))
    with pytest.raises(ExhaustedError) as refused, admission.room(Wish(COMMAND, "d"), None):
        pytest.fail("there is no room")
    assert refused.value.reason == "AT_CAPACITY"
    holding.held[0].close()
    for each in queue.futures:
        each.result(10)


def test_one_unit_may_not_fill_the_queue_and_is_told_its_limit():
    admission = patient(running=1, waiting=8)
    holding, queue = Holding(admission), Queue(admission)
    holding.hold(Wish(COMMAND, "a"))
    for number in range(4):
        queue.add(Wish(COMMAND, "flood", f"case-{number}"))
    with (
        pytest.raises(UnitAtCapacityError) as refused,
        admission.room(Wish(COMMAND, "flood"), None),
    ):
        pytest.fail("the unit has half the queue")
    assert refused.value.facts == {"limit": "4"}
    queue.add(Wish(COMMAND, "another"))
    holding.held[0].close()
    for each in queue.futures:
        each.result(10)


def test_calls_on_one_case_may_not_fill_the_queue_either():
    admission = patient(running=4, waiting=8)
    holding, queue = Holding(admission), Queue(admission)
    holding.hold(Wish(COMMAND, "a", "stuck"))
    holding.hold(Wish(COMMAND, "b", "stuck"))
    queue.add(Wish(COMMAND, "c", "stuck"))
    queue.add(Wish(COMMAND, "d", "stuck"))
    with (
        pytest.raises(CaseAtCapacityError) as refused,
        admission.room(Wish(COMMAND, "e", "stuck"), None),
    ):
        pytest.fail("the case has its part of the queue")
    assert refused.value.facts == {"case": "stuck"}
    for each in holding.held:
        each.close()
    for each in queue.futures:
        each.result(10)


def test_who_waits_too_long_is_refused_and_leaves_no_trace():
    admission = Admission(1, 2, patience=0.01)
    holding = Holding(admission)
    holding.hold(Wish(COMMAND, "a"))
    for _ in range(5):  # more often than there are places to wait in
        with (
            pytest.raises(ExhaustedError) as refused,
            admission.room(Wish(COMMAND, "b"), 30.0),
        ):
            pytest.fail("there is no room")
        assert refused.value.reason == "AT_CAPACITY", "the queue has room again"
    holding.held[0].close()
    with admission.room(Wish(COMMAND, "b"), 0.0):
        pass


def test_who_waits_past_the_deadline_is_dropped():
    admission = patient()
    holding = Holding(admission)
    holding.hold(Wish(COMMAND, "a"))
    with pytest.raises(TooLateError), admission.room(Wish(COMMAND, "b"), 0.01):
        pytest.fail("there is no room")
    holding.held[0].close()
    with admission.room(Wish(COMMAND, "b"), 0.0):
        pass  # the one that was dropped left no trace


def test_a_queue_that_never_empties_shortens_the_wait():
    now = [0.0]
    admission = Admission(1, 8, patience=20.0, monotonic=lambda: now[0])
    holding, queue = Holding(admission), Queue(admission)
    holding.hold(Wish(COMMAND, "a"))
    queue.add(Wish(COMMAND, "b"))
    now[0] = 30.0
    assert admission._limit() == 20.0, "one that waits is no queue"
    queue.add(Wish(COMMAND, "c"))
    assert admission._limit() == 20.0 / 8
    holding.held[0].close()
    for each in queue.futures:
        each.result(10)
    with admission.room(Wish(COMMAND, "d"), 0.0):
        assert admission._limit() == 20.0


def test_many_threads_never_run_more_than_there_is_room_for():
    admission = Admission(4, 64, patience=30.0)
    running, most, lock = [0], [0], threading.Lock()

    def call(number):
        with admission.room(Wish(COMMAND, f"unit-{number % 9}"), None):
            with lock:
                running[0] += 1
                most[0] = max(most[0], running[0])
            time.sleep(0.001)
            with lock:
                running[0] -= 1

    with ThreadPoolExecutor(32) as pool:
        list(pool.map(call, range(300)))
    assert 1 < most[0] <= 4
    assert (admission._running.taken, admission._queue.taken) == (0, 0)


def test_a_door_that_closes_waits_for_those_inside_and_lets_nobody_in():
    door = Door()
    door.enter()
    assert not door.close(0.01)
    with pytest.raises(ClosingError):
        door.enter()
    door.leave()
    assert door.close(0.01)
