"""What the documents after acceptance say: decisions, proof of service, notices on the way."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from services.intake.adapters.document_names import DocumentNames
from services.intake.domain import decisions, joint_rules
from services.intake.domain.case import Case
from services.intake.domain.document import PROCESS_NOTICES, Document, DocumentKind
from services.intake.domain.records import ProcessNotice, ServiceAccount
from services.intake.domain.values import civil_day

__all__ = ["post_acceptance_facts", "post_acceptance_persons"]


def post_acceptance_facts(
    case: Case, document: Document, names: DocumentNames, account: ServiceAccount
) -> dict[str, Any]:
    """Return what the templates of these documents use beside what every template may.

    `issuer` is the authority in whose name the document is: in 联合办理 each
    decides under its own name, with its own remedies (readings 11, 21).
    """
    own = document.kind is DocumentKind.HANDOVER_RECORD
    served = decisions.documents_of_decisions(case, document.authority if own else "")
    decided = [each for each in case.decisions if each.authority == document.authority]
    last = case.dispatches[-1] if case.dispatches else None
    return {
        "issuer": joint_rules.part_of(case.terms, document.authority),
        "decided_on": _decided_on(case, document),
        "certificate_number": decided[0].certificate_number if decided else case.certificate_number,
        "certificates": _certificates(case),
        "served": [
            (names.title(each.kind, case.terms), each.number, _issuer_name(case, each))
            for each in served
        ],
        "served_on": civil_day(case.served_at) if case.served_at else None,
        "announced_on": civil_day(case.announced_at) if case.announced_at else None,
        "dispatch": last,
        "dispatched_on": civil_day(last.dispatched_at) if last else None,
        "server": _server(case, document),
        "account": account,
        "notice": _told(_notice(case, document)),
    }


def post_acceptance_persons(case: Case, document: Document) -> Iterable[str]:
    """Return the staff whom the document names."""
    notice = _notice(case, document)
    if document.kind is DocumentKind.PROOF_OF_SERVICE:
        return [_server(case, document)]
    if notice is not None:
        return [notice.facts.get("approver", ""), notice.facts.get("requested_by", "")]
    return []


def _server(case: Case, document: Document) -> str:
    """Return who served: at the window who handed out, by courier who gave it to the courier."""
    if document.drafted_by or not case.dispatches:
        return document.drafted_by
    return case.dispatches[-1].dispatched_by


def _decided_on(case: Case, document: Document) -> date:
    """Return the date of a decision: when it was decided, however often it is printed anew."""
    for each in case.decisions:
        if each.authority == document.authority and each.decided_at is not None:
            return civil_day(each.decided_at)
    return civil_day(case.decided_at or document.drafted_at)


def _certificates(case: Case) -> list[tuple[str, str]]:
    if not case.decisions:  # decided on the spot
        number = case.certificate_number
        return [(case.terms.result_name, number)] if number else []
    return [
        (joint_rules.part_of(case.terms, each.authority).result_name, each.certificate_number)
        for each in case.decisions
        if each.certificate_number
    ]


def _issuer_name(case: Case, document: Document) -> str:
    """Return who issued a decision where several did; empty where one alone decides."""
    if not case.is_joint:
        return ""
    return joint_rules.part_of(case.terms, document.authority).authority_name


def _notice(case: Case, document: Document) -> ProcessNotice | None:
    """Return what a notice tells of; that of a voided one as well."""
    if document.kind not in PROCESS_NOTICES:
        return None
    notices = [each for each in case.process_notices if each.kind is document.kind]
    named = [each for each in notices if each.document == document.document]
    return next(iter(named or notices[-1:]), None)


def _told(notice: ProcessNotice | None) -> Mapping[str, Any]:
    if notice is None:
        return {}
    told: dict[str, Any] = dict(notice.facts)
    for name in ("start_date", "due_before", "statutory_due"):
        if told.get(name):
            told[name] = date.fromisoformat(told[name])
    return told
