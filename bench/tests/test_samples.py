from __future__ import annotations

import pytest
from liandong.common.v1.envelope_pb2 import Envelope
from liandong.intake.v1 import intake_events_pb2 as intake

from bench.samples import clone_number, cloned

REAL = "370306-01-20260921-00001-C"


def event(seq: int) -> Envelope:
    payload = intake.CaseReceived(case_number=REAL, item_code="370306-01-001")
    return Envelope(
        event_id=f"event-{seq}",
        stream_id=REAL,
        seq=seq,
        type="intake.case_received.v1",
        payload=payload.SerializeToString(),
    )


def test_a_clone_says_the_same_of_another_case():
    clones = list(cloned([event(1), event(2)], 81, 3))

    assert [clone.seq for clone in clones] == [1, 2, 1, 2, 1, 2]
    assert [clone.stream_id for clone in clones[::2]] == [clone_number(81, n) for n in range(3)]
    assert len({clone.event_id for clone in clones}) == 6
    for clone in clones:
        told = intake.CaseReceived.FromString(clone.payload)
        assert (told.case_number, told.item_code) == (clone.stream_id, "370306-01-001")


def test_a_number_that_is_not_as_long_would_break_the_payload_and_is_refused():
    odd = event(1)
    odd.stream_id = "370306-01"

    with pytest.raises(ValueError, match="not as long"):
        list(cloned([odd], 81, 1))
