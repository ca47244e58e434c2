"""What happens to a case in review, and what is told of it."""

from __future__ import annotations

from servicekit.events import Ownership
from services.review.domain.events import (
    DecisionMade,
    OpinionSubmitted,
    ReviewOpened,
    SiteCheckRecorded,
)
from services.review.domain.facts import ReviewState
from services.review.tests import builders as given


def test_an_accepted_case_is_opened_for_its_authority():
    review = given.opened_case()
    assert review.events == [
        ReviewOpened(
            case_number=given.CASE, authority=given.AUTHORITY, promise_due=given.settled(9, 14)
        )
    ]


def test_a_case_belongs_to_the_authority_and_is_seen_through_the_accepting_window():
    assert given.case().ownership == Ownership(
        unit=given.AUTHORITY, unit_path=given.UNIT_PATH, authority=given.AUTHORITY
    )


def test_the_record_of_a_check_names_its_checkers_once_and_in_order():
    review = given.case()
    check = given.site_check(given.REVIEWER.person, given.COLLEAGUE, given.COLLEAGUE)
    given.record_check(review, check, given.REVIEWER, given.at(9, 8))
    assert review.events == [
        SiteCheckRecorded(
            case_number=given.CASE, checkers=("p-colleague", "p-reviewer"), complies=True
        )
    ]


def test_a_second_check_is_kept_beside_the_first():
    review = given.case()
    for complies in (False, True):
        check = given.site_check(complies=complies)
        given.record_check(review, check, given.REVIEWER, given.at(9, 9))
    assert [check.complies for check in review.site_checks] == [False, True]


def test_the_opinion_makes_the_case_wait_for_its_decision():
    review = given.case()
    given.give_opinion(review)
    assert (review.state, review.events) == (
        ReviewState.DECISION_PENDING,
        [
            OpinionSubmitted(
                case_number=given.CASE, reviewer=given.REVIEWER.person, proposes_grant=True
            )
        ],
    )


def test_the_decision_tells_who_decided_what_and_whether_both_limits_were_kept():
    review = given.case()
    given.give_opinion(review)
    review.events.clear()
    made = given.decide(review)
    assert review.events == [made]
    assert made == DecisionMade(
        case_number=given.CASE,
        authority=given.AUTHORITY,
        decider=given.DECIDER.person,
        outcome="GRANTED",
        decide_time=given.at(9, 10),
        promise_due=given.settled(9, 14),
        statutory_due=given.settled(10, 10),
        promise_kept=True,
        statutory_kept=True,
        undecided=0,
        days_at_window=0,
        days_at_department=3,
    )


def test_the_decider_may_decide_against_the_opinion():
    review = given.case()
    given.give_opinion(review, grant=False)
    assert given.decide(review).outcome == "GRANTED"


def test_clocks_are_read_at_the_decision_once_it_is_made():
    review = given.case()
    given.give_opinion(review)
    given.decide(review)
    assert review.measured_at(given.at(12, 1)) == given.at(9, 10)
