"""`python -m chaos --seed 1 --rounds 60`: faults on the real spine; the verdict comes last."""

from __future__ import annotations

import argparse
import logging
import signal
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Final

from chaos.faults import FAULTS
from chaos.journal import Entry, Journal
from chaos.once import broker_away, outbox_filled
from chaos.plan import STRIKES, RoundPlan, coverage, planned
from chaos.round import Act, Field, keep_evidence, opened_field
from journeys.every import MODULES

__all__ = ["main"]

SHOWN: Final = 20  # findings of one round
BUILD: Final = Path("build/chaos")
ONCE: Final = 1001  # the number of the first thing that is done once
ROUNDS_ON_ONE_DISTRICT: Final = len(MODULES)  # legal time does not go back: then a fresh one


def main(arguments: Sequence[str] | None = None) -> int:
    """Return 0 if no round has a finding, 1 if one has."""
    asked = _parser().parse_args(arguments)
    # What processes are to be told of is in their own logs; what was found is told here.
    logging.basicConfig(level=logging.CRITICAL)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended by SIGTERM"))  # in order, that is
    folder: Path = asked.folder / str(asked.seed)
    journal = Journal(folder / "journal.jsonl")
    if not (asked.resume or asked.round or asked.broker_away or asked.backlog):
        journal.begin_anew()
    done = {entry.number for entry in journal.entries()}
    if asked.round:
        plans = [planned(asked.seed, asked.round, asked.faults, asked.strikes)[-1]]
    else:
        every = planned(asked.seed, asked.rounds, asked.faults, asked.strikes)
        plans = [plan for plan in every if plan.number not in done]
    if asked.broker_away or asked.backlog:
        fought = _once(folder, journal, asked)
        return _verdict(asked.seed, fought)
    fought = _fight(plans, folder, journal, asked)
    return _verdict(asked.seed, fought if asked.round else journal.entries())


def _fight(
    plans: Iterable[RoundPlan], folder: Path, journal: Journal, asked: argparse.Namespace
) -> list[Entry]:
    """Fight the rounds on one district after the other; a finding spoils the district."""
    fought: list[Entry] = []
    with ExitStack() as opened:
        mine: Field | None = None
        last = 0
        for plan in plans:
            if mine is None or not _follows(last, plan.number):
                opened.close()
                mine = opened.enter_context(
                    opened_field(folder / "district", copies=asked.copies, clerks=asked.clerks)
                )
            entry = mine.fight(plan)
            last = plan.number
            fought.append(entry)
            if not entry.ok:
                keep_evidence(mine.district, folder / f"failed-{plan.number:03}")
                mine = None
            if not asked.round:
                journal.add(entry)
            _tell(entry, asked)
    return fought


def _once(folder: Path, journal: Journal, asked: argparse.Namespace) -> list[Entry]:
    """Do what takes long, each on a fresh district; the journal keeps it beside the rounds."""
    acts: list[tuple[RoundPlan, Act]] = []
    if asked.broker_away:
        plan = RoundPlan(ONCE, asked.seed, "", (("broker-away",),))
        acts.append((plan, partial(broker_away, minutes=asked.broker_away)))
    if asked.backlog:
        plan = RoundPlan(ONCE + 1, asked.seed, "", (("backlog",),))
        acts.append((plan, partial(outbox_filled, rows=asked.backlog)))
    fought = []
    for plan, act in acts:
        with opened_field(folder / "district", clerks=asked.clerks) as mine:
            entry = mine.fight_once(plan, act)
            if not entry.ok:
                keep_evidence(mine.district, folder / f"failed-{plan.number:03}")
        fought.append(entry)
        journal.add(entry)
        _tell(entry, asked)
    return fought


def _follows(last: int, number: int) -> bool:
    """Say whether the round of that number may go on where `last` ended."""
    return number > last and (number - 1) // ROUNDS_ON_ONE_DISTRICT == (
        (last - 1) // ROUNDS_ON_ONE_DISTRICT
    )


def _tell(entry: Entry, asked: argparse.Namespace) -> None:
    strikes = ", ".join("+".join(strike) for strike in entry.strikes)
    ruled = "ok" if entry.ok else f"{len(entry.findings)} findings"
    _say(
        f"round {entry.number}, journey {entry.journey}, {strikes}: {ruled}, "
        f"{entry.seconds:.0f} s, {entry.facts.get('commands', 0)} commands"
    )
    for finding in entry.findings[:SHOWN]:
        _say(f"  {finding}")
    if not entry.ok and entry.number < ONCE:
        more = "" if asked.faults == tuple(FAULTS) else f" --faults {','.join(asked.faults)}"
        more += "" if asked.strikes == STRIKES else f" --strikes {asked.strikes}"
        _say(f'  again: make chaos ARGS="--seed {asked.seed} --round {entry.number}{more}"')


def _verdict(seed: int, entries: Sequence[Entry]) -> int:
    strikes = [strike for entry in entries for strike in entry.strikes]
    by_fault, by_pair = coverage(strikes)
    counts: Counter[str] = Counter()
    for entry in entries:
        counts.update(entry.counts)
    _say("counted:")
    for what, times in sorted(counts.items()):
        _say(f"  {what}: {times}")
    _say("strikes by fault (alone or with another), and how many of its pairs were struck:")
    for name, times in by_fault.items():
        pairs = [pair for pair, struck in by_pair.items() if struck and name in pair]
        _say(f"  {name:16} {times:4}   {len(pairs):3} of {len(FAULTS) - 1}")
    missing = [f"{first}+{second}" for (first, second), times in by_pair.items() if not times]
    if missing:
        _say(f"  pairs not struck yet: {len(missing)} of {len(by_pair)}")
    failed = [str(entry.number) for entry in entries if not entry.ok]
    run = (
        f"{len(entries)} rounds of seed {seed}, {len(strikes)} strikes, "
        f"{len(by_pair) - len(missing)} of {len(by_pair)} pairs, "
        f"{sum(entry.seconds for entry in entries):.0f} s"
    )
    if failed or not entries:
        _say(f"FAILED: {len(failed)} of {run}; rounds {', '.join(failed)}")
        return 1
    _say(f"OK: no finding in {run}")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="chaos", description=__doc__)
    parser.add_argument("--seed", type=int, default=1, help="seed of the plan")
    parser.add_argument("--rounds", type=int, default=60, help="how many rounds")
    parser.add_argument("--resume", action="store_true", help="leave out what the journal has")
    parser.add_argument("--round", type=int, help="only this round, on a fresh district")
    parser.add_argument("--faults", type=_faults, default=tuple(FAULTS), help="with commas")
    parser.add_argument("--strikes", type=int, default=STRIKES, help="in each round")
    parser.add_argument("--broker-away", type=float, help="only this: minutes without RabbitMQ")
    parser.add_argument("--backlog", type=int, help="only this: rows in an outbox, unpublished")
    parser.add_argument("--copies", type=int, default=3, help="of the journey of a round")
    parser.add_argument("--clerks", type=int, default=2, help="who receive cases meanwhile")
    parser.add_argument("--folder", type=Path, default=BUILD, help="journals and evidence")
    return parser


def _faults(text: str) -> tuple[str, ...]:
    chosen = tuple(text.split(","))
    if unknown := sorted({*chosen} - FAULTS.keys()):
        raise argparse.ArgumentTypeError(f"unknown: {', '.join(unknown)}")
    return chosen


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
