"""Paper goes to the departments whole: R4.5; readings 13."""

from __future__ import annotations

import pytest

from services.intake.domain import errors, notice
from services.intake.domain.case import Direction
from services.intake.domain.values import Channel
from services.intake.tests.builders import (
    CALENDAR,
    NEXT_DAY,
    accepted,
    at_window,
    correct,
    handed_over,
    noticed,
    on_paper,
    types,
)


@pytest.mark.parametrize("pieces", [1, 2, 4])
def test_r4_5_what_is_handed_over_is_all_the_paper_of_the_case(pieces):
    case = accepted()
    with pytest.raises(errors.CountDiffersError) as caught:
        handed_over(case, pieces=pieces)
    facts = caught.value.facts
    assert (facts["pieces_sent"], facts["pieces_found"]) == ("3", str(pieces))
    assert case.bundle(Direction.TO_DEPARTMENT) is None


def test_readings_13_a_file_that_cured_a_defect_is_no_piece_of_paper():
    case = noticed()
    correct(case, "M04", "M05")
    handed_over(accepted(case, act=at_window(NEXT_DAY)), pieces=2)
    assert types(case)[-1] == "bundle_handed_over"


def test_readings_13_paper_that_a_correction_brought_goes_along():
    case = noticed()
    brought = on_paper("M04", "M05")
    notice.submit_correction(case, brought, Channel.WINDOW, at_window(NEXT_DAY), CALENDAR)
    accepted(case)
    with pytest.raises(errors.CountDiffersError):
        handed_over(case, pieces=2)
    handed_over(case, pieces=4)
    assert case.bundle(Direction.TO_DEPARTMENT).pieces == 4
