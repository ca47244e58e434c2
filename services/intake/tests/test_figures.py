"""What intake counts for those who watch: silence that is about to accept."""

from __future__ import annotations

from datetime import timedelta

from prometheus_client import REGISTRY

from services.intake.adapters import figures
from services.intake.domain.values import civil_day
from services.intake.entrypoints import jobs


def silent(district):
    resources = district.harness.resources
    with resources.read_engine.connect() as connection:
        counted = figures.count(connection, civil_day(resources.clock.now()))
    return counted[figures.DEEMED_TOMORROW]


def test_a_case_is_counted_on_the_last_day_on_which_it_can_be_answered(district):
    district.receive_complete()
    window = district.read().window_unit
    assert silent(district) == {}
    district.clock.advance(timedelta(days=8))
    assert silent(district) == {("district", "", window): 1}
    district.clock.advance(timedelta(days=1))
    assert silent(district) == {}


def test_a_case_that_was_accepted_in_time_is_not_counted(district):
    district.receive_complete()
    district.accept()
    district.clock.advance(timedelta(days=8))
    assert silent(district) == {}


def test_the_jobs_put_the_figures_up(district):
    district.receive_complete()
    window = district.read().window_unit
    district.clock.advance(timedelta(days=8))
    [counting] = [
        each for each in jobs.sweeps(district.harness.resources) if each.name == "count_figures"
    ]
    counting.work()
    name = figures.DEEMED_TOMORROW.name
    assert (
        REGISTRY.get_sample_value(name, {"level": "district", "township": "", "unit": window}) == 1
    )
    assert REGISTRY.get_sample_value(
        "liandong_figures_counted_timestamp_seconds", {"service": "intake"}
    )
