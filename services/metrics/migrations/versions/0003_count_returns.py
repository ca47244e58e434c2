"""Count what departments sent back and made anew.

Of what happened before only the log tells: a rebuild brings it.

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


def downgrade() -> None:
    raise RuntimeError("what was counted since cannot be forgotten: restore a copy instead")
