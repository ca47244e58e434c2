"""What holds for every store of files: the port, its errors, the limits of size and type.

Source: GB/T 22239-2019 8.1.4.5 恶意代码防范 (types of uploads), 8.1.4.7 数据完整性.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import timedelta
from typing import BinaryIO, Final, Protocol

from servicekit.errors import (
    ConflictError,
    InvalidRequestError,
    NotFoundError,
    RuleViolationError,
    UnavailableError,
)

__all__ = [
    "HEAD_SIZE",
    "MAGIC",
    "BlobDamagedError",
    "BlobDigestError",
    "BlobLimits",
    "BlobNotFoundError",
    "BlobRef",
    "BlobStore",
    "BlobTooLargeError",
    "BlobTypeMismatchError",
    "BlobTypeRefusedError",
    "ChunkConflictError",
    "OffsetError",
    "Referenced",
    "StorageAwayError",
    "SweepReport",
    "Upload",
    "UploadIncompleteError",
    "UploadNotFoundError",
]

MAGIC: Final = {
    "application/pdf": b"%PDF-",
    "image/png": b"\x89PNG\r\n\x1a\n",
    "image/jpeg": b"\xff\xd8\xff",
}
HEAD_SIZE: Final = 8  # bytes; the longest of them


class UploadNotFoundError(NotFoundError):
    """There is no such upload: never begun, finished or swept."""

    reason = "UPLOAD_NOT_FOUND"


class BlobNotFoundError(NotFoundError):
    """There is no blob of this digest."""

    reason = "BLOB_NOT_FOUND"


class OffsetError(ConflictError):
    """The chunk does not follow what is stored; fact `expected` says where to go on."""

    reason = "UPLOAD_OFFSET_MISMATCH"


class ChunkConflictError(ConflictError):
    """The chunk was sent before with other bytes: begin anew."""

    reason = "UPLOAD_CHUNK_DIFFERS"


class UploadIncompleteError(RuleViolationError):
    """The upload lacks bytes; fact `expected` says where to go on."""

    reason = "UPLOAD_INCOMPLETE"


class BlobTooLargeError(InvalidRequestError):
    """The file is empty, larger than allowed, or larger than announced."""

    reason = "BLOB_TOO_LARGE"


class BlobTypeRefusedError(InvalidRequestError):
    """Files of this type are not taken."""

    reason = "BLOB_TYPE_REFUSED"


class BlobTypeMismatchError(InvalidRequestError):
    """The file is not of the type it was announced as."""

    reason = "BLOB_TYPE_MISMATCH"


class BlobDigestError(InvalidRequestError):
    """The bytes that arrived are not those that were sent: begin anew."""

    reason = "BLOB_DIGEST_MISMATCH"


class BlobDamagedError(UnavailableError):
    """The stored bytes no longer have the digest they are stored under: restore from backup."""

    reason = "BLOB_DAMAGED"


class StorageAwayError(UnavailableError):
    """The storage is full or away; nothing was stored, and the call may be repeated."""

    reason = "STORAGE_AWAY"


@dataclass(frozen=True, slots=True)
class BlobRef:
    sha256: str
    size: int  # bytes
    media_type: str


@dataclass(frozen=True, slots=True)
class BlobLimits:
    largest: int = 50 * 1024 * 1024  # bytes
    media_types: frozenset[str] = frozenset(MAGIC)

    def __post_init__(self) -> None:
        if unknown := self.media_types - MAGIC.keys():
            raise ValueError(f"the content of {sorted(unknown)} cannot be recognised")

    def check(self, size: int, media_type: str) -> None:
        if media_type not in self.media_types:
            raise BlobTypeRefusedError("Files of this type are not taken", media_type=media_type)
        if not 0 < size <= self.largest:
            raise BlobTooLargeError(
                "The size is out of bounds", size=str(size), largest=str(self.largest)
            )


@dataclass(frozen=True, slots=True)
class SweepReport:
    blobs: int
    uploads: int
    freed: int  # bytes


Referenced = Callable[[Collection[str]], AbstractSet[str]]
"""Given some digests, returns those that something refers to."""


class BlobStore(Protocol):
    """Where files are. `append` may be repeated, and so may `finish`."""

    def begin(self, expected_size: int, media_type: str) -> str: ...
    def append(self, upload_id: str, offset: int, chunk: bytes) -> int: ...
    def finish(self, upload_id: str, sha256: str) -> BlobRef: ...
    def exists(self, sha256: str) -> bool: ...
    def names(self) -> Iterator[str]: ...
    def read(self, sha256: str) -> bytes: ...
    def open(self, sha256: str) -> BinaryIO: ...
    def sweep_orphans(self, referenced: Referenced, older_than: timedelta) -> SweepReport: ...


@dataclass(frozen=True, slots=True)
class Upload:
    """What was announced, and what follows from it for the bytes that arrive."""

    expected_size: int
    media_type: str

    def new_bytes(self, size: int, offset: int, chunk: bytes, stored: bytes) -> bytes:
        """Return what of `chunk` is not stored yet; `stored` is what is, from its offset on.

        A chunk may overlap: the server may have died in the middle of writing it.
        """
        if not 0 <= offset <= size:
            raise OffsetError("The chunk does not follow", expected=str(size), offset=str(offset))
        if offset + len(chunk) > self.expected_size:
            raise BlobTooLargeError("More bytes than announced", largest=str(self.expected_size))
        known = min(size - offset, len(chunk))
        if chunk[:known] != stored[:known]:
            raise ChunkConflictError("Other bytes were stored here", expected=str(size))
        return chunk[known:]

    def check_complete(self, size: int) -> None:
        if size < self.expected_size:
            raise UploadIncompleteError("The upload lacks bytes", expected=str(size))

    def check_content(self, head: bytes, actual: str, announced: str) -> None:
        if actual != announced:
            raise BlobDigestError("The digest is another one", announced=announced)
        if not head.startswith(MAGIC[self.media_type]):
            raise BlobTypeMismatchError(
                "The content is of another type", media_type=self.media_type
            )
