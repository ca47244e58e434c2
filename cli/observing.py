"""`liandong observe`: the district as processes, watched, with load, left up to look at."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from cli.demo import drive_all
from cli.installation import Installation, InstallationError
from cli.processes import ROLES, ProcessDistrict
from cli.running import bring_up
from devstack.monitoring import (
    Alertmanager,
    MonitoringPrograms,
    Prometheus,
    Target,
    require_monitoring,
)
from devstack.ports import free_port, is_listening
from devstack.processes import ManagedProcess
from services import graph

__all__ = ["observe", "provision_grafana", "targets_of"]

DEPLOY: Final = Path(__file__).resolve().parent.parent / "deploy"
GRAFANA_HOME: Final = Path("/usr/share/grafana")  # where its own packages put it
LOOK = """
Prometheus    {prometheus}/alerts
Alertmanager  http://{alertmanager}
{grafana}
停止全部进程：make down（文件夹 {folder}）"""


def observe(folder: Path) -> int:
    """Bring the district up with who watches it, drive the journeys, and leave all of it up."""
    if not (DEPLOY / "prometheus" / "rules").is_dir():
        raise InstallationError("规则和看板在源代码的 deploy 文件夹中；请在源代码目录中运行。")
    programs = require_monitoring()
    seen: dict[str, str] = {"folder": str(folder)}

    def watch(district: ProcessDistrict) -> Sequence[ManagedProcess]:
        return _watch(folder, district, programs, seen)

    if bring_up(folder, beside=watch):
        return 1
    went = drive_all(Installation.load(folder).world())
    print(LOOK.format(**seen))
    return 0 if went else 1


def targets_of(district: ProcessDistrict) -> list[Target]:
    """Return every process of the district that shows metrics."""
    return [
        Target(f"127.0.0.1:{district.ports[service].metrics[role]}", service, role)
        for service in graph.SERVICES
        for role in ROLES
    ]


def _watch(
    folder: Path, district: ProcessDistrict, programs: MonitoringPrograms, seen: dict[str, str]
) -> list[ManagedProcess]:
    """Start who watches; what was started before a failure is ended with it."""
    with contextlib.ExitStack() as undo:
        alertmanager = Alertmanager(
            folder / "alertmanager",
            DEPLOY / "prometheus" / "alertmanager.yaml",
            program=programs.alertmanager,
        )
        undo.callback(alertmanager.process.stop)
        alertmanager.start()
        prometheus = Prometheus(
            folder / "prometheus",
            targets_of(district),
            rules=DEPLOY / "prometheus" / "rules",
            alertmanager=alertmanager.address,
            program=programs.prometheus,
        )
        undo.callback(prometheus.process.stop)
        prometheus.start()
        started = [alertmanager.process, prometheus.process]
        provisioning = provision_grafana(folder / "grafana", prometheus.url)
        if programs.grafana is None:
            seen["grafana"] = (
                "Grafana       本机没有安装；把它的 provisioning 指向 "
                f"{provisioning}，即有数据源和全部看板"
            )
        else:
            grafana, url = _grafana(folder / "grafana", provisioning, programs.grafana, undo)
            started.append(grafana)
            seen["grafana"] = f"Grafana       {url}/dashboards"
        undo.pop_all()  # all is up and stays up
    seen |= {"prometheus": prometheus.url, "alertmanager": alertmanager.address}
    return started


def provision_grafana(folder: Path, prometheus: str) -> Path:
    """Write what gives a Grafana its data source and the dashboards; return the folder."""
    source = {"name": "Prometheus", "type": "prometheus", "uid": "prometheus", "access": "proxy",
              "url": prometheus, "isDefault": True}  # fmt: skip
    provider = {"name": "liandong", "type": "file", "folder": "联动",
                "options": {"path": str(DEPLOY / "grafana" / "dashboards")}}  # fmt: skip
    written = {
        "datasources/prometheus.yaml": {"apiVersion": 1, "datasources": [source]},
        "dashboards/liandong.yaml": {"apiVersion": 1, "providers": [provider]},
    }
    provisioning = folder / "provisioning"
    for name, content in written.items():
        path = provisioning / name
        path.parent.mkdir(parents=True, exist_ok=True)
        # JSON is YAML.
        path.write_text(json.dumps(content, ensure_ascii=False, indent=1), encoding="utf-8")
    return provisioning


def _grafana(
    folder: Path, provisioning: Path, program: str, undo: contextlib.ExitStack
) -> tuple[ManagedProcess, str]:
    port = free_port()
    process = ManagedProcess(
        "grafana",
        [program, *(["server"] if Path(program).name == "grafana" else []),
         "--homepath", GRAFANA_HOME],
        log=folder / "grafana.log",
        env={
            "PATH": "/usr/sbin:/usr/bin:/bin",
            "GF_PATHS_PROVISIONING": str(provisioning),
            "GF_PATHS_DATA": str(folder / "data"),
            "GF_PATHS_LOGS": str(folder),
            "GF_SERVER_HTTP_ADDR": "127.0.0.1",
            "GF_SERVER_HTTP_PORT": str(port),
            "GF_AUTH_ANONYMOUS_ENABLED": "true",
            "GF_ANALYTICS_REPORTING_ENABLED": "false",
            "GF_ANALYTICS_CHECK_FOR_UPDATES": "false",
        },
    )  # fmt: skip
    undo.callback(process.stop)
    process.start()
    process.wait_ready(lambda: None if is_listening(port) else "does not listen yet")
    return process, f"http://127.0.0.1:{port}"
