"""The checker itself: its command, its own copies of what the services say, what it documents."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from checker import graph
from checker.__main__ import main
from checker.report import kinds
from servicekit.errors import DomainError
from services import graph as theirs

HERE = Path(__file__).parents[1]


def config(run, **more):
    content = {
        "databases": {name: f"sqlite:///{run.folder / name}.db" for name in graph.SERVICES},
        "blobs": {"intake": "blobs"},
        "checkpoints": dict.fromkeys(graph.SERVICES, "checkpoints"),
        "keystores": dict.fromkeys(graph.SERVICES, "keystore.json"),
        "ledger": "ledger.jsonl",
        "ratios": "ratios.json",
        **more,
    }
    path = run.folder / "check.json"
    path.write_text(json.dumps(content), encoding="utf-8")
    return str(path)


def test_the_command_ends_with_its_verdict(run, capsys):
    assert main(["--config", config(run)]) == 0
    assert capsys.readouterr().out.splitlines()[-1].startswith("OK: nothing lost")


def test_the_command_prints_each_finding_and_fails(run, capsys):
    run.sql("review", "UPDATE review_case SET reviewer = decider")
    report = run.folder / "report.json"
    assert main(["--config", config(run), "--report", str(report)]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines == [
        f"LAW_DECIDED_BY_REVIEWER review {run.case}: p-0301",
        lines[-1],
    ]
    assert lines[-1].startswith("FAILED: 1 findings")
    assert json.loads(report.read_text(encoding="utf-8"))["findings"][0]["subject"] == run.case


def test_the_command_refuses_what_it_does_not_know(run, capsys):
    assert main(["--config", config(run, typo=1)]) == 2
    assert "typo" in capsys.readouterr().out


def test_a_database_that_cannot_be_read_is_a_finding_and_the_rest_is_still_proven(run):
    run.sql("delivery", "ALTER TABLE courier_offer RENAME COLUMN carrier TO bearer")
    run.sql("review", "UPDATE review_case SET reviewer = decider")
    assert run.found() == {"CHECKER_CANNOT_READ", "LAW_DECIDED_BY_REVIEWER"}


@pytest.mark.parametrize("value", ["'{'", "'[]'", "NULL"])
def test_a_stored_value_of_another_shape_is_a_finding(run, value):
    run.sql(
        "intake",
        "CREATE TABLE c AS SELECT * FROM case_file",
        "DROP TABLE case_file",
        "ALTER TABLE c RENAME TO case_file",
        f"UPDATE case_file SET terms = {value}",
    )
    assert "CHECKER_CANNOT_READ" in run.found()


def test_one_database_alone_can_be_checked(run):
    found = run.input().databases
    report = run.check(ledger=None, databases={"intake": found["intake"]})
    assert report.ok
    assert report.facts["cases"] == 1


def test_its_edges_are_those_of_the_services():
    assert dict(graph.CONSUMERS) == dict(theirs.CONSUMERS)
    assert graph.SERVICES == theirs.SERVICES


def reasons(kind):
    for below in kind.__subclasses__():
        if below.violation:
            yield below.__module__.split(".")[1], below.reason
        yield from reasons(below)


@pytest.mark.usefixtures("finished_run")
def test_its_violations_are_those_of_the_services():
    declared = {service: set() for service in graph.SERVICES}
    for service, reason in reasons(DomainError):
        if service in declared:
            declared[service].add(reason)
    assert declared == {service: set(known) for service, known in graph.VIOLATIONS.items()}


def test_its_types_are_those_that_services_take_in(finished_run):
    from services.standalone.district import District  # noqa: PLC0415

    district = District.open(finished_run.parent / "another")
    try:
        from services.standalone.registry import parts  # noqa: PLC0415

        for name, part in parts().items():
            if name != "metrics":  # counts without a unit of work for each event
                taken = set(part.event_handlers(district.resources[name]))
                assert taken == set(graph.TAKEN_IN[name]), name
    finally:
        district.close()


def test_every_finding_has_an_id_a_meaning_and_a_line_in_the_readme():
    readme = (HERE / "README.md").read_text(encoding="utf-8")
    for name, kind in kinds().items():
        assert kind.__doc__, name
        assert f"`{name}`" in readme, name


def test_every_finding_is_planted_in_a_test():
    tests = "".join(path.read_text(encoding="utf-8") for path in Path(__file__).parent.glob("*.py"))
    assert [name for name in kinds() if f'"{name}"' not in tests] == []


def test_it_imports_nothing_of_what_it_checks():
    for path in HERE.glob("**/*.py"):
        if "tests" not in path.parts:
            text = path.read_text(encoding="utf-8")
            assert "import services" not in text, path
            assert "from services" not in text, path
            assert "servicekit" not in text, path
