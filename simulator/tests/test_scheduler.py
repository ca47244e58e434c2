from __future__ import annotations

import secrets
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from servicekit import service
from servicekit.transient import is_transient
from simulator.databases import Databases
from simulator.machine import LegalTime, SimulatedTime, seeded_machine
from simulator.rates import HIGHEST, Rates
from simulator.scheduler import Crash, Scheduler, Step, StuckError

BEGINS = datetime(2026, 9, 21, 0, 30, tzinfo=UTC)


@dataclass
class Somebody:
    name: str = "intake.api.1"
    role: str = "api"
    generation: int = 1

    def die(self):
        self.generation += 1


class Errands:
    """A source with a fixed number of things to do."""

    def __init__(self, *names):
        self.left = list(names)
        self.done = []

    def steps(self):
        return [Step(1.0, name, lambda name=name: self._do(name)) for name in self.left]

    def nudge(self):
        return None

    def _do(self, name):
        self.left.remove(name)
        self.done.append(name)


def scheduler(seed=1, **rates):
    return Scheduler(Random(seed), SimulatedTime(BEGINS), Rates(**rates))


@pytest.fixture
def stored(tmp_path):
    """A database with one table, opened as a service would open it."""
    databases = Databases()
    with databases.installed():
        engine = service.make_engine(f"sqlite:///{tmp_path / 'intake.db'}")
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE stored (n INTEGER)"))

    def store(chosen):
        databases.observer = chosen
        with chosen.acting(Somebody()), engine.begin() as connection:
            connection.execute(text("INSERT INTO stored VALUES (1)"))

    def count():
        databases.observer = None
        with engine.connect() as connection:
            return connection.execute(text("SELECT count(*) FROM stored")).scalar_one()

    yield store, count
    databases.close()


def doomed_at(boundary):
    """A scheduler whose next actor dies at the given boundary."""
    for seed in range(1000):
        tried = scheduler(seed, crash_api=1.0)
        with tried.acting(Somebody()):
            if tried.frames[-1].left == boundary:
                return scheduler(seed, crash_api=1.0)
    raise AssertionError("no seed does")


def test_a_process_that_dies_before_its_commit_has_stored_nothing(stored):
    store, count = stored
    with pytest.raises(Crash):
        store(doomed_at(1))
    assert count() == 0


def test_a_process_that_dies_after_its_commit_has_stored_everything(stored):
    store, count = stored
    with pytest.raises(Crash):
        store(doomed_at(2))
    assert count() == 1


def test_a_database_that_is_away_is_what_the_kit_takes_for_passing_trouble(stored):
    store, count = stored
    with pytest.raises(OperationalError) as trouble:
        store(scheduler(database_away=1.0))
    assert is_transient(trouble.value)
    assert count() == 0


def go_on_whatever_happens(chosen):
    with chosen.acting(Somebody()):
        try:
            chosen.may_die("here")
        except Exception:  # noqa: BLE001
            pytest.fail("a dead process went on")


def test_no_net_for_errors_stops_a_crash():
    with pytest.raises(Crash):
        go_on_whatever_happens(doomed_at(1))


def test_who_dies_forgets():
    somebody = Somebody()
    chosen = doomed_at(1)
    with pytest.raises(Crash), chosen.acting(somebody):
        chosen.may_die("here")
    assert somebody.generation == 2
    assert not chosen.is_acting(somebody)


def test_leaving_the_process_inside_a_transaction_is_a_finding(stored):
    chosen = scheduler()
    with chosen.acting(Somebody()):
        chosen.begins(1)
        chosen.outside("asking")
    assert chosen.wrong == ["intake.api.1: asking inside a transaction"]


def test_the_same_seed_takes_the_same_steps():
    orders = set()
    for _ in range(2):
        chosen, errands = scheduler(7), Errands(*"abcdefgh")
        chosen.sources.append(errands)
        chosen.go_on(100)
        orders.add((tuple(errands.done), chosen.fingerprint))
    assert len(orders) == 1


def test_another_seed_takes_other_steps():
    prints = set()
    for seed in range(20):
        chosen = scheduler(seed)
        chosen.sources.append(Errands(*"abcdefgh"))
        chosen.go_on(100)
        prints.add(chosen.fingerprint)
    assert len(prints) == 20


def test_others_go_first_at_a_boundary_but_never_the_one_who_acts():
    chosen = scheduler(interleaved=1.0)
    somebody, errands = Somebody(), Errands("other")
    chosen.sources.append(errands)
    with chosen.acting(somebody):
        assert chosen.is_acting(somebody)
        chosen.outside("asking")
    assert errands.done == ["other"]


def test_waiting_for_what_never_comes_ends():
    chosen = scheduler()
    with pytest.raises(StuckError, match="the moon"):
        chosen.until("the moon", lambda: False)


def test_legal_time_runs_ahead_of_the_machine_and_never_back():
    machine = SimulatedTime(BEGINS)
    legal = LegalTime(machine)
    legal.move_to(BEGINS + timedelta(days=3))
    machine.pass_by(60.0)
    legal.move_to(BEGINS)
    assert machine.now() == BEGINS + timedelta(seconds=60)
    assert legal.now() == BEGINS + timedelta(days=3, seconds=60)


def test_the_machine_of_a_seed_repeats_itself():
    seen = []
    for _ in range(2):
        with seeded_machine(SimulatedTime(BEGINS), "7"):
            seen.append((uuid.uuid4(), secrets.token_hex(8), secrets.choice("abc")))
    assert seen[0] == seen[1]
    assert uuid.uuid4() != uuid.uuid4()


def test_every_fault_is_left_out_of_some_schedules_and_occurs_in_others():
    drawn = [Rates.drawn(Random(seed)) for seed in range(60)]
    for fault, highest in HIGHEST.items():
        rates = [getattr(each, fault) for each in drawn]
        assert 0.0 in rates, fault
        assert max(rates) > highest / 2, fault
