"""`python -m deploy.cluster.shown`: installs the chart on the cluster of the current context.

A verdict for every step; exit 1 when one failed. The namespace `liandong-shown` is made anew and is
the only thing in the cluster that is touched. Clerks work inside the cluster while pods are
replaced, upgraded and killed; after every such step the checker rules on everything.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from deploy.cluster.errors import ClusterError
from deploy.cluster.kubectl import Kubectl, find_kubectl, pods, wait_until
from deploy.cluster.layout import usual_layout
from deploy.cluster.shown import releases
from deploy.cluster.shown.runner import Runner
from deploy.cluster.shown.surroundings import (
    NAMESPACE,
    POSTGRESQL,
    RABBITMQ,
    READY_SECONDS,
    RELEASE,
    Surroundings,
)
from deploy.cluster.steps import Step, all_passed, run_steps
from services import graph

STEADY_SECONDS: Final = 45  # of work before and after what a step does
OURS: Final = f"app.kubernetes.io/instance={RELEASE}"


class Shown:
    """The steps, in the order in which a data centre meets them."""

    def __init__(self, kubectl: Kubectl, folder: Path, previous: str, *, node: bool) -> None:
        self._folder = folder
        self._around = Surroundings(kubectl, folder)
        self._kubectl = self._around.kubectl
        self._helm = releases.Helm(kubectl)
        self._before = releases.previous(folder, previous)
        self._after = releases.this()
        self._earlier = Runner(self._around, self._before.image, "runner-previous")
        self._runner = Runner(self._around, self._after.image)
        self._node = node

    def steps(self) -> Sequence[Step]:
        return [
            Step("images", self.images, needed=True),
            Step("surroundings", self._around.make, needed=True),
            Step("install the previous version", self.install, needed=True),
            Step("journey", self.journey, needed=True),
            Step("scale", self.scale),
            Step("changes between the versions", self.changes),
            Step("rolling upgrade under load", self.upgrade, needed=True),
            Step("kill of every pod", self.kill),
            Step("database secret", self.rotate_database),
            Step("broker secret", self.rotate_broker),
            Step("signing key", self.rotate_signing_key),
            Step("rollback after new rows exist", self.roll_back),
            Step("uninstall", self.uninstall),
        ]

    def images(self) -> str:
        for version in (self._before, self._after):
            releases.build(version)
            if self._node:
                releases.give(usual_layout(), version, self._folder)
        return f"{self._before.image} ({self._before.commit[:12]}), {self._after.image}"

    def install(self) -> str:
        self._helm.install(self._before)
        seed = ("exec", f"deployment/{RELEASE}-catalog-jobs", "--", "python", "-m",
                "services.catalog.seed")  # fmt: skip
        self._kubectl(*seed)
        found = pods(self._kubectl, OURS)
        for runner in (self._earlier, self._runner):
            runner.start()
        return f"{len(found)} pods ready, the catalogue loaded"

    def journey(self) -> str:
        self._earlier.begin(clerks=1)
        time.sleep(STEADY_SECONDS)
        return f"{self._earlier.end()}; {self._earlier.check()}"

    def scale(self) -> str:
        """Scale an api and a worker out and in while clerks work with them."""
        sizes = (("intake-api", 3), ("metrics-worker", 2), ("intake-api", 2), ("metrics-worker", 1))

        def act() -> str:
            for name, replicas in sizes:
                self._kubectl("scale", f"deployment/{RELEASE}-{name}", f"--replicas={replicas}")
                self._kubectl.rolled_out(f"deployment/{RELEASE}-{name}", READY_SECONDS)
            return "api to 3 and 2, worker to 2 and 1"

        return self._under_load(act, self._earlier)

    def changes(self) -> str:
        return releases.changes(self._before, self._after)

    def upgrade(self) -> str:
        def act() -> str:
            self._helm.upgrade(self._after)
            return "every pod replaced"

        text = self._under_load(act, self._earlier, checks=False)
        self._runner.ledger_of(self._earlier)
        return f"{text}; {self._runner.check()}"

    def kill(self) -> str:
        """Kill one pod of every kind, without a warning, one after the other."""
        names = [
            f"deployment/{RELEASE}-{service}-{role}"
            for service in graph.SERVICES
            for role in ("api", "relay", "worker", "jobs")
        ]
        names += [f"statefulset/{POSTGRESQL}", f"statefulset/{RABBITMQ}"]  # fmt: skip

        def act() -> str:
            for name in names:
                self._kill_one(name)
            return f"{len(names)} pods"

        return self._under_load(act, self._runner)

    def rotate_database(self) -> str:
        def act() -> str:
            old = self._around.new_database_users()
            self._restart()
            self._around.drop_database_users(old)
            return f"{len(old)} users exchanged"

        return self._under_load(act, self._runner)

    def rotate_broker(self) -> str:
        def act() -> str:
            old = self._around.new_broker_user()
            self._restart()
            self._around.delete_broker_user(old)
            return f"{old} is gone"

        return self._under_load(act, self._runner)

    def rotate_signing_key(self) -> str:
        """Verifiers first, then whoever signs, then away with the old key."""

        def act() -> str:
            rotated = self._around.rotate_signing_key()
            self._restart("api")
            self._around.sign_with(rotated)
            self._runner.sign_anew()
            self._restart("api", "jobs")  # with tokens of their own by the new key
            time.sleep(STEADY_SECONDS)  # whoever began a case signed in with the old key ends it
            self._around.forget_old_keys()
            self._restart("api")
            return "the old key verifies nothing any more"

        return self._under_load(act, self._runner)

    def roll_back(self) -> str:
        def act() -> str:
            self._helm.rollback(1)
            return "the previous version on the new schema"

        return self._under_load(act, self._runner)

    def uninstall(self) -> str:
        self._helm.uninstall()

        def lacking() -> str | None:
            left = self._kubectl.get("all,networkpolicy,serviceaccount", f"--selector={OURS}")
            names = [f"{item['kind']} {item['metadata']['name']}" for item in left["items"]]
            return ", ".join(names) or None

        wait_until(lacking, READY_SECONDS)
        claims = self._kubectl.get("persistentvolumeclaims", f"--selector={OURS}")["items"]
        if not claims:
            raise ClusterError("the claims are gone, and with them what citizens handed in")
        self._kubectl("delete", "namespace", NAMESPACE, f"--timeout={READY_SECONDS}s")
        return f"nothing was left but {len(claims)} claims; then the namespace removed"

    def _under_load(self, act: Callable[[], str], runner: Runner, *, checks: bool = True) -> str:
        """Do something while clerks work, then have everything checked."""
        runner.begin()
        try:
            time.sleep(STEADY_SECONDS)
            done = act()
            time.sleep(STEADY_SECONDS)
            worked = runner.end()
        except BaseException:
            runner.abandon()
            raise
        return f"{done}; {worked}" + (f"; {runner.check()}" if checks else "")

    def _kill_one(self, name: str) -> None:
        found = self._kubectl.get(name)
        labels = found["spec"]["selector"]["matchLabels"]
        selector = ",".join(f"{key}={value}" for key, value in labels.items())
        victim = pods(self._kubectl, selector)[0]["metadata"]
        self._kubectl(
            "delete", "pod", victim["name"], "--grace-period=0", "--force", "--wait=false"
        )
        wait_until(lambda: self._still(selector, victim["uid"]), READY_SECONDS)
        self._kubectl.rolled_out(name, READY_SECONDS)

    def _still(self, selector: str, uid: str) -> str | None:
        """Say whether that very pod is there still: one of a StatefulSet passes its name on."""
        found = self._kubectl.get("pods", f"--selector={selector}")["items"]
        there = [pod["metadata"]["name"] for pod in found if pod["metadata"]["uid"] == uid]
        return f"{there[0]} is there" if there else None

    def _restart(self, *roles: str) -> None:
        """Replace pods in the usual way, so that they read their Secrets again."""
        names = [
            f"deployment/{RELEASE}-{service}-{role}"
            for service in graph.SERVICES
            for role in roles or ("api", "relay", "worker", "jobs")
        ]
        self._kubectl("rollout", "restart", *names)
        for name in names:
            self._kubectl.rolled_out(name, READY_SECONDS)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m deploy.cluster.shown", description=__doc__)
    parser.add_argument("--previous", default="main", help="the landed commit to upgrade from")
    words = parser.parse_args()
    begun = time.monotonic()
    layout = usual_layout()
    # A cluster that `make cluster-up` made is meant unless the environment names another.
    node = layout.kubeconfig.exists() and os.environ.get("KUBECONFIG", "") in (
        "", str(layout.kubeconfig),
    )  # fmt: skip
    kubectl = Kubectl(find_kubectl(), layout.kubeconfig if node else None)
    commit = releases.commit_of(words.previous)
    with tempfile.TemporaryDirectory(prefix="liandong-shown-") as folder:
        shown = Shown(kubectl, Path(folder), commit, node=node)
        verdicts = run_steps(shown.steps())
    passed = all_passed(verdicts)
    word = "shown running" if passed else "NOT shown running, see above"
    sys.stdout.write(f"{word} ({time.monotonic() - begun:.0f} s)\n")
    return 0 if passed else 1


if __name__ == "__main__":
    sys.exit(main())
