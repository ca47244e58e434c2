"""`python -m bench`: measure, print the table, keep it in build/bench/summary.json."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Final

from bench.rows.overload import overload
from bench.rows.soak import soak
from bench.run import GROUPS, measure, measure_one

__all__ = ["main"]

_CASES: Final = 1_000_000
_BUILD: Final = Path("build/bench")


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure what is asked for; 1 where a floor was missed, 2 where the command is wrong."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("what", nargs="?", choices=("table", "soak", "overload"), default="table",
                        help="the table (default), a soak, or an overload")  # fmt: skip
    parser.add_argument("--only", nargs="+", choices=GROUPS, default=list(GROUPS), metavar="GROUP",
                        help=f"groups of rows: {', '.join(GROUPS)}")  # fmt: skip
    parser.add_argument("--seconds", type=int, default=30,
                        help="length of each measurement; of an overload, a quarter")  # fmt: skip
    parser.add_argument("--minutes", type=float, default=30.0, help="length of a soak")
    parser.add_argument("--cases", type=int, default=_CASES, help="cases stored for the lists")
    parser.add_argument("--build", type=Path, default=_BUILD, help="where the rows are kept")
    told = parser.parse_args(arguments)
    if told.seconds < 1 or told.cases < 1 or told.minutes <= 0:
        parser.error("--seconds and --cases are at least 1, --minutes more than 0")
    if told.what == "table":
        return measure(told.only, seconds=told.seconds, cases=told.cases, build=told.build)
    one = overload if told.what == "overload" else partial(soak, minutes=told.minutes)
    return measure_one(one, seconds=told.seconds, build=told.build / told.what)


if __name__ == "__main__":
    sys.exit(main())
