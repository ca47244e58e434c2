"""Rules of the centre, training under them, and the letters that wait for it (R4.9)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from liandong.catalog.v1 import catalog_service_pb2 as pb
from liandong.catalog.v1 import training_pb2 as training_pb

from services.catalog.tests.district import (
    APPLICANT,
    APPROVER,
    CLERK,
    EDITOR,
    FOOD,
    HEAD,
    INTAKE,
    OFFICE,
    OPERATOR,
    SUPERVISOR,
    W01,
    W02,
    day,
    new_letter,
    publication,
    training,
)

ACCEPTANCE = "ONE_WINDOW_ACCEPTANCE@1"
APPRAISAL = "SUPERVISION_AND_APPRAISAL@1"
# Items that the catalogue gets after everybody was trained.
NEW, OTHER_NEW = "370306-01-098", "370306-01-099"
FROM = (2026, 9, 21)  # the first day of the letters here, and the day of the clock


def rules(request_id="rules-01", **changes):
    values = {
        "kind": "RULES_KIND_ONE_WINDOW_ACCEPTANCE",
        "document_number": "周政务办〔2026〕3号",
        "title": "一口受理工作制度（修订）",
        "from_date": day(2026, 9, 10),
        "text_sha256": "1" * 64,
    }
    return training_pb.PublishWorkRulesRequest(request_id=request_id, **values | changes)


def letter_for(*codes, window=W01, from_date=FROM, request_id="letter-01"):
    listed = [pb.ItemPowers(item_code=code, powers=[pb.POWER_ACCEPT]) for code in codes]
    return new_letter(
        request_id, letter=request_id, window_unit=window, item_powers=listed,
        from_date=day(*from_date),
    )  # fmt: skip


@pytest.fixture
def with_new_items(district):
    """Have two items that nobody was trained for."""
    for number, code in enumerate((NEW, OTHER_NEW)):
        item = publication(f"publish-{number}", item_code=code, name=f"新增事项{number + 1}")
        district.call("PublishItemVersion", item, APPROVER)
    return district


def taught(district, person="p-0102", on=(2026, 9, 1), code=NEW, request_id="train-01", **more):
    request = training(request_id, person=person, item_codes=[code], trained_on=day(*on), **more)
    return district.call("RecordTraining", request, SUPERVISOR)


# The letter waits for the training


def test_no_letter_lists_an_item_that_nobody_at_the_window_was_trained_for(with_new_items):
    refusal = with_new_items.refused("SignAuthorisationLetter", letter_for(FOOD, NEW), HEAD)
    assert (refusal.code, refusal.reason, refusal.rule) == (
        "FAILED_PRECONDITION", "NOBODY_TRAINED", "R4.9",
    )  # fmt: skip
    assert refusal.text == (
        "授权书自2026年9月21日起生效，当日“周村区政务服务中心综合受理窗口（1号）”没有在岗人员"
        "受过“新增事项1”的培训，不能授权该窗口办理；请先组织培训、登记培训记录，再签署授权书。"
    )
    assert not with_new_items.events("letter-01")


def test_everything_that_is_missing_is_named_at_once(with_new_items):
    refusal = with_new_items.refused("SignAuthorisationLetter", letter_for(OTHER_NEW, NEW), HEAD)
    assert refusal.facts["item_codes"] == f"{NEW}, {OTHER_NEW}"
    assert "“新增事项1”、“新增事项2”" in refusal.text


def test_once_somebody_there_is_trained_the_letter_is_signed(with_new_items):
    answer = taught(with_new_items)
    assert (answer.training, list(answer.item_codes)) == ("p-0102@2", [NEW])
    assert with_new_items.call("SignAuthorisationLetter", letter_for(NEW), HEAD).letter


def test_one_person_for_each_item_is_enough(with_new_items):
    taught(with_new_items)
    taught(with_new_items, "p-0101", code=OTHER_NEW, request_id="train-02")
    signed = with_new_items.call("SignAuthorisationLetter", letter_for(NEW, OTHER_NEW), HEAD)
    assert signed.letter


def test_who_was_trained_at_another_window_does_not_help_this_one(with_new_items):
    taught(with_new_items, "p-0103")
    refusal = with_new_items.refused("SignAuthorisationLetter", letter_for(NEW), HEAD)
    assert refusal.reason == "NOBODY_TRAINED"
    there = letter_for(NEW, window=W02, request_id="letter-02")
    assert with_new_items.call("SignAuthorisationLetter", there, HEAD).letter


@pytest.mark.parametrize(
    ("person", "from_date", "signed"),
    [
        pytest.param("p-0101", (2026, 9, 23), True, id="the-last-day-at-the-window"),
        pytest.param("p-0101", (2026, 9, 24), False, id="moved-to-the-department"),
        pytest.param("p-0106", (2026, 12, 6), False, id="not-yet-at-the-window"),
        pytest.param("p-0106", (2026, 12, 7), True, id="the-first-day-at-the-window"),
    ],
)
def test_who_is_trained_counts_where_they_hold_a_post_that_day(
    with_new_items, person, from_date, signed
):
    taught(with_new_items, person)
    letter = letter_for(NEW, from_date=from_date)
    if signed:
        assert with_new_items.call("SignAuthorisationLetter", letter, HEAD).letter
    else:
        refusal = with_new_items.refused("SignAuthorisationLetter", letter, HEAD)
        assert refusal.reason == "NOBODY_TRAINED"


@pytest.mark.parametrize(
    ("on", "until", "signed"),
    [
        pytest.param(FROM, None, True, id="trained-on-the-first-day"),
        pytest.param((2026, 9, 1), (2026, 9, 22), True, id="valid-on-the-first-day-only"),
        pytest.param((2026, 9, 1), FROM, False, id="no-longer-valid"),
    ],
)
def test_a_training_counts_from_its_day_until_it_ends(with_new_items, on, until, signed):
    taught(with_new_items, on=on, until_date=day(*until) if until else None)
    if signed:
        assert with_new_items.call("SignAuthorisationLetter", letter_for(NEW), HEAD).letter
    else:
        refusal = with_new_items.refused("SignAuthorisationLetter", letter_for(NEW), HEAD)
        assert refusal.reason == "NOBODY_TRAINED"


def test_a_training_does_not_reach_back_to_a_letter_that_had_begun(with_new_items):
    taught(with_new_items, on=FROM)
    earlier = letter_for(NEW, from_date=(2026, 9, 20))
    assert (
        with_new_items.refused("SignAuthorisationLetter", earlier, HEAD).reason == "NOBODY_TRAINED"
    )


def test_the_window_whose_training_has_lapsed_gets_no_new_letter(district):
    window = "370306000000-C1-W03"
    lapsed = letter_for(FOOD, window=window, from_date=(2026, 11, 1))
    assert district.refused("SignAuthorisationLetter", lapsed, HEAD).reason == "NOBODY_TRAINED"
    before = letter_for(FOOD, window=window, from_date=(2026, 10, 31))
    assert district.call("SignAuthorisationLetter", before, HEAD).letter


def test_a_letter_that_was_signed_stays_when_a_training_ends_or_rules_change(district):
    district.call("PublishWorkRules", rules(), APPROVER)
    later = datetime(2026, 10, 30, 4, tzinfo=UTC)
    assert pb.POWER_ACCEPT in district.powers("370306000000-C1-W03", FOOD, later).powers


# Training


def test_an_authority_stands_for_the_items_it_has_that_day(with_new_items):
    request = training(item_codes=["370306-01-005"], authorities=[OFFICE])
    answer = with_new_items.call("RecordTraining", request, APPROVER)
    codes = list(answer.item_codes)
    assert codes == sorted(codes)
    assert {NEW, OTHER_NEW, FOOD, "370306-01-005"} <= set(codes)
    later = publication("publish-9", item_code="370306-01-097")
    with_new_items.call("PublishItemVersion", later, APPROVER)
    refusal = with_new_items.refused("SignAuthorisationLetter", letter_for("370306-01-097"), HEAD)
    assert refusal.reason == "NOBODY_TRAINED"


def test_the_records_of_a_person_are_listed_in_order_with_who_recorded_them(district):
    district.call("RecordTraining", training(until_date=day(2027, 1, 1)), SUPERVISOR)
    seen, token = [], ""
    while True:
        asked = training_pb.ListTrainingRecordsRequest(
            person="p-0102", page_size=1, page_token=token
        )
        page = district.call("ListTrainingRecords", asked, HEAD)
        seen += page.records
        token = page.next_page_token
        if not token:
            break
    assert [each.training for each in seen] == ["p-0102@1", "p-0102@2"]
    assert [each.number for each in seen] == [1, 2]
    assert [each.recorded_by for each in seen] == ["catalog", SUPERVISOR.person]
    assert not seen[0].HasField("until_date")
    assert (seen[1].trained_on, seen[1].until_date) == (day(2026, 9, 1), day(2027, 1, 1))
    assert (list(seen[1].item_codes), seen[1].rules_version) == ([FOOD], ACCEPTANCE)


def test_a_repeated_request_records_once(district):
    first = district.call("RecordTraining", training(), SUPERVISOR)
    assert district.call("RecordTraining", training(), SUPERVISOR) == first
    again = district.call("RecordTraining", training("train-02"), SUPERVISOR)
    assert (first.training, again.training) == ("p-0102@2", "p-0102@3")


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_trainings_recorded_at_once_get_a_number_each(request, kind):
    name = "district" if kind == "sqlite" else "postgres_district"
    district = request.getfixturevalue(name)

    def record(number):
        return district.call("RecordTraining", training(f"train-1{number}"), SUPERVISOR).training

    with ThreadPoolExecutor(4) as pool:
        recorded = sorted(pool.map(record, range(4)))
    assert recorded == [f"p-0102@{number}" for number in range(2, 6)]


@pytest.mark.parametrize(
    ("changes", "code", "reason"),
    [
        ({"person": "p-9999"}, "NOT_FOUND", "PERSON_UNKNOWN"),
        ({"rules_version": "ONE_WINDOW_ACCEPTANCE@2"}, "NOT_FOUND", "WORK_RULES_UNKNOWN"),
        ({"rules_version": APPRAISAL}, "NOT_FOUND", "WORK_RULES_UNKNOWN"),
        ({"item_codes": ["X-1"]}, "NOT_FOUND", "ITEM_UNKNOWN"),
        ({"authorities": ["X"]}, "NOT_FOUND", "AUTHORITY_UNKNOWN"),
        ({"trained_on": day(2026, 9, 22)}, "FAILED_PRECONDITION", "TRAINING_NOT_HELD_YET"),
        ({"item_codes": []}, "FAILED_PRECONDITION", "TRAINING_WITHOUT_ITEMS"),
        (
            {"item_codes": [], "authorities": ["370306000000-D06"]},
            "FAILED_PRECONDITION",
            "TRAINING_WITHOUT_ITEMS",
        ),
        ({"until_date": day(2026, 9, 1)}, "FAILED_PRECONDITION", "PERIOD_EMPTY"),
        ({"person": ""}, "INVALID_ARGUMENT", "MALFORMED_REQUEST"),
        ({"rules_version": ""}, "INVALID_ARGUMENT", "MALFORMED_REQUEST"),
        ({"trained_on": None}, "INVALID_ARGUMENT", "MALFORMED_REQUEST"),
    ],
)
def test_a_training_that_cannot_be_recorded_says_why(district, changes, code, reason):
    refusal = district.refused("RecordTraining", training(**changes), SUPERVISOR)
    assert (refusal.code, refusal.reason) == (code, reason)
    assert refusal.text


# Rules


def test_the_rules_that_are_published_are_listed_in_the_order_in_which_they_begin(district):
    answer = district.call("PublishWorkRules", rules(), APPROVER)
    assert answer.rules_version == "ONE_WINDOW_ACCEPTANCE@2"
    seen, token = [], ""
    while True:
        asked = training_pb.ListWorkRulesRequest(page_size=1, page_token=token)
        page = district.call("ListWorkRules", asked, APPLICANT)
        seen += page.versions
        token = page.next_page_token
        if not token:
            break
    assert [each.rules_version for each in seen] == [ACCEPTANCE, APPRAISAL, answer.rules_version]
    assert [each.number for each in seen] == [1, 1, 2]
    last = seen[-1]
    assert (last.kind, last.title, last.document_number, last.text_sha256, last.from_date) == (
        training_pb.RULES_KIND_ONE_WINDOW_ACCEPTANCE, "一口受理工作制度（修订）",
        "周政务办〔2026〕3号", "1" * 64, day(2026, 9, 10),
    )  # fmt: skip


def test_a_later_version_begins_later_and_the_kinds_are_counted_apart(district):
    early = rules(from_date=day(2026, 1, 1))
    refusal = district.refused("PublishWorkRules", early, APPROVER)
    assert (refusal.reason, refusal.rule) == ("WORK_RULES_NOT_LATER", "R4.9")
    assert "“周村区政务服务中心一口受理工作制度（示例）”" in refusal.text
    appraisal = rules(
        "rules-02", kind="RULES_KIND_SUPERVISION_AND_APPRAISAL", from_date=day(2026, 1, 2)
    )
    answer = district.call("PublishWorkRules", appraisal, APPROVER)
    assert answer.rules_version == "SUPERVISION_AND_APPRAISAL@2"


@pytest.mark.parametrize(
    ("rules_version", "on", "reason"),
    [
        pytest.param(ACCEPTANCE, (2026, 9, 9), "", id="still-in-force"),
        pytest.param(ACCEPTANCE, (2026, 9, 10), "WORK_RULES_SUPERSEDED", id="replaced-that-day"),
        pytest.param("ONE_WINDOW_ACCEPTANCE@2", (2026, 9, 9), "", id="before-it-begins"),
        pytest.param("ONE_WINDOW_ACCEPTANCE@2", (2026, 9, 10), "", id="in-force"),
    ],
)
def test_nobody_is_trained_under_rules_that_others_have_replaced(
    district, rules_version, on, reason
):
    district.call("PublishWorkRules", rules(), APPROVER)
    request = training(rules_version=rules_version, trained_on=day(*on))
    if reason:
        refusal = district.refused("RecordTraining", request, SUPERVISOR)
        assert (refusal.reason, refusal.rule) == (reason, "R4.9")
        assert "由“一口受理工作制度（修订）”代替" in refusal.text
    else:
        assert district.call("RecordTraining", request, SUPERVISOR).training == "p-0102@2"


@pytest.mark.parametrize(
    "changes",
    [
        {"kind": 0}, {"kind": 99}, {"document_number": ""}, {"title": ""}, {"from_date": None},
        {"text_sha256": "x"},
    ],
)  # fmt: skip
def test_rules_are_published_whole(district, changes):
    refusal = district.refused("PublishWorkRules", rules(**changes), APPROVER)
    assert (refusal.code, refusal.reason) == ("INVALID_ARGUMENT", "MALFORMED_REQUEST")


def test_rules_that_are_sent_twice_are_published_once(district):
    first = district.call("PublishWorkRules", rules(), APPROVER)
    district.built.clock.advance(timedelta(hours=1))
    assert district.call("PublishWorkRules", rules(), APPROVER) == first


# Who may


@pytest.mark.parametrize("caller", [APPLICANT, CLERK, EDITOR, HEAD, OPERATOR, INTAKE])
def test_training_is_recorded_by_supervision_and_the_centre_only(district, caller):
    assert district.refused("RecordTraining", training(), caller).reason == "ROLE_DENIED"


@pytest.mark.parametrize("caller", [APPLICANT, CLERK, EDITOR, HEAD, OPERATOR, SUPERVISOR, INTAKE])
def test_rules_are_published_by_the_centre_only(district, caller):
    assert district.refused("PublishWorkRules", rules(), caller).reason == "ROLE_DENIED"


@pytest.mark.parametrize("caller", [APPLICANT, CLERK, EDITOR, OPERATOR, INTAKE])
def test_who_was_trained_is_not_everybodys_to_read(district, caller):
    asked = training_pb.ListTrainingRecordsRequest(person="p-0102")
    assert district.refused("ListTrainingRecords", asked, caller).reason == "ROLE_DENIED"


def test_the_records_of_somebody_unknown_are_not_found(district):
    asked = training_pb.ListTrainingRecordsRequest(person="p-9999")
    assert district.refused("ListTrainingRecords", asked, HEAD).reason == "PERSON_UNKNOWN"
