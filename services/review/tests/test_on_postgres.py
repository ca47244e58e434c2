"""What only PostgreSQL can show: real row locks, its own types, and the same migrations."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from liandong.common.v1.envelope_pb2 import Envelope
from sqlalchemy import text

from servicekit.migrations import differences
from servicekit.stream import Outcome
from servicekit.testing import envelope
from services.review.adapters import orm
from services.review.bootstrap import event_handlers
from services.review.tests import district as people
from services.review.tests.test_events_in import NOTICE, december_case

CASE_EVENT = envelope("intake.case_accepted.v1", december_case(), stream_id=people.CASE)
CALENDAR_EVENT = envelope(
    "catalog.calendar_year_imported.v1",
    people.calendar_imported(2027, NOTICE),
    stream_id="calendar-2027",
)
WAITING = text(
    "SELECT count(*) FROM pg_stat_activity"
    " WHERE datname = current_database() AND wait_event_type = 'Lock'"
)


def wait_until_somebody_waits(engine, deadline=20.0):
    limit = time.monotonic() + deadline
    with engine.connect() as connection:
        while time.monotonic() < limit:
            if connection.execute(WAITING).scalar_one():
                return
            connection.rollback()
    pytest.fail("nobody waits for a lock")


def test_the_migrations_lead_to_the_models(postgres_district):
    assert differences(postgres_district.built.resources.engine, orm.metadata) == []


def test_a_case_goes_from_acceptance_to_decision(postgres_district):
    district = postgres_district
    district.accept(site_check_required=True)
    district.check_site()
    district.opine(revision=2)
    assert district.decide(revision=3).promise_kept
    review = district.get(people.INTAKE)
    assert (list(review.site_check.checkers), review.decision.decider) == (
        ["p-colleague", "p-reviewer"], "p-decider",
    )  # fmt: skip


def test_the_work_queue_pages_by_date_and_number(postgres_district):
    district = postgres_district
    for index, days in enumerate([3, 1, 2, 1]):
        district.accept(f"A{index}", promised_limit=people.limit(days))
    first = district.list(page_size=2)
    second = district.list(page_size=2, page_token=first.next_page_token)
    numbers = [item.case_number for page in (first, second) for item in page.items]
    assert numbers == ["A1", "A3", "A2", "A0"]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        pytest.param(CALENDAR_EVENT, CASE_EVENT, id="case-arrives-during-the-import"),
        pytest.param(CASE_EVENT, CALENDAR_EVENT, id="import-arrives-during-the-opening"),
    ],
)
def test_a_case_and_a_calendar_that_arrive_at_once_miss_each_other_never(
    postgres_district, first, second
):
    """Two workers, two transactions: the one that comes second waits for the first."""
    district = postgres_district
    resources = district.built.resources
    handlers, fact = event_handlers(resources), Envelope.FromString(first)
    with ThreadPoolExecutor(1) as other_worker:
        with resources.engine.begin() as connection:
            handlers[fact.type](connection, fact)
            taken = other_worker.submit(district.streams.take, second)
            wait_until_somebody_waits(resources.read_engine)
        assert taken.result() is Outcome.APPLIED
    assert not district.get().promise.due.provisional
    assert district.published() == ["review.review_opened.v1", "review.dates_recomputed.v1"]
