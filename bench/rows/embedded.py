"""The embedded district: from its start to the first accepted case, and the memory it takes.

It starts from bytecode, as it does where it is installed: the image compiles
it beforehand, and Python does on a first start, unless it is told not to
write any (PYTHONDONTWRITEBYTECODE). A first start on a folder of its own sees
to that, and is not counted.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import grpc

from bench.cpu import CpuMeter, resident_bytes
from bench.first_line import first_line
from bench.people import receipt
from bench.summary import Row, row
from journeys.world import World
from servicekit.identity import Keyring, TokenIssuer
from services import graph

__all__ = ["embedded"]

_START_S: Final = 300.0
_MEGABYTE: Final = 1_000_000


def embedded(_bench: object) -> Iterator[Row]:
    """Start it on an empty folder, and again on what that left."""
    with tempfile.TemporaryDirectory(prefix="liandong-bench-") as folder:
        bytecode = {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": f"{folder}/bytecode"}
        environment = {**os.environ, **bytecode}
        _first_case(Path(folder) / "compiled", environment)
        for kind in ("fresh", "installed"):
            seconds, cpu, memory = _first_case(Path(folder) / "district", environment)
            yield row(f"embedded: start to first accepted case[{kind}]", seconds)
            yield row(f"embedded: CPU to first accepted case[{kind}]", cpu)
            yield row(f"embedded: resident memory[{kind}]", memory)


def _first_case(folder: Path, environment: dict[str, str]) -> tuple[float, float, float]:
    """Return seconds and CPU seconds to the first accepted case, and megabytes after it."""
    began = time.monotonic()
    process = subprocess.Popen(  # noqa: S603 -- our own command
        [sys.executable, "-m", "bench.processes.embedded", str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=environment,
        text=True,
    )
    try:
        meter = CpuMeter({"district": [process.pid]})
        with grpc.insecure_channel(f"127.0.0.1:{_port(process)}") as channel:
            _accept_one(folder, channel)
        seconds = time.monotonic() - began
        return seconds, meter.spent()["district"], resident_bytes([process.pid]) / _MEGABYTE
    finally:
        process.terminate()
        try:
            process.communicate(timeout=60)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate(timeout=60)


def _accept_one(folder: Path, channel: Any) -> None:
    issuer = TokenIssuer(Keyring.load(folder / "keyring.json"))
    world = World(dict.fromkeys(graph.SERVICES, channel), issuer, clock=lambda _instant: None)
    clerk = world.staff("p-0102")
    received = world.do(clerk, "intake", "ReceiveApplication", **receipt(1))
    world.do(
        clerk, "intake", "AcceptCase",
        case_number=received.case_number, revision=received.revision,
    )  # fmt: skip


def _port(process: subprocess.Popen[str]) -> int:
    """Wait for the port that the process prints; raise where it prints none in time."""
    said = first_line(process, within=_START_S)
    if not said.strip().isdigit():
        raise TimeoutError(f"the embedded district did not start within {_START_S:.0f} s")
    return int(said)
