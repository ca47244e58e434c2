from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, insert, text, update
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from servicekit.audit import append, ddl_append_only, unsealed
from servicekit.audit_sealer import Broken
from servicekit.crypto import KeyStore, SoftwareCrypto
from servicekit.tests.audit_district import (
    AUDIT,
    CRYPTO,
    KEYS,
    NOW,
    SEAL,
    TABLES,
    District,
    as_row,
    broken,
    entry,
)


@pytest.fixture
def district(tmp_path):
    return District(tmp_path)


@pytest.fixture
def sealed(district):
    district.record(6)
    district.sealer.run_once()
    return district


def test_an_entry_is_written_in_the_callers_transaction(district):
    with district.engine.connect() as connection:
        connection.begin()
        append(connection, TABLES, entry())
        connection.rollback()
    assert district.rows(AUDIT) == []
    with Session(district.engine) as session:
        append(session, TABLES, entry(detail='{"b": 1,  "a":2}'))
        session.commit()
    (row,) = district.rows(AUDIT)
    assert (row.recorded_at, row.actor, row.subject) == (NOW, "p-17", "ZC-0")
    assert row.detail == '{"b": 1,  "a":2}'


def test_every_entry_is_written_by_the_same_statement(district, monkeypatch):
    built = []
    monkeypatch.setattr(TABLES.audit, "insert", lambda: built.append(1))
    with district.engine.begin() as connection:
        append(connection, TABLES, entry())
        append(connection, TABLES, entry())
    assert not built


def test_sealing_leaves_every_row_with_one_link_of_a_contiguous_chain(sealed):
    assert [row.seq for row in sealed.rows(SEAL)] == [1, 2, 3, 4, 5, 6]
    assert {row.audit_id for row in sealed.rows(SEAL)} == {row.id for row in sealed.rows(AUDIT)}


def test_an_untouched_chain_is_intact(sealed):
    sealed.record(2, start=6)
    report = sealed.verify()
    assert (report.sealed, report.unsealed, report.broken) == (6, 2, [])
    assert (report.intact, report.truncated, report.unanchored) == (True, False, 0)


def test_an_audit_without_rows_is_intact(district):
    assert district.sealer.run_once() == 0
    assert district.verify().intact


def test_many_batches_make_one_chain(district):
    district.record(1201)
    assert district.sealer.run_once() == 1201
    district.record(7, start=1201)
    assert district.sealer.run_once() == 7
    report = district.verify()
    assert (report.intact, report.sealed, report.checkpoints) == (True, 1208, 4)


def test_a_row_that_commits_late_with_a_smaller_id_is_sealed_too(district):
    district.change(AUDIT.insert().values(id=5, **as_row(entry(5))))
    district.sealer.run_once()
    district.change(AUDIT.insert().values(id=2, **as_row(entry(2))))
    assert district.sealer.run_once() == 1
    assert [row.audit_id for row in district.rows(SEAL)] == [5, 2]
    assert district.verify().intact


EDITS = {
    "recorded_at": NOW - timedelta(microseconds=1),
    "actor": "p-18",
    "assignment": "a-4",
    "service": "review",
    "action": "other",
    "subject": "ZC-99",
    "outcome": "REFUSED",
    "detail": '{"备注": "受理"}',
    "trace_id": "",
}


@pytest.mark.parametrize("column", sorted(EDITS))
def test_an_edit_of_any_column_is_found_at_its_row(sealed, column):
    sealed.change(update(AUDIT).where(AUDIT.c.id == 3).values({column: EDITS[column]}))
    report = sealed.verify()
    assert report.broken == [Broken("ROW_CHANGED", 3, 3)]
    assert not report.intact


def test_text_moved_from_one_column_into_the_next_is_found(sealed):
    sealed.change(update(AUDIT).where(AUDIT.c.id == 3).values(actor="p-1", assignment="7a-3"))
    assert broken(sealed.verify()) == {("ROW_CHANGED", 3)}


def test_a_deleted_row_is_found(sealed):
    sealed.change(delete(AUDIT).where(AUDIT.c.id == 3))
    assert sealed.verify().broken == [Broken("ROW_MISSING", 3, 3)]


def test_a_row_deleted_and_written_anew_under_its_number_is_found(sealed):
    sealed.change(delete(AUDIT).where(AUDIT.c.id == 3))
    sealed.change(AUDIT.insert().values(id=3, **as_row(entry(3))))
    assert broken(sealed.verify()) == {("ROW_CHANGED", 3)}


def test_a_row_deleted_together_with_its_seal_is_found(sealed):
    sealed.change(delete(AUDIT).where(AUDIT.c.id == 3))
    sealed.change(delete(SEAL).where(SEAL.c.seq == 3))
    assert broken(sealed.verify()) == {("SEAL_MISSING", 3)}


def test_the_beginning_of_the_chain_cannot_be_cut_off(sealed):
    sealed.change(delete(AUDIT).where(AUDIT.c.id <= 2))
    sealed.change(delete(SEAL).where(SEAL.c.seq <= 2))
    assert ("SEAL_MISSING", 1) in broken(sealed.verify())


def test_closing_the_gap_by_renumbering_is_found(sealed):
    sealed.change(delete(AUDIT).where(AUDIT.c.id == 3))
    sealed.change(delete(SEAL).where(SEAL.c.seq == 3))
    for seq in (4, 5, 6):
        sealed.change(update(SEAL).where(SEAL.c.seq == seq).values(seq=seq - 1))
    report = sealed.verify()
    assert ("ROW_CHANGED", 3) in broken(report)
    assert report.truncated


@pytest.mark.parametrize("cut", [1, 3, 6])
def test_a_cut_off_tail_is_found_by_the_checkpoint(sealed, cut):
    sealed.change(delete(AUDIT).where(AUDIT.c.id > 6 - cut))
    sealed.change(delete(SEAL).where(SEAL.c.seq > 6 - cut))
    report = sealed.verify()
    assert (report.truncated, report.missing, report.intact) == (True, cut, False)


def test_a_tail_that_was_cut_off_and_grew_again_is_found(sealed):
    sealed.change(delete(AUDIT).where(AUDIT.c.id > 4))
    sealed.change(delete(SEAL).where(SEAL.c.seq > 4))
    sealed.record(5, start=50)
    sealed.new_sealer().run_once()
    assert ("CHECKPOINT_DIFFERS", 6) in broken(sealed.verify())


def test_a_replaced_seal_breaks_its_place_and_the_next(sealed):
    sealed.change(update(SEAL).where(SEAL.c.seq == 3).values(mac=bytes(32)))
    assert broken(sealed.verify()) == {("ROW_CHANGED", 3), ("ROW_CHANGED", 4)}


def test_a_replaced_last_seal_differs_from_its_checkpoint(sealed):
    sealed.change(update(SEAL).where(SEAL.c.seq == 6).values(mac=bytes(32)))
    assert broken(sealed.verify()) == {("ROW_CHANGED", 6), ("CHECKPOINT_DIFFERS", 6)}


def test_two_seals_that_changed_places_are_found(sealed):
    first, second = sealed.rows(SEAL)[2:4]
    sealed.change(delete(SEAL).where(SEAL.c.seq.in_([3, 4])))
    sealed.change(insert(SEAL), [
        {**first._asdict(), "seq": 4}, {**second._asdict(), "seq": 3},
    ])  # fmt: skip
    assert {("ROW_CHANGED", 3), ("ROW_CHANGED", 4)} <= broken(sealed.verify())


def test_two_rows_that_changed_places_are_found(sealed):
    for old, new in ((3, 99), (4, 3), (99, 4)):
        sealed.change(update(AUDIT).where(AUDIT.c.id == old).values(id=new))
    assert broken(sealed.verify()) == {("ROW_CHANGED", 3), ("ROW_CHANGED", 4)}


def test_a_seal_made_up_for_an_unsealed_row_is_found(sealed):
    sealed.record(1, start=6)
    sealed.change(SEAL.insert().values(seq=7, audit_id=7, key_id=KEYS.audit.current, mac=bytes(32)))
    assert broken(sealed.verify()) == {("ROW_CHANGED", 7)}


def test_a_seal_under_an_unknown_key_is_found(sealed):
    sealed.change(update(SEAL).where(SEAL.c.seq == 3).values(key_id="made-up"))
    assert broken(sealed.verify()) == {("KEY_UNKNOWN", 3)}


def test_a_chain_written_anew_without_the_key_is_found_everywhere(district, tmp_path):
    forger = SoftwareCrypto(
        KeyStore(audit=KeyStore.create().audit, checkpoint=KeyStore.create().checkpoint)
    )
    district.record(3)
    district.crypto = forger
    district.new_sealer().run_once()
    kinds = {kind for kind, _ in broken(district.verify(CRYPTO))}
    assert kinds == {"KEY_UNKNOWN", "CHECKPOINT_FORGED"}


@settings(max_examples=30, deadline=None)
@given(data=st.data())
def test_any_single_change_to_the_sealed_past_is_noticed(data, tmp_path_factory):
    district = District(tmp_path_factory.mktemp("audit"))
    count = data.draw(st.integers(2, 6))
    district.record(count)
    district.sealer.run_once()
    at = data.draw(st.integers(1, count))
    changes = {
        "delete-row": delete(AUDIT).where(AUDIT.c.id == at),
        "delete-seal": delete(SEAL).where(SEAL.c.seq == at),
        "edit-row": update(AUDIT).where(AUDIT.c.id == at).values(detail="{}"),
        "edit-seal": update(SEAL).where(SEAL.c.seq == at).values(mac=b"x" * 32),
        "point-elsewhere": update(SEAL).where(SEAL.c.seq == at).values(audit_id=1000),
        "renumber": update(SEAL).where(SEAL.c.seq == at).values(seq=1000),
    }
    district.change(changes[data.draw(st.sampled_from(sorted(changes)))])
    assert not district.verify().intact


@pytest.fixture
def guarded(sealed):
    with sealed.engine.begin() as connection:
        for statement in ddl_append_only("sqlite"):
            connection.execute(text(statement))
    return sealed


@pytest.mark.parametrize(
    "statement",
    [
        pytest.param(update(AUDIT).values(outcome="x"), id="edit-audit"),
        pytest.param(delete(AUDIT), id="delete-audit"),
        pytest.param(update(SEAL).values(mac=b""), id="edit-seal"),
        pytest.param(delete(SEAL), id="delete-seal"),
    ],
)
def test_the_database_refuses_to_change_the_past(guarded, statement):
    with pytest.raises(DatabaseError, match="append-only"):
        guarded.change(statement)


def test_the_guarded_tables_still_take_rows_and_seals(guarded):
    guarded.record(2, start=6)
    assert guarded.sealer.run_once() == 2
    assert guarded.verify().intact


def test_postgresql_gets_triggers_against_update_delete_and_truncate():
    statements = ddl_append_only("postgresql")
    for table in ("audit", "audit_seal"):
        for verbs in ("UPDATE OR DELETE", "TRUNCATE"):
            assert any(f"BEFORE {verbs} ON {table} " in statement for statement in statements)


def test_a_database_without_triggers_written_for_it_is_refused():
    with pytest.raises(ValueError, match="oracle"):
        ddl_append_only("oracle")


def test_a_number_is_not_given_again_after_its_row_was_deleted(district):
    district.record(2)
    district.change(delete(AUDIT).where(AUDIT.c.id == 2))
    district.record(1)
    assert [row.id for row in district.rows(AUDIT)] == [1, 3]


def test_unsealed_rows_can_be_asked_for_within_bounds(district):
    district.record(5)
    with district.engine.connect() as connection:
        found = connection.execute(unsealed(TABLES, AUDIT.c.id, above=1, upto=3)).scalars()
        assert list(found) == [2, 3]
