"""Files whose storing is a place where a process may die."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from servicekit.blobs import BlobRef, DirectoryBlobStore
from simulator.scheduler import Scheduler

__all__ = ["mortal_files"]


@contextmanager
def mortal_files(scheduler: Scheduler) -> Iterator[None]:
    """Let processes die inside the block when they have stored a file or a piece of one."""
    append, finish = DirectoryBlobStore.append, DirectoryBlobStore.finish

    def appended(self: Any, upload_id: str, offset: int, chunk: bytes) -> int:
        reached = append(self, upload_id, offset, chunk)
        scheduler.may_die("after_piece")
        return reached

    def finished(self: Any, upload_id: str, sha256: str) -> BlobRef:
        stored = finish(self, upload_id, sha256)
        scheduler.may_die("after_file")
        return stored

    with (
        patch.object(DirectoryBlobStore, "append", appended),
        patch.object(DirectoryBlobStore, "finish", finished),
    ):
        yield
