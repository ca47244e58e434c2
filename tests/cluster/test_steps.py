"""Every step gets a verdict, and one that failed is never forgotten."""

from __future__ import annotations

import pytest

from deploy.cluster.errors import ClusterError
from deploy.cluster.kubectl import is_ready, wait_until
from deploy.cluster.steps import FAILED, LEFT_OUT, PASSED, Step, all_passed, run_steps


def fails() -> str:
    raise ClusterError("two pods are missing\nthe log says why")


def succeeds() -> str:
    return "four pods"


def outcomes(steps) -> list[str]:
    return [verdict.outcome for verdict in run_steps(steps)]


def test_each_step_is_told_with_what_was_seen(capsys):
    assert all_passed(run_steps([Step("scale", succeeds)]))
    assert capsys.readouterr().out == "ok           0 s  scale: four pods\n"


def test_a_failure_is_told_whole_and_the_next_step_still_runs(capsys):
    verdicts = run_steps([Step("kill", fails), Step("scale", succeeds)])
    assert [verdict.outcome for verdict in verdicts] == [FAILED, PASSED]
    assert not all_passed(verdicts)
    assert "the log says why" in capsys.readouterr().out


def test_what_stands_on_a_failed_step_is_not_run_and_not_passed():
    steps = [Step("install", fails, needed=True), Step("scale", succeeds), Step("kill", succeeds)]
    assert outcomes(steps) == [FAILED, LEFT_OUT, LEFT_OUT]
    assert not all_passed(run_steps(steps))


def test_no_step_at_all_is_no_success():
    assert not all_passed([])


def test_an_error_of_the_test_itself_is_not_a_verdict():
    def broken() -> str:
        raise KeyError("nonsense")

    with pytest.raises(KeyError):
        run_steps([Step("scale", broken)])


def test_waiting_ends_when_nothing_is_lacking():
    answers = iter(["one pod", "one pod", None])
    wait_until(lambda: next(answers), 60, pause=0)
    assert next(answers, "used up") == "used up"


def test_waiting_in_vain_says_what_was_still_lacking():
    with pytest.raises(ClusterError, match="one pod"):
        wait_until(lambda: "one pod", 0, pause=0)


def test_a_pod_without_a_condition_is_not_ready():
    ready = {"type": "Ready", "status": "True"}
    assert is_ready({"status": {"conditions": [ready]}})
    assert not is_ready({"status": {"conditions": [{**ready, "status": "False"}]}})
    assert not is_ready({"status": {}})
