"""R1.5, R2.1, R2.5: each clause with the cases on both sides of its line."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from services.metrics.domain import rules
from services.metrics.domain.items import DeclaredItem, in_force, light_of
from services.metrics.tests.fakes import counted_facts

AT = datetime(2026, 9, 7, 1, 0, tzinfo=UTC)
EARLIER = datetime(2026, 9, 6, 1, 0, tzinfo=UTC)


def case(**facts):
    return counted_facts(item_code="I-1", received_at=AT, **facts)


@pytest.mark.parametrize(
    ("facts", "fully"),
    [
        pytest.param({"channel": "ONLINE", "decided_at": AT}, True, id="no-visit"),
        pytest.param(
            {"channel": "ONLINE", "decided_at": AT, "visits": 1, "collection_visits": 1},
            True,
            id="collection-does-not-break-it",
        ),
        pytest.param(
            {"channel": "ONLINE", "decided_at": AT, "visits": 1}, False, id="a-visit-to-correct"
        ),
        pytest.param({"channel": "ONLINE"}, False, id="not-decided"),
        pytest.param({"channel": "ASSISTANCE", "decided_at": AT}, False, id="carried-by-a-village"),
        pytest.param({"channel": "WINDOW", "decided_at": AT}, False, id="at-a-window"),
        pytest.param(
            {"channel": "ONLINE", "decided_at": AT, "assistance": "DB-1"},
            False,
            id="carried-though-online",
        ),
        pytest.param(
            {"channel": "ONLINE", "ended_at": AT, "ended_as": "FILED"}, True, id="filed-online"
        ),
    ],
)
def test_r2_1_fully_online_is_no_visit_between_submission_and_decision(facts, fully):
    assert rules.is_fully_online(case(**facts)) is fully


@pytest.mark.parametrize(
    ("facts", "red"),
    [
        pytest.param({"visits": 2, "decided_at": AT}, True, id="two-visits"),
        pytest.param({"visits": 1, "decided_at": AT}, False, id="one-visit"),
        pytest.param({"visits": 2}, False, id="two-visits-but-not-completed"),
        pytest.param({"visits": 2, "spot_decided_at": AT}, True, id="decided-on-the-spot"),
        pytest.param({"visits": 2, "ended_at": AT, "ended_as": "FILED"}, True, id="filed"),
        pytest.param({"visits": 2, "ended_at": AT, "ended_as": "REFUSED"}, False, id="refused"),
        pytest.param(
            {"visits": 2, "decided_at": AT, "ended_at": EARLIER, "ended_as": "WITHDRAWN"},
            True,
            id="once-red-it-stays-red",
        ),
    ],
)
def test_r2_5_a_completed_case_with_two_visits_turns_its_item_red(facts, red):
    assert rules.took_too_many_visits(case(**facts)) is red
    assert (light_of(case(**facts)) is not None) is red


def test_r2_5_a_case_that_was_not_told_of_turns_nothing_red():
    unknown = counted_facts(decided_at=AT, visits=2)

    assert light_of(unknown) is None


def test_r2_5_the_light_tells_what_courier_would_have_saved():
    light = light_of(case(visits=3, collection_visits=1, decided_at=AT))

    assert light is not None
    assert (light.red, light.visits, light.visits_by_courier) == (True, 3, 2)


@pytest.mark.parametrize(
    ("facts", "kept"),
    [
        pytest.param({"visits": 1, "decided_at": AT, "served_at": AT}, True, id="one-visit-served"),
        pytest.param({"visits": 1, "decided_at": AT}, False, id="collection-may-follow"),
        pytest.param({"visits": 2, "decided_at": AT, "served_at": AT}, False, id="two-visits"),
    ],
)
def test_r2_5_one_visit_is_proven_only_by_a_served_case(facts, kept):
    assert rules.kept_to_visits(case(**facts), rules.MOST_VISITS) is kept


@pytest.mark.parametrize(
    ("facts", "overdue"),
    [
        pytest.param({"accepted_at": AT}, False, id="no-promise-told-yet"),
        pytest.param(
            {"accepted_at": AT, "accepted_promise_due_on": date(2026, 9, 14)},
            False,
            id="on-its-last-day",
        ),
        pytest.param(
            {"accepted_at": AT, "accepted_promise_due_on": date(2026, 9, 13)},
            True,
            id="the-day-after",
        ),
        pytest.param(
            {
                "accepted_at": AT,
                "accepted_promise_due_on": date(2026, 9, 11),
                "reviewed_promise_due_on": date(2026, 9, 14),
            },
            False,
            id="recomputed-by-the-review",
        ),
        pytest.param(
            {"accepted_at": AT, "decided_at": AT, "accepted_promise_due_on": date(2026, 9, 11)},
            False,
            id="decided",
        ),
        pytest.param({"accepted_promise_due_on": date(2026, 9, 11)}, False, id="not-accepted"),
        pytest.param(
            {
                "accepted_at": AT,
                "accepted_promise_due_on": date(2026, 9, 11),
                "ended_at": AT,
                "ended_as": "WITHDRAWN",
            },
            False,
            id="withdrawn",
        ),
    ],
)
def test_r1_5_an_open_case_is_overdue_on_the_day_after_its_last_day(facts, overdue):
    assert rules.is_overdue(case(**facts), date(2026, 9, 14)) is overdue


def version(number, on, code="I-1"):
    return DeclaredItem(item_code=code, item_version=f"{code}@{number}", in_force_from=on)


def test_the_version_in_force_is_the_last_that_came_into_force():
    first, second = version(1, date(2026, 1, 1)), version(2, date(2026, 10, 1))
    other = version(1, date(2026, 1, 1), code="I-0")

    assert in_force([first, second, other], date(2026, 9, 30)) == [other, first]
    assert in_force([second, first], date(2026, 10, 1)) == [second]
    assert in_force([first], date(2025, 12, 31)) == []


def test_of_two_versions_from_one_day_the_later_published_is_in_force():
    ninth, tenth = version(9, date(2026, 1, 1)), version(10, date(2026, 1, 1))

    assert in_force([ninth, tenth], date(2026, 1, 1)) == [tenth]
    assert in_force([tenth, ninth], date(2026, 1, 1)) == [tenth]


@pytest.mark.parametrize(("identity", "number"), [("I-1@12", 12), ("I-1", 0), ("I-1@", 0)])
def test_a_version_has_the_number_of_its_identity(identity, number):
    assert DeclaredItem(item_code="I-1", item_version=identity).number == number
