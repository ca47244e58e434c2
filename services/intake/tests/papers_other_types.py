"""The documents of items that are no permits: a benefit (05), a public service (20)."""

from __future__ import annotations

from dataclasses import replace

from services.intake.domain.document import DocumentKind
from services.intake.domain.values import DecisionOutcome
from services.intake.ports import Findings
from services.intake.tests import builders as b
from services.intake.tests import pre_acceptance_builders as f
from services.intake.tests.papers import Paper

__all__ = ["CASES"]

BENEFIT = replace(
    b.TERMS,
    item_type="05",
    name="高龄津贴申领（示例）",
    statutory_limit=None,
    deemed_acceptance=False,
    courier_offered=False,
    result_name="高龄津贴审核确认通知书",
    legal_bases=("老年人权益保障法 第三十三条",),
)
SERVICE = replace(
    BENEFIT, item_type="20", name="居家养老服务补贴申请（示例）", courier_offered=True,
    result_name="居家养老服务补贴确认通知书",
)  # fmt: skip
FOUND = Findings(
    facts="申请人年龄和户籍经共享数据核对属实。",
    reasons="",
    legal_bases=("老年人权益保障法 第三十三条",),
    content="确认自2026年10月起享受高龄津贴。",
)
REFUSED = replace(FOUND, facts="申请人未满规定年龄。", reasons="不符合领取条件。")


def _under(case, terms):
    case.terms, case.item_name, case.statutory_due_on = terms, terms.name, None
    return case


def _granted(terms):
    return _under(b.decided(), terms)


def _denied(terms):
    return _under(b.decided(outcome=DecisionOutcome.DENIED), terms)


def _served(terms):
    case = b.ready()
    b.hand_out(case)
    return _under(case, terms)


def _noticed_again():
    case = f.corrected()
    f.propose(case, "M04")
    f.approve(case)
    return _under(case, BENEFIT)


CASES = {
    "one_time_notice_benefit": Paper(
        lambda: _under(b.noticed(), BENEFIT), DocumentKind.ONE_TIME_NOTICE
    ),
    "further_notice_benefit": Paper(_noticed_again, DocumentKind.FURTHER_NOTICE),
    "acceptance_notice_benefit": Paper(
        lambda: _under(b.accepted(), BENEFIT), DocumentKind.ACCEPTANCE_NOTICE
    ),
    "acceptance_refusal_benefit": Paper(
        lambda: _under(f.refused(), BENEFIT), DocumentKind.ACCEPTANCE_REFUSAL
    ),
    "grant_decision_benefit": Paper(
        lambda: _granted(BENEFIT), DocumentKind.GRANT_DECISION, findings=FOUND
    ),
    "denial_decision_benefit": Paper(
        lambda: _denied(BENEFIT), DocumentKind.DENIAL_DECISION, findings=REFUSED
    ),
    "grant_decision_service": Paper(
        lambda: _granted(SERVICE), DocumentKind.GRANT_DECISION, findings=FOUND
    ),
    "denial_decision_service": Paper(
        lambda: _denied(SERVICE), DocumentKind.DENIAL_DECISION, findings=REFUSED
    ),
    "proof_of_service_benefit": Paper(lambda: _served(BENEFIT), DocumentKind.PROOF_OF_SERVICE),
}
