"""Give every authority of a case a task of its own, and room for what is done about it.

Revision ID: 0002

A case had one row, named by its number; from now on it has one for each
authority that decides about it, named by its task. Every case of before keeps
its row: its task is that of the only authority. The tables are made anew and
filled from what they held, which both databases do alike; SQLite could change
neither a primary key nor a foreign key in place.
"""

import sqlalchemy as sa
from alembic import op

from servicekit.database import BigId, UTCDateTime

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("CREATE TABLE review_case_before AS SELECT * FROM review_case")
    op.execute("CREATE TABLE site_check_before AS SELECT * FROM site_check")
    op.drop_table("site_check")
    op.drop_table("review_case")
    _create_review_case()
    _create_site_check()
    _keep_the_rows()
    op.drop_table("site_check_before")
    op.drop_table("review_case_before")
    _create_special_procedure()
    _create_explanation()
    _create_consultation()


def downgrade() -> None:
    raise RuntimeError("tasks of several authorities have no place in the version before")


_KEPT = """case_number, item_code, item_version, authority, unit_path, accepted_at, front_persons,
    persons_required, site_check_required, bundle, state, promise_amount, promise_unit,
    promise_start, promise_source, promise_started_at, promise_due_on, promise_due_provisional,
    promise_excluded, statutory_amount, statutory_unit, statutory_start, statutory_source,
    statutory_started_at, statutory_due_on, statutory_due_provisional, statutory_excluded,
    reviewer, opinion_at, proposes_grant, opinion_text, decider, decided_at, outcome,
    decision_facts, decision_reasons, legal_bases, revision"""


def _keep_the_rows() -> None:
    """Copy every row; when it was received and opened was not kept, so acceptance stands in."""
    op.execute(
        f"""INSERT INTO review_case (task, task_name, received_at, opened_at, deemed,
            remedies_known, prerequisites, consulted, designation, procedure_terms,
            bundle_overdue, lights_told, content, conditions, {_KEPT})
        SELECT case_number, '', accepted_at, accepted_at, FALSE,
            TRUE, '[]', '[]', '', '[]',
            FALSE, '[]',
            CASE WHEN decided_at IS NULL THEN NULL ELSE '' END,
            CASE WHEN decided_at IS NULL THEN NULL ELSE '[]' END, {_KEPT}
        FROM review_case_before"""
    )
    op.execute(
        """INSERT INTO site_check (task, checked_at, place, checkers, findings, complies)
        SELECT case_number, checked_at, place, checkers, findings, complies
        FROM site_check_before ORDER BY id"""
    )


def _create_review_case() -> None:
    op.create_table('review_case',
    sa.Column('task', sa.Text(), nullable=False, comment='审查任务（牵头机关为办件编号）'),
    sa.Column('case_number', sa.Text(), nullable=False, comment='办件编号'),
    sa.Column('task_name', sa.Text(), nullable=False, comment='本机关决定的事项名称（联合办理）'),
    sa.Column('item_code', sa.Text(), nullable=False, comment='事项编码'),
    sa.Column('item_version', sa.Text(), nullable=False, comment='事项版本'),
    sa.Column('authority', sa.Text(), nullable=False, comment='决定机关'),
    sa.Column('unit_path', sa.Text(), nullable=False, comment='受理窗口路径'),
    sa.Column('received_at', UTCDateTime(), nullable=False, comment='收件时间'),
    sa.Column('accepted_at', UTCDateTime(), nullable=False, comment='受理时间'),
    sa.Column('opened_at', UTCDateTime(), nullable=False, comment='转入审查时间'),
    sa.Column('deemed', sa.Boolean(), nullable=False, comment='是否视为受理'),
    sa.Column('front_persons', sa.Text(), nullable=False, comment='收件、告知、受理人员（不透明标识）'),
    sa.Column('persons_required', sa.Integer(), nullable=False, comment='须分别办理的人数'),
    sa.Column('site_check_required', sa.Boolean(), nullable=False, comment='是否须现场核查'),
    sa.Column('remedies_known', sa.Boolean(), nullable=False, comment='救济途径是否已登记'),
    sa.Column('prerequisites', sa.Text(), nullable=False, comment='前置机关'),
    sa.Column('consulted', sa.Text(), nullable=False, comment='可征求意见的机关'),
    sa.Column('designation', sa.Text(), nullable=False, comment='政府确定联合办理的文号'),
    sa.Column('extension_terms', sa.Text(), nullable=True, comment='可以怎样延长（JSON）'),
    sa.Column('procedure_terms', sa.Text(), nullable=False, comment='特别程序（JSON）'),
    sa.Column('bundle', sa.Enum('NONE', 'AT_WINDOW', 'ON_ITS_WAY', 'RECEIVED', 'LOST', name='bundlestate', native_enum=False, length=20), nullable=False, comment='纸质材料'),
    sa.Column('handed_over_at', UTCDateTime(), nullable=True, comment='纸质材料移交时间'),
    sa.Column('bundle_overdue', sa.Boolean(), nullable=False, comment='纸质材料是否逾期未签收'),
    sa.Column('waived_by', sa.Text(), nullable=True, comment='免予移交批准人（不透明标识）'),
    sa.Column('waiver_reason', sa.Text(), nullable=True, comment='免予移交理由'),
    sa.Column('waived_at', UTCDateTime(), nullable=True, comment='免予移交时间'),
    sa.Column('state', sa.Enum('IN_REVIEW', 'DECISION_PENDING', 'DECIDED', 'ENDED', name='reviewstate', native_enum=False, length=20), nullable=False, comment='状态'),
    sa.Column('promise_amount', sa.Integer(), nullable=False, comment='承诺时限数值'),
    sa.Column('promise_unit', sa.Enum('WORKING_DAY', 'CALENDAR_DAY', 'HOUR', 'MONTH', 'ON_THE_SPOT', name='unit', native_enum=False, length=20), nullable=False, comment='承诺时限单位'),
    sa.Column('promise_start', sa.Enum('ACCEPTED', 'RECEIVED_COMPLETE', 'RECEIVED', name='start', native_enum=False, length=20), nullable=False, comment='承诺时限起算'),
    sa.Column('promise_source', sa.Text(), nullable=False, comment='承诺时限依据'),
    sa.Column('promise_started_at', UTCDateTime(), nullable=False, comment='承诺起算时间'),
    sa.Column('promise_due_on', sa.Date(), nullable=False, comment='承诺届满日'),
    sa.Column('promise_due_provisional', sa.Boolean(), nullable=False, comment='承诺届满日是否暂定'),
    sa.Column('promise_excluded', sa.Text(), nullable=False, comment='承诺不计入的期间'),
    sa.Column('statutory_amount', sa.Integer(), nullable=True, comment='法定时限数值'),
    sa.Column('statutory_unit', sa.Enum('WORKING_DAY', 'CALENDAR_DAY', 'HOUR', 'MONTH', 'ON_THE_SPOT', name='unit', native_enum=False, length=20), nullable=True, comment='法定时限单位'),
    sa.Column('statutory_start', sa.Enum('ACCEPTED', 'RECEIVED_COMPLETE', 'RECEIVED', name='start', native_enum=False, length=20), nullable=True, comment='法定时限起算'),
    sa.Column('statutory_source', sa.Text(), nullable=True, comment='法定时限依据'),
    sa.Column('statutory_started_at', UTCDateTime(), nullable=True, comment='法定起算时间'),
    sa.Column('statutory_due_on', sa.Date(), nullable=True, comment='法定届满日'),
    sa.Column('statutory_due_provisional', sa.Boolean(), nullable=True, comment='法定届满日是否暂定'),
    sa.Column('statutory_excluded', sa.Text(), nullable=True, comment='法定不计入的期间'),
    sa.Column('extension_amount', sa.Integer(), nullable=True, comment='延长数值'),
    sa.Column('extension_reasons', sa.Text(), nullable=True, comment='延长理由'),
    sa.Column('extension_approver', sa.Text(), nullable=True, comment='延长批准人（不透明标识）'),
    sa.Column('extended_at', UTCDateTime(), nullable=True, comment='批准延长时间'),
    sa.Column('extension_noticed_at', UTCDateTime(), nullable=True, comment='延长告知时间'),
    sa.Column('reviewer', sa.Text(), nullable=True, comment='审核人员（不透明标识）'),
    sa.Column('opinion_at', UTCDateTime(), nullable=True, comment='审核时间'),
    sa.Column('proposes_grant', sa.Boolean(), nullable=True, comment='是否拟准予'),
    sa.Column('opinion_text', sa.Text(), nullable=True, comment='审核意见'),
    sa.Column('decider', sa.Text(), nullable=True, comment='审批人员（不透明标识）'),
    sa.Column('decided_at', UTCDateTime(), nullable=True, comment='决定时间'),
    sa.Column('outcome', sa.Enum('GRANTED', 'DENIED', name='decisionoutcome', native_enum=False, length=20), nullable=True, comment='决定'),
    sa.Column('decision_facts', sa.Text(), nullable=True, comment='查明的事实'),
    sa.Column('decision_reasons', sa.Text(), nullable=True, comment='理由'),
    sa.Column('legal_bases', sa.Text(), nullable=True, comment='依据'),
    sa.Column('content', sa.Text(), nullable=True, comment='准予的内容'),
    sa.Column('valid_until_on', sa.Date(), nullable=True, comment='有效期至'),
    sa.Column('conditions', sa.Text(), nullable=True, comment='准予的条件'),
    sa.Column('ended_at', UTCDateTime(), nullable=True, comment='撤回或者终止时间'),
    sa.Column('ending', sa.Enum('WITHDRAWN', 'TERMINATED', name='caseending', native_enum=False, length=20), nullable=True, comment='撤回或者终止'),
    sa.Column('lights_told', sa.Text(), nullable=False, comment='已记录的灯'),
    sa.Column('revision', sa.Integer(), nullable=False, comment='修订号'),
    sa.CheckConstraint("decided_at IS NULL OR state = 'DECIDED' OR (state = 'ENDED' AND ended_at < decided_at)", name=op.f('ck_review_case_decision_has_effect')),
    sa.CheckConstraint("outcome IS NULL OR outcome <> 'DENIED' OR decision_reasons <> ''", name=op.f('ck_review_case_denial_has_reasons')),
    sa.CheckConstraint("outcome IS NULL OR outcome <> 'DENIED' OR remedies_known", name=op.f('ck_review_case_denial_has_remedies')),
    sa.CheckConstraint("state <> 'DECIDED' OR decided_at IS NOT NULL", name=op.f('ck_review_case_decided_once')),
    sa.CheckConstraint("state <> 'ENDED' OR ended_at IS NOT NULL", name=op.f('ck_review_case_ended_once')),
    sa.CheckConstraint('decided_at IS NULL OR opinion_at IS NOT NULL', name=op.f('ck_review_case_opinion_first')),
    sa.CheckConstraint('decider IS NULL OR persons_required < 2 OR decider <> reviewer', name=op.f('ck_review_case_decider_is_another')),
    sa.CheckConstraint('extended_at IS NULL OR statutory_due_on IS NOT NULL', name=op.f('ck_review_case_extension_of_a_law')),
    sa.CheckConstraint('statutory_due_on IS NULL OR promise_due_on <= statutory_due_on', name=op.f('ck_review_case_promise_within_law')),
    sa.PrimaryKeyConstraint('task', name=op.f('pk_review_case'))
    )
    op.create_index(op.f('ix_review_case_case_number'), 'review_case', ['case_number'], unique=False)
    op.create_index('ix_review_case_due', 'review_case', ['promise_due_on', 'task'], unique=False, postgresql_where=sa.text('decided_at IS NULL AND ended_at IS NULL'), sqlite_where=sa.text('decided_at IS NULL AND ended_at IS NULL'))
    op.create_index('ix_review_case_work', 'review_case', ['authority', 'promise_due_on', 'task'], unique=False, postgresql_where=sa.text('decided_at IS NULL AND ended_at IS NULL'), sqlite_where=sa.text('decided_at IS NULL AND ended_at IS NULL'))


def _create_site_check() -> None:
    op.create_table('site_check',
    sa.Column('id', BigId, sa.Identity(always=True), nullable=False, comment='登记次序'),
    sa.Column('task', sa.Text(), nullable=False, comment='审查任务'),
    sa.Column('checked_at', UTCDateTime(), nullable=False, comment='核查时间'),
    sa.Column('place', sa.Text(), nullable=False, comment='核查地点'),
    sa.Column('checkers', sa.Text(), nullable=False, comment='核查人员（不透明标识）'),
    sa.Column('findings', sa.Text(), nullable=False, comment='核查情况'),
    sa.Column('complies', sa.Boolean(), nullable=False, comment='是否符合'),
    sa.ForeignKeyConstraint(['task'], ['review_case.task'], name=op.f('fk_site_check_task_review_case')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_site_check'))
    )
    op.create_index(op.f('ix_site_check_task'), 'site_check', ['task'], unique=False)


def _create_special_procedure() -> None:
    op.create_table('special_procedure',
    sa.Column('id', BigId, sa.Identity(always=True), nullable=False, comment='登记次序'),
    sa.Column('task', sa.Text(), nullable=False, comment='审查任务'),
    sa.Column('procedure', sa.Text(), nullable=False, comment='特别程序标识'),
    sa.Column('kind', sa.Enum('HEARING', 'TENDER', 'AUCTION', 'INSPECTION', 'TESTING', 'QUARANTINE', 'APPRAISAL', 'EXPERT_REVIEW', 'ASSESSMENT', name='specialprocedurekind', native_enum=False, length=20), nullable=False, comment='种类'),
    sa.Column('days', sa.Integer(), nullable=False, comment='告知的工作日数'),
    sa.Column('start_on', sa.Date(), nullable=False, comment='开始日'),
    sa.Column('institution', sa.Text(), nullable=False, comment='承担机构'),
    sa.Column('stops_promise', sa.Boolean(), nullable=False, comment='承诺时限是否同时停止'),
    sa.Column('source', sa.Text(), nullable=False, comment='依据'),
    sa.Column('planned_by', sa.Text(), nullable=False, comment='安排人员（不透明标识）'),
    sa.Column('planned_at', UTCDateTime(), nullable=False, comment='安排时间'),
    sa.Column('noticed_at', UTCDateTime(), nullable=True, comment='告知申请人时间'),
    sa.Column('ended_on', sa.Date(), nullable=True, comment='结束日'),
    sa.CheckConstraint('days > 0', name=op.f('ck_special_procedure_takes_time')),
    sa.CheckConstraint('ended_on IS NULL OR ended_on >= start_on', name=op.f('ck_special_procedure_ends_after_it_begins')),
    sa.ForeignKeyConstraint(['task'], ['review_case.task'], name=op.f('fk_special_procedure_task_review_case')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_special_procedure')),
    sa.UniqueConstraint('procedure', name=op.f('uq_special_procedure_procedure'))
    )
    op.create_index(op.f('ix_special_procedure_task'), 'special_procedure', ['task'], unique=False)


def _create_explanation() -> None:
    op.create_table('explanation',
    sa.Column('id', BigId, sa.Identity(always=True), nullable=False, comment='登记次序'),
    sa.Column('task', sa.Text(), nullable=False, comment='审查任务'),
    sa.Column('explanation', sa.Text(), nullable=False, comment='补充说明标识'),
    sa.Column('question', sa.Text(), nullable=False, comment='要求说明的问题'),
    sa.Column('requested_by', sa.Text(), nullable=False, comment='提出人员（不透明标识）'),
    sa.Column('requested_at', UTCDateTime(), nullable=False, comment='提出时间'),
    sa.Column('answered_at', UTCDateTime(), nullable=True, comment='说明时间'),
    sa.ForeignKeyConstraint(['task'], ['review_case.task'], name=op.f('fk_explanation_task_review_case')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_explanation')),
    sa.UniqueConstraint('explanation', name=op.f('uq_explanation_explanation'))
    )
    op.create_index(op.f('ix_explanation_task'), 'explanation', ['task'], unique=False)


def _create_consultation() -> None:
    op.create_table('consultation',
    sa.Column('id', BigId, sa.Identity(always=True), nullable=False, comment='登记次序'),
    sa.Column('task', sa.Text(), nullable=False, comment='审查任务'),
    sa.Column('consulted', sa.Text(), nullable=False, comment='被征求意见的机关'),
    sa.Column('question', sa.Text(), nullable=False, comment='征求的问题'),
    sa.Column('answer_by_on', sa.Date(), nullable=False, comment='请于此日前答复'),
    sa.Column('asked_by', sa.Text(), nullable=False, comment='征求人员（不透明标识）'),
    sa.Column('asked_at', UTCDateTime(), nullable=False, comment='征求时间'),
    sa.Column('agrees', sa.Boolean(), nullable=True, comment='是否无异议'),
    sa.Column('answer_text', sa.Text(), nullable=True, comment='答复意见'),
    sa.Column('answered_by', sa.Text(), nullable=True, comment='答复人员（不透明标识）'),
    sa.Column('answered_at', UTCDateTime(), nullable=True, comment='答复时间'),
    sa.ForeignKeyConstraint(['task'], ['review_case.task'], name=op.f('fk_consultation_task_review_case')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_consultation'))
    )
    op.create_index(op.f('ix_consultation_consulted'), 'consultation', ['consulted'], unique=False)
    op.create_index(op.f('ix_consultation_task'), 'consultation', ['task'], unique=False)
    op.create_index('uq_consultation_asked', 'consultation', ['task', 'consulted'], unique=True)


