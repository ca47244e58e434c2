"""Reads all databases of a run and proves that nothing was lost, doubled or disagreed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Final

from sqlalchemy.exc import DBAPIError

from checker.asked import CheckInput
from checker.databases import opened
from checker.evidence import Evidence, ServiceEvidence
from checker.graph import SERVICES
from checker.ledger import read_ledger
from checker.proofs import (
    agreement,
    announced,
    audit_chain,
    carried,
    clocks,
    commands,
    counts,
    effects,
    endings,
    facts,
    files,
    law,
    milestones,
    numbers,
    outbox,
    papers,
    parcels,
    posts,
    ratios,
    streams,
    tasks,
    training,
    work,
)
from checker.report import Finding, Report

__all__ = ["PROOFS", "CheckInput", "check"]

Proof = Callable[[Evidence], Iterable[Finding]]

PROOFS: Final[tuple[Proof, ...]] = (
    commands.prove_ledger,
    commands.prove_answers,
    effects.prove_causes,
    effects.prove_violations,
    milestones.prove_milestones,
    outbox.prove_streams,
    outbox.prove_positions,
    outbox.prove_envelopes,
    streams.prove_arrival,
    streams.prove_nothing_held,
    streams.prove_applied,
    tasks.prove_states,
    tasks.prove_reviews,
    agreement.prove_offers,
    agreement.prove_catalogue,
    facts.prove_facts,
    counts.prove_violations_counted,
    counts.prove_alarms,
    counts.prove_ratings,
    counts.prove_lights,
    numbers.prove_numbers,
    numbers.prove_case_numbers,
    audit_chain.prove_audit,
    work.prove_jobs,
    work.prove_queues,
    files.prove_files,
    law.prove_separation,
    law.prove_review,
    law.prove_notice,
    law.prove_acceptance,
    law.prove_limits,
    law.prove_joint,
    clocks.prove_clocks,
    clocks.prove_procedures,
    clocks.prove_extensions,
    clocks.prove_segments,
    endings.prove_endings,
    endings.prove_silence,
    endings.prove_spot,
    endings.prove_further_notices,
    parcels.prove_parcels_free,
    parcels.prove_dispatches,
    parcels.prove_service,
    parcels.prove_originals,
    announced.prove_announcements,
    carried.prove_assistance,
    carried.prove_transfers,
    carried.prove_enquiries,
    papers.prove_documents,
    papers.prove_hand_out,
    papers.prove_offers_free,
    papers.prove_visits,
    posts.prove_posts,
    posts.prove_powers,
    training.prove_training,
    ratios.prove_ratios,
)


# A table, a column or a value is not what it was when the checker was written.
_UNREADABLE = (DBAPIError, KeyError, TypeError, ValueError)


class Unreadable(Finding):
    """A database could not be read as expected, so something there is not proven."""

    id = "CHECKER_CANNOT_READ"


def check(asked: CheckInput) -> Report:
    """Return what is wrong in the databases that `asked` names, and what was counted.

    Nothing is written anywhere.
    """
    counted: dict[str, int | str] = {"settled": "yes" if asked.settled else "no"}
    with opened({name: asked.databases[name] for name in _in_order(asked)}) as databases:
        services = {name: ServiceEvidence(database) for name, database in databases.items()}
        evidence = Evidence(asked, services, read_ledger(asked.ledger), counted)
        findings = [*_positions_first(evidence)]
        for proof in PROOFS:
            findings += _proven(evidence, proof)
    return Report(tuple(findings), counted)


def _in_order(asked: CheckInput) -> list[str]:
    unknown = sorted(asked.databases.keys() - set(SERVICES))
    if unknown:
        raise ValueError(f"there is no service {', '.join(unknown)}")
    return [name for name in SERVICES if name in asked.databases]


def _positions_first(evidence: Evidence) -> Iterator[Finding]:
    """Read where the consumers stand, and only then take the state everything else is read of.

    Positions only grow, so a stream read later is at least as long.
    """
    for name, service in evidence.services.items():
        try:
            len(service.positions)
        except _UNREADABLE as error:
            yield _unreadable(name, "stream_position", error)
        service.database.start_again()


def _proven(evidence: Evidence, proof: Proof) -> list[Finding]:
    found: list[Finding] = []
    try:
        found.extend(proof(evidence))
    except _UNREADABLE as error:
        found.append(_unreadable("checker", proof.__name__, error))
        for service in evidence.services.values():
            service.database.start_again()
    return found


def _unreadable(service: str, subject: str, error: Exception) -> Finding:
    cause = error.orig if isinstance(error, DBAPIError) and error.orig else error
    reason = f"{type(cause).__name__}: {cause}".partition("\n")[0]
    return Unreadable(service=service, subject=subject, detail=reason)
