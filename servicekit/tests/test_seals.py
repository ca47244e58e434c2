from __future__ import annotations

import hashlib
from datetime import UTC, datetime

import pytest

from servicekit.blobs import MemoryBlobStore, put
from servicekit.clock import FixedClock
from servicekit.seals import (
    DemonstrationSealProvider,
    ScanMissingError,
    SealRecord,
    SealUseIncompleteError,
    WetSealProvider,
)

NOW = datetime(2026, 11, 20, 2, 30, tzinfo=UTC)
SHEET = b"%PDF-1.7 the sealed sheet"
DIGEST = hashlib.sha256(SHEET).hexdigest()
USE = {"seal_id": "s-1", "seal_kind": "SPECIAL", "person": "p-17", "scan_sha256": DIGEST}


@pytest.fixture
def scans():
    scans = MemoryBlobStore()
    put(scans, SHEET, "application/pdf")
    return scans


def test_a_use_of_the_wet_seal_is_entered_with_seal_person_time_and_sheet(scans):
    record = WetSealProvider(scans, FixedClock(NOW)).seal(**USE)
    assert record == SealRecord("s-1", "SPECIAL", "p-17", NOW, DIGEST, certified=False)


def test_a_wet_seal_needs_no_mark_on_the_page(scans):
    assert WetSealProvider(scans, FixedClock(NOW)).mark() is None


def test_a_use_whose_sheet_was_not_scanned_is_not_entered():
    provider = WetSealProvider(MemoryBlobStore(), FixedClock(NOW))
    with pytest.raises(ScanMissingError) as refusal:
        provider.seal(**USE)
    assert refusal.value.reason == "SEAL_SCAN_MISSING"


@pytest.mark.parametrize("field", sorted(USE))
def test_a_use_that_leaves_something_out_is_not_entered(scans, field):
    with pytest.raises(SealUseIncompleteError):
        WetSealProvider(scans, FixedClock(NOW)).seal(**{**USE, field: ""})


def test_a_demonstration_says_on_every_page_that_nothing_is_sealed():
    provider = DemonstrationSealProvider(FixedClock(NOW))
    assert provider.mark() == "示例 · 未加盖有效印章"
    assert provider.seal(**USE).certified is provider.certified is False
