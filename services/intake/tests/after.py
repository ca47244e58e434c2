"""Cases after acceptance as the tests of the domain need them: joint, on their way, told."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

from services.intake.domain import decisions, dispatch, process_notice, result
from services.intake.domain.document import DocumentKind
from services.intake.domain.item_terms import AuthorityPart, JointForm
from services.intake.domain.process_notice import Told
from services.intake.domain.records import Failure, ServiceAccount, Signer
from services.intake.domain.values import (
    Act,
    DecisionOutcome,
    Limit,
    Power,
    ResultDelivery,
)
from services.intake.tests import builders as b
from workdays import Due, Start, Unit

D01, D06 = b.AUTHORITY, "D06"
AUTHORITY_NAMES = {D01: "周村区行政审批服务局", D06: "周村区综合行政执法局"}
SENT = datetime(2026, 9, 23, 2, 0, tzinfo=UTC)
SIGNED = datetime(2026, 9, 24, 7, 30, tzinfo=UTC)
WAYBILL = "1100123456789"
ACCOUNT = ServiceAccount(
    reason="受送达人认为许可范围与申请不符，拒绝签收。",
    place="周村区丝市街12号",
    witnesses=("赵一鸣", "孙丽华"),
)


def part(authority, statutory, promised, **changes):
    made = AuthorityPart(
        authority=authority,
        name="食品经营许可" if authority == D01 else "户外招牌设置审批",
        statutory_limit=Limit(statutory, Unit.WORKING_DAY, Start.ACCEPTED, "法"),
        promised_limit=Limit(promised, Unit.WORKING_DAY, Start.ACCEPTED),
        persons_required=2,
        site_check_required=False,
        prerequisites=(),
        result_name="食品经营许可证" if authority == D01 else "",
        authority_name=AUTHORITY_NAMES[authority],
        authority_prefix="周审批" if authority == D01 else "周综执",
        review_body="周村区人民政府",
        court="淄博市周村区人民法院",
    )
    return replace(made, **changes)


JOINT = replace(
    b.TERMS,
    name="开餐饮店一件事（联合办理）",
    joint_form=JointForm.JOINT_HANDLING,
    parts=(part(D01, 10, 5), part(D06, 20, 7)),
)


def joint(*, terms=JOINT):
    """A case of two authorities, accepted."""
    return b.accepted(b.complete(terms=terms))


def decide(case, authority, outcome=DecisionOutcome.GRANTED, at=b.NEXT_DAY):
    own = decisions.decision_of(case, authority)
    decided = result.Decided(
        authority=authority,
        decider=f"p-decider-{authority}",
        outcome=outcome,
        decided_at=at,
        promise_due=own.promise_due or Due(date(2026, 9, 29)),
        statutory_due=own.statutory_due,
    )
    return result.record_decision(case, decided, authority)


def issue(document, at=b.NEXT_DAY):
    """Print and seal a document."""
    document.rendered(rendering=document.rendering, sha256="b" * 64, size=9, at=at)
    if not document.is_issued:
        document.state = document.state.__class__.ISSUED
        document.issued_at = at
    return document


def send_back(case, authority, bag, certificate="", at=b.NEXT_DAY):
    act = replace(b.at_department(at), unit=authority, authority=authority)
    return result.return_result(case, certificate, bag, act)


def receive(case, bag, at=b.NEXT_DAY):
    result.receive_result(case, bag, b.at_window(at, "p-colleague"))


def for_courier(case=None):
    """A case whose result is at the window, to be sent."""
    case = b.ready(case)
    case.result_delivery = ResultDelivery.EMS
    return case


def sent(case=None, *, mandate="", at=SENT):
    case = case or for_courier()
    act = b.at_window(at, "p-colleague")
    dispatch.dispatch(case, mandate, frozenset(Power), act, unit_path=case.unit_path)
    return case


def signed(case, signer=Signer.ADDRESSEE, *, attempt=1, at=SIGNED):
    dispatch.signed(case, attempt, signer, at, WAYBILL)
    return case


def failed(case, failure=Failure.REFUSED, *, attempt=1, at=SIGNED):
    dispatch.failed(case, attempt, failure, at)
    return case


def told(kind, *, authority=D01, reference="A1-S1", **facts):
    said = {
        DocumentKind.SPECIAL_PROCEDURE: {
            "procedure": "EXPERT_REVIEW",
            "days": "10",
            "start_date": "2026-09-28",
            "institution": "淄博市环境评估中心（示例）",
            "source": "行政许可法 第四十五条",
        },
        DocumentKind.EXTENSION_NOTICE: {
            "amount": "10",
            "unit": "WORKING_DAY",
            "reasons": "技术资料需要向省级机构核实，法定期限内不能办结。",
            "approver": "p-head",
            "approved_as": "AUTHORITY_HEAD",
            "due_before": "2026-10-13",
            "statutory_due": "2026-10-27",
            "source": "行政许可法 第四十二条第一款",
        },
        DocumentKind.EXPLANATION_REQUEST: {
            "question": "请说明布局图中二层区域的用途。",
            "requested_by": "p-reviewer",
        },
    }[kind]
    return Told(kind=kind, authority=authority, reference=reference, facts=said | facts)


def noticed(kind, case=None, **options):
    """An accepted case with a notice of the procedure drafted."""
    case = case or b.accepted()
    process_notice.draft(case, told(kind, **options), Act(at=b.NEXT_DAY, unit=D01))
    return case
