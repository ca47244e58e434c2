"""Runs schedules: a fresh district, a journey under faults, settling, and the checker's ruling."""

from __future__ import annotations

import json
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Self
from unittest.mock import patch

from google.protobuf.json_format import MessageToDict

from checker.run import CheckInput, check
from journeys.errors import FAILURES
from journeys.food_licence import JOURNEY
from journeys.recorder import Journey, Recorder
from journeys.reread import reread
from servicekit.identity import Keyring, TokenIssuer, TokenVerifier
from services import graph
from services.standalone.district import service_token, settings_for
from services.standalone.registry import parts
from simulator.broker import Broker
from simulator.clients import ClientChannel, SimulatedWorld
from simulator.couriers import Couriers
from simulator.databases import Databases
from simulator.files import mortal_files
from simulator.machine import LegalTime, SimulatedTime, seeded_machine
from simulator.outcome import Outcome
from simulator.plants.base import Ground, Plant
from simulator.printer import cheap_printer
from simulator.processes import Fleet
from simulator.rates import Rates
from simulator.scheduler import Scheduler, StuckError
from simulator.settling import settle
from simulator.shrinking import Narrowing
from simulator.template import Template
from simulator.work import Work

__all__ = ["Schedule", "Simulator"]

BEGINS = datetime(2026, 9, 21, 0, 30, tzinfo=UTC)  # before the hall opens
SUPERVISOR = "p-0401"
EVERYTHING = Narrowing()
# Sealing the audit of every second would be a quarter of the time of a schedule, and counting
# figures at every leap of legal time a sixth; nobody looks at a dashboard here.
SETTINGS = {"audit_seal_s": 10, "observe_s": 10_000_000}


@dataclass(slots=True)
class Schedule:
    """One district under one seed."""

    seed: int
    folder: Path
    scheduler: Scheduler
    fleet: Fleet
    work: Work
    world: SimulatedWorld
    findings: list[str] = field(default_factory=list)

    def drive(self, journey: Journey) -> None:
        """Drive the journey, let everything settle, read it again."""
        try:
            number = journey.run(self.world, Recorder())
            self.scheduler.rates = Rates(relay_batch=self.scheduler.rates.relay_batch)
            settle(self.scheduler, self.fleet, self.work, self.folder)
            reread(self.world, number)
            self._keep_ratios()
        except (*FAILURES, StuckError) as error:
            self.findings.append(f"JOURNEY {type(error).__name__}: {error}")
        except Exception as error:  # noqa: BLE001 -- told with its seed, and the others go on
            self.findings.append(f"JOURNEY broke: {error!r}")
        self.scheduler.rates = Rates()
        settle(self.scheduler, self.fleet, self.work, self.folder)

    def rule(self) -> None:
        """Let the checker rule on the files."""
        ratios = self.folder / "ratios.json"
        asked = CheckInput.embedded(self.folder)
        report = check(
            CheckInput(
                databases=asked.databases,
                blobs=asked.blobs,
                checkpoints=asked.checkpoints,
                keystores=asked.keystores,
                ledger=asked.ledger,
                ratios=ratios if ratios.exists() else None,
            )
        )
        self.findings += [f"PROCESS {each}" for each in self.scheduler.wrong]
        self.findings += [str(each) for each in report.findings]

    def _keep_ratios(self) -> None:
        answer = self.world.do(self.world.staff(SUPERVISOR), "metrics", "GetRatios")
        content = MessageToDict(answer, preserving_proto_field_name=True)
        path = self.folder / "ratios.json"
        path.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")


class Simulator:
    """Keeps what all schedules share: the template, the engines, a folder in memory.

    With `keep`, the databases of a failing schedule are copied there; with
    `template`, the one of another simulator is used, which must live longer.
    """

    def __init__(
        self,
        *,
        keep: Path | None = None,
        log: Callable[[str], None] | None = None,
        template: Template | None = None,
    ) -> None:
        above = _memory() if template is None else template.folder.parent
        self._base = Path(tempfile.mkdtemp(prefix="liandong-", dir=above))
        self._keep = keep
        self._log: Callable[[str], None] | None = None
        self._parts = parts()
        self._databases = Databases()
        if template is None:
            template = Template.empty(self._base / "template", SimulatedTime(BEGINS))
            self._load(template.folder)
            self._fill(template)
        else:
            self._load(template.folder)
        self.template = template
        self._log = log

    def _load(self, folder: Path) -> None:
        keyring = Keyring.load(folder / "keyring.json")
        self._issuer = TokenIssuer(keyring)
        self._verifier = TokenVerifier(keyring)
        self._tokens = {
            (service, role): service_token(keyring, service, role) for service, role in graph.ASKS
        }

    def _fill(self, template: Template) -> None:
        random = Random(0)  # noqa: S311 -- a simulation must be repeatable
        with self._opened(0, template.folder, random, Rates()) as schedule:
            template.fill(schedule.fleet)
            settle(schedule.scheduler, schedule.fleet, schedule.work, schedule.folder)
        template.finish()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        shutil.rmtree(self._base, ignore_errors=True)

    def run(
        self,
        seed: int,
        *,
        plant: Plant | None = None,
        journey: Journey = JOURNEY,
        narrowing: Narrowing = EVERYTHING,
    ) -> Outcome:
        """Run the schedule of `seed` and return what the checker and the driver found."""
        began = time.process_time()
        folder = self._base / "run"
        self.template.copy_to(folder)
        random = Random(seed)  # noqa: S311 -- a simulation must be repeatable
        with self._opened(seed, folder, random, Rates.drawn(random)) as schedule:
            narrowing.apply(schedule.scheduler)
            with nullcontext() if plant is None else plant(Ground(schedule.work, folder)):
                schedule.drive(journey)
            schedule.rule()
        scheduler = schedule.scheduler
        outcome = Outcome(
            seed=seed,
            findings=tuple(schedule.findings),
            fingerprint=scheduler.fingerprint,
            faults=scheduler.faults,
            steps=scheduler.taken,
            seconds=time.process_time() - began,
        )
        if self._keep is not None and not outcome.ok:
            shutil.copytree(folder, self._keep / str(seed), dirs_exist_ok=True)
        return outcome

    @contextmanager
    def _opened(self, seed: int, folder: Path, random: Random, rates: Rates) -> Iterator[Schedule]:
        """Open the district in `folder`; when the block ends, nothing of it is left in memory."""
        clock = SimulatedTime(BEGINS)
        scheduler = Scheduler(random, clock, rates)
        scheduler.log = self._log
        with ExitStack() as stack:
            stack.enter_context(seeded_machine(clock, f"machine {seed}"))
            stack.enter_context(self._databases.installed())
            stack.enter_context(cheap_printer())
            stack.enter_context(patch("servicekit.dead_letters.observe", _unobserved))
            stack.enter_context(patch("servicekit.roles.jobs.observe_outbox", _unobserved))
            stack.enter_context(mortal_files(scheduler))
            stack.callback(self._databases.close)
            yield self._built(seed, folder, scheduler)
            self._databases.observer = None

    def _built(self, seed: int, folder: Path, scheduler: Scheduler) -> Schedule:
        fleet = Fleet(
            scheduler,
            self._parts,
            {name: settings_for(part, folder, SETTINGS) for name, part in self._parts.items()},
            self._verifier,
            lambda service, role: self._tokens[service, role],
            LegalTime(scheduler.clock),
        )
        work = Work(fleet)
        fleet.broker = Broker(scheduler, graph.CONSUMERS, work.deliver)
        couriers = fleet.carrier = Couriers(fleet)
        scheduler.sources += [fleet.broker, work, couriers]
        scheduler.on_write = work.written
        self._databases.observer = scheduler

        def move_to(instant: datetime) -> None:
            fleet.legal.move_to(instant)
            work.touched |= fleet.parts.keys()  # sweeps are due by legal time too

        world = SimulatedWorld(
            channels={name: ClientChannel(fleet, name) for name in self._parts},
            issuer=self._issuer,
            clock=move_to,
            ledger=folder / "ledger.jsonl",
            courier=couriers.control,
            run=f"seed-{seed:06}",
            scheduler=scheduler,
        )
        return Schedule(seed, folder, scheduler, fleet, work, world)


def _unobserved(*_arguments: object) -> None:
    """Count nothing for a dashboard: nobody looks at one here."""


def _memory() -> Path | None:
    """Return a folder in memory, or None where there is none to write to."""
    memory = Path("/dev/shm")  # noqa: S108 -- a folder of our own is made below it
    try:
        with tempfile.TemporaryFile(dir=memory):
            return memory
    except OSError:
        return None
