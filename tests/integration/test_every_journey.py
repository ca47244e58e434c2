"""What holds of every journey, in both modes: read again, explained, told in Chinese."""

from __future__ import annotations

import re

import pytest

from journeys.every import all_journeys
from journeys.reread import reread

LATIN = re.compile(r"[A-Za-z]{4,}")
NUMBERS = [journey.id for journey in all_journeys()]


@pytest.mark.parametrize("number", NUMBERS)
def test_every_fact_reads_the_same_in_another_role(driven, number):
    told = driven.journey(number)
    assert "五个服务一致" in reread(driven.world, told.case_number)


@pytest.mark.parametrize("number", NUMBERS)
def test_every_refusal_is_explained_to_whoever_was_refused(driven, number):
    refusals = driven.journey(number).log.refusals
    assert [each for each in refusals if not each.text or not each.reason] == []


@pytest.mark.parametrize("number", NUMBERS)
def test_the_timeline_speaks_to_people(driven, number):
    case_number = driven.journey(number).case_number
    supervisor = driven.world.staff("p-0401")
    entries = driven.world.do(supervisor, "intake", "GetTimeline", case_number=case_number).entries
    assert entries
    assert [each.text for each in entries if not each.text or LATIN.search(each.text)] == []


def test_the_journeys_are_told_apart_by_their_numbers():
    assert len(set(NUMBERS)) == len(NUMBERS)
