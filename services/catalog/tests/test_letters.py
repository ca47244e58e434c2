from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from services.catalog.domain.errors import (
    ItemOfAnotherAuthorityError,
    ItemRepeatedError,
    ItemUnknownError,
    LetterPeriodInvalidError,
    NotAWindowError,
)
from services.catalog.domain.events import LetterSigned
from services.catalog.domain.letters import AuthorisationLetter, ItemPowers, Power, letter_for
from services.catalog.domain.units import Unit, UnitKind

OFFICE, OTHER = "370306000000-D01", "370306000000-D02"
FOOD, AIR = "370306-01-001", "370306-01-005"
DECIDING = {FOOD: OFFICE, AIR: OTHER}
SIGNED_AT = datetime(2025, 12, 20, 1, 0, tzinfo=UTC)
NOON = datetime(2026, 9, 7, 4, 0, tzinfo=UTC)


def window(kind=UnitKind.WINDOW):
    code = "370306000000-C1-W01"
    return Unit(code=code, name="综合窗口1", kind=kind, parent="370306000000-C1", unit_path="/")


def powers(item_code=FOOD, *names):
    return ItemPowers(item_code=item_code, powers=names or (Power.RECEIVE, Power.ACCEPT))


def letter(number="1号", **changes):
    values = {
        "letter": number,
        "authority": OFFICE,
        "window": window(),
        "signatory": "负责人（示例）",
        "from_date": date(2026, 1, 1),
        "until_date": date(2028, 1, 1),
        "item_powers": (powers(),),
        "scan_sha256": "0" * 64,
        "signed_at": SIGNED_AT,
        "deciding": DECIDING,
        "untrained": {},
    }
    return AuthorisationLetter.sign(**values | changes)


def test_a_letter_gives_the_powers_it_lists_for_the_item_r3_4():
    assert letter().powers(FOOD, NOON) == (Power.RECEIVE, Power.ACCEPT)


def test_a_letter_gives_nothing_for_an_item_it_does_not_list():
    assert letter().powers(AIR, NOON) == ()


@pytest.mark.parametrize(
    ("at", "in_force"),
    [
        pytest.param(datetime(2025, 12, 31, 15, 59, tzinfo=UTC), False, id="the-evening-before"),
        pytest.param(datetime(2025, 12, 31, 16, 0, tzinfo=UTC), True, id="midnight-in-china"),
        pytest.param(datetime(2027, 12, 31, 15, 59, tzinfo=UTC), True, id="the-last-minute"),
        pytest.param(datetime(2027, 12, 31, 16, 0, tzinfo=UTC), False, id="expired"),
    ],
)
def test_a_letter_is_in_force_for_whole_days_in_china(at, in_force):
    assert letter().in_force(at) is in_force
    assert bool(letter().powers(FOOD, at)) is in_force


def test_a_signed_letter_tells_so_in_its_own_stream():
    signed = letter()
    assert signed.events == [
        LetterSigned(letter="1号", authority=OFFICE, window_unit="370306000000-C1-W01")
    ]
    assert signed.stream_id == "1号"


def test_powers_are_kept_once_each_in_the_order_of_the_work():
    listed = powers(FOOD, Power.HAND_OUT, Power.RECEIVE, Power.HAND_OUT)
    assert letter(item_powers=(listed,)).powers(FOOD, NOON) == (Power.RECEIVE, Power.HAND_OUT)


@pytest.mark.parametrize("until", [date(2026, 1, 1), date(2025, 12, 31)])
def test_a_letter_ends_after_it_begins(until):
    with pytest.raises(LetterPeriodInvalidError):
        letter(until_date=until)


@pytest.mark.parametrize("kind", [kind for kind in UnitKind if kind is not UnitKind.WINDOW])
def test_only_a_window_acts_under_a_letter_readings_7(kind):
    with pytest.raises(NotAWindowError):
        letter(window=window(kind))


def test_a_letter_lists_known_items_only():
    with pytest.raises(ItemUnknownError):
        letter(item_powers=(powers("370306-01-999"),))


def test_an_authority_cannot_let_a_window_act_for_another_authority():
    with pytest.raises(ItemOfAnotherAuthorityError):
        letter(item_powers=(powers(), powers(AIR)))


def test_a_letter_lists_each_item_once():
    with pytest.raises(ItemRepeatedError):
        letter(item_powers=(powers(), powers()))


def test_without_a_letter_in_force_a_window_has_none():
    assert letter_for([], FOOD, NOON) is None
    assert letter_for([letter()], FOOD, NOON + timedelta(days=1000)) is None
    assert letter_for([letter()], AIR, NOON) is None


def test_of_several_letters_the_one_signed_last_holds():
    later = letter("2号", signed_at=SIGNED_AT + timedelta(days=30))
    assert letter_for([later, letter()], FOOD, NOON) is later


def test_a_letter_that_does_not_list_the_item_does_not_hide_one_that_does():
    other = letter("2号", signed_at=SIGNED_AT + timedelta(days=30), authority=OTHER,
                   item_powers=(powers(AIR),))  # fmt: skip
    assert letter_for([letter(), other], FOOD, NOON).letter == "1号"
