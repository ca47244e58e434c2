"""The keys and tokens of an installation: made, and the signing key exchanged under way."""

from __future__ import annotations

from pathlib import Path

import jwt

from cli.installation import InstallationError
from servicekit.crypto import KeyStore
from servicekit.identity import LIVE_KEYS, Keyring
from services import graph
from services.standalone.district import service_token

__all__ = ["announce_signing_key", "make_keys", "retire_signing_key", "switch_signing_key"]

# What an operator's command asks as a service; the processes' own edges are in services/graph.py.
ERRANDS = {("metrics", "rebuild"): "rebuild"}
ISSUER = "issuer.json"
VERIFIER = "verifier.json"


def make_keys(folder: Path) -> list[Path]:
    """Make what is missing in `folder`; return the files that are new.

    `issuer.json` signs tokens and stays where people sign in; `verifier.json`
    is for every process; `<service>.json` holds the keys of one service's
    database; `<service>-<role>.token` lets that process ask others, for 30 days,
    and `metrics-rebuild.token` the command that counts everything again.
    What exists is kept, but for the tokens, which are always made anew.
    """
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    made = []
    issuer = folder / ISSUER
    if not issuer.exists():
        made += _save(folder, Keyring.create())
    for name in graph.SERVICES:
        keystore = folder / f"{name}.json"
        if not keystore.exists():
            KeyStore.create().save(keystore)
            made.append(keystore)
    return made + _make_tokens(folder, Keyring.load(issuer))


def announce_signing_key(folder: Path) -> list[Path]:
    """Add a new key that verifies and does not sign yet; return what must be distributed."""
    keyring = _issuing(folder)
    if len(keyring.keys) == LIVE_KEYS:
        raise InstallationError("已有两把签名密钥：请先执行 keys signing retire。")
    return _save(folder, keyring.announced())[1:]


def switch_signing_key(folder: Path) -> list[Path]:
    """Let the other key sign, and make the services' tokens anew; return what is new.

    Only after every verifier has the file of the step before. Done twice it is undone.
    """
    keyring = _issuing(folder)
    if len(keyring.keys) < LIVE_KEYS:
        raise InstallationError("没有可换用的签名密钥：请先执行 keys signing add。")
    made = _save(folder, keyring.switched())
    return made[:1] + _make_tokens(folder, keyring.switched())


def retire_signing_key(folder: Path) -> list[Path]:
    """Drop the key that does not sign; return what must be distributed.

    Refused while a service's token here was signed by it; that no person's
    token is left is for whoever knows when the switch was: eight hours.
    """
    keyring = _issuing(folder)
    if len(keyring.keys) < LIVE_KEYS:
        raise InstallationError("只有一把签名密钥，没有可停用的。")
    left = [
        path.name
        for path in sorted(folder.glob("*.token"))
        if jwt.get_unverified_header(path.read_text(encoding="utf-8"))["kid"] != keyring.current.kid
    ]
    if left:
        raise InstallationError(
            f"仍有服务令牌由旧密钥签发（{'、'.join(left)}）：请先执行 keys create 重新签发并分发。"
        )
    return _save(folder, keyring.alone())[1:]


def _issuing(folder: Path) -> Keyring:
    path = folder / ISSUER
    if not path.exists():
        raise InstallationError(f"{folder} 中没有签发令牌的私钥（{ISSUER}）。")
    return Keyring.load(path)


def _save(folder: Path, keyring: Keyring) -> list[Path]:
    """Write the issuer's file, then the verifiers'."""
    keyring.save(folder / ISSUER)
    keyring.public().save(folder / VERIFIER)
    return [folder / ISSUER, folder / VERIFIER]


def _make_tokens(folder: Path, keyring: Keyring) -> list[Path]:
    purposes = {
        (service, role): f"{role} asks {', '.join(asked)}"
        for (service, role), asked in graph.ASKS.items()
    }
    made = []
    for (service, role), purpose in {**purposes, **ERRANDS}.items():
        path = folder / f"{service}-{role}.token"
        fresh = path.with_suffix(".new")
        fresh.touch(mode=0o600)
        fresh.write_text(service_token(keyring, service, purpose), encoding="utf-8")
        fresh.rename(path)  # a running process reads it at any moment
        made.append(path)
    return made
