"""Version 0002 changes the key of a case while there are cases: every row is kept."""

from __future__ import annotations

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import text

from servicekit.database import make_engine
from servicekit.migrations import differences
from services.review.adapters import orm
from services.review.bootstrap import DEFINITION

CASE = """INSERT INTO review_case (case_number, item_code, item_version, authority, unit_path,
    accepted_at, front_persons, persons_required, site_check_required, bundle, state,
    promise_amount, promise_unit, promise_start, promise_source, promise_started_at,
    promise_due_on, promise_due_provisional, promise_excluded, reviewer, opinion_at,
    proposes_grant, opinion_text, decider, decided_at, outcome, decision_facts,
    decision_reasons, legal_bases, revision)
    VALUES (:number, 'I', 'I@1', 'D01', '/', '2026-09-21 01:00:00+00:00', '["p-1"]', 2, TRUE,
    'RECEIVED', :state, 5, 'WORKING_DAY', 'ACCEPTED', '', '2026-09-21 01:00:00+00:00',
    '2026-09-29', FALSE, '[]', 'p-2', '2026-09-22 01:00:00+00:00', TRUE, 'ok', :decider, :at,
    :outcome, :facts, :facts, :bases, 3)"""
CHECK = """INSERT INTO site_check (case_number, checked_at, place, checkers, findings, complies)
    VALUES ('A', '2026-09-22 01:00:00+00:00', :place, '["p-2", "p-3"]', 'f', TRUE)"""


def migrate(engine, version):
    config = Config()
    config.set_main_option("script_location", str(DEFINITION.migrations).replace("%", "%%"))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, version)


@pytest.fixture(params=["sqlite", "postgres"])
def engine(request, tmp_path):
    url = f"sqlite:///{tmp_path / 'review.db'}"
    if request.param == "postgres":
        url = request.getfixturevalue("fresh_database")().url()
    made = make_engine(url)
    yield made
    made.dispose()


def test_every_case_and_every_check_is_kept(engine):
    migrate(engine, "0001")
    decided = {"decider": "p-4", "at": "2026-09-23 01:00:00+00:00", "outcome": "GRANTED"}
    with engine.begin() as connection:
        said = {"facts": "f", "bases": "[]"}
        connection.execute(text(CASE), {"number": "A", "state": "DECIDED", **decided, **said})
        nothing = dict.fromkeys([*decided, *said])
        connection.execute(text(CASE), {"number": "B", "state": "DECISION_PENDING", **nothing})
        for place in ("first", "second"):
            connection.execute(text(CHECK), {"place": place})
    migrate(engine, "0002")
    with engine.connect() as connection:
        rows = connection.execute(text("SELECT * FROM review_case ORDER BY task")).all()
        places = list(connection.scalars(text("SELECT place FROM site_check ORDER BY id")))
        left = connection.scalars(text("SELECT task FROM site_check")).all()
    assert [(row.task, row.case_number, row.state, row.revision) for row in rows] == [
        ("A", "A", "DECIDED", 3), ("B", "B", "DECISION_PENDING", 3),
    ]  # fmt: skip
    assert [(row.content, row.conditions) for row in rows] == [("", "[]"), (None, None)]
    assert all(row.received_at == row.opened_at == row.accepted_at for row in rows)
    assert (places, left) == (["first", "second"], ["A", "A"])
    assert differences(engine, orm.metadata) == []


def test_a_check_still_belongs_to_a_case(engine):
    migrate(engine, "0002")
    orphan = CHECK.replace("case_number", "task")
    with pytest.raises(Exception, match=r"(?i)foreign key"), engine.begin() as connection:
        connection.execute(text(orphan), {"place": "nowhere"})
