"""The documents of which each word is kept in a golden file: how each comes about.

A colleague who adds a kind of document adds a module `papers_<subject>.py`
that exports `CASES`, and the golden files; nothing else.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from services.intake.adapters.printing import PrintJob, persons_of, units_of
from services.intake.domain.case import Case
from services.intake.domain.document import DocumentKind
from services.intake.domain.item_terms import Remedies
from services.intake.domain.records import ServiceAccount
from services.intake.ports import Findings, SiteCheck
from services.intake.tests import builders as b

GOLDEN = Path(__file__).with_name("golden")
FINDINGS = Findings(
    facts="经现场核查，经营场所布局合理，设备设施齐全。",
    reasons="申请符合食品经营许可条件。",
    legal_bases=(
        "《中华人民共和国食品安全法》第三十五条",
        "《食品经营许可和备案管理办法》第十二条",
    ),
)
UNFIT = Findings(
    facts="经现场核查，冷食类食品未设专间加工，食品处理区与就餐区未分隔。",
    reasons="经营场所布局和设备设施不符合食品经营许可条件。",
    legal_bases=FINDINGS.legal_bases,
)
SITE_CHECK = SiteCheck(
    check_time=datetime(2026, 9, 22, 1, 30, tzinfo=UTC),
    place="周村区丝市街12号",
    checkers=("p-checker", "p-reviewer"),
    findings="经营场所布局与布局图一致，原料区、加工区、就餐区分开，设备设施齐全。",
    complies=True,
)
NAMES = {
    "p-clerk": "王芳（示例）",
    "p-colleague": "李伟（示例）",
    "p-reviewer": "赵敏（示例）",
    "p-checker": "孙强（示例）",
    "p-decider": "周明（示例）",
    "p-head": "吴刚（示例）",
    "p-supervisor": "郑洁（示例）",
    b.W01: "综合受理窗口（1号）",
    b.AUTHORITY: "周村区行政审批服务局",
    "D06": "周村区综合行政执法局",
}

NO_ACCOUNT = ServiceAccount()


@dataclass(frozen=True, slots=True)
class Paper:
    """One document: the case it belongs to, its kind, and what is known beside the case."""

    make: Callable[[], Case]
    kind: DocumentKind
    findings: Findings = FINDINGS
    account: ServiceAccount = NO_ACCOUNT
    signed_for: str = "王小丽"
    authority: str = b.AUTHORITY
    remedies: Remedies = b.REMEDIES


def all_papers() -> dict[str, Paper]:
    """Return every document of every module, by the name of its golden file."""
    found: dict[str, Paper] = {}
    for path in sorted(Path(__file__).parent.glob("papers_*.py")):
        cases = importlib.import_module(f"services.intake.tests.{path.stem}").CASES
        assert not found.keys() & cases.keys()
        found |= cases
    return found


def job_of(paper: Paper) -> PrintJob:
    """Return the print job of a document, with the names that it needs."""
    case = numbered(paper.make())
    documents = [
        each
        for each in case.documents
        if each.kind is paper.kind and each.authority == paper.authority
    ]
    job = PrintJob(
        case=case,
        document=documents[-1],
        applicant=b.ADDRESSEE,
        signed_for=paper.signed_for,
        account=paper.account,
        findings=paper.findings,
        remedies=paper.remedies,
        site_check=SITE_CHECK if paper.kind is DocumentKind.SITE_CHECK_RECORD else None,
    )
    return replace(job, names={each: NAMES[each] for each in persons_of(job) | units_of(job)})


def numbered(case: Case) -> Case:
    """Give every document its number."""
    for document in case.documents:
        if document.awaits_number:
            document.take_number(
                year=2026, site="01", ordinal=1, number="周审批某字〔2026〕01-00001号"
            )
    return case
