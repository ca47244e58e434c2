"""The catalogue through its guarded methods, on SQLite, with the shipped district."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta

import pytest
from liandong.catalog.v1 import catalog_events_pb2 as events_pb
from liandong.catalog.v1 import catalog_service_pb2 as pb
from liandong.common.v1 import common_pb2 as common

from servicekit.identity import Caller
from servicekit.stream import Outcome
from services.catalog.tests.district import (
    APPLICANT,
    APPROVER,
    CENTRE,
    CLERK,
    EDITOR,
    FOOD,
    HEAD,
    INTAKE,
    OFFICE,
    OPERATOR,
    OTHER_HEAD,
    W01,
    day,
    new_letter,
    publication,
)
from workdays import WorkCalendar, export_year

NOTICE_2027 = export_year(WorkCalendar.official().notice(2027)).replace(
    "# source: ", "# source: 国办发明电〔2026〕示例号 "
)


# Items


def test_an_item_in_force_is_given_whole(district):
    version = district.item()
    assert (version.item_version, version.name) == (f"{FOOD}@1", "食品经营许可（新办）")
    assert version.statutory_limit == common.Limit(
        amount=10,
        unit=common.LIMIT_UNIT_WORKING_DAY,
        start=common.LIMIT_START_ACCEPTED,
        source="食品经营许可和备案管理办法(市监总局令78)",
    )
    assert version.promised_limit.amount == 5
    assert [each.material_code for each in version.materials] == [f"M0{n}" for n in range(1, 6)]
    assert [each.sharing_source for each in version.materials][1:3] == ["市场监管电子证照", "公安"]
    assert (version.authority_prefix, version.review_body) == ("周审批", "周村区人民政府")
    assert version.handling == pb.HANDLING_KIND_PROMISED
    assert not version.HasField("in_force_until_date")


def test_an_item_is_not_in_force_before_its_first_day(district):
    asked = pb.GetServiceItemRequest(item_code=FOOD, on_date=day(2025, 12, 31))
    refusal = district.refused("GetServiceItem", asked)
    assert (refusal.code, refusal.reason, refusal.rule) == (
        "FAILED_PRECONDITION", "ITEM_NOT_IN_FORCE", "R3.7",
    )  # fmt: skip
    assert refusal.text.startswith("事项“370306-01-001”在2025年12月31日没有在用版本")


def test_an_unknown_item_is_not_found(district):
    refusal = district.refused("GetServiceItem", pb.GetServiceItemRequest(item_code="X-1"))
    assert (refusal.code, refusal.reason) == ("NOT_FOUND", "ITEM_UNKNOWN")
    assert refusal.text == "事项目录中没有编码为“X-1”的事项。"


def test_a_malformed_question_names_its_fields(district):
    request = pb.GetServiceItemRequest(on_date=day(2026, 2, 30))
    refusal = district.refused("GetServiceItem", request)
    assert refusal.code == "INVALID_ARGUMENT"
    assert set(refusal.fields) == {"item_code", "on_date"}


def test_an_item_without_a_statutory_limit_says_so_by_absence(district):
    assert not district.item("370306-20-002").HasField("statutory_limit")


def test_all_items_in_force_are_listed_once_by_code_page_by_page(district):
    seen, token = [], ""
    while True:
        request = pb.ListServiceItemsRequest(page_size=5, page_token=token)
        page = district.call("ListServiceItems", request)
        seen += [version.item_code for version in page.versions]
        token = page.next_page_token
        if not token:
            break
    assert len(seen) == 19
    assert seen == sorted(set(seen))


def test_nothing_is_listed_before_it_is_in_force(district):
    district.built.clock.instant = datetime(2025, 12, 31, 4, tzinfo=UTC)
    assert not district.call("ListServiceItems", pb.ListServiceItemsRequest()).versions


def test_a_token_that_was_never_given_is_refused(district):
    request = pb.ListServiceItemsRequest(page_token="nonsense")
    assert district.refused("ListServiceItems", request).reason == "PAGE_TOKEN_INVALID"


def test_a_new_version_takes_over_on_its_first_day_and_the_old_one_stays(district):
    request = publication(name="食品经营许可", in_force_from_date=date(2026, 10, 1))
    answer = district.call("PublishItemVersion", request, APPROVER)
    assert answer.item_version == f"{FOOD}@2"
    assert district.item(on_date=day(2026, 9, 30)).item_version == f"{FOOD}@1"
    assert district.item(on_date=day(2026, 10, 1)).name == "食品经营许可"
    old = district.call("GetItemVersion", pb.GetItemVersionRequest(item_version=f"{FOOD}@1"))
    assert old.version.name == "食品经营许可（新办）"
    district.built.clock.instant = datetime(2026, 10, 8, 1, tzinfo=UTC)
    listed = district.call("ListServiceItems", pb.ListServiceItemsRequest()).versions
    assert [each.item_version for each in listed if each.item_code == FOOD] == [f"{FOOD}@2"]


def test_a_published_version_is_told_in_the_stream_of_its_item(district):
    request = publication(in_force_from_date=date(2026, 10, 1))
    district.call("PublishItemVersion", request, APPROVER)
    first, second = district.events(FOOD)
    assert (first.seq, second.seq) == (1, 2)
    assert second.type == "catalog.item_version_published.v1"
    event = events_pb.ItemVersionPublished.FromString(second.payload)
    assert (event.item_version, event.authority) == (f"{FOOD}@2", OFFICE)
    assert event.in_force_from_date == day(2026, 10, 1)


def test_an_unknown_version_is_not_found(district):
    request = pb.GetItemVersionRequest(item_version=f"{FOOD}@9")
    assert district.refused("GetItemVersion", request).reason == "VERSION_UNKNOWN"


def test_all_findings_of_the_lint_are_told_at_once_in_chinese(district):
    request = publication(
        courier_offered=False, complaint_phone="0533-0000101", in_force_from_date=date(2026, 9, 1)
    )
    refusal = district.refused("PublishItemVersion", request, APPROVER)
    assert (refusal.code, refusal.reason, refusal.rule) == (
        "FAILED_PRECONDITION", "LINT_FAILED", "R3.5",
    )  # fmt: skip
    assert refusal.facts["COURIER_NOT_OFFERED"] == "有实体结果的事项应当提供免费寄递。"
    assert refusal.facts["PHONES_SAME"] == "咨询电话和投诉电话不得相同。"
    assert "2026年9月21日" in refusal.facts["VERSION_BACKDATED"]
    assert refusal.text == "事项“370306-01-001”未通过发布检查，共3处不符合要求，逐项说明见详情。"
    assert len(district.events(FOOD)) == 1


def test_a_version_of_an_authority_nobody_knows_is_a_finding_not_a_fault(district):
    request = publication(authority="370306000000-D99", in_force_from_date=date(2026, 10, 1))
    refusal = district.refused("PublishItemVersion", request, APPROVER)
    assert "AUTHORITY_NOT_REGISTERED" in refusal.facts


def test_the_same_publication_three_times_at_once_is_one_version(district):
    request = publication(in_force_from_date=date(2026, 10, 1))
    with ThreadPoolExecutor(3) as pool:
        answers = list(
            pool.map(lambda _: district.call("PublishItemVersion", request, APPROVER), range(3))
        )
    assert {answer.item_version for answer in answers} == {f"{FOOD}@2"}
    assert len(district.events(FOOD)) == 2


@pytest.mark.parametrize("caller", [APPLICANT, CLERK, EDITOR, HEAD, INTAKE])
def test_only_an_approver_publishes(district, caller):
    refusal = district.refused("PublishItemVersion", publication(), caller)
    assert refusal.reason == "ROLE_DENIED"


@pytest.mark.parametrize("caller", [APPLICANT, CLERK, EDITOR, HEAD, INTAKE])
def test_whoever_is_signed_in_reads_the_public_catalogue(district, caller):
    for method, request in (
        ("GetServiceItem", pb.GetServiceItemRequest(item_code=FOOD)),
        ("ListServiceItems", pb.ListServiceItemsRequest()),
        ("GetItemVersion", pb.GetItemVersionRequest(item_version=f"{FOOD}@1")),
        ("GetUnit", pb.GetUnitRequest(unit=W01)),
        ("ListUnits", pb.ListUnitsRequest(parent=CENTRE)),
    ):
        district.call(method, request, caller)


def test_a_service_says_what_it_asks_for(district):
    request = pb.GetServiceItemRequest(item_code=FOOD)
    refusal = district.refused("GetServiceItem", request, Caller(service="intake"))
    assert refusal.reason == "PURPOSE_MISSING"


# Units


def test_a_unit_names_its_path_and_its_site(district):
    unit = district.call("GetUnit", pb.GetUnitRequest(unit=W01)).unit
    assert unit == pb.Unit(
        code=W01,
        name="周村区政务服务中心综合受理窗口（1号）",
        kind=pb.UNIT_KIND_WINDOW,
        parent=CENTRE,
        unit_path=f"/370000000000/370300000000/370306000000/{CENTRE}/{W01}/",
        site="01",
    )


def test_an_unknown_unit_is_not_found(district):
    for method, request in (
        ("GetUnit", pb.GetUnitRequest(unit="nowhere")),
        ("ListUnits", pb.ListUnitsRequest(parent="nowhere")),
    ):
        refusal = district.refused(method, request)
        assert (refusal.code, refusal.reason) == ("NOT_FOUND", "UNIT_UNKNOWN")


def test_the_villages_of_a_town_are_listed_page_by_page(district):
    seen, token = [], ""
    while True:
        request = pb.ListUnitsRequest(parent="370306100000", page_token=token)
        page = district.call("ListUnits", request)
        assert len(page.units) <= 50
        seen += [unit.code for unit in page.units]
        token = page.next_page_token
        if not token:
            break
    assert len(seen) == 53  # 52 villages and the town's centre
    assert seen == sorted(set(seen))


# Assignments


def resolve(district, person, caller=OPERATOR):
    request = pb.ResolveAssignmentRequest(person=person)
    return district.call("ResolveAssignment", request, caller).assignment


def test_a_clerk_resolves_to_the_window_post(district):
    found = resolve(district, "p-0102", INTAKE)
    assert (found.post_kind, list(found.roles), found.unit) == ("WINDOW", ["WINDOW_CLERK"], W01)
    assert found.unit_path.endswith(f"/{CENTRE}/{W01}/")
    assert (found.authority, found.person_name) == ("", "李伟（示例）")
    assert found.from_date == day(2026, 1, 1)
    assert not found.HasField("until_date")


@pytest.mark.parametrize(
    ("at", "post_kind", "authority"),
    [
        pytest.param(datetime(2026, 9, 23, 15, 59, tzinfo=UTC), "WINDOW", "", id="last-minute"),
        pytest.param(datetime(2026, 9, 23, 16, 0, tzinfo=UTC), "DEPARTMENT", OFFICE, id="midnight"),
    ],
)
def test_who_changes_post_has_the_new_one_from_midnight_in_china(
    district, at, post_kind, authority
):
    district.built.clock.instant = at
    found = resolve(district, "p-0101")
    assert (found.post_kind, found.authority) == (post_kind, authority)


def test_who_issues_tokens_may_ask_for_the_post_and_for_nothing_else(district):
    sign_in = Caller(service="sign-in", purpose="sign in")
    assert resolve(district, "p-0102", sign_in).assignment == "a-0102-1"
    request = pb.GetServiceItemRequest(item_code=FOOD)
    assert district.refused("GetServiceItem", request, sign_in).reason == "ROLE_DENIED"


def test_a_person_without_a_post_is_not_found(district):
    request = pb.ResolveAssignmentRequest(person="p-9999")
    refusal = district.refused("ResolveAssignment", request, OPERATOR)
    assert (refusal.code, refusal.reason) == ("NOT_FOUND", "ASSIGNMENT_UNKNOWN")


def test_nobody_is_resolved_before_the_first_day(district):
    district.built.clock.instant = datetime(2025, 12, 31, 4, tzinfo=UTC)
    request = pb.ResolveAssignmentRequest(person="p-0102")
    assert district.refused("ResolveAssignment", request, OPERATOR).reason == "ASSIGNMENT_UNKNOWN"


@pytest.mark.parametrize("caller", [APPLICANT, CLERK, HEAD, APPROVER])
def test_who_holds_which_post_is_not_public(district, caller):
    request = pb.ResolveAssignmentRequest(person="p-0102")
    assert district.refused("ResolveAssignment", request, caller).reason == "ROLE_DENIED"


# Persons


def test_a_person_keeps_the_name_whatever_the_post_and_when(district):
    request = pb.GetPersonRequest(person="p-0101")
    named = pb.GetPersonResponse(person="p-0101", person_name="王芳（示例）")
    for instant in (datetime(2025, 1, 1, tzinfo=UTC), datetime(2026, 9, 24, tzinfo=UTC)):
        district.built.clock.instant = instant
        assert district.call("GetPerson", request, INTAKE) == named


def test_a_person_who_never_held_a_post_is_not_found(district):
    request = pb.GetPersonRequest(person="p-9999")
    refusal = district.refused("GetPerson", request, INTAKE)
    assert (refusal.code, refusal.reason) == ("NOT_FOUND", "PERSON_UNKNOWN")


@pytest.mark.parametrize("caller", [APPLICANT, CLERK, HEAD, APPROVER, OPERATOR])
def test_names_are_for_the_service_that_prints_them(district, caller):
    request = pb.GetPersonRequest(person="p-0102")
    assert district.refused("GetPerson", request, caller).reason == "ROLE_DENIED"


# Letters


def test_a_window_with_a_letter_has_the_powers_it_lists(district):
    found = district.powers()
    assert found.letter == "周审批授权〔2026〕1号"
    assert list(found.powers) == [
        pb.POWER_RECEIVE,
        pb.POWER_ACCEPT,
        pb.POWER_NOT_REQUIRED,
        pb.POWER_REFUSE_ACCEPTANCE,
        pb.POWER_REQUEST_CORRECTION,
        pb.POWER_HAND_OUT,
    ]
    assert (found.window.code, found.window.site) == (W01, "01")


def test_a_window_decides_on_the_spot_only_what_is_decided_on_the_spot(district):
    assert pb.POWER_DECIDE_ON_THE_SPOT in district.powers(code="370306-01-008").powers
    assert pb.POWER_DECIDE_ON_THE_SPOT not in district.powers().powers


@pytest.mark.parametrize(
    ("window", "code", "at"),
    [
        pytest.param(OFFICE, FOOD, None, id="a-department"),
        pytest.param("370306001000-C1-W01", FOOD, None, id="a-window-without-a-letter"),
        pytest.param(W01, "X-1", None, id="an-item-nobody-knows"),
        pytest.param(W01, FOOD, datetime(2028, 1, 1, tzinfo=UTC), id="an-expired-letter"),
        pytest.param(W01, FOOD, datetime(2025, 12, 1, tzinfo=UTC), id="before-the-letter"),
    ],
)
def test_without_a_letter_in_force_there_are_no_powers(district, window, code, at):
    found = district.powers(window, code, at)
    assert (found.letter, list(found.powers), found.window.code) == ("", [], window)


def test_a_department_head_signs_a_letter_for_a_window(district):
    district.built.clock.advance(timedelta(days=1))
    answer = district.call("SignAuthorisationLetter", new_letter(), HEAD)
    assert answer.letter == "周审批授权〔2026〕9号"
    found = district.powers()
    assert (found.letter, list(found.powers)) == (answer.letter, [pb.POWER_RECEIVE])
    [event] = district.events(answer.letter)
    assert event.type == "catalog.letter_signed.v1"


def test_a_signed_letter_is_answered_again_to_who_signed_it(district):
    first = district.call("SignAuthorisationLetter", new_letter(), HEAD)
    assert district.call("SignAuthorisationLetter", new_letter(), HEAD) == first
    assert len(district.events(first.letter)) == 1


def test_nobody_signs_for_another_authority(district):
    refusal = district.refused("SignAuthorisationLetter", new_letter(), OTHER_HEAD)
    assert (refusal.code, refusal.reason) == ("PERMISSION_DENIED", "OUT_OF_SCOPE")


@pytest.mark.parametrize(
    ("changes", "code", "reason"),
    [
        ({"until_date": day(2026, 9, 1)}, "FAILED_PRECONDITION", "LETTER_PERIOD_INVALID"),
        ({"window_unit": "nowhere"}, "NOT_FOUND", "UNIT_UNKNOWN"),
        ({"window_unit": CENTRE}, "FAILED_PRECONDITION", "NOT_A_WINDOW"),
        (
            {"item_powers": [pb.ItemPowers(item_code="X-1", powers=[pb.POWER_ACCEPT])]},
            "NOT_FOUND",
            "ITEM_UNKNOWN",
        ),
        (
            {"item_powers": [pb.ItemPowers(item_code="370306-01-005", powers=[pb.POWER_ACCEPT])]},
            "FAILED_PRECONDITION",
            "ITEM_OF_ANOTHER_AUTHORITY",
        ),
        ({"letter": "周审批授权〔2026〕1号"}, "ABORTED", "LETTER_EXISTS"),
        ({"item_powers": []}, "INVALID_ARGUMENT", "MALFORMED_REQUEST"),
        (
            {"item_powers": [pb.ItemPowers(item_code=FOOD, powers=[pb.POWER_UNSPECIFIED])]},
            "INVALID_ARGUMENT",
            "MALFORMED_REQUEST",
        ),
        (
            {"item_powers": [pb.ItemPowers(item_code=FOOD, powers=[99])]},
            "INVALID_ARGUMENT",
            "MALFORMED_REQUEST",
        ),
        ({"from_date": day(2026, 13, 1)}, "INVALID_ARGUMENT", "MALFORMED_REQUEST"),
    ],
)
def test_a_letter_that_cannot_be_signed_says_why(district, changes, code, reason):
    refusal = district.refused("SignAuthorisationLetter", new_letter(**changes), HEAD)
    assert (refusal.code, refusal.reason) == (code, reason)


# Calendar


def test_an_imported_year_is_told_to_everybody_once(district):
    request = pb.ImportCalendarYearRequest(request_id="import-2027", notice=NOTICE_2027)
    assert district.call("ImportCalendarYear", request, OPERATOR).year == 2027
    again = pb.ImportCalendarYearRequest(request_id="import-2027-b", notice=NOTICE_2027)
    assert district.call("ImportCalendarYear", again, APPROVER).year == 2027
    [event] = district.events("calendar-2027")
    assert events_pb.CalendarYearImported.FromString(event.payload).notice == NOTICE_2027


def test_a_corrected_notice_is_told_again(district):
    for number, notice in enumerate((NOTICE_2027, NOTICE_2027.replace("示例号", "更正"))):
        request = pb.ImportCalendarYearRequest(request_id=f"import-{number}", notice=notice)
        district.call("ImportCalendarYear", request, OPERATOR)
    assert [event.seq for event in district.events("calendar-2027")] == [1, 2]


def test_a_notice_with_errors_is_refused_with_all_of_them(district):
    notice = "# year: 2027\ndate,kind,name\n2027-13-01,HOLIDAY,元旦\n2027-01-01,FESTIVAL,\n"
    request = pb.ImportCalendarYearRequest(request_id="import-bad", notice=notice)
    refusal = district.refused("ImportCalendarYear", request, OPERATOR)
    assert (refusal.code, refusal.reason) == ("INVALID_ARGUMENT", "CALENDAR_NOTICE_INVALID")
    assert len(refusal.fields) == int(refusal.facts["count"]) == 4
    assert "涉及第3、4行" in refusal.text


@pytest.mark.parametrize("caller", [APPLICANT, CLERK, EDITOR, HEAD, INTAKE])
def test_the_calendar_is_not_everybodys_to_import(district, caller):
    request = pb.ImportCalendarYearRequest(request_id="import-2027", notice=NOTICE_2027)
    assert district.refused("ImportCalendarYear", request, caller).reason == "ROLE_DENIED"


# Flags and the log


def test_a_red_light_flags_the_item_once_however_often_it_comes(district):
    assert district.light() is Outcome.APPLIED
    assert district.light() is Outcome.DROPPED
    event = district.events(FOOD)[-1]
    assert event.type == "catalog.item_flagged.v1"
    flagged = events_pb.ItemFlagged.FromString(event.payload)
    assert (flagged.item_code, flagged.red, flagged.case_number) == (FOOD, True, "c-1")
    assert len(district.events(FOOD)) == 2


def test_a_light_that_turns_back_takes_the_flag_away(district):
    district.light()
    district.light(red=False, seq=2)
    assert not events_pb.ItemFlagged.FromString(district.events(FOOD)[-1].payload).red


def test_a_light_of_an_item_nobody_published_stops_only_its_own_stream(district):
    assert district.light(code="X-1") is Outcome.FAILED
    assert district.light() is Outcome.APPLIED


def test_the_event_log_is_for_services(district):
    assert district.refused("ReadEvents", pb.ReadEventsRequest(), OPERATOR).reason == "ROLE_DENIED"
    district.call("ReadEvents", pb.ReadEventsRequest(), INTAKE)


def test_the_windows_of_the_centre_are_four(district):
    units = district.call("ListUnits", pb.ListUnitsRequest(parent=CENTRE)).units
    assert [unit.code for unit in units] == [f"{CENTRE}-W0{number}" for number in range(1, 5)]
