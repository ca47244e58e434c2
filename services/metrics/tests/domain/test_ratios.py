"""Every formula with an example that can be counted by hand."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from services.metrics.domain.errors import RatioUnknownError
from services.metrics.domain.facts import CaseFacts
from services.metrics.domain.items import DeclaredItem
from services.metrics.domain.rating import Grade
from services.metrics.domain.ratios import (
    RATIOS,
    CountedCase,
    Fraction,
    Population,
    cases_behind,
    declared_fraction,
    proven_fraction,
    ratio_named,
)

AT = datetime(2026, 9, 7, 1, 0, tzinfo=UTC)
TODAY = date(2026, 9, 14)


def item(code, **facts):
    return DeclaredItem(item_code=code, item_version=f"{code}@1", **facts)


def case(number, of=None, *, kind="WINDOW", grade=None, **facts):
    code = of.item_code if of is not None else "I-1"
    return CountedCase(
        facts=CaseFacts(**({"case_number": number, "item_code": code, "received_at": AT} | facts)),
        item=of,
        accepting_kind=kind,
        grade=grade,
    )


def proven(name, *cases, items=()):
    return proven_fraction(ratio_named(name), Population(items, cases, TODAY))


def declared(name, *items):
    return declared_fraction(ratio_named(name), Population(items, (), TODAY))


@pytest.mark.parametrize("name", RATIOS)
def test_without_anything_to_count_there_is_no_ratio(name):
    assert proven(name) == Fraction(0, 0, 0)


@pytest.mark.parametrize("name", RATIOS)
def test_a_case_that_was_not_told_of_is_counted_nowhere(name):
    unknown = case(
        "C-1",
        item("I-1"),
        received_at=None,
        decided_at=AT,
        visits=2,
        served_at=AT,
        notices=1,
        courier_due=True,
        accepted_at=AT,
        grade=Grade.SATISFIED,
    )

    assert proven(name, unknown) == Fraction(0, 0, 0)


@pytest.mark.parametrize("name", RATIOS)
def test_the_cases_behind_a_ratio_of_cases_are_its_denominator(name):
    ratio = ratio_named(name)
    bad = case(
        "C-2",
        item("I-1"),
        decided_at=AT,
        served_at=AT,
        accepted_at=AT,
        visits=2,
        notices=2,
        courier_due=True,
        channel="WINDOW",
        promise_kept=False,
        grade=Grade.DISSATISFIED,
        kind="DEPARTMENT",
    )
    good = case(
        "C-1",
        item("I-1"),
        decided_at=AT,
        served_at=AT,
        accepted_at=AT,
        visits=0,
        notices=1,
        courier_due=True,
        courier_offered_at=AT,
        channel="ONLINE",
        promise_kept=True,
        grade=Grade.SATISFIED,
    )
    unrated = case("C-2", item("I-1"), decided_at=AT, served_at=AT)
    other = unrated if name == "rating_rate" else bad

    assert cases_behind(ratio, Population((), (other, good), TODAY)) == {"C-1": True, "C-2": False}


def test_an_unknown_ratio_is_refused():
    with pytest.raises(RatioUnknownError) as refusal:
        ratio_named("everything_is_fine")
    assert refusal.value.facts == {"ratio": "everything_is_fine"}


def test_the_goals_are_those_of_the_plan():
    goals = {name: ratio.goal_percent for name, ratio in RATIOS.items() if ratio.goal_percent}

    assert goals == {"fully_online_items": 90, "at_most_one_visit_items": 100}


def test_r2_2_fully_online_items_as_declared():
    # Three permits, one of them barred; of the two left one is declared online: 1/2.
    assert declared(
        "fully_online_items",
        item("I-1", declared_fully_online=True),
        item("I-2"),
        item("I-3", excluded_from_online=True, declared_fully_online=True),
        item("I-4", item_type="20", declared_fully_online=True),
    ) == Fraction(1, 2, 1)


def test_r2_2_fully_online_items_as_proven():
    proved, claimed = item("I-1"), item("I-2", declared_fully_online=True)
    barred, public = item("I-3", excluded_from_online=True), item("I-4", item_type="20")
    online = {"channel": "ONLINE", "decided_at": AT}

    # I-1 by its second case; I-2 only declares it; I-3 is barred; I-4 is no permit: 1/2.
    assert proven(
        "fully_online_items",
        case("C-1", proved, channel="WINDOW", decided_at=AT, visits=1),
        case("C-2", proved, **online),
        case("C-3", barred, **online),
        case("C-4", public, **online),
        items=(proved, claimed, barred, public),
    ) == Fraction(1, 2, 1)


def test_r2_1_fully_online_cases():
    barred = item("I-2", excluded_from_online=True)

    # Online and decided 1; by a window 0; still open: not asked; barred: left out.
    assert proven(
        "fully_online_cases",
        case("C-1", channel="ONLINE", decided_at=AT),
        case("C-2", channel="WINDOW", decided_at=AT, visits=1),
        case("C-3", channel="ONLINE"),
        case("C-4", barred, channel="ONLINE", decided_at=AT),
    ) == Fraction(1, 2, 1)


def test_r2_2_the_cases_behind_the_items_are_those_of_permits():
    permit, public = item("I-1"), item("I-4", item_type="20")
    population = Population(
        (permit, public),
        (
            case("C-1", permit, channel="ONLINE", decided_at=AT),
            case("C-2", permit, channel="WINDOW", visits=1, decided_at=AT),
            case("C-3", public, channel="ONLINE", decided_at=AT),
            case("C-4", None, channel="ONLINE", decided_at=AT),
        ),
        TODAY,
    )

    assert cases_behind(ratio_named("fully_online_items"), population) == {
        "C-1": True,
        "C-2": False,
    }


def test_r2_5_at_most_one_visit_items_as_declared():
    # Not admitted items are not asked; of three admitted ones two declare one visit or none: 2/3.
    assert declared(
        "at_most_one_visit_items",
        item("I-1", declared_visits=0),
        item("I-2", declared_visits=1),
        item("I-3", declared_visits=2),
        item("I-4", declared_visits=0, admitted=False),
    ) == Fraction(2, 3, 0)


def test_r2_5_at_most_one_visit_items_as_proven():
    green, red, unproven = item("I-1"), item("I-2"), item("I-3")
    outside = item("I-4", admitted=False)
    done = {"decided_at": AT, "served_at": AT}

    # I-1 has a good case; I-2 a good and a bad one; I-3 an unserved one; I-4 is not admitted.
    assert proven(
        "at_most_one_visit_items",
        case("C-1", green, visits=1, **done),
        case("C-2", red, visits=0, **done),
        case("C-3", red, visits=2, decided_at=AT),
        case("C-4", unproven, visits=1, decided_at=AT),
        case("C-5", outside, visits=2, **done),
        items=(green, red, unproven, outside),
    ) == Fraction(1, 2, 1)


def test_r2_5_at_most_one_visit_cases():
    # Served with 1 visit and with 2: 1/2; decided but not served: left out; open: not asked.
    assert proven(
        "at_most_one_visit_cases",
        case("C-1", visits=1, decided_at=AT, served_at=AT),
        case("C-2", visits=2, decided_at=AT, served_at=AT),
        case("C-3", visits=1, decided_at=AT),
        case("C-4", visits=1),
    ) == Fraction(1, 2, 1)


def test_r1_5_on_time_completion_counts_open_cases_past_their_promise():
    # Kept, broken, and open since yesterday's last day: 1/3; open in time: left out.
    assert proven(
        "on_time_completion",
        case("C-1", accepted_at=AT, decided_at=AT, promise_kept=True),
        case("C-2", accepted_at=AT, decided_at=AT, promise_kept=False),
        case("C-3", accepted_at=AT, accepted_promise_due_on=date(2026, 9, 13)),
        case("C-4", accepted_at=AT, accepted_promise_due_on=TODAY),
        case("C-5"),
    ) == Fraction(1, 3, 1)


def test_r4_1_one_window_acceptance():
    admitted, own_hall = item("I-1"), item("I-2", admitted=False)

    # By a window, by a department, by a unit nobody knows: 1/3; not admitted: left out.
    assert proven(
        "one_window_acceptance",
        case("C-1", admitted, accepted_at=AT),
        case("C-2", admitted, accepted_at=AT, kind="DEPARTMENT"),
        case("C-3", admitted, accepted_at=AT, kind=""),
        case("C-4", own_hall, accepted_at=AT),
        case("C-5", admitted),
    ) == Fraction(1, 3, 1)


def test_r1_2_one_time_notice():
    # One notice, two notices: 1/2; a case that needed none is not asked.
    assert proven(
        "one_time_notice",
        case("C-1", notices=1),
        case("C-2", notices=2),
        case("C-3"),
    ) == Fraction(1, 2, 0)


def test_satisfaction_is_the_share_of_good_grades_among_ratings():
    # 1 and 3 are good, 4 is not: 2/3; unrated is not asked.
    assert proven(
        "satisfaction",
        case("C-1", grade=Grade.VERY_SATISFIED),
        case("C-2", grade=Grade.FAIRLY_SATISFIED),
        case("C-3", grade=Grade.DISSATISFIED),
        case("C-4"),
    ) == Fraction(2, 3, 0)


def test_rating_rate_is_the_share_of_rated_among_served_cases():
    # Two served, one of them rated: 1/2; decided but not served cannot be rated: left out.
    assert proven(
        "rating_rate",
        case("C-1", decided_at=AT, served_at=AT, grade=Grade.DISSATISFIED),
        case("C-2", decided_at=AT, served_at=AT),
        case("C-3", decided_at=AT),
        case("C-4"),
    ) == Fraction(1, 2, 1)


def test_r2_9_courier_offer_coverage():
    # Two with a result on paper, one of them offered: 1/2; without paper: left out.
    assert proven(
        "courier_offer_coverage",
        case("C-1", courier_due=True, courier_offered_at=AT),
        case("C-2", courier_due=True),
        case("C-3", courier_offered_at=AT),
    ) == Fraction(1, 2, 1)


def test_nobody_declares_cases():
    names = [name for name in RATIOS if declared(name, item("I-1")) is not None]

    assert names == ["at_most_one_visit_items", "fully_online_items"]
