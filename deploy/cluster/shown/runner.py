"""A pod that works on the district and has it checked, from inside the cluster."""

from __future__ import annotations

import json
import secrets
import subprocess
import time
from pathlib import PurePosixPath
from typing import Any, Final

from deploy.cluster.errors import ClusterError
from deploy.cluster.kubectl import Kubectl
from deploy.cluster.shown.surroundings import (
    READY_SECONDS,
    RELEASE,
    RUNNER,
    Surroundings,
    pod_of,
)
from services import graph

WORK: Final = PurePosixPath("/work")
SETTLE_SECONDS: Final = 900
SETTLE_PAUSE: Final = 10.0
STOP_SECONDS: Final = 900


class Runner:
    """One pod of an image: it keeps the ledgers of everything that was answered."""

    def __init__(self, around: Surroundings, image: str, name: str = RUNNER) -> None:
        self._around = around
        self._kubectl: Kubectl = around.kubectl
        self._image = image
        self.name = name
        self._load: subprocess.Popen[str] | None = None
        self._until = WORK  # the file that ends the work, another for every `begin`

    def start(self) -> None:
        self._kubectl.apply(self._around.files(self.name), _pod(self.name, self._image))
        self._kubectl("wait", "--for=condition=Ready", f"pod/{self.name}",
                      f"--timeout={READY_SECONDS}s")  # fmt: skip

    def begin(self, clerks: int = 2) -> None:
        """Let clerks work until `end`."""
        self._until = WORK / f"until-{secrets.token_hex(4)}"
        self._give("issuer.json", (self._around.keys / "issuer.json").read_text("utf-8"))
        config = {
            "addresses": {
                service: f"dns:///{RELEASE}-{service}.{self._kubectl.namespace}.svc:50051"
                for service in graph.SERVICES
            },
            "issuer": str(WORK / "issuer.json"),
            "ledgers": str(WORK / "ledgers"),
            "until": str(self._until),
            "clerks": clerks,
        }
        self._give("steady.json", json.dumps(config))
        self._load = subprocess.Popen(  # noqa: S603 -- our own command
            self._kubectl.command(
                "exec", self.name, "--", "python", "-m", "journeys.steady",
                "--config", str(WORK / "steady.json"),
            ),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )  # fmt: skip

    def sign_anew(self) -> None:
        """Give the clerks the keyring that signs now; they read it before every case."""
        self._give("issuer.json", (self._around.keys / "issuer.json").read_text("utf-8"))

    def end(self) -> str:
        """Let the clerks finish their cases; ClusterError unless everything was answered."""
        load = self._load
        if load is None:
            raise ClusterError("nobody is at work")
        self._kubectl("exec", self.name, "--", "touch", str(self._until))
        told, complaint = load.communicate(timeout=STOP_SECONDS)
        self._load = None
        if not told.strip():
            raise ClusterError(f"the clerks ended without a word: {complaint[-2000:]}")
        tally: dict[str, Any] = json.loads(told.splitlines()[-1])
        repeated = {code: count for code, count in tally["answers"].items() if code != "OK"}
        text = (
            f"{tally['cases']} cases, {tally['answers'].get('OK', 0)} answers,"
            f" repeated {repeated or 0}, longest case {tally['longest_case_s']} s"
        )
        if load.returncode or tally["failures"]:
            raise ClusterError("\n".join([text, *tally["failures"][:5], complaint[-500:]]))
        return text

    def abandon(self) -> None:
        """End the work after a step that failed, so that the next begins with nobody at work."""
        load, self._load = self._load, None
        if load is None:
            return
        try:
            self._kubectl.attempt("exec", self.name, "--", "touch", str(self._until))
            load.communicate(timeout=STOP_SECONDS)
        except (OSError, subprocess.SubprocessError):
            # The step has failed already, and its reason is what counts.
            load.kill()
            load.communicate()

    def check(self) -> str:
        """Have the district checked until nothing is under way; return the verdict."""
        self._give("check.json", json.dumps(self._asked()))
        self._kubectl(
            "exec", self.name, "--", "sh", "-c",
            f"cat {WORK}/ledgers/*.jsonl >{WORK}/ledger.jsonl",
        )  # fmt: skip
        limit = time.monotonic() + SETTLE_SECONDS
        while True:
            done = self._kubectl.attempt(
                "exec", self.name, "--", "python", "-m", "checker", "--config",
                str(WORK / "check.json"),
            )  # fmt: skip
            if done.returncode == 0:
                return done.stdout.strip().splitlines()[-1]
            if time.monotonic() > limit:
                raise ClusterError(f"the checker:\n{(done.stdout + done.stderr)[-3000:]}")
            time.sleep(SETTLE_PAUSE)

    def ledger_of(self, other: Runner) -> None:
        """Take over what another runner was answered."""
        found = self._kubectl("exec", other.name, "--", "sh", "-c", f"cat {WORK}/ledgers/*.jsonl")
        self._kubectl("exec", self.name, "--", "mkdir", "-p", str(WORK / "ledgers"))
        self._give(f"ledgers/{other.name}.jsonl", found)

    def _asked(self) -> dict[str, Any]:
        return {
            "databases": {
                service: url.replace("postgresql://", "postgresql+psycopg://")
                for service, url in self._around.urls.items()
            },
            "keystores": {service: f"/keys/{service}.json" for service in graph.SERVICES},
            "blobs": {"intake": "/blobs"},
            "checkpoints": {service: f"/checkpoints/{service}" for service in graph.SERVICES},
            "amqp_url": self._around.amqp_url,
            "ledger": str(WORK / "ledger.jsonl"),
            "settled": True,
        }

    def _give(self, name: str, content: str) -> None:
        """Write a file into the pod, whole or not at all: somebody may be reading it."""
        place = WORK / name
        self._kubectl(
            "exec", "--stdin", self.name, "--", "sh", "-c",
            f"cat >{place}.new && mv {place}.new {place}", stdin=content,
        )  # fmt: skip


def _pod(name: str, image: str) -> dict[str, Any]:
    """Return a pod that waits for commands, with everything that the checker reads."""
    claims = {f"checkpoints-{service}": f"{RELEASE}-{service}-checkpoints"
              for service in graph.SERVICES}  # fmt: skip
    claims["blobs"] = f"{RELEASE}-intake-blobs"
    mounts = [
        {"name": f"checkpoints-{service}", "mountPath": f"/checkpoints/{service}"}
        for service in graph.SERVICES
    ]
    mounts += [
        {"name": "blobs", "mountPath": "/blobs"},
        {"name": "keys", "mountPath": "/keys"},
        {"name": "work", "mountPath": str(WORK)},
    ]
    volumes: list[dict[str, Any]] = [
        {"name": volume, "persistentVolumeClaim": {"claimName": claim, "readOnly": True}}
        for volume, claim in claims.items()
    ]
    volumes += [
        {"name": "keys", "secret": {"secretName": f"{name}-keys"}},
        {"name": "work", "emptyDir": {}},
    ]
    container = {
        "name": "runner",
        "image": image,
        "command": ["sleep", "infinity"],
        "volumeMounts": mounts,
    }
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "labels": {"app": RUNNER}},
        "spec": pod_of(container, volumes, grace=1),
    }
