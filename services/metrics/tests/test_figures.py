"""The figures of metrics: each case counted once, by place, stage and item; the ratios beside."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import create_engine, select

from servicekit.testing import MONDAY
from services.metrics.adapters import figures, orm
from services.metrics.adapters.projection import row_of
from services.metrics.domain.stages import stage_of
from services.metrics.tests.fakes import ITEM
from services.metrics.tests.test_ratios_sql import case_facts


def counted(district, at=MONDAY):
    with district.resources.read_engine.connect() as connection:
        return figures.count(connection, at)


def test_each_case_is_counted_where_it_is_and_how_far_it_is(district, voices, hear):
    voices.district()
    voices.journey("A1")
    voices.received("A2", unit="W02")
    voices.received("A3", unit="W02")
    voices.noticed("A3")
    hear()
    found = counted(district)
    assert found[figures.CASES] == {
        ("district", "", "W01", "SERVED"): 1,
        ("district", "", "W02", "RECEIVED"): 1,
        ("district", "", "W02", "NOTICED"): 1,
    }
    assert found[figures.ITEM_CASES] == {
        (ITEM, "D01", "SERVED"): 1,
        (ITEM, "D01", "RECEIVED"): 1,
        (ITEM, "D01", "NOTICED"): 1,
    }


def test_a_case_past_its_promise_is_the_authoritys(district, voices, hear):
    voices.district()
    voices.received("A1")
    voices.accepted("A1", due=28)
    hear()
    late = MONDAY + timedelta(days=8)
    assert counted(district)[figures.OVERDUE] == {}
    assert counted(district, late)[figures.OVERDUE] == {("D01",): 1}


def test_notices_violations_alarms_and_lights_are_counted(district, voices, hear):
    voices.district()
    voices.journey("A1")
    voices.violated("A1", rule="R4.8")
    voices.violated("A1", rule="R4.8")
    voices.alarms("A1")
    hear()
    found = counted(district)
    assert found[figures.NOTICES] == {("D01", "one_time"): 1, ("D01", "further"): 0}
    assert found[figures.VIOLATIONS] == {("R4.8", "intake"): 2}
    assert found[figures.ALARMS][("LIGHT_CHANGED",)] == 1
    assert found[figures.RED_ITEMS] == {("D01",): 1}


def test_the_ratios_stand_in_both_columns_beside_their_goal(district, voices, hear):
    voices.district()
    voices.journey("A1")
    hear()
    found = counted(district, MONDAY + timedelta(days=4))
    most_one = "at_most_one_visit_items"
    assert found[figures.NUMERATOR][most_one, "declared"] == 1
    assert found[figures.NUMERATOR][most_one, "proven"] == 0
    assert found[figures.DENOMINATOR][most_one, "proven"] == 1
    assert found[figures.GOAL][most_one,] == 1
    assert ("rating_rate", "declared") not in found[figures.NUMERATOR]


def test_units_and_items_have_their_names(district, voices, hear):
    voices.published()
    voices.published(item_version=f"{ITEM}@2", name="新名称")
    voices.registered("W01", "WINDOW")
    hear()
    found = counted(district)
    assert found[figures.ITEM_INFO] == {(ITEM, "新名称", "D01"): 1}
    assert found[figures.UNIT_INFO] == {("W01", "W01", "WINDOW", "district", ""): 1}


@pytest.mark.parametrize(
    ("at", "is_open"),
    [
        (MONDAY, 1),
        (MONDAY - timedelta(seconds=1), 0),
        (MONDAY + timedelta(hours=4), 0),
        (MONDAY + timedelta(hours=5), 1),
        (MONDAY + timedelta(hours=8), 0),
        (MONDAY - timedelta(days=1), 1),
        (MONDAY - timedelta(days=2), 0),
    ],
    ids=["9:00", "8:59", "13:00", "14:00", "17:00", "a Sunday that is worked", "a Saturday"],
)
def test_the_office_is_open_in_its_hours_on_working_days(district, at, is_open):
    assert counted(district, at)[figures.OFFICE_OPEN] == {(): is_open}


ENGINE = create_engine("sqlite://")
orm.case_facts.create(ENGINE)


@settings(max_examples=60, deadline=None)
@given(st.lists(case_facts(), max_size=8, unique_by=lambda one: one.case_number))
def test_the_stage_in_sql_is_the_stage_of_the_domain(cases):
    with ENGINE.begin() as connection:
        connection.execute(orm.case_facts.delete())
        if cases:
            connection.execute(orm.case_facts.insert(), [row_of(each) for each in cases])
        number = orm.case_facts.c.case_number
        found = dict(connection.execute(select(number, figures.STAGE)).tuples().all())
    assert found == {each.case_number: stage_of(each) for each in cases}


def test_every_figure_that_is_counted_is_declared_as_one(district, voices, hear):
    voices.district()
    hear()
    assert set(counted(district)) == set(figures.OF_METRICS)
