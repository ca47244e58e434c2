"""Keeps one example of every event ever released, so that old events stay readable.

`python -m tools.corpus FOLDER` adds the events of the district in FOLDER of
types that are not in the corpus yet; what is there is never changed.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from liandong.common.v1.envelope_pb2 import Envelope
from sqlalchemy import select

from servicekit.database import make_read_engine
from services.standalone.registry import parts

CORPUS = Path(__file__).resolve().parent.parent / "tests" / "contracts" / "corpus"

__all__ = ["CORPUS", "collect"]


def collect(folder: Path) -> list[str]:
    """Add what is new; return the types that were added."""
    added = []
    for name, part in parts().items():
        engine = make_read_engine(f"sqlite:///{folder / name}.db")
        outbox = part.definition.tables.outbox.outbox
        with engine.connect() as connection:
            rows = connection.execute(select(outbox.c.type, outbox.c.envelope)).all()
        engine.dispose()
        for row in rows:
            path = CORPUS / f"{row.type}.binpb"
            if not path.exists():
                path.write_bytes(Envelope.FromString(row.envelope).payload)
                added.append(row.type)
    return added


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="an embedded district that has run")
    print(*collect(parser.parse_args().folder), sep="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
