from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workdays import (
    CalendarDay,
    DayKind,
    DefectReason,
    NoticeError,
    WorkCalendar,
    export_year,
    import_year,
)
from workdays.notice_files import WHOLE_FILE
from workdays.statutory import assumed_notice

OFFICIAL = WorkCalendar.official()
FILE_2027 = export_year(assumed_notice(2027))


def defects_of(text):
    with pytest.raises(NoticeError) as caught:
        import_year(text)
    return [(defect.line, defect.reason) for defect in caught.value.defects]


@pytest.mark.parametrize("year", [*range(2004, 2027), *range(2027, 2081)])
def test_an_exported_notice_is_read_back_as_it_was(year):
    assert import_year(export_year(OFFICIAL.notice(year))) == OFFICIAL.notice(year)


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(lambda text: "\ufeff" + text, id="byte-order-mark"),
        pytest.param(lambda text: text.replace("\n", "\r\n"), id="windows-line-ends"),
        pytest.param(lambda text: text.replace("\n", "\n\n"), id="empty-lines"),
        pytest.param(lambda text: text + ",,\n", id="a-row-of-bare-commas"),
        pytest.param(lambda text: text.replace(": 2027", ":2027,,"), id="commas-after-a-heading"),
        pytest.param(lambda text: text.replace(",", " , "), id="spaces-around-cells"),
        pytest.param(lambda text: text.replace("# extra_rest_days: 0\n", ""), id="no-extra-days"),
    ],
)
def test_what_spreadsheets_do_to_a_file_is_forgiven(spoil):
    assert import_year(spoil(FILE_2027)) == assumed_notice(2027)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        pytest.param("# year: 2027\n", "", [(0, DefectReason.YEAR_INVALID)], id="no-year"),
        pytest.param(
            "year: 2027", "year: 二〇二七", [(0, DefectReason.YEAR_INVALID)], id="year-in-words"
        ),
        pytest.param(
            "# year: 2027",
            "# year: 2027\n# year: 2027",
            [(2, DefectReason.HEADING_REPEATED)],
            id="year-twice",
        ),
        pytest.param(
            "# source",
            "# sauce",
            [(0, DefectReason.SOURCE_MISSING), (2, DefectReason.HEADING_MALFORMED)],
            id="unknown-heading",
        ),
        pytest.param(
            "days: 0", "days: -1", [(0, DefectReason.EXTRA_REST_DAYS_INVALID)], id="negative-extra"
        ),
        pytest.param(
            "date,kind,name", "day,kind,name", [(4, DefectReason.COLUMNS_INVALID)], id="columns"
        ),
        pytest.param(
            "2027-01-01,HOLIDAY,元旦",
            "2027-01-01,HOLIDAY",
            [(5, DefectReason.ROW_MALFORMED)],
            id="two-cells",
        ),
        pytest.param(
            "2027-01-01", "2027-01-32", [(5, DefectReason.DATE_INVALID)], id="no-such-day"
        ),
        pytest.param("2027-01-01", "20270101", [(5, DefectReason.DATE_INVALID)], id="compact-date"),
        pytest.param(
            "2027-01-01,HOLIDAY,元旦",
            "2027-1-1,REST,",
            [
                (5, DefectReason.DATE_INVALID),
                (5, DefectReason.KIND_INVALID),
                (5, DefectReason.NAME_MISSING),
            ],
            id="everything-wrong-with-one-row",
        ),
        pytest.param(
            "2027-01-01,",
            "2027-12-25,",
            [(5, DefectReason.DATE_OUTSIDE_YEAR)],
            id="belongs-to-the-next-notice",
        ),
        pytest.param(
            "2027-01-01,",
            "2026-12-24,",
            [(5, DefectReason.DATE_OUTSIDE_YEAR)],
            id="belongs-to-the-notice-before",
        ),
        pytest.param(
            "2027-01-01,HOLIDAY,元旦\n",
            "2027-01-01,HOLIDAY,元旦\n2027-01-01,HOLIDAY,元旦\n",
            [(6, DefectReason.DATE_REPEATED)],
            id="a-day-twice",
        ),
        pytest.param(
            "2027-01-01,HOLIDAY",
            "2027-01-01,WORKDAY",
            [(5, DefectReason.WORKDAY_ON_WEEKDAY)],
            id="makeup-on-a-friday",
        ),
        pytest.param(
            "2027-01-01,",
            "2027-01-04,",
            [(0, DefectReason.STATUTORY_DAY_WORKED)],
            id="statutory-day-forgotten",
        ),
        pytest.param(
            "2027-02-09,HOLIDAY,春节\n",
            "",
            [(0, DefectReason.REST_DAYS_UNBALANCED)],
            id="a-day-of-rest-lost",
        ),
        pytest.param(
            "2027-05-01,HOLIDAY",
            "2027-05-01,WORKDAY",
            [(0, DefectReason.STATUTORY_DAY_WORKED), (0, DefectReason.REST_DAYS_UNBALANCED)],
            id="statutory-saturday-worked",
        ),
    ],
)
def test_a_defect_is_named_with_its_line(old, new, expected):
    assert old in FILE_2027
    assert defects_of(FILE_2027.replace(old, new, 1)) == expected


def test_all_defects_are_reported_at_once_in_the_order_of_lines():
    text = "# yaer: 2027\ndate,kind,name\n2027-01-01,REST,元旦\n2027-02-30,HOLIDAY,春节\n"
    assert defects_of(text) == [
        (WHOLE_FILE, DefectReason.YEAR_INVALID),
        (WHOLE_FILE, DefectReason.SOURCE_MISSING),
        (1, DefectReason.HEADING_MALFORMED),
        (3, DefectReason.KIND_INVALID),
        (4, DefectReason.DATE_INVALID),
    ]


def test_the_message_tells_line_reason_and_detail():
    with pytest.raises(NoticeError, match=r"line 5: DATE_INVALID: 2027-13-01"):
        import_year(FILE_2027.replace("2027-01-01", "2027-13-01", 1))


def test_the_days_may_be_typed_in_any_order():
    lines_2027 = FILE_2027.splitlines()
    headings, rows = lines_2027[:4], lines_2027[4:]
    assert import_year("\n".join([*headings, *reversed(rows)])) == assumed_notice(2027)


def test_an_empty_file_is_refused():
    assert (WHOLE_FILE, DefectReason.COLUMNS_INVALID) in defects_of("")


def test_a_day_given_for_one_year_only_is_declared():
    extra = FILE_2027.replace("days: 0", "days: 1") + "2027-09-03,HOLIDAY,纪念日\n"
    notice = import_year(extra)
    assert notice.extra_rest_days == 1
    assert CalendarDay(date(2027, 9, 3), DayKind.HOLIDAY, "纪念日") in notice.days


def test_a_notice_may_move_the_last_days_of_the_december_before():
    bridged = FILE_2027 + "2026-12-31,HOLIDAY,元旦\n2026-12-26,WORKDAY,元旦\n"
    calendar = OFFICIAL.with_year(import_year(bridged))
    assert not calendar.is_working_day(date(2026, 12, 31))
    assert calendar.is_working_day(date(2026, 12, 26))


lines = st.lists(
    st.one_of(
        st.sampled_from(FILE_2027.splitlines()),
        st.text(alphabet='#:, "\x00\x0b\r20271-HOLIDAYWRK元', max_size=30),
    ),
    max_size=40,
)


@given(lines)
def test_whatever_is_typed_is_a_notice_or_a_list_of_defects(typed):
    notice, defects = read("\n".join(typed))
    assert (notice is None) == bool(defects)
    assert notice is None or import_year(export_year(notice)) == notice


def read(text):
    try:
        return import_year(text), ()
    except NoticeError as error:
        return None, error.defects
