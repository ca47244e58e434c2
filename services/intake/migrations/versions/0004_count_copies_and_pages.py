"""How many of the pieces of a material are copies, and their pages, as the 收件凭证 says."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    copies = sa.Column("copies", sa.Integer(), comment="其中复印件件数；未清点为空")
    pages = sa.Column("pages", sa.Integer(), comment="页数合计；未清点为空")
    op.add_column("case_material", copies)
    op.add_column("case_material", pages)
