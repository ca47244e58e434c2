from __future__ import annotations

from datetime import date

import pytest

from servicekit.events import Ownership
from services.catalog.domain.errors import (
    AssignmentsOverlapError,
    PeriodEmptyError,
    PostRolesInvalidError,
    PostUnitInvalidError,
)
from services.catalog.domain.posts import Officer, Post, PostKind
from services.catalog.domain.units import Unit, UnitKind

CHANGE = date(2026, 9, 24)


def unit(kind, code="370306000000-X01"):
    return Unit(code=code, name="示例", kind=kind, parent="370306000000", unit_path=f"/{code}/")


def post(kind=PostKind.WINDOW, place=UnitKind.WINDOW, roles=("WINDOW_CLERK",)):
    return Post.create(
        post=f"{kind}-1", title="示例岗位", post_kind=kind, roles=roles, unit=unit(place)
    )


REVIEWER = post(PostKind.DEPARTMENT, UnitKind.DEPARTMENT, ("REVIEWER",))


def officer(*periods):
    made = Officer(person="p-0101", person_name="王芳（示例）")
    for number, (from_date, until_date) in enumerate(periods):
        made.assign(
            assignment=f"a-{number}", post=post(), from_date=from_date, until_date=until_date
        )
    return made


def test_a_department_post_acts_for_its_department_and_a_window_post_for_nobody():
    assert REVIEWER.authority == REVIEWER.unit
    assert post().authority == ""


@pytest.mark.parametrize(
    ("kind", "place", "roles"),
    [
        pytest.param(PostKind.WINDOW, UnitKind.WINDOW, ("REVIEWER",), id="reviews-at-a-window"),
        pytest.param(
            PostKind.WINDOW, UnitKind.WINDOW, ("WINDOW_CLERK", "DECIDER"), id="both-sides"
        ),
        pytest.param(
            PostKind.DEPARTMENT, UnitKind.DEPARTMENT, ("WINDOW_CLERK",), id="accepts-behind"
        ),
        pytest.param(PostKind.OFFICE, UnitKind.CENTRE, ("SUPERVISOR",), id="supervises-itself"),
        pytest.param(PostKind.WINDOW, UnitKind.WINDOW, (), id="no-role"),
    ],
)
def test_a_role_belongs_to_one_kind_of_post_r4_1(kind, place, roles):
    with pytest.raises(PostRolesInvalidError) as refused:
        post(kind, place, roles)
    assert refused.value.facts == {"post": f"{kind}-1", "roles": ", ".join(roles)}


def test_the_head_of_the_government_stands_above_the_departments():
    head = post(PostKind.SUPERVISION, UnitKind.DIVISION, ("GOVERNMENT_HEAD",))
    assert (head.authority, head.roles) == ("", ("GOVERNMENT_HEAD",))
    with pytest.raises(PostRolesInvalidError):
        post(PostKind.DEPARTMENT, UnitKind.DEPARTMENT, ("GOVERNMENT_HEAD",))


@pytest.mark.parametrize(
    ("kind", "place", "role"),
    [
        (PostKind.WINDOW, UnitKind.DEPARTMENT, "WINDOW_CLERK"),
        (PostKind.DEPARTMENT, UnitKind.WINDOW, "REVIEWER"),
        (PostKind.VILLAGE, UnitKind.WINDOW, "VILLAGE_AGENT"),
        (PostKind.SUPERVISION, UnitKind.CENTRE, "SUPERVISOR"),
        (PostKind.OFFICE, UnitKind.DEPARTMENT, "OPERATOR"),
    ],
)
def test_a_post_stands_in_a_unit_of_its_kind_r4_2(kind, place, role):
    with pytest.raises(PostUnitInvalidError) as refused:
        post(kind, place, (role,))
    assert refused.value.facts == {"post": f"{kind}-1"}


def test_who_changes_post_holds_the_old_one_until_the_day_before():
    changing = officer((date(2026, 1, 1), CHANGE))
    changing.assign(assignment="a-new", post=REVIEWER, from_date=CHANGE)
    assert changing.assignment_on(date(2026, 9, 23)).assignment == "a-0"
    assert changing.assignment_on(CHANGE).assignment == "a-new"
    assert changing.assignment_on(date(2027, 9, 24)).post == REVIEWER.post


def test_nobody_is_in_office_before_the_first_day_or_after_the_last():
    past = officer((date(2026, 1, 1), CHANGE))
    assert past.assignment_on(date(2025, 12, 31)) is None
    assert past.assignment_on(CHANGE) is None


@pytest.mark.parametrize(
    ("held", "new"),
    [
        pytest.param((date(2026, 1, 1), None), (CHANGE, None), id="open-and-open"),
        pytest.param((date(2026, 1, 1), CHANGE), (date(2026, 9, 23), None), id="by-one-day"),
        pytest.param((CHANGE, None), (date(2026, 1, 1), None), id="before-and-open"),
        pytest.param((CHANGE, None), (date(2026, 1, 1), date(2026, 9, 25)), id="into-it"),
        pytest.param(
            (date(2026, 1, 1), date(2027, 1, 1)), (CHANGE, date(2026, 10, 1)), id="inside"
        ),
        pytest.param((CHANGE, CHANGE.replace(day=25)), (date(2026, 1, 1), None), id="around"),
    ],
)
def test_a_person_holds_one_post_at_a_time_readings_1(held, new):
    holding = officer(held)
    with pytest.raises(AssignmentsOverlapError) as refused:
        holding.assign(assignment="a-x", post=REVIEWER, from_date=new[0], until_date=new[1])
    assert refused.value.facts == {"person": "p-0101", "assignment": "a-0"}
    assert len(holding.assignments) == 1


def test_an_assignment_ends_after_it_begins():
    with pytest.raises(PeriodEmptyError) as refused:
        officer((CHANGE, CHANGE))
    assert refused.value.facts == {"person": "p-0101"}


def test_one_post_may_begin_on_the_day_another_ends_whichever_is_told_first():
    holding = officer((CHANGE, None))
    holding.assign(assignment="a-x", post=REVIEWER, from_date=date(2026, 1, 1), until_date=CHANGE)
    assert holding.assignment_on(date(2026, 1, 1)).assignment == "a-x"
    assert {each.person for each in holding.assignments} == {"p-0101"}


def test_a_post_belongs_to_its_unit_and_authority_and_an_officer_to_themselves():
    assert REVIEWER.ownership == Ownership(unit=REVIEWER.unit, authority=REVIEWER.unit)
    assert officer().ownership == Ownership(person="p-0101")
