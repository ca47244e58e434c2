"""The state every schedule begins with: keys, five migrated databases, the shipped catalogue.

Made once by the embedded district, settled and sealed, and then copied.
"""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from services.standalone.district import District
from services.standalone.seed import seed_catalogue
from simulator.machine import SimulatedTime, seeded_machine

__all__ = ["Template"]


@dataclass(frozen=True, slots=True)
class Template:
    """A folder to copy."""

    folder: Path

    @classmethod
    def made_in(cls, folder: Path, clock: SimulatedTime) -> Template:
        """Make the district as it stands before anybody comes."""
        with seeded_machine(clock, "template"):
            district = District.open(folder, clock=clock)
            try:
                seed_catalogue(district.resources["catalog"])
                district.dispatcher.publish_all()
                for runner in district.runners:
                    while runner.run_once():
                        clock.advance(timedelta(seconds=1))
                district.dispatcher.publish_all()
                for runner in district.runners:
                    runner.sweep()
            finally:
                district.close()
        for database in folder.glob("*.db"):
            with closing(sqlite3.connect(database)) as connection, connection:
                connection.execute("DELETE FROM lease")  # held by the machine's own time
        return cls(folder)

    def copy_to(self, folder: Path) -> None:
        """Put a fresh district into `folder`, in the place of what was there."""
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(self.folder, folder)
