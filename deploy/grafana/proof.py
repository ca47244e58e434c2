"""What the panels of the domain should show, counted again: other SQL, mostly another database.

Metrics counts its facts; here `intake`, `review` and `delivery` are asked what they hold, and the
ratios are those of the checker, which shares no code with metrics.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date
from types import SimpleNamespace
from typing import Any

from sqlalchemy import create_engine, text

from checker.databases import opened
from checker.proofs import ratios

Numbers = dict[tuple[str, ...], float]

TOWNSHIP = "substring(unit_path from '/([0-9]{6}(?!000)[0-9]{3}000)/')"
STAGE = """CASE
    WHEN state = 'SERVED' THEN 'SERVED' WHEN state = 'FILED' THEN 'FILED'
    WHEN state IN ('DECIDED', 'READY', 'IN_DELIVERY') THEN 'DECIDED'
    WHEN state IN ('NOT_REQUIRED', 'REFUSED', 'WITHDRAWN', 'TERMINATED') THEN 'ENDED'
    WHEN state = 'ACCEPTED' THEN 'ACCEPTED'
    WHEN noticed_at IS NOT NULL THEN 'NOTICED' ELSE 'RECEIVED' END"""
# Of an open task: past the law, past the promise. What is neither is left to its own sum.
LIGHT = """CASE WHEN statutory_due_on < :today THEN 'PAST_LAW' WHEN promise_due_on < :today
    THEN 'RED' ELSE 'OTHER' END"""
OPEN_TASKS = "review_case WHERE decided_at IS NULL AND ended_at IS NULL"


@dataclass(frozen=True)
class Counted:
    """The labels that a panel shows, and where its numbers come from."""

    labels: tuple[str, ...]
    service: str
    sql: str


FLOW = {
    "各级办件": Counted(
        ("level",), "intake",
        f"""SELECT CASE WHEN {TOWNSHIP} IS NULL THEN 'district' ELSE 'township' END, count(*)
        FROM case_file GROUP BY 1"""),
    "各环节办件": Counted(
        ("stage",), "intake", f"SELECT {STAGE}, count(*) FROM case_file GROUP BY 1"),
    "明日视为受理": Counted(
        ("unit",), "intake",
        """SELECT window_unit, count(*) FROM case_file WHERE state = 'RECEIVED'
        AND silence_accepts AND noticed_at IS NULL AND notice_due_on = :today GROUP BY 1"""),
    "各街镇办件": Counted(
        ("township",), "intake",
        f"SELECT {TOWNSHIP}, count(*) FROM case_file WHERE {TOWNSHIP} IS NOT NULL GROUP BY 1"),
    "窗口办件（所选街镇）": Counted(
        ("unit", "stage"), "intake",
        f"SELECT window_unit, {STAGE}, count(*) FROM case_file GROUP BY 1, 2"),
    "村级代办（所选街镇）": Counted(
        ("unit", "state"), "intake",
        "SELECT village_post, state, count(*) FROM assistance GROUP BY 1, 2"),
    "各事项办件": Counted(
        ("item", "stage"), "intake",
        f"SELECT item_code, {STAGE}, count(*) FROM case_file GROUP BY 1, 2"),
}  # fmt: skip


def _light(name: str) -> Counted:
    return Counted((), "review", f"SELECT count(*) FROM {OPEN_TASKS} AND {LIGHT} = '{name}'")


PROMISES = {
    "超过法定期限": _light("PAST_LAW"),
    "红灯": _light("RED"),
    "停滞的邮件": Counted(
        (), "delivery",
        """SELECT count(*) FROM shipment WHERE ended_at IS NULL AND CASE
        WHEN picked_up_at IS NOT NULL THEN CAST(:now AS timestamptz) - picked_up_at > '7 days'
        WHEN waybill IS NOT NULL THEN CAST(:now AS timestamptz) - ordered_at > '2 days'
        ELSE CAST(:now AS timestamptz) - created_at > '1 day' END"""),
    "逾期未办结": Counted(
        ("authority",), "metrics",
        """SELECT authority, count(*) FROM case_facts WHERE accepted_at IS NOT NULL
        AND decision_on IS NULL AND ended_at IS NULL
        AND coalesce(reviewed_promise_due_on, accepted_promise_due_on) < :today GROUP BY 1"""),
    "“最多跑一次”红灯事项": Counted(
        ("authority",), "metrics",
        """SELECT authority, count(*) FROM item_light l JOIN (SELECT DISTINCT ON (item_code) *
        FROM item_version ORDER BY item_code, number DESC) v USING (item_code)
        WHERE l.red GROUP BY 1"""),
    "告知": Counted(
        ("kind",), "intake",
        """SELECT 'one_time', count(*) FROM case_file WHERE noticed_at IS NOT NULL
        UNION ALL SELECT 'further', (SELECT count(*) FROM further_notice)"""),
    "告警记录": Counted(
        ("kind",), "metrics", "SELECT kind, count(*) FROM alarm_seen GROUP BY 1"),
    "邮件": Counted(
        ("direction", "state"), "delivery",
        "SELECT direction, state, count(*) FROM shipment GROUP BY 1, 2"),
}  # fmt: skip
VIOLATIONS = "SELECT rule, count(*) FROM violation GROUP BY 1"
MEANS = frozenset({"mean_duration"})  # in working days; every other ratio is a share
FEWER = frozenset({"deemed_acceptance", "overdue_cases", "returned_cases", "reworked_cases"})
GOALS = {"fully_online_items": 0.9, "at_most_one_visit_items": 1.0, "courier_items": 1.0}


@dataclass(frozen=True)
class Counter:
    """Asks the databases of a district as of a legal moment."""

    urls: Mapping[str, str]
    today: date
    now: str

    def rows(self, service: str, sql: str) -> list[Any]:
        engine = create_engine(self.urls[service])
        moments = {"today": self.today, "now": self.now}
        given = {name: value for name, value in moments.items() if f":{name}" in sql}
        try:
            with engine.connect() as connection:
                return list(connection.execute(text(sql), given))
        finally:
            engine.dispose()

    def numbers(self, counted: Counted) -> Numbers:
        return {tuple(row[:-1]): row[-1] for row in self.rows(counted.service, counted.sql)}

    def shares(self, column: str) -> Numbers:
        """The shares of a column that have a denominator, the more the better."""
        found = self._divided(column)
        return {name: value for name, value in found.items() if name[0] not in MEANS | FEWER}

    def proven(self, names: Collection[str]) -> Numbers:
        """Of these ratios those that have a denominator, as the cases prove."""
        found = self._divided("proven")
        return {name: value for name, value in found.items() if name[0] in names}

    def _divided(self, column: str) -> Numbers:
        return {
            (name,): fraction[0] / fraction[1]
            for (name, which), fraction in self._counted().items()
            if which == column and fraction[1]
        }

    def denominators(self) -> Numbers:
        return {
            (name,): fraction[1]
            for (name, which), fraction in self._counted().items()
            if which == "proven"
        }

    def _counted(self) -> Any:
        with opened({"metrics": self.urls["metrics"]}) as databases:
            metrics = SimpleNamespace(database=databases["metrics"])
            evidence: Any = SimpleNamespace(services={"metrics": metrics})
            return ratios._counted(evidence, self.today)  # noqa: SLF001 -- its count, not its verdict

    def missed(self, column: str) -> Numbers:
        found = self.shares(column)
        return {(name,): found[name,] - goal for name, goal in GOALS.items() if (name,) in found}

    def violations(self) -> Numbers:
        """Violations as the services kept them, not as metrics heard of them."""
        found: Numbers = {}
        for service in self.urls:
            for rule, number in self.rows(service, VIOLATIONS):
                found[rule,] = found.get((rule,), 0) + number
        return found

    def lights(self) -> Numbers:
        """Tasks by authority and light; green, yellow and suspended together."""
        sql = f"SELECT authority, {LIGHT}, count(*) FROM {OPEN_TASKS} GROUP BY 1, 2"
        return {(a, light): number for a, light, number in self.rows("review", sql)}


Expected = Callable[[Counter], Numbers]


def expectations() -> dict[tuple[str, str], tuple[tuple[str, ...], Expected]]:
    """Map each panel of the domain to its labels and to what gives its numbers."""
    found: dict[tuple[str, str], tuple[tuple[str, ...], Expected]] = {}
    for board, panels in (("liandong-flow", FLOW), ("liandong-promises", PROMISES)):
        for title, counted in panels.items():
            found[board, title] = (
                counted.labels,
                lambda counter, one=counted: counter.numbers(one),  # type: ignore[misc]
            )
    found["liandong-promises", "违规尝试"] = (("rule",), Counter.violations)
    found["liandong-promises", "各部门亮灯"] = (("authority", "light"), Counter.lights)
    ratio = ("ratio",)
    found["liandong-plan", "方案目标"] = (ratio, lambda _: {(n,): g for n, g in GOALS.items()})
    found["liandong-plan", "申报"] = (ratio, lambda counter: counter.shares("declared"))
    found["liandong-plan", "实证"] = (ratio, lambda counter: counter.shares("proven"))
    found["liandong-plan", "平均数（实证）"] = (
        ratio,
        lambda counter: counter.proven(MEANS),
    )
    found["liandong-plan", "实证：越低越好"] = (ratio, lambda counter: counter.proven(FEWER))
    found["liandong-plan", "分子与分母（实证）"] = (ratio, Counter.denominators)
    for column, title in (("declared", "申报"), ("proven", "实证")):
        found["liandong-plan", f"与目标之差（{title}）"] = (
            ratio,
            lambda counter, which=column: counter.missed(which),  # type: ignore[misc]
        )
    return found
