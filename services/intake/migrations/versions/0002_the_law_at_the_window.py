"""What the law at the window needs: refusals, corrections, the spot, joint handling, service.

Rows of before stay valid: every new column that may not be null has a value for them.
"""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from alembic import op

from servicekit.database import UTCDateTime

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _before_acceptance()
    _around_the_counter()
    _carried_requests()
    _questions_and_imports()
    _exchange()
    _after_acceptance()
    _carry_decisions_over()


def _before_acceptance() -> None:
    """Refusals, withdrawals, corrections, filings and decisions on the spot."""
    with op.batch_alter_table("case_file") as case_file:
        case_file.add_column(_false("electronic_service_consent", "同意电子送达"))
        case_file.add_column(_text("notice_proof", "告知凭证：短信标识或邮件号；签收为空串"))
        case_file.add_column(_instant("corrected_at", "全部补正时间；未补齐为空"))
        case_file.add_column(_instant("unconfirmed_at", "记录逾期未确认补正的时间"))
        case_file.add_column(_instant("turned_at", "即办件转承诺件时间"))
        case_file.add_column(_text("turned_by", "即办件转承诺件人员；未转为空串"))
        case_file.add_column(_instant("filed_at", "备案时间"))
        case_file.create_check_constraint(
            op.f("ck_case_file_filed_after_receipt"), "filed_at >= received_at"
        )
        case_file.create_check_constraint(
            op.f("ck_case_file_filing_never_accepted"), "filed_at IS NULL OR accepted_at IS NULL"
        )
    op.add_column("case_material", _instant("corrected_at", "告知后最近一次提交时间"))
    op.add_column(
        "notice_entry",
        sa.Column(
            "further",
            sa.Integer(),
            nullable=False,
            server_default="0",
            comment="第几次再告知；一次性告知为0",
        ),
    )
    # What was corrected before counts as handed in since the notice.
    op.execute("UPDATE case_material SET corrected_at = cured_at WHERE cured_at IS NOT NULL")
    op.execute("""
        UPDATE case_file SET corrected_at = (
            SELECT MAX(m.cured_at) FROM case_material m WHERE m.case_number = case_file.number
        ) WHERE noticed_at IS NOT NULL AND state <> 'CORRECTION'""")
    _endings()
    _reminders_and_further_notices()
    _decisions_on_the_spot()


def _endings() -> None:
    op.create_table(
        "case_ending",
        sa.Column("case_number", sa.Text(), nullable=False, comment="办件编号"),
        sa.Column("kind", sa.String(20), nullable=False, comment="终结种类"),
        sa.Column("ended_at", UTCDateTime(), nullable=False, comment="终结时间"),
        sa.Column("ended_by", sa.Text(), nullable=False, comment="经手人员或申请人账户"),
        sa.Column("document", sa.Text(), nullable=False, comment="文书标识"),
        sa.Column("reason", sa.Text(), nullable=False, comment="理由"),
        sa.Column("legal_basis", sa.Text(), nullable=False, comment="依据"),
        sa.Column(
            "competent_authority",
            sa.Text(),
            nullable=False,
            comment="应向其申请的机关；无则为空串",
        ),
        sa.Column("successor_item", sa.Text(), nullable=False, comment="替代事项编码；无则为空串"),
        sa.Column("successor_name", sa.Text(), nullable=False, comment="替代事项名称；无则为空串"),
        sa.Column(
            "request_sha256", sa.Text(), nullable=False, comment="撤回申请书扫描件摘要；无则为空串"
        ),
        sa.Column(
            "overtaken", sa.Boolean(), nullable=False, comment="撤回前已作出决定，撤回不生效"
        ),
        sa.CheckConstraint(
            "kind <> 'REFUSED' OR competent_authority <> ''",
            name=op.f("ck_case_ending_refusal_names_authority"),
        ),
        sa.CheckConstraint(
            "NOT overtaken OR kind = 'WITHDRAWN'",
            name=op.f("ck_case_ending_only_withdrawal_overtaken"),
        ),
        sa.ForeignKeyConstraint(
            ["case_number"],
            ["case_file.number"],
            name=op.f("fk_case_ending_case_number_case_file"),
        ),
        sa.PrimaryKeyConstraint("case_number", name=op.f("pk_case_ending")),
    )


def _reminders_and_further_notices() -> None:
    op.create_table(
        "correction_reminder",
        sa.Column("case_number", sa.Text(), nullable=False, comment="办件编号"),
        sa.Column(
            "ordinal", sa.Integer(), autoincrement=False, nullable=False, comment="第几次提醒"
        ),
        sa.Column("material_codes", sa.Text(), nullable=False, comment="尚缺材料编码（JSON）"),
        sa.Column("reminded_at", UTCDateTime(), nullable=False, comment="提醒时间"),
        sa.Column("reminded_by", sa.Text(), nullable=False, comment="提醒人员；系统提醒为空串"),
        sa.Column("document", sa.Text(), nullable=False, comment="文书标识"),
        sa.ForeignKeyConstraint(
            ["case_number"],
            ["case_file.number"],
            name=op.f("fk_correction_reminder_case_number_case_file"),
        ),
        sa.PrimaryKeyConstraint("case_number", "ordinal", name=op.f("pk_correction_reminder")),
    )
    op.create_table(
        "further_notice",
        sa.Column("case_number", sa.Text(), nullable=False, comment="办件编号"),
        sa.Column(
            "ordinal", sa.Integer(), autoincrement=False, nullable=False, comment="第几次再告知"
        ),
        sa.Column("means", sa.String(20), nullable=False, comment="告知方式"),
        sa.Column("proof", sa.Text(), nullable=False, comment="告知凭证：短信标识或邮件号"),
        sa.Column("reason", sa.Text(), nullable=False, comment="首次未能告知的理由"),
        sa.Column("proposed_at", UTCDateTime(), nullable=False, comment="提请时间"),
        sa.Column("proposed_by", sa.Text(), nullable=False, comment="提请人员"),
        sa.Column("approved_at", UTCDateTime(), comment="批准时间"),
        sa.Column("approved_by", sa.Text(), nullable=False, comment="批准人员；未批准为空串"),
        sa.Column("approved_because", sa.Text(), nullable=False, comment="批准理由；未批准为空串"),
        sa.Column("document", sa.Text(), nullable=False, comment="文书标识；未批准为空串"),
        sa.CheckConstraint(
            "approved_by <> proposed_by", name=op.f("ck_further_notice_approved_by_another")
        ),
        sa.CheckConstraint(
            "(approved_at IS NULL) = (approved_by = '')",
            name=op.f("ck_further_notice_approved_whole"),
        ),
        sa.CheckConstraint(
            "approved_at IS NULL OR approved_because <> ''",
            name=op.f("ck_further_notice_approved_for_reason"),
        ),
        sa.ForeignKeyConstraint(
            ["case_number"],
            ["case_file.number"],
            name=op.f("fk_further_notice_case_number_case_file"),
        ),
        sa.PrimaryKeyConstraint("case_number", "ordinal", name=op.f("pk_further_notice")),
    )


def _decisions_on_the_spot() -> None:
    op.create_table(
        "spot_decision",
        sa.Column("case_number", sa.Text(), nullable=False, comment="办件编号"),
        sa.Column("decider", sa.Text(), nullable=False, comment="当场决定人员"),
        sa.Column("letter", sa.Text(), nullable=False, comment="授权书编号"),
        sa.Column("facts", sa.Text(), nullable=False, comment="事实"),
        sa.Column("legal_bases", sa.Text(), nullable=False, comment="依据（JSON）"),
        sa.Column("decided_at", UTCDateTime(), nullable=False, comment="决定时间"),
        sa.Column("document", sa.Text(), nullable=False, comment="文书标识"),
        sa.CheckConstraint("letter <> ''", name=op.f("ck_spot_decision_decided_under_a_letter")),
        sa.ForeignKeyConstraint(
            ["case_number"],
            ["case_file.number"],
            name=op.f("fk_spot_decision_case_number_case_file"),
        ),
        sa.PrimaryKeyConstraint("case_number", name=op.f("pk_spot_decision")),
    )


def _around_the_counter() -> None:
    """Wrong counters, several bundles of one direction, lost ones, originals by courier."""
    op.add_column("case_file", _text("assistance", "代办编号；非代办为空串"))
    op.add_column("case_file", _false("out_of_force", "事项已停止施行"))
    op.add_column("case_file", _false("incompetent", "收件窗口无受理权限，待转办"))
    op.create_index(op.f("ix_case_file_assistance"), "case_file", ["assistance"])
    with op.batch_alter_table("bundle") as bundle:
        bundle.add_column(
            sa.Column(
                "ordinal", sa.Integer(), nullable=False, server_default="1", comment="该方向第几包"
            )
        )
        bundle.add_column(sa.Column("lost_at", UTCDateTime(), comment="报失时间"))
        bundle.add_column(_text("lost_reported_by", "报失人员；未遗失为空串"))
        bundle.add_column(_text("lost_account", "遗失说明；未遗失为空串"))
        bundle.add_column(sa.Column("overdue_told_at", UTCDateTime(), comment="逾期未签收告警时间"))
        bundle.drop_constraint(op.f("pk_bundle"), type_="primary")
        bundle.create_primary_key(op.f("pk_bundle"), ["case_number", "direction", "ordinal"])
        bundle.create_check_constraint(
            op.f("ck_bundle_lost_or_received"), "lost_at IS NULL OR received_at IS NULL"
        )
    op.create_table(
        "counted_original",
        sa.Column("case_number", sa.Text(), nullable=False, comment="办件编号"),
        sa.Column("shipment", sa.Text(), nullable=False, comment="寄件标识"),
        sa.Column("material_code", sa.Text(), nullable=False, comment="材料编码"),
        sa.Column("paper_pieces", sa.Integer(), nullable=False, comment="清点件数"),
        sa.Column("counted_at", UTCDateTime(), nullable=False, comment="清点时间"),
        sa.Column("counted_by", sa.Text(), nullable=False, comment="清点人员"),
        sa.Column("second_person", sa.Text(), nullable=False, comment="第二清点人员"),
        sa.CheckConstraint(
            "counted_by <> second_person", name=op.f("ck_counted_original_counted_by_two")
        ),
        sa.ForeignKeyConstraint(
            ["case_number"],
            ["case_file.number"],
            name=op.f("fk_counted_original_case_number_case_file"),
        ),
        sa.PrimaryKeyConstraint(
            "case_number", "shipment", "material_code", name=op.f("pk_counted_original")
        ),
    )


def _carried_requests() -> None:
    """Requests that village posts carry (代办), with their mandates."""
    op.create_table(
        "assistance",
        sa.Column("number", sa.Text(), nullable=False, comment="代办编号"),
        sa.Column("revision", sa.Integer(), nullable=False, comment="修订号"),
        sa.Column("state", sa.String(20), nullable=False, comment="代办状态"),
        sa.Column("village_post", sa.Text(), nullable=False, comment="村级代办点"),
        sa.Column("unit_path", sa.Text(), nullable=False, comment="代办点路径"),
        sa.Column("terms", sa.Text(), nullable=False, comment="事项版本内容（接件时）"),
        sa.Column("item_code", sa.Text(), nullable=False, comment="事项编码"),
        sa.Column("applicant_person", sa.Text(), nullable=False, comment="申请人账户，可为空串"),
        sa.Column("applicant_kind", sa.String(20), nullable=False, comment="申请人类型"),
        sa.Column("result_delivery", sa.String(20), nullable=False, comment="结果领取方式"),
        sa.Column("summary", sa.Text(), nullable=False, comment="办理摘要"),
        sa.Column("mandate_sha256", sa.Text(), nullable=False, comment="代办委托书扫描件摘要"),
        sa.Column("mandate_scope", sa.Text(), nullable=False, comment="委托事项"),
        sa.Column("may_collect", sa.Boolean(), nullable=False, comment="可以代领"),
        sa.Column("taken_at", UTCDateTime(), nullable=False, comment="接件时间"),
        sa.Column("taken_by", sa.Text(), nullable=False, comment="接件人员"),
        sa.Column("pass_on_due_on", sa.Date(), nullable=False, comment="转办期限"),
        sa.Column(
            "pass_on_due_provisional", sa.Boolean(), nullable=False, comment="转办期限为暂定"
        ),
        sa.Column("to_unit", sa.Text(), nullable=False, comment="转往窗口；未转办为空串"),
        sa.Column("passed_on_at", UTCDateTime(), comment="转办时间"),
        sa.Column("passed_on_by", sa.Text(), nullable=False, comment="转办人员；未转办为空串"),
        sa.Column("received_at", UTCDateTime(), comment="窗口签收时间"),
        sa.Column("received_by", sa.Text(), nullable=False, comment="窗口签收人员；未签收为空串"),
        sa.Column("case_number", sa.Text(), nullable=False, comment="办件编号；未成办件为空串"),
        sa.Column("slip_sha256", sa.Text(), nullable=False, comment="代办接件单摘要；未排版为空串"),
        sa.Column("slip_size", sa.BigInteger(), nullable=False, comment="代办接件单字节数"),
        sa.CheckConstraint(
            "passed_on_at >= taken_at", name=op.f("ck_assistance_passed_on_after_taken")
        ),
        sa.CheckConstraint(
            "received_at >= passed_on_at", name=op.f("ck_assistance_received_after_passed_on")
        ),
        sa.CheckConstraint("mandate_sha256 <> ''", name=op.f("ck_assistance_mandated")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_assistance")),
    )
    for column in (
        "village_post", "applicant_person", "mandate_sha256", "to_unit", "case_number",
        "slip_sha256",
    ):
        op.create_index(op.f(f"ix_assistance_{column}"), "assistance", [column])
    op.create_index("ix_assistance_taken_at_number", "assistance", ["taken_at", "number"])
    op.create_table(
        "carried_material",
        sa.Column("assistance", sa.Text(), nullable=False, comment="代办编号"),
        sa.Column("ordinal", sa.Integer(), autoincrement=False, nullable=False, comment="次序"),
        sa.Column("material_code", sa.Text(), nullable=False, comment="材料编码"),
        sa.Column("name", sa.Text(), nullable=False, comment="材料名称"),
        sa.Column("sha256", sa.Text(), nullable=False, comment="文件摘要；无文件为空串"),
        sa.Column("paper_pieces", sa.Integer(), nullable=False, comment="纸质件数"),
        sa.CheckConstraint(
            "paper_pieces >= 0", name=op.f("ck_carried_material_pieces_not_negative")
        ),
        _foreign("carried_material", "assistance", "assistance", "number"),
        sa.PrimaryKeyConstraint("assistance", "ordinal", name=op.f("pk_carried_material")),
    )
    op.create_index(op.f("ix_carried_material_sha256"), "carried_material", ["sha256"])
    op.create_table(
        "assisted_person",
        sa.Column("assistance", sa.Text(), nullable=False, comment="代办编号"),
        sa.Column("person", sa.Text(), nullable=False, comment="申请人账户，可为空串"),
        sa.Column("kind", sa.String(20), nullable=False, comment="申请人类型"),
        sa.Column("name_sealed", sa.Text(), nullable=False, comment="姓名或名称（加密）"),
        sa.Column("identity_sealed", sa.Text(), nullable=False, comment="证件号码（加密）"),
        sa.Column("phone_sealed", sa.Text(), nullable=False, comment="电话（加密）"),
        sa.Column("address_sealed", sa.Text(), nullable=False, comment="送达地址（加密）"),
        sa.Column("agent_sealed", sa.Text(), nullable=False, comment="委托书所列代办人（加密）"),
        _foreign("assisted_person", "assistance", "assistance", "number"),
        sa.PrimaryKeyConstraint("assistance", name=op.f("pk_assisted_person")),
    )


def _questions_and_imports() -> None:
    """Questions with an owner (首问负责), applications of the provincial net."""
    op.create_table(
        "enquiry",
        sa.Column("number", sa.Text(), nullable=False, comment="首问编号"),
        sa.Column("revision", sa.Integer(), nullable=False, comment="修订号"),
        sa.Column("question", sa.Text(), nullable=False, comment="所问事项"),
        sa.Column("case_number", sa.Text(), nullable=False, comment="办件编号；无为空串"),
        sa.Column("asked_at", UTCDateTime(), nullable=False, comment="询问时间"),
        sa.Column("first_owner", sa.Text(), nullable=False, comment="首问责任人"),
        sa.Column("first_unit", sa.Text(), nullable=False, comment="首问单位"),
        sa.Column("owner", sa.Text(), nullable=False, comment="当前责任人"),
        sa.Column("unit", sa.Text(), nullable=False, comment="当前责任单位"),
        sa.Column("unit_path", sa.Text(), nullable=False, comment="当前责任单位路径"),
        sa.Column("to_unit", sa.Text(), nullable=False, comment="移交单位；未移交为空串"),
        sa.Column("handed_over_at", UTCDateTime(), comment="移交时间"),
        sa.Column("answered_at", UTCDateTime(), comment="答复时间"),
        sa.Column("answered_by", sa.Text(), nullable=False, comment="答复人员；未答复为空串"),
        sa.Column("answer", sa.Text(), nullable=False, comment="答复内容；未答复为空串"),
        sa.CheckConstraint(
            "(answered_at IS NULL) = (answer = '')", name=op.f("ck_enquiry_closed_with_an_answer")
        ),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_enquiry")),
    )
    for column in ("unit", "to_unit"):
        op.create_index(op.f(f"ix_enquiry_{column}"), "enquiry", [column])
    op.create_index("ix_enquiry_asked_at_number", "enquiry", ["asked_at", "number"])
    op.create_table(
        "enquirer",
        sa.Column("enquiry", sa.Text(), nullable=False, comment="首问编号"),
        sa.Column("name_sealed", sa.Text(), nullable=False, comment="询问人姓名（加密）"),
        sa.Column("phone_sealed", sa.Text(), nullable=False, comment="询问人电话（加密）"),
        _foreign("enquirer", "enquiry", "enquiry", "number"),
        sa.PrimaryKeyConstraint("enquiry", name=op.f("pk_enquirer")),
    )
    op.create_table(
        "imported_application",
        sa.Column("exchange_number", sa.Text(), nullable=False, comment="交换编号"),
        sa.Column("case_number", sa.Text(), nullable=False, comment="办件编号"),
        sa.Column("submitted_at", UTCDateTime(), nullable=False, comment="省网提交时间"),
        sa.Column("digest", sa.Text(), nullable=False, comment="申请内容摘要"),
        _foreign("imported_application", "case_number", "case_file", "number"),
        sa.PrimaryKeyConstraint("exchange_number", name=op.f("pk_imported_application")),
        sa.UniqueConstraint("case_number", name=op.f("uq_imported_application_case_number")),
    )


def _after_acceptance() -> None:
    """Decisions of several authorities, service by courier, notices on the way, voided numbers."""
    for column in (
        sa.Column("served_at", UTCDateTime(), comment="送达时间"),
        sa.Column("service_means", sa.String(20), comment="送达方式"),
        sa.Column("service_open", sa.String(20), comment="送达未完成原因"),
        sa.Column("announced_at", UTCDateTime(), comment="公告时间"),
        sa.Column("announced_until", sa.Date(), comment="公告期届满日"),
    ):
        op.add_column("case_file", column)
    op.add_column("bundle", _text("authority", "结果所属机关；移交部门为空串"))
    op.add_column("document", sa.Column("voided_at", UTCDateTime(), comment="作废时间"))
    op.add_column("document", _text("void_reason", "作废原因；有效为空串"))
    op.add_column(
        "applicant",
        sa.Column("service_account_sealed", sa.Text(), comment="留置、公告或确认的经过（加密）"),
    )
    op.create_table(
        "case_decision",
        sa.Column("case_number", sa.Text(), nullable=False, comment="办件编号"),
        sa.Column("authority", sa.Text(), nullable=False, comment="决定机关"),
        sa.Column("ordinal", sa.Integer(), nullable=False, comment="次序，牵头机关为1"),
        sa.Column("statutory_due_on", sa.Date(), comment="法定期限届满日"),
        sa.Column(
            "statutory_due_provisional", sa.Boolean(), nullable=False, comment="法定期限为暂定"
        ),
        sa.Column("promise_due_on", sa.Date(), comment="承诺期限届满日"),
        sa.Column(
            "promise_due_provisional", sa.Boolean(), nullable=False, comment="承诺期限为暂定"
        ),
        sa.Column("dated_by_review", sa.Boolean(), nullable=False, comment="期限由审批环节计算"),
        sa.Column("decided_at", UTCDateTime(), comment="决定时间"),
        sa.Column("decider", sa.Text(), nullable=False, comment="决定人员"),
        sa.Column("outcome", sa.String(20), nullable=False, comment="决定结果"),
        sa.Column("certificate_number", sa.Text(), nullable=False, comment="证照编号"),
        sa.CheckConstraint(
            "promise_due_on <= statutory_due_on", name=op.f("ck_case_decision_promise_within_law")
        ),
        sa.CheckConstraint(
            "(decided_at IS NULL) = (outcome = 'UNSPECIFIED')",
            name=op.f("ck_case_decision_decided_with_outcome"),
        ),
        sa.CheckConstraint(
            "outcome <> 'PARTLY'", name=op.f("ck_case_decision_one_authority_decides_wholly")
        ),
        _foreign("case_decision", "case_number", "case_file", "number"),
        sa.PrimaryKeyConstraint("case_number", "authority", name=op.f("pk_case_decision")),
    )
    op.create_table(
        "dispatch",
        sa.Column("case_number", sa.Text(), nullable=False, comment="办件编号"),
        sa.Column(
            "attempt", sa.Integer(), autoincrement=False, nullable=False, comment="第几次交寄"
        ),
        sa.Column("dispatched_at", UTCDateTime(), nullable=False, comment="交寄时间"),
        sa.Column("dispatched_by", sa.Text(), nullable=False, comment="交寄人员"),
        sa.Column("dispatched_from", sa.Text(), nullable=False, comment="交寄窗口"),
        sa.Column("pieces", sa.Integer(), nullable=False, comment="件数"),
        sa.Column("mandate", sa.Text(), nullable=False, comment="代收委托书编号；无为空串"),
        sa.Column("waybill", sa.Text(), nullable=False, comment="邮件号；未知为空串"),
        sa.Column("signed_at", UTCDateTime(), comment="签收时间"),
        sa.Column("signer", sa.String(20), comment="签收人身份"),
        sa.Column("failed_at", UTCDateTime(), comment="未妥投时间"),
        sa.Column("failure", sa.String(20), comment="未妥投原因"),
        sa.CheckConstraint(
            "signed_at IS NULL OR failed_at IS NULL", name=op.f("ck_dispatch_signed_or_failed")
        ),
        sa.CheckConstraint("pieces > 0", name=op.f("ck_dispatch_pieces_in_it")),
        _foreign("dispatch", "case_number", "case_file", "number"),
        sa.PrimaryKeyConstraint("case_number", "attempt", name=op.f("pk_dispatch")),
    )
    _notices_on_the_way()


def _notices_on_the_way() -> None:
    op.create_table(
        "process_notice",
        sa.Column("case_number", sa.Text(), nullable=False, comment="办件编号"),
        sa.Column("ordinal", sa.Integer(), autoincrement=False, nullable=False, comment="次序"),
        sa.Column("kind", sa.String(20), nullable=False, comment="告知书种类"),
        sa.Column("authority", sa.Text(), nullable=False, comment="告知机关"),
        sa.Column("reference", sa.Text(), nullable=False, comment="审批环节所用标识"),
        sa.Column("document", sa.Text(), nullable=False, comment="现行告知书"),
        sa.Column("facts", sa.Text(), nullable=False, comment="告知内容（JSON）"),
        sa.Column("told_at", UTCDateTime(), nullable=False, comment="拟制时间"),
        sa.Column("given_at", UTCDateTime(), comment="告知时间"),
        sa.Column("given_by", sa.Text(), nullable=False, comment="告知人员；未告知为空串"),
        sa.Column("means", sa.String(20), comment="告知方式"),
        sa.Column("ems_number", sa.Text(), nullable=False, comment="邮件号；非邮寄为空串"),
        sa.Column("answered_at", UTCDateTime(), comment="说明时间"),
        sa.Column("answer", sa.Text(), nullable=False, comment="申请人说明；未说明为空串"),
        sa.CheckConstraint(
            "(given_at IS NULL) = (means IS NULL)",
            name=op.f("ck_process_notice_given_by_some_means"),
        ),
        sa.CheckConstraint(
            "(answered_at IS NULL) = (answer = '')",
            name=op.f("ck_process_notice_answered_with_words"),
        ),
        _foreign("process_notice", "case_number", "case_file", "number"),
        sa.PrimaryKeyConstraint("case_number", "ordinal", name=op.f("pk_process_notice")),
    )
    op.create_table(
        "explanation_material",
        sa.Column("case_number", sa.Text(), nullable=False, comment="办件编号"),
        sa.Column(
            "notice", sa.Integer(), autoincrement=False, nullable=False, comment="所答告知书的次序"
        ),
        sa.Column("place", sa.Integer(), autoincrement=False, nullable=False, comment="次序"),
        sa.Column("material_code", sa.Text(), nullable=False, comment="材料编码"),
        sa.Column("sha256", sa.Text(), nullable=False, comment="文件摘要；无文件为空串"),
        sa.Column("paper_pieces", sa.Integer(), nullable=False, comment="纸质件数"),
        sa.CheckConstraint(
            "paper_pieces >= 0", name=op.f("ck_explanation_material_pieces_not_negative")
        ),
        _foreign("explanation_material", "case_number", "case_file", "number"),
        sa.PrimaryKeyConstraint(
            "case_number", "notice", "place", name=op.f("pk_explanation_material")
        ),
    )
    op.create_index(op.f("ix_explanation_material_sha256"), "explanation_material", ["sha256"])


def _carry_decisions_over() -> None:
    """Give the cases that are decided and served already what the new columns ask for."""
    op.execute("""
        INSERT INTO case_decision (
            case_number, authority, ordinal, statutory_due_on, statutory_due_provisional,
            promise_due_on, promise_due_provisional, dated_by_review, decided_at, decider,
            outcome, certificate_number)
        SELECT number, authority, 1, statutory_due_on, statutory_due_provisional,
            promise_due_on, promise_due_provisional, TRUE, decided_at, decider,
            outcome, certificate_number
        FROM case_file WHERE decided_at IS NOT NULL""")
    op.execute("""
        UPDATE case_file SET served_at = handed_out_at, service_means = 'WINDOW'
        WHERE handed_out_at IS NOT NULL""")
    op.execute("""
        UPDATE bundle SET authority = (
            SELECT authority FROM case_file WHERE case_file.number = bundle.case_number)
        WHERE direction = 'TO_WINDOW'""")


def _exchange() -> None:
    """What the provincial net was told of the cases; which windows were merged."""
    op.create_table(
        "exchange_row",
        sa.Column("exchange_table", sa.Text(), nullable=False, comment="交换表名"),
        sa.Column("guid", sa.Text(), nullable=False, comment="行标识"),
        sa.Column("case_number", sa.Text(), nullable=False, comment="办件编号"),
        sa.Column("digest", sa.Text(), nullable=False, comment="已报送内容摘要"),
        sa.PrimaryKeyConstraint("exchange_table", "guid", name=op.f("pk_exchange_row")),
    )
    op.create_index(op.f("ix_exchange_row_case_number"), "exchange_row", ["case_number"])
    op.create_table(
        "window_merger",
        sa.Column("window_unit", sa.Text(), nullable=False, comment="被合并窗口"),
        sa.Column("successor", sa.Text(), nullable=False, comment="继任窗口"),
        sa.Column("from_on", sa.Date(), nullable=False, comment="合并生效日"),
        sa.Column("followed_at", UTCDateTime(), comment="未受理办件转入继任窗口的时间"),
        sa.PrimaryKeyConstraint("window_unit", name=op.f("pk_window_merger")),
    )
    op.create_index(op.f("ix_window_merger_successor"), "window_merger", ["successor"])
    op.create_table(
        "exchange_batch",
        sa.Column("name", sa.Text(), nullable=False, comment="报送方向"),
        sa.Column("last", sa.BigInteger(), nullable=False, comment="最后批次号"),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_exchange_batch")),
    )


def _foreign(table: str, column: str, other: str, key: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column], [f"{other}.{key}"], name=op.f(f"fk_{table}_{column}_{other}")
    )


def _text(name: str, comment: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=False, server_default="", comment=comment)


def _instant(name: str, comment: str) -> sa.Column[datetime]:
    return sa.Column(name, UTCDateTime(), comment=comment)


def _false(name: str, comment: str) -> sa.Column[bool]:
    return sa.Column(
        name, sa.Boolean(), nullable=False, server_default=sa.false(), comment=comment
    )


def downgrade() -> None:
    raise RuntimeError("a version is not taken back: restore the backup instead")
