"""R5.5, R1.6, readings 5: what a village agent may carry, how it arrives, who collects."""

from __future__ import annotations

import os
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest
from liandong.intake.v1 import assistance_service_pb2 as carried
from liandong.intake.v1 import intake_service_pb2 as pb
from pypdf import PdfReader

from services.intake.adapters import orm, orm_counter
from services.intake.bootstrap import blob_store, settings_of
from services.intake.entrypoints import jobs
from services.intake.tests.counter import AGENT, NEIGHBOUR, TOWN_CLERK, Counter, village_agent
from services.intake.tests.district import APPLICANT, CLERK, STRANGER, applicant
from services.intake.tests.fakes import ITEM, T01, UNITS, VILLAGE, W01, W02, food_licence


@pytest.fixture
def counter(district):
    return Counter(district)


@pytest.fixture
def passed_on(counter):
    taken = counter.take()
    counter.pass_on(taken)
    return taken


def make_a_receiving_point(counter, *posts):
    counter.district.catalog.version = food_licence()
    counter.district.catalog.version.receiving_posts.extend(posts or (VILLAGE,))


def test_an_agent_carries_and_the_town_window_receives_without_a_visit(counter):
    taken = counter.take()
    assert taken.assistance.split("-")[3].startswith("A")
    assert not taken.received_case
    counter.district.clock.advance(timedelta(hours=3))
    assert counter.pass_on(taken).in_time
    received = counter.receive(taken)
    view = counter.district.read(TOWN_CLERK)
    assert received.receive_time.ToDatetime() == view.receive_time.ToDatetime()
    assert view.receive_time.seconds > taken.take_time.seconds  # the window's receipt counts
    assert (view.channel, view.assistance, view.visits) == (
        pb.CHANNEL_ASSISTANCE, taken.assistance, 0,
    )  # fmt: skip
    after = counter.read(taken)
    assert (after.state, after.case_number) == (
        carried.ASSISTANCE_STATE_RECEIVED, received.case_number,
    )  # fmt: skip
    assert counter.facts(taken.assistance) == [
        "intake.assistance_taken.v1",
        "intake.assistance_passed_on.v1",
        "intake.assistance_received.v1",
    ]


def test_readings_1_the_agent_who_carried_it_never_reviews_the_case(counter, passed_on):
    counter.receive(passed_on)
    counter.district.accept(TOWN_CLERK)
    outbox = counter.district.events()
    assert "intake.case_accepted.v1" in outbox
    [row] = counter.district.rows(orm.case_file.select())
    assert {"p-agent", "p-town"} <= set(row.front_persons)


def test_readings_5_at_a_receiving_point_the_case_begins_with_the_agents_receipt(counter):
    make_a_receiving_point(counter)
    taken = counter.take()
    assert taken.received_case
    assert taken.query_code
    counter.district.number, counter.district.revision = taken.received_case, taken.case_revision
    view = counter.district.read(TOWN_CLERK)
    assert view.receive_time == taken.take_time
    assert view.window_unit == T01  # the nearest window that may accept it
    counter.district.clock.advance(timedelta(hours=2))
    passed = counter.pass_on(taken)
    counter.call(
        "AcknowledgeAssistance", TOWN_CLERK,
        assistance=taken.assistance, revision=passed.revision,
    )  # fmt: skip
    assert counter.read(taken).state == carried.ASSISTANCE_STATE_RECEIVED
    assert counter.district.accept(TOWN_CLERK).accept_time == taken.take_time
    assert counter.district.read(TOWN_CLERK).visits == 0


def test_r4_4_a_village_post_never_accepts_not_even_a_receiving_point(counter):
    make_a_receiving_point(counter)
    taken = counter.take()
    refusal = counter.refusal(
        "AcceptCase", AGENT, case_number=taken.received_case, revision=taken.case_revision
    )
    assert (refusal.reason, refusal.rule) == ("NOT_A_WINDOW_POST", "R4.4")
    assert counter.violations() == ["NOT_A_WINDOW_POST"]


@pytest.mark.parametrize(
    ("changes", "reason", "rule"),
    [
        pytest.param({"fee_fen": 500}, "ASSISTANCE_NOT_FREE", "R1.6", id="a-fee"),
        pytest.param(
            {"mandate": None}, "MANDATE_MISSING", "行政许可法 第二十九条第二款", id="no-mandate"
        ),
        pytest.param(
            {"mandate": carried.AssistanceMandate(scope="代办", agent_name="代办员（示例）")},
            "MANDATE_MISSING", "行政许可法 第二十九条第二款", id="no-scan",
        ),
    ],
)  # fmt: skip
def test_what_an_agent_may_not_take_in(counter, changes, reason, rule):
    refusal = counter.refusal("TakeAssistance", AGENT, **counter.request(**changes))
    assert (refusal.reason, refusal.rule) == (reason, rule)
    assert refusal.text


@pytest.mark.parametrize("lacking", ["scope", "agent_name"])
def test_a_mandate_says_who_may_do_what(counter, lacking):
    mandate = counter.mandate(**{lacking: "  "})
    refusal = counter.refusal("TakeAssistance", AGENT, **counter.request(mandate=mandate))
    assert refusal.reason == "MANDATE_MISSING"


def test_r1_6_an_attempt_to_charge_for_assistance_is_kept(counter):
    counter.refusal("TakeAssistance", AGENT, **counter.request(fee_fen=1))
    assert counter.violations() == ["ASSISTANCE_NOT_FREE"]


def test_an_item_that_demands_the_applicant_in_person_is_not_carried(counter):
    counter.district.catalog.version = food_licence(presence_basis="居民身份证法 第十条")
    refusal = counter.refusal("TakeAssistance", AGENT, **counter.request())
    assert refusal.reason == "PRESENCE_REQUIRED"
    assert "居民身份证法 第十条" in refusal.text
    assert f"事项食品经营许可（新办）（{ITEM}）依照" in refusal.text


def test_nothing_is_carried_where_nobody_may_accept_it(counter):
    counter.district.catalog.competent_windows = ()
    refusal = counter.refusal("TakeAssistance", AGENT, **counter.request())
    assert refusal.reason == "NO_COMPETENT_WINDOW"
    assert f"事项食品经营许可（新办）（{ITEM}）的授权" in refusal.text


def test_requests_are_taken_in_from_a_village_post_only(counter):
    refusal = counter.refusal("TakeAssistance", CLERK, **counter.request())
    assert (refusal.reason, refusal.rule) == ("NOT_A_VILLAGE_POST", "R5.5")


def test_it_is_passed_on_only_to_a_window_that_may_accept_it(counter):
    taken = counter.take()
    fields = {"assistance": taken.assistance, "revision": taken.revision, "to_unit": W02}
    refusal = counter.refusal("PassOnAssistance", AGENT, **fields)
    assert (refusal.reason, refusal.rule) == ("NOT_A_COMPETENT_WINDOW", "R3.4")
    assert "便民服务中心综合窗口" in refusal.text
    assert refusal.text.startswith(
        f"窗口{UNITS[W02]}（{W02}）没有受理事项食品经营许可（新办）（{ITEM}）的授权"
    )


def test_a_window_that_the_catalogue_does_not_know_is_named_as_it_was_typed(counter):
    taken = counter.take()
    fields = {"assistance": taken.assistance, "revision": taken.revision, "to_unit": "nowhere"}
    refusal = counter.refusal("PassOnAssistance", AGENT, **fields)
    assert refusal.text.startswith("窗口nowhere没有")


def test_what_became_a_case_at_the_post_goes_to_the_window_of_the_case(counter):
    make_a_receiving_point(counter)
    taken = counter.take()
    fields = {"assistance": taken.assistance, "revision": taken.revision, "to_unit": W01}
    refusal = counter.refusal("PassOnAssistance", AGENT, **fields)
    assert refusal.reason == "NOT_A_COMPETENT_WINDOW"
    assert refusal.text.startswith(f"窗口{UNITS[W01]}（{W01}）")
    assert refusal.text.endswith(f"有权受理的窗口：{UNITS[T01]}。")


def test_it_goes_on_once(counter, passed_on):
    fields = {"assistance": passed_on.assistance, "revision": 2, "to_unit": T01}
    refusal = counter.refusal("PassOnAssistance", AGENT, **fields)
    assert refusal.reason == "ASSISTANCE_ALREADY_PASSED_ON"
    assert f"{UNITS[T01]}（{T01}）" in refusal.text


def test_the_agent_of_another_village_passes_nothing_on(counter):
    taken = counter.take()
    fields = {"assistance": taken.assistance, "revision": taken.revision, "to_unit": T01}
    assert counter.refusal("PassOnAssistance", NEIGHBOUR, **fields).reason == "OUT_OF_SCOPE"


def test_readings_5_it_is_passed_on_within_one_working_day_or_shown_as_overdue(counter):
    taken = counter.take()  # a Monday
    counter.district.clock.advance(timedelta(hours=31))
    assert not counter.read(taken).overdue
    counter.district.clock.advance(timedelta(days=1))
    assert counter.read(taken).overdue
    assert not counter.pass_on(taken).in_time
    assert counter.read(taken).overdue


def test_the_window_receives_only_what_was_passed_on_to_it(counter):
    taken = counter.take()
    fields = counter.district.application(
        channel=pb.CHANNEL_ASSISTANCE, assistance=taken.assistance
    )
    early = counter.refusal("ReceiveApplication", TOWN_CLERK, **fields)
    assert early.reason == "ASSISTANCE_NOT_PASSED_ON"
    counter.pass_on(taken)
    assert counter.refusal("ReceiveApplication", CLERK, **fields).reason == (
        "ASSISTANCE_PASSED_ELSEWHERE"
    )
    counter.receive(taken)
    assert counter.refusal("ReceiveApplication", TOWN_CLERK, **fields).reason == (
        "ASSISTANCE_ALREADY_RECEIVED"
    )


def test_what_was_carried_is_received_for_the_item_it_is_for(counter, passed_on):
    with counter.district.harness.resources.engine.begin() as connection:
        connection.execute(orm_counter.assistance.update().values(item_code="370306-05-002"))
    fields = counter.district.application(
        channel=pb.CHANNEL_ASSISTANCE, assistance=passed_on.assistance
    )
    refusal = counter.refusal("ReceiveApplication", TOWN_CLERK, **fields)
    assert refusal.reason == "ASSISTANCE_OF_ANOTHER_ITEM"
    assert "事项食品经营许可（新办）（370306-05-002）" in refusal.text


@pytest.mark.parametrize(
    "fields",
    [
        {"channel": pb.CHANNEL_ASSISTANCE},
        {"channel": pb.CHANNEL_WINDOW, "assistance": "filled-in"},
    ],
    ids=["an-agents-channel-without-a-request", "a-request-at-the-counter"],
)
def test_r2_5_no_visit_is_written_away_by_the_channel(counter, passed_on, fields):
    if "assistance" in fields:
        fields = fields | {"assistance": passed_on.assistance}
    refusal = counter.refusal(
        "ReceiveApplication", TOWN_CLERK, **counter.district.application(**fields)
    )
    assert (refusal.reason, refusal.rule) == ("ASSISTANCE_UNNAMED", "R2.5")


def test_an_unknown_assistance_is_no_application(counter):
    fields = counter.district.application(channel=pb.CHANNEL_ASSISTANCE, assistance="nothing")
    assert counter.refusal("ReceiveApplication", CLERK, **fields).reason == "ASSISTANCE_UNKNOWN"


def test_without_an_assistance_somebody_applies(counter):
    fields = counter.district.application()
    del fields["applicant"]
    refusal = counter.refusal("ReceiveApplication", CLERK, **fields)
    assert (refusal.code, refusal.reason) == ("INVALID_ARGUMENT", "APPLICANT_MISSING")


def test_only_the_window_it_went_to_takes_over_what_a_receiving_point_received(counter):
    make_a_receiving_point(counter)
    taken = counter.take()
    fields = {"assistance": taken.assistance, "revision": taken.revision}
    early = counter.refusal("AcknowledgeAssistance", TOWN_CLERK, **fields)
    assert early.reason == "ASSISTANCE_NOT_PASSED_ON"
    fields["revision"] = counter.pass_on(taken).revision
    assert counter.refusal("AcknowledgeAssistance", CLERK, **fields).reason == (
        "NOT_THE_RECEIVING_WINDOW"
    )
    fields["revision"] = counter.call("AcknowledgeAssistance", TOWN_CLERK, **fields).revision
    again = counter.refusal("AcknowledgeAssistance", TOWN_CLERK, **fields)
    assert again.reason == "ASSISTANCE_ALREADY_RECEIVED"


def brought_back(counter, taken):
    """Receive what was carried at the district's window, and bring the result back to it."""
    counter.pass_on(taken, W01)
    counter.receive(taken, CLERK)
    counter.district.accept()
    counter.district.bring_back()


def collection(taken, **changes):
    fields = {
        "recipient": pb.RECIPIENT_MANDATED_AGENT,
        "signed_by": "代办员（示例）",
        "mandate": taken.assistance,
    }
    return fields | changes


def test_readings_5_an_agent_with_the_power_to_collect_collects_and_nobody_came(counter):
    taken = counter.take()
    brought_back(counter, taken)
    answer = counter.district.command("HandOut", CLERK, **collection(taken))
    assert answer.visits == 0
    assert counter.district.read().state == pb.CASE_STATE_SERVED


@pytest.mark.parametrize(
    "changes",
    [{}, {"mandate": "WT-2026-1"}],
    ids=["under-the-mandate-on-file", "under-another-number"],
)
def test_readings_5_without_the_power_to_collect_an_agent_collects_nothing(counter, changes):
    taken = counter.take(mandate=counter.mandate(may_collect=False))
    brought_back(counter, taken)
    refusal = counter.refused_on_case("HandOut", CLERK, **collection(taken, **changes))
    assert refusal.reason == "SIGNATURE_WITHOUT_MANDATE"


def test_nobody_else_collects_under_the_agents_mandate(counter):
    taken = counter.take()
    brought_back(counter, taken)
    somebody = collection(taken, signed_by="另一人（示例）")
    refusal = counter.refused_on_case("HandOut", CLERK, **somebody)
    assert refusal.reason == "SIGNATURE_WITHOUT_MANDATE"
    own_mandate = somebody | {"mandate": "WT-2026-2"}
    assert counter.on_case("HandOut", CLERK, **own_mandate).document


def test_who_reads_a_carried_request(counter, passed_on):
    assert counter.read(passed_on, AGENT).applicant_name == "王*丽"
    assert counter.read(passed_on, APPLICANT).applicant_name == "王小丽"
    for reader in (TOWN_CLERK, CLERK):  # the town's window, and the district's
        assert counter.read(passed_on, reader).assistance == passed_on.assistance
    neighbour = counter.refusal("GetAssistance", NEIGHBOUR, assistance=passed_on.assistance)
    assert neighbour.reason == "OUT_OF_SCOPE"
    stranger = counter.refusal("GetAssistance", STRANGER, assistance=passed_on.assistance)
    assert stranger.reason == "ASSISTANCE_UNKNOWN"


def test_lists_show_each_reader_what_they_reach_newest_first(counter):
    first = counter.take()
    counter.district.clock.advance(timedelta(minutes=1))
    second = counter.take(applicant=applicant(person="a-2"))
    counter.pass_on(second)

    def listed(caller, **fields):
        answer = counter.call("ListAssistances", caller, **fields)
        return [each.assistance for each in answer.assistances]

    assert listed(AGENT) == [second.assistance, first.assistance]
    assert listed(TOWN_CLERK, state=carried.ASSISTANCE_STATE_PASSED_ON) == [second.assistance]
    assert listed(APPLICANT) == [first.assistance]
    assert listed(NEIGHBOUR) == []
    page = counter.call("ListAssistances", AGENT, page_size=1)
    assert [each.assistance for each in page.assistances] == [second.assistance]
    assert listed(AGENT, page_size=1, page_token=page.next_page_token) == [first.assistance]


def test_the_slip_is_printed_with_the_names_and_without_the_identities(counter):
    taken = counter.take()
    early = counter.refusal("ReadAssistanceSlip", AGENT, assistance=taken.assistance)
    assert early.reason == "DOCUMENT_NOT_RENDERED"
    counter.district.work()
    assert counter.read(taken).slip_size > 0
    piece = counter.call("ReadAssistanceSlip", AGENT, assistance=taken.assistance)
    pages = PdfReader(BytesIO(piece.chunk)).pages
    text = "".join(page.extract_text() for page in pages).replace("\n", "")
    for said in ("代办接件单", "丝绸路村代办点（示例）", "代办员（示例）", "王小丽"):
        assert said in text
    assert "2026年9月22日" in text
    assert "370306198503150022" not in text
    assert "p-agent" not in text


def test_a_mandate_and_what_is_carried_outlive_the_sweep_of_files(counter):
    taken = counter.take()
    counter.district.work()
    resources = counter.district.harness.resources
    for path in (Path(resources.settings.blobs) / "blobs").rglob("*"):
        os.utime(path, (0, 0))
    [sweep] = [each for each in jobs.sweeps(resources) if each.name == "sweep_blobs"]
    sweep.work()
    kept = set(blob_store(settings_of(resources)).names())
    assert counter.read(taken).slip_sha256 in kept
    assert counter.mandate().scan_sha256 in kept


def test_the_number_of_an_assistance_is_no_number_of_a_case(counter):
    taken = counter.take()
    counter.district.receive_complete()
    assert counter.district.number.split("-")[3].isdigit()
    assert taken.assistance != counter.district.number
    assert village_agent().unit == VILLAGE


def test_r5_5_what_lies_at_the_village_post_for_more_than_a_working_day_is_told_once(counter):
    taken = counter.take()
    counter.district.clock.advance(timedelta(days=1))
    counter.district.sweep("tell_overdue_assistances")
    assert counter.facts(taken.assistance) == ["intake.assistance_taken.v1"]  # its last day
    counter.district.clock.advance(timedelta(days=1))
    for _ in range(2):
        counter.district.sweep("tell_overdue_assistances")
    assert counter.facts(taken.assistance) == [
        "intake.assistance_taken.v1",
        "intake.assistance_overdue.v1",
    ]
    assert not counter.pass_on(taken).in_time  # at the revision that the agent saw


def test_what_was_passed_on_is_not_late_any_more(counter):
    taken = counter.take()
    counter.pass_on(taken)
    counter.district.clock.advance(timedelta(days=9))
    counter.district.sweep("tell_overdue_assistances")
    assert "intake.assistance_overdue.v1" not in counter.facts(taken.assistance)
