"""The gRPC face of the catalogue: translate in, call one handler or query, translate out."""

from __future__ import annotations

from datetime import UTC, date
from typing import Any

from liandong.catalog.v1 import catalog_service_pb2 as pb
from liandong.catalog.v1 import catalog_service_pb2_grpc as pb_grpc
from liandong.catalog.v1 import training_pb2 as training_pb

from servicekit.calls import Call
from servicekit.clock import civil_day
from servicekit.event_log import published_events
from servicekit.grpc_server import CallContext, Registrar
from servicekit.messages import to_message
from servicekit.roles.api import run_api
from servicekit.service import Resources
from services.catalog.adapters import queries, training_queries, window_queries
from services.catalog.adapters.orm import tables
from services.catalog.bootstrap import DEFINITION, CatalogApp, build
from services.catalog.config import CatalogSettings
from services.catalog.handlers import calendar, items, letters, training, windows

__all__ = ["CatalogServicer", "main", "register"]


class CatalogServicer(pb_grpc.CatalogServiceServicer):
    """Implements liandong.catalog.v1.CatalogService."""

    def __init__(self, app: CatalogApp) -> None:
        self._app = app

    def GetServiceItem(self, request: pb.GetServiceItemRequest, context: Any) -> Any:  # noqa: N802
        day = _day(request) or civil_day(_call(context).at)
        with self._app.read_engine.connect() as connection:
            view = queries.get_service_item(
                connection, request.item_code, day, include_ended=request.include_ended
            )
        return to_message(view, pb.GetServiceItemResponse)

    def ListServiceItems(self, request: pb.ListServiceItemsRequest, context: Any) -> Any:  # noqa: N802
        today = civil_day(_call(context).at)
        with self._app.read_engine.connect() as connection:
            page = queries.list_service_items(
                connection, today, request.page_size, request.page_token
            )
        return pb.ListServiceItemsResponse(
            versions=[to_message(version, pb.ItemVersion) for version in page.items],
            next_page_token=page.next_page_token,
        )

    def GetItemVersion(self, request: pb.GetItemVersionRequest, context: Any) -> Any:  # noqa: N802
        with self._app.read_engine.connect() as connection:
            version = queries.get_item_version(connection, request.item_version)
        return pb.GetItemVersionResponse(version=to_message(version, pb.ItemVersion))

    def PublishItemVersion(self, request: pb.PublishItemVersionRequest, context: Any) -> Any:  # noqa: N802
        return self._app.commands.run(
            _call(context),
            request,
            items.PublishItemVersion,
            self._app.publish_item_version,
            pb.PublishItemVersionResponse,
        )

    def GetUnit(self, request: pb.GetUnitRequest, context: Any) -> Any:  # noqa: N802
        with self._app.read_engine.connect() as connection:
            view = queries.get_unit(connection, request.unit)
        return pb.GetUnitResponse(unit=to_message(view, pb.Unit))

    def ListUnits(self, request: pb.ListUnitsRequest, context: Any) -> Any:  # noqa: N802
        with self._app.read_engine.connect() as connection:
            page = queries.list_units(
                connection, request.parent, request.page_size, request.page_token
            )
        return pb.ListUnitsResponse(
            units=[to_message(view, pb.Unit) for view in page.items],
            next_page_token=page.next_page_token,
        )

    def ResolveAssignment(self, request: pb.ResolveAssignmentRequest, context: Any) -> Any:  # noqa: N802
        today = civil_day(_call(context).at)
        with self._app.read_engine.connect() as connection:
            view = queries.resolve_assignment(connection, request.person, today)
        return pb.ResolveAssignmentResponse(assignment=to_message(view, pb.Assignment))

    def GetPerson(self, request: pb.GetPersonRequest, context: Any) -> Any:  # noqa: N802
        with self._app.read_engine.connect() as connection:
            view = queries.get_person(connection, request.person)
        return to_message(view, pb.GetPersonResponse)

    def GetWindowPowers(self, request: pb.GetWindowPowersRequest, context: Any) -> Any:  # noqa: N802
        at = request.at_time.ToDatetime(tzinfo=UTC)
        with self._app.read_engine.connect() as connection:
            answer = window_queries.get_window_powers(
                connection, request.window_unit, request.item_code, at
            )
        return to_message(answer, pb.GetWindowPowersResponse)

    def FindCompetentWindows(self, request: pb.FindCompetentWindowsRequest, context: Any) -> Any:  # noqa: N802
        at = request.at_time.ToDatetime(tzinfo=UTC)
        with self._app.read_engine.connect() as connection:
            windows = window_queries.find_competent_windows(connection, request.item_code, at)
        return pb.FindCompetentWindowsResponse(
            windows=[to_message(window, pb.Unit) for window in windows]
        )

    def ListWindowLetters(self, request: pb.ListWindowLettersRequest, context: Any) -> Any:  # noqa: N802
        with self._app.read_engine.connect() as connection:
            page = window_queries.list_window_letters(
                connection, request.window_unit, request.page_size, request.page_token
            )
        return pb.ListWindowLettersResponse(
            letters=[to_message(letter, pb.AuthorisationLetter) for letter in page.items],
            next_page_token=page.next_page_token,
        )

    def FindAuthority(self, request: pb.FindAuthorityRequest, context: Any) -> Any:  # noqa: N802
        at = request.at_time.ToDatetime(tzinfo=UTC)
        with self._app.read_engine.connect() as connection:
            view = window_queries.find_authority(connection, request.name_or_code, at)
        return to_message(view, pb.FindAuthorityResponse)

    def RecordAuthority(self, request: pb.RecordAuthorityRequest, context: Any) -> Any:  # noqa: N802
        return self._app.commands.run(
            _call(context),
            request,
            windows.RecordAuthority,
            windows.record_authority,
            pb.RecordAuthorityResponse,
        )

    def MergeWindow(self, request: pb.MergeWindowRequest, context: Any) -> Any:  # noqa: N802
        return self._app.commands.run(
            _call(context),
            request,
            windows.MergeWindow,
            windows.merge_window,
            pb.MergeWindowResponse,
        )

    def SignAuthorisationLetter(  # noqa: N802
        self, request: pb.SignAuthorisationLetterRequest, context: Any
    ) -> Any:
        return self._app.commands.run(
            _call(context),
            request,
            letters.SignAuthorisationLetter,
            letters.sign_authorisation_letter,
            pb.SignAuthorisationLetterResponse,
        )

    def PublishWorkRules(  # noqa: N802
        self, request: training_pb.PublishWorkRulesRequest, context: Any
    ) -> Any:
        return self._app.commands.run(
            _call(context),
            request,
            training.PublishWorkRules,
            training.publish_work_rules,
            training_pb.PublishWorkRulesResponse,
        )

    def ListWorkRules(self, request: training_pb.ListWorkRulesRequest, context: Any) -> Any:  # noqa: N802
        with self._app.read_engine.connect() as connection:
            page = training_queries.list_work_rules(
                connection, request.page_size, request.page_token
            )
        return training_pb.ListWorkRulesResponse(
            versions=[to_message(version, training_pb.RulesVersion) for version in page.items],
            next_page_token=page.next_page_token,
        )

    def RecordTraining(self, request: training_pb.RecordTrainingRequest, context: Any) -> Any:  # noqa: N802
        return self._app.commands.run(
            _call(context),
            request,
            training.RecordTraining,
            training.record_training,
            training_pb.RecordTrainingResponse,
        )

    def ListTrainingRecords(  # noqa: N802
        self, request: training_pb.ListTrainingRecordsRequest, context: Any
    ) -> Any:
        with self._app.read_engine.connect() as connection:
            page = training_queries.list_training_records(
                connection, request.person, request.page_size, request.page_token
            )
        return training_pb.ListTrainingRecordsResponse(
            records=[to_message(record, training_pb.TrainingRecord) for record in page.items],
            next_page_token=page.next_page_token,
        )

    def ImportCalendarYear(self, request: pb.ImportCalendarYearRequest, context: Any) -> Any:  # noqa: N802
        return self._app.commands.run(
            _call(context),
            request,
            calendar.ImportCalendarYear,
            calendar.import_calendar_year,
            pb.ImportCalendarYearResponse,
        )

    def ReadEvents(self, request: pb.ReadEventsRequest, context: Any) -> Any:  # noqa: N802
        return pb.ReadEventsResponse(
            events=published_events(
                self._app.read_engine, tables.outbox, request.after_position, request.page_size
            )
        )


def _call(context: CallContext) -> Call:
    return context.call


def _day(request: pb.GetServiceItemRequest) -> date | None:
    if not request.HasField("on_date"):
        return None
    return date(request.on_date.year, request.on_date.month, request.on_date.day)


def register(resources: Resources, registrar: Registrar) -> None:
    """Put the methods of the catalogue behind the guard."""
    pb_grpc.add_CatalogServiceServicer_to_server(CatalogServicer(build(resources)), registrar)  # type: ignore[arg-type]


def main() -> None:
    run_api(DEFINITION, CatalogSettings.load(DEFINITION.name), register)
