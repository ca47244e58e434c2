"""`python -m deploy.cluster.shown`: installs the chart on the cluster of the current context.

A verdict for every step; exit 1 when one failed. The namespace `liandong-shown` is made anew and is
the only thing in the cluster that is touched. Clerks work inside the cluster while pods are
replaced, upgraded and killed; after every such step the checker rules on everything. What has
passed is kept in `build/cluster-shown`, so that a later call can do single steps (`--steps`); what
a failed step left behind is copied to `build/cluster-evidence`.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Final

from deploy.cluster.cluster import meant
from deploy.cluster.errors import ClusterError
from deploy.cluster.evidence import Evidence
from deploy.cluster.kubectl import Kubectl, pods, wait_until
from deploy.cluster.layout import PROJECT, usual_layout
from deploy.cluster.shown import releases
from deploy.cluster.shown.progress import Progress, origin_of, uid_of
from deploy.cluster.shown.runner import Runner
from deploy.cluster.shown.surroundings import (
    NAMESPACE,
    POSTGRESQL,
    RABBITMQ,
    READY_SECONDS,
    RELEASE,
    Surroundings,
)
from deploy.cluster.steps import EXPECTED, Step, all_passed, choose, described, run_steps
from services import graph

STEADY_SECONDS: Final = 45.0  # of work before and after what a step does
FOLDER: Final = PROJECT / "build" / "cluster-shown"
EVIDENCE: Final = PROJECT / "build" / "cluster-evidence"
FORCED: Final = ("--grace-period=0", "--force")
OURS: Final = f"app.kubernetes.io/instance={RELEASE}"


class Shown:
    """The steps, in the order in which a data centre meets them."""

    def __init__(
        self,
        kubectl: Kubectl,
        folder: Path,
        previous: str,
        progress: Progress,
        *,
        node: bool,
        steady: float = STEADY_SECONDS,
    ) -> None:
        self._folder = folder
        self._progress = progress
        self._around = Surroundings(kubectl, folder)
        self._kubectl = self._around.kubectl
        self._helm = releases.Helm(kubectl)
        self._before = releases.previous(folder, previous)
        self._after = releases.this()
        self._earlier = Runner(self._around, self._before.image, "runner-previous")
        self._runner = Runner(self._around, self._after.image)
        self._node = node
        self._steady = steady

    def steps(self) -> Sequence[Step]:
        return [
            Step(name, partial(action, self), key=key, needs=needs)
            for key, name, action, needs in PLAN
        ]

    def images(self) -> str:
        for version in (self._before, self._after):
            releases.build(version)
            if self._node:
                releases.give(usual_layout(), version, self._folder)
        return f"{self._before.image} ({self._before.commit[:12]}), {self._after.image}"

    def surroundings(self) -> str:
        text = self._around.make()
        self._progress.begin_anew(uid_of(self._kubectl, NAMESPACE))
        return text

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
        def act() -> str:
            time.sleep(self._steady)
            return "one clerk"

        return self._under_load(act, clerks=1)

    def scale(self) -> str:
        """Scale an api and a worker out and in while clerks work with them."""
        sizes = (("intake-api", 3), ("metrics-worker", 2), ("intake-api", 2), ("metrics-worker", 1))

        def act() -> str:
            for name, replicas in sizes:
                self._kubectl("scale", f"deployment/{RELEASE}-{name}", f"--replicas={replicas}")
                self._kubectl.rolled_out(f"deployment/{RELEASE}-{name}", READY_SECONDS)
            return "api to 3 and 2, worker to 2 and 1"

        return self._under_load(act)

    def changes(self) -> str:
        return releases.changes(self._before, self._after)

    def upgrade(self) -> str:
        def act() -> str:
            self._progress.begin_upgrade()
            self._helm.upgrade(self._after)
            return "every pod replaced"

        return self._under_load(act)

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

        return self._under_load(act)

    def rotate_database(self) -> str:
        def act() -> str:
            old = self._around.new_database_users()
            self._restart()
            self._around.drop_database_users(old)
            return f"{len(old)} users exchanged"

        return self._under_load(act)

    def rotate_broker(self) -> str:
        def act() -> str:
            old = self._around.new_broker_user()
            self._restart()
            self._around.delete_broker_user(old)
            return f"{old} is gone"

        return self._under_load(act)

    def rotate_signing_key(self) -> str:
        """Verifiers first, then whoever signs, then away with the old key."""

        def act() -> str:
            rotated = self._around.rotate_signing_key()
            self._restart("api")
            self._around.sign_with(rotated)
            self._at_work.sign_anew()
            self._restart("api", "jobs")  # with tokens of their own by the new key
            time.sleep(self._steady)  # whoever began a case signed in with the old key ends it
            self._around.forget_old_keys()
            self._restart("api")
            return "the old key verifies nothing any more"

        return self._under_load(act)

    def roll_back(self) -> str:
        def act() -> str:
            self._helm.rollback(1)
            return "the previous version on the new schema"

        return self._under_load(act)

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

    @property
    def _at_work(self) -> Runner:
        """Whose clerks work: those of the version that was installed last."""
        return self._runner if self._progress.upgraded else self._earlier

    def _under_load(self, act: Callable[[], str], *, clerks: int = 2) -> str:
        """Do something while clerks work, then have everything checked."""
        runner = self._at_work
        runner.begin(clerks)
        try:
            time.sleep(self._steady)
            done = act()
            time.sleep(self._steady)
            worked = runner.end()
        finally:
            runner.abandon()
        return f"{done}; {worked}; {self._check()}"

    def _check(self) -> str:
        if self._at_work is self._runner:
            self._runner.ledger_of(self._earlier)
        return self._at_work.check()

    def _kill_one(self, name: str) -> None:
        found = self._kubectl.get(name)
        labels = found["spec"]["selector"]["matchLabels"]
        selector = ",".join(f"{key}={value}" for key, value in labels.items())
        victim = pods(self._kubectl, selector)[0]["metadata"]
        # A forced pod of a StatefulSet is replaced before it has ended, and two PostgreSQL on one
        # volume lose what the elder one still answers; so these are killed after a second.
        hard = ("--grace-period=1",) if name.startswith("statefulset/") else FORCED
        self._kubectl("delete", "pod", victim["name"], *hard, "--wait=false")
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


THERE: Final = ("install",)
# What each is called on the command line and in a verdict, and what it shows nothing without.
PLAN: Final[Sequence[tuple[str, str, Callable[[Shown], str], tuple[str, ...]]]] = (
    ("images", "images", Shown.images, ()),
    ("surroundings", "surroundings", Shown.surroundings, ()),
    ("install", "install the previous version", Shown.install, ("images", "surroundings")),
    ("journey", "journey", Shown.journey, THERE),
    ("scale", "scale", Shown.scale, THERE),
    ("changes", "changes between the versions", Shown.changes, ()),
    ("upgrade", "rolling upgrade under load", Shown.upgrade, THERE),
    ("kill", "kill of every pod", Shown.kill, THERE),
    ("database", "database secret", Shown.rotate_database, THERE),
    ("broker", "broker secret", Shown.rotate_broker, THERE),
    ("signing-key", "signing key", Shown.rotate_signing_key, THERE),
    ("rollback", "rollback after new rows exist", Shown.roll_back, ("upgrade",)),
    ("uninstall", "uninstall", Shown.uninstall, THERE),
)
NEEDS: Final = {key: needs for key, _, _, needs in PLAN}


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m deploy.cluster.shown",
        description=__doc__,
        epilog=f"The steps:\n{described(NEEDS)}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--previous", default="main", help="the landed commit to upgrade from")
    parser.add_argument(
        "--steps", metavar="NAME,NAME",
        help="only these, and what they need that no earlier call has passed",
    )  # fmt: skip
    parser.add_argument(
        "--steady", metavar="SECONDS", type=float, default=STEADY_SECONDS,
        help="how long clerks work before and after what a step does (%(default)g)",
    )  # fmt: skip
    words = parser.parse_args(arguments)
    wanted = None if words.steps is None else [name for name in words.steps.split(",") if name]
    try:
        if wanted is not None:
            choose(NEEDS, wanted, ())  # a misspelt name is told before anything is asked
        return _show(words.previous, wanted, words.steady)
    except EXPECTED as error:
        sys.stderr.write(f"{error}\n")
        return 1


def _show(previous: str, wanted: Sequence[str] | None, steady: float) -> int:
    begun = time.monotonic()
    layout = usual_layout()
    kubectl, node = meant(layout)
    commit = releases.commit_of(previous)
    FOLDER.mkdir(mode=0o700, parents=True, exist_ok=True)
    progress = Progress(FOLDER / "passed.json", origin_of(kubectl, commit))
    steps = Shown(kubectl, FOLDER, commit, progress, node=node, steady=steady).steps()
    if wanted is not None:
        chosen = choose(NEEDS, wanted, progress.passed)
        sys.stdout.write(f"only {', '.join(chosen)}\n")
        steps = [step for step in steps if step.key in chosen]
    evidence = Evidence(EVIDENCE, kubectl.within(NAMESPACE), layout if node else None)
    verdicts = run_steps(
        steps,
        on_pass=lambda step: progress.add(step.key),
        on_failure=lambda step: evidence.keep(step.key),
        gone=evidence.gone,
    )
    passed = all_passed(verdicts)
    word = "shown running" if passed else "NOT shown running, see above"
    part = "" if wanted is None else f" ({len(steps)} of {len(PLAN)} steps)"
    sys.stdout.write(f"{word}{part} ({time.monotonic() - begun:.0f} s)\n")
    return 0 if passed else 1


if __name__ == "__main__":
    sys.exit(main())
