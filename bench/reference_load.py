"""pgbench on the committed reference SQL: what this PostgreSQL does without our code."""

from __future__ import annotations

import re
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Final

import psycopg
from sqlalchemy import make_url

from bench.cpu import CpuMeter
from bench.figures import median
from devstack.packages import require_programs
from devstack.postgres import Postgres

__all__ = ["DATABASE", "NoReferenceError", "Reference", "prepare", "run"]

DATABASE: Final = "bench_reference"
_FOLDER: Final = Path(str(files("bench"))) / "reference"
_TPS: Final = re.compile(r"^tps = ([0-9.]+)", re.MULTILINE)


class NoReferenceError(Exception):
    """pgbench did not run; there is nothing to compare with."""


@dataclass(frozen=True, slots=True)
class Reference:
    """What pgbench reached: transactions a second, the median latency, CPU for each."""

    rate: float
    p50_ms: float
    cpu_ms: float


def prepare(postgres: Postgres) -> None:
    """Make the reference tables anew."""
    postgres.drop_database(DATABASE)
    database = postgres.create_database(DATABASE)
    address = database.url().replace("+psycopg", "")
    with psycopg.connect(address, autocommit=True, connect_timeout=10) as connection:
        connection.execute((_FOLDER / "schema.sql").read_text(encoding="utf-8").encode())


def run(
    postgres: Postgres, roots: Mapping[str, Sequence[int]], *, concurrency: int, seconds: int
) -> Reference:
    """Run the reference at a concurrency; every transaction's latency is looked at."""
    program = require_programs(rabbitmq=False).postgres
    if program is None:
        raise NoReferenceError("no PostgreSQL was found")
    url = make_url(postgres.url(DATABASE))
    with tempfile.TemporaryDirectory() as folder:
        command = [
            str(program.folder / "pgbench"), "--no-vacuum", "--protocol=prepared", "--log",
            f"--log-prefix={folder}/log", f"--file={_FOLDER / 'receive.sql'}",
            f"--client={concurrency}", f"--jobs={min(concurrency, 2)}", f"--time={seconds}",
            f"--host={url.host}", f"--port={url.port}", f"--username={url.username}", DATABASE,
        ]  # fmt: skip
        meter = CpuMeter({"pg": roots["pg"]})
        done = subprocess.run(  # noqa: S603 -- our own command
            command,
            env={"PGPASSWORD": str(url.password), "LC_ALL": "C"},
            capture_output=True,
            text=True,
            timeout=seconds + 60,
            check=False,
        )
        spent = meter.spent()["pg"]
        found = _TPS.search(done.stdout)
        if done.returncode or found is None:
            said = done.stderr[-2000:] or done.stdout[-500:]
            raise NoReferenceError(f"pgbench failed, or did nothing in {seconds} s: {said}")
        latencies = _latencies(Path(folder))
    return Reference(float(found[1]), median(latencies), 1000 * spent / len(latencies))


def _latencies(folder: Path) -> list[float]:
    """Return the milliseconds of each transaction; pgbench logs microseconds in field 3."""
    return [
        int(line.split()[2]) / 1000
        for path in folder.glob("log.*")
        for line in path.read_text(encoding="ascii").splitlines()
    ]
