from __future__ import annotations

import os
import subprocess
import sys

import pytest

from journeys.every import all_journeys
from simulator import __main__ as command
from simulator.__main__ import main


def test_clean_schedules_end_with_a_verdict_that_counts_them():
    """In a process of its own: it forks, which a process that has loaded eventlet must not."""
    path = os.pathsep.join(each for each in sys.path if each)
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "simulator",
            "--schedules",
            "2",
            "--processes",
            "2",
            "--journeys",
            "1",
        ],
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
    arguments += ["--journeys", "1", "--as-it-is"]
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
    asked = ["--schedules", "1", "--journeys", "1", "--verbose"]
    assert main(asked, template=simulator.template) == 0
    assert "/liandong.intake.v1.IntakeService/ReceiveApplication at intake.api." in (
        capsys.readouterr().out
    )


def test_the_seed_chooses_among_the_journeys_it_is_given(monkeypatch, capsys):
    ran = []

    def run_all(errands, **_):
        ran.extend((errand.seed, errand.journey) for errand in errands)
        return iter(())

    monkeypatch.setattr(command, "run_all", run_all)
    assert main(["--seed", "4", "--schedules", "4", "--journeys", "2,5"]) == 0
    assert ran == [(4, "5"), (5, "2"), (6, "5"), (7, "2")]
    assert main(["--schedules", "100"]) == 0
    assert {journey for _, journey in ran[4:]} == {each.id for each in all_journeys()}


def test_a_journey_that_nobody_knows_is_refused(capsys):
    with pytest.raises(SystemExit):
        main(["--journeys", "1,99"])
    assert "unknown: 99" in capsys.readouterr().err
