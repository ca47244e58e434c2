"""Writes the dashboards as JSON, or compares them with what is committed."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models.dashboard import Dashboard

from deploy.grafana import domain, technical
from services import graph

__all__ = ["FOLDER", "boards", "main", "text_of"]

FOLDER = Path(__file__).resolve().parent / "dashboards"


def boards() -> Iterator[Dashboard]:
    """Yield every dashboard."""
    yield technical.overview()
    yield from (technical.service(name) for name in graph.SERVICES)
    yield technical.messaging()
    yield domain.flow()
    yield domain.promises()
    yield domain.plan()


def text_of(board: Dashboard) -> str:
    """Return the JSON that Grafana imports."""
    return JSONEncoder(sort_keys=True, indent=1, ensure_ascii=False).encode(board) + "\n"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="only compare with what is committed")
    check = parser.parse_args().check
    wanted = {f"{board.uid}.json": text_of(board) for board in boards()}
    there = {path.name: path.read_text(encoding="utf-8") for path in FOLDER.glob("*.json")}
    stale = sorted(name for name in wanted.keys() | there if wanted.get(name) != there.get(name))
    if check:
        if stale:
            sys.stderr.write(f"stale, run `make dashboards`: {' '.join(stale)}\n")
        return 1 if stale else 0
    FOLDER.mkdir(exist_ok=True)
    for name in stale:
        if name in wanted:
            (FOLDER / name).write_text(wanted[name], encoding="utf-8")
        else:
            (FOLDER / name).unlink()
    return 0


if __name__ == "__main__":
    sys.exit(main())
