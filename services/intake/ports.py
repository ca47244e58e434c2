"""What the handlers of intake need from the outside world."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from types import TracebackType
from typing import Any, Protocol, Self

from servicekit.calls import Call
from servicekit.events import Event
from services.intake.domain.assistance import Assistance
from services.intake.domain.case import Case
from services.intake.domain.enquiry import Enquiry
from services.intake.domain.exchange import ExchangeRow, Operation
from services.intake.domain.item_terms import Remedies
from services.intake.domain.records import ServiceAccount
from services.intake.domain.refusal import CompetentAuthority
from services.intake.domain.values import Applicant, ItemTerms, WindowPowers, WindowUnit
from workdays import WorkCalendar

__all__ = [
    "Applicants",
    "Assistances",
    "Assisted",
    "Blobs",
    "Cases",
    "Catalogue",
    "Directory",
    "Enquirers",
    "Enquiries",
    "ExchangeSink",
    "Findings",
    "Imports",
    "IntakeUnitOfWork",
    "Mergers",
    "Offer",
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
    def served_so(self, case_number: str, account: ServiceAccount) -> None: ...


class Assistances(Protocol):
    """The carried requests; locked."""

    def get(self, key: str) -> Assistance: ...
    def find(self, key: str) -> Assistance | None: ...
    def add(self, aggregate: Assistance) -> None: ...


class Assisted(Protocol):
    """Who applies through a carried request, and the agent of the mandate; sealed at rest."""

    def add(self, assistance: str, person: Applicant, agent_name: str) -> None: ...
    def get(self, assistance: str) -> Applicant: ...
    def agent(self, assistance: str) -> str: ...


class Enquiries(Protocol):
    """The questions; locked."""

    def get(self, key: str) -> Enquiry: ...
    def find(self, key: str) -> Enquiry | None: ...
    def add(self, aggregate: Enquiry) -> None: ...


class Enquirers(Protocol):
    """Who asked; sealed at rest."""

    def add(self, enquiry: str, name: str, phone: str) -> None: ...


class Imports(Protocol):
    """Under which number the provincial net knows a case."""

    def add(
        self, exchange_number: str, case_number: str, submitted_at: datetime, digest: str
    ) -> None: ...
    def find(self, exchange_number: str) -> tuple[str, str] | None: ...


class Mergers(Protocol):
    """Which windows were merged into which."""

    def add(self, window_unit: str, successor: str, from_on: date) -> None: ...


class IntakeUnitOfWork(Protocol):
    """One transaction. Leaving the block without `commit()` changes nothing."""

    call: Call

    @property
    def cases(self) -> Cases: ...
    @property
    def applicants(self) -> Applicants: ...
    @property
    def assistances(self) -> Assistances: ...
    @property
    def assisted(self) -> Assisted: ...
    @property
    def enquiries(self) -> Enquiries: ...
    @property
    def enquirers(self) -> Enquirers: ...
    @property
    def imports(self) -> Imports: ...
    @property
    def mergers(self) -> Mergers: ...
    @property
    def predecessors(self) -> frozenset[str]:
        """The windows that were merged into the caller's by now."""
        ...

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

    def tell_without_revision(self, aggregate: Case | Assistance, event: Event) -> None:
        """Publish a fact of the aggregate that takes nothing from what its readers have seen."""
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


@dataclass(frozen=True, slots=True)
class Offer:
    """An item as it may be applied for, or as it last could be."""

    terms: ItemTerms
    in_force: bool


class Catalogue(Protocol):
    """The catalogue service, as far as intake asks it."""

    def item_in_force(self, item_code: str, on: date) -> ItemTerms: ...
    def item(self, item_code: str, on: date) -> Offer:
        """Return the version in force, or the last one of an item that ended."""
        ...

    def find_authority(self, name_or_code: str, at: datetime) -> CompetentAuthority:
        """Return the authority as printed, and whether a window accepts for it."""
        ...

    def remedies(self, authority: str, at: datetime) -> Remedies:
        """Return who reviews what the authority decides that day; empty where unknown."""
        ...

    def competent_windows(self, item_code: str, at: datetime) -> tuple[WindowUnit, ...]: ...
    def person_name(self, person: str) -> str | None: ...
    def unit_name(self, unit: str) -> str | None: ...
    def window_powers(self, window_unit: str, item_code: str, at: datetime) -> WindowPowers: ...


@dataclass(frozen=True, slots=True)
class Findings:
    """What the decision of a case rests on."""

    facts: str
    reasons: str
    legal_bases: tuple[str, ...]
    # Of a grant: what is granted, until when, on which conditions.
    content: str = ""
    valid_until: date | None = None
    conditions: tuple[str, ...] = ()


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

    def findings(self, case_number: str, authority: str) -> Findings: ...
    def site_checks(self, case_number: str, authority: str) -> tuple[SiteCheck, ...]:
        """Return the checks of an authority on the site, in the order of their records."""
        ...


class Directory(Protocol):
    """What documents print, as the catalogue knows it; no name for a stranger."""

    def remedies(self, authority: str, at: datetime) -> Remedies:
        """Return who reviews what the authority decides that day; empty where unknown."""
        ...

    def person_name(self, person: str) -> str | None: ...
    def unit_name(self, unit: str) -> str | None: ...


class Blobs(Protocol):
    """Where files are."""

    def exists(self, sha256: str) -> bool: ...


class ExchangeSink(Protocol):
    """Takes what the provincial net is told, batch by batch; the gateway carries it there."""

    def write(
        self, batch: int, at: datetime, rows: Sequence[tuple[ExchangeRow, Operation]]
    ) -> None:
        """Take a batch; taking the same number again replaces it."""
        ...


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
