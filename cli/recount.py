"""Counts everything again from the event logs of a running district."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final

import grpc

from cli.installation import Installation, InstallationError
from servicekit.client import TracedChannel, connect
from servicekit.clock import SteeredClock, SystemClock
from servicekit.identity import Keyring
from servicekit.service import open_resources
from services import graph
from services.metrics.adapters.clients import event_logs
from services.metrics.adapters.rebuild import (
    AlreadyRebuildingError,
    LogBrokenError,
    NeverCaughtUpError,
    Report,
    rebuild,
)
from services.standalone.district import service_token
from services.standalone.registry import part_of

__all__ = ["rebuild_metrics"]

PATIENCE_S: Final = 30.0  # for one page of a log
PURPOSE: Final = "rebuild"


def rebuild_metrics(
    installation: Installation,
    *,
    token: Path | None = None,
    addresses: Mapping[str, str] = MappingProxyType({}),
) -> int:
    """Rebuild what metrics counts; print what differed and return how many rows did.

    The logs are read as metrics, with its purpose; what differs is replaced.
    Where the issuer is elsewhere, `token` is what it issued for this
    (`metrics-rebuild.token`), and `addresses` say where the services are.
    """
    known = {**installation.addresses, **addresses}
    sources = graph.sources_of("metrics")
    if missing := [name for name in sources if name not in known]:
        raise InstallationError(
            f"不知道服务的地址（{'、'.join(missing)}）：请用 --at 服务=主机:端口 写明。"
        )
    bearing = _bearing(installation, token)
    part = part_of("metrics")
    settings = part.settings(
        _env_prefix="METRICS_",
        profile="demonstration",
        database_url=installation.databases["metrics"],
        keyring=Path(installation.keystores["metrics"]),
        keystore=Path(installation.keystores["metrics"]),
        checkpoints=Path(installation.checkpoints),
        blobs=Path(installation.blobs),
    )
    channels = {name: connect(known[name], settings.tls) for name in sources}
    traced = {
        name: TracedChannel(channel, bearing, timeout=PATIENCE_S, peer=name)
        for name, channel in channels.items()
    }
    resources = open_resources(part.definition, settings, pool_size=2)
    clock = SteeredClock(Path(installation.clock)) if installation.clock else SystemClock()
    try:
        report = rebuild(resources.engine, resources.kit, clock, sources, event_logs(traced))
    except (AlreadyRebuildingError, LogBrokenError, NeverCaughtUpError, grpc.RpcError) as error:
        raise InstallationError(_why(error)) from error
    finally:
        resources.close()
        for channel in channels.values():
            channel.close()
    _tell(report)
    return report.differing


def _bearing(installation: Installation, token: Path | None) -> Callable[[], str]:
    """Return what gives each call its token."""
    if token is not None:
        return lambda: token.read_text(encoding="utf-8").strip()
    if not installation.issuer:
        raise InstallationError(
            "此处没有签发令牌的私钥：请用 --token 给出签发机构签发的 metrics-rebuild.token。"
        )
    keyring = Keyring.load(installation.issuer)
    return lambda: service_token(keyring, "metrics", PURPOSE)


def _why(error: Exception) -> str:
    match error:
        case AlreadyRebuildingError():
            return "另一进程正在重新统计，请等它结束。"
        case LogBrokenError():
            return f"事件日志不完整，未作任何替换：{error}"
        case NeverCaughtUpError():
            return "事件日志始终落后于现有统计，未作任何替换：请确认各服务的转发进程在运行。"
        case _:
            return f"无法读取事件日志：{error}"


def _tell(report: Report) -> None:
    print(f"重新统计：读取事件{report.events}条。")
    for table, rows in report.rows.items():
        print(f"    {table} {rows}行")
    print(f"与事件不符并已替换{report.differing}行，尚在途中{report.behind}行。")
    for each in report.differences:
        print(f"    {each.table} {each.key}")
    for item in report.unproven_lights:
        print(f"    事项{item}为红灯，但没有办件证明：请说明。")
