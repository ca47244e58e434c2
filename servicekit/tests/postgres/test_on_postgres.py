"""What holds on SQLite holds on PostgreSQL: the same tests, with the toy service there."""

from __future__ import annotations

from servicekit.tests.test_commands import *  # noqa: F403
from servicekit.tests.test_idempotency import *  # noqa: F403
from servicekit.tests.test_jobs import *  # noqa: F403
from servicekit.tests.test_leases import *  # noqa: F403
from servicekit.tests.test_outbox import *  # noqa: F403
from servicekit.tests.test_unit_of_work import *  # noqa: F403
from servicekit.tests.test_violations import *  # noqa: F403
