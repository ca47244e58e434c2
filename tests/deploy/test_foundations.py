"""What the chart says about the system is what the system says about itself."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
import yaml

from servicekit.config import ServiceSettings
from servicekit.roles.main import ROLES
from services import graph
from services.intake.config import IntakeSettings

ROOT = Path(__file__).resolve().parents[2]
# Told where tls.mode says so; they are read from files by whoever asks or is asked.
TLS = {"TLS_CERT", "TLS_KEY", "TLS_CA"}
# Kubernetes puts them into the addresses of the development servers; no code reads them.
PUT_IN = {"DATABASE_PASSWORD", "AMQP_PASSWORD"}


@pytest.fixture(scope="module")
def told(values, chart) -> set[str]:
    """The settings that the template names, and those of the values."""
    text = (chart / "templates" / "_environment.tpl").read_text(encoding="utf-8")
    named = re.findall(r"^- name: (?:\{\{ \$prefix \}\}|INTAKE)_([A-Z_]+)$", text, re.MULTILINE)
    return {*named, *values["settings"]}


def test_the_edges_are_those_of_the_service_graph(values):
    asks = values["graph"]["asks"]
    edges = {
        (service, role): tuple(asked)
        for service, roles in asks.items()
        for role, asked in roles.items()
    }
    assert edges == dict(graph.ASKS)


def test_the_queues_whose_length_workers_follow_are_those_of_the_service_graph(values):
    assert values["graph"]["sources"] == {
        service: list(graph.sources_of(service)) for service in graph.SERVICES
    }


def test_the_services_are_those_of_the_service_graph(values):
    assert tuple(values["services"]) == graph.SERVICES


def test_every_service_publishes_and_takes_in_so_each_has_a_relay_and_a_worker(values):
    consumers = {each for consumers in graph.CONSUMERS.values() for each in consumers}
    assert set(graph.CONSUMERS) == consumers == set(values["services"])


def test_the_roles_are_those_of_the_command_line(values):
    assert set(values["roles"]) == set(ROLES)


def test_only_who_asks_has_a_token(values):
    having = {name for name, each in values["services"].items() if "serviceToken" in each}
    assert having == {service for service, _ in graph.ASKS}


def test_every_setting_can_be_told(told):
    known = {name.upper() for name in IntakeSettings.model_fields}
    targets = {name for name in known if name.endswith("_TARGET")}
    assert told - TLS - PUT_IN == known - targets - TLS


def test_every_required_setting_is_told(told):
    required = {
        name.upper() for name, field in ServiceSettings.model_fields.items() if field.is_required()
    }
    assert required <= told


def test_the_settings_of_the_values_are_the_defaults_of_the_code(values):
    defaults = {
        name.upper(): field.default
        for name, field in ServiceSettings.model_fields.items()
        if name.upper() in values["settings"] and not field.is_required()
    }
    given = {name: value for name, value in values["settings"].items() if name in defaults}
    assert given | {"OTLP_ENDPOINT": given["OTLP_ENDPOINT"] or None} == defaults


def test_the_ports_are_the_defaults_of_the_code(values):
    fields = ServiceSettings.model_fields
    assert values["ports"] == {
        "grpc": int(fields["address"].default.rpartition(":")[2]),
        "health": int(fields["health_address"].default.rpartition(":")[2]),
        "metrics": fields["metrics_port"].default,
    }


def test_a_worker_may_finish_before_it_is_killed(values):
    text = (ROOT / "servicekit" / "worker.py").read_text(encoding="utf-8")
    grace = re.search(r"^GRACE = ([\d.]+)", text, re.MULTILINE)
    assert grace
    assert values["roles"]["worker"]["terminationGracePeriodSeconds"] > float(grace[1])


def test_the_templates_make_no_secret(chart):
    for path in (chart / "templates").rglob("*.*"):
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"^kind: Secret\b|stringData", text, re.MULTILINE), path


def test_every_file_stands_in_the_folder_of_its_concern(chart):
    templates = chart / "templates"
    assert [path.name for path in templates.glob("*.yaml")] == []
    assert {path.name for path in templates.iterdir() if path.is_dir()} == {
        "availability", "discovery", "identity", "network", "observation", "servers", "storage",
        "tests", "workloads",
    }  # fmt: skip


def test_chart_and_image_are_of_the_version_of_the_project(chart):
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    about = yaml.safe_load((chart / "Chart.yaml").read_text(encoding="utf-8"))
    image = (ROOT / "deploy" / "image" / "Containerfile").read_text(encoding="utf-8")
    assert about["appVersion"] == project["version"]
    assert f"ARG VERSION={project['version']}\n" in image
