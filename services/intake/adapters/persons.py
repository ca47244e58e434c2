"""Who asked for help and who asked a question: sealed at rest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, insert, select

from servicekit.sealed import SealedText
from services.intake.adapters.orm_counter import assisted_person, enquirer
from services.intake.domain.counter_errors import AssistanceUnknownError
from services.intake.domain.values import Applicant

__all__ = ["SqlAssisted", "SqlEnquirers"]


@dataclass(frozen=True, slots=True)
class SqlAssisted:
    """The applicants of carried requests, and the agents their mandates name."""

    connection: Connection
    sealed: SealedText

    def add(self, assistance: str, person: Applicant, agent_name: str) -> None:
        seal = self.sealed.seal
        self.connection.execute(
            insert(assisted_person).values(
                assistance=assistance,
                person=person.person,
                kind=person.kind,
                name_sealed=seal(person.name, field="assisted.name"),
                identity_sealed=seal(person.identity_number, field="assisted.identity"),
                phone_sealed=seal(person.phone, field="assisted.phone"),
                address_sealed=seal(person.address, field="assisted.address"),
                agent_sealed=seal(agent_name, field="assisted.agent"),
            )
        )

    def get(self, assistance: str) -> Applicant:
        """Return who applies through the carried request."""
        row = self._row(assistance)
        unseal = self.sealed.unseal
        return Applicant(
            person=row.person,
            kind=row.kind,
            name=unseal(row.name_sealed, field="assisted.name"),
            identity_number=unseal(row.identity_sealed, field="assisted.identity"),
            phone=unseal(row.phone_sealed, field="assisted.phone"),
            address=unseal(row.address_sealed, field="assisted.address"),
        )

    def agent(self, assistance: str) -> str:
        """Return the name of the agent as the mandate has it."""
        return self.sealed.unseal(self._row(assistance).agent_sealed, field="assisted.agent")

    def _row(self, assistance: str) -> Row[Any]:
        row = self.connection.execute(
            select(assisted_person).where(assisted_person.c.assistance == assistance)
        ).one_or_none()
        if row is None:
            raise AssistanceUnknownError("There is no such assistance", assistance=assistance)
        return row


@dataclass(frozen=True, slots=True)
class SqlEnquirers:
    """Who asked the questions."""

    connection: Connection
    sealed: SealedText

    def add(self, enquiry: str, name: str, phone: str) -> None:
        self.connection.execute(
            insert(enquirer).values(
                enquiry=enquiry,
                name_sealed=self.sealed.seal(name, field="enquirer.name"),
                phone_sealed=self.sealed.seal(phone, field="enquirer.phone"),
            )
        )

    def name(self, enquiry: str) -> str:
        sealed = self.connection.execute(
            select(enquirer.c.name_sealed).where(enquirer.c.enquiry == enquiry)
        ).scalar_one()
        return self.sealed.unseal(sealed, field="enquirer.name")
