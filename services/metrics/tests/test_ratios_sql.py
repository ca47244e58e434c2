"""The ratios in SQL are the ratios of the domain, on random facts."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import create_engine, insert

from servicekit.calls import Call, Scope
from servicekit.identity import Caller
from services.metrics.adapters import orm, ratios
from services.metrics.adapters.projection import row_of
from services.metrics.domain.facts import AuthorityFacts, CaseFacts
from services.metrics.domain.items import DeclaredItem, in_force
from services.metrics.domain.rating import Grade
from services.metrics.domain.ratios import (
    RATIOS,
    CountedCase,
    Population,
    cases_behind,
    declared_fraction,
    proven_fraction,
)
from workdays import Limit, Unit

AT = datetime(2026, 9, 14, 2, 0, tzinfo=UTC)
TODAY = date(2026, 9, 14)
KINDS = {"W01": "WINDOW", "W02": "WINDOW", "D01": "DEPARTMENT"}
PATHS = {unit: f"/c/{unit}/" for unit in KINDS} | {"D02": "/far/D02/"}

instants = st.none() | st.just(AT)
# Around the decision, and around the end of the ten days of service that follow it.
moments = st.none() | st.sampled_from(
    [AT - timedelta(days=20), AT, AT + timedelta(days=10), AT + timedelta(days=22)]
)
outcomes = st.sampled_from(["GRANTED", "DENIED"])
limits = st.none() | st.builds(
    Limit, st.integers(1, 30), st.sampled_from([Unit.WORKING_DAY, Unit.CALENDAR_DAY])
)
days = st.sampled_from([date(2026, 9, 13), TODAY, date(2026, 9, 15)])
codes = st.sampled_from(["I-1", "I-2", "I-3"])
# Who sent back or made anew; D01 is who asks, D011 must not be taken for it.
departments = st.sampled_from([(), ("D01",), ("D02",), ("D01", "D02"), ("D011",)])


@st.composite
def decided_authorities(draw):
    """What each of up to two authorities decided, and when."""
    return tuple(
        AuthorityFacts(
            authority=code,
            promise_due_on=draw(days),
            decided_at=draw(moments),
            outcome=draw(outcomes),
            promise_kept=draw(st.booleans()),
            days_at_window=draw(st.integers(0, 2)),
            days_at_department=draw(st.integers(0, 20)),
        )
        for code in draw(st.sampled_from([(), ("D01",), ("D01", "D02")]))
    )


@st.composite
def endings(draw):
    """How a case was decided or ended, in every order of the two instants."""
    authorities, ended_at = draw(decided_authorities()), draw(moments)
    made = [each.decided_at for each in authorities]
    found = {"authorities": authorities, "decided_at": max(made) if made and all(made) else None}
    if not authorities and draw(st.booleans()):
        found |= {"spot_decided_at": AT, "spot_outcome": draw(outcomes),
                  "spot_promise_kept": draw(st.booleans())}  # fmt: skip
    if ended_at is None:
        return found
    return found | {
        "ended_at": ended_at,
        "ended_as": draw(st.sampled_from(["WITHDRAWN", "REFUSED", "FILED"])),
    }


@st.composite
def case_facts(draw):
    code, visits = draw(codes), draw(st.integers(0, 3))
    unit = draw(st.sampled_from(["W01", "W02"]))
    parcels = [draw(st.integers(0, 2)) for _ in range(4)]
    return CaseFacts(
        case_number=f"C-{draw(st.integers(0, 10**6))}",
        item_code=code,
        item_version=f"{code}@{draw(st.integers(1, 3))}",
        authority=draw(st.sampled_from(["D01", "D02"])),
        window_unit=unit,
        unit_path=PATHS[unit],
        channel=draw(st.sampled_from(["ONLINE", "WINDOW", "ASSISTANCE"])),
        assistance=draw(st.sampled_from(["", "DB-1"])),
        courier_due=draw(st.booleans()),
        received_at=draw(st.just(AT) | instants),
        notices=draw(st.integers(0, 2)),
        further_notices=draw(st.integers(0, 1)),
        accepted_at=draw(instants),
        accepting_unit=draw(st.sampled_from(["", "X", *KINDS])),
        deemed=draw(st.booleans()),
        accepted_promise_due_on=draw(st.none() | days),
        visits=visits,
        collection_visits=draw(st.integers(0, visits)),
        served_at=draw(moments),
        reviewed_promise_due_on=draw(st.none() | days),
        courier_offered_at=draw(instants),
        returned_by=draw(departments),
        reworked_by=draw(departments),
        parcels_out=sum(parcels),
        parcels_signed=parcels[0],
        parcels_failed=parcels[1],
        parcels_cancelled=parcels[2],
        **draw(endings()),
    )


@st.composite
def item_versions(draw):
    code, number = draw(codes), draw(st.integers(1, 2))
    return DeclaredItem(
        item_code=code,
        item_version=f"{code}@{number}",
        authority=draw(st.sampled_from(["D01", "D02"])),
        item_type=draw(st.sampled_from(["01", "20"])),
        admitted=draw(st.booleans()),
        declared_visits=draw(st.integers(0, 2)),
        declared_fully_online=draw(st.booleans()),
        excluded_from_online=draw(st.booleans()),
        courier_offered=draw(st.booleans()),
        in_force_from=draw(days),
        in_force_until=draw(st.none() | days),
        handling=draw(st.sampled_from(["PROMISED", "ON_THE_SPOT", "FILING"])),
        statutory_limit=draw(limits),
        promised_limit=draw(limits),
        result_physical=draw(st.booleans()),
    )


def version_row(version):
    row = asdict(version) | {"number": version.number}
    for name in ("statutory", "promised"):
        limit = getattr(version, f"{name}_limit")
        del row[f"{name}_limit"]
        row[f"{name}_amount"] = limit and limit.amount
        row[f"{name}_unit"] = limit and limit.unit.value
        row[f"{name}_start"] = limit and limit.start.value
    return row


@st.composite
def worlds(draw):
    facts = draw(st.lists(case_facts(), max_size=12, unique_by=lambda one: one.case_number))
    versions = draw(st.lists(item_versions(), max_size=5, unique_by=lambda one: one.item_version))
    grades = {
        one.case_number: draw(st.sampled_from(list(Grade))) for one in facts if draw(st.booleans())
    }
    return facts, versions, grades


CALLERS = {
    Scope.ANY: Caller(service="metrics", purpose="test"),
    Scope.UNIT: Caller(person="p", unit="W01", unit_path="/c/W01/"),
    Scope.AUTHORITY: Caller(person="p", unit="D01", unit_path="/c/D01/", authority="D01"),
    Scope.SUBTREE: Caller(person="p", unit="c", unit_path="/c/"),
}


def reached(scope, facts, versions, today):
    """The population that a caller reaches, said without SQL."""
    mine = {
        Scope.ANY: lambda one: True,
        Scope.UNIT: lambda one: one.window_unit == "W01",
        Scope.AUTHORITY: lambda one: "D01" in (one.authority, *one.ownership.others),
        Scope.SUBTREE: lambda one: one.unit_path.startswith("/c/"),
    }[scope]
    own = {
        Scope.ANY: lambda item: True,
        Scope.UNIT: lambda item: False,
        Scope.AUTHORITY: lambda item: item.authority == "D01",
        Scope.SUBTREE: lambda item: PATHS[item.authority].startswith("/c/"),
    }[scope]
    cases = [one for one in facts if mine(one)]
    handled = {one.item_code for one in cases if one.known}
    items = [i for i in in_force(versions, today) if own(i) or i.item_code in handled]
    return items, cases


def population(scope, world, today):
    facts, versions, grades = world
    items, cases = reached(scope, facts, versions, today)
    by_identity = {version.item_version: version for version in versions}
    return Population(
        items,
        [
            CountedCase(
                facts=one,
                item=by_identity.get(one.item_version),
                accepting_kind=KINDS.get(one.accepting_unit, ""),
                grade=grades.get(one.case_number),
            )
            for one in cases
        ],
        today,
        authority=CALLERS[scope].authority,
    )


def write(connection, world):
    facts, versions, grades = world
    for table in reversed(orm.metadata.sorted_tables):
        connection.execute(table.delete())
    units = [
        {"unit": unit, "name": unit, "level": 0, "kind": KINDS.get(unit, "DEPARTMENT"),
         "unit_path": path}
        for unit, path in PATHS.items()
    ]  # fmt: skip
    connection.execute(insert(orm.unit), units)
    if facts:
        connection.execute(insert(orm.case_facts), [row_of(one) for one in facts])
    if versions:
        connection.execute(insert(orm.item_version), [version_row(one) for one in versions])
    if grades:
        rows = [
            {"case_number": number, "grade": int(grade), "comment": "", "rated_at": AT,
             "applicant": "a", "window_unit": "", "unit_path": "", "authority": "", "revision": 1}
            for number, grade in grades.items()
        ]  # fmt: skip
        connection.execute(insert(orm.rating), rows)


def agree(engine, scope, world, today):
    call = Call(CALLERS[scope], "test", frozenset({scope}), AT)
    people = population(scope, world, today)
    with engine.begin() as connection:
        write(connection, world)
        found = ratios.fractions(call, connection, today)
        behind = {
            name: ratios.list_ratio_cases(
                call, connection, name, today, page_size=0, page_token=""
            ).items
            for name in RATIOS
        }

    assert found == {
        name: (declared_fraction(ratio, people), proven_fraction(ratio, people))
        for name, ratio in RATIOS.items()
    }
    assert {
        name: {view.case_number: view.counts for view in views} for name, views in behind.items()
    } == {name: cases_behind(ratio, people) for name, ratio in RATIOS.items()}


@pytest.fixture(scope="module")
def engine():
    engine = create_engine("sqlite://")
    orm.metadata.create_all(engine)
    yield engine
    engine.dispose()


# The last day on which what was decided today may be served, and the day after it.
LAST_DAY = date(2026, 9, 28)


@pytest.mark.parametrize("scope", CALLERS, ids=lambda scope: scope.name.lower())
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(world=worlds(), today=st.sampled_from([TODAY, LAST_DAY, LAST_DAY + timedelta(days=1)]))
def test_sql_and_domain_agree(engine, scope, world, today):
    agree(engine, scope, world, today)


@pytest.fixture
def other_engine(fresh_database):
    engine = create_engine(fresh_database().url())
    orm.metadata.create_all(engine)
    yield engine
    engine.dispose()


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(world=worlds(), today=st.sampled_from([TODAY, LAST_DAY + timedelta(days=1)]))
def test_postgresql_and_domain_agree(other_engine, world, today):
    agree(other_engine, Scope.ANY, world, today)
