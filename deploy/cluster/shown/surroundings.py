"""What an installation stands on, made inside the cluster: PostgreSQL, RabbitMQ, keys, Secrets.

The chart refers to Secrets that are made outside it, as in production; here this module makes them.
Each database has an owner that cannot log in, and users that act for it: so that a user can be
exchanged for another while processes run.
"""

from __future__ import annotations

import base64
import json
import secrets
import shutil
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final

from cli.keys import make_keys
from deploy.cluster import images
from deploy.cluster.kubectl import Kubectl, wait_until
from devstack.state import load_state, save_state
from servicekit.identity import Keyring
from services import graph

NAMESPACE: Final = "liandong-shown"
RELEASE: Final = "liandong"
POSTGRESQL: Final = "postgresql"
RABBITMQ: Final = "rabbitmq"
RUNNER: Final = "runner"
READY_SECONDS: Final = 1200
DRAINED_SECONDS: Final = 300  # longer than any pod has for its end
USER: Final = 10001


class Surroundings:
    """PostgreSQL, RabbitMQ and the Secrets in one namespace, and how to exchange what is secret."""

    def __init__(self, cluster: Kubectl, folder: Path) -> None:
        self._cluster = cluster
        self.kubectl = cluster.within(NAMESPACE)
        self.keys = folder / "keys"
        # A later call goes on with the users of this one; the file holds their passwords.
        self._kept = folder / "surroundings.json"
        known = load_state(self._kept).facts
        self._generation = int(known.get("generation", 0))
        self._broker_users: list[str] = json.loads(known.get("broker_users", "[]"))
        self.urls: dict[str, str] = json.loads(known.get("urls", "{}"))
        self.amqp_url = known.get("amqp_url", "")

    def make(self) -> str:
        """Make the namespace anew with everything that an installation needs to be there."""
        self._cluster("delete", "namespace", NAMESPACE, "--ignore-not-found", "--wait")
        self._cluster.apply(
            {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}}
        )
        shutil.rmtree(self.keys, ignore_errors=True)
        make_keys(self.keys)
        self._generation = 0
        user, password = "district-1", secrets.token_hex(16)
        self._broker_users = [user]
        self.amqp_url = _amqp(user, password)
        self.kubectl.apply(
            _secret("servers", {"superuser": secrets.token_hex(16), "broker": password}),
            *_server(
                POSTGRESQL, image=images.POSTGRESQL, port=5432, data="/var/lib/postgresql/data",
                hidden={"POSTGRES_PASSWORD": "superuser"},
                arguments=["-c", "max_connections=400"],
            ),
            *_server(
                RABBITMQ, image=images.RABBITMQ, port=5672, data="/var/lib/rabbitmq",
                hidden={"RABBITMQ_DEFAULT_PASS": "broker"}, plain={"RABBITMQ_DEFAULT_USER": user},
            ),
        )  # fmt: skip
        for name in (POSTGRESQL, RABBITMQ):
            self.kubectl.rolled_out(f"statefulset/{name}", READY_SECONDS)
        for service in graph.SERVICES:
            self._sql(
                f"CREATE ROLE {owner(service)} NOLOGIN",
                f"CREATE DATABASE {owner(service)} OWNER {owner(service)}",
            )
        self.new_database_users()
        self.write_broker_secrets()
        self.write_keys()
        return f"{len(graph.SERVICES)} databases, a broker and their Secrets"

    def new_database_users(self) -> list[str]:
        """Give every database a new user and write it into the Secrets; return the old users."""
        self._generation += 1
        old = [user(service, self._generation - 1) for service in graph.SERVICES]
        documents = []
        for service in graph.SERVICES:
            name, password = user(service, self._generation), secrets.token_hex(16)
            self._sql(
                f"CREATE ROLE {name} LOGIN PASSWORD '{password}' IN ROLE {owner(service)}",
                # What it makes belongs to the owner, not to a user that will go.
                f"ALTER ROLE {name} SET role TO '{owner(service)}'",
            )
            host = f"{POSTGRESQL}.{NAMESPACE}.svc"
            self.urls[service] = f"postgresql://{name}:{password}@{host}:5432/{owner(service)}"
            documents.append(_secret(f"{RELEASE}-{service}-database", {"url": self.urls[service]}))
        self._keep()
        self.kubectl.apply(*documents)
        return old if self._generation > 1 else []

    def drop_database_users(self, users: list[str]) -> None:
        """Drop users once nobody is connected as them: pods that were replaced still drain."""
        for name in users:
            wait_until(partial(self._connected, name), DRAINED_SECONDS)
            self._sql(f"DROP ROLE {name}")

    def _connected(self, name: str) -> str | None:
        """Tell how often a user is connected; None when not at all."""
        query = f"SELECT count(*) FROM pg_stat_activity WHERE usename = '{name}'"
        times = self._sql(query).strip()
        return None if times == "0" else f"{name} is still connected {times} times"

    def new_broker_user(self) -> str:
        """Make a new user at the broker and write it into the Secrets; return the old one."""
        old = self._broker_users[-1]
        name, password = f"district-{len(self._broker_users) + 1}", secrets.token_hex(16)
        self._broker_users.append(name)
        self._broker("add_user", name, password)
        self._broker("set_permissions", name, ".*", ".*", ".*")
        self.amqp_url = _amqp(name, password)
        self._keep()
        self.write_broker_secrets()
        return old

    def delete_broker_user(self, name: str) -> None:
        """Delete a user; the broker ends the connections that he still has."""
        self._broker("delete_user", name)

    def write_broker_secrets(self) -> None:
        self.kubectl.apply(
            *(
                _secret(f"{RELEASE}-{service}-amqp", {"url": self.amqp_url})
                for service in graph.SERVICES
            )
        )

    def write_keys(self) -> None:
        """Write the public keys, the keys of each database and the tokens into Secrets."""
        documents = [self._file_secret(f"{RELEASE}-keyring", {"keyring.json": "verifier.json"})]
        documents += [
            self._file_secret(f"{RELEASE}-{service}-keystore", {"keystore.json": f"{service}.json"})
            for service in graph.SERVICES
        ]
        asking: dict[str, dict[str, str]] = {}
        for service, role in graph.ASKS:
            asking.setdefault(service, {})[f"{role}.token"] = f"{service}-{role}.token"
        for service, files in asking.items():
            documents.append(self._file_secret(f"{RELEASE}-{service}-token", files))
        self.kubectl.apply(*documents)

    def files(self, name: str) -> dict[str, Any]:
        """Return the Secret with the keys of all databases, for a pod of that name that checks."""
        own = {f"{service}.json": f"{service}.json" for service in graph.SERVICES}
        return self._file_secret(f"{name}-keys", own)

    def rotate_signing_key(self) -> Keyring:
        """Give the verifiers a new key beside the old one; return the keyring that signs with it.

        The issuer begins to sign with it when every verifier knows it: `sign_with`.
        """
        announced = Keyring.load(self.keys / "issuer.json").announced()
        announced.public().save(self.keys / "verifier.json")
        self.write_keys()
        return announced.switched()

    def sign_with(self, keyring: Keyring) -> None:
        """Let the issuer sign with this keyring, and give the services tokens by it."""
        keyring.save(self.keys / "issuer.json")
        make_keys(self.keys)
        self.write_keys()

    def forget_old_keys(self) -> None:
        """Take every key but the newest from the verifiers: what the old ones signed is void."""
        newest = Keyring(Keyring.load(self.keys / "issuer.json").keys[:1])
        newest.public().save(self.keys / "verifier.json")
        self.write_keys()

    def _keep(self) -> None:
        facts = {
            "generation": str(self._generation),
            "broker_users": json.dumps(self._broker_users),
            "urls": json.dumps(self.urls),
            "amqp_url": self.amqp_url,
        }
        save_state(self._kept, (), facts)

    def _file_secret(self, name: str, files: Mapping[str, str]) -> dict[str, Any]:
        content = {key: (self.keys / file).read_text("utf-8") for key, file in files.items()}
        return _secret(name, content)

    def _sql(self, *statements: str) -> str:
        script = ";\n".join(statements)
        return self.kubectl(
            "exec", "--stdin", f"statefulset/{POSTGRESQL}", "--", "sh", "-c",
            "exec $(echo /usr/lib/postgresql/*/bin/psql) --host=/tmp --username=postgres"
            " --no-psqlrc --quiet --tuples-only --no-align --set=ON_ERROR_STOP=1 --file=-",
            stdin=script,
        )  # fmt: skip

    def _broker(self, *words: str) -> None:
        script = (
            "HOME=/var/lib/rabbitmq RABBITMQ_NODENAME=rabbit@localhost"
            ' exec /usr/lib/rabbitmq/bin/rabbitmqctl --silent "$@"'
        )
        self.kubectl("exec", f"statefulset/{RABBITMQ}", "--", "sh", "-c", script, "sh", *words)


def owner(service: str) -> str:
    return f"liandong_{service}"


def user(service: str, generation: int) -> str:
    return f"{owner(service)}_{generation}"


def _amqp(name: str, password: str) -> str:
    return f"amqp://{name}:{password}@{RABBITMQ}.{NAMESPACE}.svc:5672/%2F"


def _secret(name: str, content: Mapping[str, str]) -> dict[str, Any]:
    data = {key: base64.b64encode(text.encode()).decode() for key, text in content.items()}
    return {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name}, "data": data}


def _server(
    name: str,
    *,
    image: str,
    port: int,
    data: str,
    hidden: Mapping[str, str],
    plain: Mapping[str, str] | None = None,
    arguments: Sequence[str] = (),
) -> list[dict[str, Any]]:
    """Return a server of one pod with a volume, and the Service before it."""
    environment: list[dict[str, Any]] = [
        {"name": key, "valueFrom": {"secretKeyRef": {"name": "servers", "key": value}}}
        for key, value in hidden.items()
    ]
    environment += [{"name": key, "value": value} for key, value in (plain or {}).items()]
    container = {
        "name": "server",
        "image": image,
        "args": list(arguments),
        "env": environment,
        "ports": [{"containerPort": port}],
        "readinessProbe": {"tcpSocket": {"port": port}, "timeoutSeconds": 10},
        "volumeMounts": [{"name": "data", "mountPath": data}],
    }
    pod = pod_of(container, grace=60)
    labels = {"app": name}
    return [
        {
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": {"name": name},
            "spec": {"selector": labels, "ports": [{"port": port}]},
        },
        {
            "apiVersion": "apps/v1",
            "kind": "StatefulSet",
            "metadata": {"name": name},
            "spec": {
                "serviceName": name,
                "replicas": 1,
                "selector": {"matchLabels": labels},
                "template": {"metadata": {"labels": labels}, "spec": pod},
                "volumeClaimTemplates": [_claim("data")],
            },
        },
    ]


def pod_of(
    container: Mapping[str, Any], volumes: Sequence[Mapping[str, Any]] = (), *, grace: int
) -> dict[str, Any]:
    """Return the spec of a pod without any right: one container with a /tmp beside its volumes."""
    temporary = {"name": "tmp", "mountPath": "/tmp"}  # noqa: S108 -- of the container
    confined = {
        "imagePullPolicy": "IfNotPresent",
        "resources": {"requests": {"cpu": "50m", "memory": "128Mi"}},
        "securityContext": {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}},
        "volumeMounts": [*container.get("volumeMounts", []), temporary],
    }
    return {
        "containers": [{**container, **confined}],
        "terminationGracePeriodSeconds": grace,
        "automountServiceAccountToken": False,
        "enableServiceLinks": False,
        "securityContext": {
            "runAsNonRoot": True,
            "runAsUser": USER,
            "runAsGroup": USER,
            "fsGroup": USER,
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        "volumes": [*volumes, {"name": "tmp", "emptyDir": {}}],
    }


def _claim(name: str) -> dict[str, Any]:
    return {
        "metadata": {"name": name},
        "spec": {
            "accessModes": ["ReadWriteOnce"],
            "resources": {"requests": {"storage": "5Gi"}},
        },
    }
