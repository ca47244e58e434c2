from __future__ import annotations

import base64
import json
import threading
from datetime import timedelta

import pytest
from sqlalchemy.exc import IntegrityError

from servicekit.audit import unsealed_age
from servicekit.audit_checkpoints import Checkpoint, CheckpointLog, CheckpointsAwayError
from servicekit.audit_sealer import SETTLED, SWEPT, SealingConflictError
from servicekit.crypto import SoftwareCrypto
from servicekit.leases import Lease
from servicekit.tests.audit_district import (
    AUDIT,
    CHAIN,
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


def test_a_sealer_that_died_before_the_export_makes_up_for_it(sealed):
    sealed.checkpoint_file().unlink()
    assert not sealed.verify().intact
    assert sealed.verify().unanchored == 6
    sealed.new_sealer().run_once()
    assert sealed.verify().intact
    assert sealed.verify().unanchored == 0


def test_a_torn_last_line_is_replaced_and_the_chain_stays_intact(sealed):
    path = sealed.checkpoint_file()
    whole = path.read_bytes()
    path.write_bytes(whole + b'{"seq": 9, "ma')
    sealed.record(2, start=6)
    sealed.new_sealer().run_once()
    assert path.read_bytes().startswith(whole)
    report = sealed.verify()
    assert (report.intact, report.checkpoints) == (True, 2)


@pytest.mark.parametrize(
    "forge",
    [
        pytest.param(lambda line: line | {"seq": 4}, id="smaller-head"),
        pytest.param(lambda line: line | {"mac": "00" * 32}, id="other-mac"),
        pytest.param(lambda line: line | {"at": "2020-01-01T00:00:00+00:00"}, id="other-time"),
        pytest.param(lambda line: line | {"chain": "review"}, id="other-chain"),
        pytest.param(lambda line: line | {"key_id": "made-up"}, id="unknown-key"),
        pytest.param(lambda line: line | {"signature": "%%"}, id="no-signature"),
        pytest.param(lambda line: line | {"seq": "6"}, id="seq-is-a-text"),
        pytest.param(lambda line: line | {"mac": None}, id="mac-is-nothing"),
        pytest.param(lambda line: [1], id="another-thing"),
    ],
)
def test_a_forged_checkpoint_is_found(sealed, forge):
    path = sealed.checkpoint_file()
    line = json.loads(path.read_bytes())
    path.write_bytes(json.dumps(forge(line)).encode() + b"\n")
    report = sealed.verify()
    assert {found.kind for found in report.broken} == {"CHECKPOINT_FORGED"}
    assert not report.intact


def test_a_checkpoint_of_another_chain_does_not_vouch_for_this_one(sealed):
    other = Checkpoint.signed(CRYPTO, chain="review", seq=9, mac=bytes(32), at=NOW)
    path = sealed.checkpoint_file()
    path.write_bytes(path.read_bytes() + other.line())
    assert broken(sealed.verify()) == {("CHECKPOINT_FORGED", 9)}


def test_a_checkpoint_names_head_count_time_and_key_and_its_signature_holds(sealed):
    line = json.loads(sealed.checkpoint_file().read_bytes())
    assert (line["seq"], line["count"], line["chain"]) == (6, 6, CHAIN)
    assert line["mac"] == sealed.rows(SEAL)[-1].mac.hex()
    assert line["at"] == NOW.isoformat()
    assert len(base64.b64decode(line["signature"])) == 64
    assert line["key_id"] == KEYS.checkpoint.current


def test_each_civil_day_has_a_file_of_its_own(sealed):
    sealed.clock.advance(timedelta(hours=13, minutes=30))  # midnight in China
    sealed.record(1, start=6)
    sealed.sealer.run_once()
    assert [path.name for path in sorted(sealed.checkpoints.iterdir())] == [
        "intake-2026-11-20.jsonl",
        "intake-2026-11-21.jsonl",
    ]
    assert sealed.verify().checkpoints == 2


def test_nothing_is_exported_twice(sealed):
    before = sealed.checkpoint_file().read_bytes()
    sealed.sealer.run_once()
    sealed.new_sealer().run_once()
    assert sealed.checkpoint_file().read_bytes() == before


def test_a_directory_that_cannot_be_written_is_named_and_made_up_for(district, tmp_path):
    district.record(3)
    district.checkpoints.write_text("in the way", encoding="utf-8")
    with pytest.raises(CheckpointsAwayError):
        district.sealer.run_once()
    district.checkpoints.unlink()
    district.sealer.run_once()
    assert district.verify().intact


@pytest.mark.parametrize("chain", ["", "in take", "a-b", "../x"])
def test_a_chain_has_a_name_that_fits_a_file(tmp_path, chain):
    with pytest.raises(ValueError, match="chain"):
        CheckpointLog(tmp_path, chain)


def test_keys_may_change_within_the_chain(sealed, tmp_path):
    keys = KEYS.rotated("audit").rotated("checkpoint")
    sealed.crypto = SoftwareCrypto(keys)
    sealed.record(3, start=6)
    sealed.new_sealer().run_once()
    assert sealed.verify().intact
    assert {kind for kind, _ in broken(sealed.verify(CRYPTO))} == {
        "KEY_UNKNOWN",
        "CHECKPOINT_FORGED",
    }


# One sealer at a time


def lease(district, holder, ttl=30.0):
    return Lease(district.engine, "audit-sealer", holder, ttl)


def test_without_the_lease_nothing_is_sealed(district):
    district.record(3)
    lease(district, "other").acquire()
    assert district.new_sealer(lease=lease(district, "me")).run_once() == 0
    assert district.rows(SEAL) == []


def test_with_the_lease_everything_is_sealed(district):
    district.record(3)
    assert district.new_sealer(lease=lease(district, "me")).run_once() == 3
    assert district.verify().intact


def test_a_sealer_that_lost_its_lease_unnoticed_seals_nothing(district):
    class Lost:
        def acquire(self):
            return 7

        def holds(self, connection, epoch):
            return False

    district.record(3)
    with pytest.raises(SealingConflictError):
        district.new_sealer(lease=Lost()).run_once()
    assert district.rows(SEAL) == []


def test_sealers_at_work_at_once_make_one_chain(district):
    district.record(40)
    conflicts = []

    def work():
        try:
            district.new_sealer().run_once()
        except SealingConflictError as error:
            conflicts.append(error)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    report = district.verify()
    assert (report.intact, report.sealed, report.unsealed) == (True, 40, 0)


def test_a_second_seal_for_one_row_is_refused_by_the_database(sealed):
    with pytest.raises(IntegrityError):
        sealed.change(SEAL.insert().values(seq=7, audit_id=3, key_id="k", mac=b""))


# What waits


def test_the_age_is_that_of_the_oldest_row_without_a_seal(sealed):
    assert unsealed_age(sealed.engine, TABLES, NOW) == timedelta(0)
    sealed.record(2, start=60)
    now = NOW + timedelta(seconds=90)
    assert unsealed_age(sealed.engine, TABLES, now) == timedelta(seconds=30)
    assert sealed.sealer.unsealed_age(now) == timedelta(seconds=30)
    sealed.sealer.run_once()
    assert unsealed_age(sealed.engine, TABLES, now) == timedelta(0)


def test_old_ids_are_looked_through_every_hour_only(district):
    at = [0.0]
    sealer = district.new_sealer(monotonic=lambda: at[0])

    def record(number):
        district.change(AUDIT.insert().values(id=number, **as_row(entry(number))))
        return sealer.run_once()

    record(50)
    at[0] = SETTLED - 1
    assert record(20) == 1  # committed late
    at[0] = SETTLED
    assert record(60) == 1
    assert record(30) == 0  # hardly any transaction lives that long
    assert record(51) == 1
    assert district.verify().unsealed == 1  # and yet nobody overlooks it
    at[0] = SWEPT
    assert sealer.run_once() == 1
