"""Which steps have passed on the installation that is there, for a later call to go on from."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from deploy.cluster.fingerprints import fingerprint
from deploy.cluster.kubectl import Kubectl
from deploy.cluster.layout import PROJECT
from deploy.cluster.shown.surroundings import NAMESPACE

# What an image and a chart are made of; the steps themselves may change between two calls.
SHIPPED: Final = (
    "requirements/runtime.txt", "pyproject.toml", "workdays", "servicekit", "services", "carrier",
    "checker", "simulator", "journeys", "cli", "devstack", "protos/gen/python", "deploy/image",
    "deploy/helm",
)  # fmt: skip
IMAGES: Final = "images"
UPGRADE: Final = "upgrade"


class Progress:
    """The record is void when the cluster, the namespace or one of the versions is another."""

    def __init__(self, path: Path, origin: Mapping[str, str]) -> None:
        """Take up the record of that origin: what holds the images, and what the installation."""
        self._path = path
        self._origin = dict(origin)
        known = json.loads(path.read_text("utf-8")) if path.exists() else {}
        same = {key for key, value in origin.items() if known.get("origin", {}).get(key) == value}
        passed = list(known.get("passed", ()))
        if same != origin.keys():
            # A namespace made anew has no installation; the node still has the images.
            kept = {"cluster", "previous", "this"} <= same
            passed = [key for key in passed if key == IMAGES] if kept else []
        self.passed = set(passed)
        self.upgraded = bool(known.get("upgraded")) and same == origin.keys()

    def add(self, key: str) -> None:
        self.passed.add(key)
        self._save()

    def begin_upgrade(self) -> None:
        """From here on, whoever works is of this version, however the upgrade ends."""
        self.upgraded = True
        self._save()

    def begin_anew(self, namespace: str) -> None:
        """Forget everything but the images: the namespace is another one now."""
        self._origin["namespace"] = namespace
        self.passed &= {IMAGES}
        self.upgraded = False
        self._save()

    def _save(self) -> None:
        document = {
            "origin": self._origin, "passed": sorted(self.passed), "upgraded": self.upgraded,
        }  # fmt: skip
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._path.write_text(json.dumps(document, indent=1), encoding="utf-8")


def origin_of(kubectl: Kubectl, previous: str) -> dict[str, str]:
    """Return what a record must have been written about to hold now."""
    return {
        "cluster": uid_of(kubectl, "kube-system"),
        "namespace": uid_of(kubectl, NAMESPACE),
        "previous": previous,
        "this": shipped(PROJECT),
    }


def uid_of(kubectl: Kubectl, namespace: str) -> str:
    """Return what tells a namespace from a later one of that name; empty when there is none."""
    words = ("namespace", namespace, "--ignore-not-found", "--output=jsonpath={.metadata.uid}")
    return kubectl("get", *words).strip()


def shipped(project: Path) -> str:
    """Return a digest of everything below the project that goes into the image and the chart."""
    files = [
        path
        for name in SHIPPED
        for path in sorted([project / name, *(project / name).rglob("*")])
        if path.is_file() and not {"tests", "__pycache__"} & set(path.relative_to(project).parts)
    ]
    return fingerprint(files, *(str(path.relative_to(project)) for path in files))
