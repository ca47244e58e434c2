"""A district in one process and a district of processes, with the journeys driven in order.

A third one, in one process, is for tests that move time as they like.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from cli.processes import ProcessDistrict
from devstack.otlp import OtlpSink
from devstack.stack import Stack
from journeys.embedded import embedded
from journeys.errors import FAILURES
from journeys.every import all_journeys
from journeys.recorder import Recorder
from journeys.reread import pages
from journeys.world import World, steering
from servicekit.identity import TokenIssuer
from services import graph


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "mutual_tls: a district of its own; only with -m mutual_tls")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if "mutual_tls" not in config.option.markexpr:
        wanting = [item for item in items if item.get_closest_marker("mutual_tls")]
        config.hook.pytest_deselected(items=wanting)
        items[:] = [item for item in items if item not in wanting]


@dataclass
class Told:
    """What one journey left behind."""

    case_number: str
    log: Recorder


@dataclass
class Driven:
    """A district whose journeys go their way when they are first asked for, in their order."""

    world: World
    district: Any
    ledger: Path
    told: dict[str, Told] = field(default_factory=dict)
    failed: dict[str, Exception] = field(default_factory=dict)

    def journey(self, number: str) -> Told:
        """Drive what comes before it and the journey itself; raise where it failed."""
        self.drive(until=number)
        if number in self.failed:
            raise self.failed[number]
        return self.told[number]

    def drive(self, until: str = "") -> None:
        """Drive what was not driven yet, as far as a journey; one that fails ends no other."""
        for journey in all_journeys():
            if journey.id not in self.told.keys() | self.failed.keys():
                self._drive(journey)
            if journey.id == until:
                break

    def all_cases(self) -> list[Any]:
        """Every case of the district, as supervision lists it."""
        supervisor = self.world.staff("p-0401")
        return list(
            pages(lambda **page: self.world.do(supervisor, "intake", "ListCases", **page), "cases")
        )

    def documents_of_all_cases(self) -> Iterator[Any]:
        supervisor = self.world.staff("p-0401")
        for case in self.all_cases():
            asked = {"case_number": case.case_number}
            yield from self.world.do(supervisor, "intake", "ListDocuments", **asked).documents

    def _drive(self, journey: Any) -> None:
        log = Recorder()
        try:
            self.told[journey.id] = Told(journey.run(self.world, log), log)
        except FAILURES as error:
            self.failed[journey.id] = error


@contextmanager
def one_process(folder: Path) -> Iterator[Driven]:
    with embedded(folder / "district") as (district, world):
        yield Driven(world, district, folder / "district" / "ledger.jsonl")


@pytest.fixture(scope="session")
def embedded_district(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Driven]:
    with one_process(tmp_path_factory.mktemp("embedded")) as driven:
        yield driven


@pytest.fixture(scope="session")
def playground(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Driven]:
    """A district in one process in which any test may do anything that the law allows."""
    with one_process(tmp_path_factory.mktemp("playground")) as driven:
        driven.journey("1")
        yield driven


@pytest.fixture(scope="session")
def otlp_sink() -> Iterator[OtlpSink]:
    """Takes the traces of the district of processes."""
    with OtlpSink() as sink:
        yield sink


@pytest.fixture(scope="session")
def process_district(
    tmp_path_factory: pytest.TempPathFactory, otlp_sink: OtlpSink
) -> Iterator[Driven]:
    folder = tmp_path_factory.mktemp("processes")
    with Stack() as stack:
        district = ProcessDistrict(folder, stack)
        for name in graph.SERVICES:
            district.more[f"{name.upper()}_OTLP_ENDPOINT"] = otlp_sink.endpoint
        district.prepare()
        try:
            district.start()
            ledger = folder / "ledger.jsonl"
            channels = district.channels()
            world = World(
                channels=channels,
                issuer=TokenIssuer(district.keyring),
                clock=steering(district.clock_control),
                ledger=ledger,
                courier=district.courier,
            )
            yield Driven(world, district, ledger)
            for channel in channels.values():
                channel.close()
        finally:
            district.stop()


@pytest.fixture(params=["embedded_district", "process_district"])
def driven(request: pytest.FixtureRequest) -> Driven:
    """The journeys' district in either mode."""
    found: Driven = request.getfixturevalue(request.param)
    return found


@pytest.fixture
def told(driven: Driven, request: pytest.FixtureRequest) -> Told:
    """What the journey of this module left behind: the module names it in JOURNEY."""
    return driven.journey(request.module.JOURNEY)


@pytest.fixture
def case(driven: Driven, told: Told) -> Any:
    """The journey's main case, as supervision sees it."""
    supervisor = driven.world.staff("p-0401")
    return driven.world.do(supervisor, "intake", "GetCase", case_number=told.case_number).case
