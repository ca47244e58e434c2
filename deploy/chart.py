"""The chart as it is shipped: with the alerts and dashboards, which stand outside it.

A chart can only read files inside itself. They are not kept twice: `python -m deploy.chart` puts
the chart together with them and packs it.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

from deploy.tools import ToolMissingError, require_helm

__all__ = ["assemble", "pack"]

DEPLOY: Final = Path(__file__).resolve().parent
CHART: Final = DEPLOY / "helm" / "liandong"
RULES: Final = DEPLOY / "prometheus" / "rules"
DASHBOARDS: Final = DEPLOY / "grafana" / "dashboards"
OUT: Final = DEPLOY.parent / "build" / "chart"


def assemble(folder: Path, *, rules: Path = RULES, dashboards: Path = DASHBOARDS) -> Path:
    """Copy the chart to `folder` with whatever rules and dashboards there are; return it."""
    shutil.copytree(CHART, folder)
    for source, pattern, name in ((rules, "*.yaml", "rules"), (dashboards, "*.json", "dashboards")):
        target = folder / "files" / name
        target.mkdir(parents=True)
        for path in sorted(source.glob(pattern)):
            shutil.copyfile(path, target / path.name)
    return folder


def pack(out: Path = OUT) -> Path:
    """Return the archive of the chart, made by helm."""
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="liandong-chart-") as folder:
        whole = assemble(Path(folder) / "liandong")
        done = subprocess.run(  # noqa: S603 -- our own command
            [str(require_helm()), "package", str(whole), "--destination", str(out)],
            capture_output=True, text=True, timeout=300, check=False,
        )  # fmt: skip
    if done.returncode:
        raise ToolMissingError(f"the chart could not be packed:\n{done.stderr[-2000:]}")
    return Path(done.stdout.strip().rpartition(": ")[2])


def main() -> int:
    try:
        sys.stdout.write(f"{pack()}\n")
    except ToolMissingError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
