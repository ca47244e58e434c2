"""`liandong probe`: is an installation well? Asked from outside, as its callers would.

Health of every api, one question that needs no token and reaches the database, and, in a
demonstration whose clock may be moved, whole journeys.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Self

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc
from liandong.intake.v1 import intake_service_pb2 as intake
from liandong.intake.v1 import intake_service_pb2_grpc as intake_grpc

from cli.demo import drive
from cli.installation import InstallationError
from journeys.every import journey
from journeys.world import World, steering
from servicekit.grpc_errors import refusal_of
from servicekit.identity import Keyring, TokenIssuer

__all__ = ["Steering", "Target", "probe"]

SECONDS: Final = 20.0
# A number and a code that nobody was given: who looks it up has reached the register of cases.
NOBODY: Final = intake.GetProgressRequest(case_number="000000-00-00000000-00000", query_code="0")


@dataclass(frozen=True, slots=True)
class Target:
    """An api: where it is called, and where its health is asked."""

    service: str
    calls: str
    health: str

    @classmethod
    def read(cls, text: str) -> Self:
        """Read `intake=intake.example:50051,50052`, or raise `InstallationError`."""
        service, _, place = text.partition("=")
        calls, _, health_port = place.partition(",")
        host, _, port = calls.rpartition(":")
        if not (service and host and port.isdigit() and health_port.isdigit()):
            raise InstallationError(f"{text}：应为 服务=主机:端口,健康检查端口。")
        return cls(service, calls, f"{host}:{health_port}")


@dataclass(frozen=True, slots=True)
class Steering:
    """What a demonstration lends for journeys: who signs tokens, and the clock."""

    issuer: Path
    clock: Path


def probe(
    targets: Sequence[Target],
    *,
    tls: Path | None = None,
    journeys: Sequence[str] = (),
    steered_by: Steering | None = None,
) -> int:
    """Print a line for each question; return 0 if all were answered as they should be."""
    if journeys and steered_by is None:
        raise InstallationError("--journey 需要 --issuer 和 --clock：只有演示环境可以调整时间。")
    lines = [_healthy(target) for target in targets]
    channels = {each.service: _channel(each.calls, tls) for each in targets}
    if "intake" in channels:
        lines.append(_looks_up(channels["intake"]))
    if steered_by is not None and all(ok for ok, _ in lines):
        world = World(
            channels=channels,
            issuer=TokenIssuer(Keyring.load(steered_by.issuer)),
            clock=steering(steered_by.clock),
        )
        lines += [(drive(world, journey(each)).ok, f"办件流程{each}") for each in journeys]
    for channel in channels.values():
        channel.close()
    for ok, line in lines:
        print(f"{'正常' if ok else '异常'} {line}")
    return 0 if all(ok for ok, _ in lines) else 1


def _healthy(target: Target) -> tuple[bool, str]:
    with grpc.insecure_channel(target.health) as channel:
        try:
            answer = health_pb2_grpc.HealthStub(channel).Check(
                health_pb2.HealthCheckRequest(), timeout=SECONDS, wait_for_ready=True
            )
        except grpc.RpcError as error:
            return False, f"{target.service} {target.health} {_words(error)}"
    name = health_pb2.HealthCheckResponse.ServingStatus.Name(answer.status)
    return name == "SERVING", f"{target.service} {target.health} {name}"


def _looks_up(channel: grpc.Channel) -> tuple[bool, str]:
    """A case that nobody has is unknown, in the words of the register."""
    try:
        intake_grpc.IntakeServiceStub(channel).GetProgress(
            NOBODY, timeout=SECONDS, wait_for_ready=True
        )
    except grpc.RpcError as error:
        reason = refusal_of(error).reason
        return reason == "CASE_UNKNOWN", f"intake GetProgress {reason or _words(error)}"
    return False, "intake GetProgress knows a case that nobody has"


def _words(error: Any) -> str:
    return f"{error.code().name}: {error.details()}"


def _channel(address: str, tls: Path | None) -> grpc.Channel:
    if tls is None:
        return grpc.insecure_channel(address)
    return grpc.secure_channel(
        address,
        grpc.ssl_channel_credentials(
            root_certificates=(tls / "ca.crt").read_bytes(),
            private_key=(tls / "tls.key").read_bytes(),
            certificate_chain=(tls / "tls.crt").read_bytes(),
        ),
    )
