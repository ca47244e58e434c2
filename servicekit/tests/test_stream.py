"""Each event of a stream is applied once and in order, whatever arrives how often and when."""

from __future__ import annotations

from pathlib import Path

import pytest
from liandong.common.v1.envelope_pb2 import Envelope
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from prometheus_client import REGISTRY
from sqlalchemy import Connection, Engine, insert, text
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm.exc import StaleDataError

from servicekit import event_telemetry
from servicekit.database import make_engine
from servicekit.errors import ConflictError, NotFoundError
from servicekit.stream import Outcome, UnreadableEventError, is_transient
from servicekit.tests.stream_support import (
    Defect,
    body,
    expected,
    facts,
    held,
    metadata,
    note,
    positions,
    streams_on,
    unique_thing,
)


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    engine = make_engine(f"sqlite:///{tmp_path}/kit.db")
    metadata.create_all(engine)
    return engine


def unknown_events(family: str) -> float:
    labels = {"consumer": "metrics", "type_family": family}
    return REGISTRY.get_sample_value("liandong_unknown_events_total", labels) or 0.0


class TestOneDelivery:
    def test_the_next_event_is_applied(self, engine: Engine) -> None:
        streams = streams_on(engine)

        assert [streams.take(body("A", seq)) for seq in (1, 2)] == [Outcome.APPLIED] * 2
        assert facts(engine) == {"A": [1, 2]}

    def test_a_second_delivery_changes_nothing(self, engine: Engine) -> None:
        streams = streams_on(engine)
        streams.take(body("A", 1))

        assert streams.take(body("A", 1)) is Outcome.DROPPED
        assert facts(engine) == {"A": [1]}

    def test_an_early_event_is_held_until_its_predecessor_came(self, engine: Engine) -> None:
        streams = streams_on(engine)

        assert streams.take(body("A", 3)) is Outcome.HELD
        assert streams.take(body("A", 2)) is Outcome.HELD
        assert facts(engine) == {}
        assert streams.take(body("A", 1)) is Outcome.APPLIED
        assert facts(engine) == {"A": [1, 2, 3]}
        assert held(engine) == []

    def test_draining_ends_at_the_next_gap(self, engine: Engine) -> None:
        streams = streams_on(engine)
        for seq in (2, 3, 5):
            streams.take(body("A", seq))

        streams.take(body("A", 1))

        assert facts(engine) == {"A": [1, 2, 3]}
        assert held(engine) == [("A", 5, None)]

    def test_order_is_kept_by_source_and_stream_and_not_between_them(self, engine: Engine) -> None:
        streams = streams_on(engine)

        assert streams.take(body("A", 1, source="intake")) is Outcome.APPLIED
        assert streams.take(body("A", 1, source="review")) is Outcome.APPLIED
        assert streams.take(body("B", 1, source="review")) is Outcome.APPLIED

    def test_an_unknown_type_moves_its_stream_and_is_counted(self, engine: Engine) -> None:
        streams = streams_on(engine)
        before = unknown_events("intake")

        assert streams.take(body("A", 1, type="intake.never_heard_of.v9")) is Outcome.APPLIED
        assert streams.take(body("A", 2)) is Outcome.APPLIED
        assert facts(engine) == {"A": [2]}
        assert unknown_events("intake") == before + 1

    def test_senseless_types_share_one_label(self, engine: Engine) -> None:
        streams = streams_on(engine)
        before = unknown_events("other")
        for seq in range(1, 101):
            streams.take(body("A", seq, type=f"made{'x' * (seq % 40)}up-{seq}.thing.v1"))
        for seq in range(101, 201):
            letters = chr(97 + seq % 26) + chr(97 + seq // 26)
            streams.take(body("A", seq, type=f"{letters}.thing.v1"))

        assert unknown_events("other") >= before + 100 + 80


class TestUnreadableBody:
    @pytest.mark.parametrize(
        "unreadable",
        [
            pytest.param(b"\xff\xff\xff", id="not protobuf"),
            pytest.param(b"", id="empty"),
            pytest.param(
                Envelope(source="s", stream_id="A", type="t").SerializeToString(), id="seq"
            ),
            pytest.param(Envelope(source="s", seq=1, type="t").SerializeToString(), id="stream"),
            pytest.param(body("A", 2**63), id="seq beyond bigint"),
            pytest.param(body("A\x00", 1), id="NUL in the stream"),
        ],
    )
    def test_is_refused_and_changes_nothing(self, engine: Engine, unreadable: bytes) -> None:
        with pytest.raises(UnreadableEventError):
            streams_on(engine).take(unreadable)
        assert positions(engine) == {}


class TestFailingHandler:
    def test_its_event_is_kept_with_the_reason_and_its_work_undone(self, engine: Engine) -> None:
        streams = streams_on(engine, Defect(("A", 1)))

        assert streams.take(body("A", 1)) is Outcome.FAILED
        assert facts(engine) == {}
        assert held(engine) == [("A", 1, "ValueError: cannot do that")]

    def test_only_its_stream_stops(self, engine: Engine) -> None:
        streams = streams_on(engine, Defect(("A", 2)))
        for seq in (1, 2, 3):
            streams.take(body("A", seq))
            streams.take(body("B", seq))

        assert facts(engine) == {"A": [1], "B": [1, 2, 3]}
        assert positions(engine) == {"A": (1, 3, True), "B": (3, 3, False)}

    def test_a_second_delivery_of_the_failed_event_keeps_the_reason(self, engine: Engine) -> None:
        streams = streams_on(engine, Defect(("A", 1)))
        streams.take(body("A", 1))

        assert streams.take(body("A", 1)) is Outcome.HELD
        assert held(engine) == [("A", 1, "ValueError: cannot do that")]

    def test_in_a_drain_keeps_what_was_applied_before(self, engine: Engine) -> None:
        streams = streams_on(engine, Defect(("A", 3)))
        for seq in (4, 3, 2):
            streams.take(body("A", seq))

        assert streams.take(body("A", 1)) is Outcome.APPLIED
        assert facts(engine) == {"A": [1, 2]}
        assert positions(engine)["A"] == (2, 4, True)
        assert [row[:2] for row in held(engine)] == [("A", 3), ("A", 4)]

    def test_a_replay_applies_it_and_all_behind_it(self, engine: Engine) -> None:
        defect = Defect(("A", 2))
        streams = streams_on(engine, defect)
        for seq in (1, 2, 3, 4):
            streams.take(body("A", seq))
        defect.mend()

        assert streams.replay("intake", "A") == 3
        assert facts(engine) == {"A": [1, 2, 3, 4]}
        assert held(engine) == []
        assert positions(engine)["A"] == (4, 4, False)

    def test_a_replay_in_vain_leaves_it_stopped(self, engine: Engine) -> None:
        streams = streams_on(engine, Defect(("A", 2)))
        for seq in (1, 2, 3):
            streams.take(body("A", seq))

        assert streams.replay("intake", "A") == 0
        assert facts(engine) == {"A": [1]}
        assert positions(engine)["A"] == (1, 3, True)

    def test_a_replay_of_nothing_known_is_refused(self, engine: Engine) -> None:
        with pytest.raises(NotFoundError):
            streams_on(engine).replay("intake", "nowhere")

    def test_the_reason_holds_no_parameters_and_nothing_unstorable(self, engine: Engine) -> None:
        def insert_twice(connection: Connection, event: Envelope) -> None:
            for _ in range(2):
                connection.execute(insert(unique_thing), {"name": "370306199001010000"})

        def raise_nul(connection: Connection, event: Envelope) -> None:
            raise ValueError("a \x00 in the middle")

        streams_on(engine, insert_twice).take(body("A", 1))
        streams_on(engine, raise_nul).take(body("B", 1))

        [(_, _, first), (_, _, second)] = held(engine)
        assert first is not None
        assert first.startswith("IntegrityError")
        assert "370306199001010000" not in first
        assert second == "ValueError: a  in the middle"

    def test_that_ends_the_transaction_by_itself_fails(self, engine: Engine) -> None:
        def commit(connection: Connection, event: Envelope) -> None:
            note(connection, event)
            connection.rollback()

        assert streams_on(engine, commit).take(body("A", 1)) is Outcome.FAILED
        assert positions(engine)["A"] == (0, 1, True)


class TestTroubleOfTheDatabase:
    @pytest.fixture
    def busy(self) -> OperationalError:
        orig = type("Busy", (Exception,), {"sqlite_errorcode": 5})("database is locked")
        return OperationalError("UPDATE", {}, orig)

    def test_is_never_stored_as_failed(self, engine: Engine, busy: OperationalError) -> None:
        defect = Defect(("A", 1))
        defect.error = busy
        streams = streams_on(engine, defect)

        with pytest.raises(OperationalError):
            streams.take(body("A", 1))
        assert positions(engine) == {}

        defect.mend()
        assert streams.take(body("A", 1)) is Outcome.APPLIED

    def test_wears_patience_out_while_the_database_answers(
        self, engine: Engine, busy: OperationalError
    ) -> None:
        defect = Defect(("A", 1))
        defect.error = busy
        streams = streams_on(engine, defect, patience=3)

        for _ in range(2):
            with pytest.raises(OperationalError):
                streams.take(body("A", 1))
        assert streams.take(body("A", 1)) is Outcome.FAILED
        assert positions(engine)["A"] == (0, 1, True)

    def test_in_a_held_event_is_blamed_on_that_event(
        self, engine: Engine, busy: OperationalError
    ) -> None:
        defect = Defect(("A", 2))
        defect.error = busy
        streams = streams_on(engine, defect, patience=3)
        streams.take(body("A", 2))

        for _ in range(2):
            with pytest.raises(OperationalError):
                streams.take(body("A", 1))
        assert streams.take(body("A", 1)) is Outcome.APPLIED
        assert positions(engine)["A"] == (1, 2, True)

    def test_bad_sql_on_sqlite_is_not_of_this_kind(self, engine: Engine) -> None:
        def ask_wrongly(connection: Connection, event: Envelope) -> None:
            connection.execute(text("SELECT nothing FROM nowhere"))

        assert streams_on(engine, ask_wrongly).take(body("A", 1)) is Outcome.FAILED

    def test_is_recognised_behind_an_error_of_the_domain(self) -> None:
        stale = ConflictError("The case changed in the meantime")
        stale.__cause__ = StaleDataError()

        assert is_transient(stale)
        assert not is_transient(ConflictError("It exists already"))
        assert not is_transient(IntegrityError("INSERT", {}, ValueError()))


class TestLongDrain:
    def test_is_bounded_and_the_sweep_goes_on(self, engine: Engine) -> None:
        streams = streams_on(engine, drain_limit=10)
        for seq in range(2, 36):
            streams.take(body("A", seq))

        streams.take(body("A", 1))
        assert facts(engine) == expected("A", 11)

        assert [streams.drain_more() for _ in range(4)] == [10, 10, 4, 0]
        assert facts(engine) == expected("A", 35)
        assert held(engine) == []

    def test_a_replay_goes_on_beyond_the_bound(self, engine: Engine) -> None:
        defect = Defect(("A", 1))
        streams = streams_on(engine, defect, drain_limit=4)
        for seq in range(1, 12):
            streams.take(body("A", seq))
        defect.mend()

        assert streams.replay("intake", "A") == 11

    def test_the_sweep_leaves_stopped_streams_alone(self, engine: Engine) -> None:
        streams = streams_on(engine, Defect(("A", 1)))
        streams.take(body("A", 1))

        assert streams.drain_more() == 0
        assert positions(engine)["A"] == (0, 1, True)

    def test_the_sweep_removes_what_a_second_delivery_overtook(self, engine: Engine) -> None:
        streams = streams_on(engine, drain_limit=1)
        for seq in (2, 3, 1, 3):
            streams.take(body("A", seq))
        assert facts(engine) == {"A": [1, 2, 3]}

        streams.drain_more()

        assert held(engine) == []


class TestConsumerThatBeginsInMidStream:
    def test_holds_everything_without_a_seed(self, engine: Engine) -> None:
        streams = streams_on(engine)

        assert streams.take(body("A", 7)) is Outcome.HELD
        assert streams.drain_more() == 0

    def test_goes_on_from_its_seed(self, engine: Engine) -> None:
        streams = streams_on(engine)
        streams.take(body("A", 6))
        streams.take(body("A", 7))

        streams.seed("intake", {"A": 6, "B": 2})

        assert streams.drain_more() == 1
        assert streams.take(body("B", 2)) is Outcome.DROPPED
        assert streams.take(body("B", 3)) is Outcome.APPLIED
        assert facts(engine) == {"A": [7], "B": [3]}
        assert held(engine) == []

    def test_is_never_moved_back(self, engine: Engine) -> None:
        streams = streams_on(engine)
        for seq in (1, 2, 3):
            streams.take(body("A", seq))

        streams.seed("intake", {"A": 1})

        assert positions(engine)["A"] == (3, 3, False)


class TestTrace:
    def test_the_handler_continues_the_trace_of_the_command(
        self, engine: Engine, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        spans = InMemorySpanExporter()
        provider = TracerProvider()
        provider.add_span_processor(SimpleSpanProcessor(spans))
        monkeypatch.setattr(event_telemetry, "tracer", provider.get_tracer("test"))
        seen: list[int] = []

        def look(connection: Connection, event: Envelope) -> None:
            seen.append(trace.get_current_span().get_span_context().trace_id)

        traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
        streams_on(engine, look).take(body("A", 1, traceparent=traceparent))

        assert seen == [0x4BF92F3577B34DA6A3CE929D0E0E4736]
        [span] = spans.get_finished_spans()
        assert span.parent is not None
        assert span.parent.span_id == 0x00F067AA0BA902B7
