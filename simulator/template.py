"""The state every schedule begins with: keys, five migrated databases, the shipped catalogue."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from services.standalone.district import District
from services.standalone.seed import seed_catalogue
from simulator.machine import SimulatedTime
from simulator.processes import Fleet

__all__ = ["Template"]


@dataclass(frozen=True, slots=True)
class Template:
    """A folder to copy: made empty, filled and settled once, by the simulator itself."""

    folder: Path

    @classmethod
    def empty(cls, folder: Path, clock: SimulatedTime) -> Template:
        """Make keys and migrated databases in `folder`."""
        District.open(folder, clock=clock).close()
        return cls(folder)

    @staticmethod
    def fill(fleet: Fleet) -> None:
        """Load what ships with the project; its events wait in the outbox of the catalogue."""
        seed_catalogue(fleet.replicas["catalog", "jobs"][0].resources())

    def finish(self) -> None:
        """Let nobody hold anything, and everything stand in the files themselves."""
        for database in self.folder.glob("*.db"):
            with closing(sqlite3.connect(database)) as connection:
                connection.execute("DELETE FROM lease")
                connection.commit()
                connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def copy_to(self, folder: Path) -> None:
        """Put a fresh district into `folder`, in the place of what was there."""
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(self.folder, folder)
