from __future__ import annotations

import hashlib
import shutil
import ssl
import subprocess
import time
from pathlib import Path
from typing import Final
from urllib.parse import quote, urlencode

import amqp
from amqp.exceptions import AMQPError

from devstack.accounts import give, server_account
from devstack.errors import DevstackError
from devstack.packages import Program, require_programs
from devstack.ports import LOOPBACK, free_port
from devstack.processes import POLL_SECONDS, READY_SECONDS, ManagedProcess, listens_on
from devstack.server import USER, Server, ServerTls
from devstack.state import ProcessRecord

CONNECT_SECONDS: Final = 10
COMMAND_SECONDS: Final = 120
LOOPBACK_FOR_ERLANG: Final = "-kernel inet_dist_use_interface {127,0,0,1}"

CONFIGURATION: Final = """\
{listener}
default_user = {user}
default_pass = {password}
disk_free_limit.absolute = {disk_free_limit}
vm_memory_high_watermark.{memory_limit}
log.console = true
log.console.use_colors = off
log.console.level = info
log.file = false
"""

PLAIN: Final = "listeners.tcp.1 = {address}:{port}"
ENCRYPTED: Final = """\
listeners.tcp = none
listeners.ssl.1 = {address}:{port}
ssl_options.cacertfile = {tls.ca}
ssl_options.certfile = {tls.cert}
ssl_options.keyfile = {tls.key}
ssl_options.verify = verify_peer
ssl_options.fail_if_no_peer_cert = true"""


class RabbitMQ(Server):
    """A private RabbitMQ node on 127.0.0.1 with an epmd of its own and no plugins.

    Under root it runs as the user `rabbitmq`, else as ourselves. Clients log in as `liandong`
    with a password made for this folder. The node's name follows from the folder, because the
    broker files its data under its name.

    Below `disk_free_limit` on the disk, or above `memory_limit`, the broker stops taking
    messages, so the limits suit a machine that also does other work.
    """

    def __init__(
        self,
        base_dir: Path,
        *,
        port: int | None = None,
        disk_free_limit: str = "200MB",
        memory_limit: str = "relative = 0.4",
        program: Program | None = None,
        tls: ServerTls | None = None,
    ) -> None:
        program = program or require_programs(postgres=False).rabbitmq
        if program is None:
            raise DevstackError("no RabbitMQ was given or found")
        super().__init__(base_dir, server_account("rabbitmq"), port=port)
        self._bin = program.folder
        self._tls = tls
        self._limits = {"disk_free_limit": disk_free_limit, "memory_limit": memory_limit}
        mark = hashlib.sha256(str(self.folder).encode()).hexdigest()[:8]
        self.node_name = f"liandong-{mark}@localhost"
        self._epmd_port = free_port()
        self._env = self._node_environment(dist_port=free_port())
        self._epmd = self._managed(
            "epmd", [_epmd(), "-port", str(self._epmd_port), "-address", LOOPBACK]
        )
        self._node = self._managed("rabbitmq", [self._bin / "rabbitmq-server"])

    @property
    def log(self) -> Path:
        return self._node.log

    def launch(self) -> None:
        self._write_configuration()
        if not self._epmd.alive():
            # Ours first: the node would else start one that outlives it.
            self._epmd.start()
            self.on_change()
            self._epmd.wait_ready(listens_on(self._epmd_port))
        self._node.start()
        self.on_change()

    def wait_ready(self, *, deadline: float = READY_SECONDS) -> None:
        self._node.wait_ready(self._lacking, deadline=deadline)

    def alive(self) -> bool:
        return self._node.alive()

    def stop(self) -> None:
        self._node.stop()
        self._epmd.stop()
        self.on_change()

    def kill(self) -> None:
        self._node.kill()
        self.on_change()

    def records(self) -> list[ProcessRecord]:
        found = [self._epmd.record(), self._node.record()]
        return [record for record in found if record]

    def url(self, vhost: str = "/") -> str:
        """Return the AMQP address of a virtual host."""
        place = f"{LOOPBACK}:{self.port}/{quote(vhost, safe='')}"
        if self._tls is None:
            return f"amqp://{USER}:{self._password()}@{place}"
        files = {
            "cacertfile": self._tls.ca,
            "certfile": self._tls.client_cert,
            "keyfile": self._tls.client_key,
        }
        return f"amqps://{USER}:{self._password()}@{place}?{urlencode(files, safe='/')}"

    def create_vhost(self, name: str) -> str:
        """Make a virtual host that our user may use in full; return its AMQP address."""
        self.ctl("add_vhost", name)
        self.ctl("set_permissions", "-p", name, USER, ".*", ".*", ".*")
        return self.url(name)

    def delete_vhost(self, name: str) -> None:
        self.ctl("delete_vhost", name)

    def wait_recoverable(self, *queues: str, vhost: str = "/", deadline: float = 30.0) -> None:
        """Return when a kill would no longer lose these quorum queues; call it before `kill`.

        The broker writes the name of a new quorum queue to disk up to a second after it has
        confirmed the declaration. Killed in between (seen with 3.10.8), it knows the queue at
        its next start, yet the queue never finds its leader and every use of it times out.
        """
        place = quote(vhost, safe="")
        limit = time.monotonic() + deadline
        while missing := [name for name in queues if not self._is_on_disk(f"{place}_{name}")]:
            if time.monotonic() >= limit:
                raise DevstackError(f"quorum queues not on disk: {', '.join(missing)}")
            time.sleep(POLL_SECONDS)

    def ctl(self, *words: str) -> str:
        """Run one rabbitmqctl command on this node and return what it prints."""
        done = subprocess.run(  # noqa: S603 - our own program, no shell
            [self._bin / "rabbitmqctl", "--silent", *words],
            cwd=self.folder,
            env=self._env,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=COMMAND_SECONDS,
            user=self.account.uid if self.account else None,
            group=self.account.gid if self.account else None,
            extra_groups=[] if self.account else None,
        )
        if done.returncode != 0:
            output = (done.stderr + done.stdout).strip()
            raise DevstackError(f"rabbitmqctl {words[0]} failed ({done.returncode}): {output}")
        return done.stdout

    def _is_on_disk(self, queue: str) -> bool:
        tables = self.folder.glob("mnesia/*/quorum/*/names.dets")
        return any(queue.encode() in table.read_bytes() for table in tables)

    def _managed(self, name: str, command: list[str | Path]) -> ManagedProcess:
        return ManagedProcess(
            name,
            command,
            log=self.folder / f"{name}.log",
            env=self._env,
            cwd=self.folder,
            account=self.account,
            stop_timeout=60.0,
        )

    def _node_environment(self, *, dist_port: int) -> dict[str, str]:
        return self._environment(
            RABBITMQ_CONF_ENV_FILE="/dev/null",
            RABBITMQ_CONFIG_FILE=str(self.folder / "rabbitmq"),
            RABBITMQ_CONFIG_FILES=str(self.folder / "conf.d"),
            RABBITMQ_ADVANCED_CONFIG_FILE=str(self.folder / "advanced.config"),
            RABBITMQ_ENABLED_PLUGINS_FILE=str(self.folder / "enabled_plugins"),
            RABBITMQ_NODENAME=self.node_name,
            RABBITMQ_DIST_PORT=str(dist_port),
            RABBITMQ_MNESIA_BASE=str(self.folder / "mnesia"),
            RABBITMQ_LOG_BASE=str(self.folder),
            RABBITMQ_PID_FILE=str(self.folder / "rabbitmq.pid"),
            RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS=f"{LOOPBACK_FOR_ERLANG} -start_epmd false",
            RABBITMQ_CTL_ERL_ARGS=f"{LOOPBACK_FOR_ERLANG} -start_epmd false",
            # The start script then becomes the node itself, with the pid that we know.
            RUNNING_UNDER_SYSTEMD="true",
            ERL_EPMD_PORT=str(self._epmd_port),
            ERL_EPMD_ADDRESS=LOOPBACK,
            ERL_CRASH_DUMP=str(self.folder / "erl_crash.dump"),
        )

    def _write_configuration(self) -> None:
        place = {"address": LOOPBACK, "port": self.port}
        if self._tls is None:
            listener = PLAIN.format(**place)
        else:
            listener = ENCRYPTED.format(**place, tls=self._own_tls(self._tls))
        text = CONFIGURATION.format(
            listener=listener,
            user=USER,
            password=self._password(),
            **self._limits,
        )
        for name, content in (("rabbitmq.conf", text), ("enabled_plugins", "[].\n")):
            path = self.folder / name
            path.touch(mode=0o600)
            path.write_text(content, encoding="ascii")
            give(path, self.account)

    def _lacking(self) -> str | None:
        """Log in as a client does: the port opens before the broker lets anybody in."""
        try:
            with amqp.Connection(
                host=f"{LOOPBACK}:{self.port}",
                userid=USER,
                password=self._password(),
                connect_timeout=CONNECT_SECONDS,
                read_timeout=CONNECT_SECONDS,
                write_timeout=CONNECT_SECONDS,
                ssl=self._verification(),
            ) as connection:
                connection.channel().close()
        except (OSError, AMQPError) as error:
            return f"no AMQP login yet: {error}"
        return None

    def _verification(self) -> dict[str, object] | bool:
        """Return what a client needs to be sure of this broker, and this broker of it."""
        if self._tls is None:
            return False
        return {
            "cert_reqs": ssl.CERT_REQUIRED,
            "server_hostname": LOOPBACK,
            "ca_certs": str(self._tls.ca),
            "certfile": str(self._tls.client_cert),
            "keyfile": str(self._tls.client_key),
        }


def _epmd() -> Path:
    on_path = shutil.which("epmd")
    found = [Path(on_path)] if on_path else sorted(Path("/usr/lib/erlang").glob("erts-*/bin/epmd"))
    if not found:
        raise DevstackError("Erlang's epmd was found neither in PATH nor under /usr/lib/erlang")
    return found[-1]
