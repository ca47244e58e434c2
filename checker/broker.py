"""The broker's address as the district is told it: with RabbitMQ's own parameters for TLS."""

from __future__ import annotations

import ssl
from typing import Any
from urllib.parse import parse_qs, urlsplit, urlunsplit

__all__ = ["split_address"]


def split_address(url: str) -> tuple[str, dict[str, Any] | None]:
    """Return the address without its files, and how its TLS is verified; None for plain text."""
    parts = urlsplit(url)
    if parts.scheme != "amqps":
        return url, None
    told = parse_qs(parts.query)
    verified: dict[str, Any] = {
        "cert_reqs": ssl.CERT_REQUIRED,
        "server_hostname": parts.hostname,
    }
    for parameter, argument in (
        ("cacertfile", "ca_certs"), ("certfile", "certfile"), ("keyfile", "keyfile"),
    ):  # fmt: skip
        if parameter in told:
            verified[argument] = told[parameter][0]
    return urlunsplit(parts._replace(query="")), verified
