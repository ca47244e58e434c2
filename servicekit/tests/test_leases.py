"""One holder at a time, by the database's clock; the epoch unmasks one that lost it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import text

from servicekit.leases import Lease


def lease(toy, holder, ttl=60.0):
    return Lease(toy.engine, "relay", holder, ttl)


def expire(toy):
    with toy.engine.begin() as connection:
        connection.execute(text("UPDATE lease SET expires_at = 1"))


def test_a_second_holder_waits_until_the_first_is_out_of_time(toy):
    first, second = lease(toy, "one"), lease(toy, "two")
    assert first.acquire() == 1
    assert second.acquire() is None
    assert first.renew()
    expire(toy)
    assert second.acquire() == 2
    assert not first.renew()


def test_prolonging_keeps_the_epoch(toy):
    mine = lease(toy, "one")
    assert [mine.acquire() for _ in range(3)] == [1, 1, 1]


def test_a_released_lease_is_free_at_once(toy):
    first, second = lease(toy, "one"), lease(toy, "two")
    first.acquire()
    second.release()
    assert second.acquire() is None, "only its holder releases it"
    first.release()
    assert second.acquire() == 2


def test_who_lost_the_lease_does_not_hold_its_epoch_any_more(toy):
    first, second = lease(toy, "one"), lease(toy, "two")
    epoch = first.acquire()
    with toy.engine.begin() as connection:
        assert first.holds(connection, epoch)
        assert not second.holds(connection, epoch)
    expire(toy)
    with toy.engine.begin() as connection:
        assert not first.holds(connection, epoch), "out of time, though nobody took it yet"
    second.acquire()
    with toy.engine.begin() as connection:
        assert not first.holds(connection, epoch)


def test_a_lease_taken_back_has_another_epoch(toy):
    first, second = lease(toy, "one"), lease(toy, "two")
    old = first.acquire()
    expire(toy)
    second.acquire()
    expire(toy)
    assert first.acquire() == 3
    with toy.engine.begin() as connection:
        assert not first.holds(connection, old)


def test_of_many_at_once_one_gets_it(toy):
    with ThreadPoolExecutor(8) as pool:
        epochs = list(pool.map(lambda n: lease(toy, f"holder-{n}").acquire(), range(8)))
    assert sorted(epochs, key=str) == [1, *[None] * 7]
