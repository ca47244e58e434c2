"""Events evolve by addition only: every event ever released is still read as it was written."""

from __future__ import annotations

from pathlib import Path

import pytest
from liandong.common.v1.violation_events_pb2 import ViolationRecorded

from services.standalone.registry import parts

CORPUS = Path(__file__).parent / "corpus"


def messages():
    known = {}
    for name, part in parts().items():
        known.update(part.definition.codec.types())
        known[f"{name}.violation_recorded.v1"] = ViolationRecorded
    return known


@pytest.mark.parametrize("path", sorted(CORPUS.glob("*.binpb")), ids=lambda path: path.stem)
def test_a_released_event_is_read_whole_and_written_the_same(path):
    written = path.read_bytes()
    message = messages()[path.name.removesuffix(".binpb")].FromString(written)
    known = type(message)()
    known.CopyFrom(message)
    known.DiscardUnknownFields()
    assert known == message, "a field that was released is no longer known"
    assert message.SerializeToString(deterministic=True) == written or message.ByteSize() == len(
        written
    )


def test_every_type_that_a_journey_brings_about_is_in_the_corpus():
    stored = {path.name.removesuffix(".binpb") for path in CORPUS.glob("*.binpb")}
    in_no_journey = {
        "catalog.violation_recorded.v1",
        "metrics.violation_recorded.v1",
        "intake.case_terminated.v1",
        "intake.correction_unconfirmed.v1",
    }
    assert set(messages()) - stored == in_no_journey
