"""Builds the programs of a cluster from Go modules, once; the results stay in a cache.

The modules and their checksums are pinned by `programs/go.mod` and `go.sum`.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Final

from deploy.cluster.errors import ClusterError
from deploy.cluster.fingerprints import Stamp, fingerprint

MODULE: Final = Path(__file__).resolve().parent / "programs"
BUILD_SECONDS: Final = 3 * 3600
PARALLEL: Final = "2"  # packages at once: each takes up to a gigabyte

PACKAGES: Final = {
    "pause": "./pause",
    "networkpolicies": "./networkpolicies",
    "coredns": "./coredns",
    "kube-apiserver": "k8s.io/kubernetes/cmd/kube-apiserver",
    "etcd": "go.etcd.io/etcd/server/v3",
    "metrics-server": "sigs.k8s.io/metrics-server/cmd/metrics-server",
    "kubelet": "k8s.io/kubernetes/cmd/kubelet",
    "kube-controller-manager": "k8s.io/kubernetes/cmd/kube-controller-manager",
    "kube-scheduler": "k8s.io/kubernetes/cmd/kube-scheduler",
    "kube-proxy": "k8s.io/kubernetes/cmd/kube-proxy",
    "kubectl": "k8s.io/kubernetes/cmd/kubectl",
}


def kubernetes_version() -> str:
    """Return the release that the modules pin."""
    found = re.search(
        r"^\s*k8s\.io/kubernetes (v1\.\d+\.\d+)$",
        (MODULE / "go.mod").read_text(encoding="ascii"),
        re.MULTILINE,
    )
    if found is None:
        raise ClusterError(f"{MODULE / 'go.mod'} does not say which Kubernetes is wanted")
    return found[1]


def cache_folder() -> Path:
    """Return the folder of the user's cache for this release."""
    base = os.environ.get("XDG_CACHE_HOME")
    caches = Path(base) if base else Path.home() / ".cache"
    return caches / "liandong" / f"cluster-{kubernetes_version()}"


def require_programs(cache: Path) -> Path:
    """Return the folder of the programs; build first what is missing or was made otherwise."""
    folder = cache / "bin"
    folder.mkdir(parents=True, exist_ok=True)
    stamps = _stamps()
    sources = [path for path in sorted(MODULE.rglob("*")) if path.is_file()]
    origin = fingerprint(sources, stamps)
    for name, package in PACKAGES.items():
        stamp = Stamp(folder / name, origin)
        if not stamp.holds():
            _build(name, package, folder / name, stamps)
            stamp.set()
    return folder


def _stamps() -> str:
    """Return the linker's flags: without them a server calls itself v0.0.0-master."""
    version = kubernetes_version()
    _, minor, _ = version.split(".")
    facts = {
        "gitVersion": version,
        "gitMajor": "1",
        "gitMinor": minor,
        "gitTreeState": "clean",
        "buildDate": "1970-01-01T00:00:00Z",
    }
    packages = ("k8s.io/component-base/version", "k8s.io/client-go/pkg/version")
    return "-s -w " + " ".join(
        f"-X {package}.{fact}={value}" for fact, value in facts.items() for package in packages
    )


def _build(name: str, package: str, target: Path, stamps: str) -> None:
    go = shutil.which("go") or shutil.which("go", path="/usr/local/go/bin")
    if go is None:
        raise ClusterError(
            f"{name} is built from Go modules and there is no go: install Go 1.26 or newer"
        )
    sys.stdout.write(f"building {name} …")
    sys.stdout.flush()
    begun = time.monotonic()
    draft = target.with_name(f".{name}.{os.getpid()}")
    done = subprocess.run(  # noqa: S603 -- our own command
        [go, "build", "-p", PARALLEL, "-trimpath", "-mod=readonly", "-buildvcs=false",
         "-tags", "grpcnotrace", "-ldflags", stamps, "-o", str(draft), package],
        cwd=MODULE,
        env={**os.environ, "CGO_ENABLED": "0"},
        capture_output=True,
        text=True,
        timeout=BUILD_SECONDS,
        check=False,
    )  # fmt: skip
    if done.returncode:
        sys.stdout.write("\n")
        raise ClusterError(f"{name} could not be built:\n{done.stderr[-2000:]}")
    draft.replace(target)
    sys.stdout.write(f" {time.monotonic() - begun:.0f} s\n")
