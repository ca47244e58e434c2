"""State, events and audit are one transaction; every committed change is one revision."""

from __future__ import annotations

import threading

import pytest
from sqlalchemy import event
from sqlalchemy.exc import IntegrityError

from servicekit.calls import OutOfScopeError, Scope
from servicekit.errors import ConflictError, NotFoundError
from servicekit.outbox import PendingEvent
from servicekit.tests.toy import Note, Parcel, call_of, note, tables
from servicekit.unit_of_work import check_revision


def uow_of(toy, **more):
    return toy.new_uow(toy.engine, call_of(**more))


def test_leaving_without_commit_changes_nothing(toy):
    with uow_of(toy) as uow:
        uow.parcels.get("A1").answer(by_courier=True)
        uow.flush()
    assert toy.state() == ("OPEN", 1)
    assert toy.effects()["events"] == 0


def test_a_change_is_one_revision_however_many_events_it_has(toy):
    with uow_of(toy) as uow:
        parcel = uow.parcels.get("A1")
        parcel.answer(by_courier=True)
        parcel.note("first")
        parcel.note("second")
        uow.commit()
    assert toy.state() == ("TAKEN", 2)
    assert [each.seq for each in toy.envelopes()] == [1, 2, 3]


def test_a_change_of_child_rows_counts_as_a_change_of_the_whole(toy):
    with uow_of(toy) as uow:
        uow.parcels.get("A1").note("only a child row")
        uow.commit()
    assert toy.state() == ("OPEN", 2)
    assert toy.count(note) == 1


def test_housekeeping_without_an_event_makes_nobodys_revision_stale(toy):
    with uow_of(toy) as uow:
        parcel = uow.parcels.get("A1")
        parcel.state = "FILED"
        parcel.notes.append(Note("silent"))
        uow.commit()
    assert toy.state() == ("FILED", 1)
    assert toy.count(note) == 1


def test_reading_is_no_change(toy):
    with uow_of(toy) as uow:
        uow.parcels.get("A1")
        uow.commit()
    assert toy.state() == ("OPEN", 1)


def test_a_new_aggregate_keeps_its_first_revision(toy):
    with uow_of(toy) as uow:
        fresh = Parcel("A2")
        uow.parcels.add(fresh)
        fresh.note("at birth")
        uow.commit()
    assert toy.state("A2") == ("OPEN", 1)


def test_what_exists_already_is_a_conflict_and_another_broken_constraint_is_a_bug(toy):
    with uow_of(toy) as uow, pytest.raises(ConflictError):
        uow.parcels.add(Parcel("A1"))
    with uow_of(toy) as uow, pytest.raises(IntegrityError):
        uow.parcels.add(Parcel("A2", unit=None))


def test_flushing_twice_writes_everything_once(toy):
    with uow_of(toy) as uow:
        uow.parcels.get("A1").answer(by_courier=True)
        uow.publish(PendingEvent("loose", "W01", "toy.loose.v1", b""))
        uow.flush()
        uow.flush()
        uow.commit()
    assert toy.effects()["events"] == 2
    assert toy.effects()["audit"] == 1
    assert toy.state() == ("TAKEN", 2)


def test_the_second_writer_waits_and_then_sees_that_it_is_late(toy):
    """One wins; the other finds a newer revision than it was decided on."""
    locked, outcome = threading.Event(), []

    def second():
        locked.wait()
        try:
            with uow_of(toy) as uow:
                check_revision(uow.parcels.get("A1"), 1)
        except ConflictError as error:
            outcome.append(error.facts)

    late = threading.Thread(target=second)
    late.start()
    with uow_of(toy) as uow:
        uow.parcels.get("A1").answer(by_courier=True)
        locked.set()
        late.join(timeout=0.3)
        assert late.is_alive(), "the row is not locked"
        uow.commit()
    late.join()
    assert outcome == [{"case": "A1", "seen": "1", "current": "2"}]


def test_getting_the_same_thing_twice_asks_the_database_once(toy):
    with uow_of(toy) as uow:
        first = uow.parcels.get("A1")
        statements = []
        event.listen(toy.engine, "before_cursor_execute", lambda *_: statements.append(1))
        assert uow.parcels.get("A1") is first
        assert not statements


def test_get_refuses_what_is_not_within_reach_and_find_does_not(toy):
    toy.add(Parcel("A2", unit="W02"))
    with uow_of(toy) as uow:
        with pytest.raises(OutOfScopeError):
            uow.parcels.get("A2")
        assert uow.parcels.find("A2").number == "A2"
        assert uow.parcels.find("A9") is None
        with pytest.raises(NotFoundError):
            uow.parcels.get("A9")


def test_a_joined_unit_of_work_neither_commits_nor_ends_the_transaction(toy):
    everything = frozenset({Scope.ANY})
    with toy.engine.connect() as connection, connection.begin() as outer:
        with toy.new_uow(connection, call_of(scopes=everything)) as uow:
            uow.parcels.get("A1").answer(by_courier=True)
            uow.commit()
        assert outer.is_active
        outer.rollback()
    assert toy.state() == ("OPEN", 1)
    assert toy.rings == 0


def test_a_joined_unit_of_work_that_fails_loses_only_its_savepoint(toy):
    with toy.engine.begin() as connection:
        connection.execute(
            tables.outbox.stream.insert().values(stream_id="kept", seq=1),
        )
        with (
            pytest.raises(ConflictError),
            connection.begin_nested(),
            toy.new_uow(connection, call_of()) as uow,
        ):
            uow.parcels.add(Parcel("A1"))
        with connection.begin_nested(), toy.new_uow(connection, call_of()) as uow:
            uow.parcels.get("A1").answer(by_courier=True)
            uow.commit()
    assert toy.state() == ("TAKEN", 2)
    assert toy.effects()["streams"] == 2


def test_notes_stand_in_the_audit_entry(toy):
    with uow_of(toy) as uow:
        uow.note(purpose="核对")
        uow.parcels.get("A1").answer(by_courier=True)
        uow.commit()
    [audit] = toy.rows(tables.audit.audit)
    assert '"purpose": "核对"' in audit.detail
    assert '"events": ["toy.courier_offer_answered.v1"]' in audit.detail
