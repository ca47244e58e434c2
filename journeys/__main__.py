"""`python -m journeys 3 5`: drives journeys on a fresh embedded district and has it checked."""

from __future__ import annotations

import argparse
import logging
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from checker.run import CheckInput, check
from journeys.embedded import embedded
from journeys.errors import FAILURES
from journeys.every import MODULES, journey
from journeys.recorder import Recorder
from journeys.reread import reread
from journeys.world import World

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Return 0 if every journey went through and the checker finds nothing."""
    asked = _parser().parse_args(arguments)
    logging.basicConfig(level=logging.ERROR)  # what is only to be warned of belongs to the story
    with tempfile.TemporaryDirectory(prefix="liandong-journeys-") as temporary:
        folder = (asked.keep or Path(temporary)) / "district"
        with embedded(folder) as (_district, world):
            numbers = [number for number in MODULES if number in asked.journeys]
            failed = [number for number in numbers if not _drive(world, number)]
        report = check(CheckInput.embedded(folder))
    for finding in report.findings:
        _say(str(finding))
    _say(report.verdict)
    return 1 if failed or report.findings else 0


def _drive(world: World, number: str) -> bool:
    chosen = journey(number)
    _say(f"【办件流程{chosen.id}】{chosen.title}")
    try:
        case = chosen.run(world, Recorder(show=_say))
        _say(f"  换岗位复读：{reread(world, case)}")
    except FAILURES as error:
        _say(f"  未通过：{error}")
        return False
    return True


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m journeys", description=__doc__)
    parser.add_argument("journeys", nargs="+", choices=sorted(MODULES, key=int))
    parser.add_argument("--keep", type=Path, help="keep the district in this folder")
    return parser


if __name__ == "__main__":
    sys.exit(main())
