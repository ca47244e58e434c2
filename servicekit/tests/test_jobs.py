"""Work that leaves the process is done until it is done, or out of time, and has one effect."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from servicekit.clock import FixedClock
from servicekit.jobs import (
    FIRST_RETRY,
    LEASED_FOR,
    LONGEST_RETRY,
    SWEPT_AGAIN,
    TRIED_FOR,
    DeadJob,
    JobRunner,
    Sweep,
    dead_jobs,
    enqueue,
    revive,
)
from servicekit.tests.toy import TRACEPARENT, tables

NOON = datetime(2026, 11, 22, 4, tzinfo=UTC)
table = tables.job


class CrashError(BaseException):
    """The process dies here: no handler of exceptions sees it."""


@pytest.fixture
def clock():
    return FixedClock(NOON)


def ask(toy, key="render-A1", *, kind="render", within=timedelta(days=1), **payload):
    with toy.engine.begin() as connection:
        enqueue(
            connection,
            table,
            key=key,
            kind=kind,
            payload=payload,
            within=within,
            traceparent=TRACEPARENT,
        )


def runner(toy, clock, work, *sweeps):
    return JobRunner(toy.engine, table, "toy", {"render": work}, clock=clock, sweeps=sweeps)


def job(toy, key="render-A1"):
    with toy.engine.connect() as connection:
        return connection.execute(select(table).where(table.c.key == key)).one()


def test_a_job_is_done_once_with_what_it_was_asked_for(toy, clock):
    done = []
    ask(toy, case="A1")
    worker = runner(toy, clock, done.append)
    assert worker.run_once() == 1
    assert worker.run_once() == 0
    [each] = done
    assert (each.key, each.kind, each.payload, each.attempts) == (
        "render-A1",
        "render",
        {"case": "A1"},
        1,
    )
    assert each.traceparent == TRACEPARENT
    assert (job(toy).state, job(toy).failure) == ("DONE", None)


def test_asking_twice_is_asking_once_even_after_it_was_done(toy, clock):
    done = []
    ask(toy)
    ask(toy)
    worker = runner(toy, clock, done.append)
    worker.run_once()
    ask(toy)
    assert worker.run_once() == 0
    assert len(done) == 1


def test_a_job_of_a_transaction_that_failed_was_never_asked_for(toy, clock):
    with toy.engine.connect() as connection, connection.begin() as transaction:
        enqueue(connection, table, key="k", kind="render", payload={})
        transaction.rollback()
    assert runner(toy, clock, print).run_once() == 0


@pytest.mark.parametrize("years", [-30, 0, 30])
def test_a_job_is_due_at_once_whatever_legal_time_it_is(toy, clock, years):
    """Whoever asks has no clock to steer; the deadline begins with the first attempt."""
    clock.instant = NOON.replace(year=NOON.year + years)
    ask(toy, within=timedelta(hours=1))
    assert runner(toy, clock, lambda _job: None).run_once() == 1
    assert job(toy).deadline_at == clock.now() + timedelta(hours=1)


def test_many_runners_at_once_do_each_job_once(toy, clock):
    done = []
    for number in range(30):
        ask(toy, f"job-{number}")
    workers = [runner(toy, clock, lambda each: done.append(each.key)) for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        tried = sum(pool.map(lambda worker: worker.run_once(limit=100), workers))
    assert tried == 30
    assert sorted(done) == sorted({f"job-{number}" for number in range(30)})


def test_a_job_that_failed_once_does_not_wait_behind_all_that_come_after_it(toy, clock):
    """Found by chaos: the printer was away for a moment, and the hall went on receiving."""
    done = []

    def work(each):
        if each.key == "unlucky" and each.attempts == 1:
            raise ConnectionError
        done.append(each.key)

    ask(toy, "unlucky")
    worker = runner(toy, clock, work)
    worker.run_once()
    for number in range(20):
        ask(toy, f"later-{number:02}")
    clock.advance(FIRST_RETRY)
    worker.run_once(limit=2)
    assert "unlucky" in done


def test_jobs_that_always_fail_keep_new_ones_waiting_no_longer_than_every_other_turn(toy, clock):
    done = []

    def work(each):
        if each.key.startswith("broken"):
            raise ConnectionError
        done.append(each.key)

    for number in range(20):
        ask(toy, f"broken-{number:02}")
    worker = runner(toy, clock, work)
    assert worker.run_once(limit=20) == 20
    for number in range(3):
        ask(toy, f"new-{number}")
    clock.advance(FIRST_RETRY)
    worker.run_once(limit=6)
    assert done == ["new-0", "new-1", "new-2"]


def test_a_claimed_job_is_nobody_elses_until_its_lease_is_over(toy, clock):
    def die(_job):
        raise CrashError

    done = []
    ask(toy)
    with pytest.raises(CrashError):
        runner(toy, clock, die).run_once()
    other = runner(toy, clock, done.append)
    clock.advance(LEASED_FOR - timedelta(seconds=1))
    assert other.run_once() == 0
    clock.advance(timedelta(seconds=1))
    assert other.run_once() == 1
    assert done[0].attempts == 2


def test_a_runner_that_lost_its_job_does_not_overwrite_the_result_of_another(toy, clock):
    def slow(_job):
        clock.advance(LEASED_FOR)
        runner(toy, clock, lambda _job: None).run_once()
        raise RuntimeError("too late to fail")

    ask(toy)
    runner(toy, clock, slow).run_once()
    assert (job(toy).state, job(toy).failure) == ("DONE", None)


def test_a_runner_that_claimed_its_own_job_again_does_not_mix_up_the_attempts(toy, clock):
    def slow(each):
        if each.attempts == 1:
            clock.advance(LEASED_FOR)
            worker.run_once()
            raise RuntimeError("of the first attempt")

    ask(toy)
    worker = runner(toy, clock, slow)
    worker.run_once()
    assert job(toy).state == "DONE"


def fail(_job):
    raise ConnectionError("the carrier is away\x00")


def test_a_failure_is_tried_again_later_and_ever_later(toy, clock):
    ask(toy)
    worker = runner(toy, clock, fail)
    waits = []
    for _ in range(12):
        assert worker.run_once() == 1
        assert worker.run_once() == 0, "not before its time"
        waits.append(job(toy).next_at - clock.now())
        clock.instant = job(toy).next_at
    assert waits[:4] == [FIRST_RETRY, FIRST_RETRY * 2, FIRST_RETRY * 4, FIRST_RETRY * 8]
    assert waits[-1] == LONGEST_RETRY
    assert job(toy).failure.startswith("ConnectionError('the carrier is away")


def test_at_its_deadline_a_job_is_dead_with_its_reason(toy, clock):
    ask(toy, within=timedelta(seconds=5))
    worker = runner(toy, clock, fail)
    states = []
    for _ in range(3):
        worker.run_once()
        states.append(job(toy).state)
        clock.instant = job(toy).next_at
    assert states == ["WAITING", "DEAD", "DEAD"]
    assert job(toy).attempts == 2
    assert "carrier" in job(toy).failure


def test_a_job_that_kills_its_process_dies_at_its_deadline_too(toy, clock):
    def die(_job):
        raise CrashError

    ask(toy, within=timedelta(minutes=5))
    for _ in range(3):
        with pytest.raises(CrashError):
            runner(toy, clock, die).run_once()
        clock.advance(timedelta(minutes=2))
    runner(toy, clock, die).run_once()
    assert (job(toy).state, job(toy).failure) == ("DEAD", "out of time")


def test_a_job_nobody_came_for_in_time_is_still_tried_once(toy, clock):
    done = []
    ask(toy, within=timedelta(minutes=5))
    clock.advance(timedelta(days=30))
    runner(toy, clock, done.append).run_once()
    assert job(toy).state == "DONE"


def test_a_kind_that_nobody_knows_fails_with_its_name(toy, clock):
    ask(toy, kind="unknown")
    runner(toy, clock, print).run_once()
    assert (job(toy).state, job(toy).failure) == ("WAITING", "KeyError('unknown')")


def test_a_sweep_has_its_turn_every_so_often(toy, clock):
    swept = []
    worker = runner(toy, clock, print, Sweep("look", timedelta(seconds=5), lambda: swept.append(1)))
    worker.sweep()
    worker.sweep()
    assert len(swept) == 1
    clock.advance(timedelta(seconds=5))
    worker.sweep()
    assert len(swept) == 2


def test_a_sweep_is_due_too_when_legal_time_has_moved_as_far(toy, clock):
    swept, legal = [], FixedClock(NOON)
    look = Sweep("look", timedelta(minutes=1), lambda: swept.append(1))
    worker = JobRunner(toy.engine, table, "toy", {}, clock=clock, legal=legal, sweeps=(look,))
    worker.sweep()
    legal.advance(timedelta(seconds=59))
    worker.sweep()
    assert len(swept) == 1
    legal.advance(timedelta(days=7))
    worker.sweep()
    worker.sweep()
    assert len(swept) == 2
    legal.advance(-timedelta(days=30))  # a rehearsal begins long ago
    worker.sweep()
    assert len(swept) == 3
    legal.advance(timedelta(minutes=1))
    worker.sweep()
    assert len(swept) == 4


def test_a_sweep_is_due_too_when_a_rehearsal_begins_in_the_past(toy, clock):
    swept, legal = [], FixedClock(NOON)
    look = Sweep("look", timedelta(minutes=1), lambda: swept.append(1))
    worker = JobRunner(toy.engine, table, "toy", {}, clock=clock, legal=legal, sweeps=(look,))
    worker.sweep()
    legal.advance(timedelta(days=-60))
    worker.sweep()
    legal.advance(timedelta(minutes=1))
    worker.sweep()
    assert len(swept) == 3


def test_sweeps_that_fail_keep_none_behind_them_waiting_and_are_raised_together(toy, clock):
    swept = []

    def broken(name):
        def work():
            swept.append(name)
            raise RuntimeError(name)

        return Sweep(name, timedelta(hours=1), work)

    sound = Sweep("sound", timedelta(hours=1), lambda: swept.append("sound"))
    worker = runner(toy, clock, print, broken("one"), sound, broken("two"))
    with pytest.raises(ExceptionGroup) as raised:
        worker.sweep()
    assert [str(error) for error in raised.value.exceptions] == ["one", "two"]
    assert raised.value.exceptions[0].__notes__ == ["sweep one"]
    assert swept == ["one", "sound", "two"]


def test_a_sweep_that_failed_is_done_again_soon_and_not_a_turn_later(toy, clock):
    tried = []

    def work():
        tried.append(clock.now())
        if len(tried) == 1:
            raise RuntimeError("the database is away")

    worker = runner(toy, clock, print, Sweep("look", timedelta(hours=12), work))
    with pytest.raises(ExceptionGroup):
        worker.sweep()
    worker.sweep()
    assert len(tried) == 1  # not at once either: it would fail again for the same reason
    clock.advance(SWEPT_AGAIN)
    worker.sweep()
    assert len(tried) == 2
    clock.advance(SWEPT_AGAIN)
    worker.sweep()
    assert len(tried) == 2


def test_sweeps_have_their_turn_and_a_stop_is_heeded_between_two_jobs(toy, clock):
    stop, wake = threading.Event(), threading.Event()
    order = []

    def work(each):
        order.append(each.key)
        clock.advance(timedelta(seconds=5))
        if each.key == "job-2":
            stop.set()

    for number in range(9):
        ask(toy, f"job-{number}")
    sweep = Sweep("look", timedelta(seconds=5), lambda: order.append("sweep"))
    runner(toy, clock, work, sweep).run(stop, wake)
    assert order == ["sweep", "job-0", "sweep", "job-1", "sweep", "job-2"]


def test_a_sweep_that_fails_stops_neither_the_jobs_nor_the_other_sweeps(toy, clock, caplog):
    stop, wake = threading.Event(), threading.Event()
    swept, done = [], []

    def broken():
        raise RuntimeError("the sealer has no key")

    def work(each):
        done.append(each)
        stop.set()
        wake.set()

    ask(toy)
    worker = runner(
        toy,
        clock,
        work,
        Sweep("broken", timedelta(seconds=5), broken),
        Sweep("sound", timedelta(seconds=5), lambda: swept.append(1)),
    )
    worker.run(stop, wake, every=0.01)
    assert (len(done), len(swept)) == (1, 1)
    assert "jobs_loop_failed" in caplog.text


def give_up(toy, clock, *keys):
    """Ask for jobs and let each fail once, which is as long as they may be tried."""

    def fail(_job):
        raise RuntimeError("no carrier")

    for key in keys:
        ask(toy, key, within=timedelta(0))
        runner(toy, clock, fail).run_once()
        clock.advance(timedelta(minutes=1))


def test_dead_jobs_are_listed_with_their_reason_the_longest_dead_first(toy, clock):
    ask(toy, "done")
    runner(toy, clock, lambda _job: None).run_once()
    give_up(toy, clock, "Z1", "A1")
    ask(toy, "waiting")
    first = DeadJob("Z1", "render", 1, "RuntimeError('no carrier')", NOON)
    assert dead_jobs(toy.engine, table, 1) == [first]
    assert [dead.key for dead in dead_jobs(toy.engine, table)] == ["Z1", "A1"]


def test_a_revived_job_is_due_at_once_and_has_its_time_again(toy, clock):
    give_up(toy, clock, "A1", "A2")
    assert revive(toy.engine, table, "A1") == 1
    assert [dead.key for dead in dead_jobs(toy.engine, table)] == ["A2"]
    clock.advance(timedelta(days=30))
    done = []
    assert runner(toy, clock, done.append).run_once() == 1
    [each] = done
    assert (each.key, each.attempts, each.deadline_at) == ("A1", 1, clock.now() + TRIED_FOR)
    assert (job(toy, "A1").state, job(toy, "A1").failure) == ("DONE", None)


def test_all_dead_jobs_are_revived_and_no_other_is_touched(toy, clock):
    ask(toy, "done")
    runner(toy, clock, lambda _job: None).run_once()
    give_up(toy, clock, "A1", "A2")
    assert revive(toy.engine, table, "done") == 0
    assert revive(toy.engine, table) == 2
    assert dead_jobs(toy.engine, table) == []
    assert job(toy, "done").state == "DONE"
    assert revive(toy.engine, table) == 0


def test_a_runner_works_once_a_turn_of_its_loop_went_through(toy, clock):
    stop, seen, turns = threading.Event(), [], []

    def look():
        seen.append(worker.is_working)
        turns.append(clock.advance(timedelta(seconds=1)))
        if len(turns) == 1:
            raise RuntimeError("the database is away")
        if len(turns) == 3:
            stop.set()

    worker = runner(toy, clock, lambda _job: None, Sweep("look", timedelta(seconds=1), look))
    worker.run(stop, threading.Event(), every=0.001)
    assert seen == [False, False, True]
    assert worker.is_working
