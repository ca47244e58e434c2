"""The rules of seals: one clause, one function."""

from __future__ import annotations

from services.intake.domain import errors
from services.intake.domain.document import Document, DocumentState, Seal, SealKind


def require_unsealed(document: Document) -> None:
    """Refuse to seal what is issued already or what needs no seal.

    Source: readings 10 (用印登记: one use, one entry).
    """
    if document.is_issued or document.is_voided or document.form.seal is SealKind.NONE:
        raise errors.AlreadySealedError(
            "The document takes no seal now", case=document.case_number, document=document.document
        )


def require_rendered(document: Document) -> None:
    """Refuse to seal a sheet that was never printed.

    Source: readings 10.
    """
    if document.state is not DocumentState.RENDERED:
        raise errors.DocumentNotRenderedError(
            "The document is not rendered", case=document.case_number, document=document.document
        )


def require_seal_kind(document: Document, seal: Seal | None) -> Seal:
    """Refuse a seal of another kind or of another authority; return the one that fits.

    The written proof of acceptance or refusal carries the special seal
    (专用印章), decisions and certificates the seal of the authority (机关印章).

    Source: 行政许可法 第三十二条第二款, 第三十九条; readings 10.
    """
    fits = (
        seal is not None
        and seal.kind is document.form.seal
        and seal.authority == document.authority
    )
    if seal is None or not fits:
        raise errors.WrongSealKindError(
            "This seal is not for this document",
            case=document.case_number,
            document=document.document,
            needed=document.form.seal.name,
        )
    return seal


def require_signer(document: Document, person: str) -> None:
    """Refuse anybody but the decider to have a decision sealed.

    Source: R4.6; 行政许可法 第三十八条.
    """
    if document.signer and document.signer != person:
        raise errors.NotTheDeciderError(
            "Who decided signs", case=document.case_number, document=document.document
        )
