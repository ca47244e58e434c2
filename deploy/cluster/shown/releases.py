"""Two versions of the system, each with its image and its chart, and helm to install them."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from deploy.cluster import cluster
from deploy.cluster.errors import ClusterError
from deploy.cluster.kubectl import Kubectl
from deploy.cluster.layout import PROJECT, Layout
from deploy.cluster.shown.surroundings import NAMESPACE, POSTGRESQL, RABBITMQ, RELEASE, RUNNER
from deploy.image.__main__ import NAME
from deploy.image.base import require_base
from deploy.image.engine import Engine, find_engine
from deploy.image.packages import lend
from deploy.tools import require_helm
from services import graph

CHART: Final = "deploy/helm/liandong"
TIMEOUT: Final = "40m"  # of one command of helm, on a machine that does other things too
SMALL: Final = {"requests": {"cpu": "10m", "memory": "96Mi"}, "limits": {"memory": "512Mi"}}


@dataclass(frozen=True, slots=True)
class Version:
    """A commit, or the working tree as it is, with an image of its own."""

    word: str  # previous, this
    commit: str  # empty: the working tree
    source: Path

    @property
    def image(self) -> str:
        return f"{NAME}:shown-{self.word}"

    @property
    def chart(self) -> Path:
        return self.source / CHART

    def heads(self) -> dict[str, str]:
        """Return the newest migration of every service."""
        return {
            service: path.read_text(encoding="utf-8").strip()
            for service in graph.SERVICES
            if (path := self.source / "services" / service / "migrations" / "HEAD").exists()
        }

    def events(self) -> dict[str, set[str]]:
        """Return the fields of every event message, as its proto file declares them."""
        found: dict[str, set[str]] = {}
        for path in sorted((self.source / "protos").glob("liandong/*/*/*event*.proto")):
            text = re.sub(r"//.*", "", path.read_text(encoding="utf-8"))
            for name, body in re.findall(
                r"message (\w+) \{(.*?)^\}", text, re.DOTALL | re.MULTILINE
            ):
                found[f"{path.parent.parent.name}.{name}"] = set(re.findall(r"(\w+) = \d+", body))
        return found


def previous(folder: Path, commit: str) -> Version:
    """Return the landed version before this one, taken from the repository's history."""
    source = folder / "previous"
    shutil.rmtree(source, ignore_errors=True)
    source.mkdir(parents=True)
    archive = folder / "previous.tar"
    _run("git", "-C", str(PROJECT), "archive", f"--output={archive}", commit)
    _run("tar", "--extract", f"--file={archive}", f"--directory={source}")
    archive.unlink()
    return Version("previous", commit, source)


def commit_of(name: str) -> str:
    """Return the commit that a name means in this repository."""
    return _run("git", "-C", str(PROJECT), "rev-parse", f"{name}^{{commit}}").strip()


def this() -> Version:
    return Version("this", "", PROJECT)


def changes(before: Version, after: Version) -> str:
    """Say what the schema and the events of two versions differ in."""
    old, new = before.heads(), after.heads()
    schema = [f"{name} {old.get(name)} → {new[name]}" for name in new if new[name] != old.get(name)]
    fields, more = before.events(), after.events()
    events = [name for name in more if more[name] != fields.get(name)]
    if not schema or not events:
        raise ClusterError(
            f"an upgrade shows little: schema changed: {schema or 'nowhere'};"
            f" events changed: {events or 'none'}"
        )
    return f"schema: {', '.join(schema)}; events: {', '.join(events)}"


def build(version: Version) -> None:
    """Build the image of a version, on the base that is made from Debian packages."""
    engine: Engine = find_engine()
    if version.commit:
        # How an image is built is this version's matter; what is in it is the other's.
        target = version.source / "deploy" / "image"
        shutil.rmtree(target, ignore_errors=True)
        shutil.copytree(PROJECT / "deploy" / "image", target)
        _lend_clerks(version.source)
    arguments = {"VERSION": version.word, "REVISION": version.commit or "working tree",
                 "BASE": require_base(engine)}  # fmt: skip
    with tempfile.TemporaryDirectory(prefix="liandong-shown-") as folder:
        engine.build(version.source, version.image, arguments, lend(Path(folder)))


def _lend_clerks(source: Path) -> None:
    """Give a version from before the steady clerks the journeys of this one; its services stay."""
    if not (source / "journeys" / "steady.py").exists():
        shutil.rmtree(source / "journeys", ignore_errors=True)
        shutil.copytree(PROJECT / "journeys", source / "journeys")


def give(layout: Layout, version: Version, folder: Path) -> None:
    """Give the image to the node of `make cluster-up`."""
    archive = folder / f"{version.word}.tar"
    archive.unlink(missing_ok=True)
    find_engine()("save", f"--output={archive}", version.image)
    cluster.load(layout, [archive])
    archive.unlink()


class Helm:
    """helm for the namespace of the installation."""

    def __init__(self, kubectl: Kubectl) -> None:
        self._program = str(require_helm())
        self._kubeconfig = kubectl.kubeconfig

    def install(self, version: Version) -> None:
        self("install", RELEASE, str(version.chart), "--values=-", "--wait", f"--timeout={TIMEOUT}",
             stdin=json.dumps(values(version)))  # fmt: skip

    def upgrade(self, version: Version) -> None:
        self("upgrade", RELEASE, str(version.chart), "--values=-", "--wait", f"--timeout={TIMEOUT}",
             stdin=json.dumps(values(version)))  # fmt: skip

    def rollback(self, revision: int) -> None:
        self("rollback", RELEASE, str(revision), "--wait", f"--timeout={TIMEOUT}")

    def uninstall(self) -> None:
        self("uninstall", RELEASE, "--wait", f"--timeout={TIMEOUT}")

    def __call__(self, *words: str, stdin: str | None = None) -> str:
        options = [f"--namespace={NAMESPACE}"]
        if self._kubeconfig is not None:
            options.append(f"--kubeconfig={self._kubeconfig}")
        return _run(self._program, *options, *words, stdin=stdin)


def values(version: Version) -> dict[str, Any]:
    """Return the values of the installation: those that every version of the chart knows."""
    repository, _, tag = version.image.rpartition(":")
    roles: dict[str, dict[str, Any]] = {
        role: {"resources": SMALL} for role in ("api", "relay", "worker", "jobs", "migrate")
    }
    known = (version.chart / "values.yaml").read_text(encoding="utf-8")
    if "autoscaling:" in known:
        # How many pods there are is for the steps to say.
        for role in ("api", "worker"):
            roles[role]["autoscaling"] = {"enabled": False}
    # Five services that start at once on two processors take minutes to answer.
    patient = {"probes": {"startupSeconds": 900}} if "startupSeconds:" in known else {}
    return {
        **patient,
        "image": {"repository": repository, "tag": tag, "pullPolicy": "IfNotPresent"},
        "site": {"division": "370306", "number": "01", "unit": "370306000000-C1",
                 "dutyWindow": "370306000000-C1-W01"},
        # A busy machine answers late; that is not what is tried here.
        "settings": {"PROFILE": "demonstration", "AUDIT_SEAL_S": 5, "CALL_TIMEOUT_S": 15},
        "roles": roles,
        "storage": {"blobs": {"size": "5Gi"}},
        "networkPolicy": {
            "database": {"peers": [_pods(POSTGRESQL)]},
            "amqp": {"peers": [_pods(RABBITMQ)], "port": 5672},
            "clients": {"peers": [_pods(RUNNER)]},
        },
    }  # fmt: skip


def _pods(name: str) -> dict[str, Any]:
    return {"podSelector": {"matchLabels": {"app": name}}}


def _run(*words: str, stdin: str | None = None) -> str:
    done = subprocess.run(  # noqa: S603 -- our own command
        words, input=stdin, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise ClusterError(f"`{Path(words[0]).name} {words[-1]} …` failed:\n{done.stderr[-3000:]}")
    return done.stdout
