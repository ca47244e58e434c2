"""Pages by keyset: the cost of a page does not grow with its number."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final, Generic, TypeVar

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, literal, select, tuple_, union

from servicekit.errors import InvalidRequestError

__all__ = ["DEFAULT_SIZE", "Page", "PageTokenInvalidError", "page_of"]

V = TypeVar("V")

DEFAULT_SIZE: Final = 50
LARGEST_SIZE: Final = 500


class PageTokenInvalidError(InvalidRequestError):
    """The page token is not one this list gave."""

    reason = "PAGE_TOKEN_INVALID"


@dataclass(frozen=True, slots=True)
class Page(Generic[V]):
    """A page and the token of the next one; an empty token ends the list."""

    items: tuple[V, ...]
    next_page_token: str


def page_of(
    connection: Connection,
    query: Select[Any],
    *,
    key: Any,
    key_of: Callable[[Row[Any]], tuple[Any, ...]],
    view: Callable[[Row[Any]], V],
    page_size: int,
    page_token: str,
    descending: bool = False,
    among: Sequence[ColumnElement[bool]] = (),
) -> Page[V]:
    """Return the page of `query` after `page_token`.

    `query` is ordered by `key`, a `tuple_` of columns that is unique; `key_of`
    reads the same columns from a row. `among`: only rows for which one of
    these conditions holds. Each is looked up by itself, so that each can use
    an index that has its rows in their order; an OR could use none.
    """
    size = min(page_size, LARGEST_SIZE) if page_size > 0 else DEFAULT_SIZE
    if page_token:
        columns = list(key)
        values = _decode(page_token, [column.type.python_type for column in columns])
        after = tuple_(
            *(literal(value, each.type) for value, each in zip(values, columns, strict=True))
        )
        query = query.where(key < after if descending else key > after)
    if among:
        query = _among(query, list(key), among, size + 1)
    rows = connection.execute(query.limit(size + 1)).all()
    token = _encode(key_of(rows[size - 1])) if len(rows) > size else ""
    return Page(tuple(view(row) for row in rows[:size]), token)


def _among(
    query: Select[Any], key: list[Any], conditions: Sequence[ColumnElement[bool]], most: int
) -> Select[Any]:
    """Return `query` for the rows of several conditions: the page is among their pages."""
    if len(conditions) == 1:
        return query.where(conditions[0])
    keys = query.with_only_columns(*key)
    pages = (select(keys.where(each).limit(most).subquery()) for each in conditions)
    found = union(*pages).subquery("found")
    return query.join(found, and_(*(column == found.c[column.name] for column in key)))


def _encode(values: tuple[Any, ...]) -> str:
    marked = [
        ["t", value.isoformat()]
        if isinstance(value, datetime)
        else ["d", value.isoformat()]
        if isinstance(value, date)
        else ["v", value]
        for value in values
    ]
    return base64.urlsafe_b64encode(json.dumps(marked).encode()).decode()


def _decode(token: str, kinds: list[type[Any]]) -> list[Any]:
    """Return the values in `token`, which anybody may have made up, as values of `kinds`."""
    readers: dict[str, Callable[[Any], Any]] = {
        "t": datetime.fromisoformat,
        "d": date.fromisoformat,
        "v": lambda value: value,
    }
    try:
        values = [
            readers[kind](value) for kind, value in json.loads(base64.urlsafe_b64decode(token))
        ]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise PageTokenInvalidError("The page token is not valid") from error
    if [type(value) for value in values] != kinds or not all(map(_can_be_stored, values)):
        raise PageTokenInvalidError("The page token is not valid")
    return values


def _can_be_stored(value: Any) -> bool:
    if isinstance(value, datetime):
        return value.utcoffset() == timedelta(0)
    if isinstance(value, str):
        return "\x00" not in value and value.isprintable()
    return not isinstance(value, int) or abs(value) < 2**63
