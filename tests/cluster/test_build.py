"""What a cluster is made of is pinned, built once, and built again when its sources change."""

from __future__ import annotations

import re

import pytest

from deploy.cluster import build
from deploy.cluster.errors import ClusterError
from deploy.cluster.fingerprints import Stamp, fingerprint


@pytest.fixture
def go(monkeypatch, tmp_path):
    """A go that writes its arguments where the program belongs, and counts its calls."""
    calls = tmp_path / "calls"
    program = tmp_path / "go"
    program.write_text(
        f'#!/bin/sh\necho "$@" >>{calls}\nwhile [ "$1" != -o ]; do shift; done\necho built >"$2"\n',
        encoding="utf-8",
    )
    program.chmod(0o755)
    monkeypatch.setattr(build.shutil, "which", lambda _name, path=None: str(program))
    return calls


def module(tmp_path, monkeypatch):
    folder = tmp_path / "programs"
    folder.mkdir()
    pinned = (build.MODULE / "go.mod").read_text(encoding="ascii")
    (folder / "go.mod").write_text(pinned, encoding="ascii")
    monkeypatch.setattr(build, "MODULE", folder)
    return folder


def test_every_part_of_kubernetes_has_the_release_that_is_named():
    pins = (build.MODULE / "go.mod").read_text(encoding="ascii")
    _, minor, patch = build.kubernetes_version().split(".")
    parts = dict(re.findall(r"^\t(k8s\.io/\S+) => \1 (v\S+)$", pins, re.MULTILINE))
    assert len(parts) > 25
    assert set(parts.values()) == {f"v0.{minor}.{patch}"}


def test_every_module_has_a_checksum():
    wanted = re.findall(
        r"^\t(?:\S+ => )?(\S+) (v\S+)(?: // indirect)?$",
        (build.MODULE / "go.mod").read_text(encoding="ascii"),
        re.MULTILINE,
    )
    sums = (build.MODULE / "go.sum").read_text(encoding="ascii")
    replaced = set(
        re.findall(r"^\t(\S+) => ", (build.MODULE / "go.mod").read_text("ascii"), re.MULTILINE)
    )
    pinned = {f"{name} {version}" for name, version in wanted if name not in replaced}
    assert [pin for pin in pinned if f"{pin}/go.mod h1:" not in sums] == []


def test_programs_are_built_once(go, tmp_path):
    folder = build.require_programs(tmp_path / "cache")
    assert sorted(path.name for path in folder.iterdir() if path.suffix != ".origin") == sorted(
        build.PACKAGES
    )
    build.require_programs(tmp_path / "cache")
    assert len(go.read_text(encoding="utf-8").splitlines()) == len(build.PACKAGES)


def test_a_server_knows_its_release(go, tmp_path):
    build.require_programs(tmp_path / "cache")
    version = build.kubernetes_version()
    asked = go.read_text(encoding="utf-8")
    assert f"-X k8s.io/component-base/version.gitVersion={version}" in asked


def test_programs_are_built_again_when_their_sources_change(go, monkeypatch, tmp_path):
    folder = module(tmp_path, monkeypatch)
    build.require_programs(tmp_path / "cache")
    before = len(go.read_text(encoding="utf-8").splitlines())
    (folder / "main.go").write_text("package main\n", encoding="utf-8")
    build.require_programs(tmp_path / "cache")
    assert len(go.read_text(encoding="utf-8").splitlines()) == 2 * before


def test_a_build_that_fails_shows_why_and_leaves_no_program(go, tmp_path):
    (tmp_path / "go").write_text("#!/bin/sh\necho no such module >&2\nexit 1\n", encoding="utf-8")
    with pytest.raises(ClusterError, match="no such module"):
        build.require_programs(tmp_path / "cache")
    assert list((tmp_path / "cache" / "bin").iterdir()) == []


def test_without_go_it_says_so(monkeypatch, tmp_path):
    monkeypatch.setattr(build.shutil, "which", lambda _name, path=None: None)
    with pytest.raises(ClusterError, match="there is no go"):
        build.require_programs(tmp_path / "cache")


def test_a_stamp_holds_only_for_what_it_was_made_from(tmp_path):
    product, source = tmp_path / "product", tmp_path / "source"
    product.touch()
    source.write_text("one", encoding="utf-8")
    stamp = Stamp(product, fingerprint([source], "flag"))
    assert not stamp.holds()
    stamp.set()
    assert stamp.holds()
    assert not Stamp(product, fingerprint([source], "other flag")).holds()
    source.write_text("two", encoding="utf-8")
    assert not Stamp(product, fingerprint([source], "flag")).holds()
    product.unlink()
    assert not stamp.holds()
