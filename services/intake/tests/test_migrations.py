"""A database of before comes up to the newest version with its cases in it."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime

import pytest
from alembic import command
from sqlalchemy import Boolean, Date, DateTime, Integer, MetaData, Table, insert, select, text
from sqlalchemy.orm import Session

from servicekit import migrations
from servicekit.database import make_engine
from services.intake.adapters import orm
from services.intake.bootstrap import DEFINITION
from services.intake.domain import decisions
from services.intake.domain.case import Case
from services.intake.domain.records import ServiceMeans
from services.intake.domain.values import CaseState, DecisionOutcome, Handling
from services.intake.tests import builders as b

RECEIVED = datetime(2026, 9, 21, 1, 0, tzinfo=UTC)
CURED = datetime(2026, 9, 22, 2, 0, tzinfo=UTC)
NUMBER = "370306-01-20260921-00001-G"
SERVED = "370306-01-20260921-00002-E"
NEW_TERMS = (
    "handling", "extension", "special_procedures", "joint_form", "parts", "consulted",
    "designation", "verification_limit", "correction_limit", "presence_basis", "receiving_posts",
    "town_receiving_record", "courier_inbound", "successor_item",
)  # fmt: skip


def terms_of_before():
    column = orm.case_file.c.terms.type
    stored = json.loads(column.process_bind_param(b.TERMS, None))
    return json.dumps({name: stored[name] for name in stored if name not in NEW_TERMS})


def row_of(table, **given):
    """Return a row with a value in every column that may not be null."""
    row = {}
    for column in table.columns:
        if column.name in given:
            row[column.name] = given[column.name]
        elif not column.nullable:
            row[column.name] = _anything(column.type)
    return row


def _anything(kind):
    for wanted, value in (
        (Boolean, False), (DateTime, RECEIVED), (Date, date(2026, 9, 28)), (Integer, 1),
    ):  # fmt: skip
        if isinstance(kind, wanted):
            return value
    return ""


def fill(engine):
    """Put a noticed and cured case of before into a database of version 1."""
    kept = MetaData()
    with engine.begin() as connection:
        kept.reflect(connection)

        def put(name, **given):
            table: Table = kept.tables[name]
            connection.execute(insert(table).values(row_of(table, **given)))

        of_case = {"case_number": NUMBER}
        put(
            "case_file", number=NUMBER, revision=3, state="RECEIVED", terms=terms_of_before(),
            channel="WINDOW", result_delivery="COLLECTION", applicant_kind="NATURAL_PERSON",
            outcome="UNSPECIFIED", front_persons="[]", noticed_at=CURED, silence_accepts=True,
            received_at=RECEIVED, window_unit=b.W01, authority=b.AUTHORITY,
        )  # fmt: skip
        put("case_material", **of_case, material_code="M04", defect="UNSPECIFIED", cured_at=CURED)
        put("notice_entry", **of_case, material_code="M04", defect="MISSING")
        put(
            "bundle", **of_case, direction="TO_DEPARTMENT", bag="B-1", sent_by="p-1",
            received_by="",
        )  # fmt: skip
        put(
            "document", **of_case, document=f"{NUMBER}-D01", kind="MATERIALS_RECEIPT",
            state="DRAFTED", seal_kind="NONE",
        )  # fmt: skip
        put("visit", **of_case, purpose="APPLICATION")
        decided_of_before(put)


def decided_of_before(put):
    """Put a case that was decided, returned and handed out."""
    of_case = {"case_number": SERVED}
    put(
        "case_file", number=SERVED, revision=9, state="SERVED", terms=terms_of_before(),
        channel="WINDOW", result_delivery="COLLECTION", applicant_kind="NATURAL_PERSON",
        outcome="GRANTED", front_persons="[]", received_at=RECEIVED, window_unit=b.W01,
        authority=b.AUTHORITY, accepted_at=RECEIVED, promise_due_on=date(2026, 9, 28),
        statutory_due_on=date(2026, 10, 12), decided_at=CURED, decider="p-decider",
        certificate_number="JY1", handed_out_at=CURED, recipient="ADDRESSEE",
    )  # fmt: skip
    put(
        "document", **of_case, document=f"{SERVED}-D01", kind="GRANT_DECISION", state="SERVED",
        seal_kind="AUTHORITY", issued_at=CURED, authority=b.AUTHORITY,
    )  # fmt: skip
    put(
        "bundle", **of_case, direction="TO_WINDOW", bag="R-1", sent_by="p-1", received_by="p-2",
        sent_at=CURED, received_at=CURED,
    )  # fmt: skip


@pytest.fixture
def migrated(tmp_path):
    url = f"sqlite:///{tmp_path}/intake.db"
    engine = make_engine(url, pool_size=1)
    config = migrations._config(DEFINITION.migrations)
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
    fill(engine)
    migrations.upgrade(DEFINITION.migrations, url, date(2026, 9, 23))
    yield engine
    engine.dispose()


def test_a_case_of_before_is_read_with_what_it_lacked(migrated):
    with migrated.connect() as connection, Session(bind=connection, autoflush=False) as session:
        case = session.get(Case, NUMBER)
        assert (case.terms.handling, case.terms.parts) == (Handling.PROMISED, ())
        assert not case.electronic_service_consent
        assert (case.corrected_at, case.corrected) == (CURED, {"M04"})
        assert case.noticed_defects.keys() == {"M04"}
        late = datetime(2026, 9, 24, 2, 0, tzinfo=UTC)
        standing = case.standing(late, b.CALENDAR)
        assert (standing.state, standing.unconfirmed) == (CaseState.RECEIVED, True)
        assert len(case.bundles) == len(case.documents) == len(case.visits) == 1


def test_what_was_decided_before_is_the_decision_of_its_authority(migrated):
    with migrated.connect() as connection, Session(bind=connection, autoflush=False) as session:
        case = session.get(Case, SERVED)
        [decision] = case.decisions
        assert (decision.authority, decision.outcome, decision.decider) == (
            b.AUTHORITY, DecisionOutcome.GRANTED, "p-decider",
        )  # fmt: skip
        assert (decision.decided_at, decision.certificate_number) == (CURED, "JY1")
        assert decision.statutory_due == case.statutory_due
        assert decisions.is_decided(case)
        assert decisions.result_is_here(case)
        assert (case.served_at, case.service_means) == (CURED, ServiceMeans.WINDOW)
        assert session.get(Case, NUMBER).decisions == []


def test_every_reference_holds_after_the_migration(migrated):
    with migrated.connect() as connection:
        assert connection.execute(text("PRAGMA foreign_key_check")).all() == []
        numbers = connection.execute(select(orm.case_file.c.number)).scalars().all()
        assert sorted(numbers) == [NUMBER, SERVED]


def test_the_database_of_before_is_the_one_the_models_expect(migrated):
    assert migrations.differences(migrated, orm.metadata) == []
