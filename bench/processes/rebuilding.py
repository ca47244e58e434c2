"""Counts everything again from the logs of a running district; prints the seconds it took.

Reads the folder of the installation on the command line.
"""

from __future__ import annotations

import sys
import time
from contextlib import redirect_stdout
from pathlib import Path

from cli.installation import Installation
from cli.recount import rebuild_metrics


def main() -> None:
    """Rebuild, and tell how long it took and how many rows differed."""
    installation = Installation.load(Path(sys.argv[1]))
    began = time.monotonic()
    with redirect_stdout(sys.stderr):
        differing = rebuild_metrics(installation)
    sys.stdout.write(f"{time.monotonic() - began:.6f} {differing}\n")


if __name__ == "__main__":
    main()
