"""When supervision was told that a village post passed a request on too late (R5.5)."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from servicekit.database import UTCDateTime

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    told = sa.Column("overdue_told_at", UTCDateTime(), comment="转办逾期告警时间")
    op.add_column("assistance", told)
