"""Checkpoints of the audit chain: signed, outside the database, one line each.

A chain alone cannot show that its end was cut off; a checkpoint elsewhere can. Keep the directory
on another machine than the database, best where files can only be appended to.

Source: GB/T 22239-2019 8.1.4.3 安全审计.
"""

from __future__ import annotations

import base64
import json
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import BinaryIO, Final, Self

from servicekit.blobs import sync_directory
from servicekit.crypto import CryptoProvider, UnknownKeyError
from servicekit.errors import UnavailableError

__all__ = ["Checkpoint", "CheckpointLog", "CheckpointsAwayError"]

_CHAIN: Final = re.compile(r"[a-z0-9_]+")
_TEXTS: Final = ("chain", "mac", "at", "key_id", "signature")


class CheckpointsAwayError(UnavailableError):
    """The checkpoint directory is full or away; the rows are sealed, the export is made up for."""

    reason = "AUDIT_CHECKPOINTS_AWAY"


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The head of the chain at an instant; `seq` is also the number of sealed rows."""

    chain: str
    seq: int
    mac: str  # hexadecimal
    at: str  # ISO 8601, UTC
    key_id: str = ""
    signature: str = ""  # base64

    @classmethod
    def signed(
        cls, crypto: CryptoProvider, *, chain: str, seq: int, mac: bytes, at: datetime
    ) -> Self:
        bare = cls(chain, seq, mac.hex(), at.isoformat())
        key_id, signature = crypto.sign(bare.signed_part())
        return replace(bare, key_id=key_id, signature=base64.b64encode(signature).decode())

    def signed_part(self) -> bytes:
        part = {"chain": self.chain, "seq": self.seq, "mac": self.mac, "at": self.at}
        return json.dumps(part, sort_keys=True, separators=(",", ":")).encode()

    def line(self) -> bytes:
        fields = {**json.loads(self.signed_part()), "count": self.seq}
        fields |= {"key_id": self.key_id, "signature": self.signature}
        return json.dumps(fields, sort_keys=True).encode() + b"\n"

    @classmethod
    def read(cls, line: bytes) -> Self | None:
        """Return the checkpoint of a line, None if the line is none."""
        try:
            fields = json.loads(line)
            seq, texts = fields["seq"], [fields[name] for name in _TEXTS]
        except (ValueError, KeyError, TypeError):
            return None
        if type(seq) is not int or not all(isinstance(text, str) for text in texts):
            return None
        return cls(seq=seq, **dict(zip(_TEXTS, texts, strict=True)))

    def holds(self, crypto: CryptoProvider, chain: str) -> bool:
        """Tell whether one of the installation's keys signed this for this chain."""
        try:
            signature = base64.b64decode(self.signature, validate=True)
            signed = crypto.signature_holds(self.key_id, signature, self.signed_part())
        except (ValueError, UnknownKeyError):
            return False
        return signed and self.chain == chain


class CheckpointLog:
    """JSON lines, one file for each civil day, in a directory of its own."""

    def __init__(self, directory: Path, chain: str) -> None:
        if not _CHAIN.fullmatch(chain):
            raise ValueError("a chain is named by small letters, digits and underscores")
        self._directory = directory
        self._chain = chain

    def append(self, checkpoint: Checkpoint, day: date) -> None:
        """Add the line and have it on the disk when this returns."""
        path = self._directory / f"{self._chain}-{day.isoformat()}.jsonl"
        try:
            self._directory.mkdir(parents=True, exist_ok=True)
            with path.open("a+b", buffering=0) as file:
                _cut_torn_line(file)
                file.write(checkpoint.line())
                os.fsync(file.fileno())
            sync_directory(self._directory)
        except OSError as error:
            raise CheckpointsAwayError("The checkpoint could not be written") from error

    def last_seq(self) -> int:
        """Return the head that was exported last, 0 if none was."""
        for path in reversed(self._paths()):
            for line in reversed(_lines(path)):
                if (checkpoint := Checkpoint.read(line)) is not None:
                    return checkpoint.seq
        return 0

    def lines(self) -> Iterator[bytes]:
        for path in self._paths():
            yield from _lines(path)

    def _paths(self) -> list[Path]:
        return sorted(self._directory.glob(f"{self._chain}-????-??-??.jsonl"))


def _lines(path: Path) -> list[bytes]:
    # What follows the last line end was being written when the sealer died; nobody relies on it.
    return path.read_bytes().split(b"\n")[:-1]


def _cut_torn_line(file: BinaryIO) -> None:
    size = file.seek(0, os.SEEK_END)
    file.seek(max(size - 1, 0))
    if file.read(1) not in {b"", b"\n"}:
        file.seek(0)
        file.truncate(file.read().rfind(b"\n") + 1)
