"""Delivery with a carrier and an intake beside it."""

from __future__ import annotations

import pytest

from services.delivery.tests.parcels import make_parcels


@pytest.fixture
def parcels(tmp_path):
    built = make_parcels(tmp_path)
    yield built
    built.resources.close()
