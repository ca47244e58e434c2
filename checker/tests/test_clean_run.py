"""A run in which nothing went wrong has no finding."""

from __future__ import annotations


def test_a_clean_run_yields_no_finding(run):
    report = run.check(ratios=run.folder / "ratios.json")
    assert not report.findings, "\n".join(report.lines())
    assert report.facts["cases"] == 1
    assert report.facts["violations"] == 5
    assert report.facts["ratios"] == 36
    assert report.verdict.startswith("OK: ")
