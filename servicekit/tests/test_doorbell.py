"""The bell of a worker process is rung with the driver that eventlet can switch away from."""

from __future__ import annotations

import subprocess
import sys

WORKER = """
import eventlet

eventlet.monkey_patch()

import sys

import servicekit.roles.worker
from servicekit.doorbell import DatabaseRinger

ringer = DatabaseRinger("postgresql+psycopg2://nobody@127.0.0.1:1/none")
ringer.ring()
ringer.close()
print("psycopg2" in sys.modules, "psycopg" in sys.modules)
"""


def test_a_worker_process_never_loads_the_driver_that_would_block_it():
    ended = subprocess.run(
        [sys.executable, "-c", WORKER], capture_output=True, text=True, timeout=60, check=False
    )
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.split() == ["True", "False"]
    assert "Traceback" not in ended.stderr
