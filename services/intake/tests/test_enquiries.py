"""R1.3 首问负责: a question has an owner until it is answered or taken over."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from servicekit.identity import Caller
from services.intake.tests.counter import AGENT, TOWN_CLERK, Counter
from services.intake.tests.district import CLERK, COLLEAGUE, FOREIGN, REVIEWER
from services.intake.tests.fakes import CENTRE_PATH, DEPARTMENT, T01, UNITS, W02

SUPERVISOR = Caller(
    person="p-supervisor", assignment="as-s", post_kind="SUPERVISION",
    roles=frozenset({"SUPERVISOR"}), unit="370306000000-C1", unit_path=CENTRE_PATH,
)  # fmt: skip
SUPERVISOR_ELSEWHERE = replace(SUPERVISOR, unit="370305000000", unit_path="/370305000000/")
QUESTION = {
    "question": "开小吃店要办哪些手续？",
    "asked_by_name": "王小丽",
    "asked_by_phone": "13864351234",
}


@pytest.fixture
def counter(district):
    return Counter(district)


@pytest.fixture
def asked(counter):
    return counter.call("RegisterEnquiry", CLERK, **QUESTION)


def step(counter, asked, method, caller, **fields):
    """Take a step with the question at the revision it has now."""
    seen = read(counter, asked).revision
    return counter.call(method, caller, enquiry=asked.enquiry, revision=seen, **fields)


def refused(counter, asked, method, caller, **fields):
    seen = read(counter, asked).revision
    return counter.refusal(method, caller, enquiry=asked.enquiry, revision=seen, **fields)


def read(counter, asked, caller=CLERK):
    return counter.call("GetEnquiry", caller, enquiry=asked.enquiry).enquiry


def test_whoever_is_asked_first_owns_the_question_until_it_is_answered(counter, asked):
    view = read(counter, asked)
    assert (view.first_owner, view.owner, view.unit) == ("p-clerk", "p-clerk", CLERK.unit)
    assert view.asked_by_name == "王*丽"
    step(counter, asked, "AnswerEnquiry", CLERK, answer="一次告知：需办理食品经营许可。")
    assert read(counter, asked).answered_by == "p-clerk"
    assert counter.facts(asked.enquiry) == [
        "intake.enquiry_registered.v1",
        "intake.enquiry_answered.v1",
    ]


def test_a_question_handed_over_stays_with_its_owner_until_it_is_acknowledged(counter, asked):
    step(counter, asked, "HandOverEnquiry", CLERK, to_unit=W02)
    waiting = read(counter, asked)
    assert (waiting.owner, waiting.to_unit) == ("p-clerk", W02)
    assert read(counter, asked, FOREIGN).enquiry == asked.enquiry  # the unit it is offered to
    step(counter, asked, "AcknowledgeEnquiry", FOREIGN)
    taken = read(counter, asked)
    assert (taken.first_owner, taken.owner, taken.unit, taken.to_unit) == (
        "p-clerk", "p-foreign", W02, "",
    )  # fmt: skip
    step(counter, asked, "AnswerEnquiry", FOREIGN, answer="请到二号窗口办理。")
    assert counter.facts(asked.enquiry)[1:3] == [
        "intake.enquiry_handed_over.v1",
        "intake.enquiry_acknowledged.v1",
    ]


def test_r1_3_a_question_is_not_closed_without_an_answer(counter, asked):
    refusal = refused(counter, asked, "AnswerEnquiry", CLERK, answer="   ")
    assert (refusal.reason, refusal.rule) == ("ENQUIRY_UNANSWERED", "R1.3")
    assert counter.violations() == ["ENQUIRY_UNANSWERED"]
    assert not read(counter, asked).HasField("answer_time")


@pytest.mark.parametrize(
    ("method", "fields"),
    [("AnswerEnquiry", {"answer": "好了"}), ("HandOverEnquiry", {"to_unit": T01})],
)
def test_r1_3_nobody_but_the_owner_disposes_of_a_question(counter, asked, method, fields):
    step(counter, asked, "HandOverEnquiry", CLERK, to_unit=W02)
    for other in (COLLEAGUE, FOREIGN):  # the hand-over is not acknowledged
        refusal = refused(counter, asked, method, other, **fields)
        assert (refusal.reason, refusal.rule) == ("NOT_THE_ENQUIRY_OWNER", "R1.3")
    assert counter.violations() == ["NOT_THE_ENQUIRY_OWNER"] * 2


def test_r1_3_a_supervisor_hands_over_for_an_owner_who_left_and_a_colleague_takes_it(
    counter, asked
):
    step(counter, asked, "HandOverEnquiry", SUPERVISOR, to_unit=CLERK.unit)
    waiting = read(counter, asked)
    assert (waiting.owner, waiting.to_unit) == ("p-clerk", CLERK.unit)
    step(counter, asked, "AcknowledgeEnquiry", COLLEAGUE)
    assert read(counter, asked).owner == "p-colleague"
    step(counter, asked, "AnswerEnquiry", COLLEAGUE, answer="需办理食品经营许可。")
    assert read(counter, asked).answered_by == "p-colleague"
    assert counter.violations() == []


def test_r1_3_a_supervisor_hands_over_to_another_unit_and_answers_nothing(counter, asked):
    step(counter, asked, "HandOverEnquiry", SUPERVISOR, to_unit=W02)
    assert read(counter, asked, FOREIGN).to_unit == W02
    answer = refused(counter, asked, "AnswerEnquiry", SUPERVISOR, answer="好了")
    assert answer.reason == "ROLE_DENIED"


def test_a_supervisor_of_other_units_hands_nothing_over(counter, asked):
    refusal = refused(counter, asked, "HandOverEnquiry", SUPERVISOR_ELSEWHERE, to_unit=W02)
    assert (refusal.code, refusal.reason) == ("PERMISSION_DENIED", "OUT_OF_SCOPE")
    assert read(counter, asked).to_unit == ""


def test_only_the_unit_that_was_asked_acknowledges(counter, asked):
    assert refused(counter, asked, "AcknowledgeEnquiry", FOREIGN).reason == "NO_HAND_OVER"
    step(counter, asked, "HandOverEnquiry", CLERK, to_unit=W02)
    refusal = refused(counter, asked, "AcknowledgeEnquiry", TOWN_CLERK)
    assert (refusal.reason, refusal.rule) == ("NOT_THE_UNIT_ASKED", "R1.3")
    assert W02 in refusal.text


def test_a_department_may_take_a_question_over(counter, asked):
    step(counter, asked, "HandOverEnquiry", CLERK, to_unit=DEPARTMENT)
    step(counter, asked, "AcknowledgeEnquiry", REVIEWER)
    assert read(counter, asked).owner == "p-reviewer"


def test_a_question_is_not_handed_over_to_where_it_is_or_to_nowhere(counter, asked):
    own = refused(counter, asked, "HandOverEnquiry", CLERK, to_unit=CLERK.unit)
    assert own.reason == "HANDED_OVER_TO_ITSELF"
    assert f"就在{UNITS[CLERK.unit]}（{CLERK.unit}）" in own.text
    nowhere = refused(counter, asked, "HandOverEnquiry", CLERK, to_unit="nowhere")
    assert (nowhere.code, nowhere.reason) == ("NOT_FOUND", "UNIT_UNKNOWN")


@pytest.mark.parametrize(
    ("method", "fields"),
    [
        ("AnswerEnquiry", {"answer": "再答一次"}),
        ("HandOverEnquiry", {"to_unit": W02}),
        ("AcknowledgeEnquiry", {}),
    ],
)
def test_an_answered_question_is_closed(counter, asked, method, fields):
    step(counter, asked, "AnswerEnquiry", CLERK, answer="已答复")
    assert refused(counter, asked, method, CLERK, **fields).reason == "ENQUIRY_CLOSED"


def test_a_question_is_about_a_case_that_there_is(counter):
    counter.district.receive()
    about = counter.call("RegisterEnquiry", AGENT, **QUESTION, case_number=counter.district.number)
    view = counter.call("GetEnquiry", AGENT, enquiry=about.enquiry).enquiry
    assert view.case_number == counter.district.number
    refusal = counter.refusal("RegisterEnquiry", CLERK, **QUESTION, case_number="no-such-case")
    assert refusal.reason == "CASE_UNKNOWN"


def test_open_questions_of_a_unit_are_listed_oldest_first(counter, asked):
    counter.district.clock.advance(timedelta(minutes=5))
    second = counter.call("RegisterEnquiry", COLLEAGUE, **QUESTION)
    counter.district.clock.advance(timedelta(minutes=5))
    third = counter.call("RegisterEnquiry", FOREIGN, **QUESTION)

    def listed(caller, **fields):
        answer = counter.call("ListEnquiries", caller, **fields)
        return [each.enquiry for each in answer.enquiries]

    assert listed(CLERK) == [asked.enquiry, second.enquiry]
    assert listed(FOREIGN) == [third.enquiry]
    step(counter, asked, "HandOverEnquiry", CLERK, to_unit=W02)
    assert listed(FOREIGN) == [asked.enquiry, third.enquiry]
    step(counter, asked, "AnswerEnquiry", CLERK, answer="已答复")
    assert listed(CLERK) == [second.enquiry]
    assert listed(CLERK, include_answered=True) == [asked.enquiry, second.enquiry]
    page = counter.call("ListEnquiries", CLERK, include_answered=True, page_size=1)
    assert [each.enquiry for each in page.enquiries] == [asked.enquiry]
    rest = listed(CLERK, include_answered=True, page_token=page.next_page_token)
    assert rest == [second.enquiry]


def test_a_question_is_read_by_the_units_it_concerns(counter, asked):
    refusal = counter.refusal("GetEnquiry", TOWN_CLERK, enquiry=asked.enquiry)
    assert refusal.reason == "OUT_OF_SCOPE"
    unknown = counter.refusal("GetEnquiry", CLERK, enquiry="nothing")
    assert (unknown.code, unknown.reason) == ("NOT_FOUND", "ENQUIRY_UNKNOWN")
    missing = counter.refusal("AnswerEnquiry", CLERK, enquiry="nothing", revision=1, answer="x")
    assert missing.reason == "ENQUIRY_UNKNOWN"


def test_an_older_revision_of_a_question_is_refused(counter, asked):
    step(counter, asked, "HandOverEnquiry", CLERK, to_unit=W02)
    refusal = counter.refusal(
        "AnswerEnquiry", CLERK, enquiry=asked.enquiry, revision=asked.revision, answer="好"
    )
    assert (refusal.code, refusal.reason) == ("ABORTED", "STALE_REVISION")


def test_every_step_with_a_question_answers_with_the_revision_it_left(counter, asked):
    assert (asked.revision, read(counter, asked).revision) == (1, 1)
    steps = (
        ("HandOverEnquiry", CLERK, {"to_unit": W02}),
        ("AcknowledgeEnquiry", FOREIGN, {}),
        ("AnswerEnquiry", FOREIGN, {"answer": "已答复"}),
    )
    for method, caller, fields in steps:
        answer = step(counter, asked, method, caller, **fields)
        assert (answer.enquiry, answer.revision) == (asked.enquiry, read(counter, asked).revision)


def test_an_acknowledgement_and_a_hand_over_need_the_revision_that_was_seen(counter, asked):
    for method, caller, fields in (
        ("HandOverEnquiry", CLERK, {"to_unit": W02}),
        ("AcknowledgeEnquiry", FOREIGN, {}),
    ):
        refusal = counter.refusal(method, caller, enquiry=asked.enquiry, revision=9, **fields)
        assert refusal.reason == "STALE_REVISION"
