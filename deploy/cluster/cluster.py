"""Brings a cluster up and takes it down again, from the machine's side."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from deploy.cluster.build import cache_folder, kubernetes_version, require_programs
from deploy.cluster.certificates import Authority, write_signing_key
from deploy.cluster.cgroups import remove_cgroup
from deploy.cluster.errors import ClusterError
from deploy.cluster.images import require_images
from deploy.cluster.kubectl import Kubectl, find_kubectl, is_ready, wait_until
from deploy.cluster.layout import (
    API_PORT,
    API_SERVICE,
    CONTAINERD,
    DOMAIN,
    NODE,
    NODE_ADDRESS,
    PROJECT,
    VOLUMES,
    Layout,
)
from devstack.identity import ProcessIdentity
from devstack.packages import DebianMachine
from devstack.ports import LOOPBACK, free_port
from devstack.state import ProcessRecord, end_state, load_state, save_state

READY_SECONDS: Final = 1200
STOP_SECONDS: Final = 120.0
MANIFESTS: Final = Path(__file__).resolve().parent / "manifests"
# What the node runs that is not built here, and the Debian package that brings it.
DEBIAN: Final = {
    "containerd": "containerd",
    "runc": "runc",
    "iptables": "iptables",
    "ipset": "ipset",
    "conntrack": "conntrack",
    "podman": "podman",
    "mmdebstrap": "mmdebstrap",
    "/usr/lib/cni/ptp": "containernetworking-plugins",
    "ip": "iproute2",
    "nsenter": "util-linux",
}
CLIENTS: Final = {
    "admin": ("admin", ("system:masters",)),
    "controller-manager": ("system:kube-controller-manager", ()),
    "scheduler": ("system:kube-scheduler", ()),
    "proxy": ("system:kube-proxy", ()),
    "network-policies": ("network-policies", ("system:masters",)),
    "front-proxy": ("front-proxy", ()),
}


def up(layout: Layout) -> None:
    """Return when the node and everything that a cluster brings along is ready."""
    if _record(layout) is not None:
        raise ClusterError(f"a cluster runs already: KUBECONFIG={layout.kubeconfig}")
    if os.geteuid() != 0:
        raise ClusterError("a node needs namespaces, mounts and rules: only root can start one")
    require_packages()
    cache = cache_folder()
    programs = require_programs(cache)
    archives = require_images(cache)
    _clear(layout)
    port = free_port()
    _prepare(layout, port)
    try:
        _start(layout, programs, port)
        _wait(layout)
        load(layout, archives)
        _add(layout)
    except BaseException:  # Ctrl-C too: a half-started node would hold its port and mounts
        down(layout)
        raise


def down(layout: Layout) -> bool:
    """End the cluster and everything in it; False when none ran. The logs stay."""
    facts = load_state(layout.state).facts
    endings = end_state(layout.state)
    if "cgroup" in facts:
        remove_cgroup(facts["cgroup"])
    for folder in (layout.data, layout.volumes, layout.keys, layout.settings):
        shutil.rmtree(folder, ignore_errors=False) if folder.exists() else None
    layout.kubeconfig.unlink(missing_ok=True)
    return bool(endings)


def load(layout: Layout, archives: Sequence[Path]) -> None:
    """Put images into the node's own store: no registry is asked for them."""
    for archive in archives:
        if not archive.is_file():
            raise ClusterError(f"{archive} is not there: it should hold an image")
        inside(
            layout, "ctr", f"--address={CONTAINERD}", "--namespace=k8s.io",
            "images", "import", str(archive.resolve()),
        )  # fmt: skip


def inside(layout: Layout, *command: str) -> str:
    """Run a command in the node's namespaces and return what it printed."""
    record = _record(layout)
    if record is None:
        raise ClusterError("no cluster runs here: `make cluster-up` starts one")
    done = subprocess.run(  # noqa: S603 -- our own command
        [
            _program("nsenter"),
            f"--target={record.identity.pid}",
            "--mount",
            "--net",
            "--pid",
            *command,
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise ClusterError(f"`{' '.join(command)}` failed in the node:\n{done.stderr[-2000:]}")
    return done.stdout


def require_packages() -> None:
    """Install the Debian packages that are missing, where that is allowed."""
    missing = sorted({package for name, package in DEBIAN.items() if shutil.which(name) is None})
    if not missing:
        return
    machine = DebianMachine()
    reason = machine.why_not_install()
    if reason is not None:
        raise ClusterError(f"missing: {' '.join(missing)}. Not installed from here: {reason}.")
    machine.install(missing)


def _program(name: str) -> str:
    """Return where a program of the machine is; `require_packages` has seen to it."""
    found = shutil.which(name)
    if found is None:
        raise ClusterError(f"{name} is not on this machine")
    return found


def _record(layout: Layout) -> ProcessRecord | None:
    for record in load_state(layout.state).processes:
        if record.alive():
            return record
    return None


def node_runs(layout: Layout) -> bool:
    """Say whether the node's first process is there, whatever else still answers."""
    return _record(layout) is not None


def _clear(layout: Layout) -> None:
    """Remove what a cluster left that was killed with its machine; its logs are set aside."""
    down(layout)
    if layout.logs.exists():
        shutil.rmtree(layout.logs_before, ignore_errors=True)
        layout.logs.rename(layout.logs_before)


def _prepare(layout: Layout, port: int) -> None:
    """Write keys and certificates, and make the folders of the volumes."""
    authority = Authority(layout.keys)
    write_signing_key(layout.keys / "accounts")
    authority.issue(
        "apiserver",
        common="kube-apiserver",
        groups=["system:masters"],
        hosts=[LOOPBACK, NODE_ADDRESS, API_SERVICE, NODE, "kubernetes", "kubernetes.default",
               "kubernetes.default.svc", f"kubernetes.default.svc.{DOMAIN}"],
    )  # fmt: skip
    authority.issue(
        "kubelet", common=f"system:node:{NODE}", groups=["system:nodes"],
        hosts=[NODE, NODE_ADDRESS, LOOPBACK],
    )  # fmt: skip
    inner = f"https://{LOOPBACK}:{API_PORT}"
    for name, (common, groups) in CLIENTS.items():
        authority.issue(name, common=common, groups=groups)
        authority.kubeconfig(layout.keys / f"{name}.kubeconfig", name, inner)
    authority.kubeconfig(layout.keys / "kubelet.kubeconfig", "kubelet", inner)
    authority.kubeconfig(layout.kubeconfig, "admin", f"https://{LOOPBACK}:{port}")
    for number in range(VOLUMES):
        folder = layout.volumes / f"{number:02d}"
        folder.mkdir(parents=True)
        folder.chmod(0o777)  # a pod's user is known only when it starts


def _start(layout: Layout, programs: Path, port: int) -> None:
    layout.logs.mkdir(parents=True, exist_ok=True)
    cgroup = f"/liandong-cluster-{os.getpid()}"
    with socket.socket() as listener, (layout.logs / "node.log").open("ab") as log:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((LOOPBACK, port))
        process = subprocess.Popen(  # noqa: S603 -- our own command
            [_program("unshare"), "--net", "--mount", "--pid", "--fork", "--kill-child",
             "--mount-proc", sys.executable, "-m", "deploy.cluster.node",
             str(layout.folder), str(programs), cgroup, str(listener.fileno())],
            cwd=PROJECT,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            pass_fds=[listener.fileno()],
            start_new_session=True,
        )  # fmt: skip
    node = _first_child(process)
    # Told to end, the node stops its parts in order; `unshare` waits for it and ends too.
    record = ProcessRecord(
        "node", node, str(layout.logs / "node.log"), signal.SIGTERM, STOP_SECONDS
    )
    save_state(layout.state, [record], {"cgroup": cgroup, "version": kubernetes_version()})


def _first_child(process: subprocess.Popen[bytes]) -> ProcessIdentity:
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    while process.poll() is None:
        for pid in children.read_text(encoding="ascii").split():
            identity = ProcessIdentity.of(int(pid))
            if identity is not None:
                return identity
        time.sleep(0.05)
    raise ClusterError(f"the node's namespaces could not be made: exit code {process.returncode}")


def kubectl(layout: Layout) -> Kubectl:
    """Return kubectl for this cluster, whatever the current context is."""
    return Kubectl(find_kubectl(), layout.kubeconfig)


def meant(layout: Layout) -> tuple[Kubectl, bool]:
    """Return kubectl for the cluster that is meant, and whether that is the node of `layout`.

    It is, where `up` made one, unless the environment names another.
    """
    named = os.environ.get("KUBECONFIG", "")
    if layout.kubeconfig.exists() and named in ("", str(layout.kubeconfig)):
        return kubectl(layout), True
    return Kubectl(find_kubectl()), False


def _wait(layout: Layout) -> None:
    """Wait for the node to be ready; say why it will never be when it has ended."""

    def lacking() -> str | None:
        if _record(layout) is None:
            log = (layout.logs / "node.log").read_text(encoding="utf-8")
            raise ClusterError(f"the node ended before it was ready:\n{log[-3000:]}")
        asked = kubectl(layout).attempt("get", "node", NODE, "--output=json")
        if asked.returncode:
            return asked.stderr.strip()
        return None if is_ready(json.loads(asked.stdout)) else "the node is not ready"

    wait_until(lacking, READY_SECONDS)


def _add(layout: Layout) -> None:
    """Add name resolution, metrics and volumes, and wait until they answer."""
    ours = kubectl(layout)
    ours("apply", f"--filename={MANIFESTS}")
    ours.apply(*_volumes(layout))
    for name in ("coredns", "metrics-server"):
        ours.within("kube-system").rolled_out(f"deployment/{name}", READY_SECONDS)


def _volumes(layout: Layout) -> list[dict[str, object]]:
    """Return a volume for each folder: claims bind to them, one each."""
    return [
        {
            "apiVersion": "v1",
            "kind": "PersistentVolume",
            "metadata": {"name": f"folder-{number:02d}"},
            "spec": {
                "capacity": {"storage": "100Gi"},
                "accessModes": ["ReadWriteOnce", "ReadWriteMany"],
                "persistentVolumeReclaimPolicy": "Retain",
                "storageClassName": "standard",
                "hostPath": {"path": str(layout.volumes / f"{number:02d}")},
            },
        }
        for number in range(VOLUMES)
    ]
