"""The address of the broker with what TLS needs, as RabbitMQ's own URI parameters say it.

`amqps://user:secret@host:5671/vhost?cacertfile=/tls/ca.crt`, and `certfile` and `keyfile` where the
broker asks for a certificate. Left to themselves the clients would check who signed the broker's
certificate, but not whether it is the broker's: here both are checked, always.
"""

from __future__ import annotations

import ssl
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

__all__ = ["split_address"]

_FILES: Final = {"cacertfile": "ca_certs", "certfile": "certfile", "keyfile": "keyfile"}


def split_address(url: str) -> tuple[str, dict[str, Any] | None]:
    """Return the address for kombu, and the arguments of its TLS; None where it speaks plain text.

    The files are read for each connection, so a renewed one needs no restart.
    """
    parts = urlsplit(url)
    if parts.scheme != "amqps":
        return url, None
    given = dict(parse_qsl(parts.query))
    rest = {name: value for name, value in given.items() if name not in _FILES}
    files = {_FILES[name]: value for name, value in given.items() if name in _FILES}
    plain = urlunsplit(parts._replace(query=urlencode(rest)))
    return plain, {
        "cert_reqs": ssl.CERT_REQUIRED,
        "server_hostname": parts.hostname,
        **files,
    }
