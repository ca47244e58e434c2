"""The database refuses what the domain refuses, where SQL can say it."""

from __future__ import annotations

from datetime import date

import pytest
from liandong.catalog.v1 import catalog_service_pb2 as pb
from sqlalchemy import delete, insert, update
from sqlalchemy.exc import DBAPIError, IntegrityError

from servicekit.migrations import differences
from services.catalog.adapters import orm
from services.catalog.tests.district import (
    APPROVER,
    FOOD,
    HEAD,
    SUPERVISOR,
    new_letter,
    publication,
    training,
)


def test_the_migrations_lead_to_the_models(district):
    assert differences(district.built.resources.engine, orm.metadata) == []


@pytest.mark.parametrize(
    "statement",
    [
        pytest.param(update(orm.item_version).values(number=9), id="change-a-version"),
        pytest.param(delete(orm.item_version), id="delete-a-version"),
        pytest.param(update(orm.authorisation_letter).values(signatory="x"), id="change-a-letter"),
        pytest.param(delete(orm.authorisation_letter), id="delete-a-letter"),
        pytest.param(update(orm.rules_version).values(title="x"), id="change-rules"),
        pytest.param(delete(orm.rules_version), id="delete-rules"),
        pytest.param(update(orm.training_record).values(person="x"), id="change-a-training"),
        pytest.param(delete(orm.training_record), id="delete-a-training"),
    ],
)
def test_what_was_published_signed_or_recorded_cannot_be_changed(district, statement):
    with (
        pytest.raises(DBAPIError, match="append-only"),
        district.built.resources.engine.begin() as connection,
    ):
        connection.execute(statement)


def test_an_assignment_does_not_end_before_it_begins(district):
    row = {
        "assignment": "a-x",
        "person": "p-0102",
        "post": "370306000000-D01:reviewer-1",
        "from_date": date(2026, 1, 1),
        "until_date": date(2026, 1, 1),
    }
    with (
        pytest.raises(IntegrityError, match="ends_after_begin"),
        district.built.resources.engine.begin() as connection,
    ):
        connection.execute(insert(orm.assignment).values(row))


def test_the_same_holds_on_postgresql(postgres_district):
    district = postgres_district
    resources = district.built.resources
    assert differences(resources.engine, orm.metadata) == []
    for table in (orm.item_version, orm.rules_version, orm.training_record):
        with (
            pytest.raises(DBAPIError, match="append-only"),
            resources.engine.begin() as connection,
        ):
            connection.execute(update(table).values(number=9))
    assert district.call("RecordTraining", training(), SUPERVISOR).training == "p-0102@2"
    request = publication(in_force_from_date=date(2026, 10, 1))
    answer = district.call("PublishItemVersion", request, APPROVER)
    assert answer.item_version == f"{FOOD}@2"
    assert district.call("SignAuthorisationLetter", new_letter(), HEAD).letter
    district.light()
    assert district.item().name == "食品经营许可（新办）"
    assert len(district.call("ListServiceItems", pb.ListServiceItemsRequest()).versions) == 19
    assert len(district.powers().powers) == 1
