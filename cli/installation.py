"""Which district a command is about: one in a folder, or the one the environment names."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self

import grpc

from carrier.control import http_control
from journeys.world import World, steering
from servicekit.config import ServiceSettings
from servicekit.identity import Keyring, TokenIssuer
from services import graph

__all__ = ["Installation", "InstallationError"]

FILE = "district.json"


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
        return World(
            channels={
                name: grpc.insecure_channel(address) for name, address in self.addresses.items()
            },
            issuer=TokenIssuer(Keyring.load(self.issuer)),
            clock=steering(Path(self.clock)),
            courier=http_control(self.carrier) if self.carrier else None,
        )
