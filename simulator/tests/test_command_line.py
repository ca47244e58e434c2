from __future__ import annotations

import os
import subprocess
import sys

from simulator.__main__ import main


def test_clean_schedules_end_with_a_verdict_that_counts_them():
    """In a process of its own: it forks, which a process that has loaded eventlet must not."""
    path = os.pathsep.join(each for each in sys.path if each)
    done = subprocess.run(
        [sys.executable, "-m", "simulator", "--schedules", "2", "--processes", "2"],
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1].startswith("OK: no finding in 2 schedules, 2 different, ")


def test_a_finding_fails_and_tells_the_one_command_that_repeats_it(capsys, simulator, tmp_path):
    arguments = ["--seed", "3", "--schedules", "1", "--plant", "violation-forgotten"]
    assert main([*arguments, "--keep", str(tmp_path)], template=simulator.template) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[-1].startswith("FAILED with violation-forgotten planted: 1 of 1 schedules")
    assert any(line.strip().startswith("VIOLATION_LOST") for line in lines)
    assert (
        "  again: python -m simulator --seed 3 --schedules 1 --journeys 1 "
        "--plant violation-forgotten --verbose"
    ) in lines
    assert (tmp_path / "3" / "intake.db").exists()


def test_a_single_schedule_tells_every_step_when_asked(capsys, simulator):
    assert main(["--schedules", "1", "--verbose"], template=simulator.template) == 0
    assert "/liandong.intake.v1.IntakeService/ReceiveApplication at intake.api." in (
        capsys.readouterr().out
    )
