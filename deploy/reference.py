"""The reference of the chart's values, generated from the comments in values.yaml.

`python -m deploy.reference` writes it; with --check it only compares.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

__all__ = ["REFERENCE", "reference"]

CHART: Final = Path(__file__).resolve().parent / "helm" / "liandong"
REFERENCE: Final = CHART / "VALUES.md"
HEAD: Final = """<!-- Generated from values.yaml by `make documents`; edit its comments instead. -->
# Values of the chart

`services` is shown for `intake`; the other four have the same keys, `serviceToken` where they ask.

| value | default | meaning |
| --- | --- | --- |
"""
_COMMENT: Final = re.compile(r"^ *# -- (?P<text>.+)$")
_KEY: Final = re.compile(r"^(?P<indent> *)(?P<key>[A-Za-z][\w.-]*):(?: (?P<value>.+))?$")
_SHOWN: Final = "services.intake"


def reference(text: str) -> str:
    """Return the table of all values that the text of a values.yaml explains."""
    rows = [
        f"| `{path}` | {f'`{value}`' if value else ''} | {meaning} |"
        for path, value, meaning in _explained(text)
        if not path.startswith("services.") or f"{path}.".startswith(f"{_SHOWN}.")
    ]
    return HEAD + "\n".join(rows) + "\n"


def _explained(text: str) -> Iterator[tuple[str, str, str]]:
    """Yield path, default and meaning of every key right below a comment of its own."""
    parents: list[str] = []
    meaning = ""
    for line in text.splitlines():
        comment, key = _COMMENT.match(line), _KEY.match(line)
        if key and meaning:
            depth = len(key["indent"]) // 2
            parents = [*parents[:depth], key["key"]]
            yield ".".join(parents), key["value"] or "", meaning.replace("|", "\\|")
        meaning = comment["text"] if comment else ""


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m deploy.reference", description=__doc__)
    parser.add_argument("--check", action="store_true", help="only compare with what is committed")
    made = reference((CHART / "values.yaml").read_text(encoding="utf-8"))
    if not parser.parse_args().check:
        REFERENCE.write_text(made, encoding="utf-8")
        return 0
    if not REFERENCE.exists() or REFERENCE.read_text(encoding="utf-8") != made:
        print(f"stale, run `make documents`: {REFERENCE.name}")  # noqa: T201
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
