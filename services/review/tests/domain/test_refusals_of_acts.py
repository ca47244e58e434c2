"""What the law refuses besides the separation of posts; each refusal comes from its rule alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from services.review.domain import (
    act_errors,
    act_rules,
    asking,
    errors,
    extending,
    paper,
    procedures,
    rules,
)
from services.review.domain.acts import (
    ExtensionApprover,
    ExtensionTerms,
    ProcedureTerms,
    SpecialProcedureKind,
)
from services.review.domain.facts import DecisionOutcome
from services.review.tests import builders as given
from services.review.tests.builders import AUTHORITY, CALENDAR, at
from workdays import Unit

TERMS = ExtensionTerms(
    amount=10,
    unit=Unit.WORKING_DAY,
    approver=ExtensionApprover.AUTHORITY_HEAD,
    moves_promise=False,
    source="行政许可法第四十二条第一款",
)
GOVERNMENT_TERMS = replace(TERMS, approver=ExtensionApprover.GOVERNMENT_HEAD)
EXPERTS = ProcedureTerms(
    kind=SpecialProcedureKind.EXPERT_REVIEW,
    max_days=30,
    stops_promise=True,
    source="行政许可法第四十五条",
)
HEAD = replace(given.DECIDER, person="p-head", roles=frozenset({"DEPARTMENT_HEAD"}))
GOVERNMENT_HEAD = replace(
    given.DECIDER, person="p-g", post_kind="SUPERVISION", authority="",
    roles=frozenset({"GOVERNMENT_HEAD"}),
)  # fmt: skip


def case(**changes):
    facts = {"extension": TERMS, "special_procedures": (EXPERTS,), "consulted": ("D06",)}
    return given.case(**(facts | changes))


def extend(review=None, actor=HEAD, instant=None, amount=10):
    return extending.extend(
        review or case(), actor, instant or at(9, 8),
        amount=amount, reasons="案情复杂", calendar=CALENDAR,
    )  # fmt: skip


def plan(kind=SpecialProcedureKind.EXPERT_REVIEW, days=6):
    return procedures.plan(
        case(), given.REVIEWER, at(9, 8),
        kind=kind, days=days, start_date=date(2026, 9, 9), institution="专家委员会",
    )  # fmt: skip


def decider_extends():
    return extend(actor=given.DECIDER)


def head_of_the_department_extends_what_the_government_would():
    return extend(case(extension=GOVERNMENT_TERMS, designation="周政字〔2026〕1号"))


def government_extends_what_it_never_designated():
    return extend(case(extension=GOVERNMENT_TERMS), GOVERNMENT_HEAD)


def head_extends_after_the_last_day():
    return extend(instant=at(10, 11, 0))


def head_extends_too_far():
    return extend(amount=11)


def procedure_that_takes_too_long():
    return plan(days=31)


def decided(**changes):
    review = case(remedies_known=changes.pop("known", True), handling="PROMISED")
    given.give_opinion(review)
    return given.decide(review, **changes)


def denial_without_remedies():
    return decided(known=False, outcome=DecisionOutcome.DENIED)


def grant_of_nothing():
    return decided(content="\n")


def grant_until_yesterday():
    return decided(valid_until_date=date(2026, 9, 9))


def grant_before_its_prerequisite():
    review = case()
    review.prerequisites = ("D06",)
    given.give_opinion(review)
    return given.decide(review)


def consultation_of_a_stranger():
    return asking.ask_authorities(
        case(), given.REVIEWER, at(9, 8),
        consulted=("D05",), question="有无意见", answer_by_date=date(2026, 9, 11),
    )  # fmt: skip


def decider_waives_the_paper():
    return paper.waive(case(has_paper=True), given.DECIDER, at(9, 8), reason="遗失")


def head_waives_where_nothing_is_awaited():
    return paper.waive(case(), HEAD, at(9, 8), reason="遗失")


REFUSALS = [
    pytest.param(scenario, error, function, neutral, id=scenario.__name__)
    for scenario, error, function, neutral in [
        (decider_extends, act_errors.NotTheHeadError, "is_department_head", True),
        (
            head_of_the_department_extends_what_the_government_would,
            act_errors.NotTheHeadError, "is_head", True,
        ),
        (
            government_extends_what_it_never_designated,
            act_errors.DesignationMissingError, "lacks_designation", False,
        ),
        (head_extends_after_the_last_day, act_errors.ExtensionTooLateError, "is_kept", True),
        (head_extends_too_far, act_errors.ExtensionTooLongError, "extends_too_far", False),
        (procedure_that_takes_too_long, act_errors.ProcedureTooLongError, "takes_too_long", False),
        (denial_without_remedies, errors.RemediesMissingError, "lacks_remedies", False),
        (grant_of_nothing, errors.ContentMissingError, "lacks_content", False),
        (grant_until_yesterday, errors.ValidUntilPastError, "is_past", False),
        (
            grant_before_its_prerequisite,
            errors.PrerequisiteNotGrantedError, "prerequisites_missing", (),
        ),
        (consultation_of_a_stranger, act_errors.NotToBeConsultedError, "may_be_consulted", True),
        (decider_waives_the_paper, act_errors.WaivedByOtherError, "is_department_head", True),
        (
            head_waives_where_nothing_is_awaited,
            act_errors.NothingToWaiveError, "awaits_bundle", True,
        ),
    ]
]  # fmt: skip


@pytest.mark.parametrize(("scenario", "error", "function", "neutral"), REFUSALS)
def test_it_is_refused(scenario, error, function, neutral):
    with pytest.raises(error) as refused:
        scenario()
    assert refused.value.facts["case"] == given.CASE


@pytest.mark.parametrize(("scenario", "error", "function", "neutral"), REFUSALS)
def test_it_is_refused_by_that_rule_alone(scenario, error, function, neutral, monkeypatch):
    module = act_rules if hasattr(act_rules, function) else rules
    monkeypatch.setattr(module, function, lambda *_, **__: neutral)
    scenario()


def test_a_procedure_the_item_does_not_name_is_refused():
    with pytest.raises(act_errors.ProcedureNotAllowedError):
        plan(kind=SpecialProcedureKind.HEARING)


@pytest.mark.parametrize(
    ("actor", "approver", "may"),
    [
        pytest.param(HEAD, ExtensionApprover.AUTHORITY_HEAD, True, id="head"),
        pytest.param(
            replace(HEAD, authority="D06"), ExtensionApprover.AUTHORITY_HEAD, False,
            id="head-of-another",
        ),
        pytest.param(
            replace(HEAD, post_kind="WINDOW"), ExtensionApprover.AUTHORITY_HEAD, False,
            id="head-at-the-window",
        ),
        pytest.param(GOVERNMENT_HEAD, ExtensionApprover.AUTHORITY_HEAD, False, id="government"),
        pytest.param(GOVERNMENT_HEAD, ExtensionApprover.GOVERNMENT_HEAD, True, id="its-own"),
        pytest.param(HEAD, ExtensionApprover.GOVERNMENT_HEAD, False, id="department"),
    ],
)  # fmt: skip
def test_the_head_is_the_one_whom_the_law_names(actor, approver, may):
    assert act_rules.is_head(actor, approver, AUTHORITY) is may


@pytest.mark.parametrize(
    ("limit", "allowed"),
    [
        pytest.param(Unit.WORKING_DAY, True, id="same-unit"),
        pytest.param(Unit.MONTH, False, id="another-unit"),
    ],
)
def test_a_limit_is_extended_in_its_own_unit(limit, allowed):
    review = case(extension=replace(TERMS, unit=limit))
    if allowed:
        assert extend(review).amount == 10
    else:
        with pytest.raises(act_errors.ExtensionNotAllowedError):
            extend(review)


def test_a_refused_act_changes_nothing():
    review = case()
    for refused in (
        lambda: extend(review, given.DECIDER),
        lambda: paper.waive(review, given.DECIDER, at(9, 8), reason="x"),
    ):
        with pytest.raises((act_errors.NotTheHeadError, act_errors.WaivedByOtherError)):
            refused()
    assert (review.extension, review.waiver, review.events) == (None, None, [])
