from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

from devstack.errors import DevstackError, MissingPackagesError

POSTGRES_MINIMUM: Final = (15, 0)
RABBITMQ_MINIMUM: Final = (3, 10)
DEBIAN_PACKAGES: Final = {"PostgreSQL": "postgresql", "RabbitMQ": "rabbitmq-server"}
POSTGRES_FOLDERS: Final = "/usr/lib/postgresql/*/bin"
RABBITMQ_FOLDER: Final = "/usr/lib/rabbitmq/bin"
POLICY_FILE: Final = Path("/usr/sbin/policy-rc.d")
POLICY: Final = "#!/bin/sh\n# Installing must not start servers on the default ports.\nexit 101\n"
LOCK_SECONDS: Final = 300
INSTALL_SECONDS: Final = 900

Version = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Program:
    """A folder of programs of one version."""

    folder: Path
    version: Version


@dataclass(frozen=True, slots=True)
class Programs:
    """Where the servers' programs are; None for what was not asked for."""

    postgres: Program | None
    rabbitmq: Program | None


class Machine(Protocol):
    """What the search needs from the machine; the tests put a poorer one in its place."""

    def find_postgres(self) -> Program | None: ...

    def find_rabbitmq(self) -> Program | None: ...

    def why_not_install(self) -> str | None:
        """Return why we may not install packages; None when we may."""

    def install(self, packages: Sequence[str]) -> None: ...


def require_programs(
    *, postgres: bool = True, rabbitmq: bool = True, machine: Machine | None = None
) -> Programs:
    """Return where PostgreSQL and RabbitMQ are; install them first when missing and allowed.

    MissingPackagesError names all that is missing at once, and the command that gets it.
    """
    machine = machine or DebianMachine()
    wanted: dict[str, tuple[Callable[[], Program | None], Version]] = {}
    if postgres:
        wanted["PostgreSQL"] = (machine.find_postgres, POSTGRES_MINIMUM)
    if rabbitmq:
        wanted["RabbitMQ"] = (machine.find_rabbitmq, RABBITMQ_MINIMUM)
    lacking = _lacking(wanted)
    if lacking:
        reason = machine.why_not_install()
        if reason is not None:
            raise _missing(lacking, reason)
        machine.install([DEBIAN_PACKAGES[name] for name in lacking])
        lacking = _lacking(wanted)
        if lacking:
            raise _missing(lacking, "the packages were installed, yet this is still so")
    return Programs(
        postgres=machine.find_postgres() if postgres else None,
        rabbitmq=machine.find_rabbitmq() if rabbitmq else None,
    )


def _lacking(wanted: dict[str, tuple[Callable[[], Program | None], Version]]) -> dict[str, str]:
    lacking = {}
    for name, (find, minimum) in wanted.items():
        found = find()
        needed = f"{name} {_text(minimum)} or newer"
        if found is None:
            lacking[name] = f"{needed} was not found"
        elif found.version < minimum:
            lacking[name] = f"{needed} is needed; {found.folder} holds {_text(found.version)}"
    return lacking


def _missing(lacking: dict[str, str], reason: str) -> MissingPackagesError:
    packages = " ".join(DEBIAN_PACKAGES[name] for name in lacking)
    facts = "\n".join(f"  - {fact}" for fact in lacking.values())
    return MissingPackagesError(
        f"The real stack needs programs that this machine lacks:\n{facts}\n"
        f"(searched: {POSTGRES_FOLDERS}, {RABBITMQ_FOLDER} and PATH)\n"
        f"They could not be installed from here: {reason}.\n"
        "On Debian 12, Ubuntu 24.04 or newer, somebody who may install packages runs:\n"
        f"  sudo apt-get update && sudo apt-get install -y --no-install-recommends {packages}\n"
        "Only the programs are used: private servers are started on free ports of 127.0.0.1, "
        "and services installed with the packages may be disabled."
    )


def _text(version: Version) -> str:
    return f"{version[0]}.{version[1]}" if version[1] else str(version[0])


class DebianMachine:
    """The machine we run on: Debian's folders, then PATH; apt-get as root or by plain sudo."""

    def find_postgres(self) -> Program | None:
        folders = list(Path("/").glob(POSTGRES_FOLDERS.removeprefix("/")))
        on_path = shutil.which("postgres")
        if on_path:
            folders.append(Path(on_path).resolve().parent)
        found = [program for folder in folders if (program := _postgres_in(folder))]
        return max(found, key=lambda program: program.version, default=None)

    def find_rabbitmq(self) -> Program | None:
        on_path = shutil.which("rabbitmq-server")
        folders = [Path(RABBITMQ_FOLDER)]
        if on_path:
            # The link may lead to a wrapper that insists on one user and on the default
            # folders: only a folder that holds the server's own scripts counts.
            folders.append(Path(on_path).resolve().parent)
        found = [program for folder in folders if (program := _rabbitmq_in(folder))]
        return found[0] if found and shutil.which("erl") else None

    def why_not_install(self) -> str | None:
        if shutil.which("apt-get") is None:
            return "there is no apt-get on this machine"
        if os.geteuid() == 0 or _sudo_without_password():
            return None
        return "this user is not root and has no passwordless sudo"

    def install(self, packages: Sequence[str]) -> None:
        print(f"installing {' '.join(packages)} …", flush=True)
        apt = ["apt-get", "-o", f"DPkg::Lock::Timeout={LOCK_SECONDS}"]
        with _no_service_starts():
            _as_root([*apt, "update"])
            _as_root([*apt, "install", "-y", "--no-install-recommends", *packages])


def _postgres_in(folder: Path) -> Program | None:
    if not all((folder / name).is_file() for name in ("postgres", "initdb")):
        return None
    answer = subprocess.run(  # noqa: S603 - the program just found
        [folder / "postgres", "--version"], capture_output=True, text=True, check=False, timeout=60
    )
    version = re.search(r"(\d+)(?:\.(\d+))?", answer.stdout)
    return Program(folder, _version(version)) if version else None


def _rabbitmq_in(folder: Path) -> Program | None:
    server = folder / "rabbitmq-server"
    if not server.is_file() or not (folder / "rabbitmq-env").exists():
        return None
    home = server.resolve().parent.parent
    for plugin in sorted((home / "plugins").glob("rabbit-*")):
        version = re.fullmatch(r"rabbit-(\d+)\.(\d+).*", plugin.name)
        if version:
            return Program(folder, _version(version))
    return None


def _version(match: re.Match[str]) -> Version:
    return int(match[1]), int(match[2] or 0)


def _sudo_without_password() -> bool:
    if shutil.which("sudo") is None:
        return False
    asked = subprocess.run(["sudo", "-n", "true"], capture_output=True, check=False)  # noqa: S607
    return asked.returncode == 0


def _as_root(command: Sequence[str]) -> None:
    words = ["env", "DEBIAN_FRONTEND=noninteractive", *command]
    if os.geteuid() != 0:
        words = ["sudo", "-n", *words]
    done = subprocess.run(  # noqa: S603 - our own words, no shell
        words,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=INSTALL_SECONDS,
    )
    if done.returncode != 0:
        tail = "\n".join(f"  | {line}" for line in done.stdout.splitlines()[-20:])
        raise DevstackError(f"`{' '.join(command)}` failed ({done.returncode}):\n{tail}")


@contextmanager
def _no_service_starts() -> Iterator[None]:
    """Keep the packages' scripts from starting servers on the default ports.

    Debian asks /usr/sbin/policy-rc.d before it starts a service. One that is there already is
    somebody's decision and stays.
    """
    if POLICY_FILE.exists():
        yield
        return
    with tempfile.NamedTemporaryFile("w", encoding="ascii") as draft:
        draft.write(POLICY)
        draft.flush()
        _as_root(["install", "-m", "755", draft.name, str(POLICY_FILE)])
    try:
        yield
    finally:
        _as_root(["rm", "-f", str(POLICY_FILE)])
