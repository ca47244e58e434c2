"""The audit chain is read again and again by the jobs, and a break shows by itself."""

from __future__ import annotations

import pytest

from servicekit.audit_scrub import AuditScrub
from servicekit.tests.audit_district import AUDIT, SEAL, District


@pytest.fixture
def sealed(tmp_path):
    district = District(tmp_path)
    district.record(6)
    district.sealer.run_once()
    return district


def scrub_of(district, rows=100):
    return AuditScrub(district.engine, district.chain(), rows=rows)


def test_a_whole_chain_is_read_in_small_turns(sealed):
    scrub = scrub_of(sealed, rows=2)
    assert [scrub.turn() for _ in range(4)] == [False, False, False, True]
    assert scrub.broken == 0


def test_a_chain_without_rows_is_whole(tmp_path):
    scrub = scrub_of(District(tmp_path))
    assert scrub.turn() is True
    assert scrub.broken == 0


@pytest.mark.parametrize(
    "harm",
    [
        lambda d: d.change(AUDIT.update().where(AUDIT.c.id == 3).values(subject="ZC-9")),
        lambda d: d.change(AUDIT.delete().where(AUDIT.c.id == 3)),
        lambda d: d.change(SEAL.delete().where(SEAL.c.seq == 3)),
        lambda d: d.change(SEAL.delete().where(SEAL.c.seq == 6)),
    ],
    ids=["a row changed", "a row deleted", "a seal deleted", "the tail cut off"],
)
def test_what_was_done_to_the_rows_shows(sealed, harm):
    harm(sealed)
    scrub = scrub_of(sealed)
    scrub.turn()
    assert scrub.broken == 1


def test_a_break_shows_before_the_round_ends_and_until_the_next_has(sealed):
    scrub = scrub_of(sealed, rows=2)
    sealed.change(AUDIT.update().where(AUDIT.c.id == 1).values(subject="ZC-9"))
    scrub.turn()
    assert scrub.broken == 1
    sealed.change(AUDIT.update().where(AUDIT.c.id == 1).values(subject="ZC-0"))
    while not scrub.turn():
        assert scrub.broken == 1
    assert scrub.broken == 1
    while not scrub.turn():
        assert scrub.broken == 1
    assert scrub.broken == 0
