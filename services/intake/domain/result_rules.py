"""The rules of paper, results and hand-out: one clause, one function."""

from __future__ import annotations

from datetime import datetime

from services.intake.domain import errors
from services.intake.domain.item_terms import Remedies
from services.intake.domain.values import (
    Act,
    Applicant,
    ApplicantKind,
    DecisionOutcome,
    ItemTerms,
    PostKind,
    Recipient,
)


def require_accepted(case: str, *, accepted: bool) -> None:
    """Refuse what presupposes acceptance: paper goes to the departments with it, not before.

    Source: R4.5.
    """
    if not accepted:
        raise errors.NotAcceptedError("The case is not accepted", case=case)


def require_paper(case: str, pieces: int) -> None:
    """Refuse a bundle of a case that has no physical material.

    Source: R4.5; readings 13.
    """
    if pieces == 0:
        raise errors.NoPaperError("The case has no paper", case=case)


def require_all_paper(case: str, bag: str, kept: int, pieces: int) -> None:
    """Refuse a bundle that leaves out paper of the case, or holds more than was received.

    Source: R4.5 (办件纸质材料同步转交); readings 13.
    """
    if pieces != kept:
        raise errors.CountDiffersError(
            "The bundle is not the paper that was received",
            case=case,
            bag_sent=bag,
            pieces_sent=str(kept),
            bag_found=bag,
            pieces_found=str(pieces),
        )


def require_other_receiver(case: str, sender: str, receiver: str) -> None:
    """Refuse a receipt that the sender signs.

    Source: R4.5 (移交接收双方签字); readings 13.
    """
    if sender == receiver:
        raise errors.SignedBySenderError("The sender cannot sign as receiver", case=case)


def require_same_count(case: str, sent: tuple[str, int], found: tuple[str, int]) -> None:
    """Refuse a bag that is not the one sent, or that holds another number of pieces.

    Source: R4.5; readings 13.
    """
    if sent != found:
        raise errors.CountDiffersError(
            "What arrived is not what was sent",
            case=case,
            bag_sent=sent[0],
            pieces_sent=str(sent[1]),
            bag_found=found[0],
            pieces_found=str(found[1]),
        )


def require_decided(case: str, decided_at: datetime | None) -> None:
    """Refuse a result without a decision.

    Source: R1.11; 行政许可法 第三十八条.
    """
    if decided_at is None:
        raise errors.NotDecidedError("The case is not decided", case=case)


def require_decision_issued(case: str, *, issued: bool) -> None:
    """Refuse to send back a result whose decision is not sealed.

    Source: 行政许可法 第三十九条; readings 10.
    """
    if not issued:
        raise errors.ResultNotIssuedError("The decision is not issued", case=case)


def require_certificate(
    case: str, terms: ItemTerms, outcome: DecisionOutcome, certificate_number: str
) -> None:
    """Refuse a grant without its certificate, and a certificate without a grant.

    Source: 行政许可法 第三十九条; R1.11.
    """
    due_one = outcome is DecisionOutcome.GRANTED and terms.issues_certificate
    if due_one and not certificate_number:
        raise errors.CertificateNumberMissingError("The certificate has a number", case=case)
    if certificate_number and not due_one:
        raise errors.CertificateWithoutGrantError("No certificate belongs here", case=case)


def require_hand_out_by_window(case: str, act: Act) -> None:
    """Refuse a department to hand out a result.

    Source: R4.8; readings 6.
    """
    if act.post_kind == PostKind.DEPARTMENT:
        raise errors.HandedOutByDepartmentError("Departments do not hand out results", case=case)


def require_accepting_window(case: str, window_unit: str, act: Act, *, name: str = "") -> None:
    """Refuse any unit but the accepting window to hold or hand out the result (谁受理谁发证).

    The refusal says its `name`, where it is known, so that the clerk finds it.

    Source: R4.7; readings 6.
    """
    if act.post_kind != PostKind.WINDOW or not act.is_at(window_unit):
        raise errors.NotTheAcceptingWindowError(
            "Another window accepted this case", case=case, window=name or window_unit
        )


def require_result_here(case: str, *, ready: bool) -> None:
    """Refuse to hand out what has not come back to the window.

    Source: R4.7.
    """
    if not ready:
        raise errors.ResultNotHereError("The result is not at the window", case=case)


def require_not_handed_out(case: str, handed_out_at: datetime | None) -> None:
    """Refuse to hand out twice.

    Source: 行政许可法 第四十四条.
    """
    if handed_out_at is not None:
        raise errors.AlreadyHandedOutError("The result was handed out before", case=case)


def require_signature(
    case: str, recipient: Recipient, signed_by: str, mandate: str, addressee: Applicant
) -> None:
    """Refuse a signature that does not bind the addressee.

    A person signs with the name on file, an organisation through whoever
    shows its certificate; everybody else needs a mandate (委托书).

    Source: 行政许可法 第二十九条第二款, 第四十四条; readings 9.
    """
    named = addressee.kind is ApplicantKind.ORGANISATION or signed_by.strip() == addressee.name
    if recipient is Recipient.ADDRESSEE and not named:
        raise errors.SignatureWithoutMandateError("Another than the addressee signs", case=case)
    if recipient is Recipient.MANDATED_AGENT and not mandate:
        raise errors.SignatureWithoutMandateError("An agent signs under a mandate", case=case)


def require_remedies(case: str, remedies: Remedies) -> None:
    """Refuse an adverse document that cannot name the reviewing body and the court of its day.

    Source: 行政许可法 第三十八条第二款; readings 11.
    """
    if not remedies.known:
        raise errors.RemediesMissingError("Reviewing body or court unknown", case=case)
