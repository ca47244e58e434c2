"""Each process of the system can be read by itself, whatever another one would have read before."""

from __future__ import annotations

import subprocess
import sys

import pytest

from services import graph

ROLES = ("api", "relay", "worker", "jobs", "migrate")


@pytest.mark.parametrize("service", graph.SERVICES)
@pytest.mark.parametrize("role", ROLES)
def test_a_process_starts_without_what_others_import(service, role):
    done = subprocess.run(
        [sys.executable, "-c", f"import services.{service}.entrypoints.{role}"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-500:]
