from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from servicekit.printing.linebreak import CANNOT_END, CANNOT_START, Measure, break_lines
from servicekit.printing.typeface import typeface

MEASURE = Measure(typeface(), 10.0)
TEN_CHARACTERS = 100.0


def lines(text, *, width=TEN_CHARACTERS, **options):
    return [line.text for line in break_lines(text, MEASURE, width, **options)]


@pytest.mark.parametrize("mark", list("，。；：？！、》）”’】〕"))
def test_closing_punctuation_never_begins_a_line(mark):
    broken = lines("一二三四五六七八九十" + mark + "后面还有文字")

    assert not any(line[0] in CANNOT_START for line in broken)
    assert "".join(broken) == "一二三四五六七八九十" + mark + "后面还有文字"


@pytest.mark.parametrize("mark", list("《（“‘【〔"))
def test_opening_punctuation_never_ends_a_line(mark):
    assert lines("一二三四五六七八九" + mark + "后面还有文字")[0] == "一二三四五六七八九"


@pytest.mark.parametrize("whole", ["2026", "——", "……", "370306********1234", "09:30"])
def test_what_belongs_together_is_not_divided(whole):
    for before in range(12):
        text = "字" * before + whole + "字" * 9
        assert any(whole in line for line in lines(text, width=110.0))


def test_a_code_that_is_longer_than_any_number_may_be_divided():
    code = "11370306MB2852XXXX4370131008002"

    broken = lines("实施编码：" + code, width=200.0)

    assert "".join(broken) == "实施编码：" + code
    assert len(broken[0]) > len("实施编码：")


def test_one_closing_mark_is_squeezed_into_the_line():
    broken = break_lines(
        "一二三四五六七八九十一二三四五六七八九十二，后", Measure(typeface(), 10.0), 210.0
    )

    assert broken[0].text.endswith("，")
    assert broken[0].width == pytest.approx(210.0)
    assert broken[0].tracking < 0


def test_the_first_line_is_indented_and_the_last_is_not_stretched():
    broken = break_lines("字" * 25, MEASURE, TEN_CHARACTERS, indent=20.0)

    assert [len(line.text) for line in broken] == [8, 10, 7]
    assert broken[-1].tracking == 0


def test_full_lines_are_as_wide_as_the_page():
    broken = break_lines("共12个工作日内的材料" * 9, MEASURE, TEN_CHARACTERS)

    assert {round(line.width, 6) for line in broken[:-1]} == {100.0}


TEXTS = st.text(st.sampled_from("办件材料受理12A（）《》，。、：“”—… "), max_size=120)


@given(TEXTS, st.integers(12, 28))
def test_no_text_is_lost_and_no_rule_is_broken(text, characters):
    broken = break_lines(text, MEASURE, characters * 10.0, indent=20.0)

    assert re.sub(" ", "", "".join(line.text for line in broken)) == text.replace(" ", "")
    assert all(line.width <= characters * 10.0 + 0.1 for line in broken)
    if not re.search(rf"[{re.escape(CANNOT_START + CANNOT_END)} ]{{4}}|[A-Z0-9]{{9}}", text):
        assert not any(line.text[0] in "，。、：”）》" for line in broken[1:] if line.text)
        assert not any(line.text[-1] in "（《“" for line in broken[:-1] if line.text)
