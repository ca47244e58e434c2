"""Who decides on the spot, and which window was merged into which.

Revision ID: 0002
Revises: 0001
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Plain ALTER TABLE: to rebuild the tables would lose the triggers that refuse changes.
    op.add_column(
        "authorisation_letter",
        sa.Column(
            "on_the_spot_deciders",
            sa.Text(),
            nullable=False,
            server_default="[]",
            comment="当场决定的人员（JSON）",
        ),
    )
    op.add_column(
        "unit",
        sa.Column(
            "merged_into",
            sa.Text(),
            nullable=False,
            server_default="",
            comment="并入的窗口；未合并的为空串",
        ),
    )
    op.add_column(
        "unit",
        sa.Column("merged_from_date", sa.Date(), nullable=True, comment="合并首日；未合并的为空"),
    )


def downgrade() -> None:
    op.drop_column("unit", "merged_from_date")
    op.drop_column("unit", "merged_into")
    op.drop_column("authorisation_letter", "on_the_spot_deciders")
