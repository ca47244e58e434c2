"""One round: journeys and clerks go on while faults strike; it settles, and the checker rules."""

from __future__ import annotations

import json
import shutil
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Final

import grpc
from google.protobuf.json_format import MessageToDict

from chaos.district import ChaosDistrict, opened_district
from chaos.faults import FAULTS
from chaos.ground import Ground, UnableError
from chaos.journal import Entry
from chaos.load import Load
from chaos.plan import RoundPlan, Strike
from chaos.settling import EVENTS, QUEUES, explained_dead, rebuilt, replayed, settled, wait_ready
from chaos.supervisor import Supervisor
from chaos.threads import telling_thread
from chaos.timeline import Timeline
from checker.report import Report
from checker.run import CheckInput, check
from cli.installation import InstallationError
from journeys.errors import FAILURES

__all__ = ["Act", "Field", "keep_evidence", "opened_field"]

FIRST_S: Final = (1.0, 4.0)  # from the begin of a round to its first strike
BETWEEN_S: Final = (1.0, 3.0)
APART_S: Final = 1.0  # at most, between the two faults of a pair
LASTING_S: Final = (3.0, 6.0)
Act = Callable[[Ground, Random], None]

LOOKS: Final = 5  # of the checker, while the last messages are in the consumers' hands
LOOK_AGAIN_S: Final = 2.0
SUPERVISOR: Final = "p-0401"


@dataclass(slots=True)
class Field:
    """A district that several rounds are fought on, one after the other, until one fails."""

    district: ChaosDistrict
    copies: int = 3
    clerks: int = 2
    supervisor: Supervisor = field(init=False)
    timeline: Timeline = field(init=False)
    garbage: defaultdict[str, set[bytes]] = field(default_factory=lambda: defaultdict(set))

    def __post_init__(self) -> None:
        self.supervisor = Supervisor(self.district)
        self.timeline = Timeline(self.district.clock_control)

    @property
    def ledgers(self) -> Path:
        return self.district.folder / "ledgers"

    def fight(self, plan: RoundPlan) -> Entry:
        """Fight one round and return what came of it."""

        def strike_all(ground: Ground, random: Random) -> None:
            for strike in plan.strikes:
                _strike(ground, strike, Random(random.random()))  # noqa: S311 - repeatable
                time.sleep(random.uniform(*BETWEEN_S))

        return self._fight(plan, strike_all)

    def fight_once(self, plan: RoundPlan, act: Act) -> Entry:
        """Fight a round of clerks alone, and of one thing that takes long."""
        return self._fight(plan, act)

    def _fight(self, plan: RoundPlan, act: Act) -> Entry:
        began, random = time.monotonic(), plan.random
        load = Load(
            self.district, self.timeline, self.ledgers, f"chaos-{plan.seed}-{plan.number:03}"
        )
        ground = Ground(self.district, self.supervisor, self.timeline, load, garbage=self.garbage)
        self.supervisor.by_themselves.clear()
        load.begin(plan.journey, self.copies, self.clerks, random)
        time.sleep(random.uniform(*FIRST_S))
        act(ground, random)
        load.wait()
        load.end()
        report = self._rule(ground)
        load.close_channels()
        counts = Counter(load.done) + ground.counts
        for line in self.supervisor.by_themselves:
            counts[line] += 1
        return Entry(
            number=plan.number,
            journey=plan.journey,
            strikes=plan.strikes,
            seconds=round(time.monotonic() - began, 1),
            findings=(*load.findings, *ground.findings, *map(str, report.findings)),
            facts=dict(report.facts),
            counts=dict(counts),
        )

    def _rule(self, ground: Ground) -> Report:
        """Let everything arrive, count it again, and have the checker rule."""
        wait_ready(ground)
        settled(ground, EVENTS)
        replayed(ground)
        settled(ground)
        try:
            rebuilt(ground)
        except InstallationError as error:
            ground.findings.append(f"REBUILD {error}")
        self._keep_ratios(ground)
        asked = self._check_input(ground)
        report = check(asked)
        for _ in range(LOOKS - 1):
            if not report.findings:
                break
            time.sleep(LOOK_AGAIN_S)
            report = check(asked)
        return report

    def _keep_ratios(self, ground: Ground) -> None:
        world = ground.load.world()
        try:
            answer = world.do(world.staff(SUPERVISOR), "metrics", "GetRatios")
        except (*FAILURES, grpc.RpcError) as error:
            ground.findings.append(f"RATIOS {error}")
            return
        content = MessageToDict(answer, preserving_proto_field_name=True)
        path = self.district.folder / "ratios.json"
        path.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")

    def _check_input(self, ground: Ground) -> CheckInput:
        ledger = self.district.folder / "ledger.jsonl"
        with ledger.open("wb") as whole:
            for part in sorted(self.ledgers.glob("*.jsonl")):
                whole.write(part.read_bytes())
        content = self.district.checker_input(ledger)
        ratios = self.district.folder / "ratios.json"
        if ratios.exists():
            content["ratios"] = str(ratios)
        content["explained_dead"] = explained_dead(ground)
        path = self.district.folder / "check.json"
        path.write_text(json.dumps(content, ensure_ascii=False, indent=1), encoding="utf-8")
        return CheckInput.from_json(content)


def _strike(ground: Ground, strike: Strike, random: Random) -> None:
    """Let the faults of a strike begin at nearly the same moment, last, and be over."""
    over, began = threading.Event(), time.monotonic()
    threads: list[tuple[threading.Thread, threading.Event]] = []
    for name in sorted(strike, key=lambda name: name != "clock-steps"):
        dice, entered = Random(random.random()), threading.Event()  # noqa: S311 - repeatable
        lasting = (_last, ground, name, dice, entered, over)
        threads.append((telling_thread(ground.findings, f"FAULT {name}", *lasting), entered))
        if name == "clock-steps":  # it waits for a midnight; the other one strikes there
            entered.wait()
        time.sleep(random.uniform(0.0, APART_S))
    for _, entered in threads:
        entered.wait()
    time.sleep(random.uniform(*LASTING_S))
    over.set()
    for thread, _ in threads:
        thread.join()
    ground.counts["seconds of faults"] += round(time.monotonic() - began)


def _last(
    ground: Ground, name: str, random: Random, entered: threading.Event, over: threading.Event
) -> None:
    """Keep one fault up until it is over; one that cannot be made or undone is a finding."""
    try:
        with FAULTS[name](ground, random):
            entered.set()
            over.wait()
    except UnableError as error:
        ground.findings.append(f"FAULT {name}: {error}")
    finally:
        entered.set()


@contextmanager
def opened_field(folder: Path, *, copies: int = 3, clerks: int = 2) -> Iterator[Field]:
    """Bring up a district to fight on, with its supervisor; take everything down at the end."""
    with opened_district(folder) as district:
        mine = Field(district, copies, clerks)
        mine.ledgers.mkdir()
        district.stack.rabbitmq.wait_recoverable(*QUEUES)
        mine.supervisor.start()
        try:
            yield mine
        finally:
            mine.timeline.close()
            mine.supervisor.stop()


def keep_evidence(district: ChaosDistrict, folder: Path) -> None:
    """Copy dumps of all databases, the logs and the ledgers of a failing round."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for name in ("logs", "ledgers"):
        shutil.copytree(district.folder / name, folder / name)
    for name in ("check.json", "ratios.json", "ledger.jsonl"):
        if (district.folder / name).exists():
            shutil.copy2(district.folder / name, folder / name)
    district.dump(folder)
