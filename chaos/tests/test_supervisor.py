"""The supervisor: what dies comes back, what is being restarted is left alone."""

from __future__ import annotations

import threading
import time

import pytest

from chaos.supervisor import BACK_OFF_S, Supervisor
from devstack.processes import ManagedProcess

KEY = ("intake", "relay")
PATIENCE_S = 30.0


class SmallDistrict:
    """A district of one process that does nothing until it is ended."""

    def __init__(self, folder):
        self.lock = threading.RLock()
        self.processes = {}
        self._folder = folder
        self.command = ["sleep", "600"]

    def running(self):
        with self.lock:
            return dict(self.processes)

    def start_one(self, service, role):
        name = f"{service}-{role}"
        process = ManagedProcess(name, self.command, log=self._folder / f"{name}.log")
        process.start()
        self.processes[service, role] = process
        return process


@pytest.fixture
def district(tmp_path):
    found = SmallDistrict(tmp_path)
    found.start_one(*KEY)
    yield found
    for process in found.running().values():
        process.kill()


@pytest.fixture
def supervisor(district):
    found = Supervisor(district)
    found.start()
    yield found
    found.stop()


def wait_until(what):
    deadline = time.monotonic() + PATIENCE_S
    while not what():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)


def alive_again(district, before):
    now = district.running()[KEY]
    return now is not before and now.alive()


def test_a_process_that_was_killed_comes_back(district, supervisor):
    before = district.running()[KEY]
    assert supervisor.kill(KEY)
    assert not before.alive()
    wait_until(lambda: alive_again(district, before))
    assert supervisor.restarts == 1
    assert supervisor.by_themselves == []


def test_a_process_that_ended_by_itself_comes_back_and_is_told(district, supervisor):
    before = district.running()[KEY]
    before.kill()  # past the supervisor
    wait_until(lambda: alive_again(district, before))
    assert supervisor.by_themselves == ["intake-relay ended with exit code -9"]


def test_a_process_that_somebody_else_restarts_is_left_alone(district, supervisor):
    supervisor.rest(KEY)
    before = district.running()[KEY]
    supervisor.kill(KEY)
    time.sleep(2 * BACK_OFF_S)  # long enough for it to have been started again
    assert district.running()[KEY] is before
    supervisor.resume(KEY)
    wait_until(lambda: alive_again(district, before))


def test_what_does_not_run_cannot_be_killed(district, supervisor):
    supervisor.rest(KEY)
    assert supervisor.kill(KEY)
    assert not supervisor.kill(KEY)
