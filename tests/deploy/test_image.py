"""The Containerfile, as text; whether it builds is not shown here."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def stages() -> list[list[str]]:
    """The instructions of each stage, comments left out and lines joined."""
    text = (ROOT / "deploy" / "image" / "Containerfile").read_text(encoding="utf-8")
    plain = re.sub(r"\\\n\s*", "", re.sub(r"^#.*\n", "", text, flags=re.MULTILINE))
    lines = [line for line in plain.splitlines() if line]
    starts = [number for number, line in enumerate(lines) if line.startswith("FROM ")]
    return [lines[a:b] for a, b in zip(starts, [*starts[1:], None], strict=True)]


def test_the_requirements_are_checked_by_their_hashes(stages):
    (install,) = [line for line in stages[0] if "pip install" in line]
    assert "--require-hashes -r /build/requirements/runtime.txt" in install


def test_the_project_brings_no_requirements_of_its_own(stages):
    (install,) = [line for line in stages[1] if "pip install" in line]
    assert {"--no-deps", "--no-build-isolation", "--no-index"} <= set(install.split())


def test_every_package_of_the_project_is_copied(stages):
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    packages = project["tool"]["setuptools"]["packages"]["find"]["include"]
    copied = {name for line in stages[1] if line.startswith("COPY") for name in line.split()[1:-1]}
    wanted = {name.removesuffix("*") for name in packages} - {"liandong"}
    assert copied >= wanted | {"pyproject.toml", "README.md", "protos/gen/python"}
    assert [name for name in copied if not (ROOT / name).exists()] == []


def test_what_is_shipped_runs_as_a_number_that_is_not_root(stages):
    users = [line.split()[1] for line in stages[-1] if line.startswith("USER")]
    assert users == ["10001:10001"]


def test_image_and_chart_mean_the_same_user(stages, chart):
    pod = (chart / "templates" / "_workload.tpl").read_text(encoding="utf-8")
    (user,) = [line.split()[1].split(":")[0] for line in stages[-1] if line.startswith("USER")]
    assert re.findall(r"(?:runAsUser|runAsGroup|fsGroup): (\d+)", pod) == [user] * 3


def test_what_is_shipped_runs_nothing_while_it_is_built(stages):
    assert not [line for line in stages[-1] if line.startswith(("RUN", "HEALTHCHECK", "ADD"))]


def test_the_lock_changes_seldom_and_so_is_the_lower_layer(stages):
    copies = [line for line in stages[-1] if line.startswith("COPY --from=")]
    assert [line.split("=")[1].split()[0] for line in copies] == ["requirements", "project"]


def test_the_image_is_tagged_as_the_chart_asks_for_it(chart):
    about = yaml.safe_load((chart / "Chart.yaml").read_text(encoding="utf-8"))
    text = (ROOT / "deploy" / "image" / "Containerfile").read_text(encoding="utf-8")
    assert f"-t liandong:{about['appVersion']} ." in text
