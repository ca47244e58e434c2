"""Documents, paper and results: rightly sealed, handed out where accepted, free of charge."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Final

from google.protobuf.message import DecodeError
from liandong.intake.v1.intake_events_pb2 import DocumentIssued, ResultHandedOut

from checker.evidence import Evidence
from checker.intake_files import Document, IntakeCase
from checker.report import Finding

__all__ = ["prove_documents", "prove_hand_out", "prove_offers_free", "prove_visits"]

# Kind of document to the seal that makes it one; the others need none (readings 10).
_SEALS: Final[Mapping[str, str]] = {
    "ONE_TIME_NOTICE": "SPECIAL",
    "ACCEPTANCE_NOTICE": "SPECIAL",
    "GRANT_DECISION": "AUTHORITY",
    "DENIAL_DECISION": "AUTHORITY",
}
_DECISIONS: Final = ("GRANT_DECISION", "DENIAL_DECISION")
_POSTAL: Final = "EMS"  # 邮政法 第五十五条


class DocumentMissing(Finding):
    """A step that must leave a document left none, or more than one."""

    id = "LAW_DOCUMENT_MISSING"


class SealWrong(Finding):
    """A document is issued without its seal, or sealed with another's or of another kind."""

    id = "LAW_SEAL_WRONG"


class IssueUntold(Finding):
    """A document was issued and not exactly one event tells of it, or the other way round."""

    id = "LAW_ISSUE_NOT_TOLD_ONCE"


class HandedOutElsewhere(Finding):
    """A result was handed out by another unit than the accepting window (R4.7, R4.8)."""

    id = "LAW_HANDED_OUT_ELSEWHERE"


class ResultSkipped(Finding):
    """A result was handed out that was not issued, sent back or received at the window."""

    id = "LAW_RESULT_SKIPPED"


class BundleSignedByOne(Finding):
    """One person signed for paper on both sides (R4.5)."""

    id = "LAW_BUNDLE_SIGNED_BY_ONE"


class NotFree(Finding):
    """Courier costs the applicant something, or a result goes with another carrier (R2.7)."""

    id = "LAW_COURIER_NOT_FREE"


class VisitsBroken(Finding):
    """The visits of a case are not numbered 1, 2, 3 …, or not those its events tell of."""

    id = "LAW_VISITS_BROKEN"


def prove_documents(evidence: Evidence) -> Iterator[Finding]:
    """Each step left its document, and each issued document has its seal and its event.

    Source: 行政许可法 第三十二条第二款, 第三十八条, 第三十九条, 第四十四条; readings 9, 10.
    """
    if not evidence.having("intake"):
        return
    told: Counter[str] = Counter()
    for event in evidence.services["intake"].events:
        if event.type == "intake.document_issued.v1":
            try:
                told[DocumentIssued.FromString(event.payload).document] += 1
            except DecodeError:
                continue  # found by the envelopes; here its document is untold
    for case in evidence.cases.intake.values():
        yield from _prove_made(case)
        for document in case.documents:
            yield from _prove_seal(document, case.decider)
            if told.pop(document.document, 0) != document.issued:
                yield IssueUntold(
                    service="intake", subject=document.document, detail=document.state
                )
    for document_id in told:
        yield IssueUntold(service="intake", subject=document_id, detail="there is no such document")


def _prove_made(case: IntakeCase) -> Iterator[Finding]:
    decision = {"GRANTED": "GRANT_DECISION", "DENIED": "DENIAL_DECISION"}.get(case.outcome)
    expected = {
        "MATERIALS_RECEIPT": 1,
        "ACCEPTANCE_NOTICE": int(case.accepted_at is not None),
        "HANDOVER_RECORD": len(case.bundles),
        "PROOF_OF_SERVICE": int(case.handed_out_at is not None),
        **{kind: int(kind == decision) for kind in _DECISIONS},
    }
    for kind, number in expected.items():
        made = [each for each in case.documents_of(kind) if each.state != "VOIDED"]
        if len(made) != number:
            detail = f"{len(made)} of {number} {kind}"
            yield DocumentMissing(service="intake", subject=case.number, detail=detail)


def _prove_seal(document: Document, decider: str) -> Iterator[Finding]:
    needed = _SEALS.get(document.kind, "NONE")
    wrong = ""
    if document.issued and needed != "NONE":
        owner = f"{document.authority}-{needed}"
        if document.seal_kind != needed or not document.seal.startswith(owner):
            wrong = f"needs {owner}, has {document.seal or 'none'} ({document.seal_kind})"
        elif not (document.sealed_by and document.scan_sha256 and document.issued_at):
            wrong = "the use of the seal is not registered whole"
        elif document.kind in _DECISIONS and document.signer != decider:
            wrong = f"decided by {decider}, signed by {document.signer or 'nobody'}"
        elif document.signer and document.sealed_by != document.signer:
            wrong = f"signed by {document.signer}, sealed by {document.sealed_by}"
    elif document.seal or document.seal_kind != "NONE":
        wrong = f"{document.state} {document.kind} has the seal {document.seal}"
    elif document.issued and not document.sha256:
        wrong = "issued and never printed"
    if wrong:
        yield SealWrong(service="intake", subject=document.document, detail=wrong)


def prove_hand_out(evidence: Evidence) -> Iterator[Finding]:
    """Who accepted hands out: the accepting window, once, what was issued and came back to it.

    Source: 行政许可法 第四十四条; R4.5, R4.7, R4.8; readings 6, 13.
    """
    if not evidence.having("intake"):
        return
    told: dict[str, list[str]] = {}
    for event in evidence.services["intake"].events:
        if event.type == "intake.result_handed_out.v1":
            try:
                unit = ResultHandedOut.FromString(event.payload).window_unit
            except DecodeError:
                unit = ""
            told.setdefault(event.stream_id, []).append(unit)
    for case in evidence.cases.intake.values():
        units = told.get(case.number, [])
        expected = [case.window_unit] if case.handed_out_at is not None else []
        collected = [visit.unit for visit in case.visits if visit.purpose == "COLLECTION"]
        if units != expected or set(collected) - {case.window_unit}:
            detail = (
                f"accepted at {case.window_unit}, handed out at {units}, collected at {collected}"
            )
            yield HandedOutElsewhere(service="intake", subject=case.number, detail=detail)
        for bundle in case.bundles:
            if bundle.received_at is not None and bundle.received_by == bundle.sent_by:
                detail = f"{bundle.direction} {bundle.sent_by}"
                yield BundleSignedByOne(service="intake", subject=case.number, detail=detail)
        if case.handed_out_at is not None:
            yield from _prove_result(case)


def _prove_result(case: IntakeCase) -> Iterator[Finding]:
    back = case.bundle("TO_WINDOW")
    decision = [each for each in case.documents_of(*_DECISIONS) if each.state == "SERVED"]
    skipped = ""
    if back is None or back.received_at is None:
        skipped = "the result did not come back to the window"
    elif back.received_in != case.window_unit:
        skipped = f"the result came back to {back.received_in}"
    elif not decision or decision[0].served_at != case.handed_out_at:
        skipped = "the decision is not served with the hand-out"
    if skipped:
        yield ResultSkipped(service="intake", subject=case.number, detail=skipped)


def prove_offers_free(evidence: Evidence) -> Iterator[Finding]:
    """Courier is free for the applicant, and results go with the postal enterprise.

    Source: R2.7, R2.8; 邮政法 第五十五条.
    """
    for offer in evidence.cases.offers.values():
        if offer.citizen_price_fen != 0 or offer.carrier != _POSTAL:
            detail = f"{offer.citizen_price_fen} fen with {offer.carrier}"
            yield NotFree(service="delivery", subject=offer.case_number, detail=detail)


def prove_visits(evidence: Evidence) -> Iterator[Finding]:
    """The visits of a case are numbered from 1, and each is told once.

    Source: R2.1, R2.5.
    """
    if not evidence.having("intake"):
        return
    told: Counter[str] = Counter(
        event.stream_id
        for event in evidence.services["intake"].events
        if event.type == "intake.visit_recorded.v1"
    )
    for case in evidence.cases.intake.values():
        ordinals = [visit.ordinal for visit in case.visits]
        if ordinals != list(range(1, told[case.number] + 1)):
            detail = f"has {ordinals}, told {told[case.number]}"
            yield VisitsBroken(service="intake", subject=case.number, detail=detail)
