"""The ratios over cases as pure functions, one verdict per case.

`adapters/case_verdicts.py` says the same in SQL, in the same order.
"""

from __future__ import annotations

from services.metrics.domain import rules
from services.metrics.domain.facts import DENIED
from services.metrics.domain.items import PERMIT, PROMISED, WINDOW
from services.metrics.domain.verdicts import AsOf, CountedCase, Verdict, Weight, verdict
from workdays import Unit

__all__ = [
    "assisted_cases",
    "at_most_one_visit_cases",
    "courier_offer_coverage",
    "courier_use",
    "deemed_acceptance",
    "early_completion",
    "first_pass",
    "fully_online_cases",
    "mean_duration",
    "on_the_spot_cases",
    "on_time_completion",
    "one_time_notice",
    "one_window_acceptance",
    "overdue_cases",
    "parcel_delivery",
    "rating_rate",
    "returned_cases",
    "reworked_cases",
    "satisfaction",
    "service_within_ten_days",
    "speed_up",
    "zero_visit_cases",
]


def fully_online_cases(case: CountedCase, _as_of: AsOf) -> Verdict:
    """Judge a completed case, of whatever type of item, unless its item is barred.

    Source: R2.1, R2.2.
    """
    if case.facts.completed_at is None:
        return Verdict.OUTSIDE
    if case.item is not None and case.item.excluded_from_online:
        return Verdict.EXCLUDED
    return verdict(rules.is_fully_online(case.facts))


def at_most_one_visit_cases(case: CountedCase, _as_of: AsOf) -> Verdict:
    """Judge a completed case by its visits; until the result is served they are not final.

    Source: R2.5.
    """
    return _within_visits(case, rules.MOST_VISITS)


def zero_visit_cases(case: CountedCase, _as_of: AsOf) -> Verdict:
    """Judge whether a completed case took no visit at all (零跑腿率).

    Source: R2.1; domain.md 2.6.
    """
    return _within_visits(case, 0)


def _within_visits(case: CountedCase, most: int) -> Verdict:
    if case.facts.completed_at is None:
        return Verdict.OUTSIDE
    if not case.facts.is_over:
        return Verdict.EXCLUDED
    return verdict(rules.kept_to_visits(case.facts, most))


def on_the_spot_cases(case: CountedCase, _as_of: AsOf) -> Verdict:
    """Judge whether a decided case was decided on the spot (即办件占比).

    Source: 行政许可法 第三十四条第二款; domain.md 2.6.
    """
    if case.facts.decision_at is None:
        return Verdict.OUTSIDE
    return verdict(case.facts.spot_decided_at is not None)


def on_time_completion(case: CountedCase, as_of: AsOf) -> Verdict:
    """Judge whether the promise was kept, measured at the decision (按时办结率).

    An open case past its promise counts against it at once: otherwise the
    ratio could be held up by not deciding. Accepted cases that are open in
    time, or ended without a decision, are left out.

    Source: R1.5; readings 19; domain.md 2.6.
    """
    facts = case.facts
    if facts.decision_at is not None:
        return verdict(facts.in_time)
    if rules.is_overdue(facts, as_of.on):
        return Verdict.AGAINST
    return Verdict.OUTSIDE if facts.accepted_at is None else Verdict.EXCLUDED


def overdue_cases(case: CountedCase, as_of: AsOf) -> Verdict:
    """Judge whether an accepted case is or was past its promise (超期率); the fewer the better.

    Source: R1.5; domain.md 2.6.
    """
    facts = case.facts
    if facts.accepted_at is None:
        return Verdict.OUTSIDE
    if facts.ended_undecided:
        return Verdict.EXCLUDED
    if facts.decision_at is not None:
        return verdict(not facts.in_time)
    return verdict(rules.is_overdue(facts, as_of.on))


def early_completion(case: CountedCase, _as_of: AsOf) -> Verdict:
    """Judge whether a decision came before the last day promised (提前办结率).

    What is decided on the spot has no day to be early of and is left out.

    Source: R1.5; domain.md 2.6.
    """
    facts = case.facts
    if facts.decision_at is None:
        return Verdict.OUTSIDE
    if facts.spot_decided_at is not None:
        return Verdict.EXCLUDED
    return verdict(bool(facts.decided_early))


def deemed_acceptance(case: CountedCase, _as_of: AsOf) -> Verdict:
    """Judge whether silence accepted an accepted case (视为受理率); the fewer the better.

    Source: 行政许可法 第三十二条第一款第四项.
    """
    if case.facts.accepted_at is None:
        return Verdict.OUTSIDE
    return verdict(case.facts.deemed)


def one_window_acceptance(case: CountedCase, _as_of: AsOf) -> Verdict:
    """Judge whether a comprehensive window accepted the case (一窗受理率).

    About the items admitted to the centre; accepted cases of others are left
    out. A unit that the catalogue does not know as a window does not count.

    Source: R4.1, R4.4.
    """
    if case.facts.accepted_at is None:
        return Verdict.OUTSIDE
    if case.item is None or not case.item.admitted:
        return Verdict.EXCLUDED
    return verdict(case.accepting_kind == WINDOW)


def one_time_notice(case: CountedCase, _as_of: AsOf) -> Verdict:
    """Judge whether everything was told at once (一次告知率), where anything was told.

    A further notice, though a supervisor approved it, is a second telling.

    Source: R1.2; 行政许可法 第三十二条第一款第四项; readings 8.
    """
    told = case.facts.notices + case.facts.further_notices
    if told == 0:
        return Verdict.OUTSIDE
    return verdict(told == 1)


def first_pass(case: CountedCase, _as_of: AsOf) -> Verdict:
    """Judge whether an accepted case needed no notice at all (一次通过率).

    Source: R1.2; domain.md 2.6.
    """
    if case.facts.accepted_at is None:
        return Verdict.OUTSIDE
    return verdict(case.facts.notices + case.facts.further_notices == 0)


def speed_up(case: CountedCase, _as_of: AsOf) -> Verdict | Weight:
    """Weigh the days that a decided case was quicker than its promise (提速率).

    (Σ promised − Σ taken) ÷ Σ promised, in working days; a case that took
    longer takes away. What is decided on the spot, or promised in another
    unit, is left out.

    Source: R1.5; domain.md 2.6; readings 17.
    """
    facts, item = case.facts, case.item
    if facts.decision_at is None:
        return Verdict.OUTSIDE
    promised = item.promised_limit if item is not None and item.handling == PROMISED else None
    if facts.days_taken is None or promised is None or promised.unit is not Unit.WORKING_DAY:
        return Verdict.EXCLUDED
    return Weight.over(promised.amount - facts.days_taken, promised.amount)


def mean_duration(case: CountedCase, _as_of: AsOf) -> Verdict | Weight:
    """Weigh the working days from the receipt to the decision (平均用时): a mean, not a share.

    Of what is decided on the spot no day is counted, and it is left out.

    Source: domain.md 2.6; readings 17, 19.
    """
    if case.facts.decision_at is None:
        return Verdict.OUTSIDE
    if case.facts.days_taken is None:
        return Verdict.EXCLUDED
    return Weight.over(case.facts.days_taken, 1)


def _by_department(case: CountedCase, did: tuple[str, ...], authority: str) -> Verdict:
    """Judge an accepted case by which departments did something; on the spot none had it."""
    if case.facts.accepted_at is None:
        return Verdict.OUTSIDE
    if case.facts.spot_decided_at is not None:
        return Verdict.EXCLUDED
    return verdict(authority in did if authority else did != ())


def returned_cases(case: CountedCase, as_of: AsOf) -> Verdict:
    """Judge whether a department sent an accepted case back for an explanation (退回率).

    For an authority only by what it did itself; the fewer the better.

    Source: R4.10; readings 17.
    """
    return _by_department(case, case.facts.returned_by, as_of.authority)


def reworked_cases(case: CountedCase, as_of: AsOf) -> Verdict:
    """Judge whether a department had to make out a paper of an accepted case anew (返工率).

    For an authority only by its own papers; the fewer the better.

    Source: R4.10; readings 12.
    """
    return _by_department(case, case.facts.reworked_by, as_of.authority)


def satisfaction(case: CountedCase, _as_of: AsOf) -> Verdict:
    """Judge a rating (好评率): 基本满意 or better.

    Source: 国办发〔2019〕51号; GB/T 39046 A.8.
    """
    if case.grade is None:
        return Verdict.OUTSIDE
    return verdict(case.grade.is_good)


def rating_rate(case: CountedCase, _as_of: AsOf) -> Verdict:
    """Judge whether a case that could be rated was rated (主动评价率).

    A case can be rated once its result is served, or once it is filed; decided
    ones that are not served are left out.

    Source: 国办发〔2019〕51号.
    """
    if case.facts.can_be_rated:
        return verdict(case.grade is not None)
    return Verdict.OUTSIDE if case.facts.completed_at is None else Verdict.EXCLUDED


def service_within_ten_days(case: CountedCase, as_of: AsOf) -> Verdict:
    """Judge whether a granted permit was served within ten days of the decision (送达十日内率).

    One that is not served when the ten days are over counts against it; in
    time and not served yet it is left out. What is open is not served.

    Source: 行政许可法 第四十四条; readings 9, 19.
    """
    facts, on = case.facts, case.facts.decision_on
    if case.item is None or case.item.item_type != PERMIT:
        return Verdict.OUTSIDE
    if on is None or facts.result == DENIED:
        return Verdict.OUTSIDE
    if facts.served_at is not None:
        return verdict(rules.was_served_in_time(facts.served_at, on, as_of.calendar))
    late = rules.service_due_on(on, as_of.calendar) < as_of.on
    return Verdict.AGAINST if late else Verdict.EXCLUDED


def courier_offer_coverage(case: CountedCase, _as_of: AsOf) -> Verdict:
    """Judge whether free courier was offered where the result is on paper.

    Cases without a result that could be sent are left out.

    Source: R2.7, R2.9.
    """
    if not case.facts.courier_due:
        return Verdict.EXCLUDED
    return verdict(case.facts.courier_offered_at is not None)


def courier_use(case: CountedCase, _as_of: AsOf) -> Verdict:
    """Judge whether a result on paper was sent by courier (寄递率), among those served.

    Source: R2.7; domain.md 2.6.
    """
    facts = case.facts
    if facts.decision_at is None or case.item is None or not case.item.result_physical:
        return Verdict.OUTSIDE
    if facts.served_at is None:
        return Verdict.EXCLUDED
    return verdict(facts.parcels_out > 0)


def parcel_delivery(case: CountedCase, _as_of: AsOf) -> Weight:
    """Weigh the parcels to the applicant: signed for, failed, on their way (妥投率).

    Source: R2.7; domain.md 2.6.
    """
    facts = case.facts
    ended = facts.parcels_signed + facts.parcels_failed + facts.parcels_cancelled
    return Weight(facts.parcels_signed, facts.parcels_failed, facts.parcels_out - ended)


def assisted_cases(case: CountedCase, _as_of: AsOf) -> Verdict:
    """Judge whether a village post carried the case (代办件占比).

    Source: R5.5; readings 5.
    """
    return verdict(case.facts.assistance != "")
