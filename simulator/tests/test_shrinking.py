"""A failing schedule is made smaller as long as it fails in the same way."""

from __future__ import annotations

from collections import Counter
from types import SimpleNamespace

import pytest

from simulator.__main__ import main
from simulator.outcome import Outcome
from simulator.plants import PLANTS
from simulator.rates import HIGHEST, Rates
from simulator.shrinking import Narrowing, shrink


def outcome(*findings, steps=1000):
    return Outcome(7, findings, "", Counter(), steps, 0.0)


def failing_if(condition, finding="COMMAND_LOST intake 1"):
    """A schedule that fails where the condition holds of how it was narrowed."""
    tried = []

    def run(narrowing):
        tried.append(narrowing)
        return outcome(finding) if condition(narrowing) else outcome()

    return run, tried


def test_only_the_kinds_that_are_needed_are_left():
    run, _ = failing_if(lambda tried: not {"crash_api", "answer_lost"} & {*tried.without})
    found, left = shrink(run, outcome("COMMAND_LOST intake 1"))
    assert {*found.without} == HIGHEST.keys() - {"crash_api", "answer_lost"}
    assert not left.ok


def test_it_is_calm_from_the_first_step_after_which_it_still_fails():
    run, tried = failing_if(lambda one: one.calm_after is None or one.calm_after >= 413)
    found, _ = shrink(run, outcome("COMMAND_LOST intake 1"))
    assert found.calm_after == 413
    assert len(tried) < 40


def test_what_fails_without_any_fault_is_left_without_any():
    run, _ = failing_if(lambda _one: True)
    found, _ = shrink(run, outcome("COMMAND_LOST intake 1"))
    assert {*found.without} == HIGHEST.keys()
    assert found.calm_after == 0


def test_another_finding_is_another_failure():
    run, _ = failing_if(lambda one: bool(one.without), finding="FILE_MISSING intake x")
    found, left = shrink(run, outcome("COMMAND_LOST intake 1"))
    assert found == Narrowing()
    assert left.findings == ("COMMAND_LOST intake 1",)


def test_calm_ends_every_fault_and_leaves_the_pace():
    rates = Rates(crash_api=0.4, duplicated=0.3, relay_batch=5)
    scheduler = SimpleNamespace(rates=rates, sources=[], taken=4)
    Narrowing(("duplicated",), 5).apply(scheduler)
    [calm] = scheduler.sources
    assert list(calm.steps()) == []
    assert scheduler.rates == Rates(crash_api=0.4, relay_batch=5)
    scheduler.taken = 5
    assert list(calm.steps()) == []
    assert scheduler.rates == Rates(relay_batch=5)


def test_the_shrunk_schedule_of_a_planted_fault_fails_again_by_its_command(capsys, simulator):
    asked = ["--seed", "3", "--schedules", "1", "--plant", "violation-forgotten", "--journeys", "1"]
    assert "violation-forgotten" in PLANTS
    assert main(asked, template=simulator.template) == 1
    lines = capsys.readouterr().out.splitlines()
    shrunk = next(line for line in lines if "shrunk to" in line)
    again = lines[lines.index(shrunk) + 2]
    assert "--calm-after 0" in again, "nothing needs to go wrong for it"
    words = again.partition("simulator ")[2].removesuffix(" --verbose").split()
    assert main(words, template=simulator.template) == 1
    assert not any("shrunk to" in line for line in capsys.readouterr().out.splitlines())


def test_a_kind_that_nobody_knows_is_refused(capsys):
    with pytest.raises(SystemExit):
        main(["--without", "crash_api,storm"])
    assert "unknown: storm" in capsys.readouterr().err
