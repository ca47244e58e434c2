"""The use of seals on the documents of a case (用印登记)."""

from __future__ import annotations

from services.intake.domain import post_acceptance_rules, rules, seal_rules
from services.intake.domain.case import Case
from services.intake.domain.document import (
    DECISIONS,
    Document,
    DocumentKind,
    Seal,
    seal_named,
    sealed_in_department,
)
from services.intake.domain.values import Act, CaseState, NoticeMeans

__all__ = ["issued", "seal", "sealable"]


def sealable(case: Case, identity: str, seal_identity: str, act: Act) -> tuple[Document, Seal]:
    """Return the document and the seal for it, or say why it cannot be sealed so.

    The window seals in the department's name before the decision, who
    decided seals the decision, on the spot under the letter.

    Source: 行政许可法 第三十二条第二款, 第三十九条; readings 3, 10.
    """
    document = case.document(identity)
    seal_rules.require_unsealed(document)
    if sealed_in_department(document.kind) and not case.is_decided_on_the_spot:
        rules.require_department_post(case.number, act)
        post_acceptance_rules.require_own_document(document, act)
    else:
        rules.require_window_post(case.number, act)
        rules.require_receiving_window(case.number, case.window_unit, act, name=case.window_name)
    seal_rules.require_signer(document, act.person)
    fitting = seal_rules.require_seal_kind(document, seal_named(seal_identity))
    seal_rules.require_rendered(document)
    return document, fitting


def seal(
    case: Case, document: Document, used: Seal, act: Act, *, scan_sha256: str, certified: bool
) -> None:
    """Register the use of the seal; with it the document is issued.

    A notice that is signed for at the window is served with it: nobody signs
    for a sheet without its seal. How other documents reach the applicant
    before the result is not recorded, so they stay issued.

    Source: readings 9, 10.
    """
    fact = document.sealed(
        used, by=act.person, at=act.at, scan_sha256=scan_sha256, certified=certified
    )
    if _means_of(case, document) is NoticeMeans.SIGNED_AT_WINDOW:
        document.serve(act.at)
    if document.kind in DECISIONS and case.is_decided_on_the_spot:
        case.state = CaseState.READY  # nothing has to come back to this window
    case.happened(fact)
    issued(case, document)


def _means_of(case: Case, document: Document) -> NoticeMeans | None:
    if document.kind is DocumentKind.ONE_TIME_NOTICE:
        return case.notice_means
    given = (each for each in case.further_notices if each.document == document.document)
    return next((each.means for each in given), None)


def issued(case: Case, document: Document) -> None:
    """Let the applicant follow that a document was issued."""
    at = document.issued_at
    if at is None:
        raise ValueError(f"{document.document} is not issued")
    case.tell(
        "DOCUMENT_ISSUED",
        at,
        case.window_unit,
        kind=document.kind.name,
        number=document.number,
    )
