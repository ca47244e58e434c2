"""What the audit chain of a service is known by, to who seals it and to who reads it again."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from servicekit.audit import AuditTables
from servicekit.audit_checkpoints import CheckpointLog
from servicekit.crypto import CryptoProvider

__all__ = ["AuditChain"]


@dataclass(frozen=True, slots=True)
class AuditChain:
    """Its name, its rows and seals, its keys, and the folder of its checkpoints."""

    name: str
    tables: AuditTables
    crypto: CryptoProvider
    checkpoints: Path

    @property
    def log(self) -> CheckpointLog:
        return CheckpointLog(self.checkpoints, self.name)

    @property
    def genesis(self) -> bytes:
        """What the first seal is chained to: another value for each chain."""
        return self.crypto.digest(b"audit chain\0" + self.name.encode())
