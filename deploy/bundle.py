"""One archive for a site without a line: image, chart, bill of materials, checksums, notes.

`make bundle` writes it; `sha256sum -c SHA256SUMS` in the unpacked folder checks it.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import shutil
import sys
import tarfile
import tempfile
from pathlib import Path
from typing import Final

from deploy.chart import CHART, pack
from deploy.image.__main__ import bill_path, build, version, write_bill
from deploy.image.engine import EPOCH, Engine, EngineError, find_engine
from deploy.reference import REFERENCE
from deploy.tools import ToolMissingError
from devstack.errors import DevstackError

__all__ = ["checksums", "write_archive", "write_bundle"]

OUT: Final = Path(__file__).resolve().parents[1] / "build" / "bundle"
NOTES: Final = Path(__file__).with_name("INSTALL.md")
SUMS: Final = "SHA256SUMS"


def write_bundle(engine: Engine, image: str, out: Path = OUT) -> Path:
    """Put everything into one archive in `out`; return it."""
    name = f"liandong-{version()}"
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="liandong-bundle-", dir=out) as temporary:
        folder = Path(temporary) / name
        folder.mkdir()
        engine("save", "--output", str(folder / "image.tar"), image)
        pack(folder)
        shutil.copytree(CHART / "profiles", folder / "profiles")
        shutil.copyfile(bill_path(), folder / bill_path().name)
        for path in (NOTES, NOTES.with_name("README.md"), REFERENCE):
            shutil.copyfile(path, folder / path.name)
        (folder / SUMS).write_text(checksums(folder), encoding="utf-8")
        return write_archive(folder, out / f"{name}.tar.gz")


def checksums(folder: Path) -> str:
    """Return what `sha256sum` would print of every file in `folder`, by name."""
    lines = []
    for path in sorted(each for each in folder.rglob("*") if each.is_file()):
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        lines.append(f"{digest}  {path.relative_to(folder)}\n")
    return "".join(lines)


def write_archive(folder: Path, target: Path) -> Path:
    """Pack `folder`; who packed it and when leaves no trace, so that the same gives the same."""

    def plain(member: tarfile.TarInfo) -> tarfile.TarInfo:
        member.uid = member.gid = 0
        member.uname = member.gname = "root"
        member.mtime = EPOCH
        return member

    part = target.with_suffix(".part")
    with (
        part.open("wb") as raw,
        gzip.GzipFile("", "wb", 6, raw, mtime=EPOCH) as packed,
        tarfile.open(fileobj=packed, mode="w") as archive,
    ):
        archive.add(folder, folder.name, filter=plain)
    part.replace(target)
    return target


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m deploy.bundle", description=__doc__)
    parser.add_argument("--base", default="", help="as of python -m deploy.image")
    chosen = parser.parse_args()
    try:
        engine = find_engine()
        image = build(engine, chosen.base or None)
        write_bill(engine, image)
        bundle = write_bundle(engine, image)
    except (EngineError, ToolMissingError, DevstackError) as error:
        print(error, file=sys.stderr)  # noqa: T201
        return 1
    print(f"{bundle}: {bundle.stat().st_size:,} bytes")  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main())
