"""Where a cluster keeps its things, and the addresses inside it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

NODE: Final = "liandong"
NODE_ADDRESS: Final = "192.168.250.1"
NODE_NETWORK: Final = f"{NODE_ADDRESS}/24"
API_PORT: Final = 6443
SERVICES: Final = "10.96.0.0/16"
API_SERVICE: Final = "10.96.0.1"  # the first of them, always
DNS_SERVICE: Final = "10.96.0.10"
PODS: Final = "10.244.0.0/16"
NODE_PODS: Final = "10.244.0.0/24"
DOMAIN: Final = "cluster.local"
VOLUMES: Final = 40
# Both lie in a /run of the cluster's own.
CONTAINERD: Final = "/run/containerd/containerd.sock"
CNI_PLUGINS: Final = "/usr/lib/cni"

PROJECT: Final = Path(__file__).resolve().parent.parent.parent


@dataclass(frozen=True, slots=True)
class Layout:
    """The folder of one cluster; all of it but the logs goes with the cluster."""

    folder: Path

    @property
    def state(self) -> Path:
        return self.folder / "state.json"

    @property
    def kubeconfig(self) -> Path:
        """For people and tools on the machine, with all rights."""
        return self.folder / "kubeconfig"

    @property
    def keys(self) -> Path:
        return self.folder / "keys"

    @property
    def settings(self) -> Path:
        return self.folder / "settings"

    @property
    def logs(self) -> Path:
        return self.folder / "logs"

    @property
    def logs_before(self) -> Path:
        """Those of the cluster before this one: whoever asks why it ended often starts another."""
        return self.folder / "logs-before"

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def volumes(self) -> Path:
        return self.folder / "volumes"


def usual_layout() -> Layout:
    """Return where `make cluster-up` puts the cluster of this checkout."""
    return Layout(PROJECT / "build" / "cluster")
