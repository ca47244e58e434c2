"""The database refuses what the domain refuses, where SQL can say it."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from servicekit.migrations import differences
from servicekit.testing import MONDAY
from services.intake.adapters import orm
from services.intake.adapters.numbers import case_number
from services.intake.domain.document import DocumentKind
from services.intake.domain.values import Defect
from services.intake.tests.district import CLERK

BEFORE = MONDAY - timedelta(days=1)


def test_the_migrations_lead_to_the_models(district):
    assert differences(district.harness.resources.engine, orm.metadata) == []


@pytest.mark.parametrize(
    "statement",
    [
        pytest.param(update(orm.case_file).values(noticed_at=BEFORE), id="notice-before-receipt"),
        pytest.param(update(orm.case_file).values(accepted_at=BEFORE), id="accepted-too-early"),
        pytest.param(update(orm.case_file).values(promise_due_on=None), id="accepted-undated"),
        pytest.param(
            update(orm.case_file).values(promise_due_on=date(2027, 1, 4)), id="promise-after-law"
        ),
        pytest.param(update(orm.case_file).values(handed_out_at=MONDAY), id="out-undecided"),
        pytest.param(
            update(orm.case_material)
            .where(orm.case_material.c.sharing_source != "")
            .values(defect=Defect.MISSING),
            id="shared-material-missing",
        ),
        pytest.param(update(orm.bundle).values(received_by="p-clerk"), id="signed-by-sender"),
        pytest.param(
            update(orm.document)
            .where(orm.document.c.kind == DocumentKind.ACCEPTANCE_NOTICE)
            .values(number=""),
            id="series-without-number",
        ),
    ],
)
def test_the_law_holds_in_the_database_too(district, statement):
    district.receive_complete()
    district.accept()
    district.command("HandOverBundle", CLERK, bag="B-1", pieces=3)
    with (
        pytest.raises(IntegrityError),
        district.harness.resources.engine.begin() as connection,
    ):
        connection.execute(statement)


def test_a_number_mistyped_in_one_place_or_swapped_does_not_check():
    good = case_number("370306", "01", date(2026, 9, 21), 1)
    body, check = good[:-2], good[-1]
    digits = body.replace("-", "")

    def check_of(text):
        return case_number(text[:6], text[6:8], _day(text[8:16]), int(text[16:]))[-1]

    for place in range(16, 21):
        for other in "0123456789":
            if other != digits[place]:
                wrong = digits[:place] + other + digits[place + 1 :]
                assert check_of(wrong) != check
    swapped = digits[:19] + digits[20] + digits[19]
    assert check_of(swapped) != check


def _day(text):
    return date(int(text[:4]), int(text[4:6]), int(text[6:]))
