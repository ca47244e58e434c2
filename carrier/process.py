"""The simulated carrier as a process of its own, started and ended by whoever needs it."""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
from dataclasses import dataclass, field
from typing import Self

from carrier.control import Control, http_control

__all__ = ["CarrierProcess", "Secrets", "command"]

ENDS_WITHIN = 10.0


@dataclass(frozen=True, slots=True)
class Secrets:
    """What the carrier and its customer both know."""

    salt: str = field(default_factory=lambda: secrets.token_hex(16), repr=False)
    key: str = field(default_factory=lambda: secrets.token_hex(16), repr=False)

    @property
    def environment(self) -> dict[str, str]:
        return {"CARRIER_SALT": self.salt, "CARRIER_KEY": self.key}


def command(callback_port: int, port: int, *more: str) -> list[str]:
    """Return the command line of a carrier that pushes to a port of this machine."""
    callback_url = f"http://127.0.0.1:{callback_port}/"
    return [
        sys.executable, "-m", "carrier", "--port", str(port), "--callback-url", callback_url, *more,
    ]  # fmt: skip


@dataclass(slots=True)
class CarrierProcess:
    """A carrier that ends with this process, however that ends."""

    callback_port: int
    secrets: Secrets = field(default_factory=Secrets)
    url: str = ""
    _process: subprocess.Popen[str] | None = None

    @property
    def control(self) -> Control:
        return http_control(self.url)

    def __enter__(self) -> Self:
        environment = {
            **os.environ,
            **self.secrets.environment,
            "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
        }
        self._process = subprocess.Popen(  # noqa: S603 -- our own command
            command(self.callback_port, 0, "--ends-with-stdin"),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment,
            text=True,
        )
        said = self._process.stdout.readline() if self._process.stdout else ""
        address = said.rpartition(" ")[2].strip()
        if not address:
            self.__exit__()
            raise RuntimeError("the carrier did not start")
        self.url = f"http://{address}"
        return self

    def __exit__(self, *_: object) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.terminate()
        try:
            process.wait(ENDS_WITHIN)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                pipe.close()
