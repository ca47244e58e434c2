"""Intake through its guarded methods, on SQLite, with fakes for the services it asks."""

from __future__ import annotations

import pytest

from services.intake.tests.district import IntakeDistrict


@pytest.fixture
def district(tmp_path):
    built = IntakeDistrict.open(tmp_path)
    yield built
    built.close()
