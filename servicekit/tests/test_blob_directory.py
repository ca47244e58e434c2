from __future__ import annotations

import errno
import fcntl
import hashlib
import os
import threading
import time
from datetime import timedelta

import pytest

from servicekit import blobs
from servicekit.blob_rules import (
    BlobDamagedError,
    OffsetError,
    StorageAwayError,
    UploadNotFoundError,
)
from servicekit.blobs import (
    BlobLimits,
    DirectoryBlobStore,
    SweepReport,
    put,
    write_atomically,
)
from servicekit.errors import UnavailableError

PDF = "application/pdf"
CONTENT = b"%PDF-1.7 0123456789"
DIGEST = hashlib.sha256(CONTENT).hexdigest()
DAY = timedelta(days=1)


@pytest.fixture
def directory(tmp_path):
    return DirectoryBlobStore(tmp_path / "store", BlobLimits(largest=10_000_000))


def files(tmp_path):
    return sorted(
        path.relative_to(tmp_path / "store").as_posix()
        for path in (tmp_path / "store").rglob("*")
        if path.is_file() and path.name != "sweep.lock"
    )


def age(path, by=2 * DAY):
    then = time.time() - by.total_seconds()
    os.utime(path, (then, then))


def age_all(tmp_path):
    for path in (tmp_path / "store").rglob("*"):
        age(path)


def nothing(_names):
    return set()


def test_the_same_file_twice_is_stored_once(directory, tmp_path):
    put(directory, CONTENT, PDF)
    put(directory, CONTENT, PDF)
    assert list(directory.names()) == [DIGEST]


def test_another_process_goes_on_with_an_upload(directory, tmp_path):
    upload = directory.begin(len(CONTENT), PDF)
    directory.append(upload, 0, CONTENT[:7])
    again = DirectoryBlobStore(tmp_path / "store")
    again.append(upload, 7, CONTENT[7:])
    again.finish(upload, DIGEST)
    assert directory.read(DIGEST) == CONTENT


def test_a_piece_that_a_crash_cut_is_completed_by_sending_it_again(directory, tmp_path):
    upload = directory.begin(len(CONTENT), PDF)
    part = tmp_path / "store" / "uploads" / f"{upload}.part"
    part.write_bytes(CONTENT[:3])
    assert directory.append(upload, 0, CONTENT) == len(CONTENT)
    assert directory.finish(upload, DIGEST).sha256 == DIGEST


def test_a_damaged_blob_is_never_handed_out(directory, tmp_path):
    put(directory, CONTENT, PDF)
    path = tmp_path / "store" / "blobs" / DIGEST[:2] / DIGEST
    path.write_bytes(CONTENT[:-1] + b"?")
    with pytest.raises(BlobDamagedError) as refusal:
        directory.read(DIGEST)
    assert isinstance(refusal.value, UnavailableError)


def test_uploading_a_damaged_blob_again_heals_it(directory, tmp_path):
    put(directory, CONTENT, PDF)
    (tmp_path / "store" / "blobs" / DIGEST[:2] / DIGEST).write_bytes(b"spoiled")
    put(directory, CONTENT, PDF)
    assert directory.read(DIGEST) == CONTENT


class Disk:
    """Where the store writes; `room` is what fits into a file before the disk is full."""

    def __init__(self, write_all):
        self.room = None
        self._write_all = write_all

    def write_all(self, file, content):
        """Write what fits, as a kernel does, and then fail as it does."""
        if self.room is not None and file.tell() + len(content) > self.room:
            self._write_all(file, content[: max(self.room - file.tell(), 0)])
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        self._write_all(file, content)


@pytest.fixture
def disk(monkeypatch):
    disk = Disk(blobs._write_all)
    monkeypatch.setattr(blobs, "_write_all", disk.write_all)
    return disk


def test_a_full_disk_refuses_the_piece_and_keeps_what_was_there(directory, tmp_path, disk):
    content = b"%PDF-" + bytes(8000)
    upload = directory.begin(len(content), PDF)
    disk.room = 4096
    directory.append(upload, 0, content[:3000])
    with pytest.raises(StorageAwayError) as refusal:
        directory.append(upload, 3000, content[3000:])
    assert isinstance(refusal.value, UnavailableError)
    part = tmp_path / "store" / "uploads" / f"{upload}.part"
    assert part.read_bytes() == content[:3000]


def test_after_the_disk_has_room_again_the_upload_goes_on(directory, disk):
    content = b"%PDF-" + bytes(8000)
    upload = directory.begin(len(content), PDF)
    disk.room = 4096
    with pytest.raises(StorageAwayError):
        directory.append(upload, 0, content)
    disk.room = None
    directory.append(upload, 0, content)
    digest = hashlib.sha256(content).hexdigest()
    assert directory.read(directory.finish(upload, digest).sha256) == content


def test_a_disk_too_full_to_begin_leaves_nothing(directory, tmp_path, disk):
    disk.room = 1
    with pytest.raises(StorageAwayError):
        directory.begin(len(CONTENT), PDF)
    assert files(tmp_path) == []


def test_the_sweep_removes_old_orphans_and_old_uploads_only(directory, tmp_path):
    kept, orphan = put(directory, CONTENT, PDF), put(directory, b"%PDF-orphan", PDF)
    abandoned = directory.begin(len(CONTENT), PDF)
    directory.append(abandoned, 0, CONTENT[:7])
    age_all(tmp_path)
    young = put(directory, b"%PDF-young", PDF)
    going_on = directory.begin(len(CONTENT), PDF)
    report = directory.sweep_orphans(lambda names: {kept.sha256} & set(names), DAY)
    assert report.blobs == 1
    assert report.freed == orphan.size
    assert set(directory.names()) == {kept.sha256, young.sha256}
    directory.append(going_on, 0, CONTENT)
    with pytest.raises(UploadNotFoundError):
        directory.append(abandoned, 7, CONTENT[7:])


def test_an_old_upload_that_somebody_goes_on_with_is_kept(directory, tmp_path):
    upload = directory.begin(len(CONTENT), PDF)
    age_all(tmp_path)
    directory.append(upload, 0, CONTENT)
    assert directory.sweep_orphans(nothing, DAY) == SweepReport(0, 0, 0)
    directory.finish(upload, DIGEST)


def test_an_upload_that_took_days_is_young_when_it_is_finished(directory, tmp_path):
    upload = directory.begin(len(CONTENT), PDF)
    directory.append(upload, 0, CONTENT)
    age_all(tmp_path)
    directory.finish(upload, DIGEST)
    assert directory.sweep_orphans(nothing, DAY).blobs == 0
    assert directory.exists(DIGEST)


def crash_after_begin(store, root):
    store.begin(len(CONTENT), PDF)


def crash_within_begin(store, root):
    (root / "uploads" / f"{'a' * 32}.part").touch()


def crash_within_the_notes(store, root):
    (root / "uploads" / f"{'a' * 32}.json.12ab34cd.new").write_bytes(b"{")


def crash_within_append(store, root):
    store.append(store.begin(len(CONTENT), PDF), 0, CONTENT[:3])


def crash_after_finish(store, root):
    put(store, CONTENT, PDF)


@pytest.mark.parametrize(
    "crash",
    [
        crash_after_begin, crash_within_begin, crash_within_the_notes,
        crash_within_append, crash_after_finish,
    ],
)  # fmt: skip
def test_whatever_a_crash_leaves_the_sweep_removes(directory, tmp_path, crash):
    crash(directory, tmp_path / "store")
    age_all(tmp_path)
    directory.sweep_orphans(nothing, DAY)
    assert files(tmp_path) == []


def test_a_blob_finished_again_during_the_sweep_is_kept(directory, tmp_path):
    put(directory, CONTENT, PDF)
    age_all(tmp_path)

    def referenced(names):
        put(directory, CONTENT, PDF)  # its reference is being written, nobody sees it yet
        return set()

    assert directory.sweep_orphans(referenced, DAY).blobs == 0
    assert directory.read(DIGEST) == CONTENT


def test_two_senders_of_one_upload_do_not_mix_their_bytes(directory):
    content = b"%PDF-" + bytes(range(256)) * 40
    upload = directory.begin(len(content), PDF)
    failures = []

    def send():
        offset = 0
        while offset < len(content):
            try:
                offset = directory.append(upload, offset, content[offset : offset + 100])
            except OffsetError as error:
                failures.append(error)
                offset = int(error.facts["expected"])

    senders = [threading.Thread(target=send) for _ in range(4)]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()
    digest = hashlib.sha256(content).hexdigest()
    assert directory.read(directory.finish(upload, digest).sha256) == content
    assert not failures


def test_a_second_sender_waits_for_the_first(directory, tmp_path):
    upload = directory.begin(len(CONTENT), PDF)
    stored = []
    second = threading.Thread(target=lambda: stored.append(directory.append(upload, 0, CONTENT)))
    with (tmp_path / "store" / "uploads" / f"{upload}.json").open("rb") as first:
        fcntl.flock(first, fcntl.LOCK_EX)
        second.start()
        second.join(0.2)
        assert not stored
    second.join()
    assert stored == [len(CONTENT)]


def test_a_file_is_replaced_whole_or_not_at_all(tmp_path, disk):
    path = tmp_path / "keys.json"
    write_atomically(path, b"old")
    disk.room = 4096
    with pytest.raises(OSError, match="space"):
        write_atomically(path, bytes(9000))
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]
