"""After all journeys: nothing is lost, doubled or in disagreement, in either mode.

The name of this module puts it behind those that drive.
"""

from __future__ import annotations

from checker.run import CheckInput, check


def test_the_checker_finds_nothing_in_the_embedded_district(embedded_district):
    embedded_district.drive()
    embedded_district.district.settle()
    report = check(CheckInput.embedded(embedded_district.district.folder))
    assert not report.findings, "\n".join(map(str, report.findings))


def test_the_checker_finds_nothing_after_whatever_else_was_done(playground):
    playground.district.settle()
    report = check(CheckInput.embedded(playground.district.folder))
    assert not report.findings, "\n".join(map(str, report.findings))


def test_the_checker_finds_nothing_in_the_district_of_processes(process_district):
    process_district.drive()
    found = CheckInput.from_json(process_district.district.checker_input(process_district.ledger))
    report = process_district.world.wait(
        "a settled district", lambda: check(found), lambda report: not report.findings
    )
    assert not report.findings
