"""Checks that the migrations of every service lead to its models, and that they only add."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from servicekit.clock import SystemClock
from servicekit.database import make_engine
from servicekit.migrations import differences, upgrade
from services.standalone.registry import parts
from tools.expansion import expansion_problems


def problems() -> list[str]:
    """Return what is wrong: models ahead of migrations, or a HEAD file that is behind."""
    found = []
    with tempfile.TemporaryDirectory() as folder:
        for name, part in parts().items():
            url = f"sqlite:///{Path(folder) / name}.db"
            migrations = part.definition.migrations
            upgrade(migrations, url, SystemClock().today())
            engine = make_engine(url)
            found += [f"{name}: {each}" for each in differences(engine, part.definition.metadata)]
            engine.dispose()
            newest = max(path.name.partition("_")[0] for path in migrations.glob("versions/[0-9]*"))
            head = (migrations / "HEAD").read_text(encoding="utf-8").strip()
            if head != newest:
                found.append(f"{name}: HEAD says {head}, the newest version is {newest}")
            found += expansion_problems(name, migrations, Path(folder))
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="the only thing this does")
    parser.parse_args()
    found = problems()
    print(*found, sep="\n", end="\n" if found else "")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
