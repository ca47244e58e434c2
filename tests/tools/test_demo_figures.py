"""What the demonstration prints of a ratio: a share in percent, a mean in its unit."""

from __future__ import annotations

import pytest
from liandong.metrics.v1.metrics_service_pb2 import Fraction

from cli.demo import _fraction


@pytest.mark.parametrize(
    ("fraction", "unit", "printed"),
    [
        pytest.param(Fraction(numerator=1, denominator=4), "", "1/4（25.0%）", id="share"),
        pytest.param(Fraction(numerator=-9, denominator=5), "", "-9/5（-180.0%）", id="slower"),
        pytest.param(
            Fraction(numerator=17, denominator=2), "工作日", "17/2（8.5 工作日）", id="mean"
        ),
        pytest.param(Fraction(), "工作日", "0/0（—）", id="nothing-to-count"),
        pytest.param(None, "", "—", id="not-declared"),
    ],
)
def test_a_mean_is_never_printed_as_a_percentage(fraction, unit, printed):
    assert _fraction(fraction, unit) == printed
