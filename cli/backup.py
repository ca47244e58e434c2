"""Backs a district up at one moment, restores it into empty databases, sends again what was lost.

Five databases that were copied one after the other disagree. So writing pauses for as long as it
takes to note one snapshot of each (their outboxes are locked, and no command ends without its
outbox); the copying itself goes by the snapshots while the district goes on. At that moment no
consumer knows an event that its source does not know. The other way round there is one: what lay in
a queue. The queues are not in the backup; `republish` sends it again, and who had it drops it.

Files come after the databases: a file is stored before a row names it. Checkpoints of the audit
come before: a later one would say that rows are missing. Keys are not in a backup.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sqlite3
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

import psycopg
from sqlalchemy import Connection, Table, bindparam, func, make_url, select

from cli.installation import Installation, InstallationError
from servicekit.clock import SystemClock
from servicekit.database import is_sqlite, make_read_engine
from servicekit.messaging import exchange_name
from servicekit.publishing import ConfirmingPublisher
from servicekit.relay import OutgoingMessage
from services.standalone.registry import part_of

__all__ = ["back_up", "republish", "restore"]

MANIFEST: Final = "manifest.json"
FORMAT: Final = 1
LOCK_WAIT_S: Final = 2  # below the time that a command waits for a lock
ATTEMPTS: Final = 10
COPY_S: Final = 6 * 3600
BATCH: Final = 500
FOLDERS: Final = ("blobs", "checkpoints")


def back_up(installation: Installation, folder: Path) -> int:
    """Write databases, files and checkpoints into the new `folder`; return how many files."""
    folder.mkdir(mode=0o700, parents=True)
    folders = _folders(installation)
    if "checkpoints" in folders:  # a later one would name rows that the snapshot does not have
        _copy_folder(folders["checkpoints"], folder / "checkpoints")
    taken_at = SystemClock().now()
    with _one_moment(installation.databases) as snapshots:
        for name, url in installation.databases.items():
            target = folder / _file_of(name, url)
            if is_sqlite(url):
                _copy_sqlite(_sqlite_path(url), target)
            else:
                _run("pg_dump", url, "-Fc", f"--snapshot={snapshots[name]}", f"--file={target}")
            print(f"{name}：{target.name}（{target.stat().st_size}字节）")
    if "blobs" in folders:
        print(f"blobs：{_copy_folder(folders['blobs'], folder / 'blobs')}个文件")
    files = {
        str(path.relative_to(folder)): _digest(path)
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
    manifest = {"format": FORMAT, "taken_at": taken_at.isoformat(), "files": files}
    (folder / MANIFEST).write_text(json.dumps(manifest, indent=1), encoding="utf-8")
    print(f"备份完成：{folder}，{len(files)}个文件。密钥不在备份中，须另行保管。")
    return len(files)


def restore(installation: Installation, folder: Path) -> datetime:
    """Fill empty databases and folders from a backup; return the moment it was taken at.

    Everything is looked at before anything is written: the digests of the
    backup, and that nothing is there already.
    """
    manifest = _read_manifest(folder)
    for name, url in installation.databases.items():
        if _file_of(name, url) not in manifest["files"]:
            raise InstallationError(f"备份中没有 {name} 的数据库（{_file_of(name, url)}）。")
        if _holds_something(url):
            raise InstallationError(f"{name} 的数据库不是空的：只能恢复到空的数据库。")
    for kind, target in _folders(installation).items():
        if target.exists() and any(target.iterdir()):
            raise InstallationError(f"{kind} 的文件夹 {target} 不是空的。")
    for name, url in installation.databases.items():
        source = folder / _file_of(name, url)
        if is_sqlite(url):
            _copy_sqlite(source, _sqlite_path(url))
        else:
            words = ("--exit-on-error", "--single-transaction", "--no-owner", "--no-privileges")
            _run("pg_restore", url, *words, str(source))
        print(f"{name}：已恢复")
    for kind, target in _folders(installation).items():
        print(f"{kind}：{_copy_folder(folder / kind, target)}个文件")
    taken_at = datetime.fromisoformat(manifest["taken_at"])
    print(
        f"已恢复到{taken_at:%Y-%m-%d %H:%M:%S %z}的状态。接着：migrate，启动各进程，"
        "liandong republish，最后用 checker 核对。"
    )
    return taken_at


def republish(installation: Installation, hours: float) -> int:
    """Publish again what was published in the last `hours` of each log; return how many events.

    Counted from the newest event of the log and not from now: the backup may be old. Whoever has
    taken an event drops it, so too much is as good as enough.
    """
    if not installation.amqp_url:
        raise InstallationError("该区没有消息代理：嵌入式的区没有会丢失的队列。")
    sent = 0
    for name, url in installation.databases.items():
        outbox = part_of(name).definition.tables.outbox.outbox
        engine = make_read_engine(url, pool_size=1)
        publisher = ConfirmingPublisher(installation.amqp_url, exchange_name(name))
        with closing(publisher), engine.connect() as connection:
            for batch in _published(connection, outbox, timedelta(hours=hours)):
                if publisher.publish(batch) != {message.event_id for message in batch}:
                    raise InstallationError(f"{name}：消息代理没有收下全部事件，请重做。")
                sent += len(batch)
        engine.dispose()
    print(f"重新发送事件{sent}条，已处理过的将被忽略。")
    return sent


def _published(
    connection: Connection, outbox: Table, span: timedelta
) -> Iterator[list[OutgoingMessage]]:
    """Yield the end of a log in its order; positions have no gaps, so it is walked by them."""
    c = outbox.c
    at = select(c.published_at).where(c.position == bindparam("position"))
    last = connection.execute(select(func.max(c.position))).scalar() or 0
    if not last:
        return
    first, newest = last, connection.execute(at, {"position": last}).scalar_one()
    while first > 0 and connection.execute(at, {"position": first}).scalar_one() >= newest - span:
        first = max(0, first - BATCH)
    for low in range(first, last, BATCH):
        page = c.position.between(low + 1, min(low + BATCH, last))
        rows = connection.execute(
            select(c.event_id, c.type, c.envelope).where(page).order_by(c.position)
        )
        yield [OutgoingMessage(row.event_id, row.type, row.envelope) for row in rows]


@contextmanager
def _one_moment(databases: Mapping[str, str]) -> Iterator[dict[str, str]]:
    """Hold one moment of all databases; yield the names of the snapshots of those that have any.

    On SQLite there are none, so there writing pauses until all is copied.
    """
    addresses = {name: _libpq(url) for name, url in databases.items() if not is_sqlite(url)}
    with ExitStack() as open_until_copied:
        for url in databases.values():
            if is_sqlite(url):
                writer = sqlite3.connect(_sqlite_path(url), isolation_level=None, timeout=30.0)
                open_until_copied.enter_context(closing(writer)).execute("BEGIN IMMEDIATE")
        snapshots = {}
        readers = {
            name: open_until_copied.enter_context(closing(psycopg.connect(address)))
            for name, address in addresses.items()
        }
        with _writing_paused(addresses):
            for name, reader in readers.items():
                reader.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
                row = reader.execute("SELECT pg_export_snapshot()").fetchone()
                snapshots[name] = str(row[0]) if row else ""
        yield snapshots


@contextmanager
def _writing_paused(addresses: Mapping[str, str]) -> Iterator[None]:
    """Let no command and no event end anywhere: every one of them writes to an outbox."""
    for attempt in range(1, ATTEMPTS + 1):
        with ExitStack() as locks:
            try:
                for address in addresses.values():
                    connection = locks.enter_context(closing(psycopg.connect(address)))
                    connection.execute(f"SET lock_timeout = '{LOCK_WAIT_S}s'")
                    connection.execute("LOCK TABLE outbox, stream_position IN SHARE MODE")
            except psycopg.errors.LockNotAvailable:
                if attempt == ATTEMPTS:
                    raise InstallationError(
                        "数据库一直有写入，未能取得一致的时刻，请重试。"
                    ) from None
                time.sleep(0.5)  # others get on meanwhile; all locks are given back first
                locks.close()
                continue
            yield
            return


def _read_manifest(folder: Path) -> Any:
    path = folder / MANIFEST
    if not path.exists():
        raise InstallationError(f"{folder} 不是完整的备份：没有 {MANIFEST}。")
    manifest = json.loads(path.read_text(encoding="utf-8"))
    if manifest["format"] != FORMAT:
        raise InstallationError(f"备份的格式是{manifest['format']}，本版本只识别{FORMAT}。")
    wrong = [
        name
        for name, digest in manifest["files"].items()
        if not (folder / name).is_file() or _digest(folder / name) != digest
    ]
    if wrong:
        raise InstallationError(f"备份已损坏：{'、'.join(wrong[:5])}等{len(wrong)}个文件。")
    return manifest


def _folders(installation: Installation) -> dict[str, Path]:
    given = (installation.blobs, installation.checkpoints)
    return {kind: Path(path) for kind, path in zip(FOLDERS, given, strict=True) if path}


def _copy_folder(source: Path, target: Path) -> int:
    """Copy every file; one that vanishes meanwhile was an orphan that a sweep removed."""
    copied = 0
    for path in sorted(source.rglob("*")) if source.exists() else ():
        if not path.is_file():
            continue
        place = target / path.relative_to(source)
        place.parent.mkdir(parents=True, exist_ok=True)
        try:
            shutil.copy2(path, place)
        except FileNotFoundError:
            continue
        copied += 1
    return copied


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _file_of(name: str, url: str) -> str:
    return f"{name}.db" if is_sqlite(url) else f"{name}.dump"


def _holds_something(url: str) -> bool:
    if is_sqlite(url):
        return _sqlite_path(url).exists()
    with closing(psycopg.connect(_libpq(url))) as connection:
        found = connection.execute("SELECT 1 FROM pg_tables WHERE schemaname = 'public' LIMIT 1")
        return found.fetchone() is not None


def _sqlite_path(url: str) -> Path:
    return Path(make_url(url).database or "")


def _copy_sqlite(source: Path, target: Path) -> None:
    with closing(sqlite3.connect(source)) as old, closing(sqlite3.connect(target)) as new:
        old.backup(new)


def _libpq(url: str) -> str:
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


def _run(program: str, url: str, *words: str) -> None:
    """Run a program of PostgreSQL; the password goes by the environment, which others cannot see.

    No statement timeout: a copy takes as long as it takes.
    """
    found = shutil.which(program)
    if found is None:
        raise InstallationError(
            f"没有找到 {program}：请安装 PostgreSQL 客户端（不低于服务器版本）。"
        )
    address = make_url(url).set(drivername="postgresql")
    password = {"PGPASSWORD": address.password} if isinstance(address.password, str) else {}
    without = address._replace(password=None)
    done = subprocess.run(  # noqa: S603 -- the program that was found, no shell
        [found, f"--dbname={without.render_as_string()}", *words],
        env={**os.environ, **password},
        capture_output=True,
        text=True,
        timeout=COPY_S,
        check=False,
    )
    if done.returncode:
        raise InstallationError(f"{program} 失败：{done.stderr.strip()[-2000:]}")
