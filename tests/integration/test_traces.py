"""One trace leads from the citizen's command to the fact in metrics, through all between."""

from __future__ import annotations

import json
import time

import pytest

JOURNEY = "2"  # fully online: the applicant's own command
PATIENCE = 60.0


@pytest.fixture(scope="module")
def case_number(process_district):
    return process_district.journey(JOURNEY).case_number


@pytest.fixture(scope="module")
def spans(process_district, otlp_sink, case_number):
    """The spans of the trace in which the case was received, once metrics has counted it."""
    deadline = time.monotonic() + PATIENCE
    while True:
        seen = otlp_sink.spans
        traces = {each.trace for each in seen if is_the_fact(each, case_number)}
        if traces or time.monotonic() > deadline:
            break
        time.sleep(0.5)  # a batch of spans leaves every few seconds
    [trace] = traces
    until = time.monotonic() + 12  # the other processes send theirs a little later
    while time.monotonic() < until:
        time.sleep(0.5)
    return [each for each in otlp_sink.spans if each.trace == trace]


def is_the_fact(span, case_number):
    return (
        span.name == "intake.case_received.v1 apply"
        and span.service == "metrics"
        and span.attributes.get("liandong.stream_id") == case_number
    )


def names_of(spans, service):
    return {each.name for each in spans if each.service == service}


def test_the_trace_begins_at_the_command_and_ends_in_metrics(spans, case_number):
    [command] = [each for each in spans if not each.parent]
    assert (command.service, command.role) == ("intake", "api")
    assert command.name.startswith("/liandong.intake.v1.IntakeService/")
    [fact] = [each for each in spans if is_the_fact(each, case_number)]
    assert (fact.parent, fact.role) == (command.span, "worker")


def test_it_shows_the_question_the_relay_and_every_consumer(spans):
    received = "intake.case_received.v1"
    assert f"{received} publish" in names_of(spans, "intake")
    assert f"{received} apply" in names_of(spans, "delivery")
    assert any(name.startswith("/liandong.catalog.") for name in names_of(spans, "catalog"))


def test_what_followed_from_the_fact_is_in_the_same_trace(spans):
    """Delivery offers the courier because the case was received; metrics counts the offer too."""
    assert "delivery.courier_offered.v1 apply" in names_of(spans, "metrics")


def test_the_fact_is_there_to_be_asked_for(process_district, case_number):
    world = process_district.world
    facts = world.do(world.staff("p-0401"), "metrics", "GetCaseFacts", case_number=case_number)
    assert facts.facts.case_number == case_number


def test_a_line_in_the_log_of_a_process_leads_to_its_trace(process_district, otlp_sink):
    process_district.journey("1")  # in which the law is tried on the way
    told = {
        (line["service"], line["trace_id"], line["span_id"])
        for line in lines_of_the_apis(process_district.district.folder / "logs")
        if line["event"] == "violation_kept"
    }
    # Journey 1 tries both; what another journey of this district tried is in the logs as well.
    assert {"intake", "review"} <= {service for service, _, _ in told}
    deadline = time.monotonic() + PATIENCE
    while unseen := told - {(each.service, each.trace, each.span) for each in otlp_sink.spans}:
        assert time.monotonic() < deadline, unseen
        time.sleep(0.5)


def lines_of_the_apis(logs):
    for path in logs.glob("*-api.log"):
        for line in path.read_text(encoding="utf-8").splitlines():
            if line.startswith("{"):  # gRPC and the interpreter write lines of their own
                yield json.loads(line)
