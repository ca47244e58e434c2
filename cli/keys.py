"""The keys and tokens of a new installation."""

from __future__ import annotations

from pathlib import Path

from servicekit.crypto import KeyStore
from servicekit.identity import Keyring
from services import graph
from services.standalone.district import service_token

__all__ = ["make_keys"]


def make_keys(folder: Path) -> list[Path]:
    """Make what is missing in `folder`; return the files that are new.

    `issuer.json` signs tokens and stays where people sign in; `verifier.json`
    is for every process; `<service>.json` holds the keys of one service's
    database; `<service>-<role>.token` lets that process ask others, for 30 days.
    What exists is kept, but for the tokens, which are always made anew.
    """
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    made = []
    issuer = folder / "issuer.json"
    if not issuer.exists():
        keyring = Keyring.create()
        keyring.save(issuer)
        keyring.public().save(folder / "verifier.json")
        made += [issuer, folder / "verifier.json"]
    for name in graph.SERVICES:
        keystore = folder / f"{name}.json"
        if not keystore.exists():
            KeyStore.create().save(keystore)
            made.append(keystore)
    for (service, role), asked in graph.ASKS.items():
        path = folder / f"{service}-{role}.token"
        path.touch(mode=0o600)
        purpose = f"{role} asks {', '.join(asked)}"
        path.write_text(service_token(Keyring.load(issuer), service, purpose), encoding="utf-8")
        made.append(path)
    return made
