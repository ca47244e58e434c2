"""The counter in the domain: who transfers a case and who counts originals (readings 1, 4, 13)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from services.intake.domain import counter_errors, errors, originals, transfer
from services.intake.domain.counter_rules import Destinations
from services.intake.domain.originals import Counted
from services.intake.domain.values import WindowUnit
from services.intake.tests import builders as b

TOWN = WindowUnit(code="T01", name="镇街窗口", unit_path="/T01/")


def move(case, act=None, to_window="T01", competent=(TOWN,)):
    there = Destinations(competent)
    return transfer.transfer(case, to_window, there, act or b.at_window(), b.CALENDAR)


def count(case, *counted, act=None, second="p-colleague", shipment="S-1"):
    said = [Counted(material_code=code, paper_pieces=pieces) for code, pieces in counted]
    return originals.register(case, shipment, said, second, act or b.at_window(b.NEXT_DAY))


def unlettered():
    case = b.complete(powers=frozenset())
    case.incompetent = True
    return case


@pytest.mark.parametrize("act_on_case", [move, lambda case, act: count(case, ("M01", 1), act=act)])
@pytest.mark.parametrize(
    ("act", "error"),
    [
        pytest.param(b.at_window(unit=b.W02), errors.NotTheReceivingWindowError, id="another"),
        pytest.param(b.at_department(), errors.NotAWindowPostError, id="a-department"),
    ],
)
def test_only_the_window_that_has_the_case_transfers_it_or_counts_for_it(act_on_case, act, error):
    case = unlettered()
    with pytest.raises(error):
        act_on_case(case, act)
    assert (case.window_unit, case.originals) == (b.W01, [])


def test_r1_3_the_applicant_reads_where_the_case_went_and_who_had_it():
    case = unlettered()
    assert move(case)
    told = case.told[-1]
    assert (told.code, told.facts, told.unit) == (
        "CASE_TRANSFERRED", {"window": "镇街窗口"}, b.W01,
    )  # fmt: skip
    moved = case.events[-1]
    assert (moved.from_unit, moved.to_unit, moved.unit_path, moved.same_day) == (
        b.W01, "T01", "/T01/", True,
    )  # fmt: skip
    assert (case.window_unit, case.window_name, case.unit_path, case.incompetent) == (
        "T01", "镇街窗口", "/T01/", False,
    )  # fmt: skip


def test_readings_1_who_transfers_a_case_stays_a_person_of_the_front():
    case = unlettered()
    move(case, b.at_window(person="p-colleague"))
    assert set(case.front_persons) == {"p-clerk", "p-colleague"}


def test_r1_3_a_late_transfer_is_told_as_late():
    case = unlettered()
    assert not move(case, b.at_window(b.RECEIVED + timedelta(days=1)))
    assert (case.told[-1].code, case.told[-1].facts) == (
        "CASE_TRANSFERRED_LATE", {"window": "镇街窗口"},
    )  # fmt: skip
    assert not case.events[-1].same_day


def test_r2_7_what_was_counted_is_kept_with_who_counted_it_and_for_which_parcel():
    case = b.complete()
    assert count(case, ("M01", 2), ("M04", 1)) == 3
    assert [
        (each.shipment, each.material_code, each.paper_pieces, each.counted_by, each.second_person)
        for each in case.originals
    ] == [
        ("S-1", "M01", 2, "p-clerk", "p-colleague"),
        ("S-1", "M04", 1, "p-clerk", "p-colleague"),
    ]  # fmt: skip
    assert {each.counted_at for each in case.originals} == {b.NEXT_DAY}
    assert (case.material("M01").paper_pieces, case.material("M04").paper_pieces) == (3, 2)
    told, fact = case.told[-1], case.events[-1]
    assert (told.code, told.facts, told.unit) == ("ORIGINALS_RECEIVED", {"pieces": "3"}, b.W01)
    assert (fact.shipment, fact.pieces) == ("S-1", 3)


def test_readings_1_both_who_counted_are_persons_of_the_front():
    case = b.complete()
    count(case, ("M01", 1), act=b.at_window(b.NEXT_DAY, "p-third"))
    assert {"p-third", "p-colleague"} <= set(case.front_persons)


def test_the_same_material_comes_again_in_another_parcel_and_a_parcel_only_once():
    case = b.complete()
    count(case, ("M01", 1))
    count(case, ("M01", 1), shipment="S-2")
    with pytest.raises(counter_errors.OriginalsAlreadyCountedError):
        count(case, ("M04", 1), shipment="S-2")
    assert [each.shipment for each in case.originals] == ["S-1", "S-2"]


def test_r2_7_nobody_counts_alone():
    case = b.complete()
    with pytest.raises(counter_errors.CountedAloneError):
        count(case, ("M01", 1), second="p-clerk")


def test_a_refusal_says_the_window_by_its_name_as_the_clerk_knows_it():
    case = unlettered()
    with pytest.raises(errors.NotTheReceivingWindowError) as caught:
        move(case, b.at_window(unit=b.W02))
    assert caught.value.facts["window"] == b.WINDOW.name
    with pytest.raises(counter_errors.TransferredToItselfError) as caught:
        move(case, to_window=b.W01)
    assert caught.value.facts["window"] == b.WINDOW.name
