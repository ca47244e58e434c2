"""Builds the image and writes its bill of materials beside it: `make image`."""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path
from typing import Final

from deploy.image.base import BOOTSTRAP, require_base
from deploy.image.engine import Engine, EngineError, find_engine
from deploy.image.packages import lend
from deploy.image.sbom import bill, installed
from devstack.errors import DevstackError

ROOT: Final = Path(__file__).resolve().parents[2]
OUT: Final = ROOT / "build" / "image"
NAME: Final = "localhost/liandong"


def version() -> str:
    """Return the version of the project, which is the tag of the image."""
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    found: str = tomllib.loads(text)["project"]["version"]
    return found


def build(engine: Engine, base: str | None, *, fresh: bool = False) -> str:
    """Build the image of this checkout; return its name."""
    tag = f"{NAME}:{version()}"
    arguments = {"VERSION": version(), "REVISION": _revision()}
    if base == BOOTSTRAP:
        arguments["BASE"] = require_base(engine, fresh=fresh)
    elif base:
        arguments["BASE"] = base
    with tempfile.TemporaryDirectory(prefix="liandong-image-") as folder:
        engine.build(ROOT, tag, arguments, lend(Path(folder)))
    return tag


def bill_path() -> Path:
    """Return where the bill of materials of this version is written."""
    return OUT / f"liandong-{version()}.cdx.json"


def write_bill(engine: Engine, tag: str) -> None:
    """Write what is in the image beside it."""
    OUT.mkdir(parents=True, exist_ok=True)
    text = bill(installed(engine, tag), engine.inspect(tag), "liandong", version())
    bill_path().write_text(text, encoding="utf-8")


def _revision() -> str:
    done = subprocess.run(
        ["git", "rev-parse", "HEAD"],  # noqa: S607
        cwd=ROOT, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    return done.stdout.strip() or "unknown"


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m deploy.image", description=__doc__)
    parser.add_argument(
        "--base", help=f"base image; {BOOTSTRAP}: made from Debian packages, as root"
    )
    parser.add_argument("--fresh", action="store_true", help="make that base anew")
    chosen = parser.parse_args()
    try:
        engine = find_engine()
        tag = build(engine, chosen.base or None, fresh=chosen.fresh)
        known = engine.inspect(tag)
        write_bill(engine, tag)
    except (EngineError, DevstackError) as error:
        print(error, file=sys.stderr)  # noqa: T201
        return 1
    sizes = " + ".join(f"{size:,}" for size in engine.layers(tag))
    print(f"{tag}: {known['Size']:,} bytes, by layers from the code down: {sizes}")  # noqa: T201
    print(bill_path())  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main())
