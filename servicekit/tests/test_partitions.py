"""Partitions belong to PostgreSQL (`postgres/test_partitions_on_postgres.py`); SQLite has none."""

from __future__ import annotations

from datetime import date

import pytest

from servicekit.partitions import _next_month, ensure_partitions


def test_sqlite_has_no_partitions_and_needs_none(toy):
    with toy.engine.begin() as connection:
        assert ensure_partitions(connection, date(2026, 11, 22)) == []


@pytest.mark.parametrize(
    ("first", "following"),
    [
        (date(2026, 1, 1), date(2026, 2, 1)),
        (date(2026, 11, 1), date(2026, 12, 1)),
        (date(2026, 12, 1), date(2027, 1, 1)),
    ],
)
def test_a_month_is_followed_by_the_next_over_the_new_year(first, following):
    assert _next_month(first) == following
