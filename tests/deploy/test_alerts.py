"""Every rule is valid; every alert fires and keeps silent in a test, and reaches somebody."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
import yaml

from devstack.monitoring import require_monitoring

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "deploy" / "prometheus"
RULES = sorted((FOLDER / "rules").glob("*.yaml"))
TESTS = sorted((FOLDER / "tests").glob("*.yaml"))
CHINESE = re.compile(r"[\u4e00-\u9fff]")


@pytest.fixture(scope="module")
def programs():
    return require_monitoring()


def run(*words):
    done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=250)
    return done.returncode, done.stdout + done.stderr


def rules():
    for path in RULES:
        for group in yaml.safe_load(path.read_text(encoding="utf-8"))["groups"]:
            yield from group["rules"]


ALERTS = {rule["alert"]: rule for rule in rules() if "alert" in rule}
RECORDED = {rule["record"] for rule in rules() if "record" in rule}


def test_the_rules_are_valid(programs):
    code, told = run(programs.promtool, "check", "rules", *map(str, RULES))
    assert code == 0, told
    assert len(ALERTS) == sum(1 for rule in rules() if "alert" in rule)


@pytest.mark.parametrize("path", TESTS, ids=lambda path: path.stem)
def test_the_alerts_fire_and_keep_silent(programs, path):
    code, told = run(programs.promtool, "test", "rules", str(path))
    assert code == 0, told


def test_every_alert_has_a_test_in_which_it_fires_and_one_in_which_it_does_not():
    fires, silent = set(), set()
    for path in TESTS:
        for test in yaml.safe_load(path.read_text(encoding="utf-8"))["tests"]:
            for expected in test["promql_expr_test"]:
                [name] = re.findall(r'alertname="(\w+)"', expected["expr"])
                (fires if expected["exp_samples"] else silent).add(name)
    assert fires == silent == set(ALERTS)


def test_every_alert_says_in_chinese_what_is_wrong_and_has_its_section():
    headings = re.findall(
        r"^### (\w+)$", (ROOT / "docs/runbook-alerts.md").read_text(encoding="utf-8"), re.MULTILINE
    )
    assert sorted(headings) == sorted(ALERTS)
    for name, rule in ALERTS.items():
        texts = rule["annotations"]
        assert CHINESE.search(texts["summary"]), name
        assert CHINESE.search(texts["description"]), name
        assert texts["runbook_url"] == f"docs/runbook-alerts.md#{name.lower()}"
        assert rule["labels"]["severity"] in {"critical", "warning", "info"}
        assert rule["labels"]["audience"] in {"operations", "law"}


def test_the_rules_ask_only_for_what_is_there():
    # The document is generated from the code, and `make check` compares it.
    table = (ROOT / "docs/metrics.md").read_text(encoding="utf-8")
    known = set(re.findall(r"^\| `(liandong_\w+)`", table, re.MULTILINE))
    known |= {f"{name}_{part}" for name in known for part in ("bucket", "count", "sum")} | RECORDED
    for rule in rules():
        asked = set(re.findall(r"\b(?:service:)?liandong_\w+(?::\w+)?", rule["expr"]))
        assert asked <= known, asked - known


DEPARTMENT = {"audience": "law", "authority": "370306000000-D02", "level": "district"}
TOWN = {"audience": "law", "level": "township", "unit": "370306101000-C1-W01"}
HALL = {"audience": "law", "level": "district", "unit": "370306000000-C1-W01"}
OPERATIONS = {"audience": "operations", "level": "district", "service": "intake"}


@pytest.mark.parametrize(
    ("labels", "receivers"),
    [
        (OPERATIONS | {"severity": "critical"}, "operations-urgent"),
        (OPERATIONS | {"severity": "warning"}, "operations"),
        (DEPARTMENT, "supervision,department-D02"),
        (DEPARTMENT | {"authority": "370306000000-D06"}, "supervision,department-D06"),
        (TOWN, "supervision,townships"),
        (TOWN | {"level": "village"}, "supervision,townships"),
        (HALL, "supervision,centre"),
        ({"audience": "law", "level": "district", "rule": "R4.8"}, "supervision"),
        ({"alertname": "SomebodyElses"}, "operations"),
    ],
    ids=["urgent", "operations", "a department", "another", "a township", "a village", "the centre",
         "nobody's own", "foreign"],
)  # fmt: skip
def test_an_alert_reaches_who_can_act(programs, labels, receivers):
    words = [f"{name}={value}" for name, value in labels.items()]
    config = str(FOLDER / "alertmanager.yaml")
    code, told = run(
        programs.amtool, "config", "routes", "test", f"--config.file={config}",
        f"--verify.receivers={receivers}", *words,
    )  # fmt: skip
    assert code == 0, told
    assert receivers in told.splitlines()


def test_every_department_of_the_district_has_its_route():
    units = (ROOT / "services/catalog/data/units.csv").read_text(encoding="utf-8").splitlines()
    departments = {line.split(",")[0] for line in units if ",DEPARTMENT," in line}
    told = (FOLDER / "alertmanager.yaml").read_text(encoding="utf-8")
    assert departments
    assert {each for each in departments if f'authority = "{each}"' not in told} == set()
