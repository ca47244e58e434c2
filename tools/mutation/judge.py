"""Judges mutants by the tests of a service, each in a process of its own.

The tests are collected once. Then a child of this process puts the changed code into the function
that is in memory already and runs the tests that call this function until one fails: first those
that killed the mutants beside it and are quick, then the quickest. Nothing is written into the
checkout, and no module is imported twice.
"""

from __future__ import annotations

import gc
import os
import pickle
import select
import shutil
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import CodeType, FrameType, FunctionType
from typing import Any, Final

import pytest
from _pytest.runner import runtestprotocol

from tools.mutation.mutants import Mutant, Place, Verdict

__all__ = ["Judge"]

SURVIVED, KILLED, NOT_BUILT = 0, 1, 2
LEAST_PATIENCE_S: Final = 5.0
# A busy machine must not kill mutants: patience is CPU time, and who waits for nothing gets longer.
_WAITS_LONGER: Final = 20
_RECENT: Final = 6  # killers that are remembered of a function, and of a module
_SLOW_S: Final = 1.0  # a test that takes longer waits for the quicker ones, whatever it killed
_REPORT_EVERY: Final = 100
# Who needs a database server or a broker is left out: it would be shared by all children.
OUTSIDE: Final = frozenset({"fresh_database", "postgres", "broker", "rabbitmq"})


@dataclass(slots=True)
class _Coverage:
    """Which tests call which function, and how much CPU time each test takes."""

    callers: dict[Place, list[int]] = field(default_factory=dict)
    seconds: dict[int, float] = field(default_factory=dict)
    broken: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _Killers:
    """Which tests killed last; they will kill what stands beside it, too."""

    of: dict[Place | str, list[int]] = field(default_factory=dict)

    def note(self, place: Place, test: int) -> None:
        for key in (place, place.path):
            before = [each for each in self.of.get(key, ()) if each != test]
            self.of[key] = [test, *before][:_RECENT]

    def first(self, place: Place, callers: Mapping[int, float]) -> list[int]:
        """Return those of `callers`, each with its seconds, to begin with."""
        known = dict.fromkeys([*self.of.get(place, ()), *self.of.get(place.path, ())])
        return [each for each in known if callers.get(each, _SLOW_S) < _SLOW_S]


@dataclass(frozen=True, slots=True)
class _Running:
    pid: int
    mutant: Mutant
    deadline: float


class Judge:
    """A pytest plugin that judges mutants in place of running the tests."""

    def __init__(
        self, mutants: Sequence[Mutant], workers: int, told: Callable[[Verdict], None]
    ) -> None:
        self._paths = frozenset(mutant.place.path for mutant in mutants)
        self._mutants = mutants
        self._workers = workers
        self._told = told
        self.left_out: list[str] = []

    def pytest_configure(self) -> None:
        """Let a found counterexample do: a mutant is dead before its least one is known."""
        from hypothesis import Phase, settings  # noqa: PLC0415 # not before pytest rewrites it

        quick = settings(phases=(Phase.explicit, Phase.generate), database=None)
        settings.register_profile("mutants", quick)
        settings.load_profile("mutants")

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        items[:] = [item for item in items if not _needs_a_server(item)]

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        items = session.items
        folder = Path(tempfile.mkdtemp(prefix="mutants-"))
        try:
            self._warm_up(items)
            coverage = self._measured(items, folder)
            self.left_out = coverage.broken
            for number, verdict in enumerate(self._judged(items, coverage, folder), 1):
                self._told(verdict)
                if number % _REPORT_EVERY == 0:
                    print(f"{number} of {len(self._mutants)}", flush=True)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        return True

    def _warm_up(self, items: list[pytest.Item]) -> None:
        """Make what the whole session or a file shares, so that no child makes it again."""
        known: set[object] = set()
        for item in items:
            shared = {item.path, *_session_fixtures(item)}
            if not shared <= known:
                _passes(item, item.session)
                known |= shared
        if threading.active_count() > 1:
            names = ", ".join(thread.name for thread in threading.enumerate())
            raise RuntimeError(f"the tests leave threads running: {names}")
        gc.collect()
        gc.freeze()

    def _measured(self, items: list[pytest.Item], folder: Path) -> _Coverage:
        """Run all tests once, in a child, and learn which function each of them calls."""
        answer = folder / "coverage.pickle"

        def measure() -> int:
            answer.write_bytes(pickle.dumps(_coverage(items, self._paths)))
            return SURVIVED

        pid = _child(measure, items[0], folder)
        os.waitpid(pid, 0)
        if not answer.exists():
            raise RuntimeError("the tests could not be run even once")
        found: _Coverage = pickle.loads(answer.read_bytes())  # noqa: S301 # our own child wrote it
        return found

    def _judged(
        self, items: list[pytest.Item], coverage: _Coverage, folder: Path
    ) -> Iterator[Verdict]:
        functions = _functions_in_memory(self._paths)
        killers = _Killers()
        running: dict[int, _Running] = {}
        waiting = iter(self._mutants)
        while True:
            while len(running) < self._workers and (mutant := next(waiting, None)) is not None:
                callers = coverage.callers.get(mutant.place, [])
                if not callers or mutant.place not in functions:
                    yield Verdict(mutant, "untested")
                    continue
                costs = {each: coverage.seconds[each] for each in callers}
                quickest = sorted(callers, key=costs.__getitem__)
                chosen = list(dict.fromkeys([*killers.first(mutant.place, costs), *quickest]))
                tests = [(each, items[each], _patience(coverage.seconds[each])) for each in chosen]
                trial = _trial(mutant, functions[mutant.place], tests, folder)
                pid = _child(trial, items[0], folder)
                patience = _WAITS_LONGER * sum(seconds for _, _, seconds in tests)
                deadline = time.monotonic() + patience
                running[os.pidfd_open(pid)] = _Running(pid, mutant, deadline)
            if not running:
                return
            yield from _ended(running, folder, killers)


def _ended(running: dict[int, _Running], folder: Path, killers: _Killers) -> Iterator[Verdict]:
    """Wait for a child to end; one that does not in its time is killed, and so is its mutant."""
    nearest = min(each.deadline for each in running.values())
    ready, _, _ = select.select(list(running), [], [], max(0.0, nearest - time.monotonic()))
    late = [each for each, trial in running.items() if trial.deadline <= time.monotonic()]
    for descriptor in {*ready, *late}:
        trial = running.pop(descriptor)
        if descriptor not in ready:
            os.kill(trial.pid, 9)
        _, status = os.waitpid(trial.pid, 0)
        os.close(descriptor)
        killer = _killer(folder, trial.pid)
        if killer.exists():
            killers.note(trial.mutant.place, int(killer.read_text()))
            killer.unlink()
        shutil.rmtree(folder / str(trial.pid), ignore_errors=True)
        fates = {SURVIVED: "survived", NOT_BUILT: "not built"}
        yield Verdict(trial.mutant, fates.get(os.waitstatus_to_exitcode(status), "killed"))


def _killer(folder: Path, pid: int) -> Path:
    """Return the file in which a child says which test failed."""
    return folder / f"{pid}.killer"


def _patience(seconds: float) -> float:
    """Return how much CPU a test may use with a mutant; who needs more is caught in a loop."""
    return LEAST_PATIENCE_S + 5 * seconds


def _trial(
    mutant: Mutant,
    functions: list[FunctionType],
    tests: list[tuple[int, pytest.Item, float]],
    folder: Path,
) -> Callable[[], int]:
    def run() -> int:
        for out_of_time in (signal.SIGPROF, signal.SIGALRM):
            signal.signal(out_of_time, lambda _number, _frame: os._exit(KILLED))
        code = mutant.code()
        if code is None or any(code.co_freevars != f.__code__.co_freevars for f in functions):
            return NOT_BUILT
        for function in functions:
            function.__code__ = code
        followers = [*(item for _, item, _ in tests[1:]), tests[0][1].session]
        for (number, item, patience), following in zip(tests, followers, strict=True):
            signal.setitimer(signal.ITIMER_PROF, patience)
            signal.setitimer(signal.ITIMER_REAL, _WAITS_LONGER * patience)
            if not _passes(item, following):
                _killer(folder, os.getpid()).write_text(str(number))
                return KILLED
        return SURVIVED

    return run


def _child(work: Callable[[], int], any_item: pytest.Item, folder: Path) -> int:
    """Fork; the child does `work` in silence, in a folder of its own, and ends with its answer."""
    pid = os.fork()
    if pid:
        return pid
    answer = KILLED
    try:
        silence = os.open(os.devnull, os.O_WRONLY)
        os.dup2(silence, 1)
        os.dup2(silence, 2)
        # Two children that run the same test must not share its folder.
        own = folder / str(os.getpid())
        own.mkdir()
        factory: Any = any_item.config._tmp_path_factory  # type: ignore[attr-defined] # noqa: SLF001
        factory._basetemp = own  # noqa: SLF001
        answer = work()
    finally:
        os._exit(answer)


def _passes(item: pytest.Item, following: Any) -> bool:
    """Run a test; what it shares with `following`, a test or the whole session, is kept."""
    return not any(report.failed for report in runtestprotocol(item, nextitem=following, log=False))


def _coverage(items: list[pytest.Item], paths: frozenset[str]) -> _Coverage:
    found = _Coverage()
    called: set[CodeType] = set()

    def note(frame: FrameType, event: str, _: object) -> None:
        if event == "call" and frame.f_code.co_filename in paths:
            called.add(frame.f_code)

    followers = [*items[1:], items[0].session]
    for number, (item, following) in enumerate(zip(items, followers, strict=True)):
        called.clear()
        begun = time.process_time()
        threading.setprofile(note)
        sys.setprofile(note)
        passed = _passes(item, following)
        sys.setprofile(None)
        threading.setprofile(None)
        found.seconds[number] = time.process_time() - begun
        if not passed:  # it would kill every mutant that it reaches
            found.broken.append(item.nodeid)
            continue
        for code in called:
            place = Place(code.co_filename, code.co_qualname, code.co_firstlineno)
            found.callers.setdefault(place, []).append(number)
    return found


def _functions_in_memory(paths: frozenset[str]) -> dict[Place, list[FunctionType]]:
    """Return every function that runs code of the files, wherever it hangs by now.

    A class that was made twice (`slots=True`), a property, a table of rules: all of them hold the
    same function, so to change its code changes it everywhere.
    """
    found: dict[Place, list[FunctionType]] = {}
    gc.unfreeze()
    for each in gc.get_objects():
        if isinstance(each, FunctionType) and each.__code__.co_filename in paths:
            code = each.__code__
            place = Place(code.co_filename, code.co_qualname, code.co_firstlineno)
            found.setdefault(place, []).append(each)
    gc.freeze()
    return found


def _session_fixtures(item: pytest.Item) -> set[str]:
    """Return the names of the fixtures of the whole session that a test uses."""
    info: Any = getattr(item, "_fixtureinfo", None)
    if info is None:
        return set()
    definitions = info.name2fixturedefs.items()
    return {name for name, found in definitions if found[-1].scope == "session"}


def _needs_a_server(item: pytest.Item) -> bool:
    return not OUTSIDE.isdisjoint(getattr(item, "fixturenames", ()))
