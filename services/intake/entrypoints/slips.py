"""The jobs and sweeps of what happens around the counter."""

from __future__ import annotations

from dataclasses import dataclass, replace

from sqlalchemy import Engine, Select, select
from sqlalchemy.orm import Session, selectinload

from servicekit.blobs import DirectoryBlobStore, put
from servicekit.jobs import Job
from servicekit.sealed import SealedText
from services.intake import handlers
from services.intake.adapters.orm import bundle, case_file
from services.intake.adapters.persons import SqlAssisted
from services.intake.adapters.slip_printing import Slip, SlipPrinter
from services.intake.bootstrap import UnitsOfWork
from services.intake.domain.assistance import Assistance
from services.intake.domain.counter_errors import AssistanceUnknownError
from services.intake.ports import Directory

__all__ = ["SlipRendering", "cases_with_bundles_under_way"]

PDF = "application/pdf"


@dataclass(frozen=True, slots=True)
class SlipRendering:
    """Prints a 代办接件单, keeps the file, and then says so in one transaction."""

    read_engine: Engine
    units_of_work: UnitsOfWork
    sealed: SealedText
    blobs: DirectoryBlobStore
    printer: SlipPrinter
    directory: Directory

    def __call__(self, job: Job) -> None:
        slip = self._read(job.payload["assistance"])
        carried = slip.carried
        names = {
            carried.taken_by: self.directory.person_name(carried.taken_by),
            carried.village_post: self.directory.unit_name(carried.village_post),
        }
        xml = self.printer.xml(replace(slip, names=names))
        stored = put(self.blobs, self.printer.pdf(xml, carried.taken_at), PDF)
        fact = handlers.SlipRendered(carried.number, stored.sha256, stored.size)
        with self.units_of_work.of_the_service(handlers.SLIP, job.key) as uow:
            handlers.mark_slip_rendered(fact, uow=uow)
            uow.commit()

    def _read(self, number: str) -> Slip:
        with (
            self.read_engine.connect() as connection,
            Session(bind=connection, autoflush=False) as session,
        ):
            carried = session.get(Assistance, number, options=[selectinload("*")])
            if carried is None:
                raise AssistanceUnknownError("A job about an unknown assistance", assistance=number)
            who = SqlAssisted(connection, self.sealed)
            code = connection.execute(
                select(case_file.c.query_code).where(case_file.c.number == carried.case_number)
            ).scalar_one_or_none()
            return Slip(
                carried=carried,
                applicant=who.get(number),
                agent=who.agent(number),
                query=f"{carried.case_number}?{code}" if code else "",
            )


def cases_with_bundles_under_way(site_unit: str) -> Select[tuple[str]]:
    """Return the cases with paper on its way whose delay was not made known."""
    late = select(bundle.c.case_number).where(
        bundle.c.received_at.is_(None),
        bundle.c.lost_at.is_(None),
        bundle.c.overdue_told_at.is_(None),
    )
    return select(case_file.c.number).where(
        case_file.c.number.in_(late), case_file.c.writer_unit == site_unit
    )
