"""The district that ships with the project."""

from __future__ import annotations

import time
from collections import Counter
from datetime import UTC, datetime

import pytest
from liandong.catalog.v1 import catalog_service_pb2 as pb

from servicekit.testing import harness
from services.catalog.bootstrap import DEFINITION
from services.catalog.domain.items import Necessity
from services.catalog.entrypoints.api import register
from services.catalog.seed import SeedReport, seed, shipped_items
from services.catalog.tests.district import OPERATOR

NOTHING = SeedReport(
    units=0, authorities=0, posts=0, assignments=0, versions=0, rules=0, trainings=0, letters=0
)


@pytest.fixture
def built(tmp_path):
    made = harness(DEFINITION, register, tmp_path)
    yield made
    made.resources.close()


def test_the_district_loads_in_three_seconds_of_work_and_again_without_effect(built):
    begun = time.process_time()
    report = seed(built.resources)
    assert time.process_time() - begun < 3.0
    assert (report.versions, report.letters) == (19, 40)
    assert (report.posts, report.rules, report.trainings) == (51, 2, 18)
    # 263 divisions, a post in each of 250 villages, 31 units of the district and its towns.
    assert report.units == 263 + 250 + 31
    assert seed(built.resources) == NOTHING


def test_loading_publishes_every_unit_item_and_letter(district):
    kinds = Counter(event.type for event in district.events())
    assert kinds == {
        "catalog.unit_registered.v1": 544,
        "catalog.item_version_published.v1": 19,
        "catalog.letter_signed.v1": 40,
    }


def test_every_shipped_item_is_marked_as_an_illustration():
    assert all(item.illustrative for item in shipped_items())


def test_the_food_licence_has_the_materials_the_journey_knows():
    [food] = [item for item in shipped_items() if item.item_code == "370306-01-001"]
    assert [(each.material_code, bool(each.sharing_source)) for each in food.materials] == [
        ("M01", False), ("M02", True), ("M03", True), ("M04", False), ("M05", False),
    ]  # fmt: skip
    assert all(each.necessity is Necessity.REQUIRED for each in food.materials)
    assert food.site_check_required


def test_the_branch_of_a_city_authority_is_reviewed_elsewhere(district):
    bodies = {
        version.authority: version.review_body
        for version in (district.item(item.item_code) for item in shipped_items())
    }
    assert bodies["370306000000-D01"] == "周村区人民政府"
    assert bodies["370306000000-D02"] == "淄博市人民政府"


PERSONS = {
    "p-0101": ("WINDOW_CLERK", "370306000000-C1-W01"),
    "p-0104": ("WINDOW_CLERK", "370306000000-C1-W03"),
    "p-0105": ("WINDOW_CLERK", "370306000000-C1-W04"),
    "p-0106": ("REVIEWER", "370306000000-D01"),
    "p-0107": ("WINDOW_CLERK", "370306000000-C1-W02"),
    "p-0402": ("GOVERNMENT_HEAD", "370306000000"),
    "p-0704": ("REVIEWER", "370306000000-D02"),
    "p-0714": ("REVIEWER", "370306000000-D03"),
    "p-0724": ("REVIEWER", "370306000000-D04"),
    "p-0731": ("REVIEWER", "370306000000-D05"),
    "p-0732": ("DECIDER", "370306000000-D05"),
    "p-0733": ("DEPARTMENT_HEAD", "370306000000-D05"),
    "p-0741": ("REVIEWER", "370306000000-D06"),
    "p-0742": ("DECIDER", "370306000000-D06"),
    "p-0743": ("DEPARTMENT_HEAD", "370306000000-D06"),
    "p-0802": ("VILLAGE_AGENT", "370306001003-P1"),
    "p-0902": ("WINDOW_CLERK", "370306001000-C1-W01"),
}


@pytest.mark.parametrize(("person", "post"), PERSONS.items())
def test_the_persons_of_the_journeys_hold_their_posts(district, person, post):
    asked = pb.ResolveAssignmentRequest(person=person)
    held = district.call("ResolveAssignment", asked, OPERATOR).assignment
    assert (held.roles, held.unit) == ([post[0]], post[1])


def test_who_changes_sides_in_december_does_so_on_one_day(district):
    asked = pb.ResolveAssignmentRequest(person="p-0106")
    kinds = []
    for hour in (15, 16):  # the last minute of 6 December in China, and the first of the 7th
        district.built.clock.instant = datetime(2026, 12, 6, hour, tzinfo=UTC)
        kinds.append(district.call("ResolveAssignment", asked, OPERATOR).assignment.post_kind)
    assert kinds == ["DEPARTMENT", "WINDOW"]


def test_no_item_of_the_district_is_without_a_window_that_accepts_it(district):
    for item in shipped_items():
        asked = pb.FindCompetentWindowsRequest(item_code=item.item_code)
        asked.at_time.FromDatetime(district.built.clock.now())
        windows = {each.code for each in district.call("FindCompetentWindows", asked).windows}
        centre = "370306000000-C1"
        assert {f"{centre}-W01", f"{centre}-W02", f"{centre}-W04"} <= windows
