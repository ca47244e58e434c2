"""A document is issued when it is sealed: by hand today, electronically one day.

Missing: a certified electronic seal (reliable electronic signature with a certified product). The
district has no seal system yet; its client will be one more `SealProvider`. A picture of a seal
pasted by a program has no legal effect, so nothing here draws one.

Source: 行政许可法 第三十二条第二款, 第三十九条 (sealed documents); 电子签名法 第十三条.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol

from servicekit.clock import Clock
from servicekit.errors import InvalidRequestError, RuleViolationError

__all__ = [
    "DEMONSTRATION_MARK",
    "DemonstrationSealProvider",
    "ScanMissingError",
    "SealProvider",
    "SealRecord",
    "SealUseIncompleteError",
    "WetSealProvider",
]

DEMONSTRATION_MARK: Final = "示例 · 未加盖有效印章"
_SHA256: Final = re.compile(r"[0-9a-f]{64}")


class ScanMissingError(RuleViolationError):
    """The scan of the sealed sheet is not in the store, so the use of the seal is not proven."""

    reason = "SEAL_SCAN_MISSING"


class SealUseIncompleteError(InvalidRequestError):
    """A use of a seal names the seal, its kind, the person and the scan."""

    reason = "SEAL_USE_INCOMPLETE"


@dataclass(frozen=True, slots=True)
class SealRecord:
    """One entry of the register of uses (用印登记).

    It is stored with the document it seals, in the same transaction: it is the proof of issue.
    """

    seal_id: str
    seal_kind: str
    person: str
    sealed_at: datetime
    scan_sha256: str
    certified: bool


class ScanStore(Protocol):
    """Where scans are (`servicekit.blobs`)."""

    def exists(self, sha256: str) -> bool: ...


class SealProvider(Protocol):
    """Seals documents. What `certified` says is copied into every record."""

    @property
    def certified(self) -> bool: ...

    def seal(
        self, *, seal_id: str, seal_kind: str, person: str, scan_sha256: str
    ) -> SealRecord: ...

    def mark(self) -> str | None:
        """Return the words that every page must carry, or None where the seal is a real one."""
        ...


class WetSealProvider:
    """The document is printed and sealed by hand; this keeps the register of it.

    The scan of the sealed sheet must be stored first: its digest binds the entry to one sheet.
    """

    def __init__(self, scans: ScanStore, clock: Clock) -> None:
        self._scans = scans
        self._clock = clock

    @property
    def certified(self) -> bool:
        return False  # as an electronic seal; on paper the seal itself is what counts

    def seal(self, *, seal_id: str, seal_kind: str, person: str, scan_sha256: str) -> SealRecord:
        if not (seal_id and seal_kind and person and _SHA256.fullmatch(scan_sha256)):
            raise SealUseIncompleteError("The use of the seal is not fully described")
        if not self._scans.exists(scan_sha256):
            raise ScanMissingError("The sealed sheet was not scanned", sha256=scan_sha256)
        now = self._clock.now()
        return SealRecord(seal_id, seal_kind, person, now, scan_sha256, self.certified)

    def mark(self) -> None:
        return None


class DemonstrationSealProvider:
    """Goes through the motions without a seal; every page says so."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    @property
    def certified(self) -> bool:
        return False

    def seal(self, *, seal_id: str, seal_kind: str, person: str, scan_sha256: str) -> SealRecord:
        now = self._clock.now()
        return SealRecord(seal_id, seal_kind, person, now, scan_sha256, self.certified)

    def mark(self) -> str:
        return DEMONSTRATION_MARK
