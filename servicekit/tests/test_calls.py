"""What a list shows is exactly what a single read would not refuse."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from sqlalchemy import Column, Integer, MetaData, Table, Text, create_engine, exists, select

from servicekit.calls import (
    NO_SUCH_THING,
    OutOfScopeError,
    Scope,
    ScopeColumns,
    authorise,
    reaches,
    scope_clause,
)
from servicekit.errors import NotFoundError
from servicekit.events import Ownership
from servicekit.identity import Caller
from servicekit.tests.toy import CLERK, ParcelUnknownError, call_of

MINE = Ownership("p-1", "W01", CLERK.unit_path, "D01")
THEIRS = Ownership("p-2", "W02", "/370306000000/370306000000-C1/W02/", "D02")

words = st.sampled_from(["", "a", "A", "a_", "a%", "ab", "é", "a/b"])
paths = st.sampled_from(["", "/", "/a/", "/A/", "/a/b/", "/a_/", "/ab/", "/a%/b/", "/aXb/", "/é/"])
ownerships = st.builds(
    Ownership,
    person=words,
    unit=words,
    unit_path=paths,
    authority=words,
    others=st.lists(words, max_size=2, unique=True).map(tuple),
)
callers = st.builds(
    Caller,
    person=words,
    unit=words,
    unit_path=paths,
    authority=words,
)
SUBTREE = frozenset({Scope.SUBTREE})
scopes = st.frozensets(st.sampled_from(list(Scope)), max_size=4)

thing = Table(
    "thing",
    MetaData(),
    Column("id", Integer, primary_key=True),
    *(Column(name, Text) for name in ("person", "unit", "unit_path", "authority")),
)
partner = Table(
    "partner",
    thing.metadata,
    Column("thing", Integer, primary_key=True),
    Column("authority", Text, primary_key=True),
)
COLUMNS = ScopeColumns(
    thing.c.person,
    thing.c.unit,
    thing.c.unit_path,
    thing.c.authority,
    takes_part=lambda authority: exists().where(
        partner.c.thing == thing.c.id, partner.c.authority == authority
    ),
)
engine = create_engine("sqlite://")
thing.metadata.create_all(engine)


@settings(max_examples=300, deadline=None)
@given(callers, scopes, st.lists(ownerships, max_size=12))
@example(Caller(unit_path="/a/"), SUBTREE, [Ownership(unit_path="/A/b/")])
@example(Caller(unit_path="/a_/"), SUBTREE, [Ownership(unit_path="/ab/")])
@example(Caller(unit_path="/a%/"), SUBTREE, [Ownership(unit_path="/axx/")])
def test_a_list_shows_what_a_single_read_allows(caller, reach, owned):
    call = call_of(caller, scopes=reach)
    with engine.connect() as connection:
        for number, each in enumerate(owned):
            row = {
                "id": number,
                "person": each.person,
                "unit": each.unit,
                "unit_path": each.unit_path,
                "authority": each.authority,
            }
            connection.execute(thing.insert(), row)
            for other in each.others:
                connection.execute(partner.insert(), {"thing": number, "authority": other})
        shown = connection.execute(select(thing.c.id).where(scope_clause(call, COLUMNS))).scalars()
        assert set(shown) == {n for n, each in enumerate(owned) if reaches(call, each)}
        connection.rollback()


def test_a_table_without_the_column_shows_nothing_by_that_scope():
    call = call_of(scopes=frozenset({Scope.OWN, Scope.UNIT, Scope.AUTHORITY, Scope.SUBTREE}))
    with engine.connect() as connection:
        connection.execute(thing.insert(), {"id": 1, "person": "p-1", "unit": "W01"})
        query = select(thing).where(scope_clause(call, ScopeColumns()))
        assert connection.execute(query).all() == []


@pytest.mark.parametrize(
    ("scope", "covered"),
    [
        pytest.param(Scope.NONE, False, id="nothing"),
        pytest.param(Scope.OWN, False, id="own"),
        pytest.param(Scope.UNIT, False, id="unit"),
        pytest.param(Scope.AUTHORITY, False, id="authority"),
        pytest.param(Scope.SUBTREE, False, id="subtree"),
        pytest.param(Scope.ANY, True, id="any"),
    ],
)
def test_only_the_widest_scope_reaches_what_is_foreign(scope, covered):
    assert reaches(call_of(scopes=frozenset({scope})), THEIRS) is covered


@pytest.mark.parametrize("scope", [each for each in Scope if each is not Scope.NONE])
def test_every_scope_reaches_what_is_mine(scope):
    assert reaches(call_of(scopes=frozenset({scope})), MINE)


def test_an_authority_that_takes_part_reaches_what_another_leads():
    call = call_of(Caller(authority="D06"), scopes=frozenset({Scope.AUTHORITY}))
    assert reaches(call, Ownership(authority="D01", others=("D06",)))
    assert not reaches(call, Ownership(authority="D01", others=("D05",)))
    own = call_of(Caller(authority="D06"), scopes=frozenset({Scope.UNIT}))
    assert not reaches(own, Ownership(authority="D01", others=("D06",)))


def test_a_caller_without_a_unit_reaches_no_thing_without_a_unit():
    nobody = call_of(Caller(), scopes=frozenset(Scope) - {Scope.ANY})
    assert not reaches(nobody, Ownership())


def test_a_neighbour_whose_path_begins_alike_is_not_in_the_subtree():
    call = call_of(Caller(unit_path="/a/b/"), scopes=frozenset({Scope.SUBTREE}))
    assert reaches(call, Ownership(unit_path="/a/b/c/"))
    assert not reaches(call, Ownership(unit_path="/a/bc/"))


def test_staff_are_told_that_it_is_not_theirs_and_citizens_that_there_is_none():
    with pytest.raises(OutOfScopeError):
        authorise(call_of(scopes=frozenset({Scope.UNIT})), THEIRS, case="A1")
    with pytest.raises(ParcelUnknownError) as caught:
        authorise(
            call_of(scopes=frozenset({Scope.OWN})), THEIRS, missing=ParcelUnknownError, case="A1"
        )
    assert str(caught.value) == NO_SUCH_THING
    with pytest.raises(NotFoundError):
        authorise(call_of(scopes=frozenset()), MINE)
