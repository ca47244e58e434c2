"""Indexes that hold the cases of a window, an authority or a person in the order of lists.

Those on the first column alone are served by them and go; a version of before
finds its cases by the new ones.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_MADE = {
    "ix_case_file_window_unit_received_at_number": ["window_unit", "received_at", "number"],
    "ix_case_file_window_unit_state_received_at_number": [
        "window_unit", "state", "received_at", "number",
    ],
    "ix_case_file_authority_received_at_number": ["authority", "received_at", "number"],
    "ix_case_file_authority_state_received_at_number": [
        "authority", "state", "received_at", "number",
    ],
    "ix_case_file_applicant_person_received_at_number": [
        "applicant_person", "received_at", "number",
    ],
}
_SERVED_BY_THEM = ("authority", "window_unit", "applicant_person")


def upgrade() -> None:
    for name, columns in _MADE.items():
        op.create_index(name, "case_file", columns)
    op.create_index(
        "ix_case_file_unit_path", "case_file", ["unit_path"],
        postgresql_ops={"unit_path": "text_pattern_ops"},
    )
    beside_the_lead = sa.text("ordinal > 1")
    op.create_index(
        "ix_case_decision_taking_part", "case_decision", ["authority"],
        postgresql_where=beside_the_lead, sqlite_where=beside_the_lead,
    )
    for column in _SERVED_BY_THEM:
        op.drop_index(f"ix_case_file_{column}", "case_file")
