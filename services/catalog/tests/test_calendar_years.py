from __future__ import annotations

from datetime import date

import pytest

from servicekit.texts import MessageCatalogue
from services.catalog.domain.calendar_years import CalendarYear, calendar_with, read_notice
from services.catalog.domain.errors import CalendarNoticeInvalidError
from services.catalog.domain.events import CalendarYearImported
from workdays import WorkCalendar, YearStatus, export_year

NOTICE_2027 = export_year(WorkCalendar.official().notice(2027)).replace(
    "# source: ", "# source: 国办发明电〔2026〕示例号 "
)
BAD = "# year: 2027\ndate,kind,name\n2027-13-01,HOLIDAY,元旦\n2027-01-01,FESTIVAL,\n"


def test_a_notice_is_published_word_for_word():
    year = CalendarYear.take(NOTICE_2027, read_notice(NOTICE_2027))
    assert year.stream_id == "calendar-2027"
    [event] = year.events
    assert event == CalendarYearImported(year=2027, notice=NOTICE_2027, source=year.source)
    assert "国办发明电〔2026〕示例号" in event.source


def test_the_same_notice_once_more_changes_nothing():
    year = CalendarYear.take(NOTICE_2027, read_notice(NOTICE_2027))
    year.events.clear()
    assert not year.correct(NOTICE_2027, read_notice(NOTICE_2027))
    assert year.events == []


def test_a_corrected_notice_replaces_the_first():
    year = CalendarYear.take(NOTICE_2027, read_notice(NOTICE_2027))
    corrected = NOTICE_2027.replace("示例号", "更正")
    assert year.correct(corrected, read_notice(corrected))
    assert year.notice == corrected
    assert len(year.events) == 2


def test_every_error_of_a_notice_is_reported_at_once():
    with pytest.raises(CalendarNoticeInvalidError) as refused:
        read_notice(BAD)
    descriptions = [field.description for field in refused.value.fields]
    assert any("DATE_INVALID" in each for each in descriptions)
    assert any("KIND_INVALID" in each for each in descriptions)
    assert any("NAME_MISSING" in each for each in descriptions)
    assert any("SOURCE_MISSING" in each for each in descriptions)
    assert refused.value.facts == {"count": str(len(descriptions)), "lines": "3、4"}


def test_a_file_of_nonsense_is_refused_with_an_answer_of_bounded_length():
    with pytest.raises(CalendarNoticeInvalidError) as refused:
        read_notice("x\n" * 9000)
    assert len(refused.value.fields) <= 40
    text = MessageCatalogue.load("services.catalog").say(refused.value.reason, refused.value.facts)
    assert len(text) < 200


def test_an_imported_year_settles_the_calendar():
    shipped = WorkCalendar.official()
    assert shipped.status(2027) is YearStatus.PROVISIONAL
    calendar = calendar_with(shipped, [NOTICE_2027])
    assert calendar.status(2027) is YearStatus.PUBLISHED
    assert not calendar.add(date(2026, 12, 4), 20).provisional
