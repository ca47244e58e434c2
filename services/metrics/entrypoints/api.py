"""The gRPC face of metrics: translate in, call one handler, translate out."""

from __future__ import annotations

from typing import Any

from liandong.metrics.v1 import metrics_service_pb2 as pb
from liandong.metrics.v1 import metrics_service_pb2_grpc as pb_grpc

from servicekit.calls import Call
from servicekit.clock import civil_day
from servicekit.event_log import published_events
from servicekit.grpc_server import CallContext, Registrar
from servicekit.messages import to_message
from servicekit.roles.api import run_api
from servicekit.service import Resources
from services.metrics import handlers
from services.metrics.adapters import queries, ratios
from services.metrics.adapters.orm import tables
from services.metrics.bootstrap import DEFINITION, MetricsApp, build
from services.metrics.config import MetricsSettings
from services.metrics.domain.ratios import RATIOS, CaseRatio, Fraction, ItemRatio, Ratio

__all__ = ["MetricsServicer", "main", "register"]


class MetricsServicer(pb_grpc.MetricsServiceServicer):
    """Implements liandong.metrics.v1.MetricsService."""

    def __init__(self, app: MetricsApp) -> None:
        self._app = app

    def RateCase(self, request: pb.RateCaseRequest, context: Any) -> Any:  # noqa: N802
        return self._app.commands.run(
            _call(context), request, handlers.RateCase, self._app.rate_case, pb.RateCaseResponse
        )

    def GetRatios(self, request: pb.GetRatiosRequest, context: Any) -> Any:  # noqa: N802
        call = _call(context)
        with self._app.read_engine.connect() as connection:
            found = ratios.fractions(call, connection, civil_day(call.at))
        response = pb.GetRatiosResponse(
            ratios=[self._ratio(RATIOS[name], *found[name]) for name in sorted(found)]
        )
        response.as_of_time.FromDatetime(call.at)
        return response

    def ListRatioCases(self, request: pb.ListRatioCasesRequest, context: Any) -> Any:  # noqa: N802
        call = _call(context)
        with self._app.read_engine.connect() as connection:
            page = ratios.list_ratio_cases(
                call,
                connection,
                request.name,
                civil_day(call.at),
                page_size=request.page_size,
                page_token=request.page_token,
            )
        return pb.ListRatioCasesResponse(
            cases=[to_message(view, pb.RatioCase) for view in page.items],
            next_page_token=page.next_page_token,
        )

    def GetCaseFacts(self, request: pb.GetCaseFactsRequest, context: Any) -> Any:  # noqa: N802
        call = _call(context)
        with self._app.read_engine.connect() as connection:
            view = queries.get_case_facts(call, connection, request.case_number)
        return pb.GetCaseFactsResponse(facts=to_message(view, pb.CaseFacts))

    def ListItemLights(self, request: pb.ListItemLightsRequest, context: Any) -> Any:  # noqa: N802
        call = _call(context)
        with self._app.read_engine.connect() as connection:
            page = queries.list_item_lights(
                call, connection, civil_day(call.at), request.page_size, request.page_token
            )
        return pb.ListItemLightsResponse(
            items=[to_message(view, pb.ItemLight) for view in page.items],
            next_page_token=page.next_page_token,
        )

    def ListViolations(self, request: pb.ListViolationsRequest, context: Any) -> Any:  # noqa: N802
        call = _call(context)
        with self._app.read_engine.connect() as connection:
            page = queries.list_violations(call, connection, request.page_size, request.page_token)
        return pb.ListViolationsResponse(
            violations=[to_message(view, pb.Violation) for view in page.items],
            next_page_token=page.next_page_token,
        )

    def ListAlarms(self, request: pb.ListAlarmsRequest, context: Any) -> Any:  # noqa: N802
        call = _call(context)
        with self._app.read_engine.connect() as connection:
            page = queries.list_alarms(call, connection, request.page_size, request.page_token)
        return pb.ListAlarmsResponse(
            alarms=[self._alarm(view) for view in page.items],
            next_page_token=page.next_page_token,
        )

    def ReadEvents(self, request: pb.ReadEventsRequest, context: Any) -> Any:  # noqa: N802
        return pb.ReadEventsResponse(
            events=published_events(
                self._app.read_engine, tables.outbox, request.after_position, request.page_size
            )
        )

    def _alarm(self, view: queries.AlarmView) -> pb.Alarm:
        message = to_message(view, pb.Alarm)
        message.title = self._app.say(f"ALARM_{view.kind.name}", {})
        return message

    def _ratio(self, ratio: Ratio, declared: Fraction | None, proven: Fraction) -> pb.Ratio:
        declared_out = ratio.left_out_declared if isinstance(ratio, ItemRatio) else ""
        unit = ratio.unit if isinstance(ratio, CaseRatio) else ""
        return pb.Ratio(
            name=ratio.name,
            title=self._app.say(f"RATIO_{ratio.name.upper()}", {}),
            declared=None if declared is None else self._fraction(declared, declared_out),
            proven=self._fraction(proven, ratio.left_out),
            formula_version=ratio.version,
            goal_percent=ratio.goal_percent,
            unit=self._app.say(unit, {}) if unit else "",
        )

    def _fraction(self, fraction: Fraction, left_out: str) -> pb.Fraction:
        message = to_message(fraction, pb.Fraction)
        message.exclusion = self._app.say(left_out, {}) if left_out else ""
        return message


def _call(context: CallContext) -> Call:
    return context.call


def register(resources: Resources, registrar: Registrar) -> None:
    """Put the methods of metrics behind the guard."""
    pb_grpc.add_MetricsServiceServicer_to_server(MetricsServicer(build(resources)), registrar)  # type: ignore[arg-type]


def main() -> None:
    run_api(DEFINITION, MetricsSettings.load(DEFINITION.name), register)
