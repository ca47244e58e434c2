"""Shows with a small workload that a cluster does what the chart needs of one.

`python -m deploy.cluster.check` asks the cluster of the current context. It needs the image of
PostgreSQL only for the shell and the Perl in it.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from typing import Any, Final

from deploy.cluster.cluster import meant
from deploy.cluster.errors import ClusterError
from deploy.cluster.images import POSTGRESQL
from deploy.cluster.kubectl import Kubectl, is_ready, pods, wait_until
from deploy.cluster.layout import usual_layout
from deploy.cluster.steps import Step, all_passed, run_steps

NAMESPACE: Final = "liandong-check"
READY_SECONDS: Final = 600
POLICY_SECONDS: Final = 120
ASK_SECONDS: Final = 5
PORT: Final = 8080
# Answers every connection with the name of its pod.
SERVER: Final = (
    "use IO::Socket::INET; my $s = IO::Socket::INET->new(LocalPort => 8080, Listen => 64,"
    " ReuseAddr => 1) or die; $SIG{TERM} = sub { exit 0 };"
    ' while (my $c = $s->accept) { print $c "$ENV{HOSTNAME}\\n"; close $c }'
)


class Check:
    """The steps and what they share."""

    def __init__(self, kubectl: Kubectl) -> None:
        self._cluster = kubectl
        self._kubectl = kubectl.within(NAMESPACE)

    def steps(self) -> Sequence[Step]:
        return [
            Step("node", self.node, needed=True),
            Step("pods", self.make, needed=True),
            Step("service", self.service),
            Step("names", self.names),
            Step("policies deny", self.denied),
            Step("policies allow", self.allowed),
            Step("names through a policy", self.named),
            Step("policies go", self.lifted),
            Step("volume", self.volume),
            Step("scale", self.scale),
            Step("metrics", self.metrics),
            Step("removal", self.remove),
        ]

    def node(self) -> str:
        nodes = self._cluster.get("nodes")["items"]
        ready = [node for node in nodes if is_ready(node)]
        if not ready:
            raise ClusterError("no node is ready")
        info = ready[0]["status"]["nodeInfo"]
        return f"{len(ready)} ready, {info['kubeletVersion']}, {info['containerRuntimeVersion']}"

    def make(self) -> str:
        self._cluster("delete", "namespace", NAMESPACE, "--ignore-not-found", "--wait")
        self._cluster.apply(
            {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}}
        )
        self._kubectl.apply(
            deployment("server", 2, SERVER), deployment("friend", 1), deployment("stranger", 1),
            service("server", headless=False), service("each", headless=True), claim(),
        )  # fmt: skip
        for name in ("server", "friend", "stranger"):
            self._kubectl.rolled_out(f"deployment/{name}", READY_SECONDS)
        return "4 pods ready"

    def service(self) -> str:
        """Ask the service until every pod behind it has answered."""
        wanted = {pod["metadata"]["name"] for pod in pods(self._kubectl, "app=server")}
        answered: set[str] = set()

        def lacking() -> str | None:
            answered.add(self._ask("friend", "server"))
            return f"no answer from {wanted - answered}" if wanted - answered else None

        wait_until(lacking, POLICY_SECONDS)
        return f"its address leads to {len(wanted)} pods"

    def names(self) -> str:
        full = f"server.{NAMESPACE}.svc.cluster.local"
        address = self._kubectl.get("service", "server")["spec"]["clusterIP"]
        for name in ("server", f"server.{NAMESPACE}", full):
            found = self._inside("friend", f"getent ahostsv4 {name}").split()
            if address not in found:
                raise ClusterError(f"{name} is {found or 'unknown'}, not {address}")
        every = {pod["status"]["podIP"] for pod in pods(self._kubectl, "app=server")}
        named = set(self._inside("friend", "getent ahostsv4 each").split()) & every
        if named != every:
            raise ClusterError(f"a headless service names {named}, not {every}")
        return f"{full} is {address}; a headless service names {len(every)} pods"

    def denied(self) -> str:
        """Deny everything into the servers: nobody gets through, however he asks."""
        self._kubectl.apply(policy("servers", {"ingress": []}))
        for who in ("friend", "stranger"):
            self._reaches(who, wanted=False)
        return "friend and stranger wait in vain"

    def allowed(self) -> str:
        peers = [{"podSelector": {"matchLabels": {"app": "friend"}}}]
        ports = [{"port": "answers", "protocol": "TCP"}]
        self._kubectl.apply(policy("servers", {"ingress": [{"from": peers, "ports": ports}]}))
        self._reaches("friend", wanted=True)
        self._reaches("stranger", wanted=False)
        return "friend is let in by the port's name, stranger is not"

    def named(self) -> str:
        """Let the friend out to name resolution alone, as the chart's policies say it."""
        resolution = {
            "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "kube-system"}},
            "podSelector": {"matchLabels": {"k8s-app": "kube-dns"}},
        }
        ports = [{"port": 53, "protocol": protocol} for protocol in ("UDP", "TCP")]
        self._kubectl.apply(
            policy("friend-out", {"egress": [{"to": [resolution], "ports": ports}]}, who="friend")
        )
        self._reaches("friend", wanted=False)
        wait_until(lambda: None if self._knows("server") else "no name is resolved", POLICY_SECONDS)
        return "name resolution is reached by its port 53, and nothing else"

    def lifted(self) -> str:
        """Deny the friend's way out, then lift everything."""
        self._kubectl.apply(policy("friend-out", {"egress": []}, who="friend"))
        self._reaches("friend", wanted=False)
        self._kubectl("delete", "networkpolicy", "--all")
        for who in ("friend", "stranger"):
            self._reaches(who, wanted=True)
        return "a way out is denied as a way in is; without policies both are open again"

    def volume(self) -> str:
        """Write to a volume, lose the pod, read it in the next one."""
        self._inside("friend", "echo kept >/data/word")
        before = pods(self._kubectl, "app=friend")[0]["metadata"]["name"]
        self._kubectl("delete", "pod", before, "--grace-period=1")
        self._kubectl.rolled_out("deployment/friend", READY_SECONDS)
        after = pods(self._kubectl, "app=friend")[0]["metadata"]["name"]
        found = self._inside("friend", "cat /data/word").strip()
        if found != "kept" or before == after:
            raise ClusterError(f"{after} after {before} reads {found!r}")
        return "outlives its pod"

    def scale(self) -> str:
        for replicas in (4, 1):
            self._kubectl("scale", "deployment/server", f"--replicas={replicas}")
            self._kubectl.rolled_out("deployment/server", READY_SECONDS)
            self._wait_for(replicas)
        return "to 4 and to 1"

    def metrics(self) -> str:
        """Wait for figures of a pod: the first come after two rounds of measuring."""

        def lacking() -> str | None:
            done = self._kubectl.attempt("top", "pods", "--no-headers")
            return None if done.stdout.strip() else f"no figures: {done.stderr.strip()}"

        wait_until(lacking, READY_SECONDS)
        row = self._kubectl("top", "pods", "--no-headers").splitlines()[0].split()
        return f"kubectl top: {row[0]} {row[1]} {row[2]}"

    def remove(self) -> str:
        self._cluster("delete", "namespace", NAMESPACE, "--wait", f"--timeout={READY_SECONDS}s")
        return "the namespace and all in it are gone"

    def _wait_for(self, replicas: int) -> None:
        def lacking() -> str | None:
            found = [pod for pod in pods(self._kubectl, "app=server") if is_ready(pod)]
            return None if len(found) == replicas else f"{len(found)} pods ready, not {replicas}"

        wait_until(lacking, READY_SECONDS)

    def _inside(self, who: str, script: str) -> str:
        return self._kubectl("exec", f"deployment/{who}", "--", "bash", "-c", script)

    def _knows(self, name: str) -> bool:
        asked = ("exec", "deployment/friend", "--", "getent", "ahostsv4", name)
        return self._kubectl.attempt(*asked).returncode == 0

    def _ask(self, who: str, host: str) -> str:
        """Return the answer of a server, or nothing when none came in time."""
        script = f"exec 3<>/dev/tcp/{host}/{PORT} && cat <&3"
        done = self._kubectl.attempt(
            "exec", f"deployment/{who}", "--", "timeout", str(ASK_SECONDS), "bash", "-c", script
        )
        return done.stdout.strip()

    def _reaches(self, who: str, *, wanted: bool) -> None:
        """Wait until he is let in, or is not, by name and by a pod's own address."""
        address = pods(self._kubectl, "app=server")[0]["status"]["podIP"]

        def lacking() -> str | None:
            for host in (self._kubectl.get("service", "server")["spec"]["clusterIP"], address):
                if bool(self._ask(who, host)) is not wanted:
                    return f"{who} {'does not reach' if wanted else 'reaches'} {host}"
            return None

        wait_until(lacking, POLICY_SECONDS)


def deployment(name: str, replicas: int, perl: str = "") -> dict[str, Any]:
    command = ["perl", "-e", perl] if perl else ["sleep", "infinity"]
    container: dict[str, Any] = {
        "name": "main",
        "image": POSTGRESQL,
        "imagePullPolicy": "IfNotPresent",
        "command": command,
        "resources": {"requests": {"cpu": "10m", "memory": "16Mi"}},
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "runAsNonRoot": True,
            "runAsUser": 10001,
            "capabilities": {"drop": ["ALL"]},
            "seccompProfile": {"type": "RuntimeDefault"},
        },
    }
    spec: dict[str, Any] = {"containers": [container], "terminationGracePeriodSeconds": 1}
    if perl:
        container["ports"] = [{"name": "answers", "containerPort": PORT}]
        container["readinessProbe"] = {"tcpSocket": {"port": "answers"}, "timeoutSeconds": 10}
    if name == "friend":
        container["volumeMounts"] = [{"name": "data", "mountPath": "/data"}]
        spec["volumes"] = [{"name": "data", "persistentVolumeClaim": {"claimName": "data"}}]
    labels = {"app": name}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name},
        "spec": {
            "replicas": replicas,
            "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": spec},
        },
    }


def service(name: str, *, headless: bool) -> dict[str, Any]:
    spec: dict[str, Any] = {"selector": {"app": "server"}, "ports": [{"port": PORT}]}
    if headless:
        spec["clusterIP"] = "None"
    return {"apiVersion": "v1", "kind": "Service", "metadata": {"name": name}, "spec": spec}


def claim() -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": {"name": "data"},
        "spec": {
            "accessModes": ["ReadWriteOnce"],
            "resources": {"requests": {"storage": "1Gi"}},
        },
    }


def policy(name: str, rules: dict[str, Any], *, who: str = "server") -> dict[str, Any]:
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": {"name": name},
        "spec": {
            "podSelector": {"matchLabels": {"app": who}},
            "policyTypes": [kind.capitalize() for kind in rules],
            **rules,
        },
    }


def main() -> int:
    begun = time.monotonic()
    kubectl, _ = meant(usual_layout())
    verdicts = run_steps(Check(kubectl).steps())
    passed = all_passed(verdicts)
    word = "does what is needed" if passed else "does not do what is needed"
    sys.stdout.write(f"the cluster {word} ({time.monotonic() - begun:.0f} s)\n")
    return 0 if passed else 1


if __name__ == "__main__":
    sys.exit(main())
