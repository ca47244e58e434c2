"""Notices of the procedure (特别程序告知、延期、补充说明): drafted, given, answered.

They are in the name of the authority that works on the case, and reach the
applicant through the platform (readings 6).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from services.intake.domain import (
    post_acceptance_errors,
    post_acceptance_rules,
    pre_acceptance_rules,
    rules,
)
from services.intake.domain.case import Case
from services.intake.domain.document import Document, DocumentKind
from services.intake.domain.post_acceptance_events import ExplanationGiven, ProcessNoticeGiven
from services.intake.domain.receipt import by_code
from services.intake.domain.records import ExplanationMaterial, ProcessNotice
from services.intake.domain.values import Act, HandedIn, NoticeMeans, PostKind

__all__ = ["Told", "draft", "explain", "give", "notice_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What the review makes known: whose, under which identity, and what the notice says."""

    kind: DocumentKind
    authority: str
    reference: str
    facts: Mapping[str, str]


def draft(case: Case, told: Told, act: Act) -> Document | None:
    """Draft the notice of something that the review made known; once for each.

    Source: 行政许可法 第四十二条, 第四十五条; readings 6, 17, 18.
    """
    authority = told.authority or case.authority
    known = any(
        (each.kind, each.authority, each.reference) == (told.kind, authority, told.reference)
        for each in case.process_notices
    )
    if known:
        return None
    document = case.draft(told.kind, act, authority=authority)
    case.process_notices.append(
        ProcessNotice(
            case_number=case.number,
            ordinal=len(case.process_notices) + 1,
            kind=told.kind,
            authority=authority,
            reference=told.reference,
            document=document.document,
            facts=told.facts,
            told_at=act.at,
        )
    )
    case.tell(f"{told.kind.name}_DRAFTED", act.at, act.unit)
    return document


def notice_of(case: Case, document: str) -> ProcessNotice:
    """Return the notice that a document is, or refuse."""
    found = case.document(document)
    post_acceptance_rules.require_process_notice(found)
    for each in case.process_notices:
        if each.document == document:
            return each
    raise post_acceptance_errors.NotAProcessNoticeError(
        "No notice of the procedure", case=case.number
    )


def give(case: Case, document: str, means: NoticeMeans, ems_number: str, act: Act) -> ProcessNotice:
    """Note that the notice reached the applicant, and how; from here its time does not count.

    Source: 行政许可法 第四十二条, 第四十五条; readings 6, 9, 18.
    """
    if means is NoticeMeans.SIGNED_AT_WINDOW or act.post_kind == PostKind.WINDOW:
        rules.require_window_post(case.number, act)
        rules.require_receiving_window(case.number, case.window_unit, act, name=case.window_name)
    notice, found = notice_of(case, document), case.document(document)
    post_acceptance_rules.require_own_document(found, act)
    post_acceptance_rules.require_not_given(case.number, notice.given_at)
    post_acceptance_rules.require_notice_issued(found)
    rules.require_reachable(case.number, means, case.applicant_person)
    pre_acceptance_rules.require_consent(
        case.number, means, consent=case.electronic_service_consent
    )
    post_acceptance_rules.require_ems_number(case.number, means, ems_number)
    notice.given_at, notice.given_by = act.at, act.person
    notice.means, notice.ems_number = means, ems_number
    if means is not NoticeMeans.EMS:  # by post it is given when posted, served when signed for
        found.serve(act.at)
    case.tell(f"{notice.kind.name}_GIVEN", act.at, act.unit)
    case.happened(
        ProcessNoticeGiven(
            case_number=case.number,
            document=document,
            kind=notice.kind.name,
            reference=notice.reference,
            give_time=act.at,
            authority=notice.authority,
        )
    )
    return notice


def explain(
    case: Case, explanation: str, text: str, materials: tuple[HandedIn, ...], act: Act
) -> None:
    """Take in the answer to a request for an explanation (补充说明); no clock moves.

    Source: readings 17.
    """
    if act.post_kind == PostKind.WINDOW:
        rules.require_receiving_window(case.number, case.window_unit, act, name=case.window_name)
    pre_acceptance_rules.require_open(case.number, case.state)
    post_acceptance_rules.require_not_decided(case.number, case.decided_at)
    notice = _asked(case, explanation)
    post_acceptance_rules.require_unexplained(case.number, notice.answered_at)
    notice.answered_at, notice.answer = act.at, text
    case.explanation_materials.extend(
        ExplanationMaterial(
            case_number=case.number,
            notice=notice.ordinal,
            place=place,
            material_code=each.material_code,
            sha256=each.sha256,
            paper_pieces=each.paper_pieces,
        )
        for place, each in enumerate(by_code(materials).values(), start=1)
    )
    case.tell("EXPLANATION_GIVEN", act.at, act.unit or case.window_unit)
    case.happened(ExplanationGiven(case_number=case.number, explanation=explanation))


def _asked(case: Case, explanation: str) -> ProcessNotice:
    for each in case.process_notices:
        if each.kind is DocumentKind.EXPLANATION_REQUEST and each.reference == explanation:
            return each
    raise post_acceptance_errors.ExplanationUnknownError(
        "Nobody asked for it", case=case.number, explanation=explanation
    )
