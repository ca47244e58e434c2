"""A disk of the blob store that is full to the last byte."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import Final

from chaos.ground import Ground, UnableError

__all__ = ["full_disk"]

PIECE: Final = 1 << 16


@contextmanager
def full_disk(ground: Ground, _random: Random) -> Iterator[None]:
    """Fill the file system of the blob store; make room again after the block."""
    if not ground.district.store_is_small:
        raise UnableError("no disk may be filled here: mounting a small one needs root")
    filler = ground.district.blobs / "filler"
    try:
        fill(filler)
        ground.counts["disk filled"] += 1
        yield
    finally:
        filler.unlink(missing_ok=True)


def fill(filler: Path) -> None:
    """Write until the file system has no byte left."""
    with filler.open("wb", buffering=0) as file:
        size = PIECE
        while size:
            try:
                file.write(b"\0" * size)
            except OSError as error:
                if error.errno != errno.ENOSPC:
                    raise
                size //= 2
