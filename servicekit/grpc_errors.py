"""Statuses to and from gRPC calls."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import grpc
from google.rpc import error_details_pb2, status_pb2
from grpc_status import rpc_status

__all__ = ["Refusal", "refusal_of", "to_grpc_status"]


def to_grpc_status(status: status_pb2.Status) -> grpc.Status:
    grpc_status: grpc.Status = rpc_status.to_status(status)
    return grpc_status


@dataclass(frozen=True, slots=True)
class Refusal:
    """What a client can read from a refused call."""

    code: str
    reason: str
    rule: str
    text: str
    facts: Mapping[str, str]
    fields: tuple[str, ...] = ()


def refusal_of(error: Any) -> Refusal:
    """Read the details of a refused call; reasons are empty where there are none."""
    code = error.code().name
    status = rpc_status.from_call(error)
    info = error_details_pb2.ErrorInfo()
    text = error_details_pb2.LocalizedMessage()
    bad = error_details_pb2.BadRequest()
    for detail in status.details if status is not None else ():
        for kind in (info, text, bad):
            detail.Unpack(kind)
    return Refusal(
        code=code,
        reason=info.reason,
        rule=info.metadata.get("rule", ""),
        text=text.message,
        facts=dict(info.metadata),
        fields=tuple(violation.field for violation in bad.field_violations),
    )
