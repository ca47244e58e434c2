"""What intake does outside its transactions: it prints, and looks after what time does."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from typing import Any

from prometheus_client import Counter
from sqlalchemy import Engine, Row, Select, or_, select, union_all
from sqlalchemy.orm import Session

from servicekit.blobs import DirectoryBlobStore, put
from servicekit.errors import UnavailableError
from servicekit.jobs import Job, JobHandler, Sweep
from servicekit.mapping import load_whole, reading
from servicekit.observing import counting
from servicekit.roles.jobs import run_jobs
from servicekit.sealed import SealedText
from servicekit.service import Resources
from servicekit.texts import DocumentTemplates
from services.intake import handlers
from services.intake.adapters import figures
from services.intake.adapters.calendars import load_calendar
from services.intake.adapters.clients import CatalogClient, ReviewClient, channel_to
from services.intake.adapters.orm import back, case_file, case_material, front
from services.intake.adapters.orm import document as document_table
from services.intake.adapters.orm_counter import assistance, carried_material
from services.intake.adapters.pre_acceptance_printing import spot_findings
from services.intake.adapters.printing import DocumentPrinter, PrintJob, persons_of, units_of
from services.intake.adapters.unit_of_work import RENDER, SqlApplicants
from services.intake.bootstrap import (
    DEFINITION,
    PACKAGE,
    UnitsOfWork,
    blob_store,
    document_names,
    event_handlers,
    seal_provider,
    settings_of,
)
from services.intake.config import IntakeSettings
from services.intake.domain import site_check
from services.intake.domain.case import Case
from services.intake.domain.document import DECISIONS, REVIEWABLE, DocumentKind
from services.intake.domain.errors import CaseUnknownError
from services.intake.domain.values import CaseState, civil_day
from services.intake.entrypoints.counter_jobs import counter_handlers, counter_sweeps
from services.intake.entrypoints.slips import cases_with_bundles_under_way
from services.intake.ports import Directory, Findings, Reviews, SiteCheck
from workdays import WorkCalendar

__all__ = ["handling", "main", "sweeps"]

log = logging.getLogger(__name__)

DEEMED_ACCEPTANCES = Counter(
    "liandong_deemed_acceptances_total",
    "Cases that silence accepted, by the window that stayed silent (行政许可法 第三十二条).",
    ["window_unit"],
)

PAGE = 100
PDF = "application/pdf"
# Longer than any client takes between finishing an upload and referring to it.
ORPHANED_AFTER = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class Rendering:
    """Prints a document, keeps the file, and then says so in one transaction."""

    read_engine: Engine
    units_of_work: UnitsOfWork
    sealed: SealedText
    blobs: DirectoryBlobStore
    printer: DocumentPrinter
    reviews: Reviews
    directory: Directory

    def __call__(self, job: Job) -> None:
        printed = self._asked(self._read(job.payload["case_number"], job.payload["document"]))
        document = printed.document
        pdf = self.printer.pdf(self.printer.xml(printed), document.drafted_at)
        stored = put(self.blobs, pdf, PDF)
        fact = handlers.Rendered(
            case_number=document.case_number,
            document=document.document,
            rendering=job.payload["rendering"],
            sha256=stored.sha256,
            size=stored.size,
        )
        with self.units_of_work.of_the_service(RENDER, job.key) as uow:
            handlers.mark_rendered(fact, uow=uow)
            uow.commit()

    def _read(self, number: str, identity: str) -> PrintJob:
        """Return what intake itself knows: all of it of one moment, with nothing left open."""
        with (
            self.read_engine.connect() as connection,
            Session(bind=connection, autoflush=False) as session,
        ):
            case = session.scalars(reading(Case), {"key": number}).one_or_none()
            if case is None:
                raise CaseUnknownError("A job about an unknown case", case=number)
            load_whole(session, case)
            applicants = SqlApplicants(connection, self.sealed)
            return PrintJob(
                case=case,
                document=case.document(identity),
                applicant=applicants.get(number),
                signed_for=applicants.who_signed(number),
                account=applicants.how_served(number),
            )

    def _asked(self, job: PrintJob) -> PrintJob:
        """Return the job with what other services know, asked with no transaction open."""
        kind = job.document.kind
        if kind in DECISIONS:
            found = spot_findings(job.case) or self._findings(job)
            job = replace(job, findings=found)
        if kind is DocumentKind.SITE_CHECK_RECORD:
            job = replace(job, site_check=self._site_check(job))
        if kind in REVIEWABLE:
            document = job.document
            on_review = self.directory.remedies(document.authority, document.drafted_at)
            job = replace(job, remedies=on_review)
        persons = {each: self.directory.person_name(each) for each in persons_of(job)}
        units = {each: self.directory.unit_name(each) for each in units_of(job)}
        return replace(job, names=persons | units)

    def _findings(self, job: PrintJob) -> Findings:
        return self.reviews.findings(job.case.number, job.document.authority)

    def _site_check(self, job: PrintJob) -> SiteCheck:
        checks = self.reviews.site_checks(job.case.number, job.document.authority)
        which = site_check.which_of_them(job.case, job.document)
        if which >= len(checks):
            raise UnavailableError("A check that was told is not shown yet", peer="review")
        return checks[which]


def handling(
    channels: Mapping[str, Any],
) -> Callable[[Resources], Mapping[str, JobHandler]]:
    """Return what gives the jobs of intake, given channels to review and catalog."""

    def job_handlers(resources: Resources) -> Mapping[str, JobHandler]:
        units_of_work = UnitsOfWork(resources)
        blobs = blob_store(settings_of(resources))
        names = document_names(PACKAGE)
        rendering = Rendering(
            read_engine=resources.read_engine,
            units_of_work=units_of_work,
            sealed=SealedText(resources.crypto),
            blobs=blobs,
            printer=DocumentPrinter(
                DocumentTemplates(PACKAGE), names, seal_provider(resources, blobs).mark()
            ),
            reviews=ReviewClient(channels["review"]),
            directory=CatalogClient(channels["catalog"]),
        )

        def recompute(_job: Job) -> None:
            _recompute_dates(resources.read_engine, units_of_work)

        catalogue = CatalogClient(channels["catalog"])
        return {
            RENDER: rendering,
            "recompute_dates": recompute,
            **counter_handlers(resources, units_of_work, blobs, catalogue),
        }

    return job_handlers


def _recompute_dates(read_engine: Engine, units_of_work: UnitsOfWork) -> None:
    """Compute again the provisional dates that are settled by now, a case at a time.

    Safe to repeat, and repeated: a case that was accepted while a calendar was
    being imported is found by the next round.
    """
    columns = case_file.c
    provisional = select(case_file).where(
        columns.decided_at.is_(None),
        or_(
            columns.notice_due_provisional,
            columns.statutory_due_provisional,
            columns.promise_due_provisional,
        ),
    )
    with read_engine.connect() as connection:
        calendar = load_calendar(connection)

    def recompute(row: Row[Any]) -> None:
        if _is_settled(row, calendar):
            with units_of_work.of_the_service("recompute_dates") as uow:
                handlers.recompute_dates(row.number, uow=uow)
                uow.commit()

    _look_after("recompute_dates", _by_number(read_engine, provisional), recompute)


def _by_number(engine: Engine, cases: Select[Any]) -> Iterator[Row[Any]]:
    """Yield all the cases, a page at a time, with no connection held while one is handled."""
    column = case_file.c.number
    page, last = cases.order_by(column).limit(PAGE), ""
    while True:
        with engine.connect() as connection:
            found = connection.execute(page.where(column > last)).all()
        yield from found
        if len(found) < PAGE:
            return
        last = found[-1].number


def _look_after(sweep: str, cases: Iterable[Row[Any]], work: Callable[[Row[Any]], None]) -> None:
    """Do `work` on every case; those that failed are raised together, after the others."""
    failures: list[Exception] = []
    for row in cases:
        try:
            work(row)
        except Exception as error:  # whatever is wrong with one case, the others wait for none
            log.exception("sweep_failed_for_case", extra={"sweep": sweep, "case": row.number})
            failures.append(error)
    if failures:
        raise ExceptionGroup(f"{sweep} failed for some cases", failures)


def _is_settled(row: Row[Any], calendar: WorkCalendar) -> bool:
    """Tell whether a date of the case is marked as provisional and no longer is."""
    received_on = civil_day(row.received_at)
    dates = (
        (row.notice_due_on, row.notice_due_provisional),
        (row.statutory_due_on, row.statutory_due_provisional),
        (row.promise_due_on, row.promise_due_provisional),
    )
    return any(
        marked and not calendar.is_provisional(received_on, on)
        for on, marked in dates
        if on is not None
    )


def sweeps(resources: Resources) -> tuple[Sweep, ...]:
    """Return what is looked after: silence that has accepted, files that nobody refers to."""
    units_of_work = UnitsOfWork(resources)
    settings = settings_of(resources)

    def here(sweep: Callable[[Resources, UnitsOfWork, IntakeSettings], None]) -> Callable[[], None]:
        return partial(sweep, resources, units_of_work, settings)

    return (
        counting(
            DEFINITION.name,
            resources,
            lambda connection, at: figures.count(connection, civil_day(at)),
        ),
        Sweep("record_deemed_acceptance", timedelta(minutes=1), here(_record_deemed_acceptance)),
        Sweep("tell_overdue_bundles", timedelta(minutes=1), here(_tell_overdue_bundles)),
        Sweep("record_announced_service", timedelta(minutes=10), here(_record_announced_service)),
        Sweep(
            "recompute_dates",
            timedelta(hours=1),
            partial(_recompute_dates, resources.read_engine, units_of_work),
        ),
        Sweep("watch_corrections", timedelta(minutes=10), here(_watch_corrections)),
        Sweep(
            "sweep_blobs",
            timedelta(hours=6),
            partial(_sweep_blobs, resources.read_engine, settings),
        ),
        *counter_sweeps(resources, units_of_work),
    )


def _record_deemed_acceptance(
    resources: Resources, units_of_work: UnitsOfWork, settings: IntakeSettings
) -> None:
    """Record that silence has accepted."""
    now = resources.clock.now()
    columns = case_file.c
    silent = select(columns.number, columns.window_unit).where(
        columns.state == CaseState.RECEIVED,
        columns.silence_accepts,
        columns.noticed_at.is_(None),
        columns.notice_due_on < civil_day(now),
        columns.writer_unit == settings.site_unit,
    )

    def settle(row: Row[Any]) -> None:
        with units_of_work.of_the_service("record_deemed_acceptance") as uow:
            if handlers.settle_case(row.number, uow=uow):
                uow.commit()
                DEEMED_ACCEPTANCES.labels(row.window_unit).inc()
                log.warning("deemed_acceptance_recorded", extra={"case": row.number})

    _look_after("record_deemed_acceptance", _by_number(resources.read_engine, silent), settle)


def _sweep_blobs(engine: Engine, settings: IntakeSettings) -> None:
    blob_store(settings).sweep_orphans(partial(_referenced, engine), ORPHANED_AFTER)


def _record_announced_service(
    resources: Resources, units_of_work: UnitsOfWork, settings: IntakeSettings
) -> None:
    """Record that an announcement has run its time: the result is served with it (readings 9)."""
    now = resources.clock.now()
    columns = case_file.c
    run_out = select(columns.number).where(
        columns.announced_until < civil_day(now),
        columns.served_at.is_(None),
        columns.writer_unit == settings.site_unit,
    )

    def settle(row: Row[Any]) -> None:
        with units_of_work.of_the_service("record_announced_service") as uow:
            if handlers.settle_announcement(row.number, uow=uow):
                uow.commit()

    served = _by_number(resources.read_engine, run_out)
    _look_after("record_announced_service", served, settle)


def _tell_overdue_bundles(
    resources: Resources, units_of_work: UnitsOfWork, settings: IntakeSettings
) -> None:
    """Make it known that paper is under way for too long (R4.5; readings 13)."""

    def tell(row: Row[Any]) -> None:
        with units_of_work.of_the_service("tell_overdue_bundles") as uow:
            if handlers.tell_overdue_bundles(row.number, uow=uow):
                uow.commit()
                log.warning("bundle_overdue", extra={"case": row.number})

    late = cases_with_bundles_under_way(settings.site_unit)
    _look_after("tell_overdue_bundles", _by_number(resources.read_engine, late), tell)


def _watch_corrections(
    resources: Resources, units_of_work: UnitsOfWork, settings: IntakeSettings
) -> None:
    """Remind of corrections that do not come, and record those that nobody confirmed (readings 8).

    Neither ends a case: that takes the applicant, or a period of the item's own law.
    """
    columns = case_file.c
    here = columns.writer_unit == settings.site_unit
    waiting = select(columns.number).where(columns.state == CaseState.CORRECTION, here)
    cured = select(columns.number).where(
        columns.state == CaseState.RECEIVED,
        columns.corrected_at.is_not(None),
        columns.unconfirmed_at.is_(None),
        here,
    )

    def remind(row: Row[Any]) -> None:
        with units_of_work.of_the_service("remind_corrections") as uow:
            if handlers.remind_again(row.number, settings.reminder_days, uow=uow):
                uow.commit()

    def record(row: Row[Any]) -> None:
        with units_of_work.of_the_service("record_unconfirmed") as uow:
            if handlers.record_unconfirmed(row.number, uow=uow):
                uow.commit()
                log.warning("correction_unconfirmed", extra={"case": row.number})

    _look_after("record_unconfirmed", _by_number(resources.read_engine, cured), record)
    _look_after("remind_corrections", _by_number(resources.read_engine, waiting), remind)


def _referenced(engine: Engine, names: Collection[str]) -> set[str]:
    columns = (
        case_material.c.sha256,
        document_table.c.sha256,
        document_table.c.scan_sha256,
        assistance.c.mandate_sha256,
        assistance.c.slip_sha256,
        carried_material.c.sha256,
        back.explanation_material.c.sha256,
        front.ending.c.request_sha256,
    )
    used = union_all(*(select(column).where(column.in_(names)) for column in columns))
    with engine.connect() as connection:
        return set(connection.execute(used).scalars())


def main() -> None:
    settings = IntakeSettings.load(DEFINITION.name)
    channels = {
        "catalog": channel_to("catalog", settings.catalog_target, settings),
        "review": channel_to("review", settings.review_target, settings),
    }
    run_jobs(DEFINITION, settings, handling(channels), sweeps, event_handlers)
