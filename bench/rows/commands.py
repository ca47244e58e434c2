"""What a command costs with all cases stored, beside the same with a few: it should not matter."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from bench.district import Bench
from bench.driver import Spec
from bench.load import Load, Loaded, drive
from bench.people import HOLDERS, receipts
from bench.rows.receiving import COMMAND_ROLES, receive_load
from bench.stored import Unit, store
from bench.story import templates
from bench.summary import Row, row

__all__ = ["all_stored", "commands"]

_FEW: Final = 10_000
_THREADS: Final = 2
_COMMANDS_A_SECOND: Final = 10
_FEW_SERIES: Final = 7
_MANY_SERIES: Final = 9


@dataclass(frozen=True, slots=True)
class _Cost:
    cpu_ms: float
    p50_ms: float


def commands(bench: Bench) -> Iterator[Row]:
    """Receive and accept with few cases stored, store the others, do it again."""
    _store_up_to(bench, min(_FEW, max(bench.cases // 2, 1)), _FEW_SERIES)
    few = _costs(bench)
    all_stored(bench)
    for command, many in _costs(bench).items():
        before = few[command]
        name = "command with many cases stored"
        yield row(f"{name}[{command}]", many.cpu_ms, beside=before.cpu_ms)
        yield row(f"{name}: p50[{command}]", many.p50_ms, beside=before.p50_ms)


def all_stored(bench: Bench) -> list[Unit]:
    """Store as many cases as the run asks for, once; return the units they are of."""
    _store_up_to(bench, bench.cases, _MANY_SERIES)
    return bench.units


def _store_up_to(bench: Bench, count: int, series: int) -> None:
    if bench.stored >= count:
        return
    if not bench.kinds:
        bench.run_all()
        bench.kinds = templates(bench)
    bench.run_only(())
    bench.units = store(bench, bench.kinds, count - bench.stored, series=series)
    bench.stored = count


def _costs(bench: Bench) -> dict[str, _Cost]:
    """Return what each command costs now; everything behind the commit rests."""
    bench.run_apis("intake")
    count = max(20, _COMMANDS_A_SECOND * bench.seconds)
    _received(bench, 20)  # the first calls of a process load what the later ones use
    received = _received(bench, count)
    accepted = _accepted(bench, received.kept)
    return {"ReceiveApplication": _cost(received), "AcceptCase": _cost(accepted)}


def _received(bench: Bench, count: int) -> Loaded:
    spec = receive_load(bench, threads=_THREADS, seconds=1).spec
    own = [(call.token, call.fields) for call in receipts(_tokens(bench))]
    calls = [own[number % len(own)] for number in range(count)]
    return _once(bench, replace(spec, calls=calls))


def _accepted(bench: Bench, cases: Sequence[str]) -> Loaded:
    tokens = _tokens(bench)
    calls: list[tuple[str, dict[str, Any]]] = [
        (tokens[place % len(tokens)], {"case_number": case, "revision": 1})
        for place, case in enumerate(cases)
    ]
    spec = receive_load(bench, threads=_THREADS, seconds=1).spec
    return _once(bench, replace(spec, method="AcceptCase", calls=calls, keep=""))


def _tokens(bench: Bench) -> list[str]:
    """Return the clerks of one window: who accepts a case works where it was received."""
    return bench.clerk_tokens()[:: len(HOLDERS)]


def _once(bench: Bench, spec: Spec) -> Loaded:
    found = drive(Load(replace(spec, once=True), processes=1), bench.roots)
    found.require_clean()
    return found


def _cost(found: Loaded) -> _Cost:
    return _Cost(found.cpu_ms(*COMMAND_ROLES), found.percentiles.p50)
