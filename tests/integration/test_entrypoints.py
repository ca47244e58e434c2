"""Every process can begin: its module is the first that a fresh interpreter reads.

Within one test run the modules of a service have been read in some other order
already, which hides what is missing in this one.
"""

from __future__ import annotations

import subprocess
import sys

import pytest

from cli.processes import ROLES
from services import graph


@pytest.mark.parametrize("service", graph.SERVICES)
def test_each_process_of_a_service_reads_its_module_first(service):
    begun = {
        role: subprocess.Popen(
            [sys.executable, "-c", f"import services.{service}.entrypoints.{role}"],
            stderr=subprocess.PIPE,
            text=True,
        )
        for role in ROLES
    }

    told = {role: process.communicate(timeout=120)[1] for role, process in begun.items()}

    assert {role: process.returncode for role, process in begun.items()} == dict.fromkeys(
        ROLES, 0
    ), told
