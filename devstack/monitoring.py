"""A private Prometheus and Alertmanager, for tests and for `liandong observe`."""

from __future__ import annotations

import json
import shutil
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from devstack.errors import MissingPackagesError
from devstack.packages import DebianMachine, Machine
from devstack.ports import free_port
from devstack.processes import READY_SECONDS, ManagedProcess

__all__ = ["Alertmanager", "MonitoringPrograms", "Prometheus", "Target", "require_monitoring"]

# Debian names the server prometheus-alertmanager; elsewhere it is alertmanager.
_NAMES: Final[Mapping[str, tuple[str, ...]]] = {
    "prometheus": ("prometheus",),
    "promtool": ("promtool",),
    "alertmanager": ("prometheus-alertmanager", "alertmanager"),
    "amtool": ("amtool",),
}
_PACKAGES: Final = {
    "prometheus": "prometheus",
    "promtool": "prometheus",
    "alertmanager": "prometheus-alertmanager",
    "amtool": "prometheus-alertmanager",
}
_ASKED_FOR_S: Final = 20.0

Which = Callable[[str], str | None]


@dataclass(frozen=True, slots=True)
class MonitoringPrograms:
    """Where the programs are; Grafana is no Debian package and may be missing."""

    prometheus: str
    promtool: str
    alertmanager: str
    amtool: str
    grafana: str | None


def require_monitoring(
    *, machine: Machine | None = None, which: Which = shutil.which
) -> MonitoringPrograms:
    """Return where Prometheus and Alertmanager are; install them when missing and allowed.

    MissingPackagesError names what is missing, why it could not be installed, and the command.
    """
    machine = machine or DebianMachine()
    lacking = _lacking(which)
    if lacking:
        packages = sorted({_PACKAGES[name] for name in lacking})
        reason = machine.why_not_install()
        if reason is None:
            machine.install(packages)
            lacking = _lacking(which)
            reason = "the packages were installed, yet they are still missing"
        if lacking:
            raise MissingPackagesError(
                f"Watching needs programs that this machine lacks: {', '.join(lacking)}.\n"
                f"They could not be installed from here: {reason}.\n"
                "On Debian 12 or newer, somebody who may install packages runs:\n"
                "  sudo apt-get update && sudo apt-get install -y --no-install-recommends "
                + " ".join(packages)
            )
    found = {name: _find(name, which) or "" for name in _NAMES}
    return MonitoringPrograms(**found, grafana=which("grafana-server") or which("grafana"))


def _find(name: str, which: Which) -> str | None:
    return next((found for each in _NAMES[name] if (found := which(each))), None)


def _lacking(which: Which) -> list[str]:
    return [name for name in _NAMES if _find(name, which) is None]


@dataclass(frozen=True, slots=True)
class Target:
    """A process to scrape: its address, and what it is."""

    address: str
    app: str
    role: str


class Prometheus:
    """One Prometheus on a free port that scrapes `targets` and evaluates the rules given."""

    def __init__(
        self,
        folder: Path,
        targets: list[Target],
        *,
        rules: Path | None = None,
        alertmanager: str | None = None,
        every: str = "5s",
        program: str | None = None,
    ) -> None:
        self.port = free_port()
        self.folder = folder
        self._program = program or require_monitoring().prometheus
        folder.mkdir(parents=True, exist_ok=True)
        config: dict[str, Any] = {
            "global": {"scrape_interval": every, "evaluation_interval": every},
            "scrape_configs": [
                {
                    "job_name": "liandong",
                    # Our metrics name their service themselves.
                    "honor_labels": True,
                    "static_configs": [
                        {"targets": [each.address], "labels": {"app": each.app, "role": each.role}}
                        for each in targets
                    ],
                }
            ],
        }
        if rules is not None:
            config["rule_files"] = [str(rules.absolute() / "*.yaml")]
        if alertmanager is not None:
            address = {"static_configs": [{"targets": [alertmanager]}]}
            config["alerting"] = {"alertmanagers": [address]}
        # JSON is YAML.
        (folder / "prometheus.yml").write_text(json.dumps(config, indent=1), encoding="utf-8")
        self.process = ManagedProcess(
            "prometheus",
            [
                self._program,
                f"--config.file={folder / 'prometheus.yml'}",
                f"--storage.tsdb.path={folder / 'data'}",
                f"--web.listen-address=127.0.0.1:{self.port}",
                "--log.level=warn",
            ],
            log=folder / "prometheus.log",
        )

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self, *, deadline: float = READY_SECONDS) -> None:
        self.process.start()
        self.process.wait_ready(_answers(f"{self.url}/-/ready"), deadline=deadline)

    def stop(self) -> None:
        self.process.stop()

    def query(self, expression: str) -> list[dict[str, Any]]:
        """Return the samples of an instant query; an expression it refuses raises ValueError."""
        return list(self.ask("query", query=expression)["result"])

    def ask(self, what: str, **parameters: str) -> Any:
        """Return the data of an answer of the API."""
        body = urllib.parse.urlencode(parameters).encode()
        try:
            with urllib.request.urlopen(  # noqa: S310 - our own server on 127.0.0.1
                f"{self.url}/api/v1/{what}", body or None, timeout=_ASKED_FOR_S
            ) as answer:
                return json.load(answer)["data"]
        except urllib.error.HTTPError as error:
            raise ValueError(f"{parameters}: {json.load(error).get('error')}") from error


class Alertmanager:
    """One Alertmanager on a free port, without peers."""

    def __init__(self, folder: Path, config: Path, *, program: str | None = None) -> None:
        self.port = free_port()
        folder.mkdir(parents=True, exist_ok=True)
        self.process = ManagedProcess(
            "alertmanager",
            [
                program or require_monitoring().alertmanager,
                f"--config.file={config.absolute()}",
                f"--storage.path={folder / 'data'}",
                f"--web.listen-address=127.0.0.1:{self.port}",
                "--cluster.listen-address=",
                "--log.level=warn",
            ],
            log=folder / "alertmanager.log",
        )

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    def start(self, *, deadline: float = READY_SECONDS) -> None:
        self.process.start()
        self.process.wait_ready(_answers(f"http://{self.address}/-/ready"), deadline=deadline)

    def stop(self) -> None:
        self.process.stop()


def _answers(url: str) -> Callable[[], str | None]:
    def check() -> str | None:
        try:
            with urllib.request.urlopen(url, timeout=2):  # noqa: S310 - our own server
                return None
        except OSError as error:
            return f"{url} does not answer: {error}"

    return check
