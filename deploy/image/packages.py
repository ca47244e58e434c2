"""How this machine fetches Python packages, lent to the build and not left in the image."""

from __future__ import annotations

import os
import ssl
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

__all__ = ["lend", "lent_settings"]

# Where a step of the build finds the authorities; the Containerfile knows the name too.
LENT: Final = "/run/secrets/authorities.pem"
TOLD: Final = ("index-url", "extra-index-url", "trusted-host", "proxy", "timeout", "retries")
AUTHORITIES: Final = ("PIP_CERT", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE")


def lend(folder: Path) -> dict[str, Path]:
    """Write the files that the build is lent into `folder`; return them by their name there."""
    pip = folder / "pip.conf"
    pip.touch(mode=0o600)  # an address of an index may hold a password
    pip.write_text(lent_settings(_pip_list(), os.environ), encoding="utf-8")
    authorities = folder / "authorities.pem"
    authorities.write_bytes(_authorities(os.environ).read_bytes())
    return {"pip.conf": pip, "authorities.pem": authorities}


def lent_settings(listed: str, environment: Mapping[str, str]) -> str:
    """Return a pip.conf of what pip says it is told here; what is in the environment wins."""
    settings = {"cert": LENT}
    for line in listed.splitlines():
        key, _, value = line.partition("=")
        scope, _, name = key.strip().rpartition(".")
        if scope in ("global", "install") and name in TOLD:
            settings[name] = value.strip().strip("'\"").replace("\\n", " ")
    for name in TOLD:
        variable = f"PIP_{name.upper().replace('-', '_')}"
        if environment.get(variable):
            settings[name] = environment[variable]
    return "[global]\n" + "".join(f"{name} = {value}\n" for name, value in settings.items())


def _pip_list() -> str:
    return subprocess.run(
        [sys.executable, "-m", "pip", "config", "list"],
        capture_output=True, text=True, timeout=120, check=True,
    ).stdout  # fmt: skip


def _authorities(environment: Mapping[str, str]) -> Path:
    named = [environment[name] for name in AUTHORITIES if environment.get(name)]
    known = ssl.get_default_verify_paths()
    candidates = [*named, known.cafile or "", known.openssl_cafile]
    return next(path for each in candidates if each and (path := Path(each)).is_file())
