"""Answers are kept under their key for ninety days and then deleted in batches."""

from __future__ import annotations

from datetime import timedelta

import pytest

from servicekit import idempotency
from servicekit.events import Ownership
from servicekit.idempotency import KEPT_FOR, Key, RequestReusedError
from servicekit.tests.toy import MORNING, tables

KEY = Key("person:p-1/as-1", "/m", "request-1")
OWNED = Ownership("a-1", "W01", "/W01/", "D01")


def begin(toy, key=KEY, content="d", at=MORNING):
    with toy.engine.begin() as connection:
        return idempotency.begin(connection, key, content, at)


def finish(toy, key=KEY, **answer):
    with toy.engine.begin() as connection:
        idempotency.finish(connection, key, **answer)


def test_the_first_to_ask_gets_the_key_and_the_next_its_answer(toy):
    assert begin(toy) is None
    finish(toy, answer=b"done", ownership=OWNED)
    stored = begin(toy)
    assert (stored.answer, stored.refusal, stored.ownership) == (b"done", None, OWNED)


def test_an_answer_about_nothing_owned_has_no_owner(toy):
    begin(toy)
    finish(toy, refusal=b"no")
    stored = begin(toy)
    assert (stored.answer, stored.refusal, stored.ownership) == (None, b"no", None)


def test_another_content_is_refused_whether_claimed_or_only_looked_up(toy):
    begin(toy)
    with pytest.raises(RequestReusedError):
        begin(toy, content="other")
    with toy.engine.begin() as connection, pytest.raises(RequestReusedError):
        idempotency.find(connection, KEY, "other")


def test_looking_up_claims_nothing(toy):
    with toy.engine.begin() as connection:
        assert idempotency.find(connection, KEY, "d") is None
    assert begin(toy) is None


def test_answers_expire_after_their_time_oldest_first_and_not_before(toy):
    for age in range(5):
        begin(toy, Key("c", "/m", f"request-{age}"), at=MORNING - KEPT_FOR - timedelta(days=age))
    with toy.engine.begin() as connection:
        assert idempotency.expire(connection, MORNING, limit=3) == 3
    left = {row.request_id for row in toy.rows(tables.idempotency)}
    assert left == {"request-0", "request-1"}, "the two youngest are left"
    with toy.engine.begin() as connection:
        assert idempotency.expire(connection, MORNING, limit=3) == 1
    assert {row.request_id for row in toy.rows(tables.idempotency)} == {"request-0"}


def test_the_digest_tells_contents_apart():
    assert idempotency.digest(b"a") != idempotency.digest(b"b")
    assert idempotency.digest(b"a") == idempotency.digest(b"a")
