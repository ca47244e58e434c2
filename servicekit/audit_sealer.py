"""Chains audit rows under a key the database does not know, and proves the chain afterwards.

`mac_n = HMAC-SM3(key, mac_{n-1} ‖ canonical(row_n))`. After each batch a signed checkpoint leaves
the database: a chain alone cannot show that its end was cut off. Keep the checkpoint directory on
another machine than the database.

What is not provable: rows deleted before they were sealed (watch the unsealed age), and a tail
cut off together with the checkpoints that name it.

Source: GB/T 22239-2019 8.1.4.3 安全审计; GM/T 0004 (SM3).
"""

from __future__ import annotations

import hmac
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from typing import Any, Final, Protocol

from sqlalchemy import Connection, Engine, Insert, Select, bindparam, func, select
from sqlalchemy.exc import IntegrityError

from servicekit.audit import AuditTables, canonical, unsealed, unsealed_age
from servicekit.audit_chain import AuditChain
from servicekit.audit_checkpoints import Checkpoint
from servicekit.clock import Clock, civil_day
from servicekit.crypto import CryptoProvider, UnknownKeyError
from servicekit.errors import ConflictError

__all__ = [
    "AuditReport",
    "AuditSealer",
    "Broken",
    "SealingConflictError",
    "sealed_rows",
    "verify",
    "verify_row",
]

BATCH: Final = 500  # rows sealed in one transaction
READ_BATCH: Final = 2000  # rows verified at once
WINDOW: Final = 100_000  # ids looked through by one query
LISTED: Final = 1000  # breaks a report names; it counts all
SETTLED: Final = 60.0  # seconds; longer than a transaction of ours lives (statement timeouts)
SWEPT: Final = 3600.0  # seconds between looks at all ids, for one that lived longer all the same


class SealingConflictError(ConflictError):
    """Another sealer extended the chain at the same moment; nothing was sealed here."""

    reason = "AUDIT_SEALED_ELSEWHERE"


class Holding(Protocol):
    """The sealer's lease (`servicekit.leases`)."""

    def acquire(self) -> int | None: ...
    def holds(self, connection: Connection, epoch: int) -> bool: ...


class AuditSealer:
    """Extends the chain of one service; one sealer at a time, by its lease.

    Two sealers that both believe in their lease cannot fork the chain: `seq` is a primary key.
    """

    def __init__(
        self,
        engine: Engine,
        chain: AuditChain,
        *,
        clock: Clock,
        lease: Holding | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._engine = engine
        self._chain = chain
        self._log = chain.log
        self._clock = clock
        self._lease = lease
        self._monotonic = monotonic
        self._floor = 0  # up to here every id is sealed or, very probably, was never committed
        self._swept_at = monotonic()
        self._seen: tuple[float, int] | None = None
        self._exported: int | None = None
        self._out_under: int | None = None  # the epoch in which the head is known to be out

    def run_once(self) -> int:
        """Seal what is unsealed and export the head; return how many rows were sealed."""
        sealed = 0
        if (epoch := self._acquire()) is None:
            return 0
        if epoch != self._out_under:
            self._export(epoch)
        top = self._last_id()
        seen_at = self._monotonic()
        if seen_at - self._swept_at >= SWEPT:
            self._floor, self._swept_at = 0, seen_at
        low = self._floor
        while low < top:
            high = min(low + WINDOW, top)
            batch = self._seal_batch(epoch, low, high)
            sealed += batch
            if batch:
                self._export(epoch)
            if batch < BATCH:
                low = high
            if low < top and (epoch := self._acquire()) is None:
                return sealed
        self._settle(seen_at, top)
        return sealed

    def sweep(self) -> None:
        """`run_once` for a scheduler that wants no answer."""
        self.run_once()

    def unsealed_age(self, now: datetime) -> timedelta:
        """The metric; cheap, because it looks only where unsealed rows can be."""
        return unsealed_age(self._engine, self._chain.tables, now, above=self._floor)

    def _acquire(self) -> int | None:
        return 0 if self._lease is None else self._lease.acquire()

    def _last_id(self) -> int:
        with self._engine.connect() as connection:
            return connection.execute(_statements(self._chain.tables).last_id).scalar() or 0

    def _seal_batch(self, epoch: int, low: int, high: int) -> int:
        statements = _statements(self._chain.tables)
        try:
            with self._engine.begin() as connection:
                if self._lease is not None and not self._lease.holds(connection, epoch):
                    raise SealingConflictError("The lease went to another sealer")
                found = connection.execute(statements.unsealed, {"above": low, "upto": high}).all()
                if found:
                    self._out_under = None  # whatever happens from here on, export again
                    seals = self._chained(_head(connection, self._chain.tables), found)
                    connection.execute(statements.seal, seals)
        except IntegrityError as error:
            raise SealingConflictError("Another sealer was quicker") from error
        return len(found)

    def _chained(
        self, head: tuple[int, bytes] | None, rows: Sequence[Any]
    ) -> list[dict[str, object]]:
        last, mac = head or (0, self._chain.genesis)
        crypto = self._chain.crypto
        key_id = crypto.current_key("audit")
        seals: list[dict[str, object]] = []
        for seq, row in enumerate(rows, start=last + 1):
            mac = crypto.mac("audit", key_id, mac + canonical(row))
            seals.append({"seq": seq, "audit_id": row.id, "key_id": key_id, "mac": mac})
        return seals

    def _export(self, epoch: int) -> None:
        """Write the head's checkpoint unless it is out already.

        It is not after a crash, of this process or of the one that sealed before it.
        """
        if self._exported is None:
            self._exported = self._log.last_seq()
        with self._engine.connect() as connection:
            head = _head(connection, self._chain.tables)
        if head is not None and head[0] > self._exported:
            self._write_out(head)
        self._out_under = epoch

    def _write_out(self, head: tuple[int, bytes]) -> None:
        now = self._clock.now()
        checkpoint = Checkpoint.signed(
            self._chain.crypto, chain=self._chain.name, seq=head[0], mac=head[1], at=now
        )
        self._log.append(checkpoint, civil_day(now))
        self._exported = head[0]

    def _settle(self, seen_at: float, top: int) -> None:
        """Raise the floor to an id that was given so long ago that its transaction is over."""
        if self._seen is None:
            self._seen = (seen_at, top)
        elif seen_at - self._seen[0] >= SETTLED:
            self._floor = self._seen[1]
            self._seen = (seen_at, top)


@dataclass(frozen=True, slots=True)
class _Statements:
    last_id: Select[Any]
    head: Select[Any]
    unsealed: Select[Any]
    seal: Insert


@cache
def _statements(tables: AuditTables) -> _Statements:
    """Return what a sealer says every second; made once."""
    audit, seal = tables.audit, tables.seal
    rows = unsealed(tables, above=bindparam("above"), upto=bindparam("upto"))
    return _Statements(
        last_id=select(func.max(audit.c.id)),
        head=select(seal.c.seq, seal.c.mac).order_by(seal.c.seq.desc()).limit(1),
        unsealed=rows.order_by(audit.c.id).limit(BATCH),
        seal=seal.insert(),
    )


def _head(connection: Connection, tables: AuditTables) -> tuple[int, bytes] | None:
    row = connection.execute(_statements(tables).head).first()
    return None if row is None else (row.seq, row.mac)


@dataclass(frozen=True, slots=True)
class Broken:
    """One place where the chain does not hold."""

    kind: str  # ROW_CHANGED ROW_MISSING SEAL_MISSING KEY_UNKNOWN CHECKPOINT_DIFFERS …_FORGED
    seq: int
    audit_id: int | None = None


@dataclass(slots=True)
class AuditReport:
    """What the chain and its checkpoints prove.

    `missing` counts sealed rows that a checkpoint knows and the database has no more;
    `unanchored` counts sealed rows that no checkpoint vouches for yet.
    """

    sealed: int = 0
    unsealed: int = 0
    checkpoints: int = 0
    missing: int = 0
    unanchored: int = 0
    broken_count: int = 0
    broken: list[Broken] = field(default_factory=list)  # the first LISTED of them

    @property
    def truncated(self) -> bool:
        return self.missing > 0

    @property
    def intact(self) -> bool:
        """Nothing was changed; a chain of which no checkpoint exists proves nothing."""
        anchored = self.checkpoints > 0 or self.sealed == 0
        return not self.broken_count and not self.truncated and anchored

    def add(self, kind: str, seq: int, audit_id: int | None = None) -> None:
        self.broken_count += 1
        if len(self.broken) < LISTED:
            self.broken.append(Broken(kind, seq, audit_id))


def verify(engine: Engine, chain: AuditChain) -> AuditReport:
    """Compare every sealed row, seal and checkpoint; safe while the sealer works.

    A changed row breaks its own place only: the next is chained to the seal as it is stored.
    """
    report = AuditReport()
    # Checkpoints first: the database is then at least as far as they are.
    known = _checkpoints(report, chain)
    last, previous = 0, chain.genesis
    for row in sealed_rows(engine, chain.tables):
        if row.seq != last + 1:
            report.add("SEAL_MISSING", last + 1)
            previous = known.get(row.seq - 1, b"")
        verify_row(report, chain.crypto, row, previous)
        if not hmac.compare_digest(known.get(row.seq, row.mac), row.mac):
            report.add("CHECKPOINT_DIFFERS", row.seq, row.audit_id)
        last, previous = row.seq, row.mac
        report.sealed += 1
    report.missing = max(max(known, default=0) - last, 0)
    report.unanchored = max(last - max(known, default=0), 0)
    report.unsealed = _count_unsealed(engine, chain.tables)
    return report


def _checkpoints(report: AuditReport, chain: AuditChain) -> dict[int, bytes]:
    known: dict[int, bytes] = {}
    for line in chain.log.lines():
        checkpoint = Checkpoint.read(line)
        if checkpoint is None or not checkpoint.holds(chain.crypto, chain.name):
            report.add("CHECKPOINT_FORGED", checkpoint.seq if checkpoint else 0)
            continue
        report.checkpoints += 1
        mac = bytes.fromhex(checkpoint.mac)
        if known.setdefault(checkpoint.seq, mac) != mac:
            report.add("CHECKPOINT_DIFFERS", checkpoint.seq)
    return known


def verify_row(report: AuditReport, crypto: CryptoProvider, row: Any, previous: bytes) -> None:
    """Compare a sealed row with its seal; `previous` is empty where that is not known."""
    if row.id is None:
        report.add("ROW_MISSING", row.seq, row.audit_id)
        return
    if not previous:  # its predecessor is gone, which is reported already
        return
    try:
        mac = crypto.mac("audit", row.key_id, previous + canonical(row))
    except UnknownKeyError:
        report.add("KEY_UNKNOWN", row.seq, row.audit_id)
        return
    if not hmac.compare_digest(mac, row.mac):
        report.add("ROW_CHANGED", row.seq, row.audit_id)


def sealed_rows(engine: Engine, tables: AuditTables, *, after: int = 0) -> Iterator[Any]:
    """Yield every seal behind `after` with its row, in order, a page at a time."""
    audit, seal = tables.audit, tables.seal
    rows = select(seal, audit).select_from(seal.outerjoin(audit, audit.c.id == seal.c.audit_id))
    last = after
    while True:
        with engine.connect() as connection:
            batch = connection.execute(
                rows.where(seal.c.seq > last).order_by(seal.c.seq).limit(READ_BATCH)
            ).all()
        if not batch:
            return
        yield from batch
        last = batch[-1].seq


def _count_unsealed(engine: Engine, tables: AuditTables) -> int:
    with engine.connect() as connection:
        top = connection.execute(select(func.max(tables.audit.c.id))).scalar() or 0
    count = 0
    for low in range(0, top, WINDOW):
        with engine.connect() as connection:
            count += connection.execute(
                unsealed(tables, func.count(), above=low, upto=low + WINDOW)
            ).scalar_one()
    return count
