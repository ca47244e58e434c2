"""What a service says happened: numbered without a gap, published once, in order."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import UTC

from checker.evidence import Event, Evidence, ServiceEvidence
from checker.report import Finding

__all__ = ["prove_envelopes", "prove_positions", "prove_streams"]


_LISTED = 12  # numbers that a finding shows


class SeqBroken(Finding):
    """The numbers of a stream are not 1, 2, 3 …: an event is lost or doubled."""

    id = "OUTBOX_SEQ_BROKEN"


class HeadDiffers(Finding):
    """The counter of a stream is not its last number: the next event leaves a gap or collides."""

    id = "OUTBOX_HEAD_DIFFERS"


class WrittenOutOfOrder(Finding):
    """Within a stream a later number was written first: two transactions crossed."""

    id = "OUTBOX_ORDER_BROKEN"


class PositionsBroken(Finding):
    """The published log is not numbered 1, 2, 3 …: a reader of the log misses something."""

    id = "OUTBOX_POSITIONS_BROKEN"


class PositionHeadDiffers(Finding):
    """The counter of the published log is not its last position."""

    id = "OUTBOX_POSITION_HEAD_DIFFERS"


class PublishedOutOfOrder(Finding):
    """Within a stream a later event was published first."""

    id = "OUTBOX_PUBLISHED_OUT_OF_ORDER"


class NotPublished(Finding):
    """An event still waits, although the run is over."""

    id = "OUTBOX_NOT_PUBLISHED"


class HalfPublished(Finding):
    """An event has a position and no instant of publication, or the other way round."""

    id = "OUTBOX_HALF_PUBLISHED"


class EnvelopeDiffers(Finding):
    """What is sent is not what the row says."""

    id = "OUTBOX_ENVELOPE_DIFFERS"


class EventDoubled(Finding):
    """Two events have one identity."""

    id = "OUTBOX_EVENT_ID_DOUBLED"


def prove_streams(evidence: Evidence) -> Iterator[Finding]:
    """In each stream the numbers run from 1 to the head without a gap, in the order of writing."""
    for name, service in evidence.services.items():
        evidence.count("events", len(service.events))
        by_stream: dict[str, list[Event]] = defaultdict(list)
        for event in service.events:
            by_stream[event.stream_id].append(event)
        for stream_id in sorted(by_stream.keys() | service.heads.keys()):
            yield from _prove_stream(
                name, stream_id, by_stream.get(stream_id, []), service.heads.get(stream_id, 0)
            )


def _prove_stream(
    service: str, stream_id: str, events: Sequence[Event], head: int
) -> Iterator[Finding]:
    written = [event.seq for event in events]
    if sorted(written) != list(range(1, len(written) + 1)):
        yield SeqBroken(service=service, subject=stream_id, detail=f"has {_short(sorted(written))}")
    elif written != sorted(written):
        yield WrittenOutOfOrder(service=service, subject=stream_id, detail=_short(written))
    if head != max(written, default=0):
        detail = f"counter {head}, last number {max(written, default=0)}"
        yield HeadDiffers(service=service, subject=stream_id, detail=detail)
    places = [(event.position, event.seq) for event in events if event.position is not None]
    by_position = [seq for _, seq in sorted(places)]
    waiting = [event.seq for event in events if event.position is None]
    overtaken = waiting and by_position and min(waiting) < max(by_position)
    if by_position != sorted(by_position) or overtaken:
        yield PublishedOutOfOrder(
            service=service,
            subject=stream_id,
            detail=f"published in the order {_short(by_position)}",
        )


def prove_positions(evidence: Evidence) -> Iterator[Finding]:
    """The published log runs from 1 without a gap up to its head; when settled, nothing waits."""
    for name, service in evidence.services.items():
        yield from _prove_log(name, service)
        for event in service.events:
            subject = f"{event.stream_id}#{event.seq}"
            if (event.position is None) != (event.published_at is None):
                yield HalfPublished(service=name, subject=subject, detail=event.type)
            if evidence.settled and event.position is None:
                yield NotPublished(service=name, subject=subject, detail=event.type)


def _prove_log(name: str, service: ServiceEvidence) -> Iterator[Finding]:
    positions = sorted(event.position for event in service.events if event.position is not None)
    if positions != list(range(1, len(positions) + 1)):
        yield PositionsBroken(service=name, subject="outbox", detail=f"has {_short(positions)}")
    head = int(service.database.one("SELECT position FROM outbox_head") or 0)
    if head != max(positions, default=0):
        detail = f"counter {head}, last position {max(positions, default=0)}"
        yield PositionHeadDiffers(service=name, subject="outbox_head", detail=detail)


def prove_envelopes(evidence: Evidence) -> Iterator[Finding]:
    """Each envelope says what its row says, and no identity is used twice."""
    for name, service in evidence.services.items():
        seen: set[str] = set()
        for event in service.events:
            subject = f"{event.stream_id}#{event.seq}"
            if event.event_id in seen:
                yield EventDoubled(service=name, subject=subject, detail=event.event_id)
            seen.add(event.event_id)
            different = _differences(name, event)
            if different:
                detail = f"differs in {', '.join(different)}"
                yield EnvelopeDiffers(service=name, subject=subject, detail=detail)


def _differences(service: str, event: Event) -> list[str]:
    envelope = event.envelope
    if envelope is None:
        return ["everything: it cannot be read"]
    pairs = {
        "source": (envelope.source, service),
        "event_id": (envelope.event_id, event.event_id),
        "stream_id": (envelope.stream_id, event.stream_id),
        "seq": (envelope.seq, event.seq),
        "unit": (envelope.unit, event.unit),
        "type": (envelope.type, event.type),
        "version": (str(envelope.version), event.type.rpartition(".v")[2]),
        "recorded_at": (envelope.recorded_at.ToDatetime(tzinfo=UTC), event.recorded_at),
    }
    found = [name for name, (sent, stored) in pairs.items() if sent != stored]
    if not event.type.startswith(f"{service}."):
        found.append("the service of its type")
    return found


def _short(numbers: Sequence[int]) -> str:
    listed = ", ".join(str(number) for number in numbers[:_LISTED])
    return f"{listed}, …" if len(numbers) > _LISTED else listed
