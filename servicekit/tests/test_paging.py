"""Pages are complete, without repetition, and a made-up token is malformed and nothing else."""

from __future__ import annotations

import base64
import contextlib
import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import (
    Column,
    Integer,
    MetaData,
    Table,
    Text,
    create_engine,
    insert,
    or_,
    select,
    tuple_,
)

from servicekit.database import UTCDateTime
from servicekit.paging import DEFAULT_SIZE, LARGEST_SIZE, PageTokenInvalidError, page_of

BEGIN = datetime(2026, 9, 21, 1, tzinfo=UTC)
entry = Table(
    "entry",
    MetaData(),
    Column("number", Text, primary_key=True),
    Column("at", UTCDateTime, nullable=False),
    Column("rank", Integer, nullable=False),
)
engine = create_engine("sqlite://")
entry.create(engine)
with engine.begin() as setup:
    setup.execute(
        insert(entry),
        [
            {"number": f"A{n:03}", "at": BEGIN + timedelta(microseconds=n // 3), "rank": n % 5}
            for n in range(97)
        ],
    )
c = entry.c


def page(size, token="", *, columns=(c.at, c.number), descending=False, among=()):
    order = [column.desc() if descending else column for column in columns]
    with engine.connect() as connection:
        return page_of(
            connection,
            select(entry).order_by(*order),
            key=tuple_(*columns),
            key_of=lambda row: tuple(row._mapping[column] for column in columns),
            view=lambda row: row.number,
            page_size=size,
            page_token=token,
            descending=descending,
            among=among,
        )


def everything(size, **how):
    seen, token = [], ""
    while True:
        found = page(size, token, **how)
        seen += found.items
        token = found.next_page_token
        if not token:
            return seen


@pytest.mark.parametrize("size", [1, 2, 7, 96, 97, 98])
@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize("columns", [(c.at, c.number), (c.rank, c.number), (c.number,)])
def test_the_pages_together_are_the_list_in_its_order(size, descending, columns):
    order = [column.desc() if descending else column for column in columns]
    with engine.connect() as connection:
        expected = connection.execute(select(c.number).order_by(*order)).scalars().all()
    assert everything(size, columns=columns, descending=descending) == expected


def test_the_last_page_has_no_token():
    assert page(97).next_page_token == ""
    assert page(96).next_page_token != ""


def test_no_size_and_a_size_beyond_reason_have_bounds():
    assert len(page(0).items) == DEFAULT_SIZE
    assert len(page(-5).items) == DEFAULT_SIZE
    assert len(page(LARGEST_SIZE * 1000).items) == 97


def made_up(*values):
    return base64.urlsafe_b64encode(json.dumps(values).encode()).decode()


@pytest.mark.parametrize(
    "token",
    [
        pytest.param("%%%", id="no-base64"),
        pytest.param("键", id="no-ascii"),
        pytest.param(base64.urlsafe_b64encode(b"{").decode(), id="no-json"),
        pytest.param(base64.urlsafe_b64encode(b"5").decode(), id="no-list"),
        pytest.param(base64.urlsafe_b64encode(b"[" * 100_000).decode(), id="very-deep"),
        pytest.param(made_up(), id="empty"),
        pytest.param(made_up(["v", "A001"]), id="too-few"),
        pytest.param(made_up(["t", BEGIN.isoformat()], ["v", 5]), id="number-for-text"),
        pytest.param(made_up(["v", "x"], ["v", "A001"]), id="text-for-instant"),
        pytest.param(made_up(["t", "2026-09-21T01:00:00"], ["v", "A001"]), id="no-zone"),
        pytest.param(made_up(["t", "2026-09-21T01:00:00+08:00"], ["v", "A"]), id="not-utc"),
        pytest.param(made_up(["t", BEGIN.isoformat()], ["v", "\x00"]), id="nul"),
        pytest.param(made_up(["t", BEGIN.isoformat()], ["v", None]), id="null"),
        pytest.param(made_up(["t", BEGIN.isoformat()], ["v", {"a": 1}]), id="object"),
        pytest.param(made_up(["x", 1], ["v", "A001"]), id="unknown-kind"),
    ],
)
def test_a_made_up_token_is_malformed(token):
    with pytest.raises(PageTokenInvalidError):
        page(5, token)


@pytest.mark.parametrize("rank", [2**63, True, 1.5], ids=str)
def test_a_number_nobody_could_have_stored_is_malformed(rank):
    with pytest.raises(PageTokenInvalidError):
        page(5, made_up(["v", rank], ["v", "A001"]), columns=(c.rank, c.number))


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=40) | st.binary(max_size=40).map(lambda b: base64.b64encode(b).decode()))
def test_whatever_the_token_is_nothing_but_a_refusal_comes(token):
    with contextlib.suppress(PageTokenInvalidError):
        page(5, token)


@pytest.mark.parametrize("size", [1, 3, 10, 97])
@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize(
    "among",
    [
        (c.rank == 1,),
        (c.rank == 1, c.rank == 3),
        (c.rank < 3, c.number < "A050"),  # many rows meet both and come once
        (c.rank == 1, c.rank == 99),
        (c.rank == 98, c.rank == 99),
    ],
)
def test_what_meets_one_of_several_conditions_is_listed_once_and_in_order(size, descending, among):
    order = [column.desc() if descending else column for column in (c.at, c.number)]
    with engine.connect() as connection:
        query = select(c.number).where(or_(*among)).order_by(*order)
        expected = connection.execute(query).scalars().all()

    assert everything(size, descending=descending, among=among) == expected
