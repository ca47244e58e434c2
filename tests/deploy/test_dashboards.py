"""The dashboards are what the code makes, are of Grafana's own types, and speak Chinese."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.cog.plugins import register_default_plugins
from grafana_foundation_sdk.models import dashboard as model

from deploy.grafana.__main__ import FOLDER, boards, text_of

ROOT = Path(__file__).resolve().parents[2]
CHINESE = re.compile(r"[\u4e00-\u9fff]")
FILES = sorted(FOLDER.glob("*.json"))

register_default_plugins()


def panels(text):
    return [each for each in json.loads(text)["panels"] if each["type"] != "row"]


ALL = [(path.stem, panel) for path in FILES for panel in panels(path.read_text(encoding="utf-8"))]


def through_the_types(document):
    """Read a dashboard into Grafana's published types, and write it again."""
    read = model.Dashboard.from_json(document)
    return json.loads(JSONEncoder().encode(read))


def test_what_is_committed_is_what_the_code_makes():
    made = {f"{board.uid}.json": text_of(board) for board in boards()}
    assert {path.name: path.read_text(encoding="utf-8") for path in FILES} == made


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_nothing_is_lost_on_the_way_through_grafanas_types(path):
    document = json.loads(path.read_text(encoding="utf-8"))
    assert through_the_types(document) == document


def test_a_field_that_grafana_does_not_know_is_lost_there():
    document = json.loads(FILES[0].read_text(encoding="utf-8"))
    document["panels"][1]["titel"] = "?"
    assert through_the_types(document) != document


def test_every_dashboard_of_the_list_is_there():
    names = {path.stem.removeprefix("liandong-") for path in FILES}
    assert names == {"overview", "messaging", "flow", "promises", "plan", "catalog", "intake",
                     "review", "delivery", "metrics"}  # fmt: skip


@pytest.mark.parametrize(
    ("board", "panel"), ALL, ids=[f"{board}: {panel['title']}" for board, panel in ALL]
)
def test_a_panel_has_a_chinese_title_a_unit_thresholds_and_its_links(board, panel):
    assert CHINESE.search(panel["title"])
    assert CHINESE.search(panel["description"]) or panel["description"].endswith("。")
    defaults = panel["fieldConfig"]["defaults"]
    assert defaults["unit"]
    assert defaults["thresholds"]["steps"][0]["value"] is None
    assert panel["datasource"]["uid"] == "${datasource}"
    urls = [link["url"] for link in panel["links"]]
    assert urls[0].startswith("/explore?left={%22datasource%22:%22${traces}%22")
    headings = (ROOT / "docs/runbook-alerts.md").read_text(encoding="utf-8").lower()
    for url in urls[1:]:
        assert f"\n### {url.removeprefix('${runbook}#')}\n" in headings
    assert [target["refId"] for target in panel["targets"]] == sorted(
        {target["refId"] for target in panel["targets"]}
    )


def test_the_panels_ask_only_for_what_is_there():
    table = (ROOT / "docs/metrics.md").read_text(encoding="utf-8")
    known = set(re.findall(r"^\| `(liandong_\w+)`", table, re.MULTILINE))
    known |= {f"{name}_{part}" for name in known for part in ("bucket", "count", "sum")}
    for path in (ROOT / "deploy/prometheus/rules").glob("*.yaml"):
        known |= set(re.findall(r"record: (\S+)", path.read_text(encoding="utf-8")))
    for _board, panel in ALL:
        for target in panel["targets"]:
            asked = set(re.findall(r"\b(?:service:)?liandong_\w+(?::\w+)?", target["expr"]))
            assert asked <= known, asked - known


def test_the_flow_leads_from_the_district_to_a_township_and_its_villages():
    board = json.loads((FOLDER / "liandong-flow.json").read_text(encoding="utf-8"))
    links = [
        link["url"]
        for panel in board["panels"]
        for override in panel.get("fieldConfig", {}).get("overrides", ())
        for each in override["properties"]
        if each["id"] == "links"
        for link in each["value"]
    ]
    assert links == [f"/d/{board['uid']}?var-township=${{__value.raw}}"]
    assert "township" in {each["name"] for each in board["templating"]["list"]}
    narrowed = {
        metric
        for panel in panels(json.dumps(board))
        for target in panel["targets"]
        if '=~"$township"' in target["expr"]
        for metric in re.findall(r"liandong_\w+", target["expr"])
    }
    assert {"liandong_cases", "liandong_assistances"} <= narrowed
