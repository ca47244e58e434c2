"""The command line and the settings of every part of the node, in the order of their start."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from deploy.cluster import images
from deploy.cluster.layout import (
    API_PORT,
    CNI_PLUGINS,
    CONTAINERD,
    DNS_SERVICE,
    DOMAIN,
    NODE,
    NODE_ADDRESS,
    NODE_PODS,
    PODS,
    SERVICES,
    Layout,
)

ISSUER: Final = f"https://kubernetes.default.svc.{DOMAIN}"
ETCD: Final = "http://127.0.0.1:2379"


@dataclass(frozen=True, slots=True)
class Component:
    """One process of the node. `answers` is a port of 127.0.0.1 that shows that it is up."""

    name: str
    command: tuple[str, ...]
    answers: int | None = None


def components(layout: Layout, programs: Path, cgroup: str) -> list[Component]:
    """Return what runs on the node; the settings that they read are written first."""
    write_settings(layout, cgroup)
    return [
        _etcd(layout, programs),
        _containerd(layout),
        _api_server(layout, programs),
        _controller_manager(layout, programs),
        _scheduler(layout, programs),
        _kubelet(layout, programs),
        _proxy(layout, programs),
        _network_policies(layout, programs),
    ]


def write_settings(layout: Layout, cgroup: str) -> None:
    layout.settings.mkdir(parents=True, exist_ok=True)
    documents: Mapping[str, object] = {
        "kubelet.json": kubelet_settings(layout, cgroup),
        "proxy.json": proxy_settings(layout),
        "cni/10-pods.conflist": CNI,
    }
    for name, document in documents.items():
        path = layout.settings / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps(document, indent=1), encoding="utf-8")
    (layout.settings / "containerd.toml").write_text(containerd_settings(layout), encoding="utf-8")
    # What a pod without cluster DNS resolves with: there is nobody outside to ask.
    (layout.settings / "resolv.conf").write_text("", encoding="ascii")


# A link to each pod and a route to it, instead of a bridge: every packet between two pods is
# forwarded by the node, where the rules for services and network policies see it.
CNI: Final = {
    "cniVersion": "0.4.0",
    "name": "pods",
    "plugins": [
        {
            "type": "ptp",
            "mtu": 1500,
            "ipam": {
                "type": "host-local",
                "dataDir": "/run/cni",
                "ranges": [[{"subnet": NODE_PODS}]],
                "routes": [{"dst": "0.0.0.0/0"}],
            },
        },
        {"type": "portmap", "capabilities": {"portMappings": True}},
    ],
}


def containerd_settings(layout: Layout) -> str:
    return f"""version = 2
root = "{layout.data}/containerd"
state = "/run/containerd"
# What these need (btrfs, zfs, a device mapper, a folder below /opt) is not there or not ours.
disabled_plugins = [
  "io.containerd.snapshotter.v1.btrfs", "io.containerd.snapshotter.v1.zfs",
  "io.containerd.snapshotter.v1.devmapper", "io.containerd.snapshotter.v1.aufs",
  "io.containerd.internal.v1.opt",
]
[grpc]
address = "{CONTAINERD}"
[plugins."io.containerd.grpc.v1.cri"]
sandbox_image = "{images.PAUSE}"
# A machine without CAP_SYS_RESOURCE may not make a process safer from the OOM killer.
restrict_oom_score_adj = true
disable_apparmor = true
[plugins."io.containerd.grpc.v1.cri".cni]
bin_dir = "{CNI_PLUGINS}"
conf_dir = "{layout.settings}/cni"
[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
runtime_type = "io.containerd.runc.v2"
"""


def kubelet_settings(layout: Layout, cgroup: str) -> dict[str, object]:
    return {
        "apiVersion": "kubelet.config.k8s.io/v1beta1",
        "kind": "KubeletConfiguration",
        "authentication": {
            "anonymous": {"enabled": False},
            "webhook": {"enabled": True},
            "x509": {"clientCAFile": str(layout.keys / "ca.crt")},
        },
        "authorization": {"mode": "Webhook"},
        "tlsCertFile": str(layout.keys / "kubelet.crt"),
        "tlsPrivateKeyFile": str(layout.keys / "kubelet.key"),
        "containerRuntimeEndpoint": f"unix://{CONTAINERD}",
        "cgroupDriver": "cgroupfs",
        "cgroupRoot": cgroup,
        "failCgroupV1": False,
        "failSwapOn": False,
        "enforceNodeAllocatable": ["none"],
        "clusterDNS": [DNS_SERVICE],
        "clusterDomain": DOMAIN,
        "resolvConf": str(layout.settings / "resolv.conf"),
        "podLogsDir": str(layout.logs / "pods"),
        "volumePluginDir": "/run/kubelet-plugins",
        "oomScoreAdj": 0,
        # The disk is the machine's: how full it is, is not for this cluster to mend.
        "evictionHard": {"memory.available": "100Mi", "nodefs.available": "1%"},
        "imageGCHighThresholdPercent": 100,
        "maxPods": 110,
    }


def proxy_settings(layout: Layout) -> dict[str, object]:
    return {
        "apiVersion": "kubeproxy.config.k8s.io/v1alpha1",
        "kind": "KubeProxyConfiguration",
        "clientConnection": {"kubeconfig": str(layout.keys / "proxy.kubeconfig")},
        "hostnameOverride": NODE,
        "mode": "iptables",
        "clusterCIDR": PODS,
        "oomScoreAdj": 0,
        # The table of connections is the machine's: its size is not ours to set.
        "conntrack": {
            "maxPerCore": 0,
            "min": 0,
            "tcpEstablishedTimeout": "0s",
            "tcpCloseWaitTimeout": "0s",
        },
    }


def _etcd(layout: Layout, programs: Path) -> Component:
    return Component(
        "etcd",
        (
            str(programs / "etcd"),
            f"--data-dir={layout.data}/etcd",
            f"--listen-client-urls={ETCD}",
            f"--advertise-client-urls={ETCD}",
            "--listen-peer-urls=http://127.0.0.1:2380",
            # A cluster that does not outlive its processes needs no disk that answers.
            "--unsafe-no-fsync",
        ),
        2379,
    )


def _containerd(layout: Layout) -> Component:
    return Component(
        "containerd", ("containerd", f"--config={layout.settings / 'containerd.toml'}")
    )


def _api_server(layout: Layout, programs: Path) -> Component:
    keys = layout.keys
    return Component(
        "kube-apiserver",
        (
            str(programs / "kube-apiserver"),
            f"--etcd-servers={ETCD}",
            f"--advertise-address={NODE_ADDRESS}",
            f"--secure-port={API_PORT}",
            f"--service-cluster-ip-range={SERVICES}",
            "--authorization-mode=Node,RBAC",
            "--enable-admission-plugins=NodeRestriction",
            "--allow-privileged=true",
            f"--client-ca-file={keys}/ca.crt",
            f"--tls-cert-file={keys}/apiserver.crt",
            f"--tls-private-key-file={keys}/apiserver.key",
            f"--kubelet-certificate-authority={keys}/ca.crt",
            f"--kubelet-client-certificate={keys}/apiserver.crt",
            f"--kubelet-client-key={keys}/apiserver.key",
            "--kubelet-preferred-address-types=InternalIP",
            f"--service-account-issuer={ISSUER}",
            f"--service-account-key-file={keys}/accounts.pub",
            f"--service-account-signing-key-file={keys}/accounts.key",
            # The aggregated API: metrics-server answers behind this server.
            f"--requestheader-client-ca-file={keys}/ca.crt",
            "--requestheader-allowed-names=front-proxy",
            "--requestheader-username-headers=X-Remote-User",
            "--requestheader-group-headers=X-Remote-Group",
            "--requestheader-extra-headers-prefix=X-Remote-Extra-",
            f"--proxy-client-cert-file={keys}/front-proxy.crt",
            f"--proxy-client-key-file={keys}/front-proxy.key",
        ),
        API_PORT,
    )


def _controller_manager(layout: Layout, programs: Path) -> Component:
    return _controller(
        layout,
        programs / "kube-controller-manager",
        10257,
        "--use-service-account-credentials=true",
        f"--service-account-private-key-file={layout.keys}/accounts.key",
        f"--root-ca-file={layout.keys}/ca.crt",
        "--allocate-node-cidrs=true",
        f"--cluster-cidr={PODS}",
        # A busy machine is slow to say that it lives; there is no other node to move to.
        "--node-monitor-grace-period=300s",
    )


def _scheduler(layout: Layout, programs: Path) -> Component:
    return _controller(layout, programs / "kube-scheduler", 10259)


def _controller(layout: Layout, program: Path, answers: int, *more: str) -> Component:
    """Return a part that watches the API server and asks it who may ask itself."""
    kubeconfig = layout.keys / f"{program.name.removeprefix('kube-')}.kubeconfig"
    return Component(
        program.name,
        (
            str(program),
            f"--kubeconfig={kubeconfig}",
            f"--authentication-kubeconfig={kubeconfig}",
            f"--authorization-kubeconfig={kubeconfig}",
            # The first roles of a new cluster are written while this part starts.
            "--authentication-tolerate-lookup-failure=true",
            "--leader-elect=false",
            *more,
        ),
        answers,
    )


def _kubelet(layout: Layout, programs: Path) -> Component:
    return Component(
        "kubelet",
        (
            str(programs / "kubelet"),
            f"--kubeconfig={layout.keys / 'kubelet.kubeconfig'}",
            f"--config={layout.settings / 'kubelet.json'}",
            f"--hostname-override={NODE}",
            f"--node-ip={NODE_ADDRESS}",
            f"--root-dir={layout.data}/kubelet",
        ),
        10248,
    )


def _proxy(layout: Layout, programs: Path) -> Component:
    return Component(
        "kube-proxy",
        (str(programs / "kube-proxy"), f"--config={layout.settings / 'proxy.json'}"),
        10249,
    )


def _network_policies(layout: Layout, programs: Path) -> Component:
    return Component(
        "networkpolicies",
        (
            str(programs / "networkpolicies"),
            f"--kubeconfig={layout.keys / 'network-policies.kubeconfig'}",
            f"--hostname-override={NODE}",
            f"--service-cluster-ip-range={SERVICES}",
            "--iptables-sync-period=30s",
        ),
    )
