"""The lines that calls come in on: which certificate is shown, who is at the other end, the end."""

from __future__ import annotations

import contextlib
import os
import socket
from pathlib import Path
from typing import Any, Final

import grpc

from servicekit.tls import Certificates

__all__ = ["Peer", "cut_lines", "peer_names", "server_credentials"]

Peer = frozenset[str]  # the names in a verified certificate
_NETWORK: Final = (socket.AF_INET, socket.AF_INET6)


def server_credentials(certificates: Certificates) -> grpc.ServerCredentials:
    """Return credentials that each new connection asks for the certificate of now."""

    def fetch() -> grpc.ServerCertificateConfiguration:
        material = certificates.current()
        return grpc.ssl_server_certificate_configuration(
            [(material.key, material.chain)], root_certificates=material.authorities
        )

    return grpc.dynamic_ssl_server_credentials(
        fetch(), fetch, require_client_authentication=certificates.verifies_peers
    )


def peer_names(context: grpc.ServicerContext) -> Peer:
    """Return the names in the certificate of the caller, which the handshake has verified."""
    context_of: Any = context.auth_context()  # its stubs name another type
    names = context_of.get("x509_subject_alternative_name", ())
    return frozenset(name.decode(errors="replace") for name in names)


def cut_lines(port: int) -> None:
    """Shut every socket of this process that is bound to `port`, the listening ones too.

    grpcio gives no access to its sockets, so they are found where Linux lists
    them; elsewhere nothing is cut, and a call may be CANCELLED.
    """
    for descriptor in Path("/proc/self/fd").glob("*"):
        try:
            copy = os.dup(int(descriptor.name))
        except OSError:  # closed meanwhile
            continue
        try:
            line = socket.socket(fileno=copy)
        except OSError:  # no socket
            os.close(copy)
            continue
        with line, contextlib.suppress(OSError):  # the other side may have gone
            if line.family in _NETWORK and line.getsockname()[1] == port:
                line.shutdown(socket.SHUT_RDWR)
