"""The tables of the runbook that name sweeps name all of them, as often as they are done."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest

from servicekit.config import ServiceSettings
from services import graph
from services.standalone.district import District

RUNBOOK = Path(__file__).resolve().parents[2] / "docs" / "runbook.md"
UNITS = {"s": "seconds", "min": "minutes", "h": "hours"}
SEAL_S = ServiceSettings.model_fields["audit_seal_s"].default  # the embedded district has its own


def rows_below(heading):
    """The cells of every row of the table that begins with this line."""
    lines = iter(RUNBOOK.read_text(encoding="utf-8").splitlines())
    assert any(line == heading for line in lines), heading
    next(lines)  # the rule below the heading
    for line in lines:
        if not line.startswith("|"):
            return
        yield [cell.strip() for cell in line.strip("|").split("|")]


def services_of(cell):
    return set(graph.SERVICES) if cell == "all" else set(cell.split(", "))


def interval_of(cell):
    number, unit = re.search(r"(\d+) (s|min|h)\b", cell).groups()
    return timedelta(**{UNITS[unit]: int(number)})


@pytest.fixture(scope="module")
def sweeps(tmp_path_factory):
    district = District.open(tmp_path_factory.mktemp("district"), audit_seal_s=SEAL_S)
    done = {
        (service, sweep.name): sweep.every
        for service, runner in zip(graph.SERVICES, district.runners, strict=True)
        for sweep in runner._sweeps
    }
    district.close()
    return done


def test_every_sweep_stands_in_the_runbook_with_its_services_and_how_often(sweeps):
    table = rows_below("| sweep | of | how often | does |")
    told = {
        (service, name.strip("`")): interval_of(often)
        for name, of, often, _does in table
        for service in services_of(of)
    }
    assert told == sweeps


def test_what_deletes_anything_stands_among_what_is_kept_and_for_how_long(sweeps):
    by = " ".join(row[2] for row in rows_below("| class | kept | removed by |"))
    deleting = {name for _, name in sweeps if re.match("expire_|forget_|sweep_|purge_", name)}
    assert deleting == {name for _, name in sweeps if f"`{name}`" in by}
