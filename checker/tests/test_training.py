"""Letters, training and rules that R4.9 does not allow: each is planted and found."""

from __future__ import annotations

import pytest

FIRST = "370306000000-C1-W01"


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        pytest.param(
            "DELETE FROM training_record WHERE person IN ('p-0101', 'p-0102')",
            "LAW_LETTER_UNTRAINED", id="nobody-was-trained",
        ),
        pytest.param(
            "UPDATE training_record SET trained_on = '2026-01-02'",
            "LAW_LETTER_UNTRAINED", id="trained-a-day-late",
        ),
        pytest.param(
            "UPDATE training_record SET until_date = '2026-01-01'",
            "LAW_LETTER_UNTRAINED", id="no-longer-valid-on-the-first-day",
        ),
        pytest.param(
            "UPDATE assignment SET from_date = '2026-01-02'",
            "LAW_LETTER_UNTRAINED", id="nobody-was-there-on-the-first-day",
        ),
        pytest.param(
            "UPDATE assignment SET until_date = '2026-01-01'",
            "LAW_LETTER_UNTRAINED", id="had-left-by-the-first-day",
        ),
        pytest.param(
            """UPDATE training_record SET item_codes = '["370306-01-001"]'""",
            "LAW_LETTER_UNTRAINED", id="trained-for-another-item",
        ),
        pytest.param(
            "UPDATE rules_version SET number = 2", "LAW_RULES_NOT_LATER", id="the-first-is-missing"
        ),
        pytest.param(
            """INSERT INTO rules_version SELECT kind || '@2', kind, 2, 'x', 'x', from_date, 'x',
                'x', published_at FROM rules_version WHERE number = 1""",
            "LAW_RULES_NOT_LATER", id="rules-of-one-day",
        ),
        pytest.param(
            """INSERT INTO rules_version SELECT kind || '@2', kind, 2, 'x', 'x', '2025-12-01', 'x',
                'x', published_at FROM rules_version WHERE number = 1""",
            "LAW_TRAINED_UNDER_OTHER_RULES", id="trained-under-rules-that-were-replaced",
        ),
        pytest.param(
            "UPDATE training_record SET rules_version = 'SUPERVISION_AND_APPRAISAL@1'",
            "LAW_TRAINED_UNDER_OTHER_RULES", id="trained-under-the-rules-of-appraisal",
        ),
        pytest.param(
            "UPDATE training_record SET rules_version = 'x'",
            "LAW_TRAINED_UNDER_OTHER_RULES", id="trained-under-no-rules",
        ),
    ],
)  # fmt: skip
def test_what_r4_9_forbids_is_found(run, statement, expected):
    run.sql("catalog", statement)

    assert expected in run.found()


def test_one_person_who_is_trained_is_enough(run):
    run.sql("catalog", "DELETE FROM training_record WHERE person = 'p-0101'")

    assert "LAW_LETTER_UNTRAINED" not in run.found()


def test_a_letter_from_before_the_first_rules_stays_as_it_is(run):
    run.sql("catalog", "DELETE FROM training_record WHERE person IN ('p-0101', 'p-0102')")
    run.sql("catalog", "UPDATE authorisation_letter SET signed_at = '2015-01-01 00:00:00'")

    assert "LAW_LETTER_UNTRAINED" not in run.found()


def test_the_letter_and_the_items_are_named(run):
    run.sql("catalog", "DELETE FROM training_record WHERE person IN ('p-0101', 'p-0102')")

    [one] = [each for each in run.check().findings if each.subject == "周消授权〔2026〕1号"]
    assert one.detail == f"nobody at {FIRST} was trained for 370306-01-010"
