"""What the handlers of metrics need from the outside world."""

from __future__ import annotations

from types import TracebackType
from typing import Protocol, Self

from servicekit.calls import Call
from services.metrics.domain.events import ItemLightChanged
from services.metrics.domain.facts import CaseFacts
from services.metrics.domain.rating import Rating

__all__ = ["Cases", "Lights", "MetricsUnitOfWork", "Ratings", "Seal"]


class Cases(Protocol):
    """What is counted of each case, within the caller's reach."""

    def get(self, case_number: str) -> CaseFacts:
        """Return the facts, locked for this transaction, or refuse."""
        ...


class Ratings(Protocol):
    """The ratings."""

    def find(self, key: str) -> Rating | None: ...
    def add(self, aggregate: Rating) -> None: ...


class Lights(Protocol):
    """The lights of the items under 最多跑一次."""

    def turn_red(self, light: ItemLightChanged) -> bool:
        """Turn the light of an item red; tell whether it was not red before."""
        ...


class Seal(Protocol):
    """Makes personal data unreadable to the database."""

    def __call__(self, plain: str) -> str: ...


class MetricsUnitOfWork(Protocol):
    """One transaction. Leaving the block without `commit()` changes nothing."""

    call: Call

    @property
    def cases(self) -> Cases: ...
    @property
    def ratings(self) -> Ratings: ...
    @property
    def lights(self) -> Lights: ...
    def tell(self, light: ItemLightChanged, *, unit: str) -> None: ...
    def __enter__(self) -> Self: ...
    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...
    def commit(self) -> None: ...
