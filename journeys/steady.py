"""`python -m journeys.steady --config FILE`: short cases, one after the other, until told to end.

Load for whoever restarts, upgrades or breaks a district meanwhile. Every clerk does what a client
must: a command that could not be answered is sent again under the same request id. What was
answered is in ledgers for the checker; a command that nobody answered in the end is a failure.
"""

from __future__ import annotations

import argparse
import json
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Self

import grpc

from journeys.course import Citizen, Course, paper
from journeys.errors import JourneyError
from journeys.recorder import Recorder
from journeys.world import World
from servicekit.client import connect
from servicekit.grpc_errors import refusal_of
from servicekit.identity import Keyring, TokenIssuer

__all__ = ["Settings", "Tally", "main", "one_case", "work"]

ITEM: Final = "370306-01-008"
PAPERS: Final = [paper("M01"), paper("M03")]
GRANT: Final[dict[str, Any]] = {
    "facts": "申请材料齐全，符合法定形式。",
    "legal_bases": ["市场主体登记管理条例 第十九条", "行政许可法 第三十四条第二款"],
}
PATIENCE_S: Final = 300.0


@dataclass(frozen=True, slots=True)
class Settings:
    """Where the district is, who signs tokens, and how long there is work."""

    addresses: dict[str, str]
    issuer: Path
    ledgers: Path
    until: Path  # the work ends when this file is there
    clerks: int

    @classmethod
    def load(cls, path: Path) -> Self:
        content = json.loads(path.read_text(encoding="utf-8"))
        return cls(
            addresses=content["addresses"],
            issuer=Path(content["issuer"]),
            ledgers=Path(content["ledgers"]),
            until=Path(content["until"]),
            clerks=content["clerks"],
        )


@dataclass(slots=True)
class Tally:
    """What came of the work, of all clerks together."""

    cases: int = 0
    answers: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)
    longest_s: float = 0.0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def case(self, seconds: float) -> None:
        with self.lock:
            self.cases += 1
            self.longest_s = max(self.longest_s, seconds)

    def answer(self, code: str) -> None:
        with self.lock:
            self.answers[code] += 1

    def failure(self, text: str) -> None:
        with self.lock:
            self.failures.append(text)

    def as_json(self) -> str:
        content = {
            "cases": self.cases,
            "answers": dict(self.answers),
            "failures": self.failures,
            "longest_case_s": round(self.longest_s, 1),
        }
        return json.dumps(content, ensure_ascii=False)


class _CountingChannel:
    """Counts how each attempt of a call ended, those that are repeated too."""

    def __init__(self, channel: Any, tally: Tally) -> None:
        self._channel = channel
        self._tally = tally

    def unary_unary(self, method: str, **serializers: Any) -> Callable[..., Any]:
        inner = self._channel.unary_unary(method, **serializers)

        def call(request: Any, **options: Any) -> Any:
            try:
                answer = inner(request, **options)
            except grpc.RpcError as error:
                self._tally.answer(refusal_of(error).code)
                raise
            self._tally.answer("OK")
            return answer

        return call


def one_case(world: World, number: int) -> str:
    """Take one case from receipt to hand-out and return its number.

    Every other one is decided on the spot; the others go through the department.
    """
    citizen = Citizen("a-0008", "李示例", "370306199203050040")
    clerk = world.staff("p-0102")
    applicant = world.applicant(citizen.account, "申请人账户")
    case = Course(world, Recorder(), ITEM, clerk, applicant, citizen)
    case.receive_at_window(PAPERS, "新开小卖部（示例）")
    certificate = f"92370306{world.run[:6]}{number:04d}".upper()
    if number % 2:
        case.on_case(
            clerk, "DecideOnTheSpot", outcome="DECISION_OUTCOME_GRANTED",
            certificate_number=certificate, **GRANT,
        )  # fmt: skip
        case.seal(clerk, "GRANT_DECISION", "AUTHORITY")
    else:
        case.on_case(clerk, "TurnIntoPromised", reason="需核实经营场所")
        case.accept()
        bag = case.case_number[-8:]
        case.hand_over(world.staff("p-0202"), f"B-{bag}")
        case.give_opinion(world.staff("p-0201"))
        case.decide(world.staff("p-0301"), content="准予登记。", **GRANT)
        sender = world.staff("p-0202")
        case.return_result(sender, f"R-{bag}", certificate_number=certificate)
    case.hand_out()
    return case.case_number


def work(settings: Settings) -> Tally:
    """Let every clerk work until the file is there; return what came of it."""
    tally = Tally()
    settings.ledgers.mkdir(parents=True, exist_ok=True)
    clerks = [
        threading.Thread(target=_clerk, args=(settings, tally), name=f"clerk-{number}")
        for number in range(settings.clerks)
    ]
    for clerk in clerks:
        clerk.start()
    for clerk in clerks:
        clerk.join()
    return tally


def _clerk(settings: Settings, tally: Tally) -> None:
    channels = {
        name: _CountingChannel(connect(address), tally)
        for name, address in settings.addresses.items()
    }
    number = 0
    while not settings.until.exists():
        begun = time.monotonic()
        number += 1
        # Who signs tokens may have a new key by now.
        world = World(
            channels=channels,
            issuer=TokenIssuer(Keyring.load(settings.issuer)),
            clock=_not_ours,
            patience=PATIENCE_S,
        )
        world.ledger = settings.ledgers / f"{world.run}.jsonl"
        try:
            one_case(world, number)
        except JourneyError as error:
            tally.failure(str(error))
        else:
            tally.case(time.monotonic() - begun)


def _not_ours(_instant: object) -> None:
    raise JourneyError("whoever works on a running district does not move its clock")


def main(arguments: Sequence[str] | None = None) -> int:
    """Return 0 if there was work and every command was answered in the end."""
    parser = argparse.ArgumentParser(prog="python -m journeys.steady", description=__doc__)
    parser.add_argument("--config", type=Path, required=True, help="JSON: the fields of Settings")
    tally = work(Settings.load(parser.parse_args(arguments).config))
    sys.stdout.write(f"{tally.as_json()}\n")
    return 0 if tally.cases and not tally.failures else 1


if __name__ == "__main__":
    sys.exit(main())
