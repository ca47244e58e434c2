"""Faults in what is kept: the audit, and files."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

from servicekit import audit
from servicekit.blobs import DirectoryBlobStore
from simulator.plants.base import Ground

__all__ = ["audit_altered", "audit_missing", "blob_missing"]

SELDOM = 0.1
_TRIGGERS = "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'audit'"
_ALTER = "UPDATE audit SET actor = 'p-9999' WHERE id = (SELECT max(audit_id) FROM audit_seal)"


@contextmanager
def audit_missing(ground: Ground) -> Iterator[None]:
    """Now and then a transaction has no audit row."""
    append = audit.append

    def forgetful(*arguments: Any, **more: Any) -> None:
        if ground.random.random() >= SELDOM:
            append(*arguments, **more)

    with patch.object(audit, "append", forgetful):
        yield


@contextmanager
def audit_altered(ground: Ground) -> Iterator[None]:
    """Somebody who owns the database changes who did it, past whatever stands in the way."""
    yield
    with closing(sqlite3.connect(ground.folder / "review.db")) as connection, connection:
        for (trigger,) in connection.execute(_TRIGGERS).fetchall():
            connection.execute(f'DROP TRIGGER "{trigger}"')
        connection.execute(_ALTER)


@contextmanager
def blob_missing(ground: Ground) -> Iterator[None]:
    """Now and then a file is stored in a place that forgets it."""
    keep = DirectoryBlobStore._keep  # noqa: SLF001

    def forgetful(self: Any, part: Path, sha256: str) -> None:
        keep(self, part, sha256)
        if ground.random.random() < SELDOM:
            self._blob(sha256).unlink()

    with patch.object(DirectoryBlobStore, "_keep", forgetful):
        yield
