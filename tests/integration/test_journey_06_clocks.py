"""Journey 6 in both modes: what stops a clock, what does not, and what moves its end."""

from __future__ import annotations

JOURNEY = "6"
REFUSED = {
    ("行政许可法 第四十二条", "NOT_THE_HEAD"),
    ("行政许可法 第四十二条", "ALREADY_EXTENDED"),
    ("行政许可法 第四十五条", "PROCEDURE_NOT_ALLOWED"),
    ("民事诉讼法 第九十五条", "ALREADY_ANNOUNCED"),
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


def test_what_was_announced_is_served_by_its_period_and_not_before(driven, told):
    supervisor = driven.world.staff("p-0401")
    cases = [
        driven.world.do(supervisor, "intake", "GetCase", case_number=each.case_number).case
        for each in driven.all_cases()
    ]
    [announced] = [each for each in cases if each.service_means == "ANNOUNCED"]
    last = announced.announced_until_date
    assert (last.year, last.month, last.day) == (2027, 1, 25)
    assert announced.serve_time.ToJsonString() == "2027-01-25T16:00:00Z"
