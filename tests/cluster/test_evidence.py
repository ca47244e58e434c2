"""What a failed step leaves behind is copied before it is gone."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from deploy.cluster import cluster, evidence
from deploy.cluster.evidence import Evidence
from deploy.cluster.kubectl import Kubectl
from deploy.cluster.layout import Layout
from deploy.cluster.node import vitals

AT = datetime(2026, 12, 1, 1, 2, 3, tzinfo=UTC)
PLACE = "20261201T010203-kill"


@pytest.fixture
def layout(tmp_path) -> Layout:
    made = Layout(tmp_path / "cluster")
    (made.logs / "pods" / "intake-api").mkdir(parents=True)
    (made.logs / "node.log").write_text("etcd runs\nkubelet ended with exit code 137\n", "utf-8")
    (made.logs / "kubelet.log").write_text("first\n" + "x" * 500_000 + "\nlast\n", "utf-8")
    (made.logs / "pods" / "intake-api" / "0.log").write_text("Killed\n", "utf-8")
    return made


@pytest.fixture
def asked(monkeypatch) -> dict[str, tuple[str, str]]:
    """Stands for the programs of the machine: what each call answers, by its last words."""
    answers: dict[str, tuple[str, str]] = {}

    def answer(command: list[str]) -> tuple[str, str]:
        words = " ".join(command)
        return next((told for key, told in answers.items() if key in words), ("", "unknown"))

    monkeypatch.setattr(evidence, "_asked", answer)
    return answers


def keeper(tmp_path, layout: Layout | None) -> Evidence:
    return Evidence(tmp_path / "kept", Kubectl("kubectl"), layout, lambda: AT)


def test_a_node_that_is_gone_leaves_the_end_of_every_log(tmp_path, layout, asked):
    told = keeper(tmp_path, layout).keep("kill")
    place = tmp_path / "kept" / PLACE
    assert told == f"kept in {place}"
    kubelet = (place / "node" / "kubelet.log").read_text("utf-8")
    assert kubelet.endswith("last\n")
    assert len(kubelet) < 500_000
    assert (place / "node" / "pods" / "intake-api" / "0.log").read_text("utf-8") == "Killed\n"
    assert not (place / "events.txt").exists()


def test_what_the_kernel_killed_is_found_among_its_lines(tmp_path, layout, asked):
    asked["dmesg"] = ("eth0: link up\n[Tue] Out of memory: Killed process 77 (etcd)\n", "")
    keeper(tmp_path, layout).keep("kill")
    kernel = (tmp_path / "kept" / PLACE / "kernel.txt").read_text("utf-8")
    assert kernel == "[Tue] Out of memory: Killed process 77 (etcd)"


def test_a_source_that_may_not_be_read_is_named_as_silent(tmp_path, layout, asked):
    asked["dmesg"] = ("", "dmesg: read kernel buffer failed: Operation not permitted")
    keeper(tmp_path, layout).keep("kill")
    kernel = (tmp_path / "kept" / PLACE / "kernel.txt").read_text("utf-8")
    assert "not told: dmesg: read kernel buffer failed" in kernel


def test_disk_and_memory_of_this_very_machine_are_written_down(tmp_path, layout, monkeypatch):
    monkeypatch.setattr(Evidence, "gone", lambda _self: "the node is gone")
    keeper(tmp_path, layout).keep("kill")
    place = tmp_path / "kept" / PLACE
    assert "MemAvailable" in (place / "memory.txt").read_text("utf-8")
    assert "%" in (place / "disk.txt").read_text("utf-8")


def test_a_cluster_that_answers_tells_of_its_pods_and_of_those_before_them(tmp_path, asked):
    asked["--previous"] = ("Traceback", "")
    asked["/readyz"] = ("ok", "")
    asked["events"] = ("BackOff intake-api", "")
    asked["--output=name"] = ("pod/intake-api\n", "")
    asked["logs pod/intake-api"] = ("started", "")
    keeper(tmp_path, None).keep("rolling upgrade")
    place = tmp_path / "kept" / "20261201T010203-rolling-upgrade"
    assert (place / "events.txt").read_text("utf-8") == "BackOff intake-api"
    assert (place / "pods" / "intake-api.log").read_text("utf-8") == "started"
    assert (place / "pods" / "intake-api.previous.log").read_text("utf-8") == "Traceback"


def test_a_node_that_is_gone_is_named_with_its_last_words(tmp_path, layout, asked):
    gone = keeper(tmp_path, layout).gone()
    assert gone is not None
    assert "the node is gone" in gone
    assert "kubelet ended with exit code 137" in gone


def test_a_cluster_of_others_is_gone_when_it_does_not_answer(tmp_path, asked):
    asked["/readyz"] = ("", "connection refused")
    assert "connection refused" in (keeper(tmp_path, None).gone() or "")
    asked["/readyz"] = ("ok", "")
    assert keeper(tmp_path, None).gone() is None


def test_the_next_cluster_leaves_the_logs_of_the_last_one(layout):
    cluster._clear(layout)
    assert "137" in (layout.logs_before / "node.log").read_text("utf-8")
    assert not layout.logs.exists()
    layout.logs.mkdir()
    (layout.logs / "node.log").write_text("the second\n", "utf-8")
    cluster._clear(layout)
    assert (layout.logs_before / "node.log").read_text("utf-8") == "the second\n"


def test_the_node_says_how_full_the_machine_is():
    assert "memory available" in vitals()
    assert "MiB" in vitals()
