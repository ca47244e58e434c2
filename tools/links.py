"""Checks that every relative link of the documents leads to a file."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LINK = re.compile(r"\]\((?!https?:|mailto:|#)([^)#\s]+)(?:#[^)]*)?\)")


def broken() -> list[str]:
    """Return the links that lead nowhere, as `file: target`."""
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", "*.md"],  # noqa: S607
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split("\n")
    found = []
    for name in filter(None, listed):
        path = ROOT / name
        if not path.exists():
            continue
        found += [
            f"{name}: {target}"
            for target in LINK.findall(path.read_text(encoding="utf-8"))
            if not (path.parent / target).exists()
        ]
    return found


def main() -> int:
    found = broken()
    print(*found, sep="\n", end="\n" if found else "")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
