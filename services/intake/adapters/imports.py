"""Under which number the provincial net knows a case (交换编号)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, insert, select
from sqlalchemy.exc import IntegrityError

from servicekit.database import is_duplicate
from servicekit.errors import ConflictError
from services.intake.adapters.orm_counter import imported_application as table

__all__ = ["SqlImports"]

_NUMBER_OF = select(table.c.exchange_number).where(table.c.case_number == bindparam("key"))


@dataclass(frozen=True, slots=True)
class SqlImports:
    """The applications that came from the provincial net, by their numbers there."""

    connection: Connection

    def add(
        self, exchange_number: str, case_number: str, submitted_at: datetime, digest: str
    ) -> None:
        row = insert(table).values(
            exchange_number=exchange_number,
            case_number=case_number,
            submitted_at=submitted_at,
            digest=digest,
        )
        try:
            self.connection.execute(row)
        except IntegrityError as error:
            if not is_duplicate(error):
                raise
            raise ConflictError("It is being imported", exchange=exchange_number) from error

    def find(self, exchange_number: str) -> tuple[str, str] | None:
        """Return the case of that number and the digest of what was sent, or None."""
        row = self.connection.execute(
            select(table.c.case_number, table.c.digest).where(
                table.c.exchange_number == exchange_number
            )
        ).one_or_none()
        return None if row is None else (row.case_number, row.digest)

    def number_of(self, case_number: str) -> str:
        """Return the number under which the case came; empty if it did not."""
        found: str | None = self.connection.execute(
            _NUMBER_OF, {"key": case_number}
        ).scalar_one_or_none()
        return found or ""
