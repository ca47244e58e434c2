"""The tool that plants defects: which ones, and that it tells the living from the dead."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from tools.mutants import score
from tools.mutation.journal import Journal
from tools.mutation.mutants import Module, Verdict

ROOT = Path(__file__).resolve().parents[2]


def labels(tmp_path, text):
    path = tmp_path / "rules.py"
    path.write_text(text, encoding="utf-8")
    module = Module(path, "rules.py")
    return [mutant.label.partition(": ")[2] for mutant in module.mutants]


@pytest.mark.parametrize(
    ("line", "planted"),
    [
        ("return a < b", {"a < b → a <= b", "return a < b → return None"}),
        ("return a is b", {"a is b → a is not b", "return a is b → return None"}),
        ("return not a", {"not a → a", "return not a → return None"}),
        ("return a or b", {"a or b → a and b", "return a or b → return None"}),
        ("x = a + 1", {"a + 1 → a - 1", "1 → 2", "x = a + 1 → x = None"}),
        ("return True", {"True → False"}),
        ("a.require(b)", {"a.require(b) → pass"}),
        ("raise RuleError('for developers', item=a)", {
            "raise RuleError('for developers', item=a) → pass", "item=a → item=None",
        }),
        ("'a docstring'", set()),
        ("log.info('a line')", set()),
        ("return f'{a} text'", {"return f'{a} text' → return None"}),
    ],
)  # fmt: skip
def test_each_kind_of_defect_is_planted_and_nothing_that_cannot_be_seen(tmp_path, line, planted):
    found = labels(tmp_path, f"def rule(a, b):\n    {line}\n")
    assert set(found) == planted
    assert len(found) == len(planted)


def test_conditions_are_turned_round_and_filters_dropped(tmp_path):
    text = "def rule(a):\n    if a:\n        b = [x for x in a if x]\n"
    found = labels(tmp_path, text)
    assert "for x in a if x → for x in a" in [" ".join(each.split()) for each in found]
    assert "if a → if not a" in found


def test_what_runs_at_import_is_left_alone(tmp_path):
    assert labels(tmp_path, "TABLE = {1: 'x'}\n\ndef rule(a: int = 3) -> 'int': ...\n") == []


def test_a_mutant_is_the_code_of_its_function_wherever_that_stands(tmp_path):
    path = tmp_path / "rules.py"
    text = "class A:\n    @property\n    def two(self):\n        return 1 + 1\n"
    path.write_text(text, encoding="utf-8")
    codes = {mutant.label[-5:]: mutant.code() for mutant in Module(path, "rules.py").mutants}
    names = {code.co_qualname for code in codes.values()}
    assert names == {"A.two"}
    module = Module(path, "rules.py")
    assert [mutant.code().co_code for mutant in module.mutants]
    assert compile(module.tree, "x", "exec").co_code  # every change is taken back


def test_a_mutant_that_no_test_reaches_lives():
    assert score(Counter(killed=3, untested=1)) == 75
    assert score(Counter({"killed": 1, "survived": 1, "not built": 8})) == 50
    assert score(Counter()) == 100


def test_what_was_judged_is_known_until_its_module_changes(tmp_path):
    path, kept = tmp_path / "rules.py", tmp_path / "kept.jsonl"
    path.write_text("def rule(a, b):\n    return a < b, a < b\n", encoding="utf-8")
    first, *others = Module(path, "rules.py").mutants
    Journal(kept).note(Verdict(first, "killed"))
    with kept.open("a") as file:
        file.write('["cut o')
    [known] = Journal(kept).verdicts(Module(path, "rules.py").mutants)
    assert (known.mutant.label, known.fate) == (first.label, "killed")
    assert others
    path.write_text("def rule(a, b):\n    return a <= b, a < b\n", encoding="utf-8")
    assert Journal(kept).verdicts(Module(path, "rules.py").mutants) == []


def test_no_defect_in_the_day_of_an_instant_goes_unnoticed():
    command = [sys.executable, "-m", "tools.mutants", "catalog", "--only=domain/days.py"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "100.0 %" in done.stdout
