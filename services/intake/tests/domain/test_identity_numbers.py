"""GB 11643 and GB 32100, with what libraries get wrong (domain.md 5.1, 5.2)."""

from __future__ import annotations

import re
from datetime import date

import pytest

from services.intake.domain.errors import IdentityNumberInvalidError
from services.intake.domain.identity_numbers import (
    check_citizen_number,
    check_credit_code,
    check_number,
)
from services.intake.domain.values import ApplicantKind

TODAY = date(2026, 9, 21)


@pytest.mark.parametrize(
    "number",
    [
        pytest.param("11010519491231002X", id="sample-of-the-standard"),
        pytest.param("440524188001010014", id="older-than-the-county-code-and-very-old"),
        pytest.param("370306195001010018", id="born-before-zhoucun-had-its-code"),
        pytest.param("370306198212310014", id="born-the-day-before-it-had-one"),
        pytest.param("810000199408230021", id="residence-permit-of-hong-kong"),
        pytest.param("830000199201300022", id="residence-permit-of-taiwan"),
    ],
)
def test_a_citizens_number_is_kept(number):
    today = date(2010, 1, 1) if number.startswith("4405") else TODAY
    assert check_citizen_number(number, today).number == number


def test_a_small_x_is_the_same_number():
    assert check_citizen_number("11010519491231002x", TODAY).number == "11010519491231002X"


@pytest.mark.parametrize(
    ("number", "part"),
    [
        pytest.param("110105194912310021", "CHECK_CHARACTER", id="wrong-check-character"),
        pytest.param("370306202701010011", "BIRTH", id="born-next-year"),
        pytest.param("440524188001010014", "BIRTH", id="older-than-anybody"),
        pytest.param("370306198502300023", "BIRTH", id="thirtieth-of-february"),
        pytest.param("160306198503150022", "REGION", id="no-such-province"),
        pytest.param("03030619850315002X", "FORMAT", id="begins-with-zero"),
        pytest.param("３７0306198503150022", "FORMAT", id="full-width-digits"),
        pytest.param("37030619850315002", "FORMAT", id="too-short"),
        pytest.param("370306198503150022\n", "FORMAT", id="line-feed-behind-it"),
        pytest.param("3703061985X3150022", "FORMAT", id="letter-inside"),
    ],
)
def test_a_number_that_cannot_be_one_is_refused(number, part):
    with pytest.raises(IdentityNumberInvalidError) as caught:
        check_citizen_number(number, TODAY)
    assert caught.value.facts["part"] == part
    assert not re.search("[A-Za-z]", caught.value.facts["problem"])
    assert number.strip() not in str(caught.value)


@pytest.mark.parametrize(
    "code",
    [
        pytest.param("N2370306MA3TE5T03G", id="collective-of-a-village"),
        pytest.param("91370306MA3TE5T037", id="company"),
        pytest.param("A1370306MA3TE5T03U", id="begins-with-a-letter"),
        pytest.param("Y1370306MA3TE5T030", id="other-organisation"),
    ],
)
def test_a_credit_code_is_kept_whatever_register_gave_it(code):
    body = code[:17]
    whole = next(
        body + sign for sign in "0123456789ABCDEFGHJKLMNPQRTUWXY" if _accepted(body + sign)
    )
    assert check_credit_code(whole).number == whole


def _accepted(code):
    try:
        check_credit_code(code)
    except IdentityNumberInvalidError:
        return False
    return True


def test_the_published_samples_of_credit_codes_are_kept():
    for code in ("91350100M000100Y43", "N2370306MA3TE5T03G"):
        assert check_credit_code(code).number == code


@pytest.mark.parametrize("code", ["91350100M000100Y44", "9135010OM000100Y43", "91350100M000100Y4"])
def test_a_credit_code_that_cannot_be_one_is_refused(code):
    with pytest.raises(IdentityNumberInvalidError):
        check_credit_code(code)


def test_a_code_that_the_shared_register_confirms_is_kept_with_a_warning():
    code = "91350211M0000XUF46"
    with pytest.raises(IdentityNumberInvalidError):
        check_credit_code(code)
    assert "CREDIT_CODE_CHECK_CHARACTER" in check_credit_code(code, confirmed=True).warnings


def test_an_inner_code_that_does_not_check_is_a_warning_only():
    code = next(
        f"91370306MA3TE5T0{inner}{sign}"
        for inner in "012456789"
        for sign in "0123456789ABCDEFGHJKLMNPQRTUWXY"
        if _accepted(f"91370306MA3TE5T0{inner}{sign}")
    )
    assert check_credit_code(code).warnings == ("ORGANISATION_CODE_CHECK_CHARACTER",)


def test_the_kind_of_the_applicant_decides_which_number_it_is():
    assert check_number(ApplicantKind.NATURAL_PERSON, "11010519491231002X", TODAY).number
    assert check_number(ApplicantKind.ORGANISATION, "91350100M000100Y43", TODAY).number
    with pytest.raises(IdentityNumberInvalidError):
        check_number(ApplicantKind.NATURAL_PERSON, "91350100M000100Y43", TODAY)
