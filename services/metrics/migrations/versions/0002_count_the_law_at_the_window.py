"""Count how cases end, joint decisions, service, parcels, limits and alarms.

What the columns of before say already is filled in; what only the log tells
(`first_wish`, `handling` of what came since) a rebuild brings.

Revision ID: 0002
"""

import json
from datetime import UTC, date, datetime, timedelta, timezone

import sqlalchemy as sa
from alembic import op

from servicekit.database import UTCDateTime

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_TEXT, _NUMBER = "''", "0"
_NO, _NONE = sa.false(), "[]"

# Name, type, default of rows that are there (None: nullable), comment.
_OF_CASES = (
    ("handling", sa.Text(), _TEXT, "办件类型"),
    ("assistance", sa.Text(), _TEXT, "代办标识，可为空串"),
    ("first_wish", sa.Text(), _TEXT, "申请时选择的领取方式"),
    ("out_of_force", sa.Boolean(), _NO, "收件时事项已停止实施"),
    ("transfers", sa.Integer(), _NUMBER, "转交次数"),
    ("further_notices", sa.Integer(), _NUMBER, "经批准再次告知次数"),
    ("spot_decided_at", UTCDateTime(), None, "当场决定时间"),
    ("spot_outcome", sa.Text(), _TEXT, "当场决定结果"),
    ("spot_promise_kept", sa.Boolean(), None, "当场决定是否在承诺时限内"),
    ("spot_statutory_kept", sa.Boolean(), None, "当场决定是否在法定期限内"),
    ("ended_at", UTCDateTime(), None, "未作决定而终结（含备案）的时间"),
    ("ended_as", sa.Text(), _TEXT, "终结方式"),
    ("dispatches", sa.Integer(), _NUMBER, "交寄次数"),
    ("service_open", sa.Text(), _TEXT, "尚未有效送达的原因"),
    ("served_means", sa.Text(), _TEXT, "送达方式"),
    ("authorities", sa.Text(), f"'{_NONE}'", "各机关办理情况"),
    ("decided_early", sa.Boolean(), None, "是否提前办结"),
    ("days_at_window", sa.Integer(), _NUMBER, "窗口用时（工作日）"),
    ("days_at_department", sa.Integer(), _NUMBER, "部门用时（工作日）"),
    ("parcels_in", sa.Integer(), _NUMBER, "寄往中心的邮件数"),
    ("parcels", sa.Text(), f"'{_NONE}'", "寄给申请人的邮件"),
    ("parcels_out", sa.Integer(), _NUMBER, "寄给申请人的邮件数"),
    ("parcels_signed", sa.Integer(), _NUMBER, "其中已签收"),
    ("parcels_failed", sa.Integer(), _NUMBER, "其中拒收、退回、丢失"),
    ("parcels_cancelled", sa.Integer(), _NUMBER, "其中已撤销"),
    ("decision_on", sa.Date(), None, "有效决定之日"),
)
_OF_ITEMS = (
    ("in_force_until", sa.Date(), None, "失效日期（次日起不再实施的当日）"),
    ("handling", sa.Text(), _TEXT, "办件类型（GB/T 39046 A.6）"),
    ("statutory_amount", sa.Integer(), None, "法定办结时限"),
    ("statutory_unit", sa.Text(), None, "法定办结时限单位"),
    ("statutory_start", sa.Text(), None, "法定办结时限起算"),
    ("promised_amount", sa.Integer(), None, "承诺办结时限"),
    ("promised_unit", sa.Text(), None, "承诺办结时限单位"),
    ("promised_start", sa.Text(), None, "承诺办结时限起算"),
    ("result_physical", sa.Boolean(), _NO, "结果为纸质"),
)


def upgrade() -> None:
    _alarms_and_calendars()
    for table, columns in (("case_facts", _OF_CASES), ("item_version", _OF_ITEMS)):
        for name, kind, default, comment in columns:
            given = sa.text(default) if isinstance(default, str) else default
            op.add_column(
                table,
                sa.Column(
                    name, kind, nullable=default is None, server_default=given, comment=comment
                ),
            )
    op.execute("UPDATE case_facts SET served_means = 'WINDOW' WHERE served_at IS NOT NULL")
    _authorities()


def _alarms_and_calendars() -> None:
    op.create_table(
        "alarm_seen",
        sa.Column("alarm_id", sa.Text(), nullable=False, comment="告警标识（事件标识）"),
        sa.Column("kind", sa.Text(), nullable=False, comment="告警类别"),
        sa.Column("at", UTCDateTime(), nullable=False, comment="发生时间"),
        sa.Column("case_number", sa.Text(), nullable=False, comment="办件编号"),
        sa.Column("authority", sa.Text(), nullable=False, comment="应当处置的机关，可为空串"),
        sa.Column("unit", sa.Text(), nullable=False, comment="应当处置的窗口，可为空串"),
        sa.Column("detail", sa.Text(), nullable=False, comment="原因、封袋号或灯色，可为空串"),
        sa.PrimaryKeyConstraint("alarm_id", name=op.f("pk_alarm_seen")),
    )
    op.create_index("ix_alarm_seen_at", "alarm_seen", ["at", "alarm_id"])
    op.create_index(op.f("ix_alarm_seen_authority"), "alarm_seen", ["authority"])
    op.create_index(op.f("ix_alarm_seen_case_number"), "alarm_seen", ["case_number"])
    op.create_table(
        "calendar_year",
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False, comment="年度"),
        sa.Column("notice", sa.Text(), nullable=False, comment="放假安排"),
        sa.Column("source", sa.Text(), nullable=False, comment="发文字号"),
        sa.PrimaryKeyConstraint("year", name=op.f("pk_calendar_year")),
    )


def _authorities() -> None:
    """One authority worked on each case of before; it is what the case has of the review."""
    facts = sa.table(
        "case_facts",
        *(
            sa.column(name, kind)
            for name, kind in (
                ("case_number", sa.Text()),
                ("authority", sa.Text()),
                ("reviewed_promise_due_on", sa.Date()),
                ("decided_at", UTCDateTime()),
                ("outcome", sa.Text()),
                ("promise_kept", sa.Boolean()),
                ("statutory_kept", sa.Boolean()),
                ("authorities", sa.Text()),
                ("decided_early", sa.Boolean()),
                ("decision_on", sa.Date()),
            )
        ),
    )
    connection = op.get_bind()
    reviewed = sa.select(facts).where(facts.c.reviewed_promise_due_on.is_not(None))
    for row in connection.execute(reviewed).all():
        at: datetime | None = row.decided_at
        due_on: date = row.reviewed_promise_due_on
        day = None if at is None else at.astimezone(timezone(timedelta(hours=8))).date()
        one = {
            "authority": row.authority,
            "promise_due_on": due_on.isoformat(),
            "decided_at": None if at is None else at.astimezone(UTC).isoformat(),
            "outcome": row.outcome,
            "promise_kept": row.promise_kept,
            "statutory_kept": row.statutory_kept,
            "days_at_window": 0,
            "days_at_department": 0,
        }
        connection.execute(
            sa.update(facts)
            .where(facts.c.case_number == row.case_number)
            .values(
                authorities=json.dumps([one], sort_keys=True),
                decided_early=None if day is None else day < due_on,
                decision_on=day,
            )
        )


def downgrade() -> None:
    raise RuntimeError("what was counted since cannot be forgotten: restore a copy instead")
