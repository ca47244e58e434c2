"""Which district a command is about: one in a folder, or the one the environment names."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

import grpc

from carrier.control import http_control
from journeys.world import World, steering
from servicekit.client import connect
from servicekit.config import ServiceSettings
from servicekit.identity import Keyring, TokenIssuer
from servicekit.tls import TlsFiles
from services import graph

__all__ = ["Installation", "InstallationError"]

FILE = "district.json"
SIGN_IN = ("SIGN_IN_TLS_CERT", "SIGN_IN_TLS_KEY", "SIGN_IN_TLS_CA")


class InstallationError(Exception):
    """There is no district where the command looked for one."""


@dataclass(frozen=True, slots=True)
class Installation:
    """Where the parts of a district are."""

    addresses: dict[str, str]
    databases: dict[str, str]
    keystores: dict[str, str]
    checkpoints: str
    blobs: str
    issuer: str = ""
    clock: str = ""
    amqp_url: str = ""
    carrier: str = ""
    tls: str = ""  # a folder with tls.crt, tls.key and ca.crt of the sign-in

    def save(self, folder: Path) -> None:
        path = folder / FILE
        path.write_text(json.dumps(asdict(self), ensure_ascii=False, indent=1), encoding="utf-8")
        path.chmod(0o600)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read what `liandong run` or `liandong up` left in `folder`."""
        path = folder / FILE
        if not path.exists():
            raise InstallationError(
                f"{folder} 中没有运行中的区：请先运行 make run 或 make up，或用 --folder 指定。"
            )
        return cls(**json.loads(path.read_text(encoding="utf-8")))

    @classmethod
    def from_environment(cls) -> Self:
        """Read the variables of all five services, as in a data centre."""
        settings = {name: ServiceSettings.load(name) for name in graph.SERVICES}
        first = settings["intake"]
        return cls(
            addresses={},
            databases={name: each.database("psycopg") for name, each in settings.items()},
            keystores={name: str(each.keystore) for name, each in settings.items()},
            checkpoints=str(first.checkpoints),
            blobs=str(first.blobs or ""),
            amqp_url=first.amqp_url.get_secret_value() if first.amqp_url else "",
        )

    def world(self) -> World:
        """Return a way to call the running district, signed in as whoever is asked for."""
        if not self.issuer:
            raise InstallationError("此处没有签发令牌的私钥：请在签发机构办理。")
        tls = self._certificate()
        return World(
            channels={name: _channel(address, tls) for name, address in self.addresses.items()},
            issuer=TokenIssuer(Keyring.load(self.issuer)),
            clock=steering(Path(self.clock)),
            courier=http_control(self.carrier) if self.carrier else None,
        )

    def _certificate(self) -> TlsFiles | None:
        """Return what the sign-in shows the services: it asks who holds a post, then calls.

        The district's own, or the files that the environment names as it does for a process. The
        certificate is of `spiffe://liandong/sign-in`; persons are known by their tokens.
        """
        if self.tls:
            folder = Path(self.tls)
            return TlsFiles(folder / "tls.crt", folder / "tls.key", folder / "ca.crt")
        told = {name: os.environ[name] for name in SIGN_IN if os.environ.get(name)}
        if not told:
            return None
        missing = [name for name in SIGN_IN if name not in told]
        if missing:
            raise InstallationError(f"已设置 {'、'.join(told)}，但缺少 {'、'.join(missing)}。")
        return TlsFiles(*(Path(told[name]) for name in SIGN_IN))


def _channel(address: str, tls: TlsFiles | None) -> Any:
    return grpc.insecure_channel(address) if tls is None else connect(address, tls)
