"""A database of before counts on with what it had."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from alembic import command
from sqlalchemy import select, text

from servicekit.database import make_engine
from servicekit.migrations import _config, differences, upgrade
from servicekit.testing import MONDAY
from services.metrics.adapters import orm
from services.metrics.adapters.projection import facts_of
from services.metrics.bootstrap import DEFINITION
from services.metrics.domain.facts import AuthorityFacts
from services.metrics.domain.folding import fold
from services.metrics.domain.incoming import DatesRecomputed, DueDay

OF_BEFORE = """
    INSERT INTO case_facts (case_number, item_code, item_version, authority, window_unit,
        unit_path, applicant, channel, courier_due, received_at, notices, corrections,
        accepting_unit, deemed, visits, collection_visits, served_at, serving_unit,
        reviewed_promise_due_on, decided_at, outcome, promise_kept, statutory_kept, courier_answer)
    VALUES (:number, 'I-1', 'I-1@1', 'D01', 'W01', '/W01/', 'a-1', 'WINDOW', true,
        '2026-09-21 01:00:00', 0, 0, 'W01', false, 1, 0, :served, 'W01', '2026-09-28', :decided,
        'GRANTED', true, true, '')"""


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request, tmp_path):
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'metrics.db'}"
    return request.getfixturevalue("fresh_database")().url()


def test_cases_of_before_have_the_one_authority_that_worked_on_them(url):
    config = _config(DEFINITION.migrations)
    engine = make_engine(url)
    with engine.connect() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        connection.commit()
    # 18:00 in UTC is the next day in China.
    with engine.begin() as connection:
        for number, at in (("A1", "2026-09-22 18:00:00"), ("A2", None)):
            connection.execute(text(OF_BEFORE), {"number": number, "decided": at, "served": at})

    upgrade(DEFINITION.migrations, url, MONDAY.date())

    with engine.connect() as connection:
        done, waiting = (
            facts_of(row)
            for row in connection.execute(
                select(orm.case_facts).order_by(orm.case_facts.c.case_number)
            )
        )
        on = connection.execute(select(orm.case_facts.c.decision_on)).scalars().all()
    assert differences(engine, DEFINITION.metadata) == []
    engine.dispose()
    assert done.authorities == (
        AuthorityFacts(
            authority="D01",
            promise_due_on=date(2026, 9, 28),
            decided_at=datetime(2026, 9, 22, 18, tzinfo=UTC),
            outcome="GRANTED",
            promise_kept=True,
            statutory_kept=True,
        ),
    )
    assert (done.decided_early, done.served_means, done.result) == (True, "WINDOW", "GRANTED")
    assert sorted(on, key=str) == [date(2026, 9, 23), None]
    assert done.decision_on == date(2026, 9, 23)
    assert (done.days_taken, waiting.days_taken) == (0, None)
    assert (done.returned_by, done.reworked_by) == ((), ())
    later = DatesRecomputed(
        case_number="A2", authority="D01", promise_due=DueDay(on=date(2026, 9, 29))
    )
    assert fold(waiting, later, MONDAY).promise_due_on == date(2026, 9, 29)
