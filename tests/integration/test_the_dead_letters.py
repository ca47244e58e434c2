"""On real servers: an event that fails stops its stream only, is listed, and is replayed once.

The name of this module puts it behind the checker's ruling on the journeys; it asks for another.
"""

from __future__ import annotations

from collections import Counter
from random import Random

import psycopg
import pytest

from chaos.faults.poison import CONSUMER, REASON, cure, plant
from chaos.load import Clerk
from checker.run import CheckInput, check
from cli.main import main


@pytest.fixture(scope="module")
def installation(process_district):
    process_district.drive(until="1")
    district = process_district.district
    found = district.installation()
    found.save(district.folder)
    return found


@pytest.fixture(scope="module")
def clerk(process_district, installation):
    return Clerk(process_district.world, Random(1), Counter())


@pytest.fixture
def poisoned(process_district, installation, clerk):
    """A case whose acceptance review cannot take, until the fixture is left."""
    case = clerk.receive()
    address = installation.databases[CONSUMER]
    plant(address, case.case_number)
    clerk.accept(case)
    yield case
    cure(address, case.case_number)


def rows(installation, query, *values):
    address = installation.databases[CONSUMER].replace("+psycopg", "")
    with psycopg.connect(address) as connection:
        return connection.execute(query, values).fetchall()


def stopped(installation, case_number):
    query = "SELECT seq FROM stream_position WHERE stream_id = %s AND stopped"
    return rows(installation, query, case_number)


def reviews(installation, case_number):
    query = "SELECT task FROM review_case WHERE case_number = %s"
    return rows(installation, query, case_number)


def test_a_failing_event_is_listed_and_replayed_with_one_effect(
    process_district, installation, clerk, poisoned, capsys
):
    number, world = poisoned.case_number, process_district.world
    folder = process_district.district.folder
    world.wait("the stop of the stream", lambda: stopped(installation, number), bool)

    other = clerk.receive()
    clerk.accept(other)
    world.wait("another case's review", lambda: reviews(installation, other.case_number), bool)
    assert reviews(installation, number) == []

    assert main(["dead-letters", "--folder", str(folder)]) == 1
    listed = capsys.readouterr().out
    assert all(each in listed for each in (number, REASON, "死信共1条"))

    assert main(["dead-letters", "--replay", "--folder", str(folder)]) == 1, "not cured yet"
    assert stopped(installation, number)

    cure(installation.databases[CONSUMER], number)
    for _ in range(2):  # the second time there is nothing left to be done
        assert main(["dead-letters", "--replay", "--folder", str(folder)]) == 0
        assert len(reviews(installation, number)) == 1
    capsys.readouterr()
    assert main(["dead-letters", "--folder", str(folder)]) == 0
    assert "没有死信" in capsys.readouterr().out

    found = CheckInput.from_json(process_district.district.checker_input(process_district.ledger))
    report = world.wait("a settled district", lambda: check(found), lambda each: not each.findings)
    assert not report.findings
