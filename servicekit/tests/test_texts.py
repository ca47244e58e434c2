from __future__ import annotations

import logging
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import UndefinedError

from servicekit.texts import (
    DocumentTemplates,
    DuplicateReasonError,
    MessageCatalogue,
    MessageSyntaxError,
    MissingFactError,
    UnknownReasonError,
    chinese_date,
    chinese_instant,
    chinese_numeral_date,
    full_width,
    full_width_punctuation,
    half_width,
)

NOTIFIED = """
[ALREADY_NOTIFIED]
text = "办件 {case} 已一次性告知，不得再次要求补正。"
source = "S-03"
"""


@pytest.fixture
def package(tmp_path, monkeypatch):
    """Return a function that makes an importable package with Chinese texts."""
    monkeypatch.syspath_prepend(tmp_path)

    def make(name, messages=None, **documents):
        folder = tmp_path / name / "texts" / "zh-CN"
        (folder / "documents").mkdir(parents=True)
        (tmp_path / name / "__init__.py").touch()
        if messages is not None:
            (folder / "messages.toml").write_text(messages, encoding="utf-8")
        for document, text in documents.items():
            (folder / "documents" / f"{document}.xml.j2").write_text(text, encoding="utf-8")
        return name

    return make


def test_a_reason_is_said_in_chinese_with_its_facts(package):
    catalogue = MessageCatalogue.load(package("intake_said", NOTIFIED))

    said = catalogue.say("ALREADY_NOTIFIED", {"case": "ZC-1", "unused": "x"})

    assert said == "办件 ZC-1 已一次性告知，不得再次要求补正。"
    assert catalogue.source("ALREADY_NOTIFIED") == "S-03"


@pytest.mark.parametrize(
    ("fact", "said"),
    [
        pytest.param("2026-09-04", "2026年9月4日", id="a-day"),
        pytest.param("2026-13-01", "2026-13-01", id="no-day"),
        pytest.param("370306-01-20260921-00001-C", "370306-01-20260921-00001-C", id="a-number"),
    ],
)
def test_a_day_is_said_as_official_documents_write_it(package, fact, said):
    catalogue = MessageCatalogue.load(package("intake_day", NOTIFIED))

    assert said in catalogue.say("ALREADY_NOTIFIED", {"case": fact})


def test_what_is_wrong_with_a_request_is_named_in_chinese():
    catalogue = MessageCatalogue.load("servicekit")
    named = "summary, materials[1].defect, applicant.phone, *, unheard_of"

    said = catalogue.say("MALFORMED_REQUEST", {"fields_named": named})

    assert "申请内容摘要、材料第2项的问题、申请人的电话、全部内容、unheard_of。" in said


def test_a_fact_with_braces_is_said_as_it_is(package):
    catalogue = MessageCatalogue.load(package("intake_braces", NOTIFIED))

    assert "{case}" in catalogue.say("ALREADY_NOTIFIED", {"case": "{case}"})


def test_sentences_of_several_packages_are_one_catalogue(package):
    kit = package("kit_texts", '[STALE_REVISION]\ntext = "数据已变化。"\n')

    catalogue = MessageCatalogue.load(kit, package("intake_more", NOTIFIED))

    assert catalogue.reasons() == {"STALE_REVISION", "ALREADY_NOTIFIED"}


def test_one_reason_has_one_sentence(package):
    with pytest.raises(DuplicateReasonError, match="ALREADY_NOTIFIED"):
        MessageCatalogue.load(package("first", NOTIFIED), package("second", NOTIFIED))


@pytest.mark.parametrize(
    ("reason", "facts"),
    [
        pytest.param("NEVER_WRITTEN", {}, id="no-sentence"),
        pytest.param("ALREADY_NOTIFIED", {"other": "1"}, id="a-fact-is-missing"),
    ],
)
def test_a_clerk_reads_a_sentence_even_when_the_catalogue_is_at_fault(
    package, caplog, reason, facts
):
    catalogue = MessageCatalogue.load(package(f"fault_{reason.lower()}", NOTIFIED))

    with caplog.at_level(logging.ERROR):
        said = catalogue.say(reason, facts)

    assert said == f"操作未完成（原因代码：{reason}），请联系系统管理员。"
    assert [record.reason for record in caplog.records] == [reason]


def test_verify_names_what_the_clerk_would_have_missed(package):
    catalogue = MessageCatalogue.load(package("verified", NOTIFIED))

    catalogue.verify("ALREADY_NOTIFIED", ["case"])
    with pytest.raises(MissingFactError, match="case"):
        catalogue.verify("ALREADY_NOTIFIED", ["applicant"])
    with pytest.raises(UnknownReasonError):
        catalogue.verify("NEVER_WRITTEN", [])


@pytest.mark.parametrize(
    "entry",
    [
        pytest.param('[R]\ntext = "{case.id}"', id="reaches-into-an-object"),
        pytest.param('[R]\ntext = "{case[0]}"', id="reaches-into-a-list"),
        pytest.param('[R]\ntext = "{case!r}"', id="conversion"),
        pytest.param('[R]\ntext = "{amount:>8}"', id="format"),
        pytest.param('[R]\ntext = "{}"', id="nameless"),
        pytest.param('[R]\ntext = "{case"', id="unclosed"),
        pytest.param('[R]\ntext = ""', id="empty"),
        pytest.param('[R]\nsource = "S-03"', id="no-text"),
        pytest.param('[R]\ntext = "好"\ntxt = "好"', id="unknown-key"),
        pytest.param('R = "好"', id="not-a-table"),
    ],
)
def test_an_entry_that_cannot_be_used_is_refused_at_load(package, request, entry):
    name = package("bad_" + request.node.callspec.id.replace("-", "_"), entry)

    with pytest.raises(MessageSyntaxError, match=name):
        MessageCatalogue.load(name)


def test_a_day_is_written_without_leading_zeros():
    assert chinese_date(date(2026, 9, 4)) == "2026年9月4日"


def test_an_instant_is_not_taken_for_a_day():
    with pytest.raises(TypeError):
        chinese_date(datetime(2026, 9, 14, 20, 0, tzinfo=UTC))


def test_an_instant_is_printed_in_china_standard_time():
    assert chinese_instant(datetime(2026, 9, 14, 16, 5, tzinfo=UTC)) == "2026年9月15日0时05分"


def test_an_instant_without_a_zone_is_refused():
    with pytest.raises(TypeError):
        chinese_instant(datetime(2026, 9, 14, 9, 30))  # noqa: DTZ001


@pytest.mark.parametrize(
    ("day", "written"),
    [
        (date(2026, 9, 14), "二〇二六年九月十四日"),
        (date(2030, 10, 10), "二〇三〇年十月十日"),
        (date(2026, 12, 20), "二〇二六年十二月二十日"),
        (date(2027, 1, 31), "二〇二七年一月三十一日"),
    ],
    ids=str,
)
def test_a_day_in_numerals_of_the_written_language(day, written):
    assert chinese_numeral_date(day) == written


@given(st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E)))
def test_full_width_and_back_is_the_same_text(text):
    assert half_width(full_width(text)) == text
    assert full_width(text).isascii() is (text == "")


@pytest.mark.parametrize(
    ("typed", "printed"),
    [
        ("材料齐全,符合法定形式;", "材料齐全，符合法定形式；"),
        ("身份证(复印件)", "身份证（复印件）"),
        ("费用1,000元 (EMS)", "费用1,000元 (EMS)"),
        ("https://a.cn/?q=1", "https://a.cn/?q=1"),
    ],
)
def test_only_the_punctuation_of_chinese_becomes_full_width(typed, printed):
    assert full_width_punctuation(typed) == printed


def test_a_document_escapes_what_people_typed(package):
    templates = DocumentTemplates(package("docs_escape", letter="<p>{{ name }}</p>"))

    assert templates.render("letter.xml.j2", name="甲<乙 & 丙") == "<p>甲&lt;乙 &amp; 丙</p>"


def test_a_document_with_a_gap_is_not_rendered(package):
    templates = DocumentTemplates(package("docs_gap", letter="{{ name }}于{{ day }}"))

    with pytest.raises(UndefinedError, match="day"):
        templates.render("letter.xml.j2", name="甲")


def test_a_document_writes_dates_through_the_filters(package):
    text = "{{ on | chinese_date }}|{{ at | chinese_instant }}|{{ on | chinese_numeral_date }}"
    templates = DocumentTemplates(package("docs_dates", letter=text, annex="附"))

    rendered = templates.render(
        "letter.xml.j2", on=date(2026, 9, 14), at=datetime(2026, 9, 14, 1, 30, tzinfo=UTC)
    )

    assert rendered == "2026年9月14日|2026年9月14日9时30分|二〇二六年九月十四日"
    assert templates.names() == ["annex.xml.j2", "letter.xml.j2"]
