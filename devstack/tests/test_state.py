from __future__ import annotations

import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from devstack.errors import DevstackError
from devstack.identity import Ending, ProcessIdentity
from devstack.state import ProcessRecord, State, end_recorded, end_state, load_state, save_state


@pytest.fixture
def sleeper():
    process = subprocess.Popen(["sleep", "600"])
    yield process
    process.kill()
    process.wait()


def record_of(process: subprocess.Popen, name: str = "sleeper") -> ProcessRecord:
    identity = ProcessIdentity.of(process.pid)
    assert identity is not None
    return ProcessRecord(name, identity, log="/var/log/sleeper", stop_signal=signal.SIGINT)


def test_the_state_read_is_the_state_written(tmp_path: Path, sleeper):
    path = tmp_path / "up" / "state.json"
    record = record_of(sleeper)

    save_state(path, [record], {"amqp": "amqp://127.0.0.1:1/", "窗口": "综合窗口"})

    assert load_state(path) == State((record,), {"amqp": "amqp://127.0.0.1:1/", "窗口": "综合窗口"})
    assert path.stat().st_mode & 0o777 == 0o600
    assert list(path.parent.iterdir()) == [path]


def test_no_file_is_an_empty_state(tmp_path: Path):
    assert load_state(tmp_path / "state.json") == State()
    assert end_state(tmp_path / "state.json") == []


@pytest.mark.parametrize("text", ["", "{", "[]", '{"version": 1}', '{"version": 9}'])
def test_a_damaged_state_is_refused_by_name(tmp_path: Path, text: str):
    path = tmp_path / "state.json"
    path.write_text(text)

    with pytest.raises(DevstackError, match=r"state\.json"):
        load_state(path)


def test_another_process_ends_what_was_recorded_last_started_first(tmp_path: Path):
    code = (
        "import pathlib, subprocess, sys; from devstack.identity import ProcessIdentity;"
        "from devstack.state import ProcessRecord, save_state;"
        "started = [subprocess.Popen(['sleep', '600'], start_new_session=True) for _ in range(2)];"
        "save_state(pathlib.Path(sys.argv[1]), [ProcessRecord(f'p{i}', "
        "ProcessIdentity.of(p.pid)) for i, p in enumerate(started)]);"
        "import os; os._exit(0)"
    )
    path = tmp_path / "state.json"
    root = Path(sys.modules["devstack"].__path__[0]).parent
    subprocess.run(
        [sys.executable, "-c", code, path], check=True, env={**os.environ, "PYTHONPATH": str(root)}
    )
    records = load_state(path).processes
    assert all(record.alive() for record in records)

    endings = end_state(path)

    assert [(record.name, ending) for record, ending in endings] == [
        ("p1", Ending.ENDED),
        ("p0", Ending.ENDED),
    ]
    assert not any(record.alive() for record in records)
    assert not path.exists()


@pytest.mark.parametrize(
    "difference", [{"started": 1}, {"boot": "00000000-0000-0000-0000-000000000000"}]
)
def test_a_pid_that_belongs_to_another_process_now_is_left_alone(sleeper, difference):
    record = record_of(sleeper)
    recycled = replace(record, identity=replace(record.identity, **difference))

    assert not recycled.alive()
    assert end_recorded(recycled) is Ending.GONE
    assert sleeper.poll() is None


def test_a_pid_without_the_pidfd_calls_is_still_told_apart(sleeper, monkeypatch):
    def no_such_call(pid: int) -> int:
        raise OSError(38, "Function not implemented")

    monkeypatch.setattr(os, "pidfd_open", no_such_call)
    record = record_of(sleeper)
    recycled = replace(record, identity=replace(record.identity, started=1))

    assert end_recorded(recycled) is Ending.GONE
    assert sleeper.poll() is None
    assert end_recorded(record) is Ending.ENDED


def test_a_zombie_counts_as_ended():
    process = subprocess.Popen(["sleep", "600"])
    record = record_of(process)

    assert end_recorded(record) is Ending.ENDED  # nobody has reaped it yet
    assert not record.alive()
    assert process.wait() == -signal.SIGINT
