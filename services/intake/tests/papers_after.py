"""The documents after acceptance: joint decisions, service of every kind, notices on the way."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

from services.intake.domain import service_of_documents
from services.intake.domain.document import DocumentKind
from services.intake.domain.records import Failure, ServiceAccount, Signer
from services.intake.domain.values import Act, DecisionOutcome
from services.intake.ports import Findings
from services.intake.tests import after
from services.intake.tests import builders as b
from services.intake.tests.papers import FINDINGS, Paper

LATER = datetime(2026, 9, 25, 3, 0, tzinfo=UTC)
GRANT = replace(
    FINDINGS,
    content="主体业态：餐饮服务经营者；经营项目：热食类食品制售、冷食类食品制售。",
    valid_until=date(2031, 9, 21),
    conditions=("冷食加工须在专间内进行", "变更布局须重新申请"),
)
HOW = ServiceAccount(how="持身份证到窗口当面确认并签名")
ANNOUNCED = ServiceAccount(
    reason="两次邮寄均退回，电话无法接通，登记地址已搬离。",
    place="周村区人民政府门户网站、政务服务中心公告栏",
)


def _partly():
    """One authority granted, the other denied; both results handed out together."""
    case = after.joint()
    first = after.issue(after.decide(case, after.D01))
    second = after.issue(after.decide(case, after.D06, DecisionOutcome.DENIED))
    assert first.authority != second.authority
    after.send_back(case, after.D01, "B-1", "JY1")
    after.send_back(case, after.D06, "B-2")
    after.receive(case, "B-1")
    after.receive(case, "B-2")
    return case


def _handed_out():
    case = _partly()
    b.hand_out(case)
    return case


def _confirmed():
    case = after.signed(after.sent(), Signer.OTHER)
    service_of_documents.confirm(
        case, "王小丽", b.at_window(LATER, "p-colleague"), addressee=b.ADDRESSEE
    )
    return case


def _left():
    case = after.failed(after.sent())
    service_of_documents.leave_with_witnesses(
        case, after.ACCOUNT, b.at_window(LATER, "p-colleague")
    )
    return case


def _announced():
    case = after.failed(after.sent(), Failure.RETURNED)
    act = b.at_window(LATER, "p-colleague")
    last = service_of_documents.announce(case, ANNOUNCED, act, b.CALENDAR)
    service_of_documents.settle_announcement(case, Act(at=last.at))
    return case


SIGN = Findings(
    facts="经现场核查，拟设招牌遮挡消防救援窗口，超出建筑外轮廓。",
    reasons="招牌的位置和尺寸不符合户外招牌设置规范。",
    legal_bases=("《城市市容和环境卫生管理条例》第十一条",),
)

CASES = {
    "grant_decision_full": Paper(b.decided, DocumentKind.GRANT_DECISION, findings=GRANT),
    "acceptance_notice_joint": Paper(_partly, DocumentKind.ACCEPTANCE_NOTICE),
    "grant_decision_joint": Paper(_partly, DocumentKind.GRANT_DECISION, findings=GRANT),
    "denial_decision_joint": Paper(
        _partly, DocumentKind.DENIAL_DECISION, findings=SIGN, authority=after.D06
    ),
    "handover_record_joint": Paper(_partly, DocumentKind.HANDOVER_RECORD, authority=after.D06),
    "proof_of_service_joint": Paper(_handed_out, DocumentKind.PROOF_OF_SERVICE),
    "proof_of_service_ems": Paper(
        lambda: after.signed(after.sent()), DocumentKind.PROOF_OF_SERVICE
    ),
    "proof_of_service_proxy": Paper(
        lambda: after.signed(after.sent(mandate="委字3号"), Signer.OTHER),
        DocumentKind.PROOF_OF_SERVICE,
    ),
    "proof_of_service_confirmed": Paper(_confirmed, DocumentKind.PROOF_OF_SERVICE, account=HOW),
    "proof_of_service_left": Paper(_left, DocumentKind.PROOF_OF_SERVICE, account=after.ACCOUNT),
    "proof_of_service_announced": Paper(
        _announced, DocumentKind.PROOF_OF_SERVICE, account=ANNOUNCED
    ),
    "special_procedure": Paper(
        lambda: after.noticed(DocumentKind.SPECIAL_PROCEDURE), DocumentKind.SPECIAL_PROCEDURE
    ),
    "extension_notice": Paper(
        lambda: after.noticed(DocumentKind.EXTENSION_NOTICE), DocumentKind.EXTENSION_NOTICE
    ),
    "explanation_request": Paper(
        lambda: after.noticed(DocumentKind.EXPLANATION_REQUEST), DocumentKind.EXPLANATION_REQUEST
    ),
}
