"""What delivery counts for those who watch: every parcel, and those that stand still."""

from __future__ import annotations

from datetime import timedelta

import pytest

from services.delivery.adapters import figures


def counted(parcels, after):
    with parcels.resources.read_engine.connect() as connection:
        return figures.count(connection, parcels.clock.now() + after)


def test_a_parcel_is_counted_by_direction_and_state(parcels):
    parcels.under_way()
    assert counted(parcels, timedelta(0))[figures.PARCELS] == {("OUTBOUND", "ACCEPTED"): 1}


@pytest.mark.parametrize(
    ("after", "stuck"),
    [
        (timedelta(days=2), {}),
        (timedelta(days=2, seconds=1), {("OUTBOUND", "pick_up"): 1}),
    ],
    ids=["in time", "too long"],
)
def test_a_parcel_that_nobody_picks_up_is_stuck(parcels, after, stuck):
    parcels.under_way()
    assert counted(parcels, after)[figures.STUCK] == stuck


def test_a_parcel_that_nobody_ordered_is_stuck_after_a_day(parcels):
    parcels.receive()
    parcels.dispatch()
    assert counted(parcels, timedelta(days=1))[figures.STUCK] == {}
    assert counted(parcels, timedelta(days=1, seconds=1))[figures.STUCK] == {
        ("OUTBOUND", "order"): 1
    }
