"""The node: started in network, mount and process namespaces of its own, it runs all parts.

It is the first process of its process namespace: when it ends, the kernel ends whatever it
started, and with the last process go the mounts, the links and the rules of the firewall.
Run by `cluster.up` as `python -m deploy.cluster.node FOLDER PROGRAMS LISTENER`.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import Final

from deploy.cluster.cgroups import make_cgroup
from deploy.cluster.components import Component, components
from deploy.cluster.errors import ClusterError
from deploy.cluster.layout import API_PORT, NODE_ADDRESS, NODE_NETWORK, Layout
from devstack.errors import DevstackError
from devstack.processes import ManagedProcess, listens_on

READY_SECONDS: Final = 600.0
WATCH_SECONDS: Final = 1.0
VITALS_SECONDS: Final = 30.0
# The kubelet insists on these of the whole machine; here it reads and writes copies.
TUNABLES: Final = {
    "vm/overcommit_memory": "1",
    "vm/panic_on_oom": "0",
    "kernel/panic": "10",
    "kernel/panic_on_oops": "1",
    "kernel/keys/root_maxkeys": "1000000",
    "kernel/keys/root_maxbytes": "25000000",
}


class Node:
    """All processes of the node, started in order and watched together."""

    def __init__(self, layout: Layout, parts: Sequence[Component]) -> None:
        self._parts = parts
        self._processes = [
            ManagedProcess(part.name, part.command, log=layout.logs / f"{part.name}.log")
            for part in parts
        ]
        self._ended = threading.Event()
        self._told_by = ""

    def run(self) -> None:
        """Start every part, watch them, and stop them in the opposite order when told to."""
        signal.signal(signal.SIGTERM, self._end)
        signal.signal(signal.SIGINT, self._end)
        try:
            for part, process in zip(self._parts, self._processes, strict=True):
                if self._ended.is_set():
                    return
                process.start()
                if part.answers is not None:
                    process.wait_ready(listens_on(part.answers), deadline=READY_SECONDS)
                say(f"{part.name} runs")
            self._watch()
        finally:
            if self._told_by:
                say(f"told to end by {self._told_by}")
            for process in reversed(self._processes):
                process.stop()
            # Without this line at its end, the node did not end: it was killed.
            say("every part has ended")

    def _watch(self) -> None:
        told = -VITALS_SECONDS
        while not self._ended.wait(WATCH_SECONDS):
            if time.monotonic() - told >= VITALS_SECONDS:
                told = time.monotonic()
                say(vitals())
            for process in self._processes:
                if not process.alive():
                    tail = "\n".join(f"  | {line}" for line in process.log_tail())
                    raise ClusterError(
                        f"{process.name} ended with exit code {process.exit_code}; "
                        f"the end of {process.log}:\n{tail}"
                    )
            reap_orphans({process.pid for process in self._processes if process.pid})

    def _end(self, number: int, _frame: FrameType | None) -> None:
        self._told_by = signal.Signals(number).name  # not said here: a line may be half written
        self._ended.set()


def vitals() -> str:
    """Return a line with the time and how full the machine is: the last one dates an end."""
    memory = dict(
        line.split(":", 1) for line in Path("/proc/meminfo").read_text("ascii").splitlines()
    )
    disk = shutil.disk_usage("/")
    load = Path("/proc/loadavg").read_text("ascii").split()[0]
    return (
        f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC load {load},"
        f" memory available {memory['MemAvailable'].strip()},"
        f" disk free {disk.free // 2**20} MiB"
    )


def reap_orphans(ours: Collection[int]) -> None:
    """Take leave of ended processes whose parents ended before: the first process inherits them.

    Our own children are left to whoever watches them.
    """
    while True:
        try:
            found = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        except ChildProcessError:
            return
        if found is None or found.si_pid in ours:
            return
        os.waitpid(found.si_pid, 0)


def own_world() -> None:
    """Give the node a /run, a /var and a few settings of the kernel that are not the machine's."""
    run("mount", "-t", "tmpfs", "-o", "mode=755", "tmpfs", "/run")
    for name in ("var-upper", "var-work", "sys"):
        Path("/run", name).mkdir()
    # Everything below /var stays readable; what is written goes to memory and ends with the node.
    layers = "lowerdir=/var,upperdir=/run/var-upper,workdir=/run/var-work"
    run("mount", "-t", "overlay", "-o", layers, "overlay", "/var")
    for name, value in TUNABLES.items():
        place = Path("/proc/sys", name)
        if place.exists():
            copy = Path("/run/sys", name.replace("/", "."))
            copy.write_text(f"{value}\n", encoding="ascii")
            run("mount", "--bind", str(copy), str(place))


def own_network() -> None:
    """Bring up the loopback and a link that carries the node's address and its default route.

    Without a default route a packet to a service's address is refused before any rule sees it.
    """
    run("ip", "link", "set", "lo", "up")
    run("ip", "link", "add", "node0", "type", "bridge")
    run("ip", "address", "add", NODE_NETWORK, "dev", "node0")
    run("ip", "link", "set", "node0", "up")
    run("ip", "route", "add", "default", "dev", "node0", "src", NODE_ADDRESS)
    Path("/proc/sys/net/ipv4/ip_forward").write_text("1\n", encoding="ascii")


def forward(listener: socket.socket) -> None:
    """Carry connections from the machine's 127.0.0.1 to the API server, in a thread of its own.

    The listener was opened before the node left the machine's network and still belongs there.
    """

    async def copy(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        try:
            while chunk := await source.read(65536):
                target.write(chunk)
                await target.drain()
        except ConnectionError:
            pass  # either side may leave at any time; the other is told by the close below
        finally:
            target.close()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            there, back = await asyncio.open_connection("127.0.0.1", API_PORT)
        except OSError:
            writer.close()
            return
        await asyncio.gather(copy(reader, back), copy(there, writer))

    async def main() -> None:
        server = await asyncio.start_server(serve, sock=listener)
        await server.serve_forever()

    threading.Thread(target=lambda: asyncio.run(main()), daemon=True, name="forward").start()


def run(*command: str) -> None:
    done = subprocess.run(  # noqa: S603 -- our own command
        command, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise ClusterError(f"`{' '.join(command)}` failed: {done.stderr.strip()}")


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def main(folder: str, programs: str, cgroup: str, listener: str) -> int:
    layout = Layout(Path(folder))
    try:
        own_world()
        own_network()
        make_cgroup(cgroup)
        forward(socket.socket(fileno=int(listener)))
        Node(layout, components(layout, Path(programs), cgroup)).run()
    except (ClusterError, DevstackError) as error:
        say(str(error))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
