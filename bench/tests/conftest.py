from __future__ import annotations

from devstack.pytest_plugin import (  # noqa: F401 -- fixtures
    launched_postgres,
    launched_rabbitmq,
    postgres,
    rabbitmq,
)
