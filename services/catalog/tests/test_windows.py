"""What windows may do, through the guarded methods: whose letters, whose hands, which mergers."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta

import grpc
import pytest
from liandong.catalog.v1 import catalog_events_pb2 as events_pb
from liandong.catalog.v1 import catalog_service_pb2 as pb

from services.catalog.tests.district import (
    APPROVER,
    CENTRE,
    CLERK,
    EDITOR,
    FOOD,
    HEAD,
    INTAKE,
    OFFICE,
    OPERATOR,
    W01,
    W02,
    day,
    new_letter,
    publication,
    staff,
)

W03, W04 = f"{CENTRE}-W03", f"{CENTRE}-W04"
TOWN = "370306001000-C1-W01"
SHOP, CARD, JOINT = "370306-01-008", "370306-20-001", "370306-01-011"
RESCUE, ENFORCEMENT = "370306000000-D05", "370306000000-D06"
NOW = datetime(2026, 9, 21, 1, tzinfo=UTC)
WINTER = datetime(2026, 12, 10, 1, tzinfo=UTC)
SPOT = [pb.ItemPowers(item_code=SHOP, powers=[pb.POWER_ACCEPT, pb.POWER_DECIDE_ON_THE_SPOT])]


def competent(district, code=FOOD, at=NOW):
    request = pb.FindCompetentWindowsRequest(item_code=code)
    request.at_time.FromDatetime(at)
    return [window.code for window in district.call("FindCompetentWindows", request).windows]


def authority(district, name, at=NOW):
    request = pb.FindAuthorityRequest(name_or_code=name)
    request.at_time.FromDatetime(at)
    return district.call("FindAuthority", request)


def merger(window=W04, successor=W01, from_date=None, request_id="merge-0001"):
    return pb.MergeWindowRequest(
        request_id=request_id,
        window_unit=window,
        successor=successor,
        from_date=from_date or day(2026, 9, 21),
    )


def record(request_id="record-01", **changes):
    values = {
        "unit": RESCUE,
        "from_date": day(2026, 9, 1),
        "review_body": "周村区人民政府",
        "court": "淄博市周村区人民法院",
    }
    return pb.RecordAuthorityRequest(request_id=request_id, **values | changes)


# Who decides on the spot


def test_a_letter_names_who_decides_on_the_spot_and_for_which_items(district):
    for code in (SHOP, CARD, "370306-20-002"):
        found = district.powers(code=code)
        assert pb.POWER_DECIDE_ON_THE_SPOT in found.powers
        assert list(found.on_the_spot_deciders) == ["p-0102"]
    assert not district.powers().on_the_spot_deciders
    assert not district.powers(W02, SHOP).on_the_spot_deciders


def test_who_left_the_window_decides_there_no_longer_readings_1(district):
    letter = new_letter(item_powers=SPOT, on_the_spot_deciders=["p-0101", "p-0102"])
    district.built.clock.advance(timedelta(hours=1))
    district.call("SignAuthorisationLetter", letter, HEAD)
    before = datetime(2026, 9, 23, 15, tzinfo=UTC)
    after = datetime(2026, 9, 23, 16, tzinfo=UTC)
    assert list(district.powers(code=SHOP, at=before).on_the_spot_deciders) == ["p-0101", "p-0102"]
    assert list(district.powers(code=SHOP, at=after).on_the_spot_deciders) == ["p-0102"]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"item_powers": SPOT}, "DECIDER_MISSING"),
        ({"on_the_spot_deciders": ["p-0102"]}, "DECIDER_WITHOUT_POWER"),
        ({"item_powers": SPOT, "on_the_spot_deciders": ["p-0103"]}, "DECIDER_NOT_AT_WINDOW"),
        (
            {"item_powers": SPOT, "on_the_spot_deciders": ["p-0102", "p-0201"]},
            "DECIDER_NOT_AT_WINDOW",
        ),
        (
            {
                "item_powers": SPOT,
                "on_the_spot_deciders": ["p-0101"],
                "from_date": day(2026, 9, 24),
            },
            "DECIDER_NOT_AT_WINDOW",
        ),
        (
            {
                "item_powers": SPOT,
                "on_the_spot_deciders": ["p-0106"],
                "until_date": day(2026, 12, 7),
            },
            "DECIDER_NOT_AT_WINDOW",
        ),
        (
            {"window_unit": TOWN, "item_powers": [pb.ItemPowers(item_code=FOOD, powers=[1])]},
            "TOWN_RECORD_MISSING",
        ),
    ],
)
def test_a_letter_gives_no_power_that_nobody_there_may_use(district, changes, reason):
    refusal = district.refused("SignAuthorisationLetter", new_letter(**changes), HEAD)
    assert (refusal.code, refusal.reason) == ("FAILED_PRECONDITION", reason)
    assert refusal.text


def test_a_letter_may_name_who_holds_the_post_for_a_part_of_its_time(district):
    for number, changes in enumerate(
        (
            {"on_the_spot_deciders": ["p-0101"], "from_date": day(2026, 9, 23)},
            {"on_the_spot_deciders": ["p-0106"], "until_date": day(2026, 12, 8)},
        )
    ):
        letter = new_letter(f"letter-1{number}", letter=f"{number}号", item_powers=SPOT, **changes)
        assert district.call("SignAuthorisationLetter", letter, HEAD).letter == f"{number}号"


def test_a_town_window_acts_for_the_district_where_a_record_says_so(district):
    town = district.powers(TOWN, "370306-20-003")
    assert (town.letter, pb.POWER_ACCEPT in town.powers) == ("周民政授权〔2026〕3号", True)
    head = staff(
        "DEPARTMENT_HEAD",
        post_kind="DEPARTMENT",
        unit="370306000000-D03",
        authority="370306000000-D03",
    )
    letter = new_letter(
        authority="370306000000-D03",
        window_unit=TOWN,
        item_powers=[pb.ItemPowers(item_code=CARD, powers=[pb.POWER_RECEIVE])],
    )
    assert district.call("SignAuthorisationLetter", letter, head).letter


def test_the_letters_of_a_window_are_listed_by_number_page_by_page(district):
    seen, token = [], ""
    while True:
        request = pb.ListWindowLettersRequest(window_unit=W01, page_size=2, page_token=token)
        page = district.call("ListWindowLetters", request)
        seen += page.letters
        token = page.next_page_token
        if not token:
            break
    assert [letter.letter for letter in seen] == sorted(letter.letter for letter in seen)
    assert len(seen) == 5
    [office] = [letter for letter in seen if letter.authority == OFFICE]
    assert (office.signatory, list(office.on_the_spot_deciders)) == ("孙丽（示例）", ["p-0102"])
    assert (office.from_date, office.until_date) == (day(2026, 1, 1), day(2028, 1, 1))
    assert office.sign_time.ToDatetime(tzinfo=UTC) == NOW
    assert len(office.item_powers) == 12


def test_an_unknown_window_has_no_letters(district):
    refusal = district.refused("ListWindowLetters", pb.ListWindowLettersRequest(window_unit="x"))
    assert refusal.reason == "UNIT_UNKNOWN"


# Competent windows


def test_whoever_received_at_the_wrong_counter_learns_which_window_accepts_r1_3(district):
    assert competent(district) == [W01, W02, W03, W04]
    assert competent(district, "370306-20-003") == [W01, W02, W03, W04, TOWN]


def test_a_window_whose_letter_ended_is_not_competent_readings_4(district):
    assert competent(district, at=datetime(2026, 10, 31, 15, 59, tzinfo=UTC))[2] == W03
    assert competent(district, at=datetime(2026, 10, 31, 16, tzinfo=UTC)) == [W01, W02, W04]


def test_a_window_whose_last_letter_leaves_acceptance_out_is_not_competent(district):
    district.built.clock.advance(timedelta(days=1))
    district.call("SignAuthorisationLetter", new_letter(), HEAD)
    assert competent(district, at=district.built.clock.now()) == [W02, W03, W04]


def test_an_item_nobody_knows_has_no_competent_window(district):
    request = pb.FindCompetentWindowsRequest(item_code="X-1")
    request.at_time.FromDatetime(NOW)
    assert district.refused("FindCompetentWindows", request).reason == "ITEM_UNKNOWN"


# Mergers


def test_a_merged_window_ends_and_its_successor_answers_for_it_readings_6(district):
    first = day(2026, 12, 10)
    answer = district.call("MergeWindow", merger(from_date=first), APPROVER)
    assert (answer.window_unit, answer.successor) == (W04, W01)
    eve, morning = WINTER - timedelta(days=1), WINTER
    assert list(district.powers(W01, at=eve).predecessors) == []
    assert list(district.powers(W01, at=morning).predecessors) == [W04]
    assert district.powers(W04, at=eve).powers
    ended = district.powers(W04, at=morning)
    assert (ended.letter, list(ended.powers), ended.window.code) == ("", [], W04)
    assert competent(district, at=morning) == [W01, W02]
    told = district.events(W04)[-1]
    assert told.type == "catalog.window_merged.v1"
    assert events_pb.WindowMerged.FromString(told.payload) == events_pb.WindowMerged(
        window_unit=W04, successor=W01, from_date=first
    )


def test_whatever_was_merged_into_a_predecessor_comes_along(district):
    district.call("MergeWindow", merger(W04, W03), APPROVER)
    later = merger(W03, W01, day(2026, 12, 10), "merge-0002")
    district.call("MergeWindow", later, APPROVER)
    assert list(district.powers(W03).predecessors) == [W04]
    assert list(district.powers(W01).predecessors) == []
    assert list(district.powers(W01, at=WINTER).predecessors) == [W03, W04]
    assert list(district.powers(W03, at=WINTER).predecessors) == [W04]


@pytest.mark.parametrize(
    ("request_", "code", "reason", "rule"),
    [
        (merger(W01, W01), "FAILED_PRECONDITION", "MERGED_INTO_ITSELF", "R4.7"),
        (merger("x", W01), "NOT_FOUND", "UNIT_UNKNOWN", ""),
        (merger(W04, "x"), "NOT_FOUND", "UNIT_UNKNOWN", ""),
        (merger(W04, CENTRE), "FAILED_PRECONDITION", "NOT_A_WINDOW", "R3.4"),
        (merger(OFFICE, W01), "FAILED_PRECONDITION", "NOT_A_WINDOW", "R3.4"),
        (
            merger(W04, W01, day(2026, 9, 20)),
            "FAILED_PRECONDITION",
            "MERGER_BACKDATED",
            "R4.7",
        ),
    ],
)
def test_a_merger_that_cannot_be_says_why(district, request_, code, reason, rule):
    refusal = district.refused("MergeWindow", request_, APPROVER)
    assert (refusal.code, refusal.reason, refusal.rule) == (code, reason, rule)
    assert not [event for event in district.events() if "window_merged" in event.type]


@pytest.mark.parametrize(("window", "successor"), [(W04, W02), (W01, W04), (W03, W04)])
def test_a_window_that_ended_is_merged_no_more(district, window, successor):
    district.call("MergeWindow", merger(), APPROVER)
    again = merger(window, successor, request_id="merge-0002")
    refusal = district.refused("MergeWindow", again, APPROVER)
    assert (refusal.reason, refusal.text[:8]) == ("WINDOW_MERGED", "窗口“37030")


def test_the_same_merger_three_times_at_once_is_one(district):
    with ThreadPoolExecutor(3) as pool:
        answers = list(
            pool.map(lambda _: district.call("MergeWindow", merger(), APPROVER), range(3))
        )
    assert answers == [answers[0]] * 3
    assert len([event for event in district.events(W04) if "merged" in event.type]) == 1


def test_of_two_opposite_mergers_at_once_one_is_refused(district):
    def merge(pair):
        request = merger(*pair, request_id=f"merge-of-{pair[0]}"[:64])
        try:
            return district.call("MergeWindow", request, APPROVER).successor
        except grpc.RpcError:
            return ""

    with ThreadPoolExecutor(2) as pool:
        successors = list(pool.map(merge, ((W03, W04), (W04, W03))))
    assert sorted(successors) in (["", W03], ["", W04])


def test_no_letter_outlasts_the_window(district):
    district.call("MergeWindow", merger(W01, W02, day(2026, 12, 10)), APPROVER)
    refusal = district.refused("SignAuthorisationLetter", new_letter(), HEAD)
    assert refusal.reason == "WINDOW_MERGED"
    until_the_end = new_letter("letter-02", until_date=day(2026, 12, 10))
    assert district.call("SignAuthorisationLetter", until_the_end, HEAD).letter


@pytest.mark.parametrize("caller", [CLERK, EDITOR, HEAD, OPERATOR, INTAKE])
@pytest.mark.parametrize(("method", "request_"), [
    ("MergeWindow", merger()), ("RecordAuthority", record()),
])  # fmt: skip
def test_only_an_approver_merges_windows_and_records_authorities(
    district, method, request_, caller
):
    assert district.refused(method, request_, caller).reason == "ROLE_DENIED"


# Authorities


@pytest.mark.parametrize("name", [OFFICE, "周村区行政审批服务局", " 周村区　行政审批服务局 "])
def test_an_authority_is_found_by_code_or_by_name_as_printed(district, name):
    found = authority(district, name)
    assert (found.authority, found.authority_prefix) == (OFFICE, "周审批")
    assert (found.review_body, found.court) == ("周村区人民政府", "淄博市周村区人民法院")
    assert found.served


def test_an_authority_of_which_windows_accept_a_part_is_served_readings_21(district):
    assert authority(district, "周村区综合行政执法局").served
    assert authority(district, ENFORCEMENT, datetime(2028, 1, 1, tzinfo=UTC)).served is False


def test_an_authority_nobody_registered_is_not_served(district):
    assert authority(district, "淄博市海关") == pb.FindAuthorityResponse()
    assert not authority(district, OFFICE, datetime(2025, 6, 1, tzinfo=UTC)).served


def test_an_authority_is_served_as_long_as_a_window_remains(district):
    for number, window in enumerate((W01, W02, W04)):
        request = merger(window, W03, request_id=f"merge-000{number}")
        district.call("MergeWindow", request, APPROVER)
    assert authority(district, OFFICE).served
    assert not authority(district, OFFICE, datetime(2026, 11, 1, tzinfo=UTC)).served


def test_the_missing_court_of_an_authority_is_recorded_from_a_day_on_readings_11(district):
    assert authority(district, RESCUE).court == ""
    assert district.item("370306-01-010").court == ""
    answer = district.call("RecordAuthority", record(), APPROVER)
    assert (answer.unit, answer.from_date) == (RESCUE, day(2026, 9, 1))
    assert authority(district, RESCUE).court == "淄博市周村区人民法院"
    before = authority(district, RESCUE, datetime(2026, 8, 31, 15, tzinfo=UTC))
    assert (before.review_body, before.court) == ("周村区人民政府", "")
    assert authority(district, RESCUE, datetime(2023, 1, 1, tzinfo=UTC)).review_body == ""
    applied = district.item("370306-01-010", on_date=day(2026, 9, 1))
    assert applied.court == "淄博市周村区人民法院"  # of a version that is older than the record
    assert district.item("370306-01-010", on_date=day(2026, 8, 31)).court == ""
    new = publication(
        item_code="370306-01-010", authority=RESCUE, in_force_from_date=date(2026, 10, 1)
    )
    district.call("PublishItemVersion", new, APPROVER)
    later = district.item("370306-01-010", on_date=day(2026, 10, 1))
    assert (later.authority_prefix, later.court) == ("周消", "淄博市周村区人民法院")


@pytest.mark.parametrize(
    ("changes", "code", "reason"),
    [
        ({"unit": "x"}, "NOT_FOUND", "AUTHORITY_UNKNOWN"),
        ({"from_date": day(2024, 1, 1)}, "FAILED_PRECONDITION", "AUTHORITY_RECORD_NOT_LATER"),
        ({"court": ""}, "INVALID_ARGUMENT", "MALFORMED_REQUEST"),
        ({"review_body": ""}, "INVALID_ARGUMENT", "MALFORMED_REQUEST"),
    ],
)
def test_a_record_that_cannot_be_made_says_why(district, changes, code, reason):
    refusal = district.refused("RecordAuthority", record(**changes), APPROVER)
    assert (refusal.code, refusal.reason) == (code, reason)
