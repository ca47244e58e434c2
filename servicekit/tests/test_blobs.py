from __future__ import annotations

import hashlib
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from servicekit.blob_rules import (
    BlobDigestError,
    BlobNotFoundError,
    BlobTooLargeError,
    BlobTypeMismatchError,
    BlobTypeRefusedError,
    ChunkConflictError,
    OffsetError,
    UploadIncompleteError,
    UploadNotFoundError,
)
from servicekit.blobs import (
    BlobLimits,
    BlobRef,
    DirectoryBlobStore,
    MemoryBlobStore,
    SweepReport,
    put,
)

PDF = "application/pdf"
CONTENT = b"%PDF-1.7 0123456789"
DIGEST = hashlib.sha256(CONTENT).hexdigest()
DAY = timedelta(days=1)


@pytest.fixture(params=["directory", "memory"])
def store(request, tmp_path):
    limits = BlobLimits(largest=1000)
    if request.param == "memory":
        return MemoryBlobStore(limits)
    return DirectoryBlobStore(tmp_path / "store", limits)


def test_an_upload_in_pieces_becomes_one_blob(store):
    upload = store.begin(len(CONTENT), PDF)
    assert store.append(upload, 0, CONTENT[:7]) == 7
    assert not store.exists(DIGEST)
    assert store.append(upload, 7, CONTENT[7:]) == len(CONTENT)
    assert store.finish(upload, DIGEST) == BlobRef(DIGEST, len(CONTENT), PDF)
    assert store.exists(DIGEST)
    assert store.read(DIGEST) == CONTENT
    assert list(store.names()) == [DIGEST]
    with store.open(DIGEST) as content:
        assert content.read(5) == b"%PDF-"


@given(
    body=st.binary(min_size=1, max_size=40),
    pieces=st.lists(st.tuples(st.integers(0, 45), st.integers(0, 45)), max_size=8),
)
def test_any_order_of_repeated_and_overlapping_pieces_gives_the_same_blob(body, pieces):
    store = MemoryBlobStore()
    content = b"%PDF-" + body
    upload, stored = store.begin(len(content), PDF), 0
    for start, length in pieces:
        offset = min(start, stored)
        stored = store.append(upload, offset, content[offset : offset + length])
    store.append(upload, stored, content[stored:])
    ref = store.finish(upload, hashlib.sha256(content).hexdigest())
    assert store.read(ref.sha256) == content


@pytest.mark.parametrize(("offset", "end"), [(0, 7), (3, 7), (3, 5), (0, 12), (7, 7)])
def test_a_repeated_or_overlapping_piece_changes_nothing_already_stored(store, offset, end):
    upload = store.begin(len(CONTENT), PDF)
    store.append(upload, 0, CONTENT[:7])
    assert store.append(upload, offset, CONTENT[offset:end]) == max(7, end)
    store.append(upload, max(7, end), CONTENT[max(7, end) :])
    assert store.read(store.finish(upload, DIGEST).sha256) == CONTENT


@pytest.mark.parametrize("offset", [8, 100, -1])
def test_a_piece_at_the_wrong_place_is_told_the_right_one(store, offset):
    upload = store.begin(len(CONTENT), PDF)
    store.append(upload, 0, CONTENT[:7])
    with pytest.raises(OffsetError) as refusal:
        store.append(upload, offset, b"x")
    assert refusal.value.facts["expected"] == "7"


def test_a_piece_sent_again_with_other_bytes_is_refused(store):
    upload = store.begin(len(CONTENT), PDF)
    store.append(upload, 0, CONTENT[:7])
    with pytest.raises(ChunkConflictError):
        store.append(upload, 2, b"xxxxxxxx")


def test_more_bytes_than_announced_are_refused(store):
    upload = store.begin(len(CONTENT), PDF)
    with pytest.raises(BlobTooLargeError):
        store.append(upload, 0, CONTENT + b"!")


@pytest.mark.parametrize("size", [0, -1, 1001])
def test_a_size_out_of_bounds_is_refused_before_the_first_byte(store, size):
    with pytest.raises(BlobTooLargeError):
        store.begin(size, PDF)


@pytest.mark.parametrize("media_type", ["text/html", "application/x-msdownload", ""])
def test_a_type_that_is_not_taken_is_refused(store, media_type):
    with pytest.raises(BlobTypeRefusedError):
        store.begin(10, media_type)


def test_a_type_whose_content_cannot_be_recognised_cannot_be_allowed():
    with pytest.raises(ValueError, match="recognised"):
        BlobLimits(media_types=frozenset({"text/html"}))


@pytest.mark.parametrize(
    ("media_type", "content"),
    [
        pytest.param(PDF, b"%PDF-1.4", id="pdf"),
        pytest.param("image/png", b"\x89PNG\r\n\x1a\n...", id="png"),
        pytest.param("image/jpeg", b"\xff\xd8\xff\xe0...", id="jpeg"),
    ],
)
def test_a_file_that_is_what_it_says_is_stored(store, media_type, content):
    assert store.read(put(store, content, media_type).sha256) == content


@pytest.mark.parametrize(
    ("media_type", "content"),
    [
        pytest.param(PDF, b"MZ\x90\x00 program", id="program-as-pdf"),
        pytest.param(PDF, b"<html>%PDF-", id="page-as-pdf"),
        pytest.param("image/png", b"\xff\xd8\xff\xe0", id="jpeg-as-png"),
        pytest.param("image/jpeg", b"\xff", id="too-short-to-tell"),
    ],
)
def test_a_file_of_another_type_than_announced_is_discarded(store, media_type, content):
    upload = store.begin(len(content), media_type)
    store.append(upload, 0, content)
    digest = hashlib.sha256(content).hexdigest()
    with pytest.raises(BlobTypeMismatchError):
        store.finish(upload, digest)
    assert not store.exists(digest)
    with pytest.raises(UploadNotFoundError):
        store.append(upload, 0, content)


def test_an_incomplete_upload_is_told_where_to_go_on_and_can(store):
    upload = store.begin(len(CONTENT), PDF)
    store.append(upload, 0, CONTENT[:7])
    with pytest.raises(UploadIncompleteError) as refusal:
        store.finish(upload, DIGEST)
    assert refusal.value.facts["expected"] == "7"
    store.append(upload, 7, CONTENT[7:])
    assert store.finish(upload, DIGEST).size == len(CONTENT)


def test_bytes_that_changed_on_the_way_are_discarded(store):
    upload = store.begin(len(CONTENT), PDF)
    store.append(upload, 0, CONTENT[:-1] + b"?")
    with pytest.raises(BlobDigestError):
        store.finish(upload, DIGEST)
    assert list(store.names()) == []


def test_finishing_twice_gives_the_same_answer(store):
    upload = store.begin(len(CONTENT), PDF)
    store.append(upload, 0, CONTENT)
    assert store.finish(upload, DIGEST) == store.finish(upload, DIGEST)


def test_a_finished_upload_does_not_answer_for_another_digest(store):
    upload = store.begin(len(CONTENT), PDF)
    store.append(upload, 0, CONTENT)
    store.finish(upload, DIGEST)
    with pytest.raises(UploadNotFoundError):
        store.finish(upload, "0" * 64)
    with pytest.raises(UploadNotFoundError):
        store.append(upload, 0, CONTENT)


@pytest.mark.parametrize("upload", ["", "0" * 32, "../../etc/passwd", "x"])
def test_an_unknown_upload_is_not_found(store, upload):
    with pytest.raises(UploadNotFoundError):
        store.append(upload, 0, b"x")
    with pytest.raises(UploadNotFoundError):
        store.finish(upload, DIGEST)


@pytest.mark.parametrize("name", ["", "0" * 64, "../sweep.lock", "A" * 64])
def test_an_unknown_blob_is_not_found(store, name):
    assert not store.exists(name)
    with pytest.raises(BlobNotFoundError):
        store.read(name)


def test_the_sweep_of_a_store_in_memory_removes_old_orphans_and_uploads():
    at = [1000.0]
    store = MemoryBlobStore(wall=lambda: at[0])
    kept, orphan = put(store, CONTENT, PDF), put(store, b"%PDF-orphan", PDF)
    store.begin(len(CONTENT), PDF)
    at[0] += 2 * DAY.total_seconds()
    young = put(store, b"%PDF-young", PDF)
    report = store.sweep_orphans(lambda names: {kept.sha256}, DAY)
    assert report == SweepReport(1, 1, orphan.size)
    assert set(store.names()) == {kept.sha256, young.sha256}
