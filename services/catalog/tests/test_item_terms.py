"""The terms of the shipped items through the guarded methods: limits, parts, ends."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from liandong.catalog.v1 import catalog_events_pb2 as events_pb
from liandong.catalog.v1 import catalog_service_pb2 as pb
from liandong.common.v1 import common_pb2 as common
from liandong.common.v1 import item_terms_pb2 as terms

from servicekit.messages import from_message, to_message
from services.catalog.domain.items import ItemVersion
from services.catalog.seed import shipped_items
from services.catalog.tests.broken_terms import extension, joint
from services.catalog.tests.district import APPROVER, FOOD, OFFICE, day, publication
from services.catalog.tests.examples import OTHER, part, working_days

OLD, NEW = "370306-01-013", FOOD
SHIPPED = {item.item_code: item for item in shipped_items()}


def ended(district, code=OLD, on_date=None):
    request = pb.GetServiceItemRequest(
        item_code=code, on_date=on_date or day(2026, 10, 1), include_ended=True
    )
    return district.call("GetServiceItem", request)


def test_an_item_out_of_force_is_given_with_its_successor_if_asked_readings_4(district):
    found = ended(district)
    assert (found.in_force, found.version.item_version) == (False, f"{OLD}@1")
    assert found.version.successor_item == NEW
    asked = pb.GetServiceItemRequest(item_code=OLD, on_date=day(2026, 10, 1))
    assert district.refused("GetServiceItem", asked).reason == "ITEM_NOT_IN_FORCE"


def test_an_item_in_force_is_given_as_ever_whether_ended_ones_are_asked_for_or_not(district):
    last_day = ended(district, on_date=day(2026, 9, 30))
    assert (last_day.in_force, last_day.version.item_version) == (True, f"{OLD}@1")
    asked = pb.GetServiceItemRequest(item_code=FOOD)
    assert district.call("GetServiceItem", asked).in_force


def test_what_is_not_yet_in_force_has_not_ended(district):
    request = pb.GetServiceItemRequest(
        item_code=FOOD, on_date=day(2025, 12, 31), include_ended=True
    )
    assert district.refused("GetServiceItem", request).reason == "ITEM_NOT_IN_FORCE"


def test_of_several_ended_versions_the_one_that_ended_last_is_given(district):
    for number, (first, until) in enumerate(
        ((date(2027, 1, 1), date(2027, 6, 1)), (date(2026, 11, 1), date(2026, 12, 1)))
    ):
        request = publication(
            f"publish-{number}",
            item_code=OLD,
            name="小餐饮登记",
            in_force_from_date=first,
            in_force_until_date=until,
        )
        district.call("PublishItemVersion", request, APPROVER)
    assert ended(district, on_date=day(2026, 12, 15)).version.item_version == f"{OLD}@3"
    assert ended(district, on_date=day(2027, 7, 1)).version.item_version == f"{OLD}@2"


@pytest.mark.parametrize("code", SHIPPED)
def test_every_shipped_item_comes_back_as_it_was_written(district, code):
    version = from_message(ended(district, code, day(2026, 9, 21)).version, ItemVersion)
    assert version.draft == SHIPPED[code]
    assert version.authority_name
    assert all(each.authority_name and each.authority_prefix for each in version.parts)


def test_a_joint_item_names_each_authority_with_its_remedies(district):
    version = district.item("370306-01-012")
    assert version.joint_form == terms.JOINT_FORM_JOINT_HANDLING
    assert [(each.authority, each.authority_prefix) for each in version.parts] == [
        (OFFICE, "周审批"), (OTHER, "周综执"),
    ]  # fmt: skip
    assert [each.court for each in version.parts] == ["淄博市周村区人民法院"] * 2
    assert list(version.parts[1].prerequisites) == [OFFICE]
    assert version.designation == "周政字〔2026〕1号"
    assert version.extension.approver == terms.EXTENSION_APPROVER_GOVERNMENT_HEAD
    assert (version.extension.amount, version.statutory_limit.amount) == (15, 45)


def test_what_a_request_says_about_the_authority_of_a_part_is_not_believed(district):
    forged = part(OTHER, authority_name="别的机关", court="别的法院")
    request = publication(**joint(part(), forged), in_force_from_date=date(2026, 10, 1))
    district.call("PublishItemVersion", request, APPROVER)
    version = district.item(on_date=day(2026, 10, 1))
    assert version.parts[1].authority_name == "周村区综合行政执法局"
    assert version.parts[1].court == "淄博市周村区人民法院"


def test_all_defects_of_the_terms_are_told_at_once_each_with_its_sentence(district):
    request = publication(
        **joint(part(OTHER), part(OTHER, prerequisites=(OTHER,), persons_required=1)),
        extension=extension(40),
        consulted=(OFFICE,),
        verification_limit=working_days(3),
        receiving_posts=("370306001001-P1", "370306001099-P1"),
        presence_basis="办法 第三条",
        successor_item=FOOD,
        in_force_from_date=date(2026, 10, 1),
    )
    refusal = district.refused("PublishItemVersion", request, APPROVER)
    assert (refusal.reason, refusal.rule) == ("LINT_FAILED", "R3.5")
    assert refusal.facts.keys() - {"item", "count", "rule"} == {
        "JOINT_LEAD_MISMATCH",
        "JOINT_PART_REPEATED",
        "PART_PERSONS_TOO_FEW",
        "PREREQUISITE_RING",
        "CONSULTED_WITHOUT_FORM",
        "CONSULTED_IS_AUTHORITY",
        "EXTENSION_TOO_LONG",
        "VERIFICATION_UNEXPECTED",
        "TOWN_RECEIVING_RECORD_MISSING",
        "RECEIVING_POST_INVALID",
        "PRESENCE_WITHOUT_VISIT",
        "SUCCESSOR_WITHOUT_END",
    }
    assert refusal.facts["RECEIVING_POST_INVALID"].endswith("以下1个不符合：370306001099-P1。")


def test_an_item_without_a_letter_is_found_when_it_is_published_again(district):
    first = publication("publish-1", item_code="370306-01-099", admitted=False,
                        in_force_from_date=date(2026, 10, 1))  # fmt: skip
    district.call("PublishItemVersion", first, APPROVER)
    again = publication("publish-2", item_code="370306-01-099",
                        in_force_from_date=date(2026, 10, 1))  # fmt: skip
    refusal = district.refused("PublishItemVersion", again, APPROVER)
    assert "LETTER_MISSING" in refusal.facts


def test_an_item_whose_letters_end_before_it_begins_has_none(district):
    request = publication(in_force_from_date=date(2028, 1, 1))
    assert "LETTER_MISSING" in district.refused("PublishItemVersion", request, APPROVER).facts


def test_an_item_that_towns_receive_keeps_its_record(district):
    version = replace(SHIPPED["370306-20-001"], in_force_from_date=date(2026, 10, 1))
    without = replace(version, town_receiving_record="")
    refusal = district.refused("PublishItemVersion", published(without), APPROVER)
    assert set(refusal.facts) >= {"TOWN_RECEIVING_RECORD_MISSING"}
    assert district.call("PublishItemVersion", published(version), APPROVER).item_version


def published(version):
    return pb.PublishItemVersionRequest(
        request_id="publish-of-terms", version=to_message(version, pb.ItemVersion)
    )


def test_a_published_version_tells_its_handling_and_limits(district):
    [event] = district.events("370306-01-008")
    told = events_pb.ItemVersionPublished.FromString(event.payload)
    assert (told.handling, told.result_physical) == ("ON_THE_SPOT", True)
    assert (told.statutory_limit.amount, told.promised_limit.unit) == (
        3, common.LIMIT_UNIT_ON_THE_SPOT,
    )  # fmt: skip
    assert not told.HasField("in_force_until_date")
    [old] = district.events(OLD)
    told = events_pb.ItemVersionPublished.FromString(old.payload)
    assert told.in_force_until_date == day(2026, 10, 1)
    [card] = district.events("370306-20-001")
    assert not events_pb.ItemVersionPublished.FromString(card.payload).HasField("statutory_limit")


def test_malformed_terms_name_their_fields(district):
    request = publication(**joint(part(), part(OTHER, name="")), extension=extension(0))
    refusal = district.refused("PublishItemVersion", request, APPROVER)
    assert refusal.code == "INVALID_ARGUMENT"
    assert {"version.parts[1].name", "version.extension.amount"} <= set(refusal.fields)
