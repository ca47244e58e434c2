from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from bench.driver import Spec
from bench.load import Load, Loaded, LoadError
from bench.people import citizen, receipts
from services.intake.domain.identity_numbers import check_citizen_number

SPEC = Spec(
    target="127.0.0.1:1",
    package="intake",
    method="ReceiveApplication",
    calls=[(f"token-{number}", {}) for number in range(240)],
    threads=16,
    warm_up=1,
    seconds=10,
    rate=90,
)


def test_the_drivers_share_threads_calls_and_rate_without_losing_any():
    shares = Load(SPEC, processes=3).of_each()

    assert [share.threads for share in shares] == [6, 5, 5]
    assert sum(share.rate for share in shares) == pytest.approx(90)
    tokens = [token for share in shares for token, _ in share.calls]
    assert sorted(tokens) == sorted(token for token, _ in SPEC.calls)


def test_there_are_no_more_drivers_than_threads():
    assert len(Load(replace(SPEC, threads=1), processes=3).of_each()) == 1


def test_only_accepted_calls_count():
    found = Loaded(
        seconds=2.0,
        milliseconds={"OK": [5.0, 6.0, 7.0, 8.0], "UNAVAILABLE": [1.0]},
        ended={},
        cpu={"api": 0.01, "pg": 0.006},
    )

    assert found.rate == 2
    assert found.cpu_ms("api", "pg") == pytest.approx(4)
    assert found.percentiles.p50 == 6.0
    with pytest.raises(LoadError, match="UNAVAILABLE"):
        found.require_clean()


def test_a_load_that_nobody_accepted_measured_nothing():
    found = Loaded(1.0, {"UNAVAILABLE": [1.0]}, {}, {"api": 1.0}, trouble="nobody listens")

    with pytest.raises(LoadError, match="nobody listens"):
        _ = found.percentiles


def test_every_token_applies_for_another_person():
    applied = [call.fields["applicant"]["person"] for call in receipts(["t"] * 240)]

    assert len(set(applied)) == 240


def test_the_citizens_have_numbers_that_are_well_formed():
    for number in range(300):
        found = check_citizen_number(citizen(number).identity_number, date(2026, 9, 21))
        assert not found.warnings


@pytest.mark.parametrize(("refused", "is_clean"), [(1, True), (2, False)])
def test_one_call_of_a_hundred_may_have_found_no_room(refused, is_clean):
    milliseconds = {"OK": [5.0] * 100, "RESOURCE_EXHAUSTED": [500.0] * refused}
    found = Loaded(1.0, milliseconds, {}, {}, trouble="too many calls")

    if is_clean:
        found.require_clean()
    else:
        with pytest.raises(LoadError, match="too many calls"):
            found.require_clean()
