"""Who may review and decide. Each refusal names its rule, and comes from that rule alone."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from servicekit.errors import DomainError, InvalidRequestError
from services.review.domain import errors, paper, reviewing, rules
from services.review.domain.facts import DecisionOutcome, Post
from services.review.domain.review_case import ReviewCase
from services.review.tests import builders as given

Scenario = Callable[[], object]


def front_clerk_moved_to_the_department_reviews() -> object:
    return given.give_opinion(given.case(), given.MOVED_CLERK)


def front_clerk_moved_to_the_department_decides() -> object:
    review = given.case()
    given.give_opinion(review)
    return given.decide(review, given.MOVED_CLERK)


def front_clerk_is_taken_along_to_the_site() -> object:
    check = given.site_check(given.REVIEWER.person, given.FRONT_CLERK)
    return given.record_check(given.case(), check, given.REVIEWER, given.at(9, 9))


def window_post_reviews() -> object:
    return given.give_opinion(given.case(), given.WINDOW)


def department_of_another_authority_reviews() -> object:
    return given.give_opinion(given.case(), given.ELSEWHERE)


def window_post_decides() -> object:
    review = given.case()
    given.give_opinion(review)
    return given.decide(review, given.WINDOW)


def window_post_checks_the_site() -> object:
    check = given.site_check(given.WINDOW.person, given.COLLEAGUE)
    return given.record_check(given.case(), check, given.WINDOW, given.at(9, 9))


def reviewer_decides() -> object:
    review = given.case()
    given.give_opinion(review)
    return given.decide(review, given.REVIEWER)


def two_persons_handle_an_item_for_three() -> object:
    review = given.case(persons_required=3)
    given.give_opinion(review)
    return given.decide(review)


def one_person_checks_the_site() -> object:
    check = given.site_check(given.REVIEWER.person)
    return given.record_check(given.case(), check, given.REVIEWER, given.at(9, 9))


def one_person_checks_the_site_under_two_entries() -> object:
    check = given.site_check(given.REVIEWER.person, given.REVIEWER.person)
    return given.record_check(given.case(), check, given.REVIEWER, given.at(9, 9))


def somebody_else_records_the_check() -> object:
    check = given.site_check(given.DECIDER.person, given.COLLEAGUE)
    return given.record_check(given.case(), check, given.REVIEWER, given.at(9, 9))


def somebody_without_a_post_is_taken_along() -> object:
    return reviewing.record_site_check(
        given.case(), given.site_check(), given.REVIEWER, given.at(9, 9), posts={}
    )


def window_post_is_taken_along() -> object:
    posts = {given.COLLEAGUE: Post("WINDOW", given.AUTHORITY)}
    return reviewing.record_site_check(
        given.case(), given.site_check(), given.REVIEWER, given.at(9, 9), posts=posts
    )


def staff_of_another_authority_is_taken_along() -> object:
    posts = {given.COLLEAGUE: Post("DEPARTMENT", given.ELSEWHERE.authority)}
    return reviewing.record_site_check(
        given.case(), given.site_check(), given.REVIEWER, given.at(9, 9), posts=posts
    )


def opinion_without_the_required_check() -> object:
    return given.give_opinion(given.case(site_check_required=True))


def decision_while_paper_is_at_the_window() -> object:
    review = given.case(has_paper=True)
    given.give_opinion(review)
    return given.decide(review)


def decision_while_paper_is_on_its_way() -> object:
    review = given.case(has_paper=True)
    paper.handed_over(review, given.at(9, 8))
    given.give_opinion(review)
    return given.decide(review)


def denial_without_reasons() -> object:
    review = given.case()
    given.give_opinion(review, grant=False)
    return given.decide(review, outcome=DecisionOutcome.DENIED, reasons=" \n")


REFUSALS = [
    pytest.param(scenario, error, rule_id, function, neutral, id=scenario.__name__)
    for scenario, error, rule_id, function, neutral in [
        (
            front_clerk_moved_to_the_department_reviews,
            errors.ReviewedByFrontError, "R4.1", "acted_at_front", False,
        ),
        (
            front_clerk_moved_to_the_department_decides,
            errors.ReviewedByFrontError, "R4.1", "acted_at_front", False,
        ),
        (
            front_clerk_is_taken_along_to_the_site,
            errors.ReviewedByFrontError, "R4.1", "acted_at_front", False,
        ),
        (
            department_of_another_authority_reviews,
            errors.NotTheAuthorityError, "行政许可法 第二十二条", "is_deciding_authority", True,
        ),
        (window_post_reviews, errors.NotADepartmentPostError, "R4.6", "is_department_post", True),
        (window_post_decides, errors.NotADepartmentPostError, "R4.6", "is_department_post", True),
        (
            window_post_checks_the_site,
            errors.NotADepartmentPostError, "R4.6", "is_department_post", True,
        ),
        (
            reviewer_decides,
            errors.DecidedByReviewerError, "R4.6a", "decided_by_reviewer", False,
        ),
        (
            two_persons_handle_an_item_for_three,
            errors.TooFewPersonsError, "R4.6a", "too_few_persons", False,
        ),
        (
            one_person_checks_the_site,
            errors.SiteCheckByOneError, "行政许可法 第三十四条第三款", "checked_by_enough", True,
        ),
        (
            one_person_checks_the_site_under_two_entries,
            errors.SiteCheckByOneError, "行政许可法 第三十四条第三款", "checked_by_enough", True,
        ),
        (
            somebody_else_records_the_check,
            errors.CallerNotACheckerError, "行政许可法 第三十四条第三款",
            "may_be_recorded_by", True,
        ),
        *(
            (
                scenario, errors.CheckerFromElsewhereError, "行政许可法 第三十四条第三款",
                "belongs_to_the_department", True,
            )
            for scenario in (
                somebody_without_a_post_is_taken_along,
                window_post_is_taken_along,
                staff_of_another_authority_is_taken_along,
            )
        ),
        (
            opinion_without_the_required_check,
            errors.SiteCheckMissingError, "行政许可法 第三十四条第三款", "lacks_site_check", False,
        ),
        (
            decision_while_paper_is_at_the_window,
            errors.BundleNotReceivedError, "R4.5", "awaits_bundle", False,
        ),
        (
            decision_while_paper_is_on_its_way,
            errors.BundleNotReceivedError, "R4.5", "awaits_bundle", False,
        ),
        (
            denial_without_reasons,
            errors.ReasonsMissingError, "行政许可法 第三十八条第二款", "lacks_reasons", False,
        ),
    ]
]  # fmt: skip


@pytest.mark.parametrize(("scenario", "error", "rule_id", "function", "neutral"), REFUSALS)
def test_it_is_refused_and_the_refusal_names_the_rule(scenario, error, rule_id, function, neutral):
    with pytest.raises(error) as refused:
        scenario()
    assert (refused.value.rule, refused.value.facts["case"]) == (rule_id, given.CASE)


@pytest.mark.parametrize(("scenario", "error", "rule_id", "function", "neutral"), REFUSALS)
def test_it_is_refused_by_that_rule_alone(  # noqa: PLR0917 -- one row of the table
    scenario, error, rule_id, function, neutral, monkeypatch
):
    monkeypatch.setattr(rules, function, lambda *_, **__: neutral)
    if error is errors.DecidedByReviewerError:  # one person is also fewer than two
        monkeypatch.setattr(rules, "too_few_persons", lambda *_: False)
    scenario()


@pytest.mark.parametrize(
    "error",
    [
        pytest.param(errors.ReviewedByFrontError, id="R4.1"),
        pytest.param(errors.NotADepartmentPostError, id="R4.6"),
        pytest.param(errors.DecidedByReviewerError, id="readings-2"),
    ],
)
def test_supervision_hears_of_an_attempt_to_join_what_must_be_separate(error):
    assert error.violation


def test_an_honest_mistake_is_no_violation():
    kinds = [
        kind
        for name in errors.__all__
        if (kind := getattr(errors, name)).violation and issubclass(kind, DomainError)
    ]
    assert {kind.rule for kind in kinds} == {"R4.1", "R4.6", "R4.6a"}


def test_a_refused_command_changes_nothing():
    review = given.case()
    with pytest.raises(errors.ReviewedByFrontError):
        given.give_opinion(review, given.MOVED_CLERK)
    assert (review.opinion, review.events) == (None, [])


@pytest.mark.parametrize(
    "act",
    [
        pytest.param(given.give_opinion, id="opinion"),
        pytest.param(given.decide, id="decision"),
        pytest.param(
            lambda review: given.record_check(
                review, given.site_check(), given.REVIEWER, given.at(9, 11)
            ),
            id="site-check",
        ),
    ],
)
def test_nothing_follows_a_decision(act):
    review = given.case()
    given.give_opinion(review)
    given.decide(review)
    with pytest.raises(errors.AlreadyDecidedError):
        act(review)


def test_a_case_has_one_opinion():
    review = given.case()
    given.give_opinion(review)
    with pytest.raises(errors.OpinionAlreadyGivenError):
        given.give_opinion(review, given.DECIDER)


def test_the_opinion_comes_before_the_decision():
    with pytest.raises(errors.OpinionMissingError) as refused:
        given.decide(given.case())
    assert refused.value.rule == "行政许可法 第三十七条"


def test_an_item_for_one_person_is_reviewed_and_decided_by_one():
    review = given.case(persons_required=1)
    given.give_opinion(review)
    given.decide(review, given.REVIEWER)
    assert review.decision.decider == review.opinion.reviewer


def test_those_who_checked_count_as_persons_who_took_part():
    review = given.case(persons_required=3)
    given.record_check(review, given.site_check(), given.REVIEWER, given.at(9, 8))
    given.give_opinion(review)
    given.decide(review)
    assert review.decision is not None


def test_a_check_cannot_be_recorded_before_it_took_place():
    check = given.site_check(check_time=given.at(9, 8, 10))
    with pytest.raises(errors.CheckInFutureError) as refused:
        given.record_check(given.case(), check, given.REVIEWER, given.at(9, 8, 9, 59))
    assert [field.path for field in refused.value.fields] == ["check_time"]


@pytest.mark.parametrize(
    "entry", [pytest.param("  ", id="blank"), pytest.param("x" * 65, id="too-long")]
)
def test_a_checker_without_a_usable_identity_is_malformed(entry):
    check = given.site_check(given.REVIEWER.person, entry)
    with pytest.raises(InvalidRequestError) as refused:
        given.record_check(given.case(), check, given.REVIEWER, given.at(9, 9))
    assert [field.path for field in refused.value.fields] == ["checkers[1]"]


def test_a_decision_rests_on_clauses_that_say_something():
    review = given.case()
    given.give_opinion(review)
    with pytest.raises(InvalidRequestError):
        given.decide(review, legal_bases=("",))


def test_a_grant_needs_no_reasons():
    review: ReviewCase = given.case()
    given.give_opinion(review)
    given.decide(review, reasons="")
    assert review.decision.outcome is DecisionOutcome.GRANTED


def test_paper_that_was_received_holds_nothing_up():
    review = given.case(has_paper=True)
    paper.handed_over(review, given.at(9, 8))
    paper.received(review)
    given.give_opinion(review)
    given.decide(review)
    assert review.decision is not None


def test_review_does_not_wait_for_the_paper():
    review = given.case(has_paper=True)
    given.give_opinion(review)
    assert review.opinion is not None
