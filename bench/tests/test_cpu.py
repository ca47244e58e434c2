from __future__ import annotations

import os
import subprocess
import sys
import time

from bench.cpu import CpuMeter, descendants_of, resident_bytes, role_memory

BURN = "import time\nwhile time.process_time() < {seconds}: pass\n"


def test_the_cpu_of_a_child_that_ended_is_counted_with_its_parent():
    meter = CpuMeter({"us": [os.getpid()], "nobody": []})
    meter.start()

    subprocess.run([sys.executable, "-c", BURN.format(seconds=0.3)], check=True, timeout=60)

    spent = meter.spent()
    assert spent["us"] >= 0.28  # the kernel tells whole hundredths, of each process by itself
    assert spent["nobody"] == 0


def test_a_process_that_waits_spends_nothing():
    sleeper = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    try:
        deadline = time.monotonic() + 30
        while resident_bytes([sleeper.pid]) < 1_000_000 and time.monotonic() < deadline:
            time.sleep(0.05)
        meter = CpuMeter({"sleeper": [sleeper.pid]})
        burner = subprocess.run(
            [sys.executable, "-c", BURN.format(seconds=0.3)], check=True, timeout=60
        )
        assert burner.returncode == 0
        assert meter.spent()["sleeper"] < 0.15  # no more than its own start
    finally:
        sleeper.kill()
        sleeper.wait(timeout=30)


def test_memory_is_counted_for_the_whole_tree_of_a_role():
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    try:
        assert child.pid in descendants_of(os.getpid())
        found = role_memory({"both": [os.getpid()], "gone": []})
        assert found["both"] > resident_bytes([os.getpid()])
        assert found["gone"] == 0
    finally:
        child.kill()
        child.wait(timeout=30)
