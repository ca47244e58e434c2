"""The harness for real, small: pgbench on PostgreSQL, and driver processes on an embedded district.

How fast is nobody's business here; that what is counted is what happened is.
"""

from __future__ import annotations

import os

import psycopg
import pytest

from bench import reference_load
from bench.driver import Spec
from bench.load import Load, drive
from bench.people import HOLDERS, clerks, receipts
from journeys.embedded import embedded
from servicekit.identity import TokenIssuer


def test_pgbench_writes_what_it_says_it_wrote(postgres):
    reference_load.prepare(postgres)
    roots = {"pg": [each.identity.pid for each in postgres.records()]}

    found = reference_load.run(postgres, roots, concurrency=2, seconds=1)

    address = postgres.url(reference_load.DATABASE).replace("+psycopg", "")
    with psycopg.connect(address) as connection:
        [cases] = connection.execute("SELECT count(*) FROM reference_case").fetchone()
        [parts] = connection.execute("SELECT count(*) FROM reference_part").fetchone()
    assert cases > 0
    assert parts == 5 * cases
    assert found.rate == pytest.approx(cases, rel=0.9)  # it ran for about a second
    assert found.p50_ms > 0
    assert found.cpu_ms > 0


@pytest.fixture(scope="module")
def hall(tmp_path_factory):
    with embedded(tmp_path_factory.mktemp("bench") / "district") as (district, world):
        held = [world.staff(person).caller for person in HOLDERS]
        yield district, clerks(TokenIssuer(district.keyring), held)


def spec_of(hall, **more):
    district, tokens = hall
    calls = [(call.token, call.fields) for call in receipts(tokens)]
    told = {
        "calls": calls,
        "threads": 3,
        "warm_up": 0.2,
        "seconds": 2.0,
        "timeout": 120.0,
        "keep": "case_number",
    }
    return Spec(
        target=f"127.0.0.1:{district._server.port}",
        package="intake",
        method="ReceiveApplication",
        **{**told, **more},
    )


def stored(hall):
    with hall[0].resources["intake"].read_engine.connect() as connection:
        return set(connection.exec_driver_sql("SELECT number FROM case_file").scalars())


def test_every_accepted_call_is_a_case_of_its_own_and_its_cpu_is_counted(hall):
    before = stored(hall)

    found = drive(Load(spec_of(hall)), {"district": [os.getpid()]})

    assert len(found.kept) == len(set(found.kept)) > 0
    assert set(found.kept) == stored(hall) - before
    assert len(found.accepted) <= len(found.kept)  # those of the warm-up do not count
    assert found.cpu["district"] > 0
    assert not found.trouble


def test_a_list_of_calls_is_sent_once_each_and_refusals_are_told_by_their_code(hall):
    good = spec_of(hall).calls[:5]
    nobody = [("no token", good[0][1])] * 2
    before = stored(hall)

    found = drive(
        Load(spec_of(hall, calls=[*good, *nobody], once=True)), {"district": [os.getpid()]}
    )

    assert len(found.accepted) == len(stored(hall) - before) == 5
    assert found.cpu_ms("district") > 0
    assert len(found.milliseconds["UNAUTHENTICATED"]) == 2
    assert "UNAUTHENTICATED" in found.trouble


def test_no_more_is_sent_than_the_rate_that_was_asked_for(hall):
    found = drive(Load(spec_of(hall, rate=4.0, seconds=3.0)), {"district": [os.getpid()]})

    two_drivers = 2 * (2 * 3.2 + 1)  # each begins with a call at once
    assert 1 <= len(found.kept) <= two_drivers
