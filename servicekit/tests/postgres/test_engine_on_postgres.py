"""Pools, timeouts and connections that died, where they are real."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest
from liandong.delivery.v1 import delivery_service_pb2_grpc as pb_grpc
from sqlalchemy import text
from sqlalchemy.exc import InternalError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from servicekit import database
from servicekit.client import LocalChannel
from servicekit.database import make_engine, make_read_engine
from servicekit.errors import ConflictError
from servicekit.tests.test_guard import refused
from servicekit.tests.toy import Changed, Parcel, call_of, request
from servicekit.tests.toy_server import Desk
from servicekit.transient import is_transient


@pytest.fixture
def engines(toy_url):
    made = []

    def make(kind=make_engine, url=toy_url, **more):
        made.append(kind(url, **more))
        return made[-1]

    yield make
    for each in made:
        each.dispose()


def kill_all_but_me(toy):
    with toy.engine.connect() as connection:
        connection.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        )


def test_the_pool_is_a_bound_and_who_waits_too_long_is_told(engines, monkeypatch):
    monkeypatch.setattr(database, "POOL_TIMEOUT_S", 0.1)
    engine = engines(pool_size=1)
    with engine.connect(), pytest.raises(PoolTimeoutError) as caught:
        engine.connect()
    assert is_transient(caught.value)
    with engine.connect():
        assert engine.pool.checkedout() == 1


def test_a_statement_and_a_wait_for_a_lock_have_an_end(engines, toy, monkeypatch):
    monkeypatch.setattr(database, "STATEMENT_TIMEOUT_MS", 100)
    with engines().connect() as connection, pytest.raises(OperationalError) as slow:
        connection.execute(text("SELECT pg_sleep(5)"))
    monkeypatch.setattr(database, "STATEMENT_TIMEOUT_MS", 10_000)
    monkeypatch.setattr(database, "LOCK_TIMEOUT_MS", 100)
    with toy.engine.begin() as holder:
        holder.execute(text("SELECT * FROM parcel FOR UPDATE"))
        with engines().connect() as connection, pytest.raises(OperationalError) as locked:
            connection.execute(text("SELECT * FROM parcel FOR UPDATE"))
    assert is_transient(slow.value)
    assert is_transient(locked.value)


@pytest.mark.parametrize("driver", ["psycopg", "psycopg2"])
def test_a_connection_that_died_while_idle_is_replaced_unnoticed(
    engines, toy, toy_url, monkeypatch, driver
):
    monkeypatch.setattr(database, "ASKED_AFTER_S", 0.0)
    engine = engines(url=toy_url.replace("+psycopg", f"+{driver}"))
    with engine.connect() as connection:
        first = connection.execute(text("SELECT pg_backend_pid()")).scalar_one()
    kill_all_but_me(toy)
    with engine.connect() as connection:
        assert connection.execute(text("SELECT pg_backend_pid()")).scalar_one() != first


def test_a_connection_that_died_a_moment_ago_costs_one_call_and_no_more(engines, toy):
    other = engines(pool_size=2)
    desk = Desk(replace(toy.runner, engine=other))
    stub = pb_grpc.DeliveryServiceStub(LocalChannel([desk.registrar]))
    with other.connect() as connection:
        connection.execute(text("SELECT 1"))
    kill_all_but_me(toy)
    refusal, _ = refused(stub.AnswerCourierOffer, request(), desk.metadata())
    assert refusal.code == "UNAVAILABLE"
    assert stub.AnswerCourierOffer(request(), metadata=desk.metadata()).revision == 2


@pytest.mark.parametrize("driver", ["psycopg", "psycopg2"])
def test_a_query_cannot_write(engines, toy_url, driver):
    engine = engines(make_read_engine, url=toy_url.replace("+psycopg", f"+{driver}"))
    with engine.connect() as connection, pytest.raises(InternalError):
        connection.execute(text("DELETE FROM parcel"))


@pytest.mark.parametrize("driver", ["psycopg", "psycopg2"])
def test_a_query_opens_no_transaction(engines, toy_url, driver):
    engine = engines(make_read_engine, url=toy_url.replace("+psycopg", f"+{driver}"))
    with engine.connect() as connection:  # now() is when the transaction began
        first, second = (connection.execute(text("SELECT now()")).scalar_one() for _ in range(2))
    assert first < second


def test_a_command_waits_for_its_twin_and_then_has_its_answer(toy):
    """The claim of a request id is a lock: the second is blocked until the first is done."""
    inside, go = threading.Event(), threading.Event()
    answers = []

    def slow(command, *, uow):
        inside.set()
        go.wait(10)
        parcel = uow.parcels.get(command.case_number)
        parcel.answer(by_courier=True)
        return Changed(parcel.number, 2)

    first = threading.Thread(target=lambda: answers.append(toy.run(handler=slow)))
    first.start()
    inside.wait(10)
    second = threading.Thread(target=lambda: answers.append(toy.run()))
    second.start()
    second.join(0.3)
    assert second.is_alive()
    go.set()
    first.join()
    second.join()
    assert answers[0] == answers[1]
    assert toy.effects()["events"] == 1


def test_an_update_behind_its_back_is_a_conflict(toy):
    with toy.new_uow(toy.engine, call_of()) as uow:
        parcel = uow.session.get(Parcel, "A1")  # without a lock
        uow.seen(parcel)
        with toy.engine.begin() as other:
            other.execute(text("UPDATE parcel SET revision = 9"))
        parcel.answer(by_courier=True)
        with pytest.raises(ConflictError):
            uow.commit()
    assert toy.effects()["events"] == 0
