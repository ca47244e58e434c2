"""Files by their content: uploaded in pieces, stored once, never half.

A blob's name is the SHA-256 of its bytes. An upload survives a broken line: the error says where
to go on. Whatever a crash leaves behind lies where `sweep_orphans` finds it.

Source: GB/T 22239-2019 8.1.4.7 数据完整性.
"""

from __future__ import annotations

import fcntl
import hashlib
import io
import json
import math
import os
import re
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import BinaryIO, Final, Protocol

from servicekit.blob_rules import (
    HEAD_SIZE,
    MAGIC,
    BlobDamagedError,
    BlobLimits,
    BlobNotFoundError,
    BlobRef,
    BlobStore,
    Referenced,
    StorageAwayError,
    SweepReport,
    Upload,
    UploadNotFoundError,
)
from servicekit.errors import InvalidRequestError

__all__ = [
    "BlobLimits",
    "BlobRef",
    "BlobStore",
    "DirectoryBlobStore",
    "MemoryBlobStore",
    "SweepReport",
    "put",
    "sync_directory",
    "write_atomically",
]

CHUNK_SIZE: Final = 1 << 20
SWEEP_BATCH: Final = 500  # names asked about at once; one SQL IN list
_SHA256: Final = re.compile(r"[0-9a-f]{64}")
_UPLOAD_ID: Final = re.compile(r"[0-9a-f]{32}")


def put(store: BlobStore, content: bytes, media_type: str) -> BlobRef:
    """Store a file that this process made itself."""
    upload_id = store.begin(len(content), media_type)
    for offset in range(0, len(content), CHUNK_SIZE):
        store.append(upload_id, offset, content[offset : offset + CHUNK_SIZE])
    return store.finish(upload_id, hashlib.sha256(content).hexdigest())


class DirectoryBlobStore:
    """Blobs in a directory of a local file system (or one with working `flock` and `rename`).

    `blobs/ab/abcd…` are whole files; `uploads/<id>.part` and `.json` are uploads under way. The
    lock on the latter keeps two requests, or the sweep, from working on one upload at once.
    """

    def __init__(self, root: str | os.PathLike[str], limits: BlobLimits | None = None) -> None:
        self._limits = limits or BlobLimits()
        self._blobs = Path(root) / "blobs"
        self._uploads = Path(root) / "uploads"
        for directory in (self._blobs, self._uploads):
            directory.mkdir(mode=0o750, parents=True, exist_ok=True)
        self._sweep_lock = Path(root) / "sweep.lock"
        self._sweep_lock.touch()

    def begin(self, expected_size: int, media_type: str) -> str:
        """Announce a file and return the id of its upload, which only its owner may learn."""
        self._limits.check(expected_size, media_type)
        upload_id = secrets.token_hex(16)
        notes = {"expected_size": expected_size, "media_type": media_type}
        with _storage():
            try:
                self._part(upload_id).touch(mode=0o600, exist_ok=False)
                write_atomically(self._notes(upload_id), json.dumps(notes).encode())
            except OSError:
                self._part(upload_id).unlink(missing_ok=True)
                raise
        return upload_id

    def append(self, upload_id: str, offset: int, chunk: bytes) -> int:
        """Store the chunk and return the offset of the next one."""
        with self._upload(upload_id) as upload, _storage():
            try:
                part = self._part(upload_id).open("r+b", buffering=0)
            except FileNotFoundError:
                raise UploadNotFoundError("The upload is finished", upload=upload_id) from None
            with part:
                size = part.seek(0, os.SEEK_END)
                part.seek(min(max(offset, 0), size))
                new = upload.new_bytes(size, offset, chunk, part.read(len(chunk)))
                part.seek(size)
                try:
                    _write_all(part, new)
                except OSError:
                    part.truncate(size)
                    raise
            return size + len(new)

    def finish(self, upload_id: str, sha256: str) -> BlobRef:
        """Store the file under its digest; bytes that are not what was announced are discarded."""
        with self._upload(upload_id) as upload, _storage():
            ref = BlobRef(sha256, upload.expected_size, upload.media_type)
            part = self._part(upload_id)
            if not part.exists():
                if not self._is_stored(ref):
                    raise UploadNotFoundError("There is no such upload", upload=upload_id)
                return ref  # finished before, and the answer was lost
            upload.check_complete(part.stat().st_size)
            with part.open("rb") as content:
                head = content.read(HEAD_SIZE)
                content.seek(0)
                actual = hashlib.file_digest(content, "sha256").hexdigest()
            try:
                upload.check_content(head, actual, sha256)
            except InvalidRequestError:
                part.unlink()
                self._notes(upload_id).unlink()
                raise
            self._keep(part, sha256)
            return ref

    def exists(self, sha256: str) -> bool:
        return bool(_SHA256.fullmatch(sha256)) and self._blob(sha256).exists()

    def names(self) -> Iterator[str]:
        """All digests, for the checker and the backup."""
        for path in self._blobs.glob("??/*"):
            if _SHA256.fullmatch(path.name):
                yield path.name

    def open(self, sha256: str) -> BinaryIO:
        """Return the blob for reading, after all of it was compared with its digest."""
        if not _SHA256.fullmatch(sha256):
            raise BlobNotFoundError("There is no such blob", sha256=sha256)
        with _storage():
            try:
                content = self._blob(sha256).open("rb")
            except FileNotFoundError:
                raise BlobNotFoundError("There is no such blob", sha256=sha256) from None
            if hashlib.file_digest(content, "sha256").hexdigest() != sha256:
                content.close()
                raise BlobDamagedError("The blob is damaged", sha256=sha256)
            content.seek(0)
            return content

    def read(self, sha256: str) -> bytes:
        with self.open(sha256) as content:
            return content.read()

    def sweep_orphans(self, referenced: Referenced, older_than: timedelta) -> SweepReport:
        """Remove what nothing refers to and uploads that nobody went on with.

        `older_than` must exceed the longest time between finishing an upload and committing the
        reference to it: one that is being written cannot be seen yet.
        """
        before = time.time() - older_than.total_seconds()
        old = [name for name in self.names() if _changed_at(self._blob(name)) < before]
        freed: list[int] = []
        for start in range(0, len(old), SWEEP_BATCH):
            batch = old[start : start + SWEEP_BATCH]
            for name in set(batch) - referenced(batch):
                freed.extend(self._remove_orphan(name, before))
        uploads = [each for each in self._left(before) if self._remove_upload(each, before)]
        return SweepReport(len(freed), len(uploads), sum(freed))

    def _left(self, before: float) -> list[str]:
        """Return the uploads that nobody seems to go on with; a young file only grows younger."""
        begun: dict[str, list[Path]] = {}
        for path in self._uploads.iterdir():
            begun.setdefault(path.name.partition(".")[0], []).append(path)
        return [
            upload_id
            for upload_id, files in begun.items()
            if all(_changed_at(path) < before for path in files)
        ]

    def _remove_orphan(self, sha256: str, before: float) -> tuple[int, ...]:
        # The same bytes may be finished again at this moment: look again, with uploads held back.
        with self._hold_sweep(fcntl.LOCK_EX):
            path = self._blob(sha256)
            if _changed_at(path) >= before:
                return ()
            size = path.stat().st_size
            path.unlink()
            return (size,)

    def _remove_upload(self, upload_id: str, before: float) -> bool:
        notes = self._notes(upload_id)
        with ExitStack() as stack:
            if notes.exists():  # a crash in `begin` leaves the part alone
                held = stack.enter_context(notes.open("rb"))
                fcntl.flock(held, fcntl.LOCK_EX)
            files = list(self._uploads.glob(f"{upload_id}.*"))
            if any(_changed_at(path) >= before for path in files):
                return False
            for path in files:
                path.unlink()
            return bool(files)

    def _keep(self, part: Path, sha256: str) -> None:
        blob = self._blob(sha256)
        blob.parent.mkdir(mode=0o750, exist_ok=True)
        sync_directory(self._blobs)
        with part.open("r+b") as content:
            os.fsync(content.fileno())
        os.utime(part)  # young again, so that the sweep leaves it until it is referred to
        with self._hold_sweep(fcntl.LOCK_SH):
            part.replace(blob)
        sync_directory(blob.parent)

    def _is_stored(self, ref: BlobRef) -> bool:
        if not self.exists(ref.sha256) or self._blob(ref.sha256).stat().st_size != ref.size:
            return False
        with self._blob(ref.sha256).open("rb") as content:
            return content.read(HEAD_SIZE).startswith(MAGIC[ref.media_type])

    @contextmanager
    def _upload(self, upload_id: str) -> Iterator[Upload]:
        gone = UploadNotFoundError("There is no such upload", upload=upload_id)
        if not _UPLOAD_ID.fullmatch(upload_id):
            raise gone
        try:
            notes = self._notes(upload_id).open("rb")
        except FileNotFoundError:
            raise gone from None
        with notes:
            fcntl.flock(notes, fcntl.LOCK_EX)
            if not self._notes(upload_id).exists():  # swept while this call waited
                raise gone
            yield Upload(**json.load(notes))

    @contextmanager
    def _hold_sweep(self, kind: int) -> Iterator[None]:
        with self._sweep_lock.open("rb") as lock:
            fcntl.flock(lock, kind)
            yield

    def _blob(self, sha256: str) -> Path:
        return self._blobs / sha256[:2] / sha256

    def _part(self, upload_id: str) -> Path:
        return self._uploads / f"{upload_id}.part"

    def _notes(self, upload_id: str) -> Path:
        return self._uploads / f"{upload_id}.json"


class MemoryBlobStore:
    """The same store without a disk, for simulations; for one thread."""

    def __init__(
        self, limits: BlobLimits | None = None, *, wall: Callable[[], float] = time.time
    ) -> None:
        self._limits = limits or BlobLimits()
        self._wall = wall
        self._blobs: dict[str, tuple[float, bytes]] = {}
        self._uploads: dict[str, tuple[float, Upload, bytes]] = {}
        self._finished: dict[str, BlobRef] = {}

    def begin(self, expected_size: int, media_type: str) -> str:
        self._limits.check(expected_size, media_type)
        upload_id = secrets.token_hex(16)
        self._uploads[upload_id] = (self._wall(), Upload(expected_size, media_type), b"")
        return upload_id

    def append(self, upload_id: str, offset: int, chunk: bytes) -> int:
        upload, content = self._upload(upload_id)
        content += upload.new_bytes(len(content), offset, chunk, content[max(offset, 0) :])
        self._uploads[upload_id] = (self._wall(), upload, content)
        return len(content)

    def finish(self, upload_id: str, sha256: str) -> BlobRef:
        ref = self._finished.get(upload_id)
        if ref is not None and ref.sha256 == sha256:
            return ref
        upload, content = self._upload(upload_id)
        upload.check_complete(len(content))
        del self._uploads[upload_id]
        upload.check_content(content[:HEAD_SIZE], hashlib.sha256(content).hexdigest(), sha256)
        self._blobs[sha256] = (self._wall(), content)
        self._finished[upload_id] = ref = BlobRef(sha256, len(content), upload.media_type)
        return ref

    def exists(self, sha256: str) -> bool:
        return sha256 in self._blobs

    def names(self) -> Iterator[str]:
        yield from tuple(self._blobs)

    def open(self, sha256: str) -> BinaryIO:
        return io.BytesIO(self.read(sha256))

    def read(self, sha256: str) -> bytes:
        if sha256 not in self._blobs:
            raise BlobNotFoundError("There is no such blob", sha256=sha256)
        return self._blobs[sha256][1]

    def sweep_orphans(self, referenced: Referenced, older_than: timedelta) -> SweepReport:
        before = self._wall() - older_than.total_seconds()
        old = [name for name, (at, _) in self._blobs.items() if at < before]
        orphans = set(old) - referenced(old)
        freed = sum(len(self._blobs.pop(name)[1]) for name in orphans)
        stale = [upload_id for upload_id, (at, _, _) in self._uploads.items() if at < before]
        for upload_id in stale:
            del self._uploads[upload_id]
        return SweepReport(len(orphans), len(stale), freed)

    def _upload(self, upload_id: str) -> tuple[Upload, bytes]:
        if upload_id not in self._uploads:
            raise UploadNotFoundError("There is no such upload", upload=upload_id)
        return self._uploads[upload_id][1:]


def write_atomically(path: Path, content: bytes) -> None:
    """Put `content` in the place of `path`, whole or not at all, readable by its owner only."""
    fresh = path.with_name(f"{path.name}.{secrets.token_hex(4)}.new")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb", buffering=0) as file:
            _write_all(file, content)
            os.fsync(file.fileno())
        fresh.replace(path)
    except OSError:
        fresh.unlink(missing_ok=True)
        raise
    sync_directory(path.parent)


def sync_directory(path: Path) -> None:
    """Make names created or replaced in the directory survive a power failure."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


class _Raw(Protocol):
    def write(self, content: memoryview, /) -> int | None: ...


def _write_all(file: _Raw, content: bytes) -> None:
    rest = memoryview(content)
    while rest:
        rest = rest[file.write(rest) or 0 :]


@contextmanager
def _storage() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StorageAwayError("The storage is full or away") from error


def _changed_at(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except FileNotFoundError:
        return math.inf  # somebody else removed it
