"""Generates the Python code of the protos, or checks that what is committed is fresh."""

from __future__ import annotations

import argparse
import filecmp
import sys
import tempfile
from pathlib import Path

from grpc_tools import protoc

ROOT = Path(__file__).resolve().parent.parent
GENERATED = ROOT / "protos" / "gen" / "python"


def generate(target: Path) -> None:
    """Write the code of all protos below `target`."""
    target.mkdir(parents=True, exist_ok=True)
    sources = sorted(str(path) for path in (ROOT / "protos" / "liandong").rglob("*.proto"))
    arguments = [
        "protoc",
        f"-I{ROOT / 'protos'}",
        f"-I{ROOT / 'third_party'}",
        f"-I{Path(protoc.__file__).parent / '_proto'}",
        f"--python_out={target}",
        f"--grpc_python_out={target}",
        f"--plugin=protoc-gen-mypy={Path(sys.executable).parent / 'protoc-gen-mypy'}",
        f"--plugin=protoc-gen-mypy_grpc={Path(sys.executable).parent / 'protoc-gen-mypy_grpc'}",
        f"--mypy_out=quiet:{target}",
        f"--mypy_grpc_out=quiet:{target}",
        *sources,
    ]
    if protoc.main(arguments) != 0:
        raise SystemExit("the protos cannot be compiled")
    for path in target.rglob("*_pb2_grpc.py*"):
        if not path.name.endswith(("_service_pb2_grpc.py", "_service_pb2_grpc.pyi")):
            path.unlink()


def stale(fresh: Path) -> list[str]:
    """Return the files of the committed code that differ from `fresh`."""
    names = {
        str(path.relative_to(root))
        for root in (fresh, GENERATED)
        for path in root.rglob("*_pb2*")
        if "__pycache__" not in path.parts
    }
    return sorted(
        name
        for name in names
        if not (fresh / name).exists()
        or not (GENERATED / name).exists()
        or not filecmp.cmp(fresh / name, GENERATED / name, shallow=False)
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="only compare with what is committed")
    if not parser.parse_args().check:
        for path in GENERATED.rglob("*_pb2*"):
            path.unlink()
        generate(GENERATED)
        return 0
    with tempfile.TemporaryDirectory() as folder:
        generate(Path(folder))
        if found := stale(Path(folder)):
            print("generated code is stale, run `make protos`:", *found, sep="\n  ")
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
