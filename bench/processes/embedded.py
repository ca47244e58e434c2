"""An embedded district on the folder of the command line, until standard input ends.

Prints the port of its api. Its catalogue is loaded where it was not yet.
"""

from __future__ import annotations

import sys
from pathlib import Path

from carrier.process import CarrierProcess
from devstack.ports import free_port
from journeys.embedded import delivery_settings
from services.standalone.district import District
from services.standalone.seed import seed_catalogue


def main() -> None:
    """Serve as `liandong run` does, on a free port."""
    folder = Path(sys.argv[1])
    with CarrierProcess(free_port()) as couriers:
        district = District.open(folder, own={"delivery": delivery_settings(couriers)})
        try:
            seed_catalogue(district.resources["catalog"])
            server = district.serve()
            sys.stdout.write(f"{server.port}\n")
            sys.stdout.flush()
            sys.stdin.read()
        finally:
            district.close()


if __name__ == "__main__":
    main()
