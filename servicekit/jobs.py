"""Work that leaves the process: leased rows, tried until done or out of time.

A row is claimed for a while, its handler runs outside any transaction, and
its result is stored under the row's key, so that a job done twice has one
effect. A failure is tried again later; at its deadline the job is dead and
stands among the dead letters, where an operator finds it and may revive it.
Its times are the machine's, never legal time; a sweep alone is due by either,
so that what the law does by itself need not wait when a rehearsal moves on.
"""

from __future__ import annotations

import json
import logging
import threading
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any, Final

from sqlalchemy import (
    Column,
    Connection,
    Engine,
    Integer,
    MetaData,
    Select,
    Table,
    Text,
    TextClause,
    Update,
    bindparam,
    select,
    update,
)

from servicekit.clock import Clock, SystemClock
from servicekit.database import UTCDateTime, compiled_once, insert_for
from servicekit.telemetry import JOBS, propagator, tracer

__all__ = [
    "DeadJob",
    "Job",
    "JobRunner",
    "Sweep",
    "dead_jobs",
    "enqueue",
    "job_table",
    "revive",
]

log = logging.getLogger(__name__)

TRIED_FOR: Final = timedelta(days=1)
LEASED_FOR: Final = timedelta(seconds=60)
FIRST_RETRY: Final = timedelta(seconds=2)
LONGEST_RETRY: Final = timedelta(minutes=10)
SWEPT_AGAIN: Final = timedelta(seconds=5)  # after a sweep that failed
# A job that waits for its first attempt is due at any time; its deadline is kept as a
# distance from here and begins to run with that attempt. So whoever asks for a job needs
# no clock, and legal time, which a rehearsal may steer, never moves one.
AT_ONCE: Final = datetime(1970, 1, 1, tzinfo=UTC)


def job_table(metadata: MetaData) -> Table:
    return Table(
        "job",
        metadata,
        Column("key", Text, primary_key=True, comment="作业标识（同一作业只有一行）"),
        Column("kind", Text, nullable=False, comment="作业类型"),
        Column("payload", Text, nullable=False, comment="参数（JSON，不含个人信息）"),
        Column("state", Text, nullable=False, index=True, comment="WAITING/DONE/DEAD"),
        Column("attempts", Integer, nullable=False, comment="已尝试次数"),
        Column("next_at", UTCDateTime, nullable=False, comment="下次尝试时间"),
        Column("deadline_at", UTCDateTime, nullable=False, comment="期限"),
        Column("holder", Text, comment="正在处理的进程"),
        Column("failure", Text, comment="最近一次失败原因"),
        Column("traceparent", Text, nullable=False, comment="追踪上下文"),
    )


@dataclass(frozen=True, slots=True)
class Job:
    """One claimed job."""

    key: str
    kind: str
    payload: Mapping[str, Any]
    attempts: int
    traceparent: str
    deadline_at: datetime


def enqueue(
    connection: Connection,
    table: Table,
    *,
    key: str,
    kind: str,
    payload: Mapping[str, Any],
    within: timedelta = TRIED_FOR,
    traceparent: str = "",
) -> None:
    """Ask for a job inside the caller's transaction; asking twice is asking once.

    It is tried for as long as `within`, counted from its first attempt.
    """
    row = {
        "key": key,
        "kind": kind,
        "payload": json.dumps(payload, ensure_ascii=False, sort_keys=True),
        "state": "WAITING",
        "attempts": 0,
        "next_at": AT_ONCE,
        "deadline_at": AT_ONCE + within,
        "traceparent": traceparent,
    }
    connection.execute(_asking(insert_for(connection), table, tuple(row)), row)


@cache
def _asking(insert: Callable[[Table], Any], table: Table, names: tuple[str, ...]) -> TextClause:
    return compiled_once(insert(table).on_conflict_do_nothing(), names)


@dataclass(frozen=True, slots=True)
class DeadJob:
    """A job that ran out of time; `failure` is why its last attempt did not do."""

    key: str
    kind: str
    attempts: int
    failure: str
    deadline_at: datetime


def dead_jobs(engine: Engine, table: Table, limit: int = 100) -> list[DeadJob]:
    """Return the jobs that are given up, the longest dead first."""
    rows = (
        select(*(table.c[field.name] for field in fields(DeadJob)))
        .where(table.c.state == "DEAD")
        .order_by(table.c.deadline_at, table.c.key)
        .limit(limit)
    )
    with engine.connect() as connection:
        return [DeadJob(*row) for row in connection.execute(rows)]


def revive(
    engine: Engine, table: Table, key: str | None = None, *, within: timedelta = TRIED_FOR
) -> int:
    """Let a dead job, or all of them, be tried again as if just asked for; return how many.

    A job that is not dead is left as it is. The last failure stays to be read
    until the job is done.
    """
    dead = table.c.state == "DEAD"
    again = (
        update(table)
        .where(dead if key is None else dead & (table.c.key == key))
        .values(
            state="WAITING",
            attempts=0,
            next_at=AT_ONCE,
            deadline_at=AT_ONCE + within,
            holder=None,
        )
    )
    with engine.begin() as connection:
        return connection.execute(again).rowcount


@dataclass(frozen=True, slots=True)
class Sweep:
    """Something to look after every so often: `work` must be safe to repeat."""

    name: str
    every: timedelta
    work: Callable[[], None]


JobHandler = Callable[[Job], None]


class JobRunner:
    """Claims and does the jobs of one service, and its sweeps."""

    def __init__(
        self,
        engine: Engine,
        table: Table,
        service: str,
        handlers: Mapping[str, JobHandler],
        *,
        clock: Clock,
        legal: Clock | None = None,
        sweeps: tuple[Sweep, ...] = (),
        leased_for: timedelta = LEASED_FOR,
    ) -> None:
        self._engine = engine
        self._due, self._retries, self._this, self._mine = _statements(table)
        self._service = service
        self._handlers = handlers
        self._clock = clock
        self._legal = legal or SystemClock()
        self._sweeps = sweeps
        self._leased_for = leased_for
        self._swept: dict[str, tuple[datetime, datetime]] = {}
        self._not_before: dict[str, datetime] = {}
        self._holder = str(uuid.uuid4())
        self._went_through = False
        self._retries_first = True

    @property
    def is_working(self) -> bool:
        """Whether a turn of the loop went through: the database is there, with its tables."""
        return self._went_through

    def run_once(self, limit: int = 10) -> int:
        """Do at most `limit` jobs that are due; return how many were tried."""
        tried = 0
        while tried < limit and (job := self._claim()) is not None:
            self._do(job)
            tried += 1
        return tried

    def sweep(self) -> None:
        """Do each sweep whose time has come.

        One that fails keeps none behind it from its turn, and it has had no turn: it
        is due again soon. All failures are raised together, after the last sweep.
        """
        failures: list[Exception] = []
        now, legal = self._clock.now(), self._legal.now()
        for sweep in self._sweeps:
            if not self._is_due(sweep, now, legal):
                continue
            try:
                sweep.work()
            except Exception as error:  # noqa: BLE001 -- whatever it is, the others wait for none
                error.add_note(f"sweep {sweep.name}")
                failures.append(error)
                self._not_before[sweep.name] = now + min(sweep.every, SWEPT_AGAIN)
            else:
                self._swept[sweep.name] = (now, legal)
        if failures:
            raise ExceptionGroup("sweeps failed", failures)

    def _is_due(self, sweep: Sweep, now: datetime, legal: datetime) -> bool:
        if now < self._not_before.get(sweep.name, now):
            return False
        if (last := self._swept.get(sweep.name)) is None:
            return True
        # A rehearsal may also take legal time back: to the day on which it begins.
        return now - last[0] >= sweep.every or abs(legal - last[1]) >= sweep.every

    def run(self, stop: threading.Event, wake: threading.Event, *, every: float = 1.0) -> None:
        """Work until `stop`; `wake` shortens the wait when something was enqueued.

        Sweeps have their turn between two jobs, and a stop is heeded there.
        """
        while not stop.is_set():
            tried = 0
            try:
                try:
                    self.sweep()
                finally:
                    tried = self.run_once(limit=1)
                self._went_through = True
            except Exception:  # the process loop: whatever it was is logged and tried again
                log.exception("jobs_loop_failed")
            if tried:
                continue
            wake.wait(every)
            wake.clear()

    def _claim(self) -> Job | None:
        """Claim a job that is due; those tried before and those that are new take turns.

        New ones alone would keep a job that failed once waiting behind all that come after
        it, retries alone would let those that always fail keep new ones waiting.
        """
        now = self._clock.now()
        with self._engine.begin() as connection:
            row = connection.execute(self._due, {"now": now}).one_or_none()
            if row is None:
                return None
            if self._retries_first and row.attempts == 0:
                row = connection.execute(self._retries, {"now": now}).one_or_none() or row
            self._retries_first = not self._retries_first
            attempts = row.attempts + 1
            deadline_at = row.deadline_at
            if attempts == 1:
                deadline_at = now + (row.deadline_at - AT_ONCE)
            values = {
                "attempts": attempts,
                "holder": self._holder,
                "next_at": now + self._leased_for,
                "deadline_at": deadline_at,
            }
            connection.execute(self._this, {"this": row.key, **values})
        payload = json.loads(row.payload)
        return Job(row.key, row.kind, payload, attempts, row.traceparent, deadline_at)

    def _do(self, job: Job) -> None:
        if job.attempts > 1 and self._clock.now() > job.deadline_at:
            # Those who tried it last did not live to say why it failed.
            self._set(job, state="DEAD", failure="out of time")
            return
        context = propagator.extract({"traceparent": job.traceparent})
        try:
            with tracer.start_as_current_span(f"{job.kind} job", context=context):
                self._handlers[job.kind](job)
        except Exception as error:  # noqa: BLE001 -- any failure is kept with its reason
            self._failed(job, error)
        else:
            self._set(job, state="DONE", failure=None)
            JOBS.labels(self._service, job.kind, "done").inc()

    def _failed(self, job: Job, error: Exception) -> None:
        JOBS.labels(self._service, job.kind, "failed").inc()
        log.warning("job_failed", extra={"job": job.key, "attempt": job.attempts}, exc_info=error)
        next_at = self._clock.now() + min(
            FIRST_RETRY * 2 ** min(job.attempts - 1, 16), LONGEST_RETRY
        )
        state = "DEAD" if next_at > job.deadline_at else "WAITING"
        reason = repr(error).replace("\x00", "")[:500]
        self._set(job, state=state, failure=reason, next_at=next_at)

    def _set(self, job: Job, **values: Any) -> None:
        """Write what became of the job, unless somebody else has claimed it since."""
        mine = {"this": job.key, "me": self._holder, "attempt": job.attempts}
        with self._engine.begin() as connection:
            connection.execute(self._mine, {**mine, **values})


@cache
def _statements(table: Table) -> tuple[Select[Any], Select[Any], Update, Update]:
    """Return what finds a job and one tried before, what writes it, what writes one's own only.

    Made once, because a runner asks every second; what is written is named by
    the parameters.
    """
    c = table.c
    due = (
        select(table)
        .where(c.state == "WAITING", c.next_at <= bindparam("now"))
        .order_by(c.next_at, c.key)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    retries = due.where(c.next_at > AT_ONCE)  # new ones are due since then
    this = update(table).where(c.key == bindparam("this"))
    mine = this.where(c.holder == bindparam("me"), c.attempts == bindparam("attempt"))
    return due, retries, this, mine
