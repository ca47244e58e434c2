from __future__ import annotations

import re
import signal
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlencode

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from devstack.accounts import server_account
from devstack.errors import DevstackError
from devstack.packages import Program, require_programs
from devstack.ports import LOOPBACK
from devstack.processes import READY_SECONDS, ManagedProcess
from devstack.server import USER, Server, ServerTls
from devstack.state import ProcessRecord

DATABASE_NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,62}")
LONGEST_SOCKET_PATH: Final = 107  # sun_path of Linux holds 108 bytes with the closing zero
INITDB_SECONDS: Final = 180
CONNECT_SECONDS: Final = 10


class Postgres(Server):
    """A private PostgreSQL server on 127.0.0.1, durable as in production (fsync stays on).

    Under root it runs as the user `postgres`, else as ourselves. Clients log in as `liandong`
    with a password made for this folder.
    """

    def __init__(
        self,
        base_dir: Path,
        *,
        port: int | None = None,
        max_connections: int = 300,
        shared_buffers: str = "128MB",
        program: Program | None = None,
        tls: ServerTls | None = None,
    ) -> None:
        program = program or require_programs(rabbitmq=False).postgres
        if program is None:
            raise DevstackError("no PostgreSQL was given or found")
        super().__init__(base_dir, server_account("postgres"), port=port)
        self._bin = program.folder
        self._data = self.folder / "data"
        self._tls = tls
        self._process = ManagedProcess(
            "postgres",
            [
                self._bin / "postgres",
                "-D",
                self._data,
                *self._settings(max_connections, shared_buffers),
            ],
            log=self.folder / "log",
            env=self._environment(),
            cwd=self.folder,
            account=self.account,
            stop_signal=signal.SIGINT,  # "fast": ends sessions; SIGTERM would wait for clients
            stop_timeout=60.0,
        )

    @property
    def log(self) -> Path:
        return self._process.log

    @property
    def socket_folder(self) -> Path | None:
        """The folder of the Unix socket; None when its path would be too long for one."""
        path = self.folder / f".s.PGSQL.{self.port}"
        return self.folder if len(bytes(path)) <= LONGEST_SOCKET_PATH else None

    def launch(self) -> None:
        if not self._data.exists():
            self._make_cluster()
        self._process.start()
        self.on_change()

    def wait_ready(self, *, deadline: float = READY_SECONDS) -> None:
        self._process.wait_ready(self._lacking, deadline=deadline)

    def alive(self) -> bool:
        return self._process.alive()

    def stop(self) -> None:
        self._process.stop()
        self.on_change()

    def kill(self) -> None:
        self._process.kill()
        self.on_change()

    def records(self) -> list[ProcessRecord]:
        record = self._process.record()
        return [record] if record else []

    def url(self, name: str = "postgres", driver: str = "psycopg") -> str:
        """Return the SQLAlchemy address of a database, for `psycopg` or `psycopg2`."""
        place = f"postgresql+{driver}://{USER}:{self._password()}@{LOOPBACK}:{self.port}/{name}"
        query = urlencode(self._verification(), safe="/")
        return f"{place}?{query}" if query else place

    def program(self, name: str) -> Path:
        """Return where a program of this version is: pg_dump, psql, pgbench."""
        return self._bin / name

    def create_database(self, name: str, *, template: str = "template0") -> Database:
        """Make a database; from a template that holds tables, it holds them too."""
        if not DATABASE_NAME.fullmatch(name):
            raise DevstackError(f"{name!r} is no database name: lower case letters, digits, _")
        statement = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
        self._administer(statement.format(sql.Identifier(name), sql.Identifier(template)))
        return Database(self, name)

    def drop_database(self, name: str) -> None:
        """Remove a database if it exists, ending the sessions that still use it."""
        statement = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)")
        self._administer(statement.format(sql.Identifier(name)))

    def database_names(self) -> list[str]:
        """Return the databases made here, in order of name."""
        with self._connect() as connection:
            rows = connection.execute(
                "SELECT datname FROM pg_database WHERE NOT datistemplate AND datname <> 'postgres'"
                " ORDER BY datname"
            ).fetchall()
        return [str(row[0]) for row in rows]

    def _settings(self, max_connections: int, shared_buffers: str) -> list[str]:
        settings: dict[str, object] = {
            "listen_addresses": LOOPBACK,
            "port": self.port,
            "unix_socket_directories": self.socket_folder or "",
            "max_connections": max_connections,
            "shared_buffers": shared_buffers,
            "fsync": "on",
            "timezone": "UTC",
            "log_timezone": "UTC",
            "log_line_prefix": "%m [%p] %q%u@%d ",
            "lc_messages": "C",
        }
        if self._tls is not None:
            own = self._own_tls(self._tls)
            settings |= {"ssl": "on", "ssl_cert_file": own.cert, "ssl_key_file": own.key}
        return [word for key, value in settings.items() for word in ("-c", f"{key}={value}")]

    def _make_cluster(self) -> None:
        """Run initdb; a cluster that was not finished never gets the final name."""
        self._password()
        draft = self.folder / "data.new"
        command: list[str | Path] = [self._bin / "initdb", "-D", draft, "-U", USER, "-E", "UTF8"]
        command += ["--locale=C.UTF-8", "-A", "scram-sha-256", "--no-instructions"]
        command += [f"--pwfile={self.folder / 'password'}"]
        script = 'rm -rf "$1"; shift; exec "$@"'
        done = subprocess.run(  # noqa: S603 - our own words
            ["/bin/sh", "-c", script, "initdb", draft, *command],
            cwd=self.folder,
            env=self._environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            timeout=INITDB_SECONDS,
            user=self.account.uid if self.account else None,
            group=self.account.gid if self.account else None,
            extra_groups=[] if self.account else None,
        )
        if done.returncode != 0:
            raise DevstackError(f"initdb failed ({done.returncode}):\n{done.stdout}")
        if self._tls is not None:  # whoever comes without TLS is not let in
            rules = draft / "pg_hba.conf"
            rules.write_text(re.sub(r"(?m)^host\b", "hostssl", rules.read_text("utf-8")), "utf-8")
        draft.rename(self._data)

    def _lacking(self) -> str | None:
        try:
            with self._connect() as connection:
                connection.execute("SELECT 1")
        except psycopg.OperationalError as error:
            return str(error).strip()
        return None

    def _administer(self, statement: sql.Composed) -> None:
        with self._connect() as connection:
            connection.execute(statement)

    def _connect(self) -> psycopg.Connection[tuple[object, ...]]:
        return psycopg.connect(
            make_conninfo(**self._verification()),
            host=LOOPBACK,
            port=self.port,
            user=USER,
            password=self._password(),
            dbname="postgres",
            autocommit=True,
            connect_timeout=CONNECT_SECONDS,
        )

    def _verification(self) -> dict[str, str]:
        """Return what a client says to be sure of this server."""
        if self._tls is None:
            return {}
        return {"sslmode": "verify-full", "sslrootcert": str(self._tls.ca)}


@dataclass(frozen=True, slots=True)
class Database:
    """One database of a private server."""

    server: Postgres
    name: str

    def url(self, driver: str = "psycopg") -> str:
        """Return its SQLAlchemy address, for `psycopg` or `psycopg2`."""
        return self.server.url(self.name, driver)

    def drop(self) -> None:
        self.server.drop_database(self.name)
