from __future__ import annotations

import json

import pytest

from bench.summary import row, save, table
from bench.targets import TARGETS

RATE = "receive, consumers paused: rate"
CPU = "receive, consumers paused: CPU"
WORKER = "worker, effects per process"


@pytest.mark.parametrize(
    ("name", "value", "met"),
    [
        (RATE, 600, "goal"),
        (RATE, 599, "floor"),
        (RATE, 300, "floor"),
        (RATE, 299, "no"),
        (CPU, 2.5, "goal"),
        (CPU, 2.6, "floor"),
        (CPU, 4.1, "no"),
    ],
)
def test_a_row_is_judged_by_its_floor_and_its_goal(name, value, met):
    assert row(name, value).met == met


@pytest.mark.parametrize(("value", "met"), [(95, "goal"), (80, "floor"), (79, "no")])
def test_a_row_of_a_ratio_is_judged_by_the_ratio_and_not_by_the_value(value, met):
    assert row(WORKER, value, beside=100).met == met


def test_a_ratio_needs_something_to_stand_beside():
    with pytest.raises(ValueError, match="nothing stands beside"):
        row(WORKER, 500)


def test_a_row_without_floor_and_goal_asks_for_nothing():
    found = row("PDF[GRANT_DECISION]", 12.0)

    assert (found.floor, found.goal, found.met) == (None, None, "goal")


def test_a_row_nobody_has_set_a_target_for_is_refused():
    with pytest.raises(KeyError):
        row("something else", 1.0)


def test_no_goal_is_easier_than_its_floor():
    for name, target in TARGETS.items():
        if target.floor is not None and target.goal is not None:
            assert target.reaches(target.goal, target.floor), name


def test_the_summary_is_a_list_of_rows_with_the_promised_fields(tmp_path):
    save([row(RATE, 123.456, beside=1000)], tmp_path / "made" / "summary.json")

    assert json.loads((tmp_path / "made" / "summary.json").read_text()) == [
        {
            "name": RATE,
            "value": 123.5,
            "unit": "/s",
            "beside": 1000.0,
            "ratio": 0.1235,
            "floor": 300,
            "goal": 600,
            "met": "no",
        }
    ]


def test_the_table_has_a_line_for_each_row_and_all_lines_are_as_wide():
    lines = table([row(RATE, 123456.7, beside=1000), row("PDF[X]", 0.5)]).splitlines()

    assert len(lines) == 4
    assert len({len(line) for line in lines}) == 1
    assert "123,500" in lines[2]
