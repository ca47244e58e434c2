"""Every panel's query runs on a Prometheus that scrapes the loaded district of processes.

What the panels of the domain show is what the databases hold, counted by other SQL.
"""

from __future__ import annotations

import json
import re
import time
from collections import Counter as Counted
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from cli.observing import targets_of
from deploy.grafana.proof import Counter, expectations
from devstack.monitoring import Prometheus
from journeys.steady import one_case
from servicekit.clock import SteeredClock, civil_day
from services import graph

ROOT = Path(__file__).resolve().parents[2]
BOARDS = sorted((ROOT / "deploy/grafana/dashboards").glob("*.json"))
DOMAIN = ("liandong-flow", "liandong-promises", "liandong-plan")
PATIENCE = 90.0
LIGHTS = {"GREEN": "OTHER", "YELLOW": "OTHER", "SUSPENDED": "OTHER"}
# What a district in order does not have: its query runs, and gives nothing.
MAY_BE_EMPTY = {
    "各部门亮灯", "失败的比例（5分钟）",  # no open task; rules that have not had their minute
    "失败的事件", "不认识的事件", "等待的作业", "明日视为受理", "拒绝", "违规尝试", "作业",
    "“最多跑一次”红灯事项", "逾期未办结",
}  # fmt: skip


def panels():
    for path in BOARDS:
        for panel in json.loads(path.read_text(encoding="utf-8"))["panels"]:
            if panel["type"] != "row":
                yield path.stem, panel


PANELS = {(board, panel["title"]): panel for board, panel in panels()}
EXPECTED = expectations()


def expression(target, interval="1m"):
    """The query as Grafana sends it when everything is chosen."""
    sent = target["expr"].replace("$__rate_interval", interval).replace("$township", ".*")
    assert "$" not in re.sub(r'"\$1"', "", sent)
    return sent


@pytest.fixture(scope="module")
def watched(process_district, tmp_path_factory):
    """A Prometheus that has scraped every process once its journeys were driven."""
    process_district.drive()
    prometheus = Prometheus(
        tmp_path_factory.mktemp("prometheus"),
        targets_of(process_district.district),
        rules=ROOT / "deploy/prometheus/rules",
        every="1s",
    )
    prometheus.start()
    try:
        everybody = 'count(up{job="liandong"} == 1)'
        wait(lambda: numbers(prometheus, everybody, ()), lambda found: found == {(): 20})
        time.sleep(3)  # a rate needs two scrapes and a rule one evaluation
        yield prometheus
    finally:
        prometheus.stop()


@pytest.fixture(scope="module")
def counter(process_district):
    district = process_district.district
    now = SteeredClock(district.clock_control).now()
    return Counter(
        {name: district.database_url(name) for name in graph.SERVICES},
        civil_day(now),
        now.isoformat(),
    )


def numbers(prometheus, query, labels):
    """What an instant query gives, by the values of some labels; zeros are nothing."""
    found = {}
    for sample in prometheus.query(query):
        key = tuple(sample["metric"].get(label, "") for label in labels)
        found[key] = found.get(key, 0) + float(sample["value"][1])
    return found


def wait(read, until):
    deadline = time.monotonic() + PATIENCE
    while not until(found := read()) and time.monotonic() < deadline:
        time.sleep(0.5)  # between two scrapes
    return found


def test_every_query_of_every_panel_is_answered(watched):
    silent = []
    for (board, title), panel in PANELS.items():
        found = [sample for each in panel["targets"] for sample in watched.query(expression(each))]
        if not found and title not in MAY_BE_EMPTY:
            silent.append(f"{board}: {title}")
    assert silent == []


def test_every_panel_of_the_domain_has_its_number_checked():
    domain = {key for key in PANELS if key[0] in DOMAIN}
    assert domain - {("liandong-promises", "黄灯")} == set(EXPECTED)


def merged(found):
    """Lights that need a calendar to be told apart are counted together."""
    together = {}
    for (*rest, light), number in found.items():
        key = (*rest, LIGHTS.get(light, light))
        together[key] = together.get(key, 0) + number
    return together


@pytest.mark.parametrize(("board", "title"), EXPECTED, ids=lambda each: each)
def test_a_panel_shows_what_the_databases_hold(watched, counter, board, title):
    labels, count = EXPECTED[board, title]
    [target] = PANELS[board, title]["targets"]
    wanted = {key: value for key, value in count(counter).items() if value}

    def shown():
        found = numbers(watched, expression(target), labels)
        found = merged(found) if "light" in labels else found
        return {key: value for key, value in found.items() if value}

    assert wait(shown, lambda found: found == pytest.approx(wanted)) == pytest.approx(wanted)


def test_the_known_load_fills_the_panels(counter):
    """A comparison of nothing with nothing would prove nothing."""
    filled = {title for (_, title), (_, count) in EXPECTED.items() if any(count(counter).values())}
    assert {"各级办件", "各环节办件", "各街镇办件", "村级代办（所选街镇）", "各事项办件"} <= filled
    assert {"告知", "邮件", "违规尝试", "告警记录", "申报", "实证"} <= filled


class Load:
    """What a few cases left in the ledger and in the databases, beside what was there before."""

    def __init__(self, district):
        self._district = district
        self._before = self._counted()

    def _counted(self):
        found = Counted()
        for line in self._district.ledger.read_text(encoding="utf-8").splitlines():
            answered = json.loads(line)
            found["calls", answered["service"], answered["method"].rpartition("/")[2]] += 1
        for name in graph.SERVICES:
            engine = create_engine(self._district.district.database_url(name))
            with engine.connect() as connection:
                published = "SELECT count(*) FROM outbox WHERE position IS NOT NULL"
                found["published", name] = connection.execute(text(published)).scalar_one()
                applied = "SELECT coalesce(sum(seq), 0) FROM stream_position"
                found["applied", name] = int(connection.execute(text(applied)).scalar_one())
            engine.dispose()
        return found

    def since(self, *what):
        """Return what was added, by the last part of its name."""
        added = self._counted() - self._before
        return {name[-1:]: number for name, number in added.items() if name[:-1] == what}


@pytest.fixture(scope="module")
def load(watched, process_district):
    """Two cases that begin and end while Prometheus watches."""
    begun = Load(process_district)
    for number in (1, 2):
        one_case(process_district.world, number)
    return begun


RATES = [
    *(((f"liandong-{each}", "每秒调用"), "call", ("calls", each)) for each in ("intake", "review")),
    (("liandong-messaging", "每秒发布"), "service", ("published",)),
    (("liandong-messaging", "每秒生效"), "consumer", ("applied",)),
]


@pytest.mark.parametrize(("panel", "label", "what"), RATES)
def test_a_rate_shows_the_known_load(watched, load, panel, label, what):
    """Over a span that begins before Prometheus does, a rate holds all that was added since."""
    [target] = PANELS[panel]["targets"]

    def differing():
        shown = numbers(watched, f"({expression(target, '2h')}) * 7200", (label,))
        wanted = load.since(*what)
        assert wanted
        return {
            name: (shown.get(name), number)
            for name, number in wanted.items()
            if shown.get(name) != pytest.approx(number, rel=0.25, abs=0.5)
        }

    assert wait(differing, lambda found: not found) == {}


def test_the_calls_of_a_service_stand_in_the_overview_as_on_its_own_board(watched, load):
    [all_calls] = PANELS["liandong-overview", "每秒调用"]["targets"]
    for name in ("intake", "review"):
        [by_method] = PANELS[f"liandong-{name}", "每秒调用"]["targets"]
        both = f"sum({expression(by_method, '2h')})"
        whole = numbers(watched, expression(all_calls, "2h"), ("service",))[name,]
        assert whole == pytest.approx(numbers(watched, both, ())[()], rel=0.1)
        assert whole * 7200 >= 0.8 * sum(load.since("calls", name).values())


def test_the_rules_are_evaluated_and_nothing_is_wrong_with_a_district_in_order(watched):
    groups = watched.ask("rules")["groups"]
    assert {rule["health"] for group in groups for rule in group["rules"]} <= {"ok", "unknown"}
    broken = {"StreamStopped", "AuditChainBroken", "ConsumerGone", "JobsDead", "ProcessDown"}
    firing = {sample["metric"]["alertname"] for sample in watched.query("ALERTS")}
    assert firing & broken == set()
