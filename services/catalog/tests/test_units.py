from __future__ import annotations

import pytest

from services.catalog.domain.errors import UnitCodeInvalidError, UnitMisplacedError
from services.catalog.domain.events import UnitRegistered
from services.catalog.domain.units import Unit, UnitKind

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
    with pytest.raises(UnitCodeInvalidError):
        Unit.register(code=code, name="示例", kind=UnitKind.DIVISION, parent=parent)


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
    with pytest.raises(UnitMisplacedError):
        inside(tree()[above], suffix, kind)


def test_a_village_has_no_divisions():
    with pytest.raises(UnitMisplacedError):
        Unit.register(
            code="370306001001",
            name="示例",
            kind=UnitKind.DIVISION,
            parent=tree()["370306001001"],
        )


def test_a_division_does_not_stand_inside_a_centre():
    centre = inside(tree()["370306000000"], "C1", UnitKind.CENTRE)
    with pytest.raises(UnitMisplacedError):
        Unit.register(code="370306001000", name="示例", kind=UnitKind.DIVISION, parent=centre)


def test_only_the_province_has_no_parent():
    with pytest.raises(UnitMisplacedError):
        Unit.register(code="370306000000-C1", name="示例", kind=UnitKind.CENTRE, parent=None)


def test_the_code_of_an_inner_unit_continues_that_of_its_parent():
    district = tree()["370306000000"]
    with pytest.raises(UnitCodeInvalidError):
        Unit.register(code="370307000000-C1", name="示例", kind=UnitKind.CENTRE, parent=district)


def test_a_section_stands_inside_its_department():
    department = inside(tree()["370306000000"], "D01", UnitKind.DEPARTMENT)
    assert inside(department, "S1", UnitKind.DEPARTMENT).parent == department.code
