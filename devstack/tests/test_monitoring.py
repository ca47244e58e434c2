"""Prometheus and Alertmanager are found, installed where allowed, or named with a command."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from devstack.errors import MissingPackagesError
from devstack.monitoring import require_monitoring


@dataclass
class FakeMachine:
    """A machine whose PATH holds `programs`."""

    programs: set[str] = field(default_factory=set)
    refusal: str | None = None
    brings: set[str] = field(default_factory=set)
    installed: list[str] = field(default_factory=list)

    def find_postgres(self):
        return None

    find_rabbitmq = find_postgres

    def why_not_install(self):
        return self.refusal

    def install(self, packages):
        self.installed += packages
        self.programs |= self.brings

    def which(self, name):
        return f"/usr/bin/{name}" if name in self.programs else None


ALL = {"prometheus", "promtool", "prometheus-alertmanager", "amtool"}


def require(machine):
    return require_monitoring(machine=machine, which=machine.which)


def test_what_is_there_is_not_installed():
    machine = FakeMachine(set(ALL))
    found = require(machine)
    assert found.alertmanager == "/usr/bin/prometheus-alertmanager"
    assert found.grafana is None
    assert machine.installed == []


def test_only_the_packages_that_lack_are_installed():
    machine = FakeMachine({"prometheus", "promtool"}, brings=set(ALL))
    require(machine)
    assert machine.installed == ["prometheus-alertmanager"]


def test_alertmanager_may_have_its_own_name_and_grafana_be_there():
    machine = FakeMachine({"prometheus", "promtool", "alertmanager", "amtool", "grafana-server"})
    found = require(machine)
    assert (found.alertmanager, found.grafana) == (
        "/usr/bin/alertmanager",
        "/usr/bin/grafana-server",
    )


@pytest.mark.parametrize("refusal", ["no apt-get here", None], ids=["refused", "in vain"])
def test_what_cannot_be_had_is_named_with_the_command(refusal):
    with pytest.raises(MissingPackagesError) as caught:
        require(FakeMachine({"prometheus", "promtool"}, refusal=refusal))
    text = str(caught.value)
    assert "alertmanager, amtool" in text
    assert text.endswith("--no-install-recommends prometheus-alertmanager")
