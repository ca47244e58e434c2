"""A case is read with one question about its parts, and nothing of it is missed."""

from __future__ import annotations

from sqlalchemy import event, inspect, select
from sqlalchemy.orm import Session

from servicekit.mapping import load_whole, reading, settle_empty_parts
from services.intake.adapters.orm import front
from services.intake.domain.case import Case


def statements_of(connection):
    found = []
    event.listen(
        connection, "before_cursor_execute", lambda _c, _cur, statement, *_: found.append(statement)
    )
    return found


def test_parts_without_rows_are_known_after_one_question(district):
    district.receive()
    with district.harness.resources.read_engine.connect() as connection, Session(connection) as s:
        case = s.scalars(reading(Case), {"key": district.number}).one()
        asked = statements_of(connection)

        settle_empty_parts(s, case)

        assert not case.decisions
        assert not case.notice_entries
        assert not case.dispatches
        assert len(asked) == 1
        assert "materials" in inspect(case).unloaded, "it has rows, which nobody has looked at yet"
        assert len(case.materials) > 1
        assert len(asked) == 2


def test_a_whole_case_has_every_part_that_has_rows_and_outlives_its_session(district):
    district.receive()
    district.notify("M04", "M05")
    read_engine = district.harness.resources.read_engine
    with read_engine.connect() as connection, Session(connection) as session:
        case = session.scalars(reading(Case), {"key": district.number}).one()
        load_whole(session, case)

    assert not inspect(case).unloaded & set(inspect(Case).relationships.keys())
    assert case.materials
    assert case.documents
    assert case.notice_entries


def test_a_command_changes_parts_that_were_empty_when_the_case_was_read(district):
    district.receive()
    district.notify("M04", "M05")

    entries = district.rows(select(front.notice_entry.c.material_code))
    assert sorted(row.material_code for row in entries) == ["M04", "M05"]
