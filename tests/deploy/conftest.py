"""The chart as text, and rendered by helm.

Building helm takes minutes, so what needs it is marked `helm`: it runs when helm is there already
(`python -m deploy.tools` builds it), and with `-m helm`, which builds it first. What needs the
image is marked `image` and runs with `-m image` only.
"""

from __future__ import annotations

import functools
import json
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from deploy.tools import find_helm, require_helm

DEPLOY = Path(__file__).resolve().parents[2] / "deploy"
CHART = DEPLOY / "helm" / "liandong"

Object = dict[str, Any]


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "helm: needs helm; runs by default only where it is built")
    config.addinivalue_line("markers", "image: builds the image and runs it; only with -m image")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    asked = config.option.markexpr
    absent = {"image"} - set(asked.split())
    if "helm" not in asked and any(item.get_closest_marker("helm") for item in items):
        absent |= set() if find_helm() else {"helm"}
    wanting = [item for item in items if absent & {mark.name for mark in item.iter_markers()}]
    config.hook.pytest_deselected(items=wanting)
    items[:] = [item for item in items if item not in wanting]


@pytest.fixture(scope="session")
def chart() -> Path:
    return CHART


@pytest.fixture(scope="session")
def values() -> Object:
    return yaml.safe_load((CHART / "values.yaml").read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def example() -> Object:
    return yaml.safe_load((CHART / "ci" / "zhoucun-values.yaml").read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def schema() -> Object:
    return json.loads((CHART / "values.schema.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def helm() -> Callable[..., subprocess.CompletedProcess[str]]:
    """Runs helm with these arguments; without helm and go there is no verdict on the chart."""
    program = require_helm()

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(program), *arguments], capture_output=True, text=True, timeout=60, check=False
        )

    return run


@pytest.fixture(scope="session")
def template(helm) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Renders the example with some values changed: `template(**{"site.division": "1"})`."""

    def run(*, release: str = "liandong", **changed: object) -> subprocess.CompletedProcess[str]:
        told = [
            word
            for key, value in changed.items()
            for word in ("--set-json", f"{key}={json.dumps(value)}")
        ]
        return helm(
            "template", release, str(CHART), "--namespace", "district", "--kube-version", "1.29.0",
            "--values", str(CHART / "ci" / "zhoucun-values.yaml"), *told,
        )  # fmt: skip

    return run


# What a cluster knows when the operators that the chart can use are installed.
OPERATORS = (
    "postgresql.cnpg.io/v1", "rabbitmq.com/v1beta1", "keda.sh/v1alpha1", "cert-manager.io/v1",
    "monitoring.coreos.com/v1",
)  # fmt: skip


class Rendered:
    """The objects that the chart makes, by kind and name."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.objects: list[Object] = [each for each in yaml.safe_load_all(text) if each]

    def of(self, kind: str) -> dict[str, Object]:
        found = [each for each in self.objects if each["kind"] == kind]
        by_name = {each["metadata"]["name"]: each for each in found}
        assert len(by_name) == len(found), f"two {kind} of one name"
        return by_name

    def pods(self) -> dict[str, Object]:
        """The pod templates of everything that runs."""
        return {
            name: each["spec"]["template"]
            for kind in ("Deployment", "StatefulSet", "Job")
            for name, each in self.of(kind).items()
        }

    def environments(self) -> dict[str, Mapping[str, Object]]:
        return {
            name: {each["name"]: each for each in pod["spec"]["containers"][0]["env"]}
            for name, pod in self.pods().items()
        }


@pytest.fixture(scope="session")
def render(template) -> Callable[..., Rendered]:
    def run(**changed: object) -> Rendered:
        done = template(**changed)
        assert not done.returncode, done.stderr
        return Rendered(done.stdout)

    return run


@pytest.fixture(scope="session")
def rendered(render) -> Rendered:
    return render()


@pytest.fixture(scope="session")
def profile(helm) -> Callable[..., Rendered]:
    """Renders values files of the chart: `profile("profiles/village.yaml", api=OPERATORS)`."""

    @functools.cache
    def run(
        *files: str, api: tuple[str, ...] = (), told: str = "", chart: Path = CHART
    ) -> Rendered:
        words = [word for file in files for word in ("--values", str(CHART / file))]
        words += [word for each in api for word in ("--api-versions", each)]
        done = helm(
            "template", "liandong", str(chart), "--namespace", "district",
            "--kube-version", "1.29.0", *words, *(("--set", told) if told else ()),
        )  # fmt: skip
        assert not done.returncode, done.stderr
        return Rendered(done.stdout)

    return run
