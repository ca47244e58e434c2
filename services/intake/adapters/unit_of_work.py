"""The SQLAlchemy unit of work of intake."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import timedelta
from functools import cached_property
from typing import Any, Self

from sqlalchemy import Connection, Engine, bindparam, insert, select, text, update

from servicekit.calls import Call
from servicekit.events import Event
from servicekit.jobs import enqueue
from servicekit.kit import Kit
from servicekit.sealed import SealedText
from servicekit.unit_of_work import Repository, UnitOfWork
from services.intake.adapters.calendars import keep_year, load_calendar
from services.intake.adapters.document_names import DocumentNames
from services.intake.adapters.imports import SqlImports
from services.intake.adapters.mergers import SqlMergers, predecessors
from services.intake.adapters.orm import applicant, timeline_entry
from services.intake.adapters.persons import SqlAssisted, SqlEnquirers
from services.intake.domain import joint_rules, rules
from services.intake.domain.assistance import Assistance
from services.intake.domain.case import Case
from services.intake.domain.counter_errors import AssistanceUnknownError, EnquiryUnknownError
from services.intake.domain.document import Document
from services.intake.domain.enquiry import Enquiry
from services.intake.domain.errors import CaseUnknownError
from services.intake.domain.records import ServiceAccount
from services.intake.domain.values import Applicant, civil_day
from workdays import WorkCalendar

__all__ = ["Site", "SqlApplicants", "SqlIntakeUnitOfWork"]

RENDER = "render_document"
EXPORT = "export_case"
_RENDERED_WITHIN = timedelta(days=7)

_NEXT = text("""
    INSERT INTO document_series AS s (authority, kind, year, site, last_ordinal)
    VALUES (:authority, :kind, :year, :site, 1)
    ON CONFLICT (authority, kind, year, site) DO UPDATE SET last_ordinal = s.last_ordinal + 1
    RETURNING last_ordinal""")


_OF_THE_CASE = applicant.c.case_number == bindparam("key")
_APPLICANT = select(applicant).where(_OF_THE_CASE)
_HOW_SERVED = select(applicant.c.service_account_sealed).where(_OF_THE_CASE)
_WHO_SIGNED = select(applicant.c.signed_for_sealed).where(_OF_THE_CASE)
_TELL = insert(timeline_entry)
_ADD_APPLICANT = insert(applicant)


def _next_ordinal(connection: Connection, series: Mapping[str, Any]) -> int:
    """Take the next number of a series; its row stays locked until the commit."""
    return int(connection.execute(_NEXT, series).scalar_one())


@dataclass(frozen=True, slots=True)
class Site:
    """What a unit of work needs to know of the site it works at."""

    unit: str
    number: str
    names: DocumentNames
    sealed: SealedText
    # Whether the provincial net is told what becomes of the cases.
    exports: bool = False


class SqlApplicants:
    """Who applied, sealed at rest (个人信息保护法 第五十一条)."""

    def __init__(self, connection: Connection, sealed: SealedText) -> None:
        self._connection = connection
        self._sealed = sealed

    def add(self, case_number: str, person: Applicant) -> None:
        seal = self._sealed.seal
        self._connection.execute(
            _ADD_APPLICANT,
            {
                "case_number": case_number,
                "person": person.person,
                "kind": person.kind,
                "name_sealed": seal(person.name, field="applicant.name"),
                "identity_sealed": seal(person.identity_number, field="applicant.identity"),
                "identity_index": self._sealed.blind_index(
                    person.identity_number, field="applicant.identity"
                ),
                "phone_sealed": seal(person.phone, field="applicant.phone"),
                "address_sealed": seal(person.address, field="applicant.address"),
            },
        )

    def get(self, case_number: str) -> Applicant:
        row = self._connection.execute(_APPLICANT, {"key": case_number}).one_or_none()
        if row is None:
            raise CaseUnknownError("There is no such case", case=case_number)
        unseal = self._sealed.unseal
        return Applicant(
            person=row.person,
            kind=row.kind,
            name=unseal(row.name_sealed, field="applicant.name"),
            identity_number=unseal(row.identity_sealed, field="applicant.identity"),
            phone=unseal(row.phone_sealed, field="applicant.phone"),
            address=unseal(row.address_sealed, field="applicant.address"),
        )

    def signed_for(self, case_number: str, name: str) -> None:
        """Keep the name of who signed for the result."""
        self._connection.execute(
            update(applicant)
            .where(applicant.c.case_number == case_number)
            .values(signed_for_sealed=self._sealed.seal(name, field="applicant.signed_for"))
        )

    def served_so(self, case_number: str, account: ServiceAccount) -> None:
        """Keep how service went, where nobody signed for it at the window."""
        content = json.dumps(asdict(account), ensure_ascii=False)
        self._connection.execute(
            update(applicant)
            .where(applicant.c.case_number == case_number)
            .values(
                service_account_sealed=self._sealed.seal(content, field="applicant.service_account")
            )
        )

    def how_served(self, case_number: str) -> ServiceAccount:
        """Return how service went; empty where it was signed for."""
        sealed = self._connection.execute(_HOW_SERVED, {"key": case_number}).scalar_one_or_none()
        if not sealed:
            return ServiceAccount()
        found = json.loads(self._sealed.unseal(sealed, field="applicant.service_account"))
        return ServiceAccount(**{**found, "witnesses": tuple(found["witnesses"])})

    def who_signed(self, case_number: str) -> str:
        """Return the name of who signed for the result; empty before."""
        sealed = self._connection.execute(_WHO_SIGNED, {"key": case_number}).scalar_one_or_none()
        return self._sealed.unseal(sealed, field="applicant.signed_for") if sealed else ""


class Cases(Repository[Case]):
    """The cases; a window reaches those of the windows that were merged into it as its own.

    Source: R4.7; readings 6.
    """

    def __init__(self, uow: SqlIntakeUnitOfWork) -> None:
        super().__init__(uow, Case, CaseUnknownError)
        self._intake = uow

    def get(self, key: str) -> Case:
        found = self.find(key)
        if found is not None and found.window_unit in self._intake.predecessors:
            return found
        return super().get(key)


class SqlIntakeUnitOfWork(UnitOfWork):
    """Saves cases, documents, events and audit in one transaction, so none can exist alone."""

    cases: Cases
    applicants: SqlApplicants
    assistances: Repository[Assistance]
    assisted: SqlAssisted
    enquiries: Repository[Enquiry]
    enquirers: SqlEnquirers
    imports: SqlImports
    mergers: SqlMergers

    def __init__(self, kit: Kit, bind: Engine | Connection, call: Call, site: Site) -> None:
        super().__init__(kit, bind, call)
        self._site = site

    def __enter__(self) -> Self:
        super().__enter__()
        self.cases = Cases(self)
        self.applicants = SqlApplicants(self.connection, self._site.sealed)
        self.assistances = Repository(self, Assistance, AssistanceUnknownError)
        self.assisted = SqlAssisted(self.connection, self._site.sealed)
        self.enquiries = Repository(self, Enquiry, EnquiryUnknownError)
        self.enquirers = SqlEnquirers(self.connection, self._site.sealed)
        self.imports = SqlImports(self.connection)
        self.mergers = SqlMergers(self.connection)
        return self

    @property
    def site_unit(self) -> str:
        return self._site.unit

    @cached_property
    def predecessors(self) -> frozenset[str]:
        """The windows that were merged into the caller's by now (readings 6)."""
        return predecessors(self.call, self.connection)

    @cached_property
    def calendar(self) -> WorkCalendar:
        return load_calendar(self.connection)

    def import_year(self, year: int, notice: str, source: str) -> None:
        keep_year(self.connection, year, notice, source, self.call.at)

    def ask(self, kind: str, key: str, **payload: Any) -> None:
        enqueue(
            self.connection,
            self.kit.tables.job,
            key=key,
            kind=kind,
            payload=payload,
            within=_RENDERED_WITHIN,
            traceparent=self.call.traceparent,
        )

    def tell_without_revision(self, aggregate: Case | Assistance, event: Event) -> None:
        stream, unit = aggregate.stream_id, aggregate.ownership.unit
        self.publish(self.kit.codec.pending(event, stream_id=stream, unit=unit))

    def number_documents(self) -> None:
        """Take the next numbers. The row of the series is locked from here to the commit.

        Last of all, therefore: whoever is numbered next waits for what follows.
        """
        for case in self._cases():
            for document in case.to_print:
                if document.awaits_number:
                    part = joint_rules.part_of(case.terms, document.authority)
                    self._number(document, part.authority_prefix)

    def _number(self, document: Document, prefix: str) -> None:
        year, site = civil_day(self.call.at).year, self._site.number
        series = {"authority": document.authority, "kind": document.kind.name}
        ordinal = _next_ordinal(self.connection, {**series, "year": year, "site": site})
        word = self._site.names.words[document.kind]
        number = rules.document_number(prefix, word, year, site, ordinal)
        document.take_number(year=year, site=site, ordinal=ordinal, number=number)

    def flush(self) -> None:
        self.number_documents()
        changed = [case for case in self._cases() if case.events]
        super().flush()
        self._ask_for_exports(changed)
        for case in self._cases():
            self._ask_for_prints(case)
            self._write_timeline(case)

    def _cases(self) -> list[Case]:
        return [each for each in self._seen if isinstance(each, Case)]

    def _ask_for_exports(self, changed: list[Case]) -> None:
        if self._site.exports:
            for case in changed:
                key = f"{EXPORT}:{case.number}:{case.revision}"
                self.ask(EXPORT, key, case_number=case.number)

    def _ask_for_prints(self, case: Case) -> None:
        for document in case.to_print:
            self.ask(
                RENDER,
                f"{RENDER}:{document.document}:{document.rendering}",
                case_number=document.case_number,
                document=document.document,
                rendering=document.rendering,
            )
        case.to_print = []

    def _write_timeline(self, case: Case) -> None:
        if case.told:
            rows = [{"case_number": case.number, **asdict(entry)} for entry in case.told]
            self.connection.execute(_TELL, rows)
            case.told = []
