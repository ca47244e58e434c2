"""Cases and acts as the tests of the domain need them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from services.intake.domain import acceptance, bundle, notice, receipt, result, sealing
from services.intake.domain.document import DocumentKind
from services.intake.domain.item_terms import Remedies
from services.intake.domain.notice import EntryOfNotice
from services.intake.domain.values import (
    Act,
    Applicant,
    ApplicantKind,
    Channel,
    DecisionOutcome,
    Defect,
    HandedIn,
    ItemMaterial,
    ItemTerms,
    Limit,
    Necessity,
    NoticeMeans,
    Power,
    Recipient,
    ResultDelivery,
    WindowUnit,
)
from workdays import Due, Start, Unit, WorkCalendar

CALENDAR = WorkCalendar.official()
RECEIVED = datetime(2026, 9, 21, 1, 0, tzinfo=UTC)  # Monday, 09:00 in China
NEXT_DAY = datetime(2026, 9, 22, 2, 0, tzinfo=UTC)
DEADLINE = datetime(2026, 9, 29, 16, 0, tzinfo=UTC)  # 24:00 of the fifth working day
AUTHORITY, W01, W02 = "D01", "W01", "W02"
ALL_POWERS = frozenset(Power)
WINDOW = WindowUnit(code=W01, name="综合窗口1", unit_path=f"/C1/{W01}/")


def at_window(at=RECEIVED, person="p-clerk", unit=W01):
    return Act(at=at, person=person, post_kind="WINDOW", unit=unit)


def at_department(at=NEXT_DAY, person="p-reviewer"):
    return Act(at=at, person=person, post_kind="DEPARTMENT", unit=AUTHORITY, authority=AUTHORITY)


def online(at=NEXT_DAY, person="a-1"):
    return Act(at=at, person=person, post_kind="APPLICANT")


def material(code, *, necessity=Necessity.REQUIRED, shared=""):
    return ItemMaterial(
        material_code=code, name=code, necessity=necessity, sharing_source=shared, legal_basis="X"
    )


TERMS = ItemTerms(
    item_code="370306-01-001",
    item_version="370306-01-001@1",
    name="食品经营许可",
    authority=AUTHORITY,
    authority_name="周村区行政审批服务局",
    authority_prefix="周审批",
    statutory_limit=Limit(10, Unit.WORKING_DAY, Start.ACCEPTED, "食品经营许可和备案管理办法"),
    promised_limit=Limit(5, Unit.WORKING_DAY, Start.ACCEPTED),
    deemed_acceptance=True,
    persons_required=2,
    site_check_required=True,
    materials=(
        material("M01"),
        material("M02", shared="市场监管"),
        material("M04"),
        material("M05"),
        material("M06", necessity=Necessity.OPTIONAL),
        material("M07", necessity=Necessity.LATER),
    ),
    result_name="食品经营许可证",
    result_physical=True,
    courier_offered=True,
    legal_bases=("食品安全法",),
    advice_phone="0533-6400000",
    complaint_phone="0533-12345",
    review_body="周村区人民政府",
    court="淄博市周村区人民法院",
)
REMEDIES = Remedies(review_body=TERMS.review_body, court=TERMS.court)
ADDRESSEE = Applicant(
    person="a-1",
    kind=ApplicantKind.NATURAL_PERSON,
    name="王小丽",
    identity_number="370306198503150022",
    phone="13864351234",
    address="丝市街12号",
)


def on_paper(*codes, defect=Defect.UNSPECIFIED):
    return tuple(HandedIn(material_code=code, paper_pieces=1, defect=defect) for code in codes)


def received(
    *materials,
    terms=TERMS,
    act=None,
    channel=Channel.WINDOW,
    person="a-1",
    powers=ALL_POWERS,
    in_force=True,
):
    return receipt.receive(
        receipt.Application(
            applicant_person=person,
            applicant_kind=ApplicantKind.NATURAL_PERSON,
            materials=materials,
            channel=channel,
            result_delivery=ResultDelivery.COLLECTION,
            summary="小吃店",
            assistance="T1" if channel is Channel.ASSISTANCE else "",
        ),
        terms,
        WINDOW,
        act or at_window(),
        number="A1",
        query_code="QUERYCODE",
        writer_unit="C1",
        calendar=CALENDAR,
        powers=powers,
        in_force=in_force,
    )


def incomplete(**options):
    """A case without M04, and with M05 not in legal form."""
    bad = on_paper("M05", defect=Defect.NOT_IN_LEGAL_FORM)
    return received(*on_paper("M01"), *bad, **options)


def complete(**options):
    return received(*on_paper("M01", "M04", "M05"), **options)


def entries(*codes):
    return tuple(
        EntryOfNotice(
            material_code=code, defect=Defect.MISSING, what_to_do="补交", legal_basis="第十四条"
        )
        for code in codes
    )


def notify(case, *codes, act=None, powers=ALL_POWERS, means=NoticeMeans.SIGNED_AT_WINDOW, proof=""):
    return notice.give(
        case,
        entries(*codes),
        means,
        act or at_window(NEXT_DAY),
        proof=proof,
        powers=powers,
        calendar=CALENDAR,
    )


def noticed(**options):
    case = incomplete(**options)
    notify(case, "M04", "M05")
    return case


def correct(case, *codes, act=None, channel=Channel.ONLINE):
    files = tuple(HandedIn(material_code=code, sha256="a" * 64) for code in codes)
    return notice.submit_correction(case, files, channel, act or online(), CALENDAR)


def accepted(case=None, *, act=None, powers=ALL_POWERS):
    case = case or complete()
    acceptance.accept(case, powers, act or at_window(NEXT_DAY), CALENDAR)
    return case


def render(case, kind):
    document = find(case, kind)
    document.rendered(rendering=document.rendering, sha256="b" * 64, size=9, at=NEXT_DAY)
    return document


def find(case, kind):
    return next(each for each in case.documents if each.kind is kind)


def decided(case=None, outcome=DecisionOutcome.GRANTED):
    case = case or accepted()
    decision = result.Decided(
        decider="p-decider",
        outcome=outcome,
        decided_at=NEXT_DAY,
        promise_due=Due(case.promise_due_on),
        statutory_due=Due(case.statutory_due_on),
    )
    result.record_decision(case, decision, AUTHORITY)
    return case


def seal(case, kind, act, identity):
    document, used = sealing.sealable(case, find(case, kind).document, identity, act)
    sealing.seal(case, document, used, act, scan_sha256="c" * 64, certified=False)
    return document


def issued(outcome=DecisionOutcome.GRANTED):
    """A decided case whose decision is sealed."""
    case = decided(outcome=outcome)
    granted = outcome is DecisionOutcome.GRANTED
    kind = DocumentKind.GRANT_DECISION if granted else DocumentKind.DENIAL_DECISION
    render(case, kind)
    seal(case, kind, at_department(person="p-decider"), "D01-AUTHORITY")
    return case


def issued_of(case):
    """An accepted case, decided and with its decision sealed."""
    decided(case)
    render(case, DocumentKind.GRANT_DECISION)
    act = at_department(person="p-decider")
    seal(case, DocumentKind.GRANT_DECISION, act, "D01-AUTHORITY")
    return case


def returned(case=None, certificate="JY1"):
    case = case or issued()
    result.return_result(case, certificate, "B-2", at_department())
    return case


def ready(case=None):
    case = case or returned()
    result.receive_result(case, "B-2", at_window(NEXT_DAY, "p-colleague"))
    return case


def hand_out(
    case,
    act=None,
    recipient=Recipient.ADDRESSEE,
    *,
    signed_by="王小丽",
    mandate="",
    powers=ALL_POWERS,
):
    return result.hand_out(
        case,
        recipient,
        act or at_window(NEXT_DAY, "p-colleague"),
        powers=powers,
        signed_by=signed_by,
        mandate=mandate,
        addressee=ADDRESSEE,
    )


def handed_over(case=None, pieces=3):
    case = case or accepted()
    bundle.hand_over(case, "B-1", pieces, at_window(NEXT_DAY))
    return case


def types(case):
    return [event.type.split(".")[1] for event in case.events]


def codes(case):
    return [entry.code for entry in case.told]


def with_limits(**changes):
    return replace(TERMS, **changes)
