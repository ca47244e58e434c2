"""The committed mutants: each still changes the code as it is, and somebody is to find it."""

from __future__ import annotations

import py_compile

import pytest

from chaos.faults import FAULTS
from chaos.spine_mutants import apply, command, copy_of_the_tree, mutants
from journeys.every import MODULES


@pytest.fixture(scope="session")
def tree(tmp_path_factory):
    return copy_of_the_tree(tmp_path_factory.mktemp("mutants"))


def test_there_are_at_least_twelve():
    assert len(mutants()) >= 12


@pytest.mark.parametrize("mutant", mutants(), ids=lambda mutant: mutant.name)
def test_a_mutant_still_applies_and_is_a_program(mutant, tree):
    apply(mutant.path, tree)
    try:
        changed = [
            line.removeprefix("+++ b/")
            for line in mutant.path.read_text(encoding="utf-8").splitlines()
            if line.startswith("+++ b/")
        ]
        assert changed
        for path in changed:
            py_compile.compile(str(tree / path), doraise=True)
    finally:
        apply(mutant.path, tree, "--reverse")


@pytest.mark.parametrize("mutant", mutants(), ids=lambda mutant: mutant.name)
def test_a_mutant_says_what_it_breaks_and_who_finds_it(mutant):
    assert mutant.breaks.endswith(".")
    assert mutant.command[:2] in {("-m", "simulator"), ("-m", "chaos")}
    who, _, what = mutant.found_by.partition(", ")
    known = {f"journey {number}" for number in MODULES} if who == "simulation" else FAULTS
    assert what in known


def test_whoever_is_unknown_finds_nothing():
    with pytest.raises(ValueError, match="nobody is called"):
        command("magic, spell")
