from __future__ import annotations

import copy
import logging

import pytest
from hypothesis import given
from hypothesis import strategies as st

from servicekit import masking
from servicekit.masking import Masked, redact, scrub


def table(cases):
    return [pytest.param(value, expected, id=name) for name, value, expected in cases]


@pytest.mark.parametrize(
    ("name", "expected"),
    table(
        [
            ("two", "张三", "张*"),
            ("three", "李小敏", "李*敏"),
            ("four", "欧阳小敏", "欧**敏"),
            ("with-dot", "买买提·艾力", "买****力"),
            ("one", "张", "*"),
            ("none", "", "*"),
            ("spaces-around", " 张三 ", "张*"),
        ]
    ),
)
def test_a_name_shows_its_ends(name, expected):
    assert masking.mask_name(name) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    table([("two", "张三", "张*"), ("three", "李小敏", "李**"), ("one", "张", "*")]),
)
def test_a_published_name_shows_its_first_character(name, expected):
    assert masking.mask_name_public(name) == expected


@pytest.mark.parametrize(
    ("number", "expected"),
    table(
        [
            ("citizen", "370306198212310014", "370306********0014"),
            ("check-x", "11010519491231002X", "110105********002X"),
            ("fifteen-digits", "370306821231001", "370306******001"),
            ("passport", "E12345678", "E******78"),
            ("too-short", "1234567", "*******"),
            ("none", "", ""),
        ]
    ),
)
def test_an_id_number_hides_the_birthday(number, expected):
    assert masking.mask_id_number(number) == expected


@pytest.mark.parametrize(
    ("number", "expected"),
    table(
        [
            ("citizen", "370306198212310018", "3****************8"),
            ("short", "E1234", "*****"),
        ]
    ),
)
def test_a_public_screen_shows_the_ends_of_an_id_number(number, expected):
    assert masking.mask_id_number_public(number) == expected


@pytest.mark.parametrize(
    ("phone", "expected"),
    table(
        [
            ("mobile", "13812343210", "138****3210"),
            ("grouped", "138 1234-3210", "138****3210"),
            ("country-code", "+86 13812343210", "138****3210"),
            ("country-code-without-plus", "8613812343210", "138****3210"),
            ("landline", "0533-6180012", "053******12"),
            ("local", "6180012", "*******"),
        ]
    ),
)
def test_a_phone_number_hides_its_middle(phone, expected):
    assert masking.mask_phone(phone) == expected


@pytest.mark.parametrize(
    ("address", "expected"),
    table(
        [
            ("town", "山东省淄博市周村区北郊镇大姜村12号", "山东省淄博市周村区北郊镇***"),
            ("village-in-the-name", "周村区王村镇王村王路3号", "周村区王村镇***"),
            ("street-office", "周村区丝绸路街道和平社区3号楼2单元", "周村区丝绸路街道***"),
            ("doubled-name", "淄博市周村区大街街道新建路98号", "淄博市周村区大街街道***"),
            ("full-office-name", "周村区永安街道办事处1号", "周村区永安街道办事处***"),
            (
                "city-named-like-a-town",
                "江苏省镇江市丹徒区辛丰镇1号",
                "江苏省镇江市丹徒区辛丰镇***",
            ),
            ("porcelain", "江西省景德镇市浮梁县浮梁镇1号", "江西省景德镇市浮梁县浮梁镇***"),
            ("township", "河南省新乡市新乡县合河乡一村", "河南省新乡市新乡县合河乡***"),
            ("market-after-town", "周村区萌水镇市场路1号", "周村区萌水镇***"),
            ("no-town", "山东省淄博市周村区新建路98号", "山东省淄博市周村区***"),
            ("number-before-the-town", "周村区新建路98号老镇巷", "周村区***"),
            ("autonomous-region", "广西壮族自治区南宁市", "***"),
            ("only-a-house", "3号楼2单元", "***"),
            ("spaces", " 周村区 北郊镇 大姜村 ", "周村区北郊镇***"),
            ("none", "", "***"),
        ]
    ),
)
def test_an_address_ends_at_the_town(address, expected):
    assert masking.mask_address(address) == expected


@pytest.mark.parametrize(
    ("number", "expected"),
    table(
        [
            ("nineteen", "6222020200112233445", "***************3445"),
            ("grouped", "6222 0202 0011 2233", "************2233"),
            ("short", "12345678", "********"),
        ]
    ),
)
def test_a_bank_card_shows_the_last_four(number, expected):
    assert masking.mask_bank_card(number) == expected


@pytest.mark.parametrize(
    ("mask", "shown"),
    [
        pytest.param(masking.mask_name, 2, id="name"),
        pytest.param(masking.mask_name_public, 1, id="name-public"),
        pytest.param(masking.mask_id_number, 10, id="id"),
        pytest.param(masking.mask_id_number_public, 2, id="id-public"),
        pytest.param(masking.mask_phone, 7, id="phone"),
        pytest.param(masking.mask_bank_card, 4, id="bank-card"),
    ],
)
@given(value=st.text(alphabet="0123456789周村Xx ", max_size=30))
def test_no_mask_ever_shows_more_than_its_rule(mask, shown, value):
    assert len(mask(value).replace("*", "")) <= shown


@given(st.text(alphabet="山东省淄博市周村区镇街道乡号0123456789", max_size=30))
def test_a_masked_address_never_shows_a_house_number(address):
    assert not any(character.isdigit() for character in masking.mask_address(address))


def test_a_masked_value_prints_masked_everywhere_and_reveals_on_purpose(caplog):
    value = Masked("李小敏", masking.mask_name)
    with caplog.at_level(logging.INFO):
        logging.getLogger("test").info("who=%s %r", value, value)
    assert f"{value} {value!r} {value:>5}" == "李*敏 Masked('李*敏')   李*敏"
    assert "李小敏" not in caplog.text
    assert value.reveal() == "李小敏"


def test_a_masked_value_is_not_stored_or_sent():
    with pytest.raises(TypeError, match="not stored"):
        copy.copy(Masked("李小敏", masking.mask_name))


def test_a_log_masks_known_fields_at_any_depth_and_keeps_the_rest():
    given_fields = {
        "event": "received",
        "applicant_phone": "13812343210",
        "Id-Number": "370306198212310014",
        "authorization": "Bearer abc",
        "remote_address": "10.0.0.7",
        "count": 3,
        "nothing": None,
        "phone": None,
        "people": [{"person_name": "李小敏"}, {"person_name": "张三"}],
        "address": {"town": "北郊镇", "house": "12号"},
        "token": {"access": "abc"},
        "mobile": ["13812343210"],
        "raw": b"abc",
        "masked": Masked("李小敏", masking.mask_name),
    }
    assert redact(given_fields) == {
        "event": "received",
        "applicant_phone": "138****3210",
        "Id-Number": "370306********0014",
        "authorization": "***",
        "remote_address": "10.0.0.7",
        "count": 3,
        "nothing": None,
        "phone": None,
        "people": [{"person_name": "李*敏"}, {"person_name": "张*"}],
        "address": {"town": "北郊镇***", "house": "***"},
        "token": {"access": "***"},
        "mobile": ["138****3210"],
        "raw": "<3 bytes>",
        "masked": "李*敏",
    }


def test_redacting_leaves_the_original_alone():
    original = {"phone": "13812343210", "list": [{"phone": "13812343210"}]}
    redact(original)
    assert original == {"phone": "13812343210", "list": [{"phone": "13812343210"}]}


@pytest.mark.parametrize(
    ("text", "expected"),
    table(
        [
            ("id", "申请人370306198212310014已到", "申请人370306********0014已到"),
            ("id-x", "(11010519491231002x)", "(110105********002x)"),
            ("phone", "call 13812343210.", "call 138****3210."),
            ("longer-number", "sequence 1381234321012345", "sequence 1381234321012345"),
            (
                "trace",
                "trace 4bf92f3577b34da6a3ce929d0e0e4736",
                "trace 4bf92f3577b34da6a3ce929d0e0e4736",
            ),
            ("not-a-month", "370306198299310014", "370306198299310014"),
        ]
    ),
)
def test_numbers_of_people_are_masked_within_any_text(text, expected):
    assert scrub(text) == expected
