"""Which rows the provincial net has, so that only what changed goes out, once."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection, delete, select, text

from servicekit.database import insert_for
from services.intake.adapters.orm_counter import exchange_row as table
from services.intake.domain.exchange import ExchangeRow, ExchangeTable, Operation

__all__ = ["SentRows"]

_NEXT = text("""
    INSERT INTO exchange_batch AS b (name, last) VALUES ('outbound', 1)
    ON CONFLICT (name) DO UPDATE SET last = b.last + 1
    RETURNING last""")


@dataclass(frozen=True, slots=True)
class SentRows:
    """The rows sent so far, by their digests. Nothing of their content is kept."""

    connection: Connection

    def changes(
        self, case_number: str, rows: Iterable[ExchangeRow]
    ) -> list[tuple[ExchangeRow, Operation]]:
        """Return what must be sent of a case: the new, the changed, and what is no more."""
        known = {
            (row.exchange_table, row.guid): row.digest
            for row in self.connection.execute(
                select(table).where(table.c.case_number == case_number)
            )
        }
        found, changed = set(), []
        for row in rows:
            key = (row.table.value, row.guid)
            found.add(key)
            if key not in known:
                changed.append((row, Operation.INSERT))
            elif known[key] != _digest(row):
                changed.append((row, Operation.UPDATE))
        gone = [
            ExchangeRow(table=ExchangeTable(name), guid=guid, columns={"row_guid": guid})
            for name, guid in sorted(known.keys() - found)
        ]
        return [*changed, *((row, Operation.DELETE) for row in gone)]

    def next_batch(self) -> int:
        """Return the number of the next batch, which is nobody else's once it is committed."""
        number: int = self.connection.execute(_NEXT).scalar_one()
        return number

    def sent(self, case_number: str, rows: Iterable[tuple[ExchangeRow, Operation]]) -> None:
        """Remember what was sent."""
        for row, operation in rows:
            name, guid = row.table.value, row.guid
            if operation is Operation.DELETE:
                self.connection.execute(
                    delete(table).where(table.c.exchange_table == name, table.c.guid == guid)
                )
                continue
            kept = insert_for(self.connection)(table).values(
                exchange_table=name, guid=guid, case_number=case_number, digest=_digest(row)
            )
            self.connection.execute(
                kept.on_conflict_do_update(
                    index_elements=["exchange_table", "guid"],
                    set_={"digest": kept.excluded.digest},
                )
            )


def _digest(row: ExchangeRow) -> str:
    content = json.dumps(dict(row.columns), ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(content.encode()).hexdigest()
