"""The job that tells the provincial net what became of a case."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from servicekit.clock import Clock
from servicekit.jobs import Job
from servicekit.mapping import load_whole, reading
from servicekit.sealed import SealedText
from services.intake.adapters.exchange_rows import SentRows
from services.intake.adapters.imports import SqlImports
from services.intake.adapters.unit_of_work import SqlApplicants
from services.intake.domain.case import Case
from services.intake.domain.errors import CaseUnknownError
from services.intake.domain.exchange import Applied, ExchangeRow, Operation, rows_of
from services.intake.ports import ExchangeSink

__all__ = ["Exporting"]


@dataclass(frozen=True, slots=True)
class Exporting:
    """Sends what changed of a case since it was sent last, as one batch.

    The number of the batch is taken for good before the file is written, and what was
    sent is remembered after it. Whatever fails in between, a number never names two
    batches: the rows go out once more, under the next one, and say the same again.
    """

    engine: Engine
    sealed: SealedText
    clock: Clock
    sink: ExchangeSink

    def __call__(self, job: Job) -> None:
        number = job.payload["case_number"]
        changed = self._changes(number)
        if not changed:
            return
        with self.engine.begin() as connection:
            batch = SentRows(connection).next_batch()
        self.sink.write(batch, self.clock.now(), changed)
        with self.engine.begin() as connection:
            SentRows(connection).sent(number, changed)

    def _changes(self, number: str) -> list[tuple[ExchangeRow, Operation]]:
        with self.engine.begin() as connection:
            with Session(bind=connection, autoflush=False) as session:
                case = session.scalars(reading(Case), {"key": number}).one_or_none()
                if case is None:
                    raise CaseUnknownError("A job about an unknown case", case=number)
                load_whole(session, case)
                rows = rows_of(
                    case,
                    Applied(
                        applicant=SqlApplicants(connection, self.sealed).get(number),
                        exchange_number=SqlImports(connection).number_of(number),
                    ),
                )
            return SentRows(connection).changes(number, rows)
