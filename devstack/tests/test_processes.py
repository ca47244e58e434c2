from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path

import pytest

from devstack.accounts import server_account
from devstack.errors import DevstackError, NotReadyError, ProcessDiedError
from devstack.identity import Ending, ProcessIdentity
from devstack.ports import free_port
from devstack.processes import ManagedProcess, listens_on

SLEEPER = "import time; print('ready', flush=True); time.sleep(600)"
DEAF = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); " + SLEEPER
# A parent whose child leaves the session, as PostgreSQL's do.
FAMILY = """
import os, subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"],
                         start_new_session=True)
print(child.pid, flush=True)
time.sleep(600)
"""


@pytest.fixture
def start(tmp_path: Path):
    started: list[ManagedProcess] = []

    def start_python(code: str, **options) -> ManagedProcess:
        process = ManagedProcess(
            "sleeper", [sys.executable, "-c", code], log=tmp_path / "log", **options
        )
        process.start()
        started.append(process)
        return process

    yield start_python
    for process in started:
        process.kill()


def wait_for_output(process: ManagedProcess) -> str:
    process.wait_ready(lambda: None if process.log_tail() else "no output yet", deadline=60)
    return process.log_tail()[0]


def test_a_process_runs_until_it_is_stopped(start, tmp_path: Path):
    pid_file = tmp_path / "pid"
    process = start(SLEEPER, pid_file=pid_file)
    wait_for_output(process)

    assert process.alive()
    assert int(pid_file.read_text()) == process.pid
    assert os.getsid(process.pid) == process.pid
    assert process.stop() is Ending.ENDED
    assert not process.alive()
    assert process.exit_code == -signal.SIGTERM
    assert not pid_file.exists()
    assert process.stop() is Ending.GONE


def test_a_process_deaf_to_the_stop_signal_is_killed(start):
    process = start(DEAF, stop_timeout=0.3)
    wait_for_output(process)

    assert process.stop() is Ending.KILLED
    assert process.exit_code == -signal.SIGKILL


@pytest.mark.parametrize("end", ["stop", "kill"])
def test_children_that_left_the_session_end_with_their_parent(start, end: str):
    process = start(FAMILY)
    child = ProcessIdentity.of(int(wait_for_output(process)))
    assert child is not None

    getattr(process, end)()

    assert not process.alive()
    assert not child.alive()


def test_a_process_that_dies_is_reported_with_the_end_of_its_log(start):
    process = start("print('port 5432 is in use'); raise SystemExit(3)")

    with pytest.raises(ProcessDiedError, match=r"exit code 3(?s:.*)port 5432 is in use"):
        process.wait_ready(lambda: "not yet", deadline=60)


def test_a_process_that_never_gets_ready_is_reported_with_what_it_lacks(start):
    port = free_port()
    process = start(SLEEPER)
    begun = time.monotonic()

    with pytest.raises(NotReadyError, match=f"nothing listens on port {port}"):
        process.wait_ready(listens_on(port), deadline=0.3)

    assert time.monotonic() - begun < 10
    assert process.alive()


def test_a_running_process_is_not_started_a_second_time(start):
    process = start(SLEEPER)

    with pytest.raises(DevstackError, match="runs already"):
        process.start()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_a_process_started_by_root_for_another_user_has_no_rights_of_root(tmp_path: Path):
    nobody = server_account()
    process = ManagedProcess(
        "id", ["/bin/sh", "-c", "id -u; id -G; sleep 600"], log=tmp_path / "log", account=nobody
    )
    process.start()
    try:
        process.wait_ready(
            lambda: None if len(process.log_tail()) == 2 else "no output yet", deadline=60
        )
        assert process.log_tail() == [str(nobody.uid), str(nobody.gid)]
    finally:
        process.kill()
