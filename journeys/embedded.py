"""A fresh embedded district to drive journeys on: one process, one gRPC port."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterator
from pathlib import Path

import grpc

from carrier.process import CarrierProcess
from devstack.ports import free_port
from journeys.world import World, steering
from servicekit.clock import SteeredClock, SystemClock, steer
from servicekit.identity import TokenIssuer
from services.standalone.district import District
from services.standalone.seed import seed_catalogue

__all__ = ["delivery_settings", "embedded"]


@contextlib.contextmanager
def embedded(folder: Path) -> Iterator[tuple[District, World]]:
    """Open a fresh embedded district, with its catalogue loaded; settle and close it.

    The carrier is a process of its own and ends with the district.
    """
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    control = folder / "clock.json"
    steer(control, SystemClock().now())
    with CarrierProcess(free_port()) as couriers:
        yield from _opened(folder, control, couriers)


def _opened(
    folder: Path, control: Path, couriers: CarrierProcess
) -> Iterator[tuple[District, World]]:
    district = District.open(
        folder, clock=SteeredClock(control), own={"delivery": delivery_settings(couriers)}
    )
    try:
        seed_catalogue(district.resources["catalog"])
        server = district.serve()
        channel = grpc.insecure_channel(f"127.0.0.1:{server.port}")
        world = World(
            channels=dict.fromkeys(district.resources, channel),
            issuer=TokenIssuer(district.keyring),
            clock=steering(control),
            ledger=folder / "ledger.jsonl",
            courier=couriers.control,
        )
        yield district, world
        channel.close()
        district.settle()
    finally:
        district.close()


def delivery_settings(couriers: CarrierProcess) -> dict[str, object]:
    """Return what delivery is told of the carrier."""
    return {
        "callback_port": couriers.callback_port,
        "callback_address": "127.0.0.1",
        "callback_salt": couriers.secrets.salt,
        "carrier_url": couriers.url,
        "carrier_key": couriers.secrets.key,
    }
