from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from servicekit.events import Ownership
from services.catalog.domain.authorities import AuthorityRecord
from services.catalog.domain.errors import AuthorityRecordNotLaterError, ItemNotInForceError
from services.catalog.domain.events import ItemFlagged, ItemVersionPublished
from services.catalog.domain.items import ServiceItem, version_on
from services.catalog.tests.examples import FOOD_LICENCE, OFFICE, OTHER, authority, part

AUTHORITIES = {OFFICE: authority(), OTHER: authority(unit=OTHER)}
AT = datetime(2026, 9, 1, 2, 0, tzinfo=UTC)


def published(*changes):
    item = ServiceItem.of(FOOD_LICENCE)
    for change in changes or ({},):
        item.publish(replace(FOOD_LICENCE, **change), AUTHORITIES, AT)
    return item


def test_a_version_is_numbered_and_filled_from_the_authority():
    [version] = published().versions
    assert version.item_version == "370306-01-001@1"
    assert version.content == replace(
        FOOD_LICENCE,
        item_version="370306-01-001@1",
        authority_name="周村区行政审批服务局",
        authority_prefix="周审批",
        review_body="周村区人民政府",
        court="淄博市周村区人民法院",
    )
    assert version.published_at == AT


def test_what_a_draft_says_about_the_authority_is_not_believed():
    [version] = published({"review_body": "别的机关", "item_version": "x@9"}).versions
    assert version.content.review_body == "周村区人民政府"
    assert version.content.item_version == "370306-01-001@1"


def test_the_reviewing_body_is_that_of_the_first_day_in_force():
    office = authority(
        AuthorityRecord(from_date=date(2020, 1, 1), review_body="甲", court="法院"),
        AuthorityRecord(from_date=date(2026, 1, 2), review_body="乙", court="法院"),
    )
    item = ServiceItem.of(FOOD_LICENCE)
    assert item.publish(FOOD_LICENCE, {OFFICE: office}, AT).content.review_body == "甲"


def test_a_published_version_tells_what_is_declared():
    [event] = published({"in_force_until_date": date(2027, 1, 1)}).events
    assert event == ItemVersionPublished(
        item_code="370306-01-001",
        item_version="370306-01-001@1",
        name="食品经营许可（新办）",
        authority=OFFICE,
        item_type="01",
        admitted=True,
        declared_visits=0,
        declared_fully_online=True,
        excluded_from_online=False,
        courier_offered=True,
        in_force_from_date=date(2026, 1, 1),
        handling="PROMISED",
        statutory_limit=FOOD_LICENCE.statutory_limit,
        promised_limit=FOOD_LICENCE.promised_limit,
        result_physical=True,
        in_force_until_date=date(2027, 1, 1),
    )


def test_an_item_and_an_authority_belong_to_the_authority():
    assert ServiceItem.of(FOOD_LICENCE).ownership == Ownership(unit=OFFICE, authority=OFFICE)
    assert authority().ownership == Ownership(unit=OFFICE, authority=OFFICE)


def test_an_earlier_version_stays_as_it_was_when_another_is_published():
    item = published({}, {"name": "新名称", "in_force_from_date": date(2026, 10, 1)})
    first, second = item.versions
    assert (first.content.name, first.in_force_until_date) == ("食品经营许可（新办）", None)
    assert second.item_version == "370306-01-001@2"


@pytest.mark.parametrize(
    ("day", "number"),
    [
        pytest.param(date(2026, 1, 1), 1, id="the-first-day"),
        pytest.param(date(2026, 9, 30), 1, id="the-day-before-the-second"),
        pytest.param(date(2026, 10, 1), 2, id="the-second"),
        pytest.param(date(2027, 1, 1), 1, id="after-the-second-ended"),
    ],
)
def test_of_the_versions_that_cover_a_day_the_last_published_is_in_force(day, number):
    item = published(
        {}, {"in_force_from_date": date(2026, 10, 1), "in_force_until_date": date(2027, 1, 1)}
    )
    assert version_on(item.item_code, item.versions, day).number == number


def test_an_item_is_not_in_force_before_its_first_day():
    item = published()
    with pytest.raises(ItemNotInForceError) as refused:
        version_on(item.item_code, item.versions, date(2025, 12, 31))
    assert refused.value.facts == {"item": "370306-01-001", "day": "2025-12-31"}


def test_an_item_follows_its_version_to_another_authority():
    item = published({}, {"authority": OTHER})
    assert item.ownership.authority == OTHER


def test_each_part_names_its_own_authority_and_remedies_readings_21():
    record = AuthorityRecord(from_date=date(2024, 1, 1), review_body="甲", court="")
    item = ServiceItem.of(FOOD_LICENCE)
    joint = replace(FOOD_LICENCE, parts=(part(), part(OTHER, review_body="别的机关")))
    both = {OFFICE: authority(), OTHER: authority(record, unit=OTHER)}
    content = item.publish(joint, both, AT).content
    assert [(each.authority_name, each.authority_prefix) for each in content.parts] == [
        ("周村区行政审批服务局", "周审批"), ("周村区综合行政执法局", "周审批"),
    ]  # fmt: skip
    assert [(each.review_body, each.court) for each in content.parts] == [
        ("周村区人民政府", "淄博市周村区人民法院"), ("甲", ""),
    ]  # fmt: skip
    assert content.authorities == (OFFICE, OTHER)
    assert content.draft == joint.draft


def test_nothing_is_published_for_an_authority_without_a_record():
    late = AuthorityRecord(from_date=date(2026, 1, 2), review_body="甲", court="乙")
    with pytest.raises(ValueError, match="no record"):
        ServiceItem.of(FOOD_LICENCE).publish(FOOD_LICENCE, {OFFICE: authority(late)}, AT)


def test_too_many_visits_flag_the_item_once_r2_5():
    item = published()
    item.events.clear()
    assert item.flag(red=True, case_number="c-1")
    assert not item.flag(red=True, case_number="c-2")
    assert item.events == [ItemFlagged(item_code="370306-01-001", red=True, case_number="c-1")]
    assert item.red_case_number == "c-1"


def test_an_explained_item_is_flagged_no_longer():
    item = published()
    item.flag(red=True, case_number="c-1")
    item.events.clear()
    assert item.flag(red=False, case_number="c-1")
    assert (item.red, item.red_case_number) == (False, "")
    assert item.events == [ItemFlagged(item_code="370306-01-001", red=False, case_number="c-1")]


def test_taking_back_a_flag_that_was_never_set_changes_nothing():
    item = published()
    item.events.clear()
    assert not item.flag(red=False, case_number="c-1")
    assert item.events == []


def test_a_record_of_an_authority_only_follows_later_ones():
    office = authority()
    with pytest.raises(AuthorityRecordNotLaterError):
        office.add_record(
            AuthorityRecord(from_date=date(2024, 1, 1), review_body="乙", court="法院")
        )


def test_each_day_has_the_record_that_began_last():
    office = authority()
    office.add_record(AuthorityRecord(from_date=date(2027, 1, 1), review_body="乙", court="法院"))
    assert office.record_on(date(2023, 12, 31)) is None
    assert office.record_on(date(2026, 12, 31)).review_body == "周村区人民政府"
    assert office.record_on(date(2027, 1, 1)).review_body == "乙"
