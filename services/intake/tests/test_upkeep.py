"""What time does: files nobody refers to, dates that settle late, a site that must be named."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from liandong.intake.v1 import intake_service_pb2 as pb
from pydantic import ValidationError
from sqlalchemy import select

from servicekit.testing import demonstration_settings
from services.intake import handlers
from services.intake.adapters import orm
from services.intake.bootstrap import blob_store, settings_of
from services.intake.config import IntakeSettings
from services.intake.entrypoints import jobs
from services.intake.tests.district import APPLICANT, PNG


def sweep(district, name):
    [found] = [each for each in jobs.sweeps(district.harness.resources) if each.name == name]
    found.work()


def test_a_file_is_swept_when_it_is_old_and_nobody_refers_to_it(district):
    orphan = district.upload(PNG + b"orphan")
    kept = district.upload(PNG + b"kept")
    materials = [pb.HandedIn(material_code="M01", sha256=kept)]
    district.receive(APPLICANT, channel=pb.CHANNEL_ONLINE, materials=materials)
    district.work()
    store = blob_store(settings_of(district.harness.resources))
    printed = district.documents()["MATERIALS_RECEIPT"].sha256
    for path in (Path(district.harness.resources.settings.blobs) / "blobs").rglob("*"):
        os.utime(path, (0, 0))
    young = district.upload(PNG + b"young")
    sweep(district, "sweep_blobs")
    assert set(store.names()) == {kept, printed, young}
    assert orphan not in store.names()


def test_a_provisional_date_that_the_import_missed_is_settled_by_the_next_round(district):
    district.receive_complete()
    district.accept()
    with district.harness.resources.engine.begin() as connection:
        connection.execute(orm.case_file.update().values(statutory_due_provisional=True))
    sweep(district, "recompute_dates")
    assert district.read().statutory_due.provisional is False


def three_silent_cases(district):
    numbers = []
    for _ in range(3):
        district.receive_complete()
        numbers.append(district.number)
    district.clock.advance(timedelta(days=9))
    return numbers


def failing_for(number, do):
    def handler(case_number, *, uow):
        if case_number == number:
            raise RuntimeError(number)
        return do(case_number, uow=uow)

    return handler


@pytest.mark.parametrize("page", [1, 2, 100])
def test_a_case_that_cannot_be_settled_does_not_keep_the_others_waiting(
    district, monkeypatch, caplog, page
):
    numbers = three_silent_cases(district)
    monkeypatch.setattr(jobs, "PAGE", page)
    monkeypatch.setattr(handlers, "settle_case", failing_for(numbers[0], handlers.settle_case))
    with pytest.raises(ExceptionGroup) as caught:
        sweep(district, "record_deemed_acceptance")
    assert [str(each) for each in caught.value.exceptions] == [numbers[0]]
    accepted = select(orm.case_file.c.number).where(orm.case_file.c.accepted_at.is_not(None))
    assert {row.number for row in district.rows(accepted)} == set(numbers[1:])
    failed = [each for each in caplog.records if each.message == "sweep_failed_for_case"]
    assert [each.case for each in failed] == [numbers[0]]


def test_a_case_that_cannot_be_recomputed_does_not_keep_the_others_waiting(district, monkeypatch):
    numbers = three_silent_cases(district)
    with district.harness.resources.engine.begin() as connection:
        connection.execute(orm.case_file.update().values(notice_due_provisional=True))
    monkeypatch.setattr(jobs, "PAGE", 1)
    failing = failing_for(numbers[1], handlers.recompute_dates)
    monkeypatch.setattr(handlers, "recompute_dates", failing)
    with pytest.raises(ExceptionGroup, match="recompute_dates"):
        sweep(district, "recompute_dates")
    still = select(orm.case_file.c.number).where(orm.case_file.c.notice_due_provisional)
    assert [row.number for row in district.rows(still)] == [numbers[1]]


def test_a_production_site_says_which_site_it_is(tmp_path):
    base = demonstration_settings(tmp_path, "postgresql://u@h/d").model_dump()
    base |= {"profile": "production", "amqp_url": "amqps://u@h/v"}
    with pytest.raises(ValidationError, match="SITE_UNIT"):
        IntakeSettings(**base)
    named = {
        "division": "370306", "site": "02", "site_unit": "370306001000-C1",
        "duty_window": "370306001000-C1-W01",
    }  # fmt: skip
    assert IntakeSettings(**base, **named).site == "02"


def test_other_settings_than_those_of_intake_do_not_start_it(district, tmp_path):
    settings = demonstration_settings(tmp_path, "sqlite://")
    with pytest.raises(TypeError, match="IntakeSettings"):
        settings_of(replace(district.harness.resources, settings=settings))
