"""Documents, paper and results: rightly sealed, handed out where accepted, free of charge."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, Final

from google.protobuf.message import DecodeError
from liandong.intake.v1.intake_events_pb2 import (
    DocumentIssued,
    DocumentVoided,
    ResultHandedOut,
)

from checker.evidence import Evidence
from checker.intake_files import Document, IntakeCase
from checker.proofs.tasks import results_here
from checker.report import Finding
from checker.values import as_json, civil_day, day
from checker.windows import Windows, windows_of

__all__ = ["prove_documents", "prove_hand_out", "prove_offers_free", "prove_visits"]

# Kind of document to the seal that makes it one; the others need none (readings 10).
_SEALS: Final[Mapping[str, str]] = {
    "ONE_TIME_NOTICE": "SPECIAL",
    "FURTHER_NOTICE": "SPECIAL",
    "ACCEPTANCE_NOTICE": "SPECIAL",
    "NOT_REQUIRED_NOTICE": "SPECIAL",
    "ACCEPTANCE_REFUSAL": "SPECIAL",
    "TERMINATION": "SPECIAL",
    "FILING_RECEIPT": "SPECIAL",
    "SPECIAL_PROCEDURE": "SPECIAL",
    "EXTENSION_NOTICE": "AUTHORITY",
    "GRANT_DECISION": "AUTHORITY",
    "DENIAL_DECISION": "AUTHORITY",
}
_DECISIONS: Final = ("GRANT_DECISION", "DENIAL_DECISION")
_OF_OUTCOME: Final = {"GRANTED": "GRANT_DECISION", "DENIED": "DENIAL_DECISION"}
_OF_ENDING: Final = {
    "NOT_REQUIRED": "NOT_REQUIRED_NOTICE",
    "REFUSED": "ACCEPTANCE_REFUSAL",
    "WITHDRAWN": "WITHDRAWAL_RECORD",
    "TERMINATED": "TERMINATION",
}
_PROCESS: Final = ("SPECIAL_PROCEDURE", "EXTENSION_NOTICE", "EXPLANATION_REQUEST")
# Against the applicant: who reviews it and which court hears a suit must be known (readings 11).
_ADVERSE: Final = frozenset({"DENIAL_DECISION", "ACCEPTANCE_REFUSAL", "TERMINATION"})
_POSTAL: Final = "EMS"  # 邮政法 第五十五条


class DocumentMissing(Finding):
    """A step that must leave a document left none, or more than one."""

    id = "LAW_DOCUMENT_MISSING"


class SealWrong(Finding):
    """A document is issued without its seal, or sealed with another's or of another kind."""

    id = "LAW_SEAL_WRONG"


class RemediesMissing(Finding):
    """An adverse document was issued though nobody knows who reviews it (readings 11)."""

    id = "LAW_REMEDIES_MISSING"


class VoidUnexplained(Finding):
    """A voided number has no reason in the register, or was not told once (readings 12)."""

    id = "LAW_VOID_UNEXPLAINED"


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
    told = _documents_told(evidence, "intake.document_issued.v1", DocumentIssued)
    voided = _documents_told(evidence, "intake.document_voided.v1", DocumentVoided)
    for case in evidence.cases.intake.values():
        yield from _prove_made(case)
        yield from _prove_site_checks(evidence, case)
        for document in case.documents:
            yield from _prove_seal(document)
            yield from _prove_remedies(evidence, case, document)
            yield from _prove_voided(document, voided.pop(document.document, 0))
            if told.pop(document.document, 0) != document.issued:
                yield IssueUntold(
                    service="intake", subject=document.document, detail=document.state
                )
    for document_id in (*told, *voided):
        yield IssueUntold(service="intake", subject=document_id, detail="there is no such document")


def _documents_told(evidence: Evidence, kind: str, message: type[Any]) -> Counter[str]:
    told: Counter[str] = Counter()
    for event in evidence.services["intake"].events:
        if event.type == kind:
            try:
                told[message.FromString(event.payload).document] += 1
            except DecodeError:
                continue  # found by the envelopes; here its document is untold
    return told


def _prove_made(case: IntakeCase) -> Iterator[Finding]:
    expected = {
        "MATERIALS_RECEIPT": 1,
        "ACCEPTANCE_NOTICE": int(case.accepted_at is not None and case.spot is None),
        # What was lost on its way will never be signed for: its record is void (readings 13).
        "HANDOVER_RECORD": sum(each.lost_at is None for each in case.bundles),
        "PROOF_OF_SERVICE": int(case.served_at is not None),
        "CORRECTION_REMINDER": len(case.reminders),
        "FURTHER_NOTICE": sum(each.approved_at is not None for each in case.further_notices),
        "FILING_RECEIPT": int(case.filed_at is not None),
        **dict.fromkeys(_OF_ENDING.values(), 0),
        **{kind: sum(each.kind == kind for each in case.process_notices) for kind in _PROCESS},
    }
    for ending in case.endings:
        expected[_OF_ENDING.get(ending.kind, ending.kind)] = 1
    for kind, number in expected.items():
        made = [each for each in case.documents_of(kind) if not each.voided]
        if len(made) != number:
            detail = f"{len(made)} of {number} {kind}"
            yield DocumentMissing(service="intake", subject=case.number, detail=detail)
    yield from _prove_decisions(case)
    in_force = {each.document: each for each in case.documents if not each.voided}
    for notice in case.process_notices:
        made_of = in_force.get(notice.document)
        right = made_of is not None and (made_of.kind, made_of.authority) == (
            notice.kind,
            notice.authority,
        )
        if not right:
            detail = f"{notice.reference} has no {notice.kind} in force"
            yield DocumentMissing(service="intake", subject=case.number, detail=detail)


def _prove_decisions(case: IntakeCase) -> Iterator[Finding]:
    """Each authority that decided has one decision in force, of its outcome, its decider's."""
    expected = sorted(
        (each.authority, _OF_OUTCOME.get(each.outcome, ""), each.decider)
        for each in case.decisions
        if each.decided_at is not None
    )
    made = sorted(
        (each.authority, each.kind, each.signer)
        for each in case.documents_of(*_DECISIONS)
        if not each.voided
    )
    if [each[:2] for each in made] != [each[:2] for each in expected]:
        detail = f"decided {expected}, documents {made}"
        yield DocumentMissing(service="intake", subject=case.number, detail=detail)
    elif made != expected:
        detail = f"decided {expected}, signed {made}"
        yield SealWrong(service="intake", subject=case.number, detail=detail)


def _prove_site_checks(evidence: Evidence, case: IntakeCase) -> Iterator[Finding]:
    """When settled: each check on the site left its record, in its authority's name."""
    if not (evidence.settled and evidence.having("review")):
        return
    checked = Counter(
        {
            task.authority: len(task.site_checks)
            for task in evidence.cases.tasks.get(case.number, ())
            if task.site_checks
        }
    )
    recorded = Counter(
        each.authority for each in case.documents_of("SITE_CHECK_RECORD") if not each.voided
    )
    if checked != recorded:
        detail = f"checked {dict(checked)}, recorded {dict(recorded)}"
        yield DocumentMissing(service="intake", subject=case.number, detail=detail)


def _prove_remedies(evidence: Evidence, case: IntakeCase, document: Document) -> Iterator[Finding]:
    if document.kind not in _ADVERSE or not document.issued:
        return
    record = _record_of_its_day(evidence, case, document)
    if not (record.get("review_body") and record.get("court")):
        detail = f"{document.kind} of {document.authority}"
        yield RemediesMissing(service="intake", subject=document.document, detail=detail)


def _record_of_its_day(
    evidence: Evidence, case: IntakeCase, document: Document
) -> Mapping[str, Any]:
    """Return the authority's record on the day of the document; as of receipt without catalog."""
    if not evidence.having("catalog"):
        parts = [each for each in case.parts if each["authority"] == document.authority]
        return parts[0] if parts else case.terms
    sql = "SELECT records FROM authority WHERE unit = :unit"
    rows = evidence.services["catalog"].database.rows(sql, unit=document.authority)
    begun: Mapping[str, Any] = {}
    for row in rows:
        for record in as_json(row["records"]):
            from_on, on = day(record["from_date"]), document.drafted_at
            if from_on is not None and on is not None and from_on <= civil_day(on):
                begun = record
    return begun


def _prove_voided(document: Document, told: int) -> Iterator[Finding]:
    whole = bool(document.void_reason.strip()) and document.voided_at is not None
    explained = whole if document.voided else not (document.void_reason or document.voided_at)
    # The register is of numbers: what bears none is void with the loss of its bundle, told as such.
    if not explained or told != (document.voided and bool(document.number)):
        detail = f"{document.state}, told {told} times, reason {document.void_reason!r}"
        yield VoidUnexplained(service="intake", subject=document.document, detail=detail)


def _prove_seal(document: Document) -> Iterator[Finding]:
    needed = _SEALS.get(document.kind, "NONE")
    wrong = ""
    if document.issued and needed != "NONE":
        owner = f"{document.authority}-{needed}"
        if document.seal_kind != needed or not document.seal.startswith(owner):
            wrong = f"needs {owner}, has {document.seal or 'none'} ({document.seal_kind})"
        elif not (document.sealed_by and document.scan_sha256 and document.issued_at):
            wrong = "the use of the seal is not registered whole"
        elif document.kind in _DECISIONS and not document.signer:
            wrong = "signed by nobody"
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
    windows = windows_of(evidence)
    for case in evidence.cases.intake.values():
        units = told.get(case.number, [])
        collected = [visit.unit for visit in case.visits if visit.purpose == "COLLECTION"]
        at = case.handed_out_at
        once = len(units) == (1 if at is not None else 0)
        if not once or not all(windows.may(unit, case, at) for unit in (*units, *collected)):
            detail = (
                f"accepted at {case.window_unit}, handed out at {units}, collected at {collected}"
            )
            yield HandedOutElsewhere(service="intake", subject=case.number, detail=detail)
        for bundle in case.bundles:
            if bundle.received_at is not None and bundle.received_by == bundle.sent_by:
                detail = f"{bundle.direction} {bundle.sent_by}"
                yield BundleSignedByOne(service="intake", subject=case.number, detail=detail)
        if case.served_at is not None:
            yield from _prove_result(case, windows)


def _prove_result(case: IntakeCase, windows: Windows) -> Iterator[Finding]:
    back = [each for each in case.bundles_of("TO_WINDOW") if each.received_at is not None]
    decisions = [each for each in case.documents_of(*_DECISIONS) if not each.voided]
    skipped = ""
    if case.spot is None and not results_here(case):
        skipped = "a result did not come back to the window"
    elif not all(windows.may(each.received_in, case, each.received_at) for each in back):
        skipped = f"a result came back to {[each.received_in for each in back]}"
    elif not decisions or any(each.served_at != case.served_at for each in decisions):
        skipped = "a decision is not served with the result"
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
