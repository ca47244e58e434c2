"""Telling the catalogue of units, authorities, posts and persons again, with changes."""

from __future__ import annotations

from datetime import date

import pytest

from servicekit.calls import Call, Scope
from servicekit.identity import Caller
from services.catalog.adapters.unit_of_work import SqlCatalogUnitOfWork
from services.catalog.domain.authorities import AuthorityRecord
from services.catalog.domain.errors import (
    AuthorityRecordNotLaterError,
    ItemUnknownError,
    PostUnknownError,
    UnitUnknownError,
)
from services.catalog.domain.posts import PostKind
from services.catalog.domain.units import UnitKind
from services.catalog.handlers import items, organisation
from services.catalog.tests.district import CENTRE, OFFICE, W01

LOADER = Caller(service="catalog", purpose="seed")


@pytest.fixture
def told(district):
    """Tell the catalogue one thing and keep it."""
    resources = district.built.resources

    def tell(handler, command):
        call = Call(LOADER, "told", frozenset({Scope.ANY}), resources.clock.now())
        with SqlCatalogUnitOfWork(resources.kit, resources.engine, call) as uow:
            answer = handler(command, uow=uow)
            uow.commit()
        return answer

    return tell


def unit(**changes):
    values = {"code": W01, "name": "一号窗口", "kind": UnitKind.WINDOW, "parent": CENTRE}
    return organisation.RegisterUnit(**values | changes)


def test_a_unit_is_renamed_and_that_is_told_once(district, told):
    assert told(organisation.register_unit, unit(site="01"))
    assert district.powers().window.name == "一号窗口"
    assert not told(organisation.register_unit, unit(site="01"))
    assert told(organisation.register_unit, unit(site="77"))
    assert district.powers().window.site == "77"
    assert len(district.events(W01)) == 3


def test_a_unit_stands_under_one_that_exists(told):
    with pytest.raises(UnitUnknownError) as refused:
        told(organisation.register_unit, unit(code="x-W01", parent="x"))
    assert refused.value.facts == {"unit": "x"}


def test_an_authority_gets_a_further_record_and_never_the_same_twice(told):
    record = AuthorityRecord(from_date=date(2027, 1, 1), review_body="甲", court="乙")
    command = organisation.RegisterAuthority(unit=OFFICE, prefix="周审批", record=record)
    assert told(organisation.register_authority, command)
    assert not told(organisation.register_authority, command)
    other = AuthorityRecord(from_date=date(2027, 1, 1), review_body="丙", court="乙")
    with pytest.raises(AuthorityRecordNotLaterError) as refused:
        told(
            organisation.register_authority,
            organisation.RegisterAuthority(unit=OFFICE, prefix="周审批", record=other),
        )
    assert refused.value.facts == {"authority": OFFICE}


def test_only_a_unit_becomes_an_authority_or_has_posts(told):
    record = AuthorityRecord(from_date=date(2027, 1, 1), review_body="甲", court="乙")
    for handler, command in (
        (
            organisation.register_authority,
            organisation.RegisterAuthority(unit="x", prefix="x", record=record),
        ),
        (
            organisation.create_post,
            organisation.CreatePost(
                post="x:1",
                title="x",
                post_kind=PostKind.WINDOW,
                roles=("WINDOW_CLERK",),
                unit="x",
            ),
        ),
    ):
        with pytest.raises(UnitUnknownError) as refused:
            told(handler, command)
        assert refused.value.facts == {"unit": "x"}


def test_nobody_is_given_a_post_that_does_not_exist(told):
    command = organisation.AssignPerson(
        assignment="a-1", person="p-1", person_name="示例", post="x:1", from_date=date(2026, 1, 1)
    )
    with pytest.raises(PostUnknownError) as refused:
        told(organisation.assign_person, command)
    assert refused.value.facts == {"post": "x:1"}


def test_the_light_of_an_item_nobody_published_is_refused(told):
    fact = items.ItemLightChanged(item_code="X-1", red=True, case_number="c-1")
    with pytest.raises(ItemUnknownError) as refused:
        told(items.flag_item, fact)
    assert refused.value.facts == {"item": "X-1"}
