"""Every command has one effect and one answer, and every refusal the trace it must have.

Two sides are compared: what the caller was answered (the ledger) and what is
stored. Without a ledger the stored answers, audit rows and events of a
service must still tell one story.
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from urllib.parse import unquote

from google.protobuf.message import DecodeError
from google.rpc import error_details_pb2, status_pb2

from checker.evidence import Answer, AuditRow, Evidence, ServiceEvidence
from checker.graph import VIOLATIONS
from checker.ledger import LedgerEntry, service_of
from checker.report import Finding

__all__ = ["prove_answers", "prove_ledger"]

OK = "OK"
KEPT_FOR = timedelta(days=90)  # how long answers are kept, by legal time
_Key = tuple[str, str, str]
_AuditKey = tuple[str, str, str, str]  # actor, assignment, action, request id


class AnswerLost(Finding):
    """A command was answered OK, and no such answer is stored: its effect is lost."""

    id = "COMMAND_LOST"


class AnswerDiffers(Finding):
    """What the caller was answered is not what is stored."""

    id = "COMMAND_ANSWER_DIFFERS"


class AnswersDisagree(Finding):
    """One request id was answered twice, and differently."""

    id = "COMMAND_ANSWERS_DISAGREE"


class SubjectDiffers(Finding):
    """The audit has the command under another case than the caller was told."""

    id = "COMMAND_SUBJECT_DIFFERS"


class RefusalLeftTraces(Finding):
    """A command was refused, not as a violation, and something of it is stored."""

    id = "REFUSAL_LEFT_TRACES"


class ViolationLost(Finding):
    """A violation was refused, and the stored refusal is missing or another one."""

    id = "VIOLATION_LOST"


class AnswerEmpty(Finding):
    """A request id is claimed without an answer, or with an answer and a refusal at once."""

    id = "ANSWER_INCOMPLETE"


class AnswerDoubled(Finding):
    """Two answers are stored under one key: the key that makes commands idempotent is gone."""

    id = "ANSWER_DOUBLED"


class NotAudited(Finding):
    """A stored answer or refusal has no audit row: who did it cannot be shown."""

    id = "COMMAND_NOT_AUDITED"


class AuditedTwice(Finding):
    """A command has two audit rows: its effect was made twice."""

    id = "COMMAND_DOUBLED"


class AuditUnanswered(Finding):
    """The audit has a command of which no answer is stored: a repetition would do it again."""

    id = "COMMAND_NOT_STORED"


class RefusalIsNoViolation(Finding):
    """A refusal is stored that is none of the violations: only those may be."""

    id = "REFUSAL_STORED_WRONGLY"


def prove_ledger(evidence: Evidence) -> Iterator[Finding]:
    """What each caller was answered is what is stored, once; refusals left what they must.

    OK: the same bytes are stored under the same key, whoever asked how often.
    A violation: the stored refusal has its reason. Any other refusal: nothing.
    An answer that expired must still have its audit row. Where the last word was
    lost on the way, both outcomes are whole by `prove_answers`.
    """
    groups: dict[_Key, list[LedgerEntry]] = defaultdict(list)
    for entry in evidence.ledger:
        groups[entry.key].append(entry)
    evidence.facts["ledger.commands"] = len(groups)
    stored = {
        answer.key: (answer, service)
        for service in evidence.services.values()
        for answer in service.answers
    }
    audited = {name: _audits(service) for name, service in evidence.services.items()}
    since = _kept_since(evidence)
    for key, entries in groups.items():
        name = service_of(key[1])
        service = evidence.services.get(name)
        if service is None:
            evidence.count("ledger.of_services_not_given")
            continue
        answer = stored.get(key, (None, service))[0]
        audits = audited[name].get(_audit_key(key), [])
        if answer is None and audits and all(_is_before(row, since) for row in audits):
            evidence.count("ledger.answers_expired")
            continue
        yield from _prove_group(name, entries, answer, audits)
    evidence.facts["ledger.answers_nobody_received"] = len(set(stored) - set(groups))


def _prove_group(
    service: str, entries: Sequence[LedgerEntry], answer: Answer | None, audits: list[AuditRow]
) -> Iterator[Finding]:
    first = entries[0]
    subject = f"{first.method} {first.request_id}"
    accepted = [entry for entry in entries if entry.ok]
    violations = {e.reason for e in entries if e.reason in VIOLATIONS.get(service, ())}
    if accepted:
        yield from _prove_accepted(service, subject, accepted, answer, audits)
    elif violations:
        kept = _reason(answer.refusal) if answer is not None and answer.refusal else None
        if kept is None or {kept} != violations:
            told = ", ".join(sorted(violations))
            yield ViolationLost(
                service=service, subject=subject, detail=f"told {told}, stored {kept}"
            )
    elif all(entry.known for entry in entries) and (answer is not None or audits):
        told = ", ".join(sorted({f"{entry.code} {entry.reason}" for entry in entries}))
        yield RefusalLeftTraces(service=service, subject=subject, detail=f"told {told}")


def _prove_accepted(
    service: str,
    subject: str,
    accepted: Sequence[LedgerEntry],
    answer: Answer | None,
    audits: list[AuditRow],
) -> Iterator[Finding]:
    told = {entry.response_sha256 for entry in accepted if entry.response_sha256}
    if len(told) > 1:
        yield AnswersDisagree(service=service, subject=subject, detail=f"{len(told)} answers")
    if answer is None or answer.answer is None:
        yield AnswerLost(service=service, subject=subject, detail=f"told OK {len(accepted)} times")
        return
    if told and hashlib.sha256(answer.answer).hexdigest() not in told:
        yield AnswerDiffers(service=service, subject=subject)
    cases = {entry.case_number for entry in accepted if entry.case_number}
    subjects = {row.subject for row in audits if row.subject}
    if cases and subjects and not subjects & cases:
        yield SubjectDiffers(
            service=service,
            subject=subject,
            detail=f"told {sorted(cases)}, kept {sorted(subjects)}",
        )


def prove_answers(evidence: Evidence) -> Iterator[Finding]:
    """Stored answers and audit rows of commands belong to each other, one to one.

    An answer without its audit row, an audit row without its answer, and two
    rows for one command are each what a transaction torn apart would leave.
    Answers that expired (after 90 days) are not missed: their audit rows are as
    old, or older than the oldest answer that is left.
    """
    since = _kept_since(evidence)
    for name, service in evidence.services.items():
        evidence.count("commands", len(service.answers))
        audits = _audits(service)
        for answer in service.answers:
            yield from _prove_answer(name, answer, audits)
        for key, times in Counter(answer.key for answer in service.answers).items():
            if times > 1:
                detail = f"{times} answers to {key[0]}"
                yield AnswerDoubled(service=name, subject=f"{key[1]} {key[2]}", detail=detail)
        yield from _prove_audits(name, service, since)


def _prove_answer(
    service: str, answer: Answer, audits: dict[_AuditKey, list[AuditRow]]
) -> Iterator[Finding]:
    subject = f"{answer.method} {answer.request_id}"
    if (answer.answer is None) == (answer.refusal is None):
        yield AnswerEmpty(service=service, subject=subject)
        return
    outcome = OK if answer.refusal is None else _reason(answer.refusal)
    if outcome != OK and outcome not in VIOLATIONS.get(service, ()):
        yield RefusalIsNoViolation(service=service, subject=subject, detail=outcome)
    rows = [row for row in audits.get(_audit_key(answer.key), []) if row.outcome == outcome]
    if not rows:
        yield NotAudited(service=service, subject=subject, detail=outcome)
    elif len(rows) > 1:
        detail = f"audit rows {', '.join(str(row.id) for row in rows)}"
        yield AuditedTwice(service=service, subject=subject, detail=detail)


def _prove_audits(name: str, service: ServiceEvidence, since: datetime | None) -> Iterator[Finding]:
    known = {_audit_key(answer.key) for answer in service.answers}
    oldest = min((a.answered_at for a in service.answers if a.answered_at), default=None)
    for row in service.audits:
        if not (row.is_command and row.request_id) or _key_of(row) in known:
            continue
        if not (_is_before(row, since) or _is_before(row, oldest)):
            yield AuditUnanswered(
                service=name, subject=f"{row.action} {row.request_id}", detail=f"audit row {row.id}"
            )


def _kept_since(evidence: Evidence) -> datetime | None:
    """Return the instant before which answers may have expired: the last known, less 90 days."""
    instants = (row.recorded_at for each in evidence.services.values() for row in each.audits)
    last = max((instant for instant in instants if instant is not None), default=None)
    return None if last is None else last - KEPT_FOR


def _is_before(row: AuditRow, instant: datetime | None) -> bool:
    return instant is not None and row.recorded_at is not None and row.recorded_at < instant


def _audits(service: ServiceEvidence) -> dict[_AuditKey, list[AuditRow]]:
    """Return the audit rows of commands by what identifies the command."""
    found: dict[_AuditKey, list[AuditRow]] = defaultdict(list)
    for row in service.audits:
        if row.is_command and row.request_id:
            found[_key_of(row)].append(row)
    return found


def _key_of(row: AuditRow) -> _AuditKey:
    return (row.actor, row.assignment, row.action, row.request_id)


def _audit_key(key: _Key) -> _AuditKey:
    """Return how the audit names what an answer is stored under."""
    caller, method, request_id = key
    kind, _, name = caller.partition(":")
    actor, _, assignment = name.partition("/")
    if kind not in {"person", "service"}:
        actor, assignment = "", ""
    return (unquote(actor), unquote(assignment), method, request_id)


def _reason(refusal: bytes) -> str:
    try:
        status = status_pb2.Status.FromString(refusal)
    except DecodeError:
        return "unreadable"
    info = error_details_pb2.ErrorInfo()
    for detail in status.details:
        if detail.Unpack(info):
            return str(info.reason)
    return "unreadable"
