"""Count what departments sent back and made anew, and the days that a case took.

What the columns of before say already is filled in; who sent back and who made
anew, and the days of joint cases, only the log tells: a rebuild brings them.

Revision ID: 0003
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_OF_CASES = (
    ("reworked_by", "作废后重新制作文书的部门"),
    ("returned_by", "要求申请人补充说明的部门"),
)


def upgrade() -> None:
    for name, comment in _OF_CASES:
        op.add_column(
            "case_facts",
            sa.Column(
                name, sa.Text(), nullable=False, server_default=sa.text("'[]'"), comment=comment
            ),
        )
    op.add_column(
        "case_facts",
        sa.Column(
            "days_taken", sa.Integer(), nullable=True, comment="收件至决定的工作日（当场决定为空）"
        ),
    )
    op.execute(
        """UPDATE case_facts SET days_taken = days_at_window + days_at_department
        WHERE decision_on IS NOT NULL AND spot_decided_at IS NULL"""
    )


def downgrade() -> None:
    raise RuntimeError("what was counted since cannot be forgotten: restore a copy instead")
