"""Says whether something in the cache was made from what is here now."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path


def fingerprint(files: Iterable[Path], *words: str) -> str:
    """Return a digest of the files' content and the words."""
    digest = hashlib.sha256()
    for path in files:
        digest.update(path.name.encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    for word in words:
        digest.update(word.encode() + b"\0")
    return digest.hexdigest()


@dataclass(frozen=True, slots=True)
class Stamp:
    """What a product in the cache was made from, kept beside it."""

    product: Path
    origin: str

    def holds(self) -> bool:
        return (
            self.product.exists()
            and self._path.exists()
            and self._path.read_text(encoding="ascii") == self.origin
        )

    def set(self) -> None:
        self._path.write_text(self.origin, encoding="ascii")

    @property
    def _path(self) -> Path:
        return self.product.with_name(f"{self.product.name}.origin")
