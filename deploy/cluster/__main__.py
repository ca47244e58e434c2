"""`python -m deploy.cluster up|down|load|build|env`: a Kubernetes of one node on this machine."""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

from deploy.cluster import cluster
from deploy.cluster.build import cache_folder, kubernetes_version, require_programs
from deploy.cluster.errors import ClusterError
from deploy.cluster.images import require_images
from deploy.cluster.layout import usual_layout
from deploy.image.engine import EngineError
from devstack.errors import DevstackError


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m deploy.cluster", description=__doc__)
    actions = parser.add_subparsers(dest="action", required=True)
    actions.add_parser("build", help="build programs and images into the cache, start nothing")
    actions.add_parser("up", help="start a cluster")
    actions.add_parser("down", help="end it")
    actions.add_parser("load", help="give it images").add_argument("archive", type=Path, nargs="+")
    words = parser.parse_args()
    begun = time.monotonic()
    try:
        text = _do(words)
    except (ClusterError, DevstackError, EngineError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(f"{text} ({time.monotonic() - begun:.0f} s)\n")
    return 0


def _do(words: argparse.Namespace) -> str:
    layout = usual_layout()
    if words.action == "build":
        cluster.require_packages()
        require_programs(cache_folder())
        require_images(cache_folder())
        return f"built: {cache_folder()}"
    if words.action == "up":
        cluster.up(layout)
        programs = cache_folder() / "bin"
        return (
            f"Kubernetes {kubernetes_version()} runs. To use it:\n"
            f"  export KUBECONFIG={layout.kubeconfig} PATH={programs}:$PATH"
        )
    if words.action == "load":
        cluster.load(layout, words.archive)
        return f"loaded: {len(words.archive)} archive(s)"
    return "ended" if cluster.down(layout) else "none ran"


if __name__ == "__main__":
    sys.exit(main())
