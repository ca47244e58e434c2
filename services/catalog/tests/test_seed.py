"""The district that ships with the project."""

from __future__ import annotations

import time
from collections import Counter

import pytest

from servicekit.testing import harness
from services.catalog.bootstrap import DEFINITION
from services.catalog.domain.items import Necessity
from services.catalog.entrypoints.api import register
from services.catalog.seed import SeedReport, seed, shipped_items

NOTHING = SeedReport(units=0, authorities=0, posts=0, assignments=0, versions=0, letters=0)


@pytest.fixture
def built(tmp_path):
    made = harness(DEFINITION, register, tmp_path)
    yield made
    made.resources.close()


def test_the_district_loads_in_two_seconds_of_work_and_again_without_effect(built):
    begun = time.process_time()
    report = seed(built.resources)
    assert time.process_time() - begun < 2.0
    assert (report.versions, report.letters) == (13, 28)
    # 263 divisions, a post in each of 250 villages, 27 units of the district and its towns.
    assert report.units == 263 + 250 + 27
    assert seed(built.resources) == NOTHING


def test_loading_publishes_every_unit_item_and_letter(district):
    kinds = Counter(event.type for event in district.events())
    assert kinds == {
        "catalog.unit_registered.v1": 540,
        "catalog.item_version_published.v1": 13,
        "catalog.letter_signed.v1": 28,
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
