"""Journey 6 in both modes: what stops a clock, what does not, and what moves its end."""

from __future__ import annotations

JOURNEY = "6"
REFUSED = {
    ("行政许可法 第四十二条", "NOT_THE_HEAD"),
    ("行政许可法 第四十二条", "ALREADY_EXTENDED"),
    ("行政许可法 第四十五条", "PROCEDURE_NOT_ALLOWED"),
}


def test_what_the_law_forbids_was_refused_with_its_rule(told):
    assert {(each.rule, each.reason) for each in told.log.refusals} >= REFUSED


def test_the_extension_kept_the_law_and_not_the_promise(driven, told):
    supervisor = driven.world.staff("p-0401")
    asked = {"case_number": told.case_number}
    facts = driven.world.do(supervisor, "metrics", "GetCaseFacts", **asked).facts
    assert (facts.promise_kept, facts.statutory_kept) == (False, True)


def test_the_extension_is_shown_with_who_gave_it_and_why(driven, told):
    supervisor = driven.world.staff("p-0401")
    asked = {"case_number": told.case_number}
    review = driven.world.do(supervisor, "review", "GetReviewCase", **asked).review
    assert review.extension.amount > 0
    assert review.extension.reasons


def test_nothing_is_provisional_any_more(case):
    assert not case.statutory_due.provisional
    assert not case.promise_due.provisional


def test_a_case_past_the_law_is_counted_so(driven, told):
    supervisor = driven.world.staff("p-0401")
    ratios = driven.world.do(supervisor, "metrics", "GetRatios").ratios
    [overdue] = [each.proven for each in ratios if each.name == "overdue_cases"]
    assert overdue.numerator >= 1
