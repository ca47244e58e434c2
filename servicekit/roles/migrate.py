"""The migrate process: schema, partitions, exchanges, queues, bindings; then it ends.

It runs before anything else of the service and is compatible with the
version that is running: expand first, contract a release later.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence

from servicekit.clock import SystemClock
from servicekit.config import ServiceSettings
from servicekit.messaging import Topology, declare, wait_for_broker
from servicekit.migrations import upgrade
from servicekit.service import ServiceDefinition
from servicekit.telemetry import set_up_logging

__all__ = ["run_migrate"]

log = logging.getLogger(__name__)


def run_migrate(
    definition: ServiceDefinition,
    settings: ServiceSettings,
    consumers: Mapping[str, Sequence[str]],
) -> None:
    """Bring the database up to date and declare what the service publishes to and reads from.

    `consumers` maps each source of events to those who take them in.
    """
    set_up_logging(definition.name, "migrate", settings.log_level)
    upgrade(definition.migrations, settings.database("psycopg"), SystemClock().today())
    if settings.amqp_url is not None:
        amqp_url = settings.amqp_url.get_secret_value()
        wait_for_broker(amqp_url, timeout=60)
        own = {definition.name: consumers[definition.name]}
        taken_in = {source: [definition.name] for source in definition.sources}
        declare(amqp_url, Topology({**taken_in, **own}))
    log.info("migrated")
