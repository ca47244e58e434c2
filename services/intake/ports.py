"""What the handlers of intake need from the outside world."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from types import TracebackType
from typing import Any, Protocol, Self

from servicekit.calls import Call
from servicekit.events import Event
from services.intake.domain.case import Case
from services.intake.domain.values import Applicant, ItemTerms, WindowPowers
from workdays import WorkCalendar

__all__ = [
    "Applicants",
    "Blobs",
    "Cases",
    "Catalogue",
    "Directory",
    "Findings",
    "IntakeUnitOfWork",
    "Reviews",
    "SealRegister",
    "SealUse",
    "SiteCheck",
    "Uploads",
]


class Cases(Protocol):
    """The cases, each within the caller's reach; locked."""

    def get(self, key: str) -> Case: ...
    def find(self, key: str) -> Case | None: ...
    def add(self, aggregate: Case) -> None: ...


class Applicants(Protocol):
    """Who applied, sealed at rest; opened only where an act needs it."""

    def add(self, case_number: str, applicant: Applicant) -> None: ...
    def get(self, case_number: str) -> Applicant: ...
    def signed_for(self, case_number: str, name: str) -> None: ...


class IntakeUnitOfWork(Protocol):
    """One transaction. Leaving the block without `commit()` changes nothing."""

    call: Call

    @property
    def cases(self) -> Cases: ...
    @property
    def applicants(self) -> Applicants: ...
    @property
    def calendar(self) -> WorkCalendar:
        """The official calendar with every year imported so far."""
        ...

    @property
    def site_unit(self) -> str:
        """The unit of this site: it writes the cases that name it."""
        ...

    def number_documents(self) -> None:
        """Give the documents drafted in this transaction the next numbers of their series."""
        ...

    def tell_without_revision(self, case: Case, event: Event) -> None:
        """Publish a fact of `case` that takes nothing from what its readers have seen."""
        ...

    def import_year(self, year: int, notice: str, source: str) -> None: ...
    def ask(self, kind: str, key: str, **payload: Any) -> None:
        """Ask for a job inside this transaction."""
        ...

    def note(self, **facts: Any) -> None: ...
    def __enter__(self) -> Self: ...
    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...
    def commit(self) -> None: ...


class Catalogue(Protocol):
    """The catalogue service, as far as intake asks it."""

    def item_in_force(self, item_code: str, on: date) -> ItemTerms: ...
    def window_powers(self, window_unit: str, item_code: str, at: datetime) -> WindowPowers: ...


@dataclass(frozen=True, slots=True)
class Findings:
    """What the decision of a case rests on."""

    facts: str
    reasons: str
    legal_bases: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SiteCheck:
    """What the record of a check on the site says; the checkers by their identities."""

    check_time: datetime
    place: str
    checkers: tuple[str, ...]
    findings: str
    complies: bool


class Reviews(Protocol):
    """The review service, as far as intake asks it."""

    def findings(self, case_number: str) -> Findings: ...
    def site_checks(self, case_number: str) -> tuple[SiteCheck, ...]:
        """Return the checks on the site, in the order of their records."""
        ...


class Directory(Protocol):
    """The names that documents print, as the catalogue knows them; None for a stranger."""

    def person_name(self, person: str) -> str | None: ...
    def unit_name(self, unit: str) -> str | None: ...


class Blobs(Protocol):
    """Where files are."""

    def exists(self, sha256: str) -> bool: ...


class Uploads(Protocol):
    """Where uploads begin."""

    def begin(self, expected_size: int, media_type: str) -> str: ...


class SealUse(Protocol):
    """One entry of the register of uses."""

    @property
    def scan_sha256(self) -> str: ...
    @property
    def certified(self) -> bool: ...


class SealRegister(Protocol):
    """Seals documents and keeps the register of it (用印登记)."""

    def seal(self, *, seal_id: str, seal_kind: str, person: str, scan_sha256: str) -> SealUse: ...
