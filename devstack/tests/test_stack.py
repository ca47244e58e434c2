from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from devstack.accounts import server_account
from devstack.errors import DevstackError
from devstack.identity import ProcessIdentity
from devstack.stack import Stack
from devstack.state import end_state, load_state, save_state

ROOT = Path(sys.modules["devstack"].__path__[0]).parent
LIBRARIES = os.pathsep.join(
    [str(ROOT), *(folder for folder in sys.path if folder.endswith("site-packages"))]
)

HOLDER = """
import json, sys, time
from devstack.stack import Stack
with Stack(rabbitmq=False) as stack:
    record = stack.records()[0].identity
    print(json.dumps([record.pid, record.started, record.boot, str(stack.folder)]), flush=True)
    time.sleep(600)
"""

BOTH = """
import json, os
from devstack.stack import Stack
with Stack() as stack:
    stack.postgres.create_database("intake")
    owners = [os.stat(f"/proc/{r.identity.pid}").st_uid for r in stack.records()]
    answer = {"owners": owners, "databases": stack.postgres.database_names(),
              "vhosts": stack.rabbitmq.ctl("list_vhosts").split()}
    records = stack.records()
answer["left"] = [r.name for r in records if r.alive()]
answer["folder left"] = stack.folder.exists()
print(json.dumps(answer))
"""


def test_servers_go_when_the_block_fails():
    stack = Stack(rabbitmq=False)
    records = []

    def fail_inside() -> None:
        with stack:
            records.extend(stack.records())
            assert [record.alive() for record in records] == [True]
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail_inside()

    assert not records[0].alive()
    assert not stack.folder.exists()


@pytest.mark.parametrize("signum", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_servers_go_with_a_process_that_is_ended_from_outside(signum: int):
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": LIBRARIES},
    )
    pid, started, boot, folder = json.loads(holder.stdout.readline())
    server = ProcessIdentity(pid, started, boot)
    assert server.alive()

    holder.send_signal(signum)
    holder.communicate()

    assert gone(lambda: not server.alive() and not Path(folder).exists())


def test_servers_that_shall_outlive_us_are_ended_by_their_records(tmp_path: Path):
    stack = Stack(tmp_path, rabbitmq=False)
    stack.start(guarded=False)
    state = tmp_path / "up.json"
    save_state(state, stack.records(), {"postgres": stack.postgres.url()})
    with pytest.raises(DevstackError, match=r"run already.*postgres \(pid \d+\)"):
        Stack(tmp_path, rabbitmq=False)

    ((record, ending),) = end_state(state)

    assert (record.name, ending) == ("postgres", "ended")
    assert not stack.postgres.alive()
    assert load_state(tmp_path / "state.json").processes == (record,)  # as it was left
    stack.stop()
    stack.remove_data()


def test_a_server_restarted_in_the_stack_is_still_known_to_the_guardian():
    with Stack(rabbitmq=False) as stack:
        stack.postgres.kill()
        stack.postgres.restart()

        assert list(load_state(stack.folder / "state.json").processes) == stack.records()


def test_a_part_that_was_not_asked_for_is_refused_by_name():
    with Stack(rabbitmq=False) as stack, pytest.raises(DevstackError, match="without RabbitMQ"):
        _ = stack.rabbitmq


def test_both_servers_run_for_a_user_who_is_not_root(tmp_path: Path):
    account = server_account()  # nobody, under root
    identity = {"user": account.uid, "group": account.gid, "extra_groups": []} if account else {}
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": LIBRARIES,
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    options = {"env": environment, "cwd": "/", "capture_output": True, "text": True, **identity}
    python = usable_python(options)

    done = subprocess.run([python, "-c", BOTH], check=False, timeout=200, **options)

    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    uid = account.uid if account else os.geteuid()
    assert answer == {
        "owners": [uid, uid, uid],
        "databases": ["intake"],
        "vhosts": ["/"],
        "left": [],
        "folder left": False,
    }


def usable_python(options: dict) -> str:
    """Return an interpreter that the user may run and that can load our libraries."""
    for candidate in (sys.executable, "/usr/bin/python3", "/usr/local/bin/python3"):
        try:
            tried = subprocess.run(
                [candidate, "-c", "import psycopg, amqp"], check=False, **options
            )
        except (PermissionError, FileNotFoundError):
            continue
        if tried.returncode == 0:
            return candidate
    pytest.skip("this interpreter lies where only root can reach it, and there is no other")


def gone(check, seconds: float = 60) -> bool:
    deadline = time.monotonic() + seconds
    while not check():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True
