"""The composition root of intake: the only module that knows every other one.

Free of grpc and eventlet, so that every process kind can use it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from sqlalchemy import Connection, Engine, Select, select

from servicekit.blobs import BlobLimits, BlobStore, DirectoryBlobStore
from servicekit.calls import NO_SUCH_THING, Call, Scope
from servicekit.commands import CommandRunner
from servicekit.identity import Caller
from servicekit.sealed import SealedText
from servicekit.seals import DemonstrationSealProvider, SealProvider, WetSealProvider
from servicekit.service import Resources, ServiceDefinition
from servicekit.stream import Handler
from services import graph
from services.intake import handlers
from services.intake.adapters import orm, orm_counter
from services.intake.adapters.consumers import handlers_of
from services.intake.adapters.counter_queries import CounterQueries
from services.intake.adapters.document_names import DocumentNames
from services.intake.adapters.event_messages import CODEC
from services.intake.adapters.grounds import Grounds, OnACase
from services.intake.adapters.numbers import CaseNumbers, query_code
from services.intake.adapters.queries import IntakeQueries
from services.intake.adapters.register import DocumentRegister
from services.intake.adapters.unit_of_work import Site, SqlIntakeUnitOfWork
from services.intake.config import IntakeSettings
from services.intake.domain.counter_rules import Destinations
from services.intake.domain.errors import CaseUnknownError
from services.intake.domain.values import (
    Channel,
    PostKind,
    Power,
    WindowPowers,
    civil_day,
)
from services.intake.policy import POLICY
from services.intake.ports import Catalogue

__all__ = ["DEFINITION", "IntakeApp", "UnitsOfWork", "blob_store", "build", "event_handlers"]

PACKAGE = "services.intake"
LARGEST_UPLOAD = 20 * 1024 * 1024  # bytes

DEFINITION = ServiceDefinition(
    name="intake",
    package=PACKAGE,
    grpc_service="liandong.intake.v1.IntakeService",
    metadata=orm.metadata,
    tables=orm.tables,
    codec=CODEC,
    policy=POLICY,
    sources=graph.sources_of("intake"),
)
orm.start_mappers()
orm_counter.start_mappers()
document_names = cache(DocumentNames.load)


def settings_of(resources: Resources) -> IntakeSettings:
    """Return the settings as those of intake; others do not name a site."""
    if not isinstance(resources.settings, IntakeSettings):
        raise TypeError("intake is started with IntakeSettings")
    return resources.settings


def blob_store(settings: IntakeSettings) -> DirectoryBlobStore:
    """Open the store of files that the settings name."""
    if settings.blobs is None:
        raise ValueError("intake needs a folder for files: BLOBS")
    return DirectoryBlobStore(settings.blobs, BlobLimits(largest=LARGEST_UPLOAD))


def seal_provider(resources: Resources, blobs: BlobStore) -> SealProvider:
    """Return the register of seal uses: real in production, without effect elsewhere."""
    if resources.settings.profile == "production":
        return WetSealProvider(blobs, resources.clock)
    return DemonstrationSealProvider(resources.clock)


class UnitsOfWork:
    """Makes units of work for what one process has."""

    def __init__(self, resources: Resources) -> None:
        settings = settings_of(resources)
        self._resources = resources
        self._site = Site(
            unit=settings.site_unit,
            number=settings.site,
            names=document_names(PACKAGE),
            sealed=SealedText(resources.crypto),
            exports=settings.exchange is not None,
        )

    def __call__(self, bind: Engine | Connection, call: Call) -> SqlIntakeUnitOfWork:
        return SqlIntakeUnitOfWork(self._resources.kit, bind, call, self._site)

    def of_the_service(self, purpose: str, request_id: str = "") -> SqlIntakeUnitOfWork:
        """Return one for what the service does by itself, at legal time now."""
        call = Call(
            caller=Caller(service=DEFINITION.name, purpose=purpose),
            method=f"job:{purpose}",
            scopes=frozenset({Scope.ANY}),
            at=self._resources.clock.now(),
            request_id=request_id,
        )
        return self(self._resources.engine, call)


@dataclass(frozen=True, slots=True)
class IntakeApp:
    """The use cases of intake with their dependencies supplied."""

    commands: CommandRunner[SqlIntakeUnitOfWork]
    queries: IntakeQueries
    counter: CounterQueries
    read_engine: Engine
    engine: Engine
    units_of_work: UnitsOfWork
    blobs: DirectoryBlobStore
    seals: SealProvider
    catalogue: Catalogue
    numbers: CaseNumbers
    duty_window: str
    grounds: Grounds
    register: DocumentRegister

    def ground(self, command: handlers.ReceiveApplication, call: Call) -> handlers.ReceiptGround:
        """Ask, before the transaction, what the receipt of an application rests on."""
        at_own_window = command.channel is not Channel.ONLINE and call.caller.unit
        window = call.caller.unit if at_own_window else self.duty_window
        return self._ground(window, command.item_code, call)

    def _ground(self, window: str, item_code: str, call: Call) -> handlers.ReceiptGround:
        day = civil_day(call.at)
        offer = self.catalogue.item(item_code, day)
        held = self.catalogue.window_powers(window, item_code, call.at)
        return handlers.ReceiptGround(
            terms=offer.terms,
            window=held.window,
            powers=held.powers,
            in_force=offer.in_force,
            case_number=self.numbers.next(day),
            query_code=query_code(),
        )

    def import_ground(
        self, command: handlers.ImportApplication, call: Call
    ) -> handlers.ReceiptGround:
        """Ask what an imported application rests on: at the window on duty."""
        return self._ground(self.duty_window, command.item_code, call)

    def assistance_ground(
        self, command: handlers.TakeAssistance, call: Call
    ) -> handlers.AssistanceGround:
        """Ask what a carried request rests on."""
        day = civil_day(call.at)
        return handlers.AssistanceGround(
            terms=self.catalogue.item_in_force(command.item_code, day),
            windows=self.catalogue.competent_windows(command.item_code, call.at),
            number=self.numbers.next(day, "A"),
            case_number=self.numbers.next(day),
            query_code=query_code(),
        )

    def windows_for_assistance(
        self, command: handlers.PassOnAssistance, call: Call
    ) -> Destinations:
        """Ask which windows may accept what is carried."""
        table = orm_counter.assistance.c
        item = select(table.item_code).where(table.number == command.assistance)
        return self._destinations(item, command.to_unit, call)

    def windows_for_case(self, command: handlers.TransferCase, call: Call) -> Destinations:
        """Ask which windows may accept the case."""
        table = orm.case_file.c
        item = select(table.item_code).where(table.number == command.case_number)
        return self._destinations(item, command.to_window, call)

    def _destinations(self, item: Select[tuple[str]], asked: str, call: Call) -> Destinations:
        with self.read_engine.connect() as connection:
            item_code = connection.execute(item).scalar_one_or_none()
        if item_code is None:
            return Destinations()
        windows = self.catalogue.competent_windows(item_code, call.at)
        if any(each.code == asked for each in windows):
            return Destinations(windows)
        # It will be refused: only then is it worth a question what the unit is called.
        return Destinations(windows, asked, self.catalogue.unit_name(asked) or "")

    def second_known(self, command: handlers.RegisterOriginals, _call: Call) -> bool:
        """Ask whether there is such a second person."""
        return self.catalogue.person_name(command.second_person) is not None

    def unit_name(self, command: handlers.HandOverEnquiry, _call: Call) -> str | None:
        """Ask what the unit is called; None where there is none."""
        return self.catalogue.unit_name(command.to_unit)

    def enquiry_number(self, _command: handlers.RegisterEnquiry, call: Call) -> str:
        """Return a number for a question."""
        return self.numbers.next(civil_day(call.at), "E")

    def powers(
        self,
        command: handlers.AcceptCase | handlers.GiveOneTimeNotice,
        call: Call,
    ) -> frozenset[Power]:
        """Ask, before the transaction, what the receiving window may do for the item."""
        table = orm.case_file.c
        with self.read_engine.connect() as connection:
            row = connection.execute(
                select(table.window_unit, table.item_code).where(
                    table.number == command.case_number
                )
            ).one_or_none()
        if row is None:
            return frozenset()
        return self.catalogue.window_powers(row.window_unit, row.item_code, call.at).powers

    def predecessors(
        self, command: handlers.SealDocument | handlers.HandOverBundle, call: Call
    ) -> frozenset[str]:
        """Ask which windows were merged into the caller's, where the case is another window's."""
        if call.caller.post_kind != PostKind.WINDOW:
            return frozenset()
        table = orm.case_file.c
        with self.read_engine.connect() as connection:
            row = connection.execute(
                select(table.window_unit, table.item_code).where(
                    table.number == command.case_number
                )
            ).one_or_none()
        if row is None or row.window_unit == call.caller.unit:
            return frozenset()
        unit = call.caller.unit
        return self.catalogue.window_powers(unit, row.item_code, call.at).predecessors

    def held(self, command: OnACase, call: Call) -> WindowPowers:
        """Ask what the window that acts may do for the item, and which were merged into it.

        For a post that is no window, what the window of the case may do.
        """
        table = orm.case_file.c
        with self.read_engine.connect() as connection:
            row = connection.execute(
                select(table.window_unit, table.item_code).where(
                    table.number == command.case_number
                )
            ).one_or_none()
        if row is None:
            raise CaseUnknownError(NO_SUCH_THING, case=command.case_number)
        at_window = call.caller.post_kind == PostKind.WINDOW
        window = call.caller.unit if at_window else row.window_unit
        return self.catalogue.window_powers(window, row.item_code, call.at)


def build(resources: Resources, catalogue: Catalogue) -> IntakeApp:
    """Supply the use cases with what one process has."""
    settings = settings_of(resources)
    blobs = blob_store(settings)
    units_of_work = UnitsOfWork(resources)
    return IntakeApp(
        commands=CommandRunner(
            resources.kit,
            resources.engine,
            resources.read_engine,
            units_of_work,
            resources.say,
            resources.admit,
        ),
        queries=IntakeQueries(
            SealedText(resources.crypto), document_names(PACKAGE), resources.say, blobs
        ),
        counter=CounterQueries(SealedText(resources.crypto), blobs),
        read_engine=resources.read_engine,
        engine=resources.engine,
        units_of_work=units_of_work,
        blobs=blobs,
        seals=seal_provider(resources, blobs),
        catalogue=catalogue,
        numbers=CaseNumbers(resources.engine, settings.division, settings.site),
        duty_window=settings.duty_window,
        grounds=Grounds(resources.read_engine, catalogue),
        register=DocumentRegister(blobs),
    )


def event_handlers(resources: Resources) -> Mapping[str, Handler]:
    """Map each event type that intake takes in to what is done with it."""
    return handlers_of(resources.kit.service, UnitsOfWork(resources))
