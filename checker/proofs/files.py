"""Every file that a case refers to is there, and is what its name says."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from checker.asked import Blobs
from checker.evidence import Evidence
from checker.report import Finding

__all__ = ["prove_files"]

_SERVICE: Final = "intake"  # the one service that stores files


class FileMissing(Finding):
    """A material, document or scan refers to a file that is not stored."""

    id = "FILE_MISSING"


class FileDamaged(Finding):
    """A stored file is not what its name says."""

    id = "FILE_DAMAGED"


class FileSizeDiffers(Finding):
    """A document has another size than its file."""

    id = "FILE_SIZE_DIFFERS"


class FileOrphaned(Finding):
    """Nothing refers to a stored file, although orphans were swept."""

    id = "FILE_ORPHANED"


class _Directory:
    """The files of a directory store: `blobs/ab/abcd…`, named by their SHA-256."""

    def __init__(self, root: Path) -> None:
        self._blobs = root / "blobs"

    def names(self) -> Iterator[str]:
        for path in sorted(self._blobs.glob("??/*")):
            yield path.name

    def read(self, sha256: str) -> bytes:
        return (self._blobs / sha256[:2] / sha256).read_bytes()


def prove_files(evidence: Evidence) -> Iterator[Finding]:
    """Each file referred to is stored and true; what nothing refers to is counted.

    Whatever was uploaded and never used is an orphan; so is an older printing
    of a document. They are findings only after a sweep.
    """
    if _SERVICE not in evidence.asked.blobs or not evidence.having(_SERVICE):
        evidence.facts["files"] = "not read"
        return
    given = evidence.asked.blobs[_SERVICE]
    store: Blobs = _Directory(given) if isinstance(given, Path) else given
    sizes: dict[str, int] = {}
    for name in store.names():
        content = store.read(name)
        sizes[name] = len(content)
        if hashlib.sha256(content).hexdigest() != name:
            yield FileDamaged(service=_SERVICE, subject=name, detail=f"{len(content)} bytes")
    referred: set[str] = set()
    for sha256, owner, size in _references(evidence):
        referred.add(sha256)
        if sha256 not in sizes:
            yield FileMissing(service=_SERVICE, subject=sha256, detail=owner)
        elif size is not None and sizes[sha256] != size:
            detail = f"{owner} says {size} bytes, it has {sizes[sha256]}"
            yield FileSizeDiffers(service=_SERVICE, subject=sha256, detail=detail)
    evidence.facts["files"] = len(sizes)
    orphans = sorted(sizes.keys() - referred)
    evidence.facts["files.orphaned"] = len(orphans)
    if evidence.settled and evidence.asked.swept:
        for name in orphans:
            yield FileOrphaned(service=_SERVICE, subject=name, detail=f"{sizes[name]} bytes")


def _references(evidence: Evidence) -> Iterable[tuple[str, str, int | None]]:
    for case in evidence.cases.intake.values():
        for material in case.materials:
            if material.sha256:
                yield material.sha256, f"{case.number} {material.code}", None
        for document in case.documents:
            if document.sha256:
                yield document.sha256, document.document, document.size
            if document.scan_sha256:
                yield document.scan_sha256, f"the scan of {document.document}", None
