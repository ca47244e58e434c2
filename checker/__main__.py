"""`python -m checker --config file.json`: the findings, one per line, and the verdict."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from checker.asked import CheckInput
from checker.report import Report
from checker.run import check


def main(arguments: Sequence[str] | None = None) -> int:
    """Return 0 if there is no finding, 1 if there is one, 2 if the input cannot be read."""
    parser = argparse.ArgumentParser(prog="checker", description=__doc__)
    parser.add_argument("--config", type=Path, required=True, help="JSON, see checker/README.md")
    parser.add_argument("--report", type=Path, help="write findings and facts to this file as JSON")
    asked = parser.parse_args(arguments)
    try:
        report = check(read_config(asked.config))
    except (OSError, ValueError, KeyError) as error:
        sys.stdout.write(f"CANNOT CHECK: {error}\n")
        return 2
    if asked.report is not None:
        asked.report.write_text(_as_json(report), encoding="utf-8")
    for line in report.lines():
        sys.stdout.write(f"{line}\n")
    return 0 if report.ok else 1


def read_config(path: Path) -> CheckInput:
    """Return the input that the file describes; relative paths count from its folder."""
    content = json.loads(path.read_text(encoding="utf-8"))
    return CheckInput.from_json(content, folder=path.parent)


def _as_json(report: Report) -> str:
    findings = [
        {
            "id": finding.id,
            "service": finding.service,
            "subject": finding.subject,
            "detail": finding.detail,
        }
        for finding in report.findings
    ]
    content = {"ok": report.ok, "findings": findings, "facts": report.facts}
    return json.dumps(content, ensure_ascii=False, indent=2) + "\n"


if __name__ == "__main__":
    sys.exit(main())
