from __future__ import annotations

from datetime import date, timedelta

import pytest

from services.catalog.domain.errors import (
    MergedIntoItselfError,
    MergerBackdatedError,
    NotAWindowError,
    UnitCodeInvalidError,
    UnitMisplacedError,
    WindowMergedError,
)
from services.catalog.domain.events import UnitRegistered, WindowMerged
from services.catalog.domain.units import Merger, Unit, UnitKind, predecessors_of

DIVISIONS = {
    "370000000000": "山东省",
    "370300000000": "淄博市",
    "370306000000": "周村区",
    "370306001000": "丝绸路街道",
    "370306001001": "车站社区居委会",
}


def tree():
    units = {}
    parent = None
    for code, name in DIVISIONS.items():
        parent = units[code] = Unit.register(
            code=code, name=name, kind=UnitKind.DIVISION, parent=parent
        )
    return units


def inside(parent, suffix, kind):
    return Unit.register(code=f"{parent.code}-{suffix}", name="示例", kind=kind, parent=parent)


def test_a_path_names_every_unit_above_with_a_slash_at_both_ends():
    district = tree()["370306000000"]
    centre = inside(district, "C1", UnitKind.CENTRE)
    window = inside(centre, "W01", UnitKind.WINDOW)
    assert window.unit_path == (
        "/370000000000/370300000000/370306000000/370306000000-C1/370306000000-C1-W01/"
    )
    assert window.parent == centre.code


def test_the_five_levels_are_those_of_the_standard():
    assert [unit.level for unit in tree().values()] == [2, 3, 4, 5, 6]


def test_a_unit_inside_another_has_no_level():
    assert inside(tree()["370306000000"], "D01", UnitKind.DEPARTMENT).level == 0


def test_a_registered_unit_tells_so():
    district = tree()["370306000000"]
    assert district.events == [
        UnitRegistered(
            unit="370306000000",
            name="周村区",
            level=4,
            kind="DIVISION",
            unit_path="/370000000000/370300000000/370306000000/",
        )
    ]
    assert district.stream_id == "370306000000"


def test_a_new_name_is_told_and_the_same_name_is_not():
    district = tree()["370306000000"]
    district.events.clear()
    assert not district.change(name="周村区", site="")
    assert district.events == []
    assert district.change(name="周村区（示例）", site="")
    assert [event.name for event in district.events] == ["周村区（示例）"]


@pytest.mark.parametrize(
    ("above", "code"),
    [
        pytest.param("370306000000", "370307001000", id="of-another-district"),
        pytest.param("370306000000", "370306001001", id="a-village-under-a-district"),
        pytest.param("370306001000", "3703060010011", id="thirteen-digits"),
        pytest.param("370306001000", "37030600100A", id="a-letter"),
        pytest.param("370306001000", "37030600100１", id="a-full-width-digit"),
        pytest.param(None, "370300000000", id="a-city-as-the-root"),
    ],
)
def test_a_division_code_continues_that_of_its_parent(above, code):
    parent = tree()[above] if above else None
    with pytest.raises(UnitCodeInvalidError) as refused:
        Unit.register(code=code, name="示例", kind=UnitKind.DIVISION, parent=parent)
    assert refused.value.facts == {"unit": code}


@pytest.mark.parametrize(
    ("above", "suffix", "kind"),
    [
        pytest.param("370306001001", "C1", UnitKind.CENTRE, id="a-centre-in-a-village"),
        pytest.param("370306000000", "W01", UnitKind.WINDOW, id="a-window-without-a-centre"),
        pytest.param("370306001000", "P1", UnitKind.VILLAGE_POST, id="a-village-post-in-a-town"),
        pytest.param("370306001001", "D01", UnitKind.DEPARTMENT, id="a-department-in-a-village"),
    ],
)
def test_a_unit_stands_where_its_kind_may(above, suffix, kind):
    with pytest.raises(UnitMisplacedError) as refused:
        inside(tree()[above], suffix, kind)
    assert refused.value.facts == {"unit": f"{above}-{suffix}", "parent": above}


def test_a_village_has_no_divisions():
    with pytest.raises(UnitMisplacedError, match="a village has no divisions"):
        Unit.register(
            code="370306001001",
            name="示例",
            kind=UnitKind.DIVISION,
            parent=tree()["370306001001"],
        )


def test_a_division_does_not_stand_inside_a_centre():
    centre = inside(tree()["370306000000"], "C1", UnitKind.CENTRE)
    with pytest.raises(UnitMisplacedError) as refused:
        Unit.register(code="370306001000", name="示例", kind=UnitKind.DIVISION, parent=centre)
    assert refused.value.facts == {"unit": "370306001000"}
    assert refused.value.args[0] == "a division stands under a division"


def test_only_the_province_has_no_parent():
    with pytest.raises(UnitMisplacedError) as refused:
        Unit.register(code="370306000000-C1", name="示例", kind=UnitKind.CENTRE, parent=None)
    assert refused.value.facts == {"unit": "370306000000-C1"}


def test_the_code_of_an_inner_unit_continues_that_of_its_parent():
    district = tree()["370306000000"]
    with pytest.raises(UnitCodeInvalidError) as refused:
        Unit.register(code="370307000000-C1", name="示例", kind=UnitKind.CENTRE, parent=district)
    assert refused.value.facts == {"unit": "370307000000-C1"}


def test_a_section_stands_inside_its_department():
    department = inside(tree()["370306000000"], "D01", UnitKind.DEPARTMENT)
    assert inside(department, "S1", UnitKind.DEPARTMENT).parent == department.code


TODAY = date(2026, 12, 10)


def window(code, kind=UnitKind.WINDOW):
    return Unit(code=code, name="示例", kind=kind, parent="370306000000-C1", unit_path="/")


def merged(code="W04", successor="W01", day=TODAY):
    made = window(code)
    made.merge_into(window(successor), day, TODAY)
    return made


def test_a_merged_window_tells_where_its_results_are_handed_out_and_ends_that_day():
    old = merged()
    assert (old.merged_into, old.merged_from_date) == ("W01", TODAY)
    assert old.events == [WindowMerged(window_unit="W04", successor="W01", from_date=TODAY)]
    assert old.has_ended(TODAY)
    assert not old.has_ended(TODAY - timedelta(days=1))
    assert not window("W01").has_ended(TODAY)


def test_a_merger_begins_today_at_the_earliest():
    assert merged(day=TODAY + timedelta(days=1)).merged_into == "W01"
    with pytest.raises(MergerBackdatedError) as refused:
        merged(day=TODAY - timedelta(days=1))
    assert refused.value.facts == {"today": "2026-12-10"}


@pytest.mark.parametrize("kind", [kind for kind in UnitKind if kind is not UnitKind.WINDOW])
def test_only_windows_are_merged_and_only_into_windows(kind):
    for old, new in ((window("a", kind), window("b")), (window("b"), window("a", kind))):
        with pytest.raises(NotAWindowError) as refused:
            old.merge_into(new, TODAY, TODAY)
        assert refused.value.facts == {"unit": "a"}
        assert old.merged_into == ""


def test_a_window_is_not_merged_into_itself():
    with pytest.raises(MergedIntoItselfError) as refused:
        merged("W01")
    assert refused.value.facts == {"unit": "W01"}


def test_a_window_that_ends_is_merged_once_and_takes_nothing_over():
    old = merged()
    for first, second in ((old, window("W02")), (window("W02"), old)):
        with pytest.raises(WindowMergedError) as refused:
            first.merge_into(second, TODAY, TODAY)
        assert refused.value.facts == {"unit": "W04", "successor": "W01"}
    assert old.merged_into == "W01"


def test_predecessors_are_found_at_any_remove_from_the_day_they_were_merged():
    eve = TODAY - timedelta(days=1)
    mergers = [Merger("W04", "W03", eve), Merger("W03", "W01", TODAY), Merger("W05", "W01", TODAY)]
    assert predecessors_of("W01", mergers, TODAY) == ("W03", "W04", "W05")
    assert predecessors_of("W01", mergers, eve) == ()
    assert predecessors_of("W03", mergers, eve) == ("W04",)
    assert predecessors_of("W04", mergers, TODAY) == ()
