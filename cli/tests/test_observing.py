"""What watches a district is given its targets, its rules and its dashboards."""

from __future__ import annotations

import json
from dataclasses import replace
from types import SimpleNamespace

import pytest

from cli import observing, running
from cli.processes import ROLES, Ports
from devstack.errors import DevstackError, ProcessDiedError
from devstack.monitoring import MonitoringPrograms
from services import graph

PROGRAMS = MonitoringPrograms("prometheus", "promtool", "alertmanager", "amtool", None)


@pytest.fixture
def district():
    return SimpleNamespace(ports={name: Ports() for name in graph.SERVICES})


def test_every_process_of_the_district_is_scraped(district):
    targets = observing.targets_of(district)
    assert {(each.app, each.role) for each in targets} == {
        (service, role) for service in graph.SERVICES for role in ROLES
    }
    assert len({each.address for each in targets}) == len(targets)


def test_grafana_finds_its_source_and_all_dashboards(tmp_path):
    folder = observing.provision_grafana(tmp_path, "http://127.0.0.1:9")
    [source] = json.loads((folder / "datasources/prometheus.yaml").read_text())["datasources"]
    [provider] = json.loads((folder / "dashboards/liandong.yaml").read_text())["providers"]
    assert source["url"] == "http://127.0.0.1:9"
    assert list((tmp_path / provider["options"]["path"]).glob("liandong-*.json"))


class Watcher:
    """Starts, or fails to; remembers whether it was ended."""

    def __init__(self, *, fails=False):
        self.process = self
        self.fails = fails
        self.ended = False
        self.address, self.url = "127.0.0.1:1", "http://127.0.0.1:2"

    def start(self):
        if self.fails:
            raise DevstackError("it did not start")

    def stop(self):
        self.ended = True


def test_without_grafana_it_is_said_where_its_files_are(tmp_path, district, monkeypatch):
    monkeypatch.setattr(observing, "Alertmanager", lambda *a, **k: Watcher())
    monkeypatch.setattr(observing, "Prometheus", lambda *a, **k: Watcher())
    seen = {}
    started = observing._watch(tmp_path, district, PROGRAMS, seen)
    assert [watcher.ended for watcher in started] == [False, False]
    assert "没有安装" in seen["grafana"]
    assert str(tmp_path / "grafana" / "provisioning") in seen["grafana"]


def test_what_was_started_is_ended_when_the_rest_does_not_start(tmp_path, district, monkeypatch):
    first, second = Watcher(), Watcher(fails=True)
    monkeypatch.setattr(observing, "Alertmanager", lambda *a, **k: first)
    monkeypatch.setattr(observing, "Prometheus", lambda *a, **k: second)
    with pytest.raises(DevstackError):
        observing._watch(tmp_path, district, PROGRAMS, {})
    assert first.ended
    assert second.ended


def test_a_grafana_that_starts_and_dies_takes_the_others_along(tmp_path, district, monkeypatch):
    first, second = Watcher(), Watcher()
    monkeypatch.setattr(observing, "Alertmanager", lambda *a, **k: first)
    monkeypatch.setattr(observing, "Prometheus", lambda *a, **k: second)
    with pytest.raises(ProcessDiedError):
        observing._watch(tmp_path, district, replace(PROGRAMS, grafana="/bin/false"), {})
    assert first.ended
    assert second.ended


def test_a_district_whose_watchers_fail_is_taken_down_before_its_servers(tmp_path, monkeypatch):
    ended = []
    stack = SimpleNamespace(start=lambda **_: None, stop=lambda: ended.append("servers"))
    district = SimpleNamespace(
        prepare=lambda: None, start=lambda _report: None, stop=lambda: ended.append("district")
    )
    monkeypatch.setattr(running, "Stack", lambda _folder: stack)
    monkeypatch.setattr(running, "ProcessDistrict", lambda _folder, _stack: district)

    def interrupted(_district):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        running.bring_up(tmp_path, beside=interrupted)
    assert ended == ["district", "servers"]
