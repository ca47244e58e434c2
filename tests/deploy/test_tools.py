"""helm is found, or built, or missed with words."""

from __future__ import annotations

import pytest

from deploy import tools


@pytest.fixture
def empty(monkeypatch, tmp_path):
    """A machine with neither helm nor go."""
    monkeypatch.setattr(tools, "FOLDER", tmp_path / "tools")
    monkeypatch.setattr(tools.shutil, "which", lambda _name, path=None: None)
    return tmp_path / "tools"


def program(path, text: str):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
    path.chmod(0o755)
    return path


def test_without_helm_and_go_it_says_what_is_missing(empty):
    with pytest.raises(tools.ToolMissingError, match=rf"helm {tools.HELM_VERSION}.*no go"):
        tools.require_helm()


def test_the_helm_that_was_built_is_found(empty):
    built = program(empty / tools.NAME, f"echo {tools.HELM_VERSION}")
    assert tools.require_helm() == built


def test_a_helm_of_another_version_is_not_taken(empty):
    program(empty / tools.NAME, "echo v3.0.0")
    assert tools.find_helm() is None


def test_helm_is_built_beside_its_place_and_moved_there(empty, monkeypatch, tmp_path):
    go = program(tmp_path / "go", 'echo "$@" >"$GOBIN/helm"')
    monkeypatch.setattr(
        tools.shutil, "which", lambda name, path=None: str(go) if name == "go" else None
    )
    asked = tools.require_helm().read_text(encoding="utf-8")
    assert asked.endswith(f"helm.sh/helm/v3/cmd/helm@{tools.HELM_VERSION}\n")
    assert [path.name for path in empty.iterdir()] == [tools.NAME]


def test_a_build_that_fails_shows_why_and_leaves_nothing(empty, monkeypatch, tmp_path):
    go = program(tmp_path / "go", "echo no network >&2; exit 1")
    monkeypatch.setattr(
        tools.shutil, "which", lambda name, path=None: str(go) if name == "go" else None
    )
    with pytest.raises(tools.ToolMissingError, match="no network"):
        tools.require_helm()
    assert list(empty.iterdir()) == []
