"""Resolves requirements/*.in into locks with hashes and without any address."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PLAIN = (
    "--quiet", "--generate-hashes", "--strip-extras", "--allow-unsafe", "--no-header",
    "--no-emit-index-url", "--no-emit-trusted-host", "--no-emit-find-links",
)  # fmt: skip


def main() -> int:
    for name in ("runtime", "develop"):
        subprocess.run(  # noqa: S603
            [sys.executable, "-m", "piptools", "compile", *PLAIN, "-o", f"{name}.txt",
             f"{name}.in"],
            cwd=ROOT / "requirements",
            check=True,
        )  # fmt: skip
    return 0


if __name__ == "__main__":
    sys.exit(main())
