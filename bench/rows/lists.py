"""Lists at 16 users: the worst unit, the worst filter, the last page; how many statements each.

The users send again as soon as they are answered, which nobody does who reads
what is listed: what is measured is the machine at its limit.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Final

from bench.district import Bench
from bench.driver import Spec
from bench.load import Load, drive
from bench.rows.commands import all_stored
from bench.rows.receiving import CONCURRENCY
from bench.stored import PERSON_WITH_MANY, Unit
from bench.summary import Row, row
from servicekit.identity import Caller, TokenIssuer

__all__ = ["lists"]

_DISTRICT: Final = "370306000000"
_RARE: Final = "CASE_STATE_WITHDRAWN"
_COUNTED: Final = 20
_PAGE: Final = 50
_STATEMENTS: Final = """
    SELECT coalesce(sum(calls), 0) FROM pg_stat_statements s
    JOIN pg_database d ON d.oid = s.dbid WHERE d.datname = current_database()"""


@dataclass(frozen=True, slots=True)
class _List:
    """One list as one caller asks for it."""

    name: str
    package: str
    method: str
    caller: Caller
    fields: Mapping[str, Any]


def lists(bench: Bench) -> Iterator[Row]:
    """Store the cases, and ask for every list at 16 users."""
    units = all_stored(bench)
    bench.run_apis("intake", "review")
    for each in _lists(bench, units):
        yield from _measured(bench, each)


def _measured(bench: Bench, each: _List) -> Iterator[Row]:
    token = TokenIssuer(bench.district.keyring).issue(each.caller, lifetime=timedelta(hours=4))
    spec = Spec(
        target=bench.target(each.package),
        package=each.package,
        method=each.method,
        calls=[(token, dict(each.fields))] * CONCURRENCY,
        threads=CONCURRENCY,
        warm_up=1.0,
        seconds=max(2.0, bench.seconds / 6),
        timeout=30.0,
    )
    found = drive(Load(spec), bench.roots)
    found.require_clean()
    yield row(f"list: p95[{each.name}]", found.percentiles.p95)
    yield row(f"list: CPU of[{each.name}, api]", found.cpu_ms("api"))
    yield row(f"list: CPU of[{each.name}, pg]", found.cpu_ms("pg"))
    yield row(f"list: statements[{each.name}]", _statements(bench, each, spec))


def _statements(bench: Bench, each: _List, spec: Spec) -> float:
    """Return how many statements one request sends; everything else rests."""
    bench.connection(each.package).execute("CREATE EXTENSION IF NOT EXISTS pg_stat_statements")
    before = bench.scalar(each.package, _STATEMENTS)
    once = replace(spec, calls=spec.calls[:1] * _COUNTED, threads=1, once=True)
    drive(Load(once), bench.roots).require_clean()
    after = bench.scalar(each.package, _STATEMENTS)
    own = 1  # the first look itself is among them by now
    return float(after - before - own) / _COUNTED


def _lists(bench: Bench, units: list[Unit]) -> Iterator[_List]:
    busiest, rarest = _clerk(units[0]), _clerk(units[-1])
    rare = {"state": _RARE}
    reviewer, other = _reviewer("D01"), _reviewer("D02")
    mine = Caller(person=PERSON_WITH_MANY, assignment="self", post_kind="APPLICANT",
                  roles=frozenset({"APPLICANT"}))  # fmt: skip
    own, whole = ("window_unit", units[0].code), ("authority", f"{_DISTRICT}-D01")
    for name, caller, fields in (
        ("window, busiest", busiest, {}),
        ("window, busiest, rare state", busiest, rare),
        ("window, busiest, last page", busiest, {"page_token": _last_case(bench, *own)}),
        ("window, rarest", rarest, {}),
        ("department", reviewer, {}),
        ("department, rare state", reviewer, rare),
        ("department, last page", reviewer, {"page_token": _last_case(bench, *whole)}),
        ("department without cases", other, {}),
        ("my cases", mine, {}),
        ("supervision, district", _supervisor(f"{_root(units)}"), {}),
        ("supervision, one village", _supervisor(units[-1].path), {}),
    ):
        yield _List(name, "intake", "ListCases", caller, fields)
    last = {"page_token": _last_task(bench)}
    for name, caller, fields in (
        ("work queue", reviewer, {}),
        ("work queue, last page", reviewer, last),
        ("work queue without work", other, {}),
    ):
        yield _List(name, "review", "ListWork", caller, fields)


def _clerk(unit: Unit) -> Caller:
    roles = frozenset({"WINDOW_CLERK"})
    return Caller(person="p-l001", assignment="a-l001-1", post_kind="WINDOW",
                  roles=roles, unit=unit.code, unit_path=unit.path)  # fmt: skip


def _reviewer(department: str) -> Caller:
    unit = f"{_DISTRICT}-{department}"
    return Caller(person="p-l002", assignment="a-l002-1", post_kind="DEPARTMENT",
                  roles=frozenset({"REVIEWER"}), unit=unit, authority=unit)  # fmt: skip


def _supervisor(path: str) -> Caller:
    return Caller(person="p-l003", assignment="a-l003-1", post_kind="SUPERVISION",
                  roles=frozenset({"SUPERVISOR"}), unit="supervision", unit_path=path)  # fmt: skip


def _root(units: list[Unit]) -> str:
    """Return the path of the district, which every unit's begins with."""
    path = units[0].path
    return path[: path.index(_DISTRICT) + len(_DISTRICT) + 1]


def _last_case(bench: Bench, column: str, value: str) -> str:
    [(received_at, number)] = bench.rows(
        "intake",
        f"SELECT received_at, number FROM case_file WHERE {column} = %s"
        f" ORDER BY received_at, number OFFSET {_PAGE} LIMIT 1",
        value,
    )
    return _token(["t", received_at.isoformat()], ["v", number])


def _last_task(bench: Bench) -> str:
    [(due, task)] = bench.rows(
        "review",
        "SELECT promise_due_on, task FROM review_case WHERE decided_at IS NULL AND ended_at IS NULL"
        f" AND authority = %s ORDER BY promise_due_on DESC, task DESC OFFSET {_PAGE} LIMIT 1",
        f"{_DISTRICT}-D01",
    )
    return _token(["d", due.isoformat()], ["v", task])


def _token(*key: list[str]) -> str:
    """Return a page token as `servicekit.paging` makes it; another one is refused."""
    return base64.urlsafe_b64encode(json.dumps(list(key)).encode()).decode()
