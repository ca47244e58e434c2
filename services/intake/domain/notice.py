"""The one-time notice (一次性告知) and the corrections that answer it (补正)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from services.intake.domain import filing, pre_acceptance_rules, rules
from services.intake.domain.case import Case, NoticeEntry
from services.intake.domain.document import Document, DocumentKind
from services.intake.domain.events import CorrectionSubmitted, OneTimeNoticeGiven
from services.intake.domain.receipt import by_code
from services.intake.domain.values import (
    Act,
    CaseState,
    Channel,
    Defect,
    HandedIn,
    NoticeMeans,
    PostKind,
    Power,
    VisitPurpose,
)
from workdays import WorkCalendar

__all__ = ["EntryOfNotice", "give", "submit_correction"]


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryOfNotice:
    """One entry: material, what is wrong, what to do, on what basis."""

    material_code: str
    defect: Defect
    what_to_do: str
    legal_basis: str


def give(
    case: Case,
    entries: tuple[EntryOfNotice, ...],
    means: NoticeMeans,
    act: Act,
    *,
    proof: str = "",
    powers: frozenset[Power],
    calendar: WorkCalendar,
) -> Document:
    """Tell the applicant, once, of everything that must be corrected; return the document.

    Source: 行政许可法 第三十二条第一款第四项; R1.2; readings 3, 8, 9.
    """
    rules.require_window_post(case.number, act)
    rules.require_receiving_window(case.number, case.window_unit, act, name=case.window_name)
    pre_acceptance_rules.require_open(case.number, case.state)
    rules.require_first_notice(case.number, case.noticed_at)
    accepted = case.standing(act.at, calendar).accepted_at is not None
    last = rules.one_time_notice_due(case.received_at, calendar)
    rules.require_notice_in_time(case.number, accepted=accepted, last=last)
    rules.require_power(case.number, Power.REQUEST_CORRECTION, powers)
    case.require_means(means, proof)
    asked = [case.material(entry.material_code).material_code for entry in entries]
    rules.require_nothing_shared(case.number, asked, case.terms)
    rules.require_every_defect(case.number, asked, case.defective, case.terms)
    case.notice_proof = proof
    return _given(case, entries, means, act)


def _given(
    case: Case, entries: tuple[EntryOfNotice, ...], means: NoticeMeans, act: Act
) -> Document:
    for ordinal, entry in enumerate(entries, start=1):
        case.notice_entries.append(
            NoticeEntry(
                case_number=case.number,
                ordinal=ordinal,
                material_code=entry.material_code,
                defect=entry.defect,
                what_to_do=entry.what_to_do,
                legal_basis=entry.legal_basis,
            )
        )
        material = case.material(entry.material_code)
        material.defect = entry.defect
        material.arrived_at = None
    case.noticed_at, case.noticed_by, case.notice_means = act.at, act.person, means
    case.state = CaseState.CORRECTION
    case.remember_front(act.person)
    codes = tuple(sorted({entry.material_code for entry in entries}))
    case.tell("ONE_TIME_NOTICE_GIVEN", act.at, act.unit, entries=str(len(entries)))
    case.happened(
        OneTimeNoticeGiven(case_number=case.number, material_codes=codes, given_by=act.person)
    )
    return case.draft(DocumentKind.ONE_TIME_NOTICE, act)


def submit_correction(
    case: Case,
    materials: Iterable[HandedIn],
    channel: Channel,
    act: Act,
    calendar: WorkCalendar,
) -> tuple[str, ...]:
    """Take in what the notice asked for; return the codes that are still open.

    The arrival of each cured entry is kept: acceptance counts from the last.

    Source: 行政许可法 第三十二条第一款第五项; readings 8.
    """
    rules.require_channel(channel, act)
    if channel is not Channel.ONLINE:
        rules.require_receiving_window(case.number, case.window_unit, act, name=case.window_name)
    pre_acceptance_rules.require_open(case.number, case.state)
    accepted = case.standing(act.at, calendar).accepted_at is not None
    rules.require_not_accepted(case.number, accepted=accepted)
    case.require_noticed()
    found = by_code(materials)
    rules.require_asked_for(case.number, found, case.defective, case.terms)
    for each in found.values():
        _hand_in(case, each, act)
    outstanding = case.defective
    case.state = CaseState.CORRECTION if outstanding else CaseState.RECEIVED
    case.corrected_at = None if outstanding else act.at
    case.unconfirmed_at = None
    if act.post_kind == PostKind.WINDOW:
        case.remember_front(act.person)
    case.tell("CORRECTION_SUBMITTED", act.at, act.unit or case.window_unit, **_said(outstanding))
    case.happened(
        CorrectionSubmitted(
            case_number=case.number,
            material_codes=tuple(sorted(found)),
            outstanding=outstanding,
        )
    )
    if rules.is_visit(VisitPurpose.CORRECTION, channel):
        case.visit(VisitPurpose.CORRECTION, act)
    filing.record(case, act)
    return outstanding


def _hand_in(case: Case, handed_in: HandedIn, act: Act) -> None:
    material = case.material(handed_in.material_code)
    if handed_in.is_there:
        material.sha256 = handed_in.sha256 or material.sha256
        material.paper_pieces += handed_in.paper_pieces
        material.corrected_at = act.at
    # An account cannot find fault with its own upload; the window looks before it accepts.
    said = handed_in.defect if act.post_kind == PostKind.WINDOW else Defect.UNSPECIFIED
    if handed_in.is_there and said is Defect.UNSPECIFIED:
        material.defect = Defect.UNSPECIFIED
        material.arrived_at = material.cured_at = act.at
    elif said is not Defect.UNSPECIFIED:
        material.defect = said


def _said(outstanding: tuple[str, ...]) -> dict[str, str]:
    return {"outstanding": str(len(outstanding))}
