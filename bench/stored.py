"""Many stored cases, made on the server from a few real ones, so that every constraint holds.

A real case of each kind is taken as a template: finished, accepted, received,
withdrawn. Its first row of every table of a database is written again and
again with another case number, unit, applicant and day. The indexes are made
afterwards, as after a restore, and the statistics are brought up to date.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

import psycopg
from psycopg import sql

from bench.district import Bench

__all__ = ["PERSON_WITH_MANY", "RAREST_UNIT_HAS", "UNITS", "Unit", "number_sql", "store"]

UNITS: Final = 261
RAREST_UNIT_HAS: Final = 20
PERSON_WITH_MANY: Final = "a-m00000"
_PERSONS: Final = 100_000
_WITHDRAWN: Final = "4"  # the second digit of their mark
_YEARS: Final = 3 * 365 * 86_400  # seconds over which the finished cases were received
_SKIPPED: Final = frozenset({"job", "held_event", "alembic_version", "bench_seen", "bench_unit"})
_OF_CASES: Final = frozenset({"case_file", "review_case", "case_facts"})
_DATABASES: Final = ("intake", "review", "delivery", "metrics")


@dataclass(frozen=True, slots=True)
class Unit:
    """A window that many cases are stored of; number 0 is the busiest, the last the rarest."""

    number: int
    code: str
    path: str


@dataclass(frozen=True, slots=True)
class _Kind:
    """A template, its share of all cases, and the mark that its clones bear in their number."""

    template: str
    mark: str
    count: int
    spread: float  # seconds over which they were received


@dataclass(frozen=True, slots=True)
class _Template:
    """A row to be cloned: where it is (partition and place), and what it holds."""

    place: tuple[int, str]
    row: Mapping[str, Any]


def store(bench: Bench, templates: Mapping[str, str], count: int, *, series: int = 9) -> list[Unit]:
    """Store `count` cases in all databases; `templates` are a case of each kind, by its name.

    Nothing of the district may write meanwhile. A second time it needs another `series`,
    one digit of the numbers.
    """
    units = _units(bench)
    kinds = [
        _Kind(
            templates["finished"], f"{series}1", count - count // 20 - 2 * RAREST_UNIT_HAS, _YEARS
        ),
        _Kind(templates["accepted"], f"{series}2", count // 25, 86_400),
        _Kind(templates["received"], f"{series}3", count // 100, 3_600),
        _Kind(templates["withdrawn"], f"{series}{_WITHDRAWN}", 2 * RAREST_UNIT_HAS, _YEARS),
    ]
    for name in _DATABASES:
        connection = bench.connection(name)
        _write_units(connection, units)
        _multiply(connection, kinds)
        connection.execute("DROP TABLE bench_unit")
        connection.execute("VACUUM ANALYZE")
    return units


def _multiply(connection: psycopg.Connection[Any], kinds: Sequence[_Kind]) -> None:
    """Write the clones of every template into every table that knows it."""
    tables = [name for name in _tables(connection) if name not in _SKIPPED]
    touched = {
        (table, kind.template): found  # all of them before the first clone is in the way
        for table in tables
        for kind in kinds
        if (found := _template(connection, table, kind.template)) is not None
    }
    with _without_indexes(connection, sorted({table for table, _ in touched})):
        for table in tables:
            for kind in kinds:
                if (table, kind.template) in touched:
                    _clone(connection, table, kind, touched[table, kind.template])


def number_sql(mark: str) -> str:
    """Return the SQL for the number of clone `g`, as long as a real one: it stands in bodies."""
    return f"('370306-{mark}-20260921-' || lpad(g::text, 7, '0'))"


# --- what a clone differs in -------------------------------------------------------------------


def _own(kind: _Kind) -> dict[str, str]:
    """Return the SQL of columns, by their name, in which each clone has a value of its own."""
    person = f"CASE WHEN mod(g, 500) = 0 THEN '{PERSON_WITH_MANY}' ELSE 'a-m' || lpad(mod(g, {_PERSONS})::text, 5, '0') END"  # noqa: E501
    seconds = kind.spread / max(kind.count, 1)
    return {
        "window_unit": "u.bench_code",
        "unit_path": "u.bench_path",
        "received_at": f"received_at - g * interval '{seconds:.6f} second'",
        "applicant_person": person,
        "person": person,
        "applicant": person,
        "document": f"CASE WHEN document = '' THEN '' ELSE md5('{kind.mark}' || g) END",
        "series_ordinal": f"CASE WHEN series_ordinal IS NULL THEN NULL ELSE {kind.mark}00000000 + g END",  # noqa: E501
        "event_id": "gen_random_uuid()::text",
        "request_id": f"'{kind.mark}-' || g",
        "position": "-g",  # published long ago: no relay sends it, no log shows it again
    }


def _clone(connection: psycopg.Connection[Any], table: str, kind: _Kind, found: _Template) -> None:
    own = _own(kind)
    if table not in _OF_CASES:
        del own["received_at"]  # of a bag, say: its own order of instants stands
    number = number_sql(kind.mark)
    row, columns = found.row, list(found.row)
    values = [
        own[name] if name in own else _replaced(name, row[name], kind.template, number)
        for name in columns
    ]
    of_unit = f"floor({UNITS - 1} * power(mod(g::bigint * 7919, {kind.count})::float8 / {kind.count}, 3))::int"  # noqa: E501
    if kind.mark.endswith(_WITHDRAWN):
        of_unit = str(UNITS - 1)
    names = ", ".join(f'"{name}"' for name in columns)
    statement = (
        f'INSERT INTO "{table}" ({names}) SELECT {", ".join(values)} '
        f'FROM (SELECT * FROM "{table}" WHERE tableoid = %s::oid AND ctid = %s::tid) AS t '
        f"CROSS JOIN generate_series(1, {kind.count}) AS g "
        f"JOIN bench_unit u ON u.bench_number = {of_unit}"
    )
    connection.execute(statement.encode(), found.place)


def _replaced(name: str, value: object, template: str, number: str) -> str:
    column = f'"{name}"'
    if isinstance(value, str) and template in value:
        return f"replace({column}, '{template}', {number})"
    if isinstance(value, bytes) and template.encode() in value:
        # Names are length-prefixed in a message: one as long may stand for another.
        old, new = template.encode().hex(), f"encode({number}::bytea, 'hex')"
        return f"decode(replace(encode({column}, 'hex'), '{old}', {new}), 'hex')"
    return column


# --- the tables --------------------------------------------------------------------------------


def _tables(connection: psycopg.Connection[Any]) -> list[str]:
    """Return the tables, those first to which others point."""
    names = {
        row[0]
        for row in connection.execute(
            "SELECT relname FROM pg_class WHERE relkind IN ('r', 'p') AND NOT relispartition"
            " AND relnamespace = 'public'::regnamespace"
        )
    }
    return sorted(names, key=lambda name: (name not in {"case_file", "review_case"}, name))


def _template(connection: psycopg.Connection[Any], table: str, template: str) -> _Template | None:
    """Return the first row of a table that belongs to a case; no column that counts by itself."""
    place = _place(connection, table, template)
    if place is None:
        return None
    counted = {
        row[0]
        for row in connection.execute(
            "SELECT column_name FROM information_schema.columns"
            " WHERE table_name = %s AND is_identity = 'YES'",
            (table,),
        )
    }
    query = sql.SQL("SELECT * FROM {} WHERE tableoid = %s::oid AND ctid = %s::tid")
    cursor = connection.execute(query.format(sql.Identifier(table)), place)
    values = cursor.fetchone()
    if values is None or cursor.description is None:
        return None
    names = [column.name for column in cursor.description]
    row = dict(zip(names, values, strict=True))
    own = counted | {"request_id"} | {name for name in row if template in str(row[name])}
    if not own & _key(connection, table):
        return None  # what is kept once, and only mentions the case
    return _Template(place, {name: row[name] for name in names if name not in counted})


def _key(connection: psycopg.Connection[Any], table: str) -> set[str]:
    query = (
        "SELECT a.attname FROM pg_index i JOIN pg_attribute a"
        " ON a.attrelid = i.indrelid AND a.attnum = ANY(i.indkey)"
        " WHERE i.indrelid = %s::regclass AND i.indisprimary"
    )
    return {row[0] for row in connection.execute(query, (table,))}


def _place(
    connection: psycopg.Connection[Any], table: str, template: str
) -> tuple[int, str] | None:
    """Return where the row is: its partition, and its place there."""
    query = sql.SQL(
        "SELECT tableoid::int8, ctid::text FROM {} AS t WHERE t::text LIKE %s"
        " ORDER BY t::text LIMIT 1"
    )
    found = connection.execute(query.format(sql.Identifier(table)), (f"%{template}%",)).fetchone()
    return None if found is None else (int(found[0]), str(found[1]))


@contextmanager
def _without_indexes(connection: psycopg.Connection[Any], tables: Sequence[str]) -> Iterator[None]:
    """Take away indexes that no constraint needs, and the checks of references, for a while."""
    made = connection.execute(
        "SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index i"
        " JOIN pg_class c ON c.oid = i.indrelid"
        " WHERE c.relname = ANY(%s) AND NOT i.indisprimary AND NOT i.indisunique"
        " AND NOT c.relispartition",
        (list(tables),),
    ).fetchall()
    for name, _definition in made:
        connection.execute(sql.SQL("DROP INDEX {}").format(sql.SQL(name)))
    connection.execute("SET session_replication_role = replica")
    connection.execute("SET maintenance_work_mem = '512MB'")
    try:
        yield
    finally:
        connection.execute("SET session_replication_role = origin")
        for _name, definition in made:
            connection.execute(definition.replace(" ON ONLY ", " ON ").encode())


def _units(bench: Bench) -> list[Unit]:
    """Return a window in each of the divisions of the district, the district's own first."""
    found = bench.rows(
        "catalog",
        "SELECT code, unit_path FROM unit WHERE code ~ '^370306[0-9]{6}$' ORDER BY code LIMIT %s",
        UNITS,
    )
    if len(found) != UNITS:
        raise RuntimeError(f"the catalogue has {len(found)} divisions, not {UNITS}")
    return [
        Unit(number, f"{code}-C1-W09", f"{path}{code}-C1/{code}-C1-W09/")
        for number, (code, path) in enumerate(found)
    ]


def _write_units(connection: psycopg.Connection[Any], units: Sequence[Unit]) -> None:
    connection.execute("DROP TABLE IF EXISTS bench_unit")
    connection.execute(
        "CREATE TABLE bench_unit (bench_number int PRIMARY KEY, bench_code text, bench_path text)"
    )
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO bench_unit VALUES (%s, %s, %s)",
            [(unit.number, unit.code, unit.path) for unit in units],
        )
