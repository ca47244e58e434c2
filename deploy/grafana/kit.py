"""Panels of one kind look alike: Chinese title, unit, thresholds, links to traces and runbook.

Several replicas may show one figure; `one` takes it once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import quote

from grafana_foundation_sdk.builders import bargauge, dashboard, prometheus, stat, table, timeseries
from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.models import common
from grafana_foundation_sdk.models import dashboard as model
from grafana_foundation_sdk.models.prometheus import PromQueryFormat

__all__ = [
    "CALM",
    "DATASOURCE",
    "WRONG",
    "Board",
    "Query",
    "bars",
    "lines",
    "number",
    "one",
    "rows",
]

DATASOURCE: Final = model.DataSourceRef(type_val="prometheus", uid="${datasource}")
RUNBOOK: Final = "docs/runbook-alerts.md"  # the site says where it serves that file
# Thresholds: from which value which colour.
CALM: Final = ((None, "green"),)
WRONG: Final = ((None, "green"), (1, "red"))
WIDE: Final = 24
Steps = Sequence[tuple[float | None, str]]


@dataclass(frozen=True, slots=True)
class Query:
    """An expression, and how each of its series is called."""

    expression: str
    legend: str = "__auto"


def one(metric: str, labels: str, where: str = "") -> str:
    """Return the expression that takes a figure once, however many replicas show it."""
    return f"max by ({labels}) ({metric}{where})"


@dataclass(slots=True)
class Board:
    """A dashboard in the making: rows of panels, variables, links."""

    uid: str
    title: str
    about: str
    _made: dashboard.Dashboard = field(init=False)
    _ids: int = 0

    def __post_init__(self) -> None:
        self._made = (
            dashboard.Dashboard(self.title)
            .uid(self.uid)
            .description(self.about)
            .tags(["liandong"])
            .timezone("Asia/Shanghai")
            .refresh("30s")
            .time("now-6h", "now")
            .readonly()
            .with_variable(
                dashboard.DatasourceVariable("datasource").type("prometheus").label("指标数据源")
            )
            .with_variable(dashboard.DatasourceVariable("traces").type("tempo").label("追踪数据源"))
            .with_variable(
                dashboard.TextBoxVariable("runbook").label("处置手册地址").default_value(RUNBOOK)
            )
            .link(
                dashboard.DashboardLink("全部看板")
                .type(model.DashboardLinkType.DASHBOARDS)
                .tags(["liandong"])
                .as_dropdown(as_dropdown=True)
                .keep_time(keep_time=True)
            )
        )

    def variable(self, name: str, label: str, query: str, regex: str) -> None:
        """Add a choice whose options come from a query; everything is chosen at first."""
        self._made.with_variable(
            dashboard.QueryVariable(name)
            .label(label)
            .datasource(DATASOURCE)
            .query({"query": query, "refId": name})
            .regex(regex)
            .refresh(model.VariableRefresh.ON_TIME_RANGE_CHANGED)
            .sort(model.VariableSort.ALPHABETICAL_ASC)
            .include_all(include_all=True)
            .all_value(".*")
        )

    def row(self, title: str, *panels: Builder[model.Panel]) -> None:
        """Add a row of panels of equal width under a title."""
        self._made.with_row(dashboard.Row(title).id(self._next_id()))
        for panel in panels:
            made: Any = panel
            self._made.with_panel(made.id(self._next_id()).span(WIDE // len(panels)))

    def build(self) -> model.Dashboard:
        return self._made.build()

    def _next_id(self) -> int:
        self._ids += 1
        return self._ids


def number(
    title: str, query: Query, about: str, *, unit: str = "short", steps: Steps = CALM,
    runbook: str = "",
) -> Builder[model.Panel]:  # fmt: skip
    """One number, or one for each series: how it is now."""
    panel = stat.Panel().height(5).color_mode(common.BigValueColorMode.BACKGROUND)
    return _dressed(panel, title, [query], about, unit, steps=steps, runbook=runbook, instant=True)


def bars(
    title: str, query: Query, about: str, *, unit: str = "short", steps: Steps = CALM,
    runbook: str = "", highest: float | None = None,
) -> Builder[model.Panel]:  # fmt: skip
    """A bar for each series: how it is now."""
    panel = bargauge.Panel().height(8).orientation(common.VizOrientation.HORIZONTAL).min(0)
    if highest is not None:
        panel = panel.max(highest)
    return _dressed(panel, title, [query], about, unit, steps=steps, runbook=runbook, instant=True)


def lines(
    title: str, *queries: Query, about: str, unit: str = "short", steps: Steps = CALM,
    runbook: str = "", service: str = "",
) -> Builder[model.Panel]:  # fmt: skip
    """Lines over time."""
    panel = timeseries.Panel().height(8).fill_opacity(10)
    return _dressed(
        panel,
        title,
        list(queries),
        about,
        unit,
        steps=steps,
        runbook=runbook,
        instant=False,
        service=service,
    )


def rows(
    title: str, query: Query, about: str, *, hidden: Sequence[str] = (),
    names: dict[str, str] | None = None, drill: tuple[str, str] | None = None, runbook: str = "",
) -> Builder[model.Panel]:  # fmt: skip
    """A table, a row for each series; `drill` makes a column lead to a narrower view."""
    panel = table.Panel().height(9).align(common.FieldTextAlignment.AUTO)
    renamed = {"Value": "数量", **(names or {})}
    excluded = dict.fromkeys(("Time", *hidden), True)
    panel = panel.with_transformation(
        model.DataTransformerConfig(
            id_val="organize", options={"excludeByName": excluded, "renameByName": renamed}
        )
    )
    if drill is not None:
        column, url = drill
        links = [{"title": "下钻", "url": url, "targetBlank": False}]
        panel = panel.override_by_name(column, [model.DynamicConfigValue("links", links)])
    return _dressed(
        panel, title, [query], about, "short", steps=CALM, runbook=runbook, instant=True, table=True
    )


def _dressed(
    panel: Any, title: str, queries: list[Query], about: str, unit: str, *, steps: Steps,
    runbook: str, instant: bool, service: str = "", table: bool = False,
) -> Builder[model.Panel]:  # fmt: skip
    thresholds = (
        dashboard.ThresholdsConfig()
        .mode(model.ThresholdsMode.ABSOLUTE)
        .steps([model.Threshold(value=value, color=color) for value, color in steps])
    )
    panel = panel.title(title).description(about).unit(unit).thresholds(thresholds)
    panel = panel.datasource(DATASOURCE)
    links = [dashboard.DashboardLink("追踪").url(_traces(service)).target_blank(target_blank=True)]
    if runbook:
        link = dashboard.DashboardLink("处置手册").url(f"${{runbook}}#{runbook.lower()}")
        links.append(link.target_blank(target_blank=True))
    panel = panel.links(links)
    for index, query in enumerate(queries):
        target = (
            prometheus.Dataquery()
            .expr(query.expression)
            .legend_format(query.legend)
            .ref_id(chr(ord("A") + index))
            .datasource(DATASOURCE)
        )
        target = target.instant() if instant else target.range()
        panel = panel.with_target(target.format(PromQueryFormat.TABLE) if table else target)
    made: Builder[model.Panel] = panel
    return made


def _traces(service: str) -> str:
    """Return the address of the traces of a service, or of all."""
    chosen = f'resource.service.name="{service}"' if service else ""
    query = f'{{"queries":[{{"refId":"A","queryType":"traceql","query":"{{{chosen}}}"}}]}}'
    left = f'{{"datasource":"${{traces}}",{query[1:]}'
    return f"/explore?left={quote(left, safe='${}:,')}"
