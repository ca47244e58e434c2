"""The faults by name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from chaos.faults import clock, deliveries, disk, lines, poison, processes, servers
from chaos.faults.base import Fault

__all__ = ["FAULTS", "Fault"]

FAULTS: Final[Mapping[str, Fault]] = {
    "kill-api": processes.killed("api"),
    "kill-relay": processes.killed("relay"),
    "kill-worker": processes.killed("worker"),
    "kill-jobs": processes.killed("jobs"),
    "kill-rabbitmq": servers.broker_killed,
    "kill-postgres": servers.database_killed,
    "rolling-restart": processes.rolling_restart,
    "cut-lines": lines.cut_half_way,
    "duplicates": deliveries.duplicated,
    "delays": deliveries.delayed_and_reordered,
    "undecodable": poison.undecodable,
    "failing-handler": poison.failing_handler,
    "slow-database": lines.slow_database,
    "full-disk": disk.full_disk,
    "clock-steps": clock.clock_stepped,
}
