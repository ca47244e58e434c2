"""Every step gets a verdict, and one that failed is never forgotten."""

from __future__ import annotations

import subprocess

import pytest

from deploy.cluster.errors import ClusterError
from deploy.cluster.kubectl import is_ready, wait_until
from deploy.cluster.steps import FAILED, LEFT_OUT, PASSED, Step, all_passed, choose, run_steps
from deploy.image.engine import EngineError
from deploy.tools import ToolMissingError
from devstack.errors import NotReadyError


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


@pytest.mark.parametrize(
    "error",
    [
        EngineError("podman build failed (125)"),
        NotReadyError("etcd does not answer"),
        ToolMissingError("helm could not be built"),
        FileNotFoundError("kubectl"),
        subprocess.TimeoutExpired("kubectl", 900),
    ],
    ids=lambda error: type(error).__name__,
)
def test_whatever_the_machine_refuses_is_the_verdict_of_that_step(error):
    def refused() -> str:
        raise error

    assert outcomes([Step("images", refused), Step("scale", succeeds)]) == [FAILED, PASSED]


def test_only_what_stands_on_a_failed_step_is_left_out(capsys):
    steps = [
        Step("rolling upgrade", fails, key="upgrade"),
        Step("kill", succeeds, key="kill"),
        Step("rollback", succeeds, key="rollback", needs=("upgrade",)),
        Step("rows", succeeds, key="rows", needs=("rollback",)),
    ]
    assert outcomes(steps) == [FAILED, PASSED, LEFT_OUT, LEFT_OUT]
    assert "rows: rolling upgrade failed" in capsys.readouterr().out


def test_nothing_is_asked_of_a_cluster_that_is_gone(capsys):
    verdicts = run_steps(
        [Step("scale", succeeds), Step("kill", fails), Step("uninstall", succeeds)],
        gone=lambda: "the node is gone",
    )
    assert [verdict.outcome for verdict in verdicts] == [PASSED, FAILED, LEFT_OUT]
    assert "uninstall: the node is gone" in capsys.readouterr().out


def test_a_failure_says_where_its_evidence_is(capsys):
    run_steps([Step("kill", fails)], on_failure=lambda step: f"kept in /evidence/{step.name}")
    assert "kept in /evidence/kill" in capsys.readouterr().out


def test_evidence_that_cannot_be_kept_hides_no_verdict(capsys):
    def full(_step: Step) -> str:
        raise OSError(28, "No space left on device")

    verdicts = run_steps([Step("kill", fails), Step("scale", succeeds)], on_failure=full)
    assert [verdict.outcome for verdict in verdicts] == [FAILED, PASSED]
    assert "two pods are missing" in verdicts[0].text
    assert "No space left" in verdicts[0].text


NEEDS = {"images": (), "install": ("images",), "kill": ("install",), "journey": ("install",)}


def test_a_chosen_step_brings_what_it_stands_on():
    assert choose(NEEDS, ["kill"], ()) == ["images", "install", "kill"]


def test_what_has_passed_is_not_done_again():
    assert choose(NEEDS, ["kill"], {"images", "install"}) == ["kill"]
    assert choose(NEEDS, ["kill"], {"images"}) == ["install", "kill"]


def test_what_stood_on_a_step_that_is_done_again_is_done_again_too():
    chosen = choose(NEEDS, ["kill", "images"], {"images", "install"})
    assert chosen == ["images", "install", "kill"]


def test_steps_go_in_their_order_however_they_are_named():
    assert choose(NEEDS, ["journey", "kill", "install"], {"images"}) == [
        "install", "kill", "journey",
    ]  # fmt: skip


def test_an_unknown_step_is_named_with_those_there_are():
    with pytest.raises(ClusterError, match=r"no step 'kil'(?s:.*)kill \(needs install\)"):
        choose(NEEDS, ["kil"], ())


def test_no_name_is_not_every_step():
    with pytest.raises(ClusterError, match="no step was named"):
        choose(NEEDS, [], ())
