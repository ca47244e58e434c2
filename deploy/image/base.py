"""The base image: a public one by its name, or one made from Debian packages on this machine."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Final

from deploy.image.engine import EPOCH, Engine, EngineError
from devstack.packages import DebianMachine

__all__ = ["BOOTSTRAP", "PACKAGES", "bootstrap_command", "require_base"]

BOOTSTRAP: Final = "bootstrap"
SUITE: Final = "bookworm"
IMAGE: Final = f"localhost/liandong-base:{SUITE}"
# Python and its venv, what its compiled packages are linked with, whom to trust, zones of time.
# No compiler, no apt.
PACKAGES: Final = ("python3", "python3-venv", "libstdc++6", "ca-certificates", "tzdata")
SECONDS: Final = 3600


def require_base(engine: Engine, *, fresh: bool = False) -> str:
    """Return the name of the base made from Debian packages; make it where it is not there."""
    if engine.has(IMAGE) and not fresh:
        return IMAGE
    with tempfile.TemporaryDirectory(prefix="liandong-base-") as folder:
        archive = Path(folder) / "base.tar"
        _bootstrap(archive)
        engine("import", "--change", "ENV PATH=/usr/local/bin:/usr/bin:/bin", str(archive), IMAGE)
    return IMAGE


def bootstrap_command(archive: Path, sources: list[Path]) -> list[str]:
    """Return the command that installs Debian's essential packages and ours into an archive."""
    left_out = ("/usr/share/doc/*", "/usr/share/man/*", "/usr/share/locale/*", "/usr/share/info/*")
    return [
        "mmdebstrap", "--mode=root", "--variant=essential", f"--include={','.join(PACKAGES)}",
        *(f"--dpkgopt=path-exclude={each}" for each in left_out),
        "--dpkgopt=path-include=/usr/share/doc/*/copyright", "--dpkgopt=force-unsafe-io",
        SUITE, str(archive), *(str(each) for each in sources),
    ]  # fmt: skip


def debian_sources(etc: Path = Path("/etc")) -> list[Path]:
    """Return where this machine gets the suite's packages; none: mmdebstrap's own default."""
    release = etc / "os-release"
    if not release.is_file() or f"VERSION_CODENAME={SUITE}" not in release.read_text("utf-8"):
        return []
    known = (etc / "apt/sources.list", etc / "apt/sources.list.d/debian.sources")
    return [each for each in known if each.is_file() and each.read_text("utf-8").strip()]


def _bootstrap(archive: Path) -> None:
    if os.geteuid() != 0:
        raise EngineError("a base made from Debian packages needs root: sudo make image …")
    if shutil.which("mmdebstrap") is None:
        machine = DebianMachine()
        reason = machine.why_not_install()
        if reason is not None:
            raise EngineError(f"mmdebstrap is missing and could not be installed: {reason}")
        machine.install(["mmdebstrap"])
    done = subprocess.run(  # noqa: S603 -- our own words, no shell
        bootstrap_command(archive, debian_sources()),
        env={**os.environ, "SOURCE_DATE_EPOCH": str(EPOCH)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    if done.returncode:
        raise EngineError(f"mmdebstrap failed:\n{done.stderr[-3000:]}")
