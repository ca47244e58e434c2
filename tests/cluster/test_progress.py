"""A later call goes on where an earlier one ended, and only on the same installation."""

from __future__ import annotations

import pytest

from deploy.cluster.shown import __main__ as shown
from deploy.cluster.shown.progress import Progress, shipped
from deploy.cluster.steps import choose

ORIGIN = {"cluster": "c1", "namespace": "n1", "previous": "p1", "this": "t1"}


@pytest.fixture
def path(tmp_path):
    before = Progress(tmp_path / "passed.json", {**ORIGIN, "namespace": ""})
    before.add("images")
    before.begin_anew("n1")
    before.add("surroundings")
    before.add("install")
    before.begin_upgrade()
    return tmp_path / "passed.json"


def test_what_passed_on_this_installation_counts_for_the_next_call(path):
    after = Progress(path, ORIGIN)
    assert after.passed == {"images", "surroundings", "install"}
    assert after.upgraded
    assert choose(shown.NEEDS, ["kill"], after.passed) == ["kill"]


@pytest.mark.parametrize("other", ["cluster", "previous", "this"])
def test_nothing_counts_on_another_cluster_or_for_another_version(path, other):
    after = Progress(path, {**ORIGIN, other: "another"})
    assert after.passed == set()
    assert not after.upgraded


def test_a_namespace_that_is_another_has_the_images_only(path):
    after = Progress(path, {**ORIGIN, "namespace": ""})
    assert after.passed == {"images"}
    assert not after.upgraded


def test_new_surroundings_end_what_stood_on_the_old(path):
    progress = Progress(path, ORIGIN)
    progress.begin_anew("n2")
    after = Progress(path, {**ORIGIN, "namespace": "n2"})
    assert after.passed == {"images"}
    assert not after.upgraded


def test_another_line_of_a_service_is_another_version_and_one_of_a_test_is_not(tmp_path):
    (tmp_path / "services" / "tests").mkdir(parents=True)
    (tmp_path / "services" / "code.py").write_text("1\n", "utf-8")
    first = shipped(tmp_path)
    (tmp_path / "services" / "tests" / "test_code.py").write_text("2\n", "utf-8")
    assert shipped(tmp_path) == first
    (tmp_path / "services" / "code.py").write_text("2\n", "utf-8")
    assert shipped(tmp_path) != first


def test_every_step_stands_on_steps_before_it():
    keys = list(shown.NEEDS)
    for key, needs in shown.NEEDS.items():
        assert all(keys.index(need) < keys.index(key) for need in needs)
    assert len(keys) == len(shown.PLAN) == 13


def test_a_misspelt_step_is_told_before_a_cluster_is_asked(capsys):
    assert shown.main(["--steps", "install,jurney"]) == 1
    told = capsys.readouterr().err
    assert "no step 'jurney'" in told
    assert "rollback (needs upgrade)" in told
