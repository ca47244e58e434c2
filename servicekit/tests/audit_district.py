"""One service's audit on SQLite, with its sealer and its checkpoints, for several test files."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import select

from servicekit.audit import AuditEntry, append, audit_tables
from servicekit.audit_chain import AuditChain
from servicekit.audit_sealer import AuditSealer, verify
from servicekit.clock import FixedClock
from servicekit.crypto import KeyStore, SoftwareCrypto
from servicekit.database import make_engine, new_metadata
from servicekit.leases import lease_table

NOW = datetime(2026, 11, 20, 2, 30, tzinfo=UTC)
CHAIN = "intake"
KEYS = KeyStore.create()
CRYPTO = SoftwareCrypto(KEYS)
METADATA = new_metadata()
TABLES = audit_tables(METADATA)
LEASES = lease_table(METADATA)
AUDIT, SEAL = TABLES.audit, TABLES.seal


def entry(number=0, **changes):
    values = {
        "recorded_at": NOW + timedelta(seconds=number),
        "actor": "p-17",
        "assignment": "a-3",
        "service": CHAIN,
        "action": "/liandong.intake.v1.IntakeService/Accept",
        "subject": f"ZC-{number}",
        "outcome": "OK",
        "detail": '{"备注":"受理"}',
        "trace_id": "4bf92f3577b34da6a3ce929d0e0e4736",
    }
    return AuditEntry(**values | changes)


class District:
    """One service's audit on SQLite, with its sealer and its checkpoints."""

    def __init__(self, folder: Path, crypto=CRYPTO):
        self.engine = make_engine(f"sqlite:///{folder}/audit.db")
        METADATA.create_all(self.engine)
        self.checkpoints = folder / "checkpoints"
        self.clock = FixedClock(NOW)
        self.crypto = crypto
        self.sealer = self.new_sealer()

    def new_sealer(self, **changes):
        return AuditSealer(self.engine, self.chain(), **{"clock": self.clock} | changes)

    def chain(self, crypto=None):
        return AuditChain(CHAIN, TABLES, crypto or self.crypto, self.checkpoints)

    def record(self, count, start=0):
        with self.engine.begin() as connection:
            for number in range(start, start + count):
                append(connection, TABLES, entry(number))

    def change(self, statement, *rows):
        with self.engine.begin() as connection:
            connection.execute(statement, *rows)

    def rows(self, table):
        with self.engine.connect() as connection:
            return connection.execute(select(table)).all()

    def verify(self, crypto=None):
        return verify(self.engine, self.chain(crypto))

    def checkpoint_file(self):
        return next(self.checkpoints.glob("*.jsonl"))


def broken(report):
    return {(found.kind, found.seq) for found in report.broken}


def as_row(an_entry):
    names = [column.name for column in AUDIT.columns if column.name != "id"]
    return {name: getattr(an_entry, name) for name in names}
