"""The database refuses what the domain refuses, where SQL can say it."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from servicekit.migrations import differences
from services.review.adapters import orm
from services.review.domain.facts import DecisionOutcome, ReviewState


def test_the_migrations_lead_to_the_models(district):
    assert differences(district.built.resources.engine, orm.metadata) == []


@pytest.mark.parametrize(
    ("constraint", "values"),
    [
        pytest.param("decider_is_another", {"decider": "p-reviewer"}, id="reviewer-decides"),
        pytest.param("opinion_first", {"opinion_at": None}, id="decision-without-opinion"),
        pytest.param(
            "decision_has_effect", {"state": ReviewState.IN_REVIEW}, id="decided-in-review"
        ),
        pytest.param("decided_once", {"decided_at": None}, id="decided-by-nobody"),
        pytest.param(
            "denial_has_remedies",
            {
                "outcome": DecisionOutcome.DENIED,
                "remedies_known": False,
            },
            id="denial-without-remedies",
        ),
        pytest.param(
            "ended_once", {"state": ReviewState.ENDED, "decided_at": None}, id="ended-never"
        ),
        pytest.param(
            "denial_has_reasons",
            {"outcome": DecisionOutcome.DENIED, "decision_reasons": ""},
            id="denial-without-reasons",
        ),
        pytest.param(
            "promise_within_law",
            {"promise_due_on": date(2027, 1, 1)},
            id="promise-beyond-the-law",
        ),
    ],
)
def test_no_row_says_what_the_law_forbids(district, constraint, values):
    district.accept()
    district.opine()
    district.decide()
    with (
        pytest.raises(IntegrityError, match=constraint),
        district.built.resources.engine.begin() as connection,
    ):
        connection.execute(update(orm.review_case).values(**values))
