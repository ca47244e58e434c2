"""Every event reached every consumer, once, in order; and had its effect once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from checker.evidence import AuditRow, Event, Evidence, Position, ServiceEvidence
from checker.graph import CONSUMERS, TAKEN_IN, sources_of
from checker.report import Finding

__all__ = ["prove_applied", "prove_arrival", "prove_nothing_held"]

EVENT_PREFIX = "event:"


class Unreached(Finding):
    """A consumer is not where the stream of its source ends: events were lost on the way."""

    id = "STREAM_BEHIND"


class Ahead(Finding):
    """A consumer has taken in more events than its source has published: it made one up."""

    id = "STREAM_AHEAD"


class Strange(Finding):
    """A consumer has a stream of a source it does not listen to, or for somebody else."""

    id = "STREAM_STRANGE"


class Stopped(Finding):
    """A failed event has stopped a stream."""

    id = "STREAM_STOPPED"


class Held(Finding):
    """An event is still held: the one before it never came, or the drain was forgotten."""

    id = "EVENT_HELD"


class HeldBehind(Finding):
    """An event is held that was applied already: a drain left it behind."""

    id = "EVENT_HELD_BEHIND"


class NotApplied(Finding):
    """An event was taken in and had no effect: it was acknowledged before its commit."""

    id = "EVENT_NOT_APPLIED"


class AppliedTwice(Finding):
    """An event had its effect more than once."""

    id = "EVENT_APPLIED_TWICE"


class AppliedUnsent(Finding):
    """An effect names an event that its source does not have."""

    id = "EVENT_UNKNOWN"


class AppliedOutOfOrder(Finding):
    """Within one stream a later event had its effect first."""

    id = "EVENT_OUT_OF_ORDER"


class Restamped(Finding):
    """An effect has another legal time than the fact that caused it."""

    id = "EVENT_RESTAMPED"


def prove_arrival(evidence: Evidence) -> Iterator[Finding]:
    """When settled, each consumer stands at the head of every stream of each of its sources.

    It may never stand beyond. The edges are the checker's own, so a consumer
    that nobody bound is found. Positions are read before anything else, so
    that a run that goes on does not make a consumer look ahead of its source.
    """
    for source, consumers in CONSUMERS.items():
        for consumer in consumers:
            if evidence.having(source, consumer):
                yield from _prove_edge(evidence, source, consumer)
    for name, service in evidence.services.items():
        for position in service.positions:
            if position.consumer != name or position.source not in sources_of(name):
                subject = f"{position.consumer}.{position.source} {position.stream_id}"
                yield Strange(service=name, subject=subject)


def _prove_edge(evidence: Evidence, source: str, consumer: str) -> Iterator[Finding]:
    positions = _positions(evidence.services[consumer], source)
    written = evidence.services[source].heads
    for stream_id in sorted(positions.keys() | written.keys()):
        position = positions.get(stream_id)
        seq, highest = (0, 0) if position is None else (position.seq, position.highest)
        last = written.get(stream_id, 0)
        subject = f"{consumer}.{source} {stream_id}"
        if max(seq, highest) > last:
            detail = f"at {seq}, saw {highest}, of {last}"
            yield Ahead(service=consumer, subject=subject, detail=detail)
        elif seq < last and evidence.settled:
            yield Unreached(service=consumer, subject=subject, detail=f"at {seq} of {last}")
        elif seq < last:
            evidence.count("streams.behind")
    evidence.count("streams", len(written))


def _positions(service: ServiceEvidence, source: str) -> dict[str, Position]:
    return {
        position.stream_id: position
        for position in service.positions
        if position.source == source and position.consumer == service.service
    }


def prove_nothing_held(evidence: Evidence) -> Iterator[Finding]:
    """No stream is stopped; no event is held behind its position or, when settled, at all."""
    for name, service in evidence.services.items():
        at = {(p.consumer, p.source, p.stream_id): p for p in service.positions}
        for position in service.positions:
            if position.stopped:
                subject = f"{position.consumer}.{position.source} {position.stream_id}"
                yield Stopped(service=name, subject=subject, detail=f"behind {position.seq}")
        sql = """SELECT consumer, source, stream_id, seq, failure FROM held_event
            ORDER BY consumer, source, stream_id, seq"""
        for row in service.database.rows(sql):
            subject = f"{row['consumer']}.{row['source']} {row['stream_id']}#{row['seq']}"
            place = at.get((row["consumer"], row["source"], row["stream_id"]))
            if place is not None and row["seq"] <= place.seq:
                yield HeldBehind(service=name, subject=subject, detail=f"position is {place.seq}")
            elif evidence.settled:
                yield Held(service=name, subject=subject, detail=row["failure"] or "")


@dataclass(frozen=True, slots=True)
class _Applied:
    row: AuditRow
    event: Event


def prove_applied(evidence: Evidence) -> Iterator[Finding]:
    """Each event that changes something at a consumer did so exactly once, in order of its stream.

    The unit of work of an event leaves an audit row that names it. A position
    that moved without the effect, or an effect without the position, shows here.
    """
    for consumer, service in evidence.services.items():
        known = {
            event_id: event
            for source in sources_of(consumer)
            if source in evidence.services
            for event_id, event in evidence.services[source].by_event_id.items()
        }
        applied: dict[str, list[_Applied]] = defaultdict(list)
        for row in service.audits:
            if not row.action.startswith(EVENT_PREFIX):
                continue
            event = known.get(row.request_id)
            if event is not None:
                applied[event.event_id].append(_Applied(row, event))
            elif evidence.settled and _source_of(row) in evidence.services:
                subject = f"{row.action.removeprefix(EVENT_PREFIX)} {row.request_id}"
                yield AppliedUnsent(service=consumer, subject=subject, detail=f"row {row.id}")
        yield from _prove_once(consumer, applied)
        yield from _prove_order(consumer, applied)
        if evidence.settled:
            yield from _prove_all(consumer, known, applied)


def _source_of(row: AuditRow) -> str:
    return row.action.removeprefix(EVENT_PREFIX).partition(".")[0]


def _prove_once(consumer: str, applied: Mapping[str, list[_Applied]]) -> Iterator[Finding]:
    for found in applied.values():
        event = found[0].event
        subject = f"{event.type} {event.stream_id}#{event.seq}"
        if len(found) > 1:
            rows = ", ".join(str(one.row.id) for one in found)
            yield AppliedTwice(service=consumer, subject=subject, detail=f"audit rows {rows}")
        if any(one.row.recorded_at != event.occurred_at for one in found):
            yield Restamped(service=consumer, subject=subject)


def _prove_order(consumer: str, applied: Mapping[str, list[_Applied]]) -> Iterator[Finding]:
    by_stream: dict[tuple[str, str], list[tuple[int, int]]] = defaultdict(list)
    for found in applied.values():
        for one in found:
            source = one.event.type.partition(".")[0]
            by_stream[source, one.event.stream_id].append((one.row.id, one.event.seq))
    for (source, stream_id), places in by_stream.items():
        order = [seq for _, seq in sorted(places)]
        once = list(dict.fromkeys(order))  # a second time is a finding of its own
        if once != sorted(once):
            detail = f"applied in the order {', '.join(str(seq) for seq in order[:12])}"
            yield AppliedOutOfOrder(
                service=consumer, subject=f"{consumer}.{source} {stream_id}", detail=detail
            )


def _prove_all(
    consumer: str, known: Mapping[str, Event], applied: Mapping[str, list[_Applied]]
) -> Iterator[Finding]:
    for event_id, event in known.items():
        if event.type in TAKEN_IN.get(consumer, ()) and event_id not in applied:
            subject = f"{event.type} {event.stream_id}#{event.seq}"
            yield NotApplied(service=consumer, subject=subject, detail=event_id)
