from __future__ import annotations

import hashlib
import os
import pwd
import stat
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from devstack.errors import DevstackError

ROOT_UID: Final = 0


@dataclass(frozen=True, slots=True)
class Account:
    """The user a server runs as when we are root: PostgreSQL and the law of least rights ask it."""

    name: str
    uid: int
    gid: int


def server_account(*preferred: str) -> Account | None:
    """Return the first of these users that exists, else `nobody`; None when we are not root."""
    if os.geteuid() != ROOT_UID:
        return None
    for name in (*preferred, "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)
    raise DevstackError(f"none of these users exists: {', '.join((*preferred, 'nobody'))}")


def can_reach(folder: Path, account: Account | None) -> bool:
    """Say whether the user may walk down to the folder, by the permission bits on the way."""
    if account is None:
        return True
    return all(_may_enter(step, account) for step in (folder, *folder.parents))


def prepare_folder(wanted: Path, account: Account | None) -> Path:
    """Make the folder of a server and give it to the server's user; return where it is.

    When that user cannot walk down to it (a checkout under /root), a folder of the temporary
    directory takes its place, always the same one for the same wish.
    """
    folder = Path(os.path.abspath(wanted))  # noqa: PTH100 - resolve() would follow links
    folder.parent.mkdir(parents=True, exist_ok=True)
    if not can_reach(folder.parent, account):
        mark = hashlib.sha256(str(folder).encode()).hexdigest()[:12]
        folder = shared_temp(account) / f"liandong-{mark}"
    folder.mkdir(mode=0o700, exist_ok=True)
    _require_own(folder, account)
    give(folder, account)
    folder.chmod(0o700)
    return folder


def shared_temp(account: Account | None) -> Path:
    """Return the temporary directory; under root one that the server's user can reach too."""
    for folder in (Path(tempfile.gettempdir()), Path("/tmp"), Path("/var/tmp")):  # noqa: S108
        if folder.is_dir() and can_reach(folder, account):
            return folder
    raise DevstackError("no temporary directory that the server's user could reach")


def give(path: Path, account: Account | None) -> None:
    if account is not None:
        os.chown(path, account.uid, account.gid)


def _may_enter(folder: Path, account: Account) -> bool:
    facts = folder.stat()
    if facts.st_uid == account.uid:
        return bool(facts.st_mode & stat.S_IXUSR)
    if facts.st_gid == account.gid:
        return bool(facts.st_mode & stat.S_IXGRP)
    return bool(facts.st_mode & stat.S_IXOTH)


def _require_own(folder: Path, account: Account | None) -> None:
    """Refuse a folder or link that somebody else put where ours would lie."""
    facts = folder.lstat()
    ours = {os.geteuid()} | ({account.uid} if account else set())
    if not stat.S_ISDIR(facts.st_mode) or facts.st_uid not in ours:
        raise DevstackError(f"{folder} belongs to somebody else; remove it or choose another")
