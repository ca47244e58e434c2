from __future__ import annotations

import pytest

from bench.figures import median, percentile, slope_per_minute


@pytest.mark.parametrize(
    ("share", "expected"), [(0.5, 50), (0.95, 95), (0.99, 99), (1.0, 100), (0.001, 1)]
)
def test_a_percentile_is_the_nearest_rank(share, expected):
    values = list(range(100, 0, -1))

    assert percentile(values, share) == expected


def test_the_percentile_of_one_value_is_that_value():
    assert percentile([7.0], 0.99) == 7.0


def test_nothing_has_no_percentile():
    with pytest.raises(ValueError, match="nothing was measured"):
        percentile([], 0.5)


@pytest.mark.parametrize("share", [0.0, 1.1])
def test_a_share_lies_between_nothing_and_everything(share):
    with pytest.raises(ValueError, match="between 0 and 1"):
        percentile([1.0], share)


def test_the_median_of_an_even_number_is_the_lower_of_the_middle_two():
    assert median([4.0, 1.0, 3.0, 2.0]) == 2.0


def test_a_value_that_grows_by_two_in_thirty_seconds_grows_by_four_a_minute():
    assert slope_per_minute([(0, 10), (30, 12), (60, 14)]) == pytest.approx(4)


def test_a_flat_value_has_no_slope():
    assert slope_per_minute([(0, 5), (10, 5), (20, 5)]) == 0


@pytest.mark.parametrize("points", [[(0.0, 1.0)], [(3.0, 1.0), (3.0, 2.0)]])
def test_one_moment_has_no_slope(points):
    with pytest.raises(ValueError, match="point"):
        slope_per_minute(points)
