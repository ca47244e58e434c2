"""A district in one process and a district of twenty processes, each with journey 1 driven once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from cli.demo import embedded
from cli.processes import ProcessDistrict
from devstack.stack import Stack
from journeys.food_licence import JOURNEY
from journeys.recorder import Recorder
from journeys.world import World, steering
from servicekit.identity import TokenIssuer
from services.standalone.district import District


@dataclass
class Driven:
    """A district in which journey 1 has gone its way."""

    world: World
    case_number: str
    log: Recorder
    district: Any
    ledger: Path


@pytest.fixture(scope="session")
def embedded_district(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Driven]:
    folder = tmp_path_factory.mktemp("embedded")
    with embedded(folder / "district") as (district, world):
        assert isinstance(district, District)
        log = Recorder()
        number = JOURNEY.run(world, log)
        yield Driven(world, number, log, district, folder / "district" / "ledger.jsonl")


@pytest.fixture(scope="session")
def process_district(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Driven]:
    folder = tmp_path_factory.mktemp("processes")
    with Stack() as stack:
        district = ProcessDistrict(folder, stack)
        district.prepare()
        district.start()
        try:
            ledger = folder / "ledger.jsonl"
            channels = district.channels()
            world = World(
                channels=channels,
                issuer=TokenIssuer(district.keyring),
                clock=steering(district.clock_control),
                ledger=ledger,
            )
            log = Recorder()
            number = JOURNEY.run(world, log)
            yield Driven(world, number, log, district, ledger)
            for channel in channels.values():
                channel.close()
        finally:
            district.stop()
