"""UPU S10 and the numbers of EMS: the vectors of domain.md 7.2."""

from __future__ import annotations

import pytest

from services.delivery.domain.errors import WaybillInvalidError
from services.delivery.domain.waybills import is_waybill, require_waybill, s10_check_digit


@pytest.mark.parametrize(
    "number",
    ["RR473124829GB", "EE123456785CN", "RA000000005CN", "EE471108151FR", "EB000717618HK"],
)
def test_the_check_digits_of_known_letters_are_right(number):
    assert is_waybill("EMS", number)


@pytest.mark.parametrize(
    ("serial", "check"),
    [
        pytest.param("12345678", 5, id="plain"),
        pytest.param("00000000", 5, id="eleven-becomes-five"),
        pytest.param("47312482", 9, id="nine"),
        pytest.param("10100000", 0, id="ten-becomes-nought"),
    ],
)
def test_ten_becomes_nought_and_eleven_five(serial, check):
    assert s10_check_digit(serial) == check


@pytest.mark.parametrize("digit", "012346789")
def test_every_other_check_digit_is_refused(digit):
    with pytest.raises(WaybillInvalidError) as caught:
        require_waybill("EMS", f"EE12345678{digit}CN")
    assert (caught.value.reason, caught.value.facts) == ("WAYBILL_INVALID", {"carrier": "EMS"})


@pytest.mark.parametrize(
    ("carrier", "number", "may"),
    [
        pytest.param("EMS", "1234567890123", True, id="thirteen-digits"),
        pytest.param("EMS", "123456789012", False, id="twelve-digits"),
        pytest.param("EMS", "12345678901234", False, id="fourteen-digits"),
        pytest.param("EMS", "SF1234567890123", False, id="another-carrier-s"),
        pytest.param("EMS", "１２３４５６７８９０１２３", False, id="full-width"),
        pytest.param("EMS", "ee123456785cn", False, id="lower-case"),
        pytest.param("EMS", "EE123456785CN ", False, id="space"),
        pytest.param("EMS", "", False, id="empty"),
        pytest.param("SF", "SF1234567890123", True, id="sf"),
        pytest.param("SF", "SF-1", False, id="sf-malformed"),
    ],
)
def test_other_forms_are_judged_by_their_form(carrier, number, may):
    assert is_waybill(carrier, number) is may
