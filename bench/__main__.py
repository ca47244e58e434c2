"""`python -m bench`: measure, print the table, keep it in build/bench/summary.json."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from bench.run import GROUPS, measure

__all__ = ["main"]

_CASES: Final = 1_000_000


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure the groups that are asked for; 1 where a floor was missed."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--only", nargs="+", choices=GROUPS, default=list(GROUPS), metavar="GROUP",
                        help=f"groups of rows: {', '.join(GROUPS)}")  # fmt: skip
    parser.add_argument("--seconds", type=int, default=30, help="length of each measurement")
    parser.add_argument("--cases", type=int, default=_CASES, help="cases stored for the lists")
    parser.add_argument("--build", type=Path, default=Path("build/bench"), help="where it is kept")
    told = parser.parse_args(arguments)
    if told.seconds < 1 or told.cases < 1:
        parser.error("--seconds and --cases are at least 1")
    return measure(told.only, seconds=told.seconds, cases=told.cases, build=told.build)


if __name__ == "__main__":
    sys.exit(main())
