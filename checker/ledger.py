"""What the driver of a run was answered: the other side of every promise.

One JSON object per line: `method` (as on the wire), `request_id`,
`caller_key` (as the services know the caller), `code` ("OK" or a gRPC code),
`reason` of a refusal, `response_sha256` or `response` (base64), `case_number`.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Self

__all__ = ["LedgerEntry", "read_ledger", "service_of"]

# After one of these nobody knows whether the command was stored.
_UNKNOWN_OUTCOME: Final = frozenset(
    {"UNKNOWN", "UNAVAILABLE", "DEADLINE_EXCEEDED", "CANCELLED", "INTERNAL", "DATA_LOSS", ""}
)


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """One command and what was answered to it."""

    method: str
    request_id: str
    caller_key: str
    code: str
    reason: str = ""
    response_sha256: str = ""
    case_number: str = ""

    @classmethod
    def read(cls, line: str) -> Self:
        content: dict[str, Any] = json.loads(line)
        digest = content.get("response_sha256") or ""
        if not digest and content.get("response") is not None:
            answer = base64.b64decode(content["response"], validate=True)
            digest = hashlib.sha256(answer).hexdigest()
        return cls(
            method=content["method"],
            request_id=content.get("request_id") or "",
            caller_key=content.get("caller_key") or "",
            code=content.get("code") or "",
            reason=content.get("reason") or "",
            response_sha256=digest,
            case_number=content.get("case_number") or "",
        )

    @property
    def ok(self) -> bool:
        return self.code == "OK"

    @property
    def known(self) -> bool:
        """Whether the answer tells what became of the command."""
        return self.code not in _UNKNOWN_OUTCOME

    @property
    def key(self) -> tuple[str, str, str]:
        return (self.caller_key, self.method, self.request_id)


def read_ledger(path: Path | None) -> tuple[LedgerEntry, ...]:
    """Return the commands of the ledger; calls without a request id are queries, left out."""
    return () if path is None else tuple(_entries(path))


def _entries(path: Path) -> Iterator[LedgerEntry]:
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            if line.strip():
                entry = LedgerEntry.read(line)
                if entry.request_id:
                    yield entry


def service_of(method: str) -> str:
    """Return the service of "/liandong.intake.v1.IntakeService/AcceptCase": "intake"."""
    package = method.lstrip("/").partition("/")[0]
    parts = package.split(".")
    return parts[1] if len(parts) > 1 else package
