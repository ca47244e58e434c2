"""A pytest plugin: a whole run must have produced every refusal that docs/errors.md lists.

Loaded by `make test` (`pytest -p tools.produced`). A refusal counts where the code of the system
made it, with every fact its Chinese sentence asks for; one that a test made by hand does not.
The processes that a test starts are not looked into: what only they refuse counts as missing.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from functools import cache
from pathlib import PurePath
from types import FrameType
from typing import NamedTuple

import pytest

from servicekit.errors import DomainError
from servicekit.texts import MessageCatalogue
from tools.documents import owner, refusals

BY_HAND = {"tests", "testing.py", "testing"}


class Reason(NamedTuple):
    """A row of docs/errors.md: who refuses (`all` for the kit), and the reason."""

    owner: str
    reason: str


def reason_of(kind: type[DomainError]) -> Reason:
    """Return the row of a refusal; a class without a reason of its own has its parent's."""
    named = next(each for each in kind.__mro__ if "reason" in vars(each))
    return Reason(owner(named), kind.reason)


@cache
def _texts(service: str) -> MessageCatalogue:
    return MessageCatalogue.load("servicekit" if service == "all" else f"services.{service}")


def is_said_in_full(reason: Reason, facts: Mapping[str, str]) -> bool:
    """Tell whether `facts` fill the Chinese sentence of the refusal."""
    texts = _texts(reason.owner)
    return reason.reason in texts.reasons() and texts.placeholders(reason.reason) <= facts.keys()


def maker(frame: FrameType | None, error: DomainError) -> PurePath:
    """Return the file in which `error` was made, past the constructors of its own classes."""
    while frame is not None and frame.f_locals.get("self") is error:
        frame = frame.f_back
    return PurePath() if frame is None else PurePath(frame.f_code.co_filename)


class Produced:
    """What the system refused while the tests ran."""

    def __init__(self) -> None:
        self.listed = {reason_of(kind) for kind in refusals() if ".tests" not in kind.__module__}
        self.reasons: set[Reason] = set()
        self._init = DomainError.__init__

    def note(self, error: DomainError, facts: Mapping[str, str], at: FrameType | None) -> None:
        """Count `error`, made at frame `at`, if the system made it and can say it."""
        reason = reason_of(type(error))
        if reason in self.reasons or BY_HAND & set(maker(at, error).parts):
            return
        if is_said_in_full(reason, facts):
            self.reasons.add(reason)

    def watch(self) -> None:
        """Hear of every refusal from now on."""
        original = self._init

        def init(error: DomainError, message: str, **facts: str) -> None:
            original(error, message, **facts)
            here = inspect.currentframe()
            self.note(error, facts, here and here.f_back)

        DomainError.__init__ = init  # type: ignore[method-assign, assignment]

    def leave(self) -> None:
        DomainError.__init__ = self._init  # type: ignore[method-assign]

    def missing(self) -> list[Reason]:
        """Return the refusals of docs/errors.md that nothing produced."""
        return sorted(self.listed - self.reasons)


_produced = Produced()


def pytest_configure() -> None:
    _produced.watch()


def pytest_unconfigure() -> None:
    _produced.leave()


def pytest_sessionfinish(session: pytest.Session) -> None:
    if session.exitstatus == pytest.ExitCode.OK and _produced.missing():
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    missing = _produced.missing()
    if not missing:
        terminalreporter.write_line(f"every refusal was produced: {len(_produced.reasons)}")
        return
    terminalreporter.write_sep("=", "refusals that no test produced", red=True)
    for service, reason in missing:
        terminalreporter.write_line(f"{service:<9} {reason}")
