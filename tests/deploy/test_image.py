"""The Containerfile as text, and what builds it; whether the image runs: test_image_runs.py."""

from __future__ import annotations

import json
import re
import subprocess
import tomllib
from pathlib import Path

import pytest
import yaml
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from deploy.image.base import bootstrap_command, debian_sources
from deploy.image.engine import EngineError, find_engine
from deploy.image.packages import lent_settings
from deploy.image.sbom import bill

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def text() -> str:
    return (ROOT / "deploy" / "image" / "Containerfile").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def stages(text) -> dict[str, list[str]]:
    """The instructions of each stage by its name, comments left out and lines joined."""
    plain = re.sub(r"\\\n\s*", "", re.sub(r"^#.*\n", "", text, flags=re.MULTILINE))
    lines = [line for line in plain.splitlines() if line]
    starts = [number for number, line in enumerate(lines) if line.startswith("FROM ")]
    bounds = zip(starts, [*starts[1:], None], strict=True)
    return {lines[a].partition(" AS ")[2] or "shipped": lines[a:b] for a, b in bounds}


def test_the_requirements_are_checked_by_their_hashes(stages):
    (install,) = [line for line in stages["requirements"] if "pip install" in line]
    assert "--require-hashes -r /build/requirements/runtime.txt" in install


def test_the_project_brings_no_requirements_of_its_own(stages):
    (install,) = [line for line in stages["project"] if "pip install" in line]
    assert {"--no-deps", "--no-build-isolation", "--no-index"} <= set(install.split())


def test_every_package_of_the_project_is_copied(stages):
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    packages = project["tool"]["setuptools"]["packages"]["find"]["include"]
    copies = [line for line in stages["project"] if line.startswith("COPY")]
    copied = {name for line in copies for name in line.split()[1:-1]}
    wanted = {name.removesuffix("*") for name in packages} - {"liandong"}
    assert copied >= wanted | {"pyproject.toml", "README.md", "protos/gen/python"}
    assert [name for name in copied if not (ROOT / name).exists()] == []


def test_the_build_sees_what_it_copies_and_little_else(stages):
    ignored = ROOT / "deploy" / "image" / "Containerfile.dockerignore"
    lines = [line for line in ignored.read_text("utf-8").splitlines() if line[0] != "#"]
    assert lines[0] == "**"
    seen = {line[1:] for line in lines if line.startswith("!")}
    copied = {
        name
        for stage in ("requirements", "project")
        for line in stages[stage]
        if line.startswith("COPY")
        for name in line.split()[1:-1]
    }
    assert seen == copied
    assert {"**/__pycache__", "**/tests"} <= set(lines)


def test_what_is_shipped_runs_as_a_number_that_is_not_root(stages):
    users = [line.split()[1] for line in stages["shipped"] if line.startswith("USER")]
    assert users == ["10001:10001"]


def test_image_and_chart_mean_the_same_user(stages, chart):
    pod = (chart / "templates" / "_workload.tpl").read_text(encoding="utf-8")
    (user,) = [
        line.split()[1].split(":")[0] for line in stages["shipped"] if line.startswith("USER")
    ]
    assert re.findall(r"(?:runAsUser|runAsGroup|fsGroup): (\d+)", pod) == [user] * 3


def test_what_is_shipped_runs_nothing_while_it_is_built(stages):
    assert not [
        line for line in stages["shipped"] if line.startswith(("RUN", "HEALTHCHECK", "ADD"))
    ]


def test_layers_are_ordered_by_how_seldom_they_change(stages):
    copies = [line.split() for line in stages["shipped"] if line.startswith("COPY --from=")]
    assert [line[2].rpartition("/")[2] for line in copies] == ["venv", "fonts", "project"]


def test_no_step_of_the_build_keeps_how_packages_are_fetched(text):
    assert not re.search(r"^(?:ENV|ARG) .*(?:INDEX|CERT|PROXY|://)", text, re.MULTILINE)
    assert text.count("--mount=type=secret") == 2


def test_the_image_is_tagged_as_the_chart_asks_for_it(chart, values):
    about = yaml.safe_load((chart / "Chart.yaml").read_text(encoding="utf-8"))
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert about["appVersion"] == project["project"]["version"]
    source = (ROOT / "deploy" / "image" / "__main__.py").read_text(encoding="utf-8")
    assert f'NAME: Final = "{values["image"]["repository"]}"' in source


def test_the_base_has_python_and_no_compiler():
    (included,) = [
        word for word in bootstrap_command(Path("base.tar"), []) if word.startswith("--include=")
    ]
    packages = included.partition("=")[2].split(",")
    assert {"python3", "python3-venv", "ca-certificates"} <= set(packages)
    assert not [name for name in packages if re.search(r"gcc|build-essential|-dev$|^make$", name)]


def test_a_machine_of_the_same_suite_lends_its_own_sources(tmp_path):
    (tmp_path / "apt/sources.list.d").mkdir(parents=True)
    sources = tmp_path / "apt/sources.list.d/debian.sources"
    sources.write_text("Types: deb\n", encoding="utf-8")
    (tmp_path / "os-release").write_text("VERSION_CODENAME=bookworm\n", encoding="utf-8")
    assert debian_sources(tmp_path) == [sources]
    (tmp_path / "os-release").write_text("VERSION_CODENAME=noble\n", encoding="utf-8")
    assert debian_sources(tmp_path) == []


def test_what_pip_is_told_here_is_lent_and_the_authorities_are_found_by_their_place_in_the_build():
    listed = "global.cert='/etc/ssl/ours.pem'\nglobal.index-url='https://a.example/simple'\n"
    lent = lent_settings(listed, {"PIP_INDEX_URL": "https://b.example/simple"})
    assert lent.splitlines() == [
        "[global]",
        "cert = /run/secrets/authorities.pem",
        "index-url = https://b.example/simple",
    ]


def answering(**answers: str):
    """A `run` that knows what each program answers; one that is not named does not work."""

    def run(command, **_options):
        answer = answers.get(Path(command[0]).name)
        code, out, err = (0, answer, "") if answer is not None else (1, "", "no daemon")
        return subprocess.CompletedProcess(command, code, out, err)

    return run


def test_podman_comes_first_and_is_told_what_an_old_host_needs():
    both = {"podman": "/bin/podman", "docker": "/bin/docker", "runc": "/bin/runc"}.get
    info = json.dumps({"host": {"cgroupVersion": "v2"}})
    engine = find_engine(both, answering(podman=info, docker="fine"))
    assert (engine.name, engine.words) == ("podman", ())


def test_docker_is_taken_where_podman_is_missing():
    engine = find_engine({"docker": "/bin/docker"}.get, answering(docker="fine"))
    assert engine.name == "docker"


def test_without_an_engine_that_answers_it_is_said_which_were_tried():
    with pytest.raises(EngineError, match=r"/bin/docker does not answer: .*no daemon.*podman"):
        find_engine({"docker": "/bin/docker"}.get, answering())


def test_the_bill_of_materials_keeps_to_the_published_schema_and_names_everything():
    found = {
        "python": "3.11.2",
        "packages": [["grpcio", "1.85.1"], ["liandong", "0.1.0"]],
        "debian": [["libc6", "2.36-9+deb12u14", "amd64"]],
    }
    written = bill(found, {"Id": "sha256:" + "a" * 64}, "liandong", "0.1.0")
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(written) is None
    parts = {each["purl"] for each in json.loads(written)["components"]}
    assert "pkg:deb/debian/libc6@2.36-9%2Bdeb12u14?arch=amd64" in parts
    assert {"pkg:pypi/grpcio@1.85.1", "pkg:generic/python@3.11.2"} < parts
    assert written == bill(found, {"Id": "sha256:" + "a" * 64}, "liandong", "0.1.0")
