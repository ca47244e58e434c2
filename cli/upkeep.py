"""What operators look after: dead letters, the audit chain, calendars, keys."""

from __future__ import annotations

import importlib
from collections.abc import Mapping, Sequence
from pathlib import Path

from sqlalchemy import Table

from cli.installation import Installation, InstallationError
from devstack.state import load_state
from journeys.errors import RefusedError
from servicekit import dead_letters
from servicekit.audit_chain import AuditChain
from servicekit.audit_sealer import verify
from servicekit.crypto import KeyStore, SoftwareCrypto
from servicekit.database import make_engine
from servicekit.jobs import dead_jobs, revive
from servicekit.messaging import peek_dead, queue_name, requeue_dead
from servicekit.sealed import SealedColumn, SealedText, rotate
from servicekit.service import open_resources
from servicekit.stream import Streams
from services import graph
from services.standalone.registry import part_of

__all__ = [
    "import_calendar",
    "list_dead_letters",
    "refuse_while_running",
    "replay_dead_letters",
    "requeue_parked",
    "rotate_keys",
    "verify_audit",
]

PROCESSES = "processes.json"
ALL = 2**31  # the queue's depth at the start is the bound


def list_dead_letters(installation: Installation) -> int:
    """Print stopped streams, dead jobs and parked bodies with their reasons; return how many."""
    found = 0
    for name, url in installation.databases.items():
        engine = make_engine(url, pool_size=1)
        for stopped in dead_letters.stopped_streams(engine):
            found += 1
            print(
                f"{stopped.consumer} ← {stopped.source}  {stopped.stream_id} "
                f"停在第{stopped.seq}个事件"
                f"（此后{stopped.held}个事件等待）：{stopped.failure}"
            )
        for job in dead_jobs(engine, part_of(name).definition.tables.job):
            found += 1
            print(
                f"{name}  作业 {job.kind}  {job.key} 已放弃（尝试{job.attempts}次）：{job.failure}"
            )
        engine.dispose()
        for source in graph.sources_of(name) if installation.amqp_url else ():
            for parked in peek_dead(installation.amqp_url, queue_name(name, source)):
                found += 1
                print(f"{name} ← {source}  无法识别的消息：{parked.reason}")
    print(f"死信共{found}条。" if found else "没有死信。")
    return found


def replay_dead_letters(installation: Installation) -> int:
    """Start stopped streams and dead jobs again; return how many streams are stopped still."""
    left = 0
    for name, url in installation.databases.items():
        part = part_of(name)
        settings = part.settings(
            _env_prefix=f"{name.upper()}_",  # its site: documents are numbered by it
            profile="demonstration",
            database_url=url,
            keyring=Path(installation.keystores[name]),
            keystore=Path(installation.keystores[name]),
            checkpoints=Path(installation.checkpoints),
            blobs=Path(installation.blobs),
        )
        resources = open_resources(part.definition, settings, pool_size=2)
        report = dead_letters.replay_all(
            Streams(resources.engine, name, part.event_handlers(resources))
        )
        revived = revive(resources.engine, part.definition.tables.job)
        print(f"{name}：{report}，重新安排作业{revived}个")
        left += len(dead_letters.stopped_streams(resources.engine))
        resources.close()
    return left


def requeue_parked(installation: Installation) -> int:
    """Put bodies that nobody could read back into their queues; return how many.

    Each is confirmed in its queue before it leaves the other. What still
    cannot be read is parked again.
    """
    if not installation.amqp_url:
        raise InstallationError("该区没有消息代理，没有无法识别的消息。")
    moved = 0
    for name in installation.databases:
        for source in graph.sources_of(name):
            queue = queue_name(name, source)
            if there := requeue_dead(installation.amqp_url, queue, limit=ALL):
                print(f"{name} ← {source}  放回{there}条")
                moved += there
    print(f"共放回{moved}条。")
    return moved


def verify_audit(installation: Installation) -> int:
    """Print the state of each service's audit chain; return how many are not intact."""
    broken = 0
    for name, url in installation.databases.items():
        engine = make_engine(url, pool_size=1)
        crypto = SoftwareCrypto(KeyStore.load(installation.keystores[name]))
        tables = part_of(name).definition.tables.audit
        chain = AuditChain(name, tables, crypto, Path(installation.checkpoints))
        report = verify(engine, chain)
        engine.dispose()
        state = "完整" if report.intact else ("被截断" if report.truncated else "已被改动")
        print(f"{name}：已封存{report.sealed}条，未封存{report.unsealed}条，{state}")
        for each in report.broken:
            print(f"    第{each.seq}号封存：{each.kind}")
        broken += not report.intact
    return broken


def import_calendar(installation: Installation, file: Path) -> int:
    """Import a yearly notice of holidays; return 1 if it was refused."""
    world = installation.world()
    operator = world.staff("p-0601")
    try:
        answer = world.do(
            operator, "catalog", "ImportCalendarYear", notice=file.read_text(encoding="utf-8")
        )
    except RefusedError as error:
        print(error.refusal.text)
        for defect in error.refusal.fields or tuple(error.refusal.facts.values()):
            print(f"    {defect}")
        return 1
    print(f"{answer.year}年放假安排已导入，暂定的期限将重新计算。")
    return 0


def refuse_while_running(folder: Path) -> None:
    """Refuse what running services would not survive: each read its keys when it began.

    The servers may stay, and the database must: its rows are sealed again.
    """
    alive = [
        record.name
        for record in load_state(folder / PROCESSES).processes
        if record.name.partition("-")[0] in graph.SERVICES and record.alive()
    ]
    if alive:
        raise InstallationError(
            f"该区的服务进程仍在运行（{'、'.join(alive)}），不认识新的密钥：请先停止，再换用新密钥。"
        )


def rotate_keys(installation: Installation) -> int:
    """Seal the sealed columns of every service under a new key; return how many rows are left."""
    left = 0
    for name, url in installation.databases.items():
        sealed_tables = sealed_columns(name)
        if not sealed_tables:
            continue
        path = Path(installation.keystores[name])
        keys = KeyStore.load(path).rotated("data")
        keys.save(path)
        engine = make_engine(url, pool_size=1)
        for table, columns in sealed_tables.items():
            report = rotate(engine, table, columns, SealedText(SoftwareCrypto(keys)))
            print(
                f"{name} {table.name}：重新加密{report.resealed}行，剩余{report.remaining}行，"
                f"无法解密{len(report.unreadable)}行"
            )
            left += report.remaining + len(report.unreadable)
        engine.dispose()
    return left


def sealed_columns(service: str) -> Mapping[Table, Sequence[SealedColumn]]:
    """Return the sealed columns of a service by table, as its `orm.SEALED` declares them."""
    orm = importlib.import_module(f"services.{service}.adapters.orm")
    declared: Mapping[Table, Sequence[SealedColumn]] = getattr(orm, "SEALED", {})
    return declared
