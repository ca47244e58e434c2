"""Every formula with an example that can be counted by hand."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from services.metrics.domain.errors import RatioUnknownError
from services.metrics.domain.items import DeclaredItem, in_force
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
from services.metrics.tests.fakes import counted_facts
from workdays import Limit, Unit

AT = datetime(2026, 9, 7, 1, 0, tzinfo=UTC)
TODAY = date(2026, 9, 14)


def item(code, **facts):
    return DeclaredItem(item_code=code, item_version=f"{code}@1", **facts)


def case(number, of=None, *, kind="WINDOW", grade=None, **facts):
    code = of.item_code if of is not None else "I-1"
    return CountedCase(
        facts=counted_facts(number, **({"item_code": code, "received_at": AT} | facts)),
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


WITH_LIMITS = {
    "statutory_limit": Limit(20, Unit.WORKING_DAY),
    "promised_limit": Limit(5, Unit.WORKING_DAY),
    "result_physical": True,
}
DONE = {"decided_at": AT, "served_at": AT, "accepted_at": AT, "courier_due": True}
GOOD = DONE | {
    "notices": 1,
    "courier_offered_at": AT,
    "channel": "ONLINE",
    "promise_kept": True,
    "decided_early": True,
    "parcels_out": 1,
    "parcels_signed": 1,
    "grade": Grade.SATISFIED,
}
BAD = DONE | {
    "visits": 2,
    "notices": 2,
    "channel": "WINDOW",
    "promise_kept": False,
    "decided_early": False,
    "served_at": AT + timedelta(days=30),
    "grade": Grade.DISSATISFIED,
    "kind": "DEPARTMENT",
}
# What makes the difference where the facts above do not, or where few are better than many.
COUNTS = {
    "assisted_cases": {"assistance": "DB-1"},
    "deemed_acceptance": {"deemed": True},
    "first_pass": {"notices": 0},
    "mean_duration": {"days": (1, 2)},
    "on_the_spot_cases": {"spot_decided_at": AT, "spot_promise_kept": True},
    "on_the_spot_items": {"spot_decided_at": AT, "spot_promise_kept": True},
    "overdue_cases": {"promise_kept": False},
    "returned_cases": {"returned_by": ("D01",)},
    "reworked_cases": {"reworked_by": ("D01",)},
    "speed_up": {"days": (1, 3)},
}
AGAINST = {
    "overdue_cases": {"promise_kept": True},
    "parcel_delivery": {"parcels_out": 1, "parcels_failed": 1},
    "rating_rate": {"grade": None},
    "speed_up": {"days": (2, 3)},
}


@pytest.mark.parametrize("name", RATIOS)
def test_the_cases_behind_a_ratio_are_its_denominator(name):
    item_of_both = item("I-1", **WITH_LIMITS)
    good = case("C-1", item_of_both, **(GOOD | COUNTS.get(name, {})))
    bad = case("C-2", item_of_both, **(BAD | AGAINST.get(name, {})))

    assert cases_behind(ratio_named(name), Population((), (bad, good), TODAY)) == {
        "C-1": True,
        "C-2": False,
    }


def test_an_unknown_ratio_is_refused():
    with pytest.raises(RatioUnknownError) as refusal:
        ratio_named("everything_is_fine")
    assert refusal.value.facts == {"ratio": "everything_is_fine"}


def test_the_goals_are_those_of_the_plan():
    goals = {name: ratio.goal_percent for name, ratio in RATIOS.items() if ratio.goal_percent}

    assert goals == {
        "fully_online_items": 90,
        "at_most_one_visit_items": 100,
        "courier_items": 100,
    }


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


def test_r1_2_first_pass_is_the_share_of_accepted_cases_without_any_notice():
    # Without a notice, with one, with a further one only: 1/3; not accepted: not asked.
    assert proven(
        "first_pass",
        case("C-1", accepted_at=AT),
        case("C-2", accepted_at=AT, notices=1),
        case("C-3", accepted_at=AT, further_notices=1),
        case("C-4"),
    ) == Fraction(1, 3, 0)


SPOT = {"spot_decided_at": AT, "spot_promise_kept": True}


def test_r1_5_speed_up_weighs_the_days_promised_against_the_days_taken():
    promised = item("I-1", **WITH_LIMITS)
    by_month = item("I-2", promised_limit=Limit(1, Unit.MONTH))

    # 5 promised and 3 taken, 5 and 4: 1 - 7/10; on the spot, by month, unknown item: left out.
    assert proven(
        "speed_up",
        case("C-1", promised, decided_at=AT, days=(1, 2)),
        case("C-2", promised, decided_at=AT, days=(0, 4)),
        case("C-3", promised, **SPOT),
        case("C-4", by_month, decided_at=AT),
        case("C-5", decided_at=AT),
        case("C-6", promised),
    ) == Fraction(3, 10, 3)


def test_r1_5_a_case_that_took_longer_than_promised_takes_away_from_the_speed_up():
    promised = item("I-1", **WITH_LIMITS)

    assert proven("speed_up", case("C-1", promised, decided_at=AT, days=(2, 12))) == Fraction(
        -9, 5, 0
    )


def test_mean_duration_is_days_over_decided_cases():
    # 3 and 14 days: 17 over 2 cases; on the spot no day is counted; open: not asked.
    assert proven(
        "mean_duration",
        case("C-1", decided_at=AT, days=(1, 2)),
        case("C-2", decided_at=AT, days=(2, 12)),
        case("C-3", **SPOT),
        case("C-4"),
    ) == Fraction(17, 2, 1)


@pytest.mark.parametrize(
    ("name", "fact"), [("returned_cases", "returned_by"), ("reworked_cases", "reworked_by")]
)
def test_r4_10_each_department_answers_for_what_it_did_itself(name, fact):
    cases = (
        case("C-1", accepted_at=AT, **{fact: ("D01",)}),
        case("C-2", accepted_at=AT, **{fact: ("D01", "D06")}),
        case("C-3", accepted_at=AT),
        case("C-4", accepted_at=AT, **SPOT),
        case("C-5", **{fact: ("D01",)}),
    )

    def of(authority):
        return proven_fraction(ratio_named(name), Population((), cases, TODAY, authority=authority))

    # On the spot no department had it: left out; not accepted: not asked.
    assert of("") == of("D01") == Fraction(2, 3, 1)
    assert of("D06") == Fraction(1, 3, 1)
    assert of("D0") == Fraction(0, 3, 1)


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


def test_readings_22_every_ratio_over_items_is_declared_and_none_over_cases():
    names = [name for name in RATIOS if declared(name, item("I-1")) is not None]

    assert names == [
        "at_most_one_visit_items",
        "courier_items",
        "fully_online_items",
        "on_the_spot_items",
        "online_items",
        "promise_compression",
        "zero_visit_items",
    ]


def test_readings_22_a_case_that_was_carried_is_not_fully_online():
    assert proven(
        "fully_online_cases",
        case("C-1", channel="ONLINE", decided_at=AT, assistance="DB-1"),
        case("C-2", channel="ASSISTANCE", decided_at=AT),
    ) == Fraction(0, 2, 0)


def test_readings_22_originals_by_courier_do_not_break_fully_online():
    carried = case("C-1", channel="ONLINE", decided_at=AT, parcels_in=1)

    assert proven("fully_online_cases", carried) == Fraction(1, 1, 0)


def test_a_filing_is_completed_and_over_at_once():
    filed = {"ended_at": AT, "ended_as": "FILED", "channel": "ONLINE"}

    assert proven("fully_online_cases", case("C-1", **filed)) == Fraction(1, 1, 0)
    assert proven("at_most_one_visit_cases", case("C-1", visits=1, **filed)) == Fraction(1, 1, 0)
    assert proven("rating_rate", case("C-1", **filed)) == Fraction(0, 1, 0)
    assert proven("on_time_completion", case("C-1", **filed)) == Fraction(0, 0, 0)


def test_zero_visits_among_completed_cases():
    # Served without a visit and with one: 1/2; decided but not served: left out; open: not asked.
    assert proven(
        "zero_visit_cases",
        case("C-1", decided_at=AT, served_at=AT),
        case("C-2", visits=1, decided_at=AT, served_at=AT),
        case("C-3", decided_at=AT),
        case("C-4"),
    ) == Fraction(1, 2, 1)


def test_zero_visit_items():
    none, one, nobody = item("I-1"), item("I-2", declared_visits=1), item("I-3")
    outside = item("I-4", admitted=False)
    items = (none, one, nobody, outside)

    assert declared("zero_visit_items", *items) == Fraction(2, 3, 0)
    # I-1 by a case without a visit; I-2 had a visit; I-3 has no case; I-4 is not admitted.
    assert proven(
        "zero_visit_items",
        case("C-1", none, decided_at=AT, served_at=AT),
        case("C-2", one, decided_at=AT, visits=1),
        case("C-3", one, decided_at=AT, served_at=AT),
        items=items,
    ) == Fraction(1, 2, 1)


def test_decided_on_the_spot_among_decided_cases():
    assert proven(
        "on_the_spot_cases",
        case("C-1", spot_decided_at=AT),
        case("C-2", decided_at=AT),
        case("C-3"),
    ) == Fraction(1, 2, 0)


def test_on_the_spot_items():
    spot, turned, promised = (item(f"I-{n}", handling=h) for n, h in enumerate(
        ("ON_THE_SPOT", "ON_THE_SPOT", "PROMISED")
    ))  # fmt: skip

    assert declared("on_the_spot_items", spot, turned, promised) == Fraction(2, 3, 0)
    # The second was always turned into a promised one; of the third nothing is decided.
    assert proven(
        "on_the_spot_items",
        case("C-1", spot, spot_decided_at=AT),
        case("C-2", turned, decided_at=AT),
        items=(spot, turned, promised),
    ) == Fraction(1, 2, 1)


def test_r2_2_online_items_are_declared_by_their_guide_whatever_their_type():
    permit = item("I-1", declared_fully_online=True)
    subsidy = item("I-2", item_type="05", declared_fully_online=True)

    assert declared("online_items", permit, subsidy, item("I-3")) == Fraction(2, 3, 0)


def test_online_items_are_proven_by_one_case_applied_for_online():
    online, counter = item("I-1"), item("I-2")

    assert proven(
        "online_items",
        case("C-1", online, channel="ONLINE"),
        case("C-2", counter, channel="WINDOW"),
        items=(online, counter),
    ) == Fraction(1, 2, 0)


def test_r1_5_an_ended_case_is_neither_in_time_nor_overdue():
    withdrawn = case(
        "C-1",
        accepted_at=AT,
        accepted_promise_due_on=date(2026, 9, 1),
        ended_at=AT,
        ended_as="WITHDRAWN",
    )

    assert proven("on_time_completion", withdrawn) == Fraction(0, 0, 1)
    assert proven("overdue_cases", withdrawn) == Fraction(0, 0, 1)


def test_r1_5_overdue_cases():
    # Broken, and open past its day: 2; kept, and open in time: against; not accepted: not asked.
    assert proven(
        "overdue_cases",
        case("C-1", accepted_at=AT, decided_at=AT, promise_kept=False),
        case("C-2", accepted_at=AT, accepted_promise_due_on=date(2026, 9, 13)),
        case("C-3", accepted_at=AT, decided_at=AT, promise_kept=True),
        case("C-4", accepted_at=AT, accepted_promise_due_on=TODAY),
        case("C-5"),
    ) == Fraction(2, 4, 0)


def test_r1_5_early_completion():
    # Before the last day, on it, and on the spot, which cannot be early.
    assert proven(
        "early_completion",
        case("C-1", decided_at=AT, decided_early=True),
        case("C-2", decided_at=AT, decided_early=False),
        case("C-3", spot_decided_at=AT),
        case("C-4"),
    ) == Fraction(1, 2, 1)


def test_deemed_acceptance():
    assert proven(
        "deemed_acceptance",
        case("C-1", accepted_at=AT, deemed=True),
        case("C-2", accepted_at=AT),
        case("C-3"),
    ) == Fraction(1, 2, 0)


def test_r1_2_a_further_notice_is_a_second_telling():
    assert proven(
        "one_time_notice", case("C-1", notices=1), case("C-2", notices=1, further_notices=1)
    ) == Fraction(1, 2, 0)


# Sunday, 20 September 2026, is a working day, the tenth after the 7th.
@pytest.mark.parametrize(
    ("served_on", "in_time"), [(20, True), (21, False)], ids=["last-day", "day-after"]
)
def test_art_44_a_permit_is_served_within_ten_working_days(served_on, in_time):
    served = {"decided_at": AT, "served_at": datetime(2026, 9, served_on, 15, 59, tzinfo=UTC)}

    assert proven("service_within_ten_days", case("C-1", item("I-1"), **served)) == Fraction(
        int(in_time), 1, 0
    )


@pytest.mark.parametrize(
    ("on", "expected"),
    [(date(2026, 9, 20), Fraction(0, 0, 1)), (date(2026, 9, 21), Fraction(0, 1, 0))],
    ids=["last-day", "day-after"],
)
def test_art_44_a_permit_not_served_counts_against_when_the_days_are_over(on, expected):
    waiting = case("C-1", item("I-1"), decided_at=AT)

    found = proven_fraction(ratio_named("service_within_ten_days"), Population((), (waiting,), on))

    assert found == expected


def test_art_44_is_about_granted_permits():
    permit, benefit = item("I-1"), item("I-2", item_type="20")
    done = {"decided_at": AT, "served_at": AT}

    assert proven(
        "service_within_ten_days",
        case("C-1", permit, outcome="DENIED", **done),
        case("C-2", benefit, outcome="GRANTED", **done),
        case("C-3", permit, outcome="PARTLY", **done),
    ) == Fraction(1, 1, 0)


def test_r2_7_courier_use_among_served_results_on_paper():
    paper, file = item("I-1", result_physical=True), item("I-2")
    done = {"decided_at": AT, "served_at": AT}

    assert proven(
        "courier_use",
        case("C-1", paper, parcels_out=1, **done),
        case("C-2", paper, **done),
        case("C-3", paper, decided_at=AT),
        case("C-4", file, parcels_out=1, **done),
    ) == Fraction(1, 2, 1)


def test_r2_7_parcels_are_counted_and_not_cases():
    # Refused and sent again, signed for; a second one on its way; a cancelled one is none.
    assert proven(
        "parcel_delivery",
        case("C-1", parcels_out=2, parcels_failed=1, parcels_signed=1),
        case("C-2", parcels_out=2, parcels_cancelled=1),
    ) == Fraction(1, 2, 1)


def test_r2_9_courier_items():
    offered = item("I-1", result_physical=True, courier_offered=True)
    forgotten = item("I-2", result_physical=True, courier_offered=True)
    never = item("I-3", result_physical=True)
    file = item("I-4", courier_offered=True)
    items = (offered, forgotten, never, file)

    assert declared("courier_items", *items) == Fraction(2, 3, 0)
    assert proven(
        "courier_items",
        case("C-1", offered, courier_offered_at=AT),
        case("C-2", forgotten, courier_offered_at=AT),
        case("C-3", forgotten),
        items=items,
    ) == Fraction(1, 2, 1)


def test_promise_compression_is_weighed_by_days():
    short = item("I-1", **WITH_LIMITS)
    kept = item("I-2", statutory_limit=Limit(60, Unit.WORKING_DAY),
                promised_limit=Limit(30, Unit.WORKING_DAY))  # fmt: skip
    other_unit = item("I-3", statutory_limit=Limit(7, Unit.CALENDAR_DAY),
                      promised_limit=Limit(5, Unit.WORKING_DAY))  # fmt: skip
    no_law = item("I-4", promised_limit=Limit(5, Unit.WORKING_DAY))
    spot = item("I-5", handling="ON_THE_SPOT", **WITH_LIMITS)
    items = (short, kept, other_unit, no_law, spot)

    assert declared("promise_compression", *items) == Fraction(15 + 30, 20 + 60, 3)
    # The first broke its promise once, so of its twenty days nothing was won.
    assert proven(
        "promise_compression",
        case("C-1", short, decided_at=AT, promise_kept=True),
        case("C-2", short, decided_at=AT, promise_kept=False),
        case("C-3", kept, decided_at=AT, promise_kept=True),
        items=items,
    ) == Fraction(30, 80, 3)
    assert proven("promise_compression", items=items) == Fraction(0, 0, 5)


def test_an_item_whose_version_has_ended_is_in_force_no_more():
    ended = item("I-1", in_force_until=TODAY)
    open_until_tomorrow = item("I-2", in_force_until=TODAY + timedelta(days=1))

    assert in_force([ended, open_until_tomorrow], TODAY) == [open_until_tomorrow]


def test_r5_5_assisted_cases():
    assert proven("assisted_cases", case("C-1", assistance="DB-1"), case("C-2")) == Fraction(
        1, 2, 0
    )
