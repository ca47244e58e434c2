"""The yearly notice of holidays: dates that rested on an unpublished year are computed again."""

from __future__ import annotations

from datetime import UTC, datetime

from journeys.errors import RefusedError
from journeys.food_licence import application
from workdays import export_year
from workdays.statutory import assumed_notice

DECEMBER = datetime(2026, 12, 21, 2, 0, tzinfo=UTC)


def complete(world):
    """An application with nothing missing, received in the last weeks of 2026 and accepted."""
    world.at(DECEMBER)
    clerk = world.staff("p-0102")
    fields = application("a-0002")
    fields["materials"] = [
        {"material_code": code, "paper_pieces": 1} for code in ("M01", "M04", "M05")
    ]
    received = world.do(clerk, "intake", "ReceiveApplication", **fields)
    number = received.case_number
    accepted = world.do(
        clerk, "intake", "AcceptCase", case_number=number, revision=received.revision
    )
    return number, received, accepted


def test_a_date_that_rests_on_an_unpublished_year_is_provisional_until_it_is_imported(
    playground,
):
    world = playground.world
    number, received, accepted = complete(world)
    assert received.notice_due.provisional  # the last week of December belongs to 2027's notice
    assert accepted.statutory_due.provisional
    world.do(
        world.staff("p-0601"), "catalog", "ImportCalendarYear",
        notice=export_year(assumed_notice(2027)),
    )  # fmt: skip
    reviewer = world.staff("p-0201")
    review = world.wait(
        "recomputed dates in review",
        lambda: world.do(reviewer, "review", "GetReviewCase", case_number=number).review,
        lambda found: not found.statutory.due.provisional,
    )
    case = world.wait(
        "recomputed dates in intake",
        lambda: world.do(reviewer, "intake", "GetCase", case_number=number).case,
        lambda found: not found.statutory_due.provisional,
    )
    assert review.statutory.due.on == case.statutory_due.on == accepted.statutory_due.on


def test_a_notice_full_of_errors_names_them_all_and_changes_nothing(playground):
    world = playground.world
    try:
        world.do(
            world.staff("p-0601"), "catalog", "ImportCalendarYear", notice="year,2028\nnonsense"
        )
    except RefusedError as error:
        refusal = error.refusal
    assert (refusal.code, refusal.reason) == ("INVALID_ARGUMENT", "CALENDAR_NOTICE_INVALID")
    assert refusal.text
