"""The audit is whole: every row sealed, every seal right, every checkpoint signed and met.

Recomputed from the description of the chain alone, with no code of the sealer:

    mac_0 = SM3("audit chain" NUL service)
    mac_n = HMAC-SM3(key, mac_{n-1} ‖ row_n)

where row_n is the JSON array of id, instant in UTC with microseconds, actor,
assignment, service, action, subject, outcome, detail and trace id, ASCII,
without spaces. A checkpoint is an Ed25519 signature over the JSON object of
at, chain, mac and seq, keys sorted, without spaces.

Source: GB/T 22239-2019 8.1.4.3 安全审计; GM/T 0004 (SM3); RFC 2104; RFC 8032.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from checker.evidence import Evidence, ServiceEvidence
from checker.report import Finding
from checker.values import instant, octets

__all__ = ["prove_audit"]

_BLOCK = 64  # bytes of a block of SM3


class Unsealed(Finding):
    """An audit row is not in the chain, although the run is over."""

    id = "AUDIT_UNSEALED"


class SealMissing(Finding):
    """The seals are not numbered 1, 2, 3 …."""

    id = "AUDIT_SEAL_MISSING"


class RowMissing(Finding):
    """A seal has lost its row: the row was deleted."""

    id = "AUDIT_ROW_MISSING"


class RowChanged(Finding):
    """A row or its seal is not what was sealed."""

    id = "AUDIT_ROW_CHANGED"


class KeyUnknown(Finding):
    """A row was sealed with a key that is not in the key file, so nothing is proven of it."""

    id = "AUDIT_KEY_UNKNOWN"


class CheckpointForged(Finding):
    """A checkpoint is unreadable, of another chain, or not signed by a key of the key file."""

    id = "AUDIT_CHECKPOINT_FORGED"


class CheckpointDiffers(Finding):
    """A checkpoint vouches for another chain than the database has."""

    id = "AUDIT_CHECKPOINT_DIFFERS"


class Truncated(Finding):
    """A checkpoint knows more sealed rows than there are: the end was cut off."""

    id = "AUDIT_TRUNCATED"


class Unanchored(Finding):
    """No checkpoint vouches for the end of the chain, although the run is over."""

    id = "AUDIT_UNANCHORED"


@dataclass(frozen=True, slots=True)
class _Keys:
    audit: Mapping[str, bytes] = field(default_factory=dict)
    checkpoint: Mapping[str, Ed25519PublicKey] = field(default_factory=dict)


def prove_audit(evidence: Evidence) -> Iterator[Finding]:
    """Each audit row is sealed in one unbroken chain that the checkpoints vouch for.

    Without the key file nothing is recomputed, and a fact says so; rows that
    were deleted are found all the same.
    """
    for name, service in evidence.services.items():
        keystore = evidence.asked.keystores.get(name)
        keys = None if keystore is None else _read_keys(keystore)
        yield from _prove_sealed(evidence, name, service)
        yield from _prove_chain(name, service, keys)
        directory = evidence.asked.checkpoints.get(name)
        if keys is None:
            evidence.facts[f"audit.{name}"] = "not recomputed: no key file was given"
        elif directory is not None:
            yield from _prove_checkpoints(evidence, name, service, keys, directory)


def _prove_sealed(evidence: Evidence, name: str, service: ServiceEvidence) -> Iterator[Finding]:
    sql = """SELECT a.id, a.action FROM audit a LEFT JOIN audit_seal s ON s.audit_id = a.id
        WHERE s.audit_id IS NULL ORDER BY a.id"""
    for row in service.database.rows(sql):
        evidence.count("audit.unsealed")
        if evidence.settled:
            yield Unsealed(service=name, subject=str(row["id"]), detail=row["action"])


def _seals(service: ServiceEvidence) -> Iterator[Mapping[str, Any]]:
    sql = """SELECT s.seq, s.audit_id, s.key_id, s.mac, a.id, a.recorded_at, a.actor,
        a.assignment, a.service, a.action, a.subject, a.outcome, a.detail, a.trace_id
        FROM audit_seal s LEFT JOIN audit a ON a.id = s.audit_id ORDER BY s.seq"""
    yield from service.database.rows(sql)


def _prove_chain(name: str, service: ServiceEvidence, keys: _Keys | None) -> Iterator[Finding]:
    previous: bytes | None = _sm3(b"audit chain\0" + name.encode())
    last = 0
    for row in _seals(service):
        if row["seq"] != last + 1:
            yield SealMissing(service=name, subject=str(last + 1), detail=f"next is {row['seq']}")
            previous = None  # what it is chained to is gone
        subject = f"{row['seq']} (row {row['audit_id']})"
        mac = octets(row["mac"]) or b""
        if row["id"] is None:
            yield RowMissing(service=name, subject=subject)
        elif keys is not None and row["key_id"] not in keys.audit:
            yield KeyUnknown(service=name, subject=subject, detail=row["key_id"])
        elif keys is not None and previous is not None:
            key = keys.audit[row["key_id"]]
            if _hmac_sm3(key, previous + _spelled(row)) != mac:
                yield RowChanged(service=name, subject=subject)
        last, previous = row["seq"], mac


def _prove_checkpoints(
    evidence: Evidence, name: str, service: ServiceEvidence, keys: _Keys, directory: Path
) -> Iterator[Finding]:
    sql = "SELECT seq, mac FROM audit_seal"
    macs = {row["seq"]: octets(row["mac"]) for row in service.database.rows(sql)}
    head, vouched = max(macs, default=0), 0
    for path in sorted(directory.glob(f"{name}-????-??-??.jsonl")):
        # What follows the last line end was being written when a sealer died.
        for number, line in enumerate(path.read_bytes().split(b"\n")[:-1], start=1):
            evidence.count("audit.checkpoints")
            found = _checkpoint(line, name, keys)
            where = f"{path.name}:{number}"
            if found is None:
                yield CheckpointForged(service=name, subject=where)
                continue
            seq, mac = found
            vouched = max(vouched, seq)
            if seq in macs and macs[seq] != mac:
                yield CheckpointDiffers(service=name, subject=where, detail=f"at {seq}")
    if vouched > head:
        yield Truncated(service=name, subject=str(head), detail=f"a checkpoint knows {vouched}")
    elif vouched < head and evidence.settled:
        yield Unanchored(service=name, subject=str(head), detail=f"checkpoints end at {vouched}")


def _checkpoint(line: bytes, chain: str, keys: _Keys) -> tuple[int, bytes] | None:
    """Return number and mac of a checkpoint that holds, None for any other line."""
    try:
        fields = json.loads(line)
        part = {name: fields[name] for name in ("chain", "seq", "mac", "at")}
        signature = base64.b64decode(fields["signature"], validate=True)
        key = keys.checkpoint[fields["key_id"]]
        mac = bytes.fromhex(fields["mac"])
        key.verify(signature, json.dumps(part, sort_keys=True, separators=(",", ":")).encode())
    except (ValueError, KeyError, TypeError, InvalidSignature, binascii.Error):
        return None
    whole = part["chain"] == chain and isinstance(part["seq"], int)
    return (part["seq"], mac) if whole else None


def _spelled(row: Mapping[str, Any]) -> bytes:
    at = instant(row["recorded_at"])
    stamp = "" if at is None else at.isoformat(timespec="microseconds")
    names = (
        "actor",
        "assignment",
        "service",
        "action",
        "subject",
        "outcome",
        "detail",
        "trace_id",
    )
    values = [row["id"], stamp, *(row[name] for name in names)]
    return json.dumps(values, ensure_ascii=True, separators=(",", ":")).encode()


def _sm3(data: bytes) -> bytes:
    digest = hashes.Hash(hashes.SM3())
    digest.update(data)
    return digest.finalize()


def _hmac_sm3(key: bytes, data: bytes) -> bytes:
    """HMAC by its definition, so that not even the library's own is shared.

    Source: RFC 2104.
    """
    padded = (_sm3(key) if len(key) > _BLOCK else key).ljust(_BLOCK, b"\0")
    inner = _sm3(bytes(octet ^ 0x36 for octet in padded) + data)
    return _sm3(bytes(octet ^ 0x5C for octet in padded) + inner)


def _read_keys(path: Path) -> _Keys:
    content = json.loads(path.read_text(encoding="utf-8"))
    audit = content.get("audit", {}).get("keys", {})
    public = content.get("checkpoint", {}).get("public", {})
    return _Keys(
        audit={name: base64.b64decode(key) for name, key in audit.items()},
        checkpoint={
            name: Ed25519PublicKey.from_public_bytes(base64.b64decode(key))
            for name, key in public.items()
        },
    )
