"""What only PostgreSQL can show: real row locks, its own types, and the same migrations."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from servicekit.migrations import differences
from services.intake.adapters import orm
from services.intake.tests import test_journey
from services.intake.tests.district import CLERK, IntakeDistrict


@pytest.fixture
def on_postgres(tmp_path, fresh_database):
    built = IntakeDistrict.open(tmp_path, database_url=fresh_database().url("psycopg"))
    yield built
    built.close()


def test_the_migrations_lead_to_the_models(on_postgres):
    assert differences(on_postgres.harness.resources.engine, orm.metadata) == []


def test_the_whole_journey(on_postgres):
    test_journey.test_a_food_licence_goes_from_the_window_to_the_applicants_hands(on_postgres)


def test_readings_12_numbers_taken_at_once_have_no_gap_and_no_double(on_postgres):
    district = on_postgres
    cases = [district.receive_complete().case_number for _ in range(8)]

    def accept(number):
        return district.call(
            "AcceptCase", CLERK, "AcceptCaseRequest",
            request_id=f"request-{number}"[:60], case_number=number, revision=1,
        ).document_number  # fmt: skip

    with ThreadPoolExecutor(4) as pool:
        numbers = sorted(pool.map(accept, cases))
    assert numbers == [f"周审批受字〔2026〕01-0000{n}号" for n in range(1, 9)]
